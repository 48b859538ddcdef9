//! A body from its frames: one buffer, each byte copied at most once, within time and size.

use std::future::{Future as _, poll_fn};
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http_body::Body;
use http_body_util::BodyExt;
use tokio::time::{Instant, timeout_at};

use super::counted::WireBytes;
use crate::error::BoxError;
use crate::timeouts::MinThroughput;

/// How many times its size on the wire a body may be: JSON shrinks to a tenth, a bomb to a thousandth.
const MOST_EXPANSION: usize = 100;

/// Bodies up to here may expand as they like.
const SMALL: usize = 1 << 20;

/// The bounds of one body.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    /// Between two frames.
    pub(super) read: Duration,
    /// When the attempt must be over.
    pub(super) ends: Option<Instant>,
    /// When the operation must be over, which others see to.
    pub(super) deadline: Option<Instant>,
    pub(super) throughput: Option<MinThroughput>,
    pub(super) max_body: usize,
    /// `Content-Length`, where it is that of the body as it comes.
    pub(super) length: Option<usize>,
}

/// Why a body did not come.
#[derive(Debug)]
pub(super) enum Failure {
    /// No frame within the read timeout.
    Stalled,
    /// The attempt took too long.
    Late,
    /// Less than the minimum throughput over this time.
    TooSlow(Duration),
    /// More bytes than this.
    TooLarge(usize),
    /// The connection or the decompression failed.
    Broken(BoxError),
}

/// Reads a body to its end, from `began` on; what came before a failure stays in `buffer`.
pub(super) async fn assemble<B>(
    body: B,
    limits: Limits,
    began: Instant,
    wire: Option<&WireBytes>,
    buffer: &mut Buffer,
) -> Result<(), Failure>
where
    B: Body<Data = Bytes>,
    B::Error: Into<BoxError>,
{
    if limits.length.is_some_and(|length| length > limits.max_body) {
        return Err(Failure::TooLarge(limits.max_body));
    }
    let mut body = pin!(body);
    let mut pace = limits.throughput.map(|least| Pace { least, began, bytes: 0 });
    let (mut now, mut came) = (began, began);
    loop {
        let mut frame = pin!(async { Some(body.frame().await?.map_err(Into::<BoxError>::into)) });
        // What is here already costs neither a timer nor a look at the clock.
        let ready = poll_fn(|cx| Poll::Ready(frame.as_mut().poll(cx))).await;
        let idle = came.checked_add(limits.read);
        let frame = match ready {
            Poll::Ready(frame) => Ok(frame),
            Poll::Pending => {
                let turn = pace.as_ref().and_then(Pace::turn);
                let until = idle.into_iter().chain(turn).chain(limits.ends).min();
                let frame = match until.filter(|until| limits.deadline.is_none_or(|it| *until < it))
                {
                    Some(until) => timeout_at(until, frame).await,
                    None => Ok(frame.await),
                };
                now = Instant::now();
                frame
            }
        };
        if limits.ends.is_some_and(|ends| Instant::now() >= ends) {
            return Err(Failure::Late);
        }
        let data = match frame {
            Ok(Some(frame)) => {
                came = now; // O5
                let frame = frame.map_err(Failure::Broken)?;
                frame.into_data().unwrap_or_default() // trailers say nothing to us
            }
            Ok(None) if wire.is_none_or(|wire| wire.ends_with_length(buffer.len())) => {
                return Ok(());
            }
            Ok(None) => return Err(Failure::Broken("bytes follow the compressed body".into())),
            Err(_) if idle.is_some_and(|idle| now >= idle) => return Err(Failure::Stalled),
            Err(_) => Bytes::new(),
        };
        if let Some(pace) = &mut pace {
            pace.add(data.len(), now)?;
        }
        buffer.push(data, &limits);
        let bound = bound(&limits, wire);
        if buffer.len() > bound {
            return Err(Failure::TooLarge(bound));
        }
    }
}

/// C10: the size that the body may have by now.
fn bound(limits: &Limits, wire: Option<&WireBytes>) -> usize {
    let expanded = wire.map(|wire| wire.so_far().saturating_mul(MOST_EXPANSION).max(SMALL));
    limits.max_body.min(expanded.unwrap_or(usize::MAX))
}

/// O7, O8: the average over each grace period, so that a slow start or a stall that recovers in
/// time does no harm.
#[derive(Debug)]
struct Pace {
    least: MinThroughput,
    began: Instant,
    bytes: u64,
}

impl Pace {
    fn turn(&self) -> Option<Instant> {
        self.began.checked_add(self.least.grace)
    }

    fn add(&mut self, bytes: usize, now: Instant) -> Result<(), Failure> {
        self.bytes += bytes as u64;
        if self.turn().is_none_or(|turn| now < turn) {
            return Ok(());
        }
        let seconds = now.duration_since(self.began).as_secs_f64();
        let least = seconds * f64::from(self.least.bytes_per_second);
        #[expect(clippy::cast_precision_loss, reason = "bytes of one grace period")]
        if (self.bytes as f64) < least {
            return Err(Failure::TooSlow(self.least.grace));
        }
        *self = Self { began: now, bytes: 0, ..*self };
        Ok(())
    }
}

/// What came so far. A single frame is not copied at all; where the length is known the frames go
/// straight into their place, otherwise they are joined at the end.
#[derive(Debug, Default)]
pub(super) enum Buffer {
    #[default]
    Empty,
    One(Bytes),
    Whole(BytesMut),
    Pieces(Vec<Bytes>, usize),
}

impl Buffer {
    fn len(&self) -> usize {
        match self {
            Self::Empty => 0,
            Self::One(frame) => frame.len(),
            Self::Whole(whole) => whole.len(),
            Self::Pieces(_, bytes) => *bytes,
        }
    }

    /// D11: as long as announced. Hyper sees to it, other wires may not.
    pub(super) fn complete(&self, limits: &Limits) -> Result<(), Failure> {
        match limits.length {
            Some(length) if length != self.len() => {
                let text = format!("{} of {length} bytes came", self.len());
                Err(Failure::Broken(text.into()))
            }
            _ => Ok(()),
        }
    }

    fn push(&mut self, data: Bytes, limits: &Limits) {
        if data.is_empty() {
            return;
        }
        let together = self.len() + data.len();
        *self = match std::mem::replace(self, Self::Empty) {
            Self::Empty => Self::One(data),
            Self::One(first) => match limits.length {
                Some(length) => {
                    let mut whole = BytesMut::with_capacity(length.max(together));
                    whole.extend_from_slice(&first);
                    whole.extend_from_slice(&data);
                    Self::Whole(whole)
                }
                None => Self::Pieces(vec![first, data], together),
            },
            Self::Whole(mut whole) => {
                whole.extend_from_slice(&data);
                Self::Whole(whole)
            }
            Self::Pieces(mut pieces, _) => {
                pieces.push(data);
                Self::Pieces(pieces, together)
            }
        };
    }

    /// The body in one piece.
    pub(super) fn finish(self) -> Bytes {
        match self {
            Self::Empty => Bytes::new(),
            Self::One(frame) => frame,
            Self::Whole(whole) => whole.freeze(),
            Self::Pieces(pieces, bytes) => {
                let mut whole = BytesMut::with_capacity(bytes);
                for piece in pieces {
                    whole.extend_from_slice(&piece);
                }
                whole.freeze()
            }
        }
    }
}
