//! Retry: when an operation is sent again, and after how long.

mod after;
mod backoff;
mod budget;
mod config;
mod policy;
mod rule;

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use http::Extensions;
use http::header::HeaderValue;
use pin_project_lite::pin_project;
use tower::{Layer, Service, ServiceExt};
use tracing::debug;

pub(crate) use self::after::server_wait;
pub use self::backoff::Backoff;
pub use self::config::RetryConfig;
pub(crate) use self::policy::Policy;
use self::policy::{Decision, Used, is_past};
use crate::answer::{Answer, Attempt};
use crate::clock::Clock;
use crate::disposition::Disposition;
use crate::error::{Error, Tried};
use crate::guid::guid_value;
use crate::lane::ClosedLane;
use crate::observe::Printable;
use crate::onward::Onward;
use crate::options::{Probe, ProbeFirst};
use crate::trail::{Journal, Trail};

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

    /// What the layers tell each other of it.
    fn trail(&self) -> &Trail;

    /// The same, to be added to.
    fn trail_mut(&mut self) -> &mut Trail;
}

/// Makes [`Retry`]; clones share one budget.
#[derive(Clone, Debug)]
pub struct RetryLayer(Policy);

impl RetryLayer {
    pub(crate) fn new(config: RetryConfig, clock: Arc<dyn Clock>) -> Self {
        Self(Policy::new(config, clock))
    }

    /// The same layer with other settings; the budget is still the one that was.
    pub(crate) fn with(&self, config: RetryConfig) -> Self {
        Self(self.0.with(config))
    }

    pub(crate) fn policy(&self) -> &Policy {
        &self.0
    }
}

impl<S: Clone> Layer<S> for RetryLayer {
    type Service = Retry<S>;

    fn layer(&self, inner: S) -> Retry<S> {
        let shared = Arc::new((self.0.clone(), inner.clone()));
        Retry { inner, shared }
    }
}

/// Repeats an operation as [`RetryConfig`] says; sits outside the lane and the authorizer, so that
/// a repeat spends a permit, carries a live token and has a span of its own.
#[derive(Clone, Debug)]
pub struct Retry<S> {
    inner: S,
    /// For repeats: only they clone the service.
    shared: Arc<(Policy, S)>,
}

impl<S, R> Service<R> for Retry<S>
where
    S: Service<R, Response = Answer, Error = Error> + Clone + Send + Sync + 'static,
    S::Future: Send,
    R: Repeatable + Send + Sync + 'static,
{
    type Response = Answer;
    type Error = Error;
    type Future = Retrying<S, R, S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: R) -> Self::Future {
        let journal = request.trail_mut().journal();
        let shared = Arc::clone(&self.shared);
        let (used, id) = (Used::default(), HeaderValue::from_static(""));
        let mut operation = Repeating { shared, request, journal, used, token_replaced: false, id };
        let answer = Onward::straight(self.inner.call(operation.attempt()));
        Retrying { answer, operation: Some(operation) }
    }
}

pin_project! {
    /// An operation under way. The first attempt, which is nearly always the only one, needs no
    /// memory of its own; what follows after it does.
    pub struct Retrying<S, R, F> {
        #[pin]
        answer: Onward<F>,
        // What decides when the first answer has come; nothing once it has.
        operation: Option<Repeating<S, R>>,
    }
}

impl<S, R, F> Future for Retrying<S, R, F>
where
    S: Service<R, Response = Answer, Error = Error> + Clone + Send + Sync + 'static,
    S::Future: Send,
    R: Repeatable + Send + Sync + 'static,
    F: Future<Output = Result<Answer, Error>>,
{
    type Output = Result<Answer, Error>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        let result = ready!(this.answer.as_mut().poll(cx));
        let Some(mut operation) = this.operation.take() else { return Poll::Ready(result) };
        match operation.judge(result) {
            Verdict::Over(result) => Poll::Ready(result),
            Verdict::Again(pause) => {
                this.answer.set(Onward::around(operation.go_on(pause)));
                this.answer.poll(cx)
            }
        }
    }
}

/// An operation between its attempts.
struct Repeating<S, R> {
    shared: Arc<(Policy, S)>,
    request: R,
    journal: Journal,
    used: Used,
    token_replaced: bool,
    /// Our id of the attempt under way.
    id: HeaderValue,
}

/// What follows an attempt.
enum Verdict {
    Over(Result<Answer, Error>),
    Again(Pause),
}

/// The time until the next attempt.
struct Pause {
    result: Result<Answer, Error>,
    wait: Duration,
    probe: bool,
}

impl<S, R: Repeatable> Repeating<S, R> {
    /// The next attempt, from the original each time: no layer's change of one attempt reaches the
    /// next (R36).
    fn attempt(&mut self) -> R {
        let mut once = self.request.clone();
        let earlier = self.used.attempts + u32::from(self.token_replaced);
        self.id = client_request_id(&once, earlier);
        once.trail_mut().resend = earlier;
        once.set_client_request_id(self.id.clone());
        once
    }

    fn judge(&mut self, result: Result<Answer, Error>) -> Verdict {
        let mut record = record_of(&result, &self.id);
        if !self.token_replaced && result.as_ref().is_ok_and(|answer| answer.token_replaced) {
            self.token_replaced = true; // not a retry: the request was never looked at
            self.journal.push(record);
            return Verdict::Again(Pause { result, wait: Duration::ZERO, probe: false });
        }
        self.used.attempts += 1;
        let decision = self.shared.0.decide(&self.request, &result, &mut self.used);
        let (wait, probe) = match decision {
            Decision::End => {
                return Verdict::Over(finish(result, self.journal.tried_with(record)));
            }
            Decision::Repeat { wait, probe } if !is_past(self.journal.deadline(), wait) => {
                (wait, probe)
            }
            Decision::Repeat { wait, .. } | Decision::TooLong { wait } => {
                let tried = self.journal.tried_with(record);
                return Verdict::Over(out_of_time(result, wait, tried));
            }
        };
        record.wait = wait;
        debug!(
            attempt = self.used.attempts,
            reason = %Printable(&record.reason),
            delay_ms = u64::try_from(wait.as_millis()).unwrap_or(u64::MAX),
            "repeats"
        );
        self.journal.push(record);
        Verdict::Again(Pause { result, wait, probe })
    }

    /// Every attempt but the first.
    async fn go_on(mut self, mut pause: Pause) -> Result<Answer, Error>
    where
        S: Service<R, Response = Answer, Error = Error> + Clone,
    {
        let mut inner = self.shared.1.clone();
        loop {
            if !pause.wait.is_zero() {
                tokio::time::sleep(pause.wait).await;
            }
            if pause.probe
                && let Some(landed) = look(&self.request).await
            {
                return finish(landed.unwrap_or(pause.result), self.journal.tried());
            }
            let ready = inner.ready().await?;
            let answer = ready.call(self.attempt());
            match self.judge(answer.await) {
                Verdict::Over(result) => return result,
                Verdict::Again(next) => pause = next,
            }
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
    tried: Tried,
) -> Result<Answer, Error> {
    match result {
        Ok(answer) if answer.disposition() == Disposition::Throttled => {
            let closed = Box::new(ClosedLane::of_answer(&answer, wait));
            Err(Error::Throttled { wait, closed, tried: Box::new(tried) })
        }
        other => finish(other, tried),
    }
}

fn finish(result: Result<Answer, Error>, tried: Tried) -> Result<Answer, Error> {
    match result {
        Ok(mut answer) => {
            answer.tried = tried;
            Ok(answer)
        }
        Err(error) => Err(error.with_record(tried)),
    }
}

fn client_request_id<R: Repeatable>(request: &R, earlier: u32) -> HeaderValue {
    let own = if earlier == 0 { request.correlation_id() } else { None };
    own.unwrap_or_else(|| guid_value(fastrand::u128(..)))
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
