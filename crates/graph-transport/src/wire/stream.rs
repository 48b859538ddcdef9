//! The byte stream below TLS: a TCP connection, a tunnel through a proxy, or the caller's own.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll};

use hyper::rt::{Read, ReadBufCursor, Write};
use hyper_util::client::legacy::connect::{Connected, Connection};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;

/// What hyper can speak HTTP over.
pub(super) trait Stream: Connection + Read + Write + Send + Unpin + 'static {}

impl<T: Connection + Read + Write + Send + Unpin + 'static> Stream for T {}

/// What a caller's connector gives.
pub(crate) trait OwnStream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> OwnStream for T {}

/// A tunnel; TLS to the proxy itself is possible.
#[cfg(feature = "tls")]
type Tunnelled = hyper_rustls::MaybeHttpsStream<TokioIo<TcpStream>>;

/// One of the streams, the common one without a detour.
pub(super) enum RawStream {
    Tcp(TokioIo<TcpStream>),
    #[cfg(feature = "tls")]
    Proxied(Box<Tunnelled>),
    Own(TokioIo<Box<dyn OwnStream>>),
}

/// Calls one method of whichever stream it is.
macro_rules! delegate {
    ($stream:expr, $bound:ident => $call:expr) => {
        match $stream {
            RawStream::Tcp($bound) => $call,
            #[cfg(feature = "tls")]
            RawStream::Proxied($bound) => $call,
            RawStream::Own($bound) => $call,
        }
    };
}

impl Connection for RawStream {
    fn connected(&self) -> Connected {
        match self {
            Self::Tcp(stream) => stream.connected(),
            // The protocol that counts is negotiated above, end to end.
            #[cfg(feature = "tls")]
            Self::Proxied(_) => Connected::new(),
            Self::Own(_) => Connected::new(),
        }
    }
}

impl Read for RawStream {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        delegate!(self.get_mut(), stream => Pin::new(stream).poll_read(cx, buffer))
    }
}

impl Write for RawStream {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        delegate!(self.get_mut(), stream => Pin::new(stream).poll_write(cx, bytes))
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        delegate!(self.get_mut(), stream => Pin::new(stream).poll_flush(cx))
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        delegate!(self.get_mut(), stream => Pin::new(stream).poll_shutdown(cx))
    }

    fn is_write_vectored(&self) -> bool {
        delegate!(self, stream => stream.is_write_vectored())
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        delegate!(self.get_mut(), stream => Pin::new(stream).poll_write_vectored(cx, slices))
    }
}
