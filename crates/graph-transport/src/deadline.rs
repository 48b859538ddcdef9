//! The limit of a whole operation, outermost: nothing inside may outlive it.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use pin_project_lite::pin_project;
use tokio::time::{Instant, Sleep, sleep_until};
use tower::{Layer, Service};

use crate::answer::Answer;
use crate::error::{Error, TimeoutPhase};
use crate::options::OperationLimit;
use crate::retry::Repeatable;
use crate::trail::Journal;

/// Makes [`WithDeadline`].
#[derive(Clone, Copy, Debug)]
pub struct DeadlineLayer {
    default: Option<Duration>,
}

impl DeadlineLayer {
    pub(crate) fn new(default: Option<Duration>) -> Self {
        Self { default }
    }
}

impl<S> Layer<S> for DeadlineLayer {
    type Service = WithDeadline<S>;

    fn layer(&self, inner: S) -> WithDeadline<S> {
        WithDeadline { inner, default: self.default }
    }
}

/// Ends an operation at its deadline, with the attempts that were made until then.
#[derive(Clone, Debug)]
pub struct WithDeadline<S> {
    inner: S,
    default: Option<Duration>,
}

impl<S, R> Service<R> for WithDeadline<S>
where
    S: Service<R, Response = Answer, Error = Error>,
    R: Repeatable,
{
    type Response = Answer;
    type Error = Error;
    type Future = Limited<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: R) -> Self::Future {
        let limit =
            request.extensions().get::<OperationLimit>().map_or(self.default, |limit| limit.0);
        let began = Instant::now();
        // A limit beyond the clock's range is none.
        let at = limit.and_then(|limit| began.checked_add(limit));
        let journal = Journal::begin(began, at);
        request.trail_mut().journal = Some(journal.clone());
        let answer = Some(self.inner.call(request));
        Limited { answer, timer: None, ends: at.zip(limit), journal }
    }
}

pin_project! {
    /// An operation that ends at its deadline.
    #[derive(Debug)]
    pub struct Limited<F> {
        // Nothing once the time is over.
        #[pin]
        answer: Option<F>,
        // Made when the answer has to wait.
        #[pin]
        timer: Option<Sleep>,
        ends: Option<(Instant, Duration)>,
        journal: Journal,
    }
}

impl<F: Future<Output = Result<Answer, Error>>> Future for Limited<F> {
    type Output = Result<Answer, Error>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        let answer = this.answer.as_mut().as_pin_mut().expect("polled after it was over");
        if let Poll::Ready(result) = answer.poll(cx) {
            return Poll::Ready(result);
        }
        let Some((at, limit)) = *this.ends else { return Poll::Pending };
        if this.timer.is_none() {
            this.timer.set(Some(sleep_until(at)));
        }
        ready!(this.timer.as_pin_mut().expect("set above").poll(cx));
        // Whoever tells of the operation does so when it is dropped, and from the same journal.
        this.answer.set(None);
        let tried = Box::new(this.journal.tried());
        Poll::Ready(Err(Error::Timeout { phase: TimeoutPhase::Operation, limit, tried }))
    }
}
