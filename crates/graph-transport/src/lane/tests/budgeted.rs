//! A Graph with a budget, in virtual time.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use tokio::time::{Instant, sleep};
use tower::Service;

use crate::body::Body;
use crate::error::BoxError;

/// A token bucket behind a delay, as facts: graph-protocol 3.2 and 3.4 describe it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Budget {
    pub(super) units: f64,
    pub(super) window: f64,
    pub(super) cost: f64,
    pub(super) latency: Duration,
    /// Whether answers carry `x-ms-throttle-limit-percentage`.
    pub(super) tells: bool,
}

#[derive(Clone, Debug)]
pub(super) struct Budgeted(Arc<Mutex<State>>);

#[derive(Debug)]
struct State {
    budget: Budget,
    level: f64,
    filled: Instant,
    began: Instant,
    figures: Figures,
    /// The end of the wait that the client knows of.
    wait_until: Option<Instant>,
}

#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Figures {
    pub(super) requests: u64,
    pub(super) refused: u64,
    /// Sent while a wait was running.
    pub(super) impatient: u64,
    spent: f64,
}

impl Budgeted {
    pub(super) fn new(budget: Budget) -> Self {
        let now = Instant::now();
        Self(Arc::new(Mutex::new(State {
            budget,
            level: budget.units,
            filled: now,
            began: now,
            figures: Figures::default(),
            wait_until: None,
        })))
    }

    pub(super) fn figures(&self) -> Figures {
        self.0.lock().unwrap().figures
    }

    /// The part of the budget that was used: of the stock at the beginning and all that flowed in.
    pub(super) fn used(&self) -> f64 {
        let state = self.0.lock().unwrap();
        let Budget { units, window, .. } = state.budget;
        state.figures.spent / (units + state.began.elapsed().as_secs_f64() * units / window)
    }
}

impl State {
    fn sent(&mut self) {
        self.figures.requests += 1;
        if self.wait_until.is_some_and(|until| Instant::now() < until) {
            self.figures.impatient += 1;
        }
    }

    fn arrived(&mut self) -> http::response::Builder {
        let (now, Budget { units, window, cost, tells, .. }) = (Instant::now(), self.budget);
        let gained = (now - self.filled).as_secs_f64() * units / window;
        (self.level, self.filled) = ((self.level + gained).min(units), now);
        if self.level < cost {
            self.figures.refused += 1;
            let seconds = ((cost - self.level) * window / units).ceil().max(1.0);
            return Response::builder().status(429).header("retry-after", format!("{seconds}"));
        }
        self.level -= cost;
        self.figures.spent += cost;
        let answer = Response::builder().header("x-ms-resource-unit", format!("{cost}"));
        let used = 1.0 - self.level / units;
        if tells && used > 0.8 {
            return answer.header("x-ms-throttle-limit-percentage", format!("{used:.2}"));
        }
        answer
    }

    fn answered(&mut self, response: &Response<Full<Bytes>>) {
        let wait =
            response.headers().get("retry-after").and_then(|it| it.to_str().ok()?.parse().ok());
        if let Some(wait) = wait {
            let until = Instant::now() + Duration::from_secs(wait);
            self.wait_until = self.wait_until.max(Some(until));
        }
    }
}

impl Service<Request<Body>> for Budgeted {
    type Response = Response<Full<Bytes>>;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, BoxError>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Request<Body>) -> Self::Future {
        let state = Arc::clone(&self.0);
        state.lock().unwrap().sent();
        Box::pin(async move {
            let latency = state.lock().unwrap().budget.latency;
            sleep(latency / 2).await;
            let answer = state.lock().unwrap().arrived();
            // Of either sign, so that answers overtake each other.
            sleep(latency.mul_f64(0.25 + 0.5 * fastrand::f64())).await;
            let response = answer.body(Full::from("{}"))?;
            state.lock().unwrap().answered(&response);
            Ok(response)
        })
    }
}
