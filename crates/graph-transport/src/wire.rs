//! The innermost service: a pool of hyper's connections, or whatever the caller puts in its place.

mod connection;
mod dial;
mod pool;
mod resolver;
mod stream;
mod timed;
#[cfg(feature = "tls")]
mod tls;
#[cfg(feature = "tls")]
mod tunnel;

use std::error::Error as StdError;
use std::fmt;
use std::future::Future;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::{Request, Response, Uri};
use http_body::{Frame, SizeHint};
use http_body_util::BodyExt;
use http_body_util::combinators::UnsyncBoxBody;
use hyper::body::Incoming;
use tower::{Service, ServiceExt};

pub(crate) use self::connection::Connection;
use self::dial::Dial;
pub(crate) use self::dial::OwnConnector;
use self::pool::{Lease, NotConnected, NotWritten, Pool};
pub(crate) use self::stream::OwnStream;
use self::stream::Stream;
pub(crate) use self::timed::{ConnectTimeout, WriteTimeout};
#[cfg(feature = "tls")]
pub(crate) use self::tls::distrust;
use crate::body::Body;
use crate::client::BuildError;
use crate::cloud::Cloud;
use crate::error::BoxError;
use crate::proxy::Proxies;
use crate::timeouts::Timeouts;

/// A body as it arrives.
#[derive(Debug)]
pub(crate) enum WireBody {
    /// From a connection of the pool, which it brings back.
    Pooled { body: Incoming, _lease: Option<Box<Lease>> },
    /// From a wire of the caller's own.
    Own(UnsyncBoxBody<Bytes, BoxError>),
}

impl http_body::Body for WireBody {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        match &mut *self {
            Self::Pooled { body, .. } => {
                Pin::new(body).poll_frame(cx).map(|frame| frame.map(|it| it.map_err(Into::into)))
            }
            Self::Own(body) => Pin::new(body).poll_frame(cx),
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Pooled { body, .. } => body.is_end_stream(),
            Self::Own(body) => body.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Pooled { body, .. } => body.size_hint(),
            Self::Own(body) => body.size_hint(),
        }
    }
}

/// Sends one request over one connection. Cheap to clone: the layers above are cloned for every
/// operation and attempt, and only a call clones the client inside.
#[derive(Clone)]
pub(crate) struct Wire(Arc<dyn Sends>);

type Sent = Pin<Box<dyn Future<Output = Result<Response<WireBody>, BoxError>> + Send>>;

trait Sends: Send + Sync {
    fn send(&self, request: Request<Body>) -> Sent;
}

/// A service as it was given.
struct Own<S>(S);

impl<S, B> Sends for Own<S>
where
    S: Service<Request<Body>, Response = Response<B>> + Clone + Send + Sync + 'static,
    S::Error: Into<BoxError>,
    S::Future: Send + 'static,
    B: http_body::Body<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    fn send(&self, request: Request<Body>) -> Sent {
        let sent = self.0.clone().oneshot(request);
        Box::pin(async move {
            let response = sent.await.map_err(Into::into)?;
            Ok(response.map(|body| WireBody::Own(body.map_err(Into::into).boxed_unsync())))
        })
    }
}

impl Service<Request<Body>> for Wire {
    type Response = Response<WireBody>;
    type Error = BoxError;
    type Future = Sent;

    /// Always ready: the clone that sends asks the service itself.
    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Sent {
        self.0.send(request)
    }
}

impl fmt::Debug for Wire {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Wire")
    }
}

/// Any service of the right shape as a wire: a simulator in the process, or a caller's own client.
pub(crate) fn boxed<S, B>(service: S) -> Wire
where
    S: Service<Request<Body>, Response = Response<B>> + Clone + Send + Sync + 'static,
    S::Error: Into<BoxError>,
    S::Future: Send + 'static,
    B: http_body::Body<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    Wire(Arc::new(Own(service)))
}

/// Which HTTP is spoken.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub enum HttpVersion {
    /// HTTP/2 where the server agrees during the TLS handshake, else HTTP/1.1. The default (Z5).
    #[default]
    Negotiated,
    /// HTTP/1.1 only, for proxies and gateways that cannot do better.
    Http1,
    /// HTTP/2 only, also without TLS.
    Http2,
}

/// How connections are made.
#[derive(Clone, Debug, Default)]
pub(crate) struct Connecting {
    pub(crate) version: HttpVersion,
    pub(crate) proxies: Proxies,
    pub(crate) ca_bundles: Vec<PathBuf>,
    pub(crate) connector: Option<OwnConnector>,
}

/// The default wire: HTTP/1.1 and HTTP/2, pooled, with connect and write timeouts.
pub(crate) fn hyper(
    cloud: &Cloud,
    timeouts: &Timeouts,
    connecting: Connecting,
) -> Result<Wire, BuildError> {
    let version = connecting.version;
    Ok(pooled(secure(cloud, connecting)?, version, timeouts))
}

/// A pool over any connector.
fn pooled<C>(connector: C, version: HttpVersion, timeouts: &Timeouts) -> Wire
where
    C: Service<Uri, Response: Stream> + Clone + Send + Sync + 'static,
    C::Error: Into<BoxError>,
    C::Future: Send,
{
    Wire(Arc::new(Pool::new(connector, version, timeouts)))
}

/// Whether a failure happened before any byte of the request was sent.
pub(crate) fn is_not_sent(error: &(dyn StdError + 'static)) -> bool {
    let mut cause = Some(error);
    while let Some(error) = cause {
        if error.is::<NotConnected>() || error.is::<NotWritten>() || is_clients_own(error) {
            return true;
        }
        cause = error.source();
    }
    false
}

/// The same said by hyper's own client, where a caller brings one.
fn is_clients_own(error: &(dyn StdError + 'static)) -> bool {
    let client = error.downcast_ref::<hyper_util::client::legacy::Error>();
    client.is_some_and(hyper_util::client::legacy::Error::is_connect)
        || error.downcast_ref::<hyper::Error>().is_some_and(hyper::Error::is_canceled)
}

/// TLS on top of the dialled stream; plain http passes through, which the cloud allows on loopback only.
#[cfg(feature = "tls")]
fn secure(
    cloud: &Cloud,
    connecting: Connecting,
) -> Result<hyper_rustls::HttpsConnector<Dial>, BuildError> {
    let bundles = connecting.ca_bundles.iter().chain(cloud.ca_bundle()).map(PathBuf::as_path);
    let config = tls::config(bundles)?;
    let dial = match (connecting.connector, connecting.proxies.matcher()) {
        (Some(own), _) => Dial::Own(own),
        (None, None) => Dial::Tcp(Dial::tcp(cloud)),
        (None, Some(matcher)) => {
            Dial::Proxied(Dial::tcp(cloud), tunnel::Tunnels::new(matcher, config.clone()))
        }
    };
    let builder = hyper_rustls::HttpsConnectorBuilder::new().with_tls_config(config);
    let builder = builder.https_or_http();
    Ok(match connecting.version {
        HttpVersion::Negotiated => builder.enable_all_versions().wrap_connector(dial),
        HttpVersion::Http1 => builder.enable_http1().wrap_connector(dial),
        HttpVersion::Http2 => builder.enable_http2().wrap_connector(dial),
    })
}

#[cfg(not(feature = "tls"))]
fn secure(cloud: &Cloud, connecting: Connecting) -> Result<Dial, BuildError> {
    if cloud.graph_root().starts_with("https:") {
        return Err(BuildError::NoTls);
    }
    Ok(connecting.connector.map_or_else(|| Dial::Tcp(Dial::tcp(cloud)), Dial::Own))
}

/// Without TLS nobody's certificate is looked at.
#[cfg(not(feature = "tls"))]
pub(crate) fn distrust(_: &(dyn StdError + 'static)) -> Option<String> {
    None
}

#[cfg(test)]
mod tests;
