//! The connect and write timeouts, at the connection itself.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use http::Uri;
use hyper::rt::{Read, ReadBufCursor, Write};
use hyper_util::client::legacy::connect::{Connected, Connection};
use tokio::time::{Instant, Sleep, sleep, timeout};
use tower::{Service, ServiceExt as _};

use crate::error::BoxError;
use crate::timeouts::Timeouts;

/// The handshake took longer than this.
#[derive(Debug, thiserror::Error)]
#[error("no connection within {0:?}")]
pub(crate) struct ConnectTimeout(pub(crate) Duration);

/// The connection took no bytes for this long.
#[derive(Debug, thiserror::Error)]
#[error("the connection accepted no bytes within {0:?}")]
pub(crate) struct WriteTimeout(Duration);

impl WriteTimeout {
    /// The limit, if that is what the error is about.
    pub(crate) fn inside(error: &(dyn std::error::Error + 'static)) -> Option<Duration> {
        let inner = error.downcast_ref::<io::Error>()?.get_ref()?;
        Some(inner.downcast_ref::<Self>()?.0)
    }
}

/// When a connection was opened and when it last took bytes; rides in hyper's metadata of it.
#[derive(Clone, Debug)]
pub(crate) struct Opened {
    pub(crate) at: Instant,
    /// Milliseconds from then to the last write, plus one; zero before the first.
    last_write: Arc<AtomicU64>,
}

impl Opened {
    fn now() -> Self {
        Self { at: Instant::now(), last_write: Arc::default() }
    }

    fn wrote(&self) {
        let millis = u64::try_from(self.at.elapsed().as_millis()).unwrap_or(u64::MAX - 1);
        self.last_write.store(millis + 1, Ordering::Relaxed);
    }

    pub(crate) fn last_write(&self) -> Option<Instant> {
        let millis = self.last_write.load(Ordering::Relaxed).checked_sub(1)?;
        self.at.checked_add(Duration::from_millis(millis))
    }
}

/// A connector whose handshakes and writes cannot hang.
#[derive(Clone, Debug)]
pub(super) struct Timed<C> {
    /// Hyper clones the connector for every request, and needs it for few.
    connector: Arc<C>,
    connect: Duration,
    write: Duration,
}

impl<C> Timed<C> {
    pub(super) fn new(connector: C, timeouts: &Timeouts) -> Self {
        Self { connector: Arc::new(connector), connect: timeouts.connect, write: timeouts.write }
    }
}

impl<C> Service<Uri> for Timed<C>
where
    C: Service<Uri> + Clone + Send + Sync + 'static,
    C::Error: Into<BoxError>,
    C::Future: Send,
{
    type Response = TimedConnection<C::Response>;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, BoxError>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        Poll::Ready(Ok(())) // each connection asks the connector anew
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        let connection = C::clone(&self.connector).oneshot(uri);
        let (connect, write) = (self.connect, self.write);
        Box::pin(async move {
            let connection =
                timeout(connect, connection).await.map_err(|_| ConnectTimeout(connect))?;
            Ok(TimedConnection {
                connection: connection.map_err(Into::into)?,
                write,
                stalled: None,
                opened: Opened::now(),
            })
        })
    }
}

/// A connection on which a write that makes no progress fails.
#[derive(Debug)]
pub(super) struct TimedConnection<T> {
    connection: T,
    write: Duration,
    /// Armed while a write waits.
    stalled: Option<Pin<Box<Sleep>>>,
    opened: Opened,
}

impl<T> TimedConnection<T> {
    /// Notes when bytes were taken.
    fn wrote<R>(
        &mut self,
        cx: &mut Context<'_>,
        written: Poll<io::Result<R>>,
    ) -> Poll<io::Result<R>> {
        if written.is_ready() {
            self.opened.wrote();
        }
        self.limited(cx, written)
    }

    /// Passes a finished write on; turns one that waits for too long into an error.
    fn limited<R>(
        &mut self,
        cx: &mut Context<'_>,
        written: Poll<io::Result<R>>,
    ) -> Poll<io::Result<R>> {
        if written.is_ready() {
            self.stalled = None;
            return written;
        }
        let write = self.write;
        let timer = self.stalled.get_or_insert_with(|| Box::pin(sleep(write)));
        ready!(timer.as_mut().poll(cx));
        self.stalled = None;
        Poll::Ready(Err(io::Error::new(io::ErrorKind::TimedOut, WriteTimeout(write))))
    }
}

impl<T: Connection> Connection for TimedConnection<T> {
    fn connected(&self) -> Connected {
        self.connection.connected().extra(self.opened.clone())
    }
}

impl<T: Read + Unpin> Read for TimedConnection<T> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.connection).poll_read(cx, buffer)
    }
}

impl<T: Write + Unpin> Write for TimedConnection<T> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.connection).poll_write(cx, bytes);
        self.wrote(cx, written)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = Pin::new(&mut self.connection).poll_flush(cx);
        // A flush that had to wait sent what a write had only taken; any other sent nothing.
        if self.stalled.is_some() {
            return self.wrote(cx, flushed);
        }
        self.limited(cx, flushed)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.connection).poll_shutdown(cx)
    }

    fn is_write_vectored(&self) -> bool {
        self.connection.is_write_vectored()
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.connection).poll_write_vectored(cx, slices);
        self.wrote(cx, written)
    }
}

#[cfg(test)]
mod tests;
