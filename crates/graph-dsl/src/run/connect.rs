//! A resolved connection as a client.

use std::path::PathBuf;

use graph_transport::{
    Backoff, BuildError, CertificateError, Cloud, CloudError, CloudName, Concurrency,
    CredentialError, CustomCloud, GraphClient, GraphClientBuilder, Logging, Observe, Proxies,
    ProxyError, RetryConfig, Timeouts,
};
use http::HeaderName;

use super::credential::credential;
use super::granted::Granted;
use super::surroundings::Surroundings;
use crate::connection::{
    Authentication, Backoff as BackoffKind, Concurrency as Cap, Endpoint, LogFormat,
    Logging as LoggingSettings, RetrySettings, Settings, TimeoutSettings,
};

/// Settings that no client can be made of.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConnectError {
    /// `cloud` names no cloud.
    #[error("find the cloud `{0}`")]
    UnknownCloud(String),
    /// `base_url`, `graph_root` or `authority` is refused.
    #[error("use the cloud")]
    Cloud(#[from] CloudError),
    /// `cloud` and `base_url` name different clouds.
    #[error("use `base_url`: it belongs to the cloud `{found}`, the connection says `{wanted}`")]
    OtherCloud {
        /// What `cloud` says.
        wanted: String,
        /// Whose `base_url` it is.
        found: String,
    },
    /// `credentials.resource` is not the configured Graph (GD0610).
    #[error("use `credentials.resource`: a token for `{resource}` does not work at `{graph_root}`")]
    OtherResource {
        /// The audience asked for.
        resource: String,
        /// The configured Graph.
        graph_root: String,
    },
    /// A name in `retry.retry_after_header_names` is no header name.
    #[error("use the header name `{0}`")]
    HeaderName(String),
    /// `certificate` or `certificate_path` is refused.
    #[error("use the certificate in `{what}`")]
    Certificate {
        /// The path, or the key that holds the text.
        what: String,
        /// Why.
        source: CertificateError,
    },
    /// The identity that the surroundings describe is not there.
    #[error("sign in")]
    Credential(#[from] CredentialError),
    /// `proxy`, or a variable in its place.
    #[error("use the proxy")]
    Proxy(#[from] ProxyError),
    /// A sign-in with a person where there is none.
    #[error("sign in with `auth_type: {0}`: there is nobody to ask here")]
    NobodyToAsk(&'static str),
    /// The client cannot be built.
    #[error("build the client")]
    Build(#[from] BuildError),
}

/// The client that a connection describes; sends nothing.
///
/// # Errors
///
/// A cloud that does not exist, hosts that may not receive a token, or settings out of range.
pub fn connect(settings: &Settings) -> Result<GraphClient, ConnectError> {
    connect_with(settings, &Surroundings::default())
}

/// The same with an environment, and a person to ask.
///
/// # Errors
///
/// As [`connect`], and a certificate, proxy or identity that cannot be used.
pub fn connect_with(
    settings: &Settings,
    around: &Surroundings,
) -> Result<GraphClient, ConnectError> {
    connect_watched(settings, around, &Granted::default())
}

/// The same; what its tokens grant is noted.
pub(super) fn connect_watched(
    settings: &Settings,
    around: &Surroundings,
    granted: &Granted,
) -> Result<GraphClient, ConnectError> {
    let cloud = cloud_of(settings)?;
    if let Authentication::ClientSecret { resource, .. }
    | Authentication::ClientCertificate { resource, .. } = &settings.authentication
    {
        check_resource(resource.as_deref(), &cloud)?;
    }
    let credential = credential(&settings.authentication, &cloud, around)?;
    let builder = GraphClient::builder(cloud, granted.watch(credential));
    let observe = observe(around.observe.clone(), &settings.logging);
    let builder = tuned(builder, settings)?.observe(observe).proxies(proxies(settings, around)?);
    let builder = settings.ca_bundle.iter().fold(builder, GraphClientBuilder::ca_bundle);
    builder.build().map_err(ConnectError::Build)
}

/// The cloud that a connection is for; needs no credentials.
///
/// # Errors
///
/// A cloud that does not exist, or hosts that may not receive a token.
pub fn cloud_of(settings: &Settings) -> Result<Cloud, ConnectError> {
    cloud(&settings.endpoint)
}

/// The connection's own proxy, or else the environment's.
fn proxies(settings: &Settings, around: &Surroundings) -> Result<Proxies, ConnectError> {
    let Some(proxy) = &settings.proxy else {
        let proxies = Proxies::from_environment(|name| around.variable(name))?;
        return Ok(match &settings.no_proxy {
            Some(hosts) => proxies.no_proxy(hosts),
            None => proxies,
        });
    };
    let proxies = Proxies::new(proxy.expose())?;
    Ok(proxies.no_proxy(settings.no_proxy.clone().unwrap_or_default()))
}

fn tuned(
    builder: GraphClientBuilder,
    settings: &Settings,
) -> Result<GraphClientBuilder, ConnectError> {
    let concurrency = match settings.max_concurrent_requests {
        Cap::Auto => Concurrency::Auto,
        Cap::AtMost(count) => Concurrency::Limit(u16::try_from(count).unwrap_or(u16::MAX)),
    };
    let builder = builder
        .retry(retry(&settings.retry)?)
        .timeouts(timeouts(&settings.timeouts))
        .max_concurrent_requests(concurrency);
    Ok(match &settings.rate_limit_key {
        Some(key) => builder.rate_limit_key(key.as_str()),
        None => builder,
    })
}

fn cloud(endpoint: &Endpoint) -> Result<Cloud, ConnectError> {
    match endpoint {
        Endpoint::Named(name) => {
            let named = name.parse::<CloudName>().ok().and_then(Cloud::named);
            named.ok_or_else(|| ConnectError::UnknownCloud(name.clone()))
        }
        Endpoint::BaseUrl { url, cloud: wanted } => {
            let (cloud, _) = Cloud::from_base_url(url)?;
            let found = cloud.name().to_string();
            match wanted {
                Some(wanted) if *wanted != found => {
                    Err(ConnectError::OtherCloud { wanted: wanted.clone(), found })
                }
                _ => Ok(cloud),
            }
        }
        Endpoint::Custom { graph_root, authority, ca_bundle, allow_insecure_loopback } => {
            Ok(Cloud::custom(CustomCloud {
                graph_root: graph_root.clone(),
                authority: authority.clone(),
                ca_bundle: ca_bundle.as_ref().map(PathBuf::from),
                allow_insecure_loopback: *allow_insecure_loopback,
            })?)
        }
    }
}

/// The earlier system named the audience itself; here the cloud decides, so both must agree.
fn check_resource(resource: Option<&str>, cloud: &Cloud) -> Result<(), ConnectError> {
    let Some(resource) = resource else { return Ok(()) };
    if resource.trim_end_matches('/') == cloud.graph_root() {
        return Ok(());
    }
    let (resource, graph_root) = (resource.to_owned(), cloud.graph_root().to_owned());
    Err(ConnectError::OtherResource { resource, graph_root })
}

fn retry(settings: &RetrySettings) -> Result<RetryConfig, ConnectError> {
    let mut retry = RetryConfig::default();
    retry.max_attempts = settings.max_attempts;
    retry.jitter = settings.jitter;
    retry.statuses.clone_from(&settings.retry_on_status);
    retry.backoff = match settings.backoff {
        BackoffKind::Exponential => {
            Backoff::exponential(settings.backoff_base, settings.backoff_factor)
        }
        BackoffKind::Linear => Backoff::Linear { step: settings.backoff_base },
    };
    let names = settings
        .retry_after_header_names
        .iter()
        .map(|name| name.parse::<HeaderName>().map_err(|_| ConnectError::HeaderName(name.clone())));
    retry.retry_after_headers = names.collect::<Result<_, _>>()?;
    Ok(retry)
}

fn timeouts(settings: &TimeoutSettings) -> Timeouts {
    let mut timeouts = Timeouts::default();
    timeouts.connect = settings.connect.unwrap_or(timeouts.connect);
    timeouts.read = settings.read.unwrap_or(timeouts.read);
    timeouts.write = settings.write.unwrap_or(timeouts.write);
    timeouts.pool = settings.pool.or(timeouts.pool);
    timeouts
}

/// Spans always; the masked log where the connection turns it on.
fn observe(observe: Observe, settings: &LoggingSettings) -> Observe {
    if !settings.enabled {
        return observe;
    }
    // A log that is on and shows neither side would only puzzle.
    let both = !settings.request && !settings.response;
    let mut logging = Logging::default();
    logging.request = settings.request || both;
    logging.response = settings.response || both;
    logging.auth = settings.auth;
    logging.format = match settings.format {
        LogFormat::Basic => graph_transport::observe::LogFormat::Basic,
        LogFormat::Detailed => graph_transport::observe::LogFormat::Detailed,
    };
    observe.logging(logging)
}
