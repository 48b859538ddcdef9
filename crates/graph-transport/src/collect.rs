//! The end of an attempt: its head and body within their times and bounds, and its connection's fate.

mod alarm;
mod assemble;
mod counted;
mod line;

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use http::header::{CONTENT_ENCODING, CONTENT_LENGTH};
use http::uri::Authority;
use http::{HeaderMap, Method, Request, Response, response};
use http_body::Body as HttpBody;
use pin_project_lite::pin_project;
use tokio::time::Instant;
use tower::{Layer, Service};

use self::alarm::Alarm;
use self::assemble::{Assembly, Failure, Limits};
pub(crate) use self::counted::CountLayer;
use self::counted::WireBytes;
use self::line::Line;
use crate::body::Body;
use crate::error::{BoxError, Error, TimeoutPhase};
use crate::timeouts::Timeouts;
use crate::wire::{ConnectTimeout, WriteTimeout, distrust, is_not_sent};

/// Makes [`Collect`].
#[derive(Clone, Copy, Debug)]
pub struct CollectLayer {
    pub(crate) timeouts: Timeouts,
    /// The largest body, in bytes after decompression.
    pub(crate) max_body: usize,
}

impl<S> Layer<S> for CollectLayer {
    type Service = Collect<S>;

    fn layer(&self, inner: S) -> Collect<S> {
        Collect { inner, settings: Arc::new(*self) }
    }
}

/// Reads each answer to its end, and says in which phase a failure happened.
#[derive(Clone, Debug)]
pub struct Collect<S> {
    inner: S,
    settings: Arc<CollectLayer>,
}

impl<S, B> Service<Request<Body>> for Collect<S>
where
    S: Service<Request<Body>, Response = Response<B>>,
    S::Error: Into<BoxError>,
    B: HttpBody<Data = Bytes>,
    B::Error: Into<BoxError>,
{
    type Response = Response<Bytes>;
    type Error = Error;
    type Future = Pin<Box<Collecting<S::Future, B>>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        self.inner.poll_ready(cx).map_err(|error| no_answer(String::new(), error.into()))
    }

    fn call(&mut self, mut request: Request<Body>) -> Self::Future {
        let began = Instant::now();
        let ends = self.settings.timeouts.attempt.and_then(|limit| began.checked_add(limit));
        let line = Line::of(&mut request);
        let deadline = line.deadline();
        let attempt = Underway {
            settings: Arc::clone(&self.settings),
            authority: request.uri().authority().cloned(),
            line,
            has_answer_body: request.method() != Method::HEAD,
            began,
            sent: began,
            ends,
            deadline,
        };
        let phase = Phase::Head { answer: self.inner.call(request) };
        // The largest of all futures: in a box of its own it is not moved from layer to layer.
        Box::pin(Collecting { phase, alarm: Alarm::default(), attempt })
    }
}

pin_project! {
    /// An answer on its way: first its head, then its body.
    #[derive(Debug)]
    pub struct Collecting<F, B> {
        #[pin]
        phase: Phase<F, B>,
        #[pin]
        alarm: Alarm,
        attempt: Underway,
    }
}

pin_project! {
    #[derive(Debug)]
    #[project = PhaseProj]
    enum Phase<F, B> {
        Head { #[pin] answer: F },
        Body { #[pin] body: B, parts: Option<response::Parts>, assembly: Assembly },
    }
}

impl<F, B, E> Future for Collecting<F, B>
where
    F: Future<Output = Result<Response<B>, E>>,
    E: Into<BoxError>,
    B: HttpBody<Data = Bytes>,
    B::Error: Into<BoxError>,
{
    type Output = Result<Response<Bytes>, Error>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        loop {
            match this.phase.as_mut().project() {
                PhaseProj::Head { answer } => {
                    let Poll::Ready(head) = answer.poll(cx) else {
                        ready!(this.attempt.poll_patience(this.alarm.as_mut(), cx))?;
                        continue;
                    };
                    let head = head.map_err(|error| this.attempt.no_answer(error.into()))?;
                    let (parts, body) = head.into_parts();
                    let assembly = this.attempt.head_came(&parts)?;
                    this.phase.set(Phase::Body { body, parts: Some(parts), assembly });
                }
                PhaseProj::Body { body, parts, assembly } => {
                    let wire = parts.as_ref().and_then(|it| it.extensions.get::<WireBytes>());
                    let whole = ready!(assembly.poll(body, this.alarm, wire, cx));
                    let parts = parts.take().expect("polled after it was over");
                    return Poll::Ready(this.attempt.body_came(whole, parts, assembly));
                }
            }
        }
    }
}

/// What is known of an attempt while it is under way.
#[derive(Debug)]
struct Underway {
    settings: Arc<CollectLayer>,
    authority: Option<Authority>,
    line: Line,
    has_answer_body: bool,
    began: Instant,
    /// When the last byte of the request was sent, as far as is known.
    sent: Instant,
    /// When the attempt must be over.
    ends: Option<Instant>,
    /// When the operation must be over: whoever set that deadline ends it, and no timer of ours has to.
    deadline: Option<Instant>,
}

impl Underway {
    /// Ready when the head has not come in time: `read` after the request's last byte, and never past
    /// the attempt's end.
    fn poll_patience(
        &mut self,
        mut alarm: Pin<&mut Alarm>,
        cx: &mut Context<'_>,
    ) -> Poll<Result<(), Error>> {
        let timeouts = self.settings.timeouts;
        loop {
            let idle = self.sent.checked_add(timeouts.read);
            let until = idle.into_iter().chain(self.ends).min();
            ready!(alarm.as_mut().poll(until, self.deadline, cx));
            let now = Instant::now();
            let over = self.ends.is_some_and(|ends| now >= ends);
            // O10, O11: while bytes of the request still go out, the server owes nothing.
            match self.line.last_write().filter(|at| *at > self.sent) {
                Some(at) if !over => self.sent = at,
                _ => {
                    // D13: what hangs is not used again.
                    self.line.retire();
                    return Poll::Ready(Err(match timeouts.attempt {
                        Some(limit) if over => timed_out(TimeoutPhase::Attempt, limit),
                        _ => timed_out(TimeoutPhase::Read, timeouts.read),
                    }));
                }
            }
        }
    }

    fn head_came(&self, parts: &response::Parts) -> Result<Assembly, Error> {
        let CollectLayer { timeouts, max_body } = *self.settings;
        self.line.keep_or_retire(parts.status, self.began, timeouts.connection_age);
        if let Some(encoding) = unknown_encoding(&parts.headers) {
            return Err(Error::Encoding { host: self.host(), encoding });
        }
        let limits = limits(&timeouts, max_body, self.ends, parts);
        Ok(Assembly::begin(Limits { deadline: self.deadline, ..limits }))
    }

    fn body_came(
        &self,
        whole: Result<(), Failure>,
        parts: response::Parts,
        assembly: &mut Assembly,
    ) -> Result<Response<Bytes>, Error> {
        let complete = |()| if self.has_answer_body { assembly.complete() } else { Ok(()) };
        if let Err(failure) = whole.and_then(complete) {
            self.line.retire();
            // A refusal stands whatever becomes of its words (D9).
            if parts.status.is_success() {
                return Err(body_error(failure, self.host(), &self.settings.timeouts));
            }
        }
        Ok(Response::from_parts(parts, std::mem::take(&mut assembly.buffer).finish()))
    }

    fn no_answer(&self, error: BoxError) -> Error {
        no_answer(self.host(), error)
    }

    /// Host and port, for an error.
    fn host(&self) -> String {
        self.authority.as_ref().map(ToString::to_string).unwrap_or_default()
    }
}

/// How much of a refusal's body is read, and for how long (D9): Graph's are a few hundred bytes.
const MOST_REFUSAL: usize = 1 << 20;
const REFUSAL_TIME: Duration = Duration::from_secs(10);

fn limits(
    timeouts: &Timeouts,
    max_body: usize,
    ends: Option<Instant>,
    head: &response::Parts,
) -> Limits {
    let limits = Limits {
        read: timeouts.read,
        ends,
        deadline: None,
        throughput: timeouts.min_throughput,
        max_body,
        length: length(&head.headers),
    };
    if head.status.is_success() {
        return limits;
    }
    let ends = ends.into_iter().chain(Instant::now().checked_add(REFUSAL_TIME)).min();
    Limits { ends, max_body: max_body.min(MOST_REFUSAL), ..limits }
}

/// The length of a body that is not compressed: decompression takes the header away.
fn length(headers: &HeaderMap) -> Option<usize> {
    headers.get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

/// C9: an encoding that nothing below has undone.
fn unknown_encoding(headers: &HeaderMap) -> Option<String> {
    let encoding = headers.get(CONTENT_ENCODING)?.to_str().unwrap_or("?").trim();
    let plain = encoding.is_empty() || encoding.eq_ignore_ascii_case("identity");
    (!plain).then(|| encoding.chars().take(40).collect())
}

fn body_error(failure: Failure, host: String, timeouts: &Timeouts) -> Error {
    let tried = Box::default();
    match failure {
        Failure::Stalled => timed_out(TimeoutPhase::Read, timeouts.read),
        Failure::Late => timed_out(TimeoutPhase::Attempt, timeouts.attempt.unwrap_or_default()),
        Failure::TooSlow(grace) => timed_out(TimeoutPhase::Throughput, grace),
        Failure::TooLarge(limit) => Error::TooLarge { host, limit, tried },
        Failure::Broken(source) => Error::BrokenBody { host, tried, source: Innermost::of(source) },
    }
}

fn timed_out(phase: TimeoutPhase, limit: Duration) -> Error {
    Error::Timeout { phase, limit, tried: Box::default() }
}

/// Sorts a failure without an answer by whether anything was sent.
fn no_answer(host: String, source: BoxError) -> Error {
    let tried = Box::default();
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(source.as_ref());
    while let Some(error) = cause {
        if let Some(ConnectTimeout(limit)) = error.downcast_ref() {
            return Error::Timeout { phase: TimeoutPhase::Connect, limit: *limit, tried };
        }
        if let Some(limit) = WriteTimeout::inside(error) {
            return Error::Timeout { phase: TimeoutPhase::Write, limit, tried };
        }
        cause = error.source();
    }
    if let Some(reason) = distrust(source.as_ref()) {
        return Error::Untrusted { host, reason, tried };
    }
    let not_sent = is_not_sent(source.as_ref());
    let source = Innermost::of(source);
    if not_sent {
        Error::Unreachable { host, tried, source }
    } else {
        Error::Lost { host, tried, source }
    }
}

/// A failure of the wire that shows its innermost cause: what hyper wraps around it says where in
/// hyper it was seen, which helps nobody.
#[derive(Debug)]
struct Innermost(BoxError);

impl Innermost {
    fn of(error: BoxError) -> BoxError {
        Box::new(Self(error))
    }
}

impl fmt::Display for Innermost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut innermost: &dyn std::error::Error = self.0.as_ref();
        while let Some(source) = innermost.source() {
            innermost = source;
        }
        fmt::Display::fmt(innermost, f)
    }
}

impl std::error::Error for Innermost {}

#[cfg(test)]
mod tests;
