//! Lanes: one concurrency limit and one throttle gate for everybody who shares a key.

mod limit;

use std::collections::HashMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::Duration;

use http::StatusCode;
use http::header::HeaderName;
use tokio::time::{Instant, sleep_until, timeout};
use tower::{Layer, Service};
use tracing::warn;

pub use self::limit::Concurrency;
use self::limit::{Limit, Permit};
use crate::answer::Answer;
use crate::clock::Clock;
use crate::deadline::Deadline;
use crate::error::{Error, TimeoutPhase};
use crate::observe::Instrument::SemaphoreWait;
use crate::observe::Observe;
use crate::request::GraphRequest;
use crate::retry::server_wait;

/// The lanes of a process. Clients that share one `Lanes` and one `rate_limit_key` share a limit.
#[derive(Clone, Debug, Default)]
pub struct Lanes(Arc<Mutex<HashMap<String, Arc<Lane>>>>);

impl Lanes {
    pub(crate) fn lane(&self, key: &str, concurrency: Concurrency) -> Arc<Lane> {
        let mut lanes = self.0.lock().expect("no panic while the lock is held");
        Arc::clone(lanes.entry(key.to_owned()).or_insert_with(|| Arc::new(Lane::new(concurrency))))
    }
}

/// How long the gate stays closed after a 429 that names no time.
const UNNAMED_WAIT: Duration = Duration::from_secs(1);

/// Waits from here on are told to people, who would take them for a hang.
const LONG_WAIT: Duration = Duration::from_secs(5);

/// One rate-limit budget.
#[derive(Debug)]
pub(crate) struct Lane {
    limit: Limit,
    closed_until: Mutex<Option<Instant>>,
}

impl Lane {
    fn new(concurrency: Concurrency) -> Self {
        Self { limit: Limit::new(concurrency), closed_until: Mutex::new(None) }
    }

    /// Waits for the gate and for a place; T1: nothing is sent while the gate is closed.
    async fn enter(
        &self,
        deadline: Option<Instant>,
        pool: Option<Duration>,
    ) -> Result<Permit<'_>, Error> {
        loop {
            self.pass_gate(deadline).await?;
            let permit = match pool {
                None => self.limit.acquire().await,
                Some(limit) => {
                    timeout(limit, self.limit.acquire()).await.map_err(|_| pool_timeout(limit))?
                }
            };
            if self.closed().is_none() {
                return Ok(permit);
            }
        }
    }

    async fn pass_gate(&self, deadline: Option<Instant>) -> Result<(), Error> {
        while let Some(until) = self.closed() {
            if deadline.is_some_and(|deadline| until > deadline) {
                let wait = until - Instant::now();
                return Err(Error::Throttled { wait, tried: Box::default() });
            }
            sleep_until(until).await;
        }
        Ok(())
    }

    fn closed(&self) -> Option<Instant> {
        let until = *self.closed_until.lock().expect("no panic while the lock is held");
        until.filter(|until| *until > Instant::now())
    }

    /// Closes the gate for everybody; the latest time wins (T3).
    pub(crate) fn throttled(&self, wait: Option<Duration>) {
        let until = Instant::now().checked_add(wait.unwrap_or(UNNAMED_WAIT));
        let mut closed_until = self.closed_until.lock().expect("no panic while the lock is held");
        *closed_until = (*closed_until).max(until);
        drop(closed_until);
        if let Some(wait) = wait.filter(|wait| *wait >= LONG_WAIT) {
            warn!("Graph asks to wait {} s; every request of this lane waits", wait.as_secs());
        }
        self.limit.shrink();
    }
}

fn pool_timeout(limit: Duration) -> Error {
    Error::Timeout { phase: TimeoutPhase::Pool, limit, tried: Box::default() }
}

/// What closes a lane, and how its time is read.
#[derive(Clone, Debug)]
pub(crate) struct Throttle {
    pub(crate) headers: Vec<HeaderName>,
    pub(crate) clock: Arc<dyn Clock>,
}

impl Throttle {
    /// Closes the lane where the answer says so: 429 always, 503 where it names a time (facts: graph-protocol 13.1).
    pub(crate) fn observe(&self, lane: &Lane, status: StatusCode, headers: &http::HeaderMap) {
        let wait = || server_wait(headers, &self.headers, self.clock.now());
        match status {
            StatusCode::TOO_MANY_REQUESTS => lane.throttled(wait()),
            StatusCode::SERVICE_UNAVAILABLE => {
                if let Some(wait) = wait() {
                    lane.throttled(Some(wait));
                }
            }
            _ => {}
        }
    }
}

/// Makes [`InLane`].
#[derive(Clone, Debug)]
pub struct LaneLayer {
    pub(crate) lane: Arc<Lane>,
    pub(crate) throttle: Throttle,
    pub(crate) pool: Option<Duration>,
}

impl<S> Layer<S> for LaneLayer {
    type Service = InLane<S>;

    fn layer(&self, inner: S) -> InLane<S> {
        InLane { inner, settings: self.clone() }
    }
}

/// Sends while the lane has a place and its gate is open.
#[derive(Clone, Debug)]
pub struct InLane<S> {
    inner: S,
    settings: LaneLayer,
}

impl<S> Service<GraphRequest> for InLane<S>
where
    S: Service<GraphRequest, Response = Answer, Error = Error> + Clone + Send + 'static,
    S::Future: Send,
{
    type Response = Answer;
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<Answer, Error>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: GraphRequest) -> Self::Future {
        let ready = self.inner.clone();
        let mut inner = std::mem::replace(&mut self.inner, ready);
        let LaneLayer { lane, throttle, pool } = self.settings.clone();
        Box::pin(async move {
            let deadline = request.extensions.get::<Deadline>().and_then(|deadline| deadline.at);
            let queued = Instant::now();
            let entered = lane.enter(deadline, pool).await;
            if let Some(observe) = request.extensions.get::<Observe>() {
                observe.measure(SemaphoreWait, queued.elapsed().as_secs_f64(), &[]);
            }
            let permit = entered?;
            let answer = inner.call(request).await?;
            throttle.observe(&lane, answer.status, &answer.headers);
            permit.release(answer.status.is_success());
            Ok(answer)
        })
    }
}

#[cfg(test)]
mod tests;
