//! Retry: when an operation is sent again, and after how long.

mod after;
mod backoff;
mod budget;
mod config;
mod policy;

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
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
use crate::deadline::Deadline;
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

/// The attempts so far, shared with the deadline so that its error can tell them too.
#[derive(Clone, Debug, Default)]
pub(crate) struct Journal(Arc<Mutex<Tried>>);

impl Journal {
    /// Hands the attempts over, with the time since `began`.
    pub(crate) fn tried(&self, began: Instant) -> Tried {
        let mut tried =
            std::mem::take(&mut *self.0.lock().expect("no panic while the lock is held"));
        tried.elapsed = began.elapsed();
        tried
    }

    /// Says what is tried.
    pub(crate) fn name(&self, operation: Description) {
        self.0.lock().expect("no panic while the lock is held").operation = Some(operation);
    }

    fn push(&self, attempt: Attempt) {
        self.0.lock().expect("no panic while the lock is held").attempts.push(attempt);
    }

    /// The attempts so far; they stay.
    pub(crate) fn attempts(&self) -> Vec<Attempt> {
        self.0.lock().expect("no panic while the lock is held").attempts.clone()
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
    let began = Instant::now();
    let journal = request.extensions().get::<Journal>().cloned().unwrap_or_default();
    let deadline = request.extensions().get::<Deadline>().and_then(|deadline| deadline.at);
    let mut used = Used::default();
    let mut token_replaced = false;
    loop {
        // From the original each time: no layer's change of one attempt reaches the next (R36).
        let mut once = request.clone();
        let earlier = used.attempts + u32::from(token_replaced);
        let id = client_request_id(&request, earlier);
        once.set_client_request_id(id.clone());
        once.extensions_mut().insert(Resend(earlier));
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
                return finish(result, &journal, began);
            }
            Decision::Repeat { wait, probe } if !is_past(deadline, wait) => (wait, probe),
            Decision::Repeat { wait, .. } | Decision::TooLong { wait } => {
                journal.push(record);
                return out_of_time(result, wait, &journal, began);
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
            return finish(landed.unwrap_or(result), &journal, began);
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
    began: Instant,
) -> Result<Answer, Error> {
    match result {
        Ok(answer) if answer.disposition() == Disposition::Throttled => {
            let closed = Box::new(ClosedLane::of_answer(&answer, wait));
            Err(Error::Throttled { wait, closed, tried: Box::new(journal.tried(began)) })
        }
        other => finish(other, journal, began),
    }
}

fn finish(
    result: Result<Answer, Error>,
    journal: &Journal,
    began: Instant,
) -> Result<Answer, Error> {
    let tried = journal.tried(began);
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
            let code = answer.error().map(|error| error.code).unwrap_or_default();
            let reason = format!("{} {code}", answer.status.as_u16()).trim_end().to_owned();
            (Some(answer.status), reason, answer.request_id().map(str::to_owned))
        }
        Err(error) => (None, error.kind().to_owned(), None),
    };
    Attempt { status, reason, client_request_id, request_id, wait: Duration::ZERO }
}

#[cfg(test)]
mod tests;
