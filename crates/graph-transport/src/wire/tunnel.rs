//! Tunnels through proxies: CONNECT and SOCKS 5.

use std::net::IpAddr;
use std::sync::Arc;

use http::Uri;
use hyper_rustls::HttpsConnector;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::connect::proxy::{SocksV5, Tunnel};
use hyper_util::client::proxy::matcher::{Intercept, Matcher};
use tower::ServiceExt;

use super::stream::RawStream;
use crate::address::{is_local_name, is_metadata};
use crate::error::BoxError;

/// Which proxy serves a destination, and the way to it.
#[derive(Clone)]
pub(super) struct Tunnels {
    matcher: Arc<Matcher>,
    /// To the proxy itself, over TLS for `https://` proxies; always HTTP/1.1, as CONNECT needs.
    to_proxy: HttpsConnector<HttpConnector>,
}

/// A tunnel that was not made. It has no source, so that the proxy is named wherever an error is shown
/// by its innermost cause.
#[derive(Debug, thiserror::Error)]
#[error("the proxy `{proxy}` made no tunnel: {reason}")]
struct NoTunnel {
    proxy: String,
    reason: String,
}

impl Tunnels {
    pub(super) fn new(matcher: Matcher, tls: rustls::ClientConfig) -> Self {
        let mut tcp = HttpConnector::new();
        tcp.enforce_http(false);
        tcp.set_nodelay(true);
        let builder = hyper_rustls::HttpsConnectorBuilder::new().with_tls_config(tls);
        let to_proxy = builder.https_or_http().enable_http1().wrap_connector(tcp);
        Self { matcher: Arc::new(matcher), to_proxy }
    }

    /// E18: a proxy's credentials go to that proxy, for the destinations that it serves.
    pub(super) fn proxy_for(&self, destination: &Uri) -> Option<Intercept> {
        if is_near(destination.host()?) {
            return None;
        }
        self.matcher.intercept(destination)
    }

    pub(super) async fn through(
        &self,
        proxy: Intercept,
        destination: Uri,
    ) -> Result<RawStream, BoxError> {
        let address = proxy.uri().authority().map(ToString::to_string).unwrap_or_default();
        let is_socks = proxy.uri().scheme_str().is_some_and(|it| it.starts_with("socks"));
        let made: Result<_, BoxError> = if is_socks {
            let mut socks = SocksV5::new(socks_address(proxy.uri())?, self.to_proxy.clone());
            if let Some((user, password)) = proxy.raw_auth() {
                socks = socks.with_auth(user.to_owned(), password.to_owned());
            }
            socks.oneshot(destination).await.map_err(Into::into)
        } else {
            let mut tunnel = Tunnel::new(proxy.uri().clone(), self.to_proxy.clone());
            if let Some(credentials) = proxy.basic_auth() {
                tunnel = tunnel.with_auth(credentials.clone());
            }
            tunnel.oneshot(destination).await.map_err(Into::into)
        };
        let stream = made.map_err(|error| {
            let mut innermost: &dyn std::error::Error = error.as_ref();
            while let Some(source) = innermost.source() {
                innermost = source;
            }
            NoTunnel { proxy: address, reason: innermost.to_string() }
        })?;
        Ok(RawStream::Proxied(Box::new(stream)))
    }
}

/// The way to a SOCKS proxy as the connector beneath knows it: plain, at port 1080 unless another is named.
fn socks_address(proxy: &Uri) -> Result<Uri, http::Error> {
    let (host, port) = (proxy.host().unwrap_or_default(), proxy.port_u16().unwrap_or(1080));
    Uri::builder().scheme("http").authority(format!("{host}:{port}")).path_and_query("/").build()
}

/// This machine and its metadata service.
fn is_near(host: &str) -> bool {
    let ip = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    is_local_name(host) || ip.is_ok_and(|ip| ip.is_loopback() || is_metadata(ip))
}
