//! Connecting: directly, through a proxy's tunnel, or as the caller does it.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use http::Uri;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioIo;
use tower::util::BoxCloneSyncService;
use tower::{Service, ServiceExt};

use super::resolver::Resolver;
use super::stream::{OwnStream, RawStream};
use crate::cloud::Cloud;
use crate::error::BoxError;

/// The caller's own way to a byte stream; TLS goes on top of it.
pub(crate) type OwnConnector = BoxCloneSyncService<Uri, Box<dyn OwnStream>, BoxError>;

/// Makes the stream that TLS, or plain http on loopback, runs on.
#[derive(Clone)]
pub(super) enum Dial {
    Own(OwnConnector),
    Tcp(HttpConnector<Resolver>),
    #[cfg(feature = "tls")]
    Proxied(HttpConnector<Resolver>, super::tunnel::Tunnels),
}

impl Dial {
    pub(super) fn tcp(cloud: &Cloud) -> HttpConnector<Resolver> {
        let mut tcp = HttpConnector::new_with_resolver(Resolver::new(cloud));
        tcp.enforce_http(false); // https URIs pass through to TLS
        tcp.set_nodelay(true);
        tcp
    }
}

impl Service<Uri> for Dial {
    type Response = RawStream;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<RawStream, BoxError>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        Poll::Ready(Ok(())) // each connection asks the connector anew
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        match self.clone() {
            Self::Own(own) => {
                Box::pin(async { Ok(RawStream::Own(TokioIo::new(own.oneshot(uri).await?))) })
            }
            Self::Tcp(tcp) => Box::pin(async { Ok(RawStream::Tcp(tcp.oneshot(uri).await?)) }),
            #[cfg(feature = "tls")]
            Self::Proxied(tcp, tunnels) => Box::pin(async move {
                match tunnels.proxy_for(&uri) {
                    Some(proxy) => tunnels.through(proxy, uri).await,
                    None => Ok(RawStream::Tcp(tcp.oneshot(uri).await?)),
                }
            }),
        }
    }
}
