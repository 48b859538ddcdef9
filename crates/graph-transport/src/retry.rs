//! Retry: when an operation is sent again, and after how long.

mod after;
mod backoff;
mod budget;

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::Duration;

use http::header::{HeaderName, HeaderValue};
use http::{Extensions, StatusCode};
use tokio::time::Instant;
use tower::{Layer, Service, ServiceExt};
use tracing::debug;

pub(crate) use self::after::server_wait;
pub use self::backoff::Backoff;
use self::budget::Budget;
use crate::answer::{Answer, Attempt};
use crate::clock::Clock;
use crate::deadline::Deadline;
use crate::disposition::Disposition;
use crate::error::{Error, TimeoutPhase, Tried};
use crate::guid::guid;
use crate::observe::{Description, Printable};
use crate::request::{MaxAttempts, Resend};

/// When to repeat; the defaults are those of the connector guide (seed 001).
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct RetryConfig {
    /// Attempts in all, the first included. Default 4.
    pub max_attempts: u32,
    /// The wait where the server asks for none.
    pub backoff: Backoff,
    /// Up to this much is added to each wait at random. Default 0.1 s.
    pub jitter: Duration,
    /// Statuses that may be repeated; an empty list means the default 408, 429, 500, 502, 503, 504.
    pub statuses: Vec<u16>,
    /// Headers in which a server asks for a wait, most precise first; names ending in `-ms` hold milliseconds.
    pub retry_after_headers: Vec<HeaderName>,
}

const DEFAULT_STATUSES: [u16; 6] = [408, 429, 500, 502, 503, 504];

impl Default for RetryConfig {
    fn default() -> Self {
        Self {
            max_attempts: 4,
            backoff: Backoff::default(),
            jitter: Duration::from_millis(100),
            statuses: DEFAULT_STATUSES.to_vec(),
            retry_after_headers: ["x-ms-retry-after-ms", "retry-after-ms", "retry-after"]
                .map(HeaderName::from_static)
                .to_vec(),
        }
    }
}

impl RetryConfig {
    /// Whether answers of this status may be repeated.
    pub(crate) fn repeats(&self, status: StatusCode) -> bool {
        match self.statuses.as_slice() {
            [] => DEFAULT_STATUSES.contains(&status.as_u16()),
            statuses => statuses.contains(&status.as_u16()),
        }
    }

    /// The name of a field out of its range.
    pub(crate) fn invalid_field(&self) -> Option<&'static str> {
        match () {
            () if self.max_attempts == 0 => Some("retry.max_attempts"),
            () if self.statuses.iter().any(|status| !(400..600).contains(status)) => {
                Some("retry.retry_on_status")
            }
            () => self.backoff.invalid_field(),
        }
    }
}

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
pub struct RetryLayer {
    config: Arc<RetryConfig>,
    budget: Arc<Budget>,
    clock: Arc<dyn Clock>,
}

impl RetryLayer {
    pub(crate) fn new(config: RetryConfig, clock: Arc<dyn Clock>) -> Self {
        Self { config: Arc::new(config), budget: Arc::default(), clock }
    }
}

impl<S> Layer<S> for RetryLayer {
    type Service = Retry<S>;

    fn layer(&self, inner: S) -> Retry<S> {
        Retry { inner, policy: self.clone() }
    }
}

/// Repeats an operation as [`RetryConfig`] says; sits outside the lane and the authorizer, so that
/// a repeat spends a permit, carries a live token and has a span of its own.
#[derive(Clone, Debug)]
pub struct Retry<S> {
    inner: S,
    policy: RetryLayer,
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

async fn run<S, R>(mut inner: S, policy: RetryLayer, request: R) -> Result<Answer, Error>
where
    S: Service<R, Response = Answer, Error = Error>,
    R: Repeatable,
{
    let began = Instant::now();
    let journal = request.extensions().get::<Journal>().cloned().unwrap_or_default();
    let mut attempt = 0;
    let mut token_replaced = false;
    loop {
        let mut once = request.clone();
        let earlier = attempt + u32::from(token_replaced);
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
        attempt += 1;
        let Some(wait) = policy.decide(&request, &result, attempt) else {
            journal.push(record);
            return finish(result, &journal, began);
        };
        record.wait = wait;
        debug!(
            attempt,
            reason = %Printable(&record.reason),
            delay_ms = u64::try_from(wait.as_millis()).unwrap_or(u64::MAX),
            "repeats"
        );
        journal.push(record);
        let deadline = request.extensions().get::<Deadline>().and_then(|deadline| deadline.at);
        let past = |deadline| Instant::now().checked_add(wait).is_none_or(|at| at > deadline);
        if deadline.is_some_and(past) {
            return out_of_time(result, wait, &journal, began);
        }
        if !wait.is_zero() {
            tokio::time::sleep(wait).await;
        }
    }
}

/// R28: a wait past the deadline is not begun.
fn out_of_time(
    result: Result<Answer, Error>,
    wait: Duration,
    journal: &Journal,
    began: Instant,
) -> Result<Answer, Error> {
    match result {
        Ok(answer) if answer.disposition() == Disposition::Throttled => {
            Err(Error::Throttled { wait, tried: Box::new(journal.tried(began)) })
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

impl RetryLayer {
    /// How long to wait before the next attempt; `None` ends the operation with `result`.
    fn decide<R: Repeatable>(
        &self,
        request: &R,
        result: &Result<Answer, Error>,
        attempt: u32,
    ) -> Option<Duration> {
        let (asked, cost) = match result {
            Ok(answer) if answer.status.is_success() => {
                self.budget.refund();
                return None;
            }
            Ok(answer) => (self.after_answer(request, answer)?, Budget::THROTTLED),
            Err(error) => (after_failure(request, error)?, Budget::FAILED),
        };
        let max_attempts =
            request.extensions().get::<MaxAttempts>().map_or(self.config.max_attempts, |max| max.0);
        if attempt >= max_attempts {
            return None;
        }
        // The gate of the lane already prevents a storm where the server names a time.
        if asked.is_none_or(|wait| wait.is_zero()) && !self.budget.spend(cost) {
            return None;
        }
        Some(match asked {
            Some(Duration::ZERO) => Duration::ZERO,
            // Never shorter than asked (A14), and never sooner than our own back-off (A19).
            asked => {
                let wait = asked.unwrap_or_default().max(self.config.backoff.wait(attempt));
                wait.saturating_add(self.jitter())
            }
        })
    }

    /// The server's own wait, `Some(None)` where it names none, `None` where the answer is final.
    #[expect(
        clippy::option_option,
        reason = "whether to repeat, and what the server asks for, are two questions"
    )]
    fn after_answer<R: Repeatable>(
        &self,
        request: &R,
        answer: &Answer,
    ) -> Option<Option<Duration>> {
        let error = answer.error()?;
        let listed = self.config.repeats(answer.status);
        let harmless = Disposition::was_not_carried_out(&error) || request.is_idempotent();
        (Disposition::is_concurrency_violation(&error) || (listed && harmless)).then(|| {
            server_wait(&answer.headers, &self.config.retry_after_headers, self.clock.now())
        })
    }

    fn jitter(&self) -> Duration {
        self.config.jitter.mul_f64(fastrand::f64())
    }
}

/// What a failure without an answer allows, by the phase that it happened in.
#[expect(clippy::option_option, reason = "the same shape as for answers")]
fn after_failure<R: Repeatable>(request: &R, error: &Error) -> Option<Option<Duration>> {
    let repeat = match error {
        Error::Unreachable { .. } | Error::Timeout { phase: TimeoutPhase::Connect, .. } => true,
        Error::Lost { .. } | Error::BrokenBody { .. } => request.is_idempotent(),
        Error::Timeout { phase, .. } if phase.ends_attempt() => request.is_idempotent(),
        _ => false,
    };
    repeat.then_some(None)
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
