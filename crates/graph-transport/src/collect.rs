//! The end of an attempt: its head and body within their times and bounds, and its connection's fate.

mod assemble;
mod counted;
mod line;

use std::fmt;
use std::future::Future;
use std::pin::{Pin, pin};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::header::{CONTENT_ENCODING, CONTENT_LENGTH};
use http::uri::Authority;
use http::{HeaderMap, Method, Request, Response, response};
use http_body::Body as HttpBody;
use tokio::time::{Instant, timeout_at};
use tower::{Layer, Service};

use self::assemble::{Buffer, Failure, Limits, assemble};
pub(crate) use self::counted::CountLayer;
use self::counted::WireBytes;
use self::line::Line;
use crate::body::Body;
use crate::error::{BoxError, Error, TimeoutPhase};
use crate::timeouts::Timeouts;
use crate::trail::Trail;
use crate::wire::{ConnectTimeout, Opened, WriteTimeout, distrust, is_not_sent};

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
        Collect { inner, settings: *self }
    }
}

/// Reads each answer to its end, and says in which phase a failure happened.
#[derive(Clone, Debug)]
pub struct Collect<S> {
    inner: S,
    settings: CollectLayer,
}

impl<S, B> Service<Request<Body>> for Collect<S>
where
    S: Service<Request<Body>, Response = Response<B>>,
    S::Error: Into<BoxError>,
    S::Future: Send + 'static,
    B: HttpBody<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    type Response = Response<Bytes>;
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Bytes>, Error>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        self.inner.poll_ready(cx).map_err(|error| no_answer(String::new(), error.into()))
    }

    fn call(&mut self, mut request: Request<Body>) -> Self::Future {
        let authority = request.uri().authority().cloned();
        let line = Line::of(&mut request);
        let deadline = Trail::deadline_of(request.extensions());
        let has_body = request.method() != Method::HEAD;
        let answer = self.inner.call(request);
        let CollectLayer { timeouts, max_body } = self.settings;
        Box::pin(async move {
            let began = Instant::now();
            let ends = timeouts.attempt.and_then(|limit| began.checked_add(limit));
            let head = head(answer, &line, &timeouts, Span { began, ends, deadline }).await?;
            let (parts, body) = head
                .map_err(|error| no_answer(host(authority.as_ref()), error.into()))?
                .into_parts();
            let came = Instant::now();
            let opened = parts.extensions.get::<Opened>();
            line.keep_or_retire(parts.status, came, opened, timeouts.connection_age);
            if let Some(encoding) = unknown_encoding(&parts.headers) {
                return Err(Error::Encoding { host: host(authority.as_ref()), encoding });
            }
            let limits = Limits { deadline, ..limits(&timeouts, max_body, came, ends, &parts) };
            let wire = parts.extensions.get::<WireBytes>();
            let mut buffer = Buffer::default();
            let whole = assemble(body, limits, came, wire, &mut buffer).await;
            let whole =
                whole.and_then(|()| if has_body { buffer.complete(&limits) } else { Ok(()) });
            if let Err(failure) = whole {
                line.retire();
                // A refusal stands whatever becomes of its words (D9).
                if parts.status.is_success() {
                    return Err(body_error(failure, host(authority.as_ref()), &timeouts));
                }
            }
            Ok(Response::from_parts(parts, buffer.finish()))
        })
    }
}

/// Host and port, for an error.
fn host(authority: Option<&Authority>) -> String {
    authority.map(ToString::to_string).unwrap_or_default()
}

/// The bounds of an attempt in time.
#[derive(Clone, Copy)]
struct Span {
    began: Instant,
    /// When the attempt must be over.
    ends: Option<Instant>,
    /// When the operation must be over: whoever set that deadline ends it, and no timer of ours has to.
    deadline: Option<Instant>,
}

/// Waits for the head: `read` after the request's last byte, and never past the attempt's end.
async fn head<T>(
    answer: impl Future<Output = T>,
    line: &Line,
    timeouts: &Timeouts,
    Span { began, ends, deadline }: Span,
) -> Result<T, Error> {
    let mut answer = pin!(answer);
    let mut sent = began;
    loop {
        let idle = sent.checked_add(timeouts.read);
        let until = idle.into_iter().chain(ends).min();
        let Some(until) = until.filter(|until| deadline.is_none_or(|it| *until < it)) else {
            return Ok(answer.await);
        };
        if let Ok(head) = timeout_at(until, &mut answer).await {
            return Ok(head);
        }
        // O10, O11: while bytes of the request still go out, the server owes nothing.
        match line.last_write().filter(|at| *at > sent) {
            Some(at) if ends.is_none_or(|ends| Instant::now() < ends) => sent = at,
            _ => break,
        }
    }
    // D13: what hangs is not used again.
    line.retire();
    Err(match (ends, timeouts.attempt) {
        (Some(ends), Some(limit)) if ends <= Instant::now() => {
            timed_out(TimeoutPhase::Attempt, limit)
        }
        _ => timed_out(TimeoutPhase::Read, timeouts.read),
    })
}

/// How much of a refusal's body is read, and for how long (D9): Graph's are a few hundred bytes.
const MOST_REFUSAL: usize = 1 << 20;
const REFUSAL_TIME: Duration = Duration::from_secs(10);

fn limits(
    timeouts: &Timeouts,
    max_body: usize,
    now: Instant,
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
    let ends = ends.into_iter().chain(now.checked_add(REFUSAL_TIME)).min();
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
