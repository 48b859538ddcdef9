//! Connections: where Graph is, who signs in, how hard to try. Written with references, resolved later.

mod resolve;
mod settings;

pub use settings::{
    Authentication, Backoff, Certificate, Concurrency, Endpoint, Identity, LogFormat, Logging,
    RetrySettings, Settings, TimeoutSettings,
};

use crate::ApiVersion;
use crate::reference::{RefPart, Setting};

/// A connection as a file describes it; [`Connection::resolve`] makes it usable.
#[derive(Clone, Debug)]
pub struct Connection {
    pub(crate) file: String,
    pub(crate) cloud: CloudSettings,
    pub(crate) sign_in: Option<SignIn>,
    pub(crate) default_content_type: String,
    pub(crate) concurrency: Concurrency,
    pub(crate) rate_limit_key: Option<Setting>,
    pub(crate) proxy: Option<Setting>,
    pub(crate) no_proxy: Option<Setting>,
    pub(crate) timeouts: TimeoutSettings,
    pub(crate) retry: RetrySettings,
    pub(crate) logging: Logging,
    pub(crate) auto_paginate: bool,
}

/// Which Graph is meant.
#[derive(Clone, Debug, Default)]
pub(crate) struct CloudSettings {
    pub(crate) cloud: Option<Setting>,
    pub(crate) base_url: Option<Setting>,
    pub(crate) graph_root: Option<Setting>,
    pub(crate) authority: Option<Setting>,
    pub(crate) ca_bundle: Option<Setting>,
    pub(crate) allow_insecure_loopback: bool,
    pub(crate) metadata: Option<String>,
}

/// Who signs in: a way, and the settings that it reads.
#[derive(Clone, Debug)]
pub(crate) struct SignIn {
    pub(crate) auth_type: AuthType,
    /// By key: `credentials.tenant_id`, or `token`.
    pub(crate) settings: Vec<Setting>,
    pub(crate) send_certificate_chain: bool,
}

/// The ways to sign in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AuthType {
    Azure,
    Bearer,
    WorkloadIdentity,
    ManagedIdentity,
    AzureCli,
    DeviceCode,
    AuthorizationCode,
    RefreshToken,
}

impl AuthType {
    pub(crate) const ALL: [Self; 8] = [
        Self::Azure,
        Self::Bearer,
        Self::WorkloadIdentity,
        Self::ManagedIdentity,
        Self::AzureCli,
        Self::DeviceCode,
        Self::AuthorizationCode,
        Self::RefreshToken,
    ];

    /// Their spellings, in the same order.
    pub(crate) const NAMES: [&'static str; 8] = {
        let mut names = [""; 8];
        let mut at = 0;
        while at < names.len() {
            names[at] = Self::ALL[at].as_str();
            at += 1;
        }
        names
    };

    /// Whether tokens are the app's own; of a bearer token and the CLI nobody knows.
    const fn is_app_only(self) -> bool {
        matches!(self, Self::Azure | Self::WorkloadIdentity | Self::ManagedIdentity)
    }

    /// The spelling in system files.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Azure => "azure",
            Self::Bearer => "bearer",
            Self::WorkloadIdentity => "workload_identity",
            Self::ManagedIdentity => "managed_identity",
            Self::AzureCli => "azure_cli",
            Self::DeviceCode => "device_code",
            Self::AuthorizationCode => "authorization_code",
            Self::RefreshToken => "refresh_token",
        }
    }
}

/// Names of the clouds; where they are is the transport's knowledge.
pub const CLOUD_NAMES: [&str; 8] =
    ["global", "us_gov_l4", "us_gov_l5", "china", "bleu", "delos", "govsg", "custom"];

/// The host of Graph in every cloud that has a fixed one (facts: graph-protocol 1.1); a test holds
/// them equal to those of the transport, which sends there.
pub(crate) const GRAPH_HOSTS: [(&str, &str); 7] = [
    ("global", "graph.microsoft.com"),
    ("us_gov_l4", "graph.microsoft.us"),
    ("us_gov_l5", "dod-graph.microsoft.us"),
    ("china", "microsoftgraph.chinacloudapi.cn"),
    ("bleu", "graph.svc.sovcloud.fr"),
    ("delos", "graph.svc.sovcloud.de"),
    ("govsg", "graph.svc.sovcloud.sg"),
];

/// What is said about a custom cloud's URLs, in the file and after resolving.
pub(crate) const ROOT_WITH_VERSION: &str = "`graph_root` is written without a version";
pub(crate) const BASE_URL_WITHOUT_VERSION: &str = "`base_url` has no version";
pub(crate) const BASE_URL_HELP: &str =
    "end it with `/v1.0`, or write `graph_root`, without a version";

impl Connection {
    /// The environment variables that the connection reads, each once, with whether it may be absent.
    pub fn variables(&self) -> Vec<(&str, bool)> {
        let mut found: Vec<(&str, bool)> = Vec::new();
        for setting in self.settings() {
            for (part, _) in &setting.parts {
                if let RefPart::Variable { name, default } = part
                    && !found.iter().any(|(known, _)| known == name)
                {
                    found.push((name, default.is_some()));
                }
            }
        }
        found
    }

    /// The version that `base_url` names for commands that name none; a reference counts as v1.0.
    pub fn default_version(&self) -> ApiVersion {
        let base = self.cloud.base_url.as_ref().and_then(Setting::literal).unwrap_or_default();
        split_version(&base).map_or(ApiVersion::V1_0, |(_, version)| version)
    }

    /// The cloud's name as written, when it is no reference.
    pub fn cloud_name(&self) -> Option<String> {
        self.cloud.cloud.as_ref().and_then(Setting::literal)
    }

    /// The clouds that a file with this connection claims to work in; empty for every cloud, when an
    /// environment variable decides.
    pub(crate) fn claimed_clouds(&self) -> Vec<String> {
        match (&self.cloud.cloud, self.cloud_name().as_deref()) {
            (None, _) => vec!["global".to_owned()],
            (Some(_), None) => Vec::new(),
            (Some(_), Some("custom")) => {
                vec![self.cloud.metadata.clone().unwrap_or_else(|| "global".to_owned())]
            }
            (Some(_), Some(name)) => vec![name.to_owned()],
        }
    }

    /// Whether it signs in as an application, not as a person.
    pub(crate) fn is_app_only(&self) -> bool {
        self.sign_in.as_ref().is_some_and(|sign_in| sign_in.auth_type.is_app_only())
    }

    /// Whether pages are followed unless a command says otherwise.
    pub fn auto_paginate(&self) -> bool {
        self.auto_paginate
    }

    fn settings(&self) -> impl Iterator<Item = &Setting> {
        let cloud = &self.cloud;
        let places =
            [&cloud.cloud, &cloud.base_url, &cloud.graph_root, &cloud.authority, &cloud.ca_bundle];
        let sign_in = self.sign_in.iter().flat_map(|sign_in| &sign_in.settings);
        let others = [&self.rate_limit_key, &self.proxy, &self.no_proxy];
        places.into_iter().flatten().chain(sign_in).chain(others.into_iter().flatten())
    }
}

/// A versioned URL as its root and version: `https://graph.microsoft.us/v1.0`; `None` without a version.
pub(crate) fn split_version(url: &str) -> Option<(&str, ApiVersion)> {
    let (root, last) = url.trim_end_matches('/').rsplit_once('/')?;
    let version = match last.to_ascii_lowercase().as_str() {
        "v1.0" => ApiVersion::V1_0,
        "beta" => ApiVersion::Beta,
        _ => return None,
    };
    Some((root, version))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(feature = "run")]
    #[test]
    fn hosts_are_those_that_the_transport_sends_to() {
        use graph_transport::{Cloud, CloudName};

        for name in CloudName::FIXED {
            let root = Cloud::named(name).expect("fixed").graph_root().to_owned();
            let host = GRAPH_HOSTS.iter().find(|(cloud, _)| *cloud == name.as_str());
            assert_eq!(host.map(|(_, host)| format!("https://{host}")), Some(root));
        }
    }

    #[test]
    fn the_version_is_the_last_segment() {
        assert_eq!(split_version("https://x/v1.0/"), Some(("https://x", ApiVersion::V1_0)));
        assert_eq!(split_version("https://x/a/BETA"), Some(("https://x/a", ApiVersion::Beta)));
        for none in ["", "https://x", "https://x/beta/a", "https://x/v1.0beta"] {
            assert_eq!(split_version(none), None, "{none}");
        }
    }
}
