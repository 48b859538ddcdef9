//! Connections that are found again, shared or made; the attempt that uses one knows it
//! (docs/adr/0009).

mod hosts;
mod lease;

use std::sync::Arc;

use http::{Request, Response, Uri};
use hyper::client::conn::{TrySendError, http1, http2};
use hyper::rt::Executor as _;
use hyper_util::client::legacy::connect::Connection as _;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use tokio::sync::oneshot;
use tower::Service;
use tracing::debug;

use self::hosts::Hosts;
pub(super) use self::lease::Lease;
use self::lease::{Key, Leased, Sender};
use super::connection::Connection;
use super::stream::Stream;
use super::timed::Timed;
use super::{HttpVersion, Sends, Sent, WireBody};
use crate::body::Body;
use crate::error::BoxError;
use crate::timeouts::Timeouts;
use crate::trail::Trail;

/// No connection was made: nothing of the request was sent.
#[derive(Debug, thiserror::Error)]
#[error("no connection")]
pub(crate) struct NotConnected(#[source] BoxError);

/// The connection ended before the request was written to it.
#[derive(Debug, thiserror::Error)]
#[error("the connection ended before the request was sent")]
pub(crate) struct NotWritten(#[source] hyper::Error);

/// What an HTTP/1.1 connection reads at once, headers or a part of a body. hyper's own 400 KiB are
/// reserved for every connection that has ever met a large page, and make none of them faster.
const READ_AT_ONCE: usize = 64 << 10;

/// A pool over a connector. HTTP/1.1 connections serve one request after the other, the last used
/// first; one HTTP/2 connection serves all of a host.
pub(super) struct Pool<C>(Arc<Shared<C>>);

struct Shared<C> {
    connector: Timed<C>,
    version: HttpVersion,
    http1: http1::Builder,
    http2: http2::Builder<TokioExecutor>,
    hosts: Arc<Hosts>,
}

impl<C> Pool<C>
where
    C: Service<Uri> + Clone,
    C::Error: Into<BoxError>,
{
    pub(super) fn new(connector: C, version: HttpVersion, timeouts: &Timeouts) -> Self {
        let mut http2 = http2::Builder::new(TokioExecutor::new());
        http2.adaptive_window(true).timer(TokioTimer::new());
        let mut http1 = http1::Builder::new();
        http1.max_buf_size(READ_AT_ONCE);
        Self(Arc::new(Shared {
            connector: Timed::new(connector, timeouts),
            version,
            http1,
            http2,
            hosts: Arc::new(Hosts::new(timeouts.idle)),
        }))
    }
}

impl<C> Sends for Pool<C>
where
    C: Service<Uri, Response: Stream> + Clone + Send + Sync + 'static,
    C::Error: Into<BoxError>,
    C::Future: Send,
{
    fn send(&self, request: Request<Body>) -> Sent {
        Box::pin(Arc::clone(&self.0).exchange(request))
    }
}

impl<C> Shared<C>
where
    C: Service<Uri, Response: Stream> + Clone + Send + Sync + 'static,
    C::Error: Into<BoxError>,
    C::Future: Send,
{
    /// One request over one connection. A connection that turns out to be gone before anything was
    /// written to it is replaced, unless it was made for this request (R23).
    async fn exchange(
        self: Arc<Self>,
        mut request: Request<Body>,
    ) -> Result<Response<WireBody>, BoxError> {
        let key = Key::of(request.uri())?;
        loop {
            let mut leased = match self.hosts.take(&key) {
                Ok(leased) => leased,
                Err(freed) => Box::pin(Arc::clone(&self).connect(key.clone(), freed)).await?,
            };
            Trail::goes_over(request.extensions(), &leased.connection);
            leased.connection.watch(!http_body::Body::is_end_stream(request.body()));
            let answer = match &mut leased.sender {
                Sender::Http1(sender) => {
                    leased.connection.address(&mut request);
                    sender.try_send_request(request).await
                }
                Sender::Http2(sender) => sender.try_send_request(request).await,
            };
            match answer {
                Ok(answer) => {
                    // The answer's body brings the connection back.
                    let lease = Lease::begin(&self.hosts, key, leased);
                    return Ok(answer.map(|body| WireBody::Pooled { body, _lease: lease }));
                }
                Err(error) => {
                    // Whatever it says of itself, nobody is given it again.
                    leased.connection.retire();
                    request = unsent(error, &key, leased.is_reused)?;
                }
            }
        }
    }

    /// A connection that somebody else is done with, or a new one, whichever is first.
    async fn connect(
        self: Arc<Self>,
        key: Key,
        freed: oneshot::Receiver<Leased>,
    ) -> Result<Leased, BoxError> {
        let mut dial = Box::pin(Arc::clone(&self).dial(key.clone()));
        let leased = tokio::select! {
            biased;
            Ok(leased) = freed => leased,
            dialled = &mut dial => return dialled,
        };
        if !leased.connection.is_shared {
            // The handshake under way is not wasted.
            let hosts = Arc::clone(&self.hosts);
            TokioExecutor::new().execute(async move {
                if let Ok(leased) = dial.await {
                    drop(Lease::begin(&hosts, key, leased));
                }
            });
        }
        Ok(leased)
    }

    async fn dial(self: Arc<Self>, key: Key) -> Result<Leased, BoxError> {
        let stream = self.connector.connect(key.uri()).await.map_err(NotConnected)?;
        let is_http2 = self.version == HttpVersion::Http2 || stream.connected().is_negotiated_h2();
        let connection = Arc::new(Connection::open(is_http2, key.host()));
        let stream = self.connector.limit(stream, Arc::clone(&connection));
        let hyper = |error: hyper::Error| NotConnected(error.into());
        let sender = if is_http2 {
            let (mut sender, driver) = self.http2.handshake(stream).await.map_err(hyper)?;
            drive(driver);
            sender.ready().await.map_err(hyper)?;
            Sender::Http2(sender)
        } else {
            let (sender, driver) = self.http1.handshake(stream).await.map_err(hyper)?;
            drive(driver);
            Sender::Http1(sender)
        };
        Ok(self.hosts.share(&key, Leased { sender, connection, is_reused: false }))
    }
}

/// Runs a connection until it is closed; it closes when nobody can send on it any more.
fn drive(driver: impl Future<Output = hyper::Result<()>> + Send + 'static) {
    TokioExecutor::new().execute(async {
        if let Err(error) = driver.await {
            // Not in the server's words: whose request it concerns is told why.
            debug!(timeout = error.is_timeout(), closed = error.is_closed(), "a connection broke");
        }
    });
}

/// The request again, if it may go out on another connection.
fn unsent(
    mut error: TrySendError<Request<Body>>,
    key: &Key,
    is_reused: bool,
) -> Result<Request<Body>, BoxError> {
    let Some(mut request) = error.take_message() else { return Err(error.into_error().into()) };
    if !is_reused {
        return Err(NotWritten(error.into_error()).into());
    }
    key.restore(&mut request);
    Ok(request)
}
