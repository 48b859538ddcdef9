//! The connect and write timeouts, at the connection itself.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use http::Uri;
use hyper::rt::{Read, ReadBufCursor, Write};
use tokio::time::{Sleep, sleep, timeout};
use tower::{Service, ServiceExt as _};

use super::connection::Connection;
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

/// A connector whose handshakes and writes cannot hang.
#[derive(Clone, Debug)]
pub(super) struct Timed<C> {
    connector: C,
    connect: Duration,
    write: Duration,
}

impl<C> Timed<C>
where
    C: Service<Uri> + Clone,
    C::Error: Into<BoxError>,
{
    pub(super) fn new(connector: C, timeouts: &Timeouts) -> Self {
        Self { connector, connect: timeouts.connect, write: timeouts.write }
    }

    pub(super) async fn connect(&self, uri: Uri) -> Result<C::Response, BoxError> {
        let stream = timeout(self.connect, self.connector.clone().oneshot(uri)).await;
        stream.map_err(|_| ConnectTimeout(self.connect))?.map_err(Into::into)
    }

    /// What runs on a stream that was connected.
    pub(super) fn limit(
        &self,
        stream: C::Response,
        connection: Arc<Connection>,
    ) -> TimedStream<C::Response> {
        TimedStream { stream, write: self.write, stalled: None, connection }
    }
}

/// A stream on which a write that makes no progress fails.
#[derive(Debug)]
pub(super) struct TimedStream<T> {
    stream: T,
    write: Duration,
    /// Armed while a write waits.
    stalled: Option<Pin<Box<Sleep>>>,
    connection: Arc<Connection>,
}

impl<T> TimedStream<T> {
    /// Notes when bytes were taken.
    fn wrote<R>(
        &mut self,
        cx: &mut Context<'_>,
        written: Poll<io::Result<R>>,
    ) -> Poll<io::Result<R>> {
        if written.is_ready() {
            self.connection.wrote();
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

impl<T: Read + Unpin> Read for TimedStream<T> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buffer)
    }
}

impl<T: Write + Unpin> Write for TimedStream<T> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(cx, bytes);
        self.wrote(cx, written)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = Pin::new(&mut self.stream).poll_flush(cx);
        // A flush that had to wait sent what a write had only taken; any other sent nothing.
        if self.stalled.is_some() {
            return self.wrote(cx, flushed);
        }
        self.limited(cx, flushed)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(cx, slices);
        self.wrote(cx, written)
    }
}
