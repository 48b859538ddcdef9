//! A body from its frames: one buffer, each byte copied at most once, within time and size.

use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http_body::Body;
use tokio::time::Instant;

use super::alarm::Alarm;
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

/// A body on its way into one buffer.
#[derive(Debug)]
pub(super) struct Assembly {
    limits: Limits,
    pace: Option<Pace>,
    /// When the last frame came, as far as anybody looked at the clock: nobody does who need not wait.
    came: Option<Instant>,
    /// What came so far, also before a failure.
    pub(super) buffer: Buffer,
}

impl Assembly {
    pub(super) fn begin(limits: Limits) -> Self {
        let pace = limits.throughput.map(|least| Pace { least, began: None, bytes: 0 });
        Self { limits, pace, came: None, buffer: Buffer::Empty }
    }

    /// Takes what is there, to the end of the body or to its failure.
    pub(super) fn poll<B>(
        &mut self,
        mut body: Pin<&mut B>,
        mut alarm: Pin<&mut Alarm>,
        wire: Option<&WireBytes>,
        cx: &mut Context<'_>,
    ) -> Poll<Result<(), Failure>>
    where
        B: Body<Data = Bytes>,
        B::Error: Into<BoxError>,
    {
        if self.limits.length.is_some_and(|length| length > self.limits.max_body) {
            return Poll::Ready(Err(Failure::TooLarge(self.limits.max_body)));
        }
        loop {
            // What is here already costs neither a timer nor a look at the clock.
            let Poll::Ready(frame) = body.as_mut().poll_frame(cx) else {
                ready!(alarm.as_mut().poll(self.until(), self.limits.deadline, cx));
                self.woken(Instant::now())?;
                continue;
            };
            if self.limits.ends.is_some_and(|ends| Instant::now() >= ends) {
                return Poll::Ready(Err(Failure::Late));
            }
            let Some(frame) = frame else { return Poll::Ready(self.ended(wire)) };
            let frame = frame.map_err(|error| Failure::Broken(error.into()))?;
            // Trailers say nothing to us.
            self.take(frame.into_data().unwrap_or_default(), alarm.is_armed())?;
            let bound = bound(&self.limits, wire);
            if self.buffer.len() > bound {
                return Poll::Ready(Err(Failure::TooLarge(bound)));
            }
        }
    }

    /// The next moment at which something must have happened.
    fn until(&mut self) -> Option<Instant> {
        let came = *self.came.get_or_insert_with(Instant::now);
        let idle = came.checked_add(self.limits.read);
        let turn = self.pace.as_mut().and_then(|pace| pace.turn(came));
        idle.into_iter().chain(turn).chain(self.limits.ends).min()
    }

    /// It has come, and no frame with it.
    fn woken(&mut self, now: Instant) -> Result<(), Failure> {
        if self.limits.ends.is_some_and(|ends| now >= ends) {
            return Err(Failure::Late);
        }
        let idle = self.came.and_then(|came| came.checked_add(self.limits.read));
        if idle.is_some_and(|idle| now >= idle) {
            return Err(Failure::Stalled);
        }
        self.pace.as_mut().map_or(Ok(()), |pace| pace.add(0, Some(now)))
    }

    fn take(&mut self, data: Bytes, waited: bool) -> Result<(), Failure> {
        if waited {
            self.came = Some(Instant::now()); // O5
        }
        if let Some(pace) = &mut self.pace {
            pace.add(data.len(), self.came)?;
        }
        self.buffer.push(data, &self.limits);
        Ok(())
    }

    fn ended(&self, wire: Option<&WireBytes>) -> Result<(), Failure> {
        if wire.is_none_or(|wire| wire.ends_with_length(self.buffer.len())) {
            return Ok(());
        }
        Err(Failure::Broken("bytes follow the compressed body".into()))
    }

    /// D11: as long as announced. Hyper sees to it, other wires may not.
    pub(super) fn complete(&self) -> Result<(), Failure> {
        match self.limits.length {
            Some(length) if length != self.buffer.len() => {
                let text = format!("{} of {length} bytes came", self.buffer.len());
                Err(Failure::Broken(text.into()))
            }
            _ => Ok(()),
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
    /// When this period began; the first one with the first wait.
    began: Option<Instant>,
    bytes: u64,
}

impl Pace {
    fn turn(&mut self, now: Instant) -> Option<Instant> {
        self.began.get_or_insert(now).checked_add(self.least.grace)
    }

    fn add(&mut self, bytes: usize, now: Option<Instant>) -> Result<(), Failure> {
        self.bytes += bytes as u64;
        let (Some(now), Some(began)) = (now, self.began) else { return Ok(()) };
        let spent = now.saturating_duration_since(began);
        if spent < self.least.grace {
            return Ok(());
        }
        let least = spent.as_secs_f64() * f64::from(self.least.bytes_per_second);
        #[expect(clippy::cast_precision_loss, reason = "bytes of one grace period")]
        if (self.bytes as f64) < least {
            return Err(Failure::TooSlow(self.least.grace));
        }
        *self = Self { began: Some(now), bytes: 0, ..*self };
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
