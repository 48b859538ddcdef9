//! The limit of a whole operation, outermost: nothing inside may outlive it.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::time::{Instant, timeout_at};
use tower::{Layer, Service};

use crate::answer::Answer;
use crate::error::{Error, TimeoutPhase};
use crate::options::OperationLimit;
use crate::retry::{Journal, Repeatable};

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
    S::Future: Send + 'static,
    R: Repeatable,
{
    type Response = Answer;
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<Answer, Error>> + Send>>;

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
        request.extensions_mut().insert(journal.clone());
        let answer = self.inner.call(request);
        Box::pin(async move {
            let (Some(at), Some(limit)) = (at, limit) else { return answer.await };
            timeout_at(at, answer).await.unwrap_or_else(|_| {
                Err(Error::Timeout {
                    phase: TimeoutPhase::Operation,
                    limit,
                    tried: Box::new(journal.tried()),
                })
            })
        })
    }
}
