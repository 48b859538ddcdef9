//! A resolved connection: plain values, ready for a client.

use std::time::Duration;

use super::split_version;
use crate::ApiVersion;
use crate::reference::Sensitive;

/// A connection with every reference resolved. Secrets stay in [`Sensitive`].
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Settings {
    /// Which Graph.
    pub endpoint: Endpoint,
    /// Who signs in.
    pub authentication: Authentication,
    /// `Content-Type` of bodies (`application/json`).
    pub default_content_type: String,
    /// How many requests may run at once.
    pub max_concurrent_requests: Concurrency,
    /// What shares one concurrency limit; the Graph root when absent.
    pub rate_limit_key: Option<String>,
    /// The proxy; without, what the surroundings say.
    pub proxy: Option<Sensitive>,
    /// Hosts to reach without the proxy, with commas between them.
    pub no_proxy: Option<String>,
    /// PEM file of certificate authorities to trust beside the public ones, whatever the cloud.
    pub ca_bundle: Option<String>,
    /// Timeouts; the transport's own where absent.
    pub timeouts: TimeoutSettings,
    /// How failures are repeated.
    pub retry: RetrySettings,
    /// What is logged.
    pub logging: Logging,
    /// Whether pages are followed unless a command says otherwise (default true).
    pub auto_paginate: bool,
    /// Cloud whose metadata a custom cloud is checked against.
    pub metadata: Option<String>,
}

/// Which Graph a connection means.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Endpoint {
    /// One of Microsoft's clouds, by name (`global` when the file names none).
    Named(String),
    /// The earlier spelling: root and version in one URL.
    BaseUrl {
        /// `https://graph.microsoft.com/v1.0`.
        url: String,
        /// The cloud's name, when the file says both.
        cloud: Option<String>,
    },
    /// Any Graph: `cloud: custom`.
    Custom {
        /// Root without version.
        graph_root: String,
        /// Login authority; tokens at `{authority}/{tenant_id}/oauth2/v2.0/token`.
        authority: String,
        /// PEM file of certificate authorities to trust beside the public ones.
        ca_bundle: Option<String>,
        /// Plain http on a loopback address is allowed.
        allow_insecure_loopback: bool,
    },
}

/// Who signs in.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Authentication {
    /// OAuth 2.0 client credentials with a secret (`auth_type: azure`).
    ClientSecret {
        /// Tenant: GUID or a domain.
        tenant_id: String,
        /// Application (client) id.
        client_id: String,
        /// The secret's value.
        client_secret: Sensitive,
        /// The audience as the earlier system wrote it, `https://graph.microsoft.com/`; the cloud decides.
        resource: Option<String>,
    },
    /// The same with a certificate instead of the secret.
    ClientCertificate {
        /// Tenant: GUID or a domain.
        tenant_id: String,
        /// Application (client) id.
        client_id: String,
        /// The certificate with its private key.
        certificate: Certificate,
        /// Whether the certificates are sent along, for subject-name and issuer authentication.
        send_certificate_chain: bool,
        /// As for a secret.
        resource: Option<String>,
    },
    /// A token of a trusted issuer (`auth_type: workload_identity`); what is absent comes from
    /// `AZURE_TENANT_ID`, `AZURE_CLIENT_ID` and `AZURE_FEDERATED_TOKEN_FILE`.
    WorkloadIdentity {
        /// Tenant: GUID or a domain.
        tenant_id: Option<String>,
        /// Application (client) id.
        client_id: Option<String>,
        /// The file with the federated token.
        token_file_path: Option<String>,
    },
    /// The identity of the machine (`auth_type: managed_identity`).
    ManagedIdentity {
        /// The tenant that it is in, for what must know it.
        tenant_id: Option<String>,
        /// A user-assigned identity; without, the system-assigned one.
        identity: Option<Identity>,
    },
    /// Whoever has run `az login` (`auth_type: azure_cli`).
    AzureCli {
        /// Another tenant than the one selected there.
        tenant_id: Option<String>,
    },
    /// A person with another device (`auth_type: device_code`).
    DeviceCode {
        /// Tenant: GUID, a domain or `organizations`.
        tenant_id: String,
        /// Application (client) id.
        client_id: String,
    },
    /// A person with a browser (`auth_type: authorization_code`).
    AuthorizationCode {
        /// Tenant: GUID, a domain or `organizations`.
        tenant_id: String,
        /// Application (client) id.
        client_id: String,
        /// Of a confidential client.
        client_secret: Option<Sensitive>,
    },
    /// A refresh token that was stored (`auth_type: refresh_token`).
    RefreshToken {
        /// Tenant: GUID, a domain or `organizations`.
        tenant_id: String,
        /// Application (client) id.
        client_id: String,
        /// The token.
        refresh_token: Sensitive,
        /// Of a confidential client.
        client_secret: Option<Sensitive>,
    },
    /// A token obtained elsewhere (`auth_type: bearer`).
    Bearer {
        /// The access token.
        token: Sensitive,
    },
}

/// Where a certificate and its private key are.
#[derive(Clone, Debug)]
pub enum Certificate {
    /// The PEM text itself.
    Pem(Sensitive),
    /// A PEM or PKCS#12 file.
    File {
        /// Where.
        path: String,
        /// Of a PKCS#12 file.
        password: Option<Sensitive>,
    },
}

/// A user-assigned managed identity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Identity {
    /// By its client id.
    ClientId(String),
    /// By its object id.
    ObjectId(String),
    /// By its Azure resource id.
    ResourceId(String),
}

/// How many requests may run at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Concurrency {
    /// A hard cap.
    AtMost(usize),
    /// Whatever the lanes' controllers find out.
    Auto,
}

/// Timeouts of one attempt.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TimeoutSettings {
    /// Until the connection stands.
    pub connect: Option<Duration>,
    /// Between two reads.
    pub read: Option<Duration>,
    /// Between two writes.
    pub write: Option<Duration>,
    /// Waiting for a connection from the pool.
    pub pool: Option<Duration>,
}

/// How failures are repeated. Defaults are those of the connector guide.
#[derive(Clone, Debug, PartialEq)]
pub struct RetrySettings {
    /// Attempts in all, the first included (default 4).
    pub max_attempts: u32,
    /// How waits grow when Graph names none (default exponential).
    pub backoff: Backoff,
    /// The first wait (default 0.5 s).
    pub backoff_base: Duration,
    /// What each further wait is multiplied by (default 2).
    pub backoff_factor: f64,
    /// Random addition to each wait, at most (default 0.1 s).
    pub jitter: Duration,
    /// Statuses that are repeated (default 408, 429, 500, 502, 503, 504).
    pub retry_on_status: Vec<u16>,
    /// Headers that name a wait (default `retry-after`, `x-ms-retry-after-ms`, `retry-after-ms`).
    pub retry_after_header_names: Vec<String>,
}

/// How waits grow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Backoff {
    /// `base × factor^(attempt - 1)`.
    Exponential,
    /// `base × attempt`.
    Linear,
}

/// What is logged; values are masked whatever is set.
#[expect(clippy::struct_excessive_bools, reason = "each is a key of its own in a system file")]
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Logging {
    /// Whether anything is: requests and answers where neither of the two is named.
    pub enabled: bool,
    /// Requests.
    pub request: bool,
    /// Responses.
    pub response: bool,
    /// Token requests (masked).
    pub auth: bool,
    /// How much.
    pub format: LogFormat,
}

/// How much is logged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LogFormat {
    /// A line per request.
    #[default]
    Basic,
    /// Headers and masked bodies too.
    Detailed,
}

impl Default for RetrySettings {
    fn default() -> Self {
        Self {
            max_attempts: 4,
            backoff: Backoff::Exponential,
            backoff_base: Duration::from_millis(500),
            backoff_factor: 2.0,
            jitter: Duration::from_millis(100),
            retry_on_status: vec![408, 429, 500, 502, 503, 504],
            retry_after_header_names: ["retry-after", "x-ms-retry-after-ms", "retry-after-ms"]
                .map(str::to_owned)
                .to_vec(),
        }
    }
}

impl Endpoint {
    /// The API version that a `base_url` names; v1.0 otherwise.
    pub fn version(&self) -> ApiVersion {
        match self {
            Self::BaseUrl { url, .. } => {
                split_version(url).map_or(ApiVersion::V1_0, |(_, version)| version)
            }
            _ => ApiVersion::V1_0,
        }
    }
}
