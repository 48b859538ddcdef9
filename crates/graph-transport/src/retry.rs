//! Retry: when an operation is sent again, and after how long.

mod after;
mod backoff;
mod budget;
mod config;
mod policy;

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard};
use std::task::{Context, Poll};
use std::time::Duration;

use http::Extensions;
use http::header::HeaderValue;
use tokio::time::Instant;
use tower::{Layer, Service, ServiceExt};
use tracing::debug;

pub(crate) use self::after::server_wait;
pub use self::backoff::Backoff;
pub use self::config::RetryConfig;
use self::policy::{Decision, Policy, Used, is_past};
use crate::answer::{Answer, Attempt};
use crate::clock::Clock;
use crate::disposition::Disposition;
use crate::error::{Error, Tried};
use crate::guid::guid;
use crate::lane::ClosedLane;
use crate::observe::{Description, Printable};
use crate::options::{Probe, ProbeFirst};
use crate::request::Resend;

/// What retry must know about a request, whatever it is for.
pub trait Repeatable: Clone {
    /// Settings and context of the request.
    fn extensions(&self) -> &Extensions;

    /// The same, to be changed.
    fn extensions_mut(&mut self) -> &mut Extensions;

    /// Whether it may go out again although an earlier attempt may have arrived.
    fn is_idempotent(&self) -> bool;

    /// Sets the id that the server sees for one attempt.
    fn set_client_request_id(&mut self, id: HeaderValue);

    /// The caller's own id, for the first attempt.
    fn correlation_id(&self) -> Option<HeaderValue>;
}

/// What the layers of an operation share: when it must be over, and the attempts so far, so that
/// whoever ends it can tell them.
#[derive(Clone, Debug)]
pub(crate) struct Journal(Arc<Kept>);

#[derive(Debug)]
struct Kept {
    began: Instant,
    deadline: Option<Instant>,
    tried: Mutex<Tried>,
}

impl Journal {
    /// Of an operation that begins.
    pub(crate) fn begin(began: Instant, deadline: Option<Instant>) -> Self {
        Self(Arc::new(Kept { began, deadline, tried: Mutex::default() }))
    }

    /// Of the operation that a request belongs to; it begins now where there is no deadline layer.
    pub(crate) fn of(extensions: &Extensions) -> Self {
        extensions.get::<Self>().cloned().unwrap_or_else(|| Self::begin(Instant::now(), None))
    }

    /// How long ago the operation began.
    pub(crate) fn elapsed(&self) -> Duration {
        self.0.began.elapsed()
    }

    /// When the operation that a request belongs to must be over.
    pub(crate) fn deadline(extensions: &Extensions) -> Option<Instant> {
        extensions.get::<Self>()?.0.deadline
    }

    fn open(&self) -> MutexGuard<'_, Tried> {
        self.0.tried.lock().expect("no panic while the lock is held")
    }

    /// Hands the attempts over, with the time since it began.
    pub(crate) fn tried(&self) -> Tried {
        let mut tried = std::mem::take(&mut *self.open());
        tried.elapsed = self.elapsed();
        tried
    }

    /// Says what is tried.
    pub(crate) fn name(&self, operation: Description) {
        self.open().operation = Some(operation);
    }

    fn push(&self, attempt: Attempt) {
        self.open().attempts.push(attempt);
    }

    /// The attempts so far; they stay.
    pub(crate) fn attempts(&self) -> Vec<Attempt> {
        self.open().attempts.clone()
    }
}

/// Makes [`Retry`]; clones share one budget.
#[derive(Clone, Debug)]
pub struct RetryLayer(Policy);

impl RetryLayer {
    pub(crate) fn new(config: RetryConfig, clock: Arc<dyn Clock>) -> Self {
        Self(Policy::new(config, clock))
    }
}

impl<S> Layer<S> for RetryLayer {
    type Service = Retry<S>;

    fn layer(&self, inner: S) -> Retry<S> {
        Retry { inner, policy: self.0.clone() }
    }
}

/// Repeats an operation as [`RetryConfig`] says; sits outside the lane and the authorizer, so that
/// a repeat spends a permit, carries a live token and has a span of its own.
#[derive(Clone, Debug)]
pub struct Retry<S> {
    inner: S,
    policy: Policy,
}

impl<S, R> Service<R> for Retry<S>
where
    S: Service<R, Response = Answer, Error = Error> + Clone + Send + 'static,
    S::Future: Send,
    R: Repeatable + Send + Sync + 'static,
{
    type Response = Answer;
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<Answer, Error>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Error>> {
        Poll::Ready(Ok(())) // each attempt asks the inner service anew
    }

    fn call(&mut self, request: R) -> Self::Future {
        Box::pin(run(self.inner.clone(), self.policy.clone(), request))
    }
}

async fn run<S, R>(mut inner: S, policy: Policy, request: R) -> Result<Answer, Error>
where
    S: Service<R, Response = Answer, Error = Error>,
    R: Repeatable,
{
    let journal = Journal::of(request.extensions());
    let deadline = journal.0.deadline;
    let mut used = Used::default();
    let mut token_replaced = false;
    loop {
        // From the original each time: no layer's change of one attempt reaches the next (R36).
        let mut once = request.clone();
        let earlier = used.attempts + u32::from(token_replaced);
        let id = client_request_id(&request, earlier);
        once.set_client_request_id(id.clone());
        if earlier > 0 {
            once.extensions_mut().insert(Resend(earlier));
        }
        let result = inner.ready().await?.call(once).await;
        let mut record = record_of(&result, &id);
        if !token_replaced && result.as_ref().is_ok_and(|answer| answer.token_replaced) {
            token_replaced = true; // not a retry: the request was never looked at
            journal.push(record);
            continue;
        }
        used.attempts += 1;
        let (wait, probe) = match policy.decide(&request, &result, &mut used) {
            Decision::End => {
                journal.push(record);
                return finish(result, &journal);
            }
            Decision::Repeat { wait, probe } if !is_past(deadline, wait) => (wait, probe),
            Decision::Repeat { wait, .. } | Decision::TooLong { wait } => {
                journal.push(record);
                return out_of_time(result, wait, &journal);
            }
        };
        record.wait = wait;
        debug!(
            attempt = used.attempts,
            reason = %Printable(&record.reason),
            delay_ms = u64::try_from(wait.as_millis()).unwrap_or(u64::MAX),
            "repeats"
        );
        journal.push(record);
        if !wait.is_zero() {
            tokio::time::sleep(wait).await;
        }
        if probe && let Some(landed) = look(&request).await {
            return finish(landed.unwrap_or(result), &journal);
        }
    }
}

/// R31: what ends the operation before a create is sent again: the object that the lost attempt made,
/// or `None` inside for a look that failed, so that nobody knows.
async fn look<R: Repeatable>(request: &R) -> Option<Option<Result<Answer, Error>>> {
    let probe = request.extensions().get::<ProbeFirst>()?;
    match probe.look().await {
        Ok(Probe::Absent) => None,
        Ok(Probe::Landed(answer)) => Some(Some(Ok(*answer))),
        Err(error) => {
            debug!(error.type = error.kind(), "could not find out whether the create landed");
            Some(None)
        }
    }
}

/// R28, A16: a wait past the deadline, or past what all waits may come to, is not begun.
fn out_of_time(
    result: Result<Answer, Error>,
    wait: Duration,
    journal: &Journal,
) -> Result<Answer, Error> {
    match result {
        Ok(answer) if answer.disposition() == Disposition::Throttled => {
            let closed = Box::new(ClosedLane::of_answer(&answer, wait));
            Err(Error::Throttled { wait, closed, tried: Box::new(journal.tried()) })
        }
        other => finish(other, journal),
    }
}

fn finish(result: Result<Answer, Error>, journal: &Journal) -> Result<Answer, Error> {
    let tried = journal.tried();
    match result {
        Ok(mut answer) => {
            answer.tried = tried;
            Ok(answer)
        }
        Err(error) => Err(error.with_record(tried)),
    }
}

fn client_request_id<R: Repeatable>(request: &R, earlier: u32) -> HeaderValue {
    let own = request.correlation_id().filter(|_| earlier == 0);
    own.unwrap_or_else(|| {
        HeaderValue::from_str(&guid(fastrand::u128(..))).expect("a GUID is a valid header value")
    })
}

fn record_of(result: &Result<Answer, Error>, id: &HeaderValue) -> Attempt {
    let client_request_id = id.to_str().unwrap_or_default().to_owned();
    let (status, reason, request_id) = match result {
        Ok(answer) => {
            (Some(answer.status), answer.reason(), answer.request_id().map(str::to_owned))
        }
        Err(error) => (None, error.kind().to_owned(), None),
    };
    Attempt { status, reason, client_request_id, request_id, wait: Duration::ZERO }
}

#[cfg(test)]
mod tests;
