//! The body of a response: whole, or as a fault lets it through.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use tokio::time::{Sleep, sleep};

/// The connection breaks here because a fault plan says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("send the rest of the answer: the fault plan breaks the connection here")]
pub struct Broken;

/// The body of a response.
#[derive(Debug)]
pub struct ResponseBody {
    rest: Bytes,
    pieces: Pieces,
    sleep: Option<Pin<Box<Sleep>>>,
    chunks: Option<Chunks>,
}

/// Bytes that are made while they are sent.
struct Chunks(Box<dyn Iterator<Item = Bytes> + Send>);

impl fmt::Debug for Chunks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Chunks")
    }
}

/// How the bytes come.
#[derive(Clone, Copy, Debug)]
enum Pieces {
    Whole,
    /// These bytes, without announcing their number; then the end, or a break.
    Until {
        left: u64,
        broken: bool,
    },
    /// The break, once what came before it had a chance to be flushed.
    Breaking,
    /// A pause after so many bytes.
    Pause {
        left: u64,
        wait: Duration,
    },
    /// Pieces with pauses between them.
    Trickle {
        chunk: u64,
        wait: Duration,
        first: bool,
    },
}

impl ResponseBody {
    pub(crate) fn whole(bytes: Bytes) -> Self {
        Self { rest: bytes, pieces: Pieces::Whole, sleep: None, chunks: None }
    }

    pub(crate) fn until(bytes: Bytes, left: u64, broken: bool) -> Self {
        Self { rest: bytes, pieces: Pieces::Until { left, broken }, sleep: None, chunks: None }
    }

    pub(crate) fn pause(bytes: Bytes, left: u64, wait: Duration) -> Self {
        Self { rest: bytes, pieces: Pieces::Pause { left, wait }, sleep: None, chunks: None }
    }

    pub(crate) fn trickle(bytes: Bytes, chunk: u64, wait: Duration) -> Self {
        Self {
            rest: bytes,
            pieces: Pieces::Trickle { chunk: chunk.max(1), wait, first: true },
            sleep: None,
            chunks: None,
        }
    }

    pub(crate) fn generated(chunks: Box<dyn Iterator<Item = Bytes> + Send>) -> Self {
        Self { chunks: Some(Chunks(chunks)), ..Self::whole(Bytes::new()) }
    }

    fn take(&mut self, bytes: u64) -> Bytes {
        let length = usize::try_from(bytes).unwrap_or(usize::MAX).min(self.rest.len());
        self.rest.split_to(length)
    }
}

impl Body for ResponseBody {
    type Data = Bytes;
    type Error = Broken;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Broken>>> {
        if let Some(sleep) = &mut self.sleep {
            ready!(sleep.as_mut().poll(context));
            self.sleep = None;
        }
        if let Some(chunks) = &mut self.chunks {
            // An empty frame would say nothing: the next chunk that holds something.
            return Poll::Ready(
                chunks.0.find(|bytes| !bytes.is_empty()).map(|bytes| Ok(Frame::data(bytes))),
            );
        }
        let data = |bytes: Bytes| Poll::Ready((!bytes.is_empty()).then(|| Ok(Frame::data(bytes))));
        match self.pieces {
            Pieces::Whole => data(std::mem::take(&mut self.rest)),
            Pieces::Until { left: 0, broken: true } => {
                self.pieces = Pieces::Breaking;
                context.waker().wake_by_ref();
                Poll::Pending
            }
            Pieces::Breaking => Poll::Ready(Some(Err(Broken))),
            Pieces::Until { left: 0, broken: false } => Poll::Ready(None),
            Pieces::Until { left, broken } => {
                let bytes = self.take(left);
                self.pieces = Pieces::Until { left: 0, broken };
                if bytes.is_empty() { self.poll_frame(context) } else { data(bytes) }
            }
            Pieces::Pause { left, wait } => {
                let bytes = self.take(left);
                self.pieces = Pieces::Whole;
                self.sleep = Some(Box::pin(sleep(wait)));
                if bytes.is_empty() { self.poll_frame(context) } else { data(bytes) }
            }
            Pieces::Trickle { chunk, wait, first: false } if !self.rest.is_empty() => {
                self.pieces = Pieces::Trickle { chunk, wait, first: true };
                self.sleep = Some(Box::pin(sleep(wait)));
                self.poll_frame(context)
            }
            Pieces::Trickle { chunk, wait, .. } => {
                self.pieces = Pieces::Trickle { chunk, wait, first: false };
                data(self.take(chunk))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.chunks.is_none()
            && self.rest.is_empty()
            && !matches!(self.pieces, Pieces::Until { broken: true, .. } | Pieces::Breaking)
    }

    fn size_hint(&self) -> SizeHint {
        match self.pieces {
            _ if self.chunks.is_some() => SizeHint::default(),
            Pieces::Until { .. } | Pieces::Breaking => SizeHint::default(),
            _ => SizeHint::with_exact(u64::try_from(self.rest.len()).expect("a length")),
        }
    }
}
