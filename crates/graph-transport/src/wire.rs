//! The innermost service: a pooled hyper client, or whatever the caller puts in its place.

mod timed;

use std::error::Error as StdError;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use tower::util::BoxCloneSyncService;
use tower::{Service, ServiceExt};

use self::timed::Timed;
pub(crate) use self::timed::{ConnectTimeout, Opened, WriteTimeout};
use crate::client::BuildError;
use crate::cloud::Cloud;
use crate::error::BoxError;
use crate::timeouts::Timeouts;

/// A body as it arrives.
pub(crate) type WireBody = UnsyncBoxBody<Bytes, BoxError>;

/// Sends one request over one connection.
pub(crate) type Wire = BoxCloneSyncService<Request<Full<Bytes>>, Response<WireBody>, BoxError>;

/// Any service of the right shape as a wire: a simulator in the process, or a caller's own client.
pub(crate) fn boxed<S, B>(service: S) -> Wire
where
    S: Service<Request<Full<Bytes>>, Response = Response<B>> + Clone + Send + Sync + 'static,
    S::Error: Into<BoxError>,
    S::Future: Send + 'static,
    B: http_body::Body<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    let service = service.map_response(|response: Response<B>| {
        response.map(|body| body.map_err(Into::into).boxed_unsync())
    });
    BoxCloneSyncService::new(service.map_err(Into::into))
}

/// The default wire: HTTP/1.1 and HTTP/2, pooled, with connect and write timeouts.
pub(crate) fn hyper(cloud: &Cloud, timeouts: &Timeouts) -> Result<Wire, BuildError> {
    let mut tcp = HttpConnector::new();
    tcp.enforce_http(false); // https URIs pass through to TLS
    tcp.set_nodelay(true);
    let connector = Timed::new(secure(tcp, cloud)?, timeouts);
    let client = Client::builder(TokioExecutor::new())
        .pool_idle_timeout(timeouts.idle)
        .pool_timer(TokioTimer::new())
        .http2_adaptive_window(true)
        .timer(TokioTimer::new())
        .build(connector);
    Ok(boxed(client))
}

/// Whether a failure happened before any byte of the request was sent.
pub(crate) fn is_not_sent(error: &(dyn StdError + 'static)) -> bool {
    let mut cause = Some(error);
    while let Some(error) = cause {
        if error
            .downcast_ref::<hyper_util::client::legacy::Error>()
            .is_some_and(hyper_util::client::legacy::Error::is_connect)
            || error.downcast_ref::<hyper::Error>().is_some_and(hyper::Error::is_canceled)
        {
            return true;
        }
        cause = error.source();
    }
    false
}

#[cfg(feature = "tls")]
fn secure(
    tcp: HttpConnector,
    cloud: &Cloud,
) -> Result<hyper_rustls::HttpsConnector<HttpConnector>, BuildError> {
    use std::sync::Arc;

    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder = hyper_rustls::HttpsConnectorBuilder::new();
    let builder = match cloud.ca_bundle() {
        None => builder
            .with_provider_and_webpki_roots(provider)
            .expect("the provider supports TLS 1.2 and 1.3"),
        Some(path) => {
            let config = rustls::ClientConfig::builder_with_provider(provider)
                .with_safe_default_protocol_versions()
                .expect("the provider supports TLS 1.2 and 1.3");
            builder
                .with_tls_config(config.with_root_certificates(bundle(path)?).with_no_client_auth())
        }
    };
    Ok(builder.https_or_http().enable_all_versions().wrap_connector(tcp))
}

#[cfg(feature = "tls")]
fn bundle(path: &std::path::Path) -> Result<rustls::RootCertStore, BuildError> {
    use rustls::pki_types::CertificateDer;
    use rustls::pki_types::pem::PemObject as _;

    let unreadable = |source: BoxError| BuildError::CaBundle { path: path.to_owned(), source };
    let mut roots = rustls::RootCertStore::empty();
    for certificate in
        CertificateDer::pem_file_iter(path).map_err(|error| unreadable(error.into()))?
    {
        let certificate = certificate.map_err(|error| unreadable(error.into()))?;
        roots.add(certificate).map_err(|error| unreadable(error.into()))?;
    }
    if roots.is_empty() {
        return Err(unreadable("the file holds no certificate".into()));
    }
    Ok(roots)
}

#[cfg(not(feature = "tls"))]
fn secure(tcp: HttpConnector, cloud: &Cloud) -> Result<HttpConnector, BuildError> {
    if cloud.graph_root().starts_with("https:") {
        return Err(BuildError::NoTls);
    }
    Ok(tcp)
}
