//! Watches what goes over the wire: whether a wait that Graph asked for was kept.

use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::BoxFuture;
use graph_simulator::SimulatorService;
use graph_transport::stack::Body;
use http::header::RETRY_AFTER;
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt, Full};
use serde_json::Value;
use tokio::time::Instant;
use tower::{Service, ServiceExt};

/// A simulator that is watched; clones share what was seen.
#[derive(Clone)]
pub(crate) struct Witness {
    simulator: SimulatorService,
    seen: Arc<Mutex<Seen>>,
}

/// What was seen.
#[derive(Clone, Copy, Default)]
pub(crate) struct Seen {
    /// Until when Graph has asked to wait.
    until: Option<Instant>,
    /// Requests that were sent before that.
    pub(crate) early: u64,
    /// Requests and items of batches that were answered 429.
    pub(crate) throttled: u64,
}

impl Witness {
    pub(crate) fn new(simulator: SimulatorService) -> Self {
        Self { simulator, seen: Arc::default() }
    }

    pub(crate) fn seen(&self) -> Seen {
        *self.seen.lock().unwrap()
    }

    async fn answer(
        self,
        request: Request<Body>,
    ) -> Result<Response<Full<Bytes>>, graph_simulator::Closed> {
        {
            let mut seen = self.seen.lock().unwrap();
            let early = seen.until.is_some_and(|until| Instant::now() < until);
            seen.early += u64::from(early);
        }
        let (parts, body) = self.simulator.clone().oneshot(request).await?.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        let mut waits = Vec::new();
        if parts.status == StatusCode::TOO_MANY_REQUESTS {
            let wait = parts.headers.get(RETRY_AFTER).and_then(|value| value.to_str().ok());
            waits.push(seconds(wait));
        } else if body.windows(12).any(|window| window == b"\"status\":429") {
            waits = in_batch(&body);
        }
        if let Some(longest) = waits.iter().max() {
            let mut seen = self.seen.lock().unwrap();
            seen.throttled += waits.len() as u64;
            seen.until = seen.until.max(Some(Instant::now() + *longest));
        }
        Ok(Response::from_parts(parts, Full::new(body)))
    }
}

/// What the throttled items of a batch ask to wait.
fn in_batch(body: &[u8]) -> Vec<Duration> {
    let batch: Value = serde_json::from_slice(body).unwrap_or_default();
    let items = batch["responses"].as_array().cloned().unwrap_or_default();
    let throttled = items.iter().filter(|item| item["status"] == 429);
    let wait = |item: &Value| {
        let headers = item["headers"].as_object()?;
        let named = headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("retry-after"))?;
        named.1.as_str().map(str::to_owned)
    };
    throttled.map(|item| seconds(wait(item).as_deref())).collect()
}

fn seconds(text: Option<&str>) -> Duration {
    let seconds = text.and_then(|text| text.parse().ok()).unwrap_or_default();
    Duration::from_secs_f64(seconds)
}

impl Service<Request<Body>> for Witness {
    type Response = Response<Full<Bytes>>;
    type Error = graph_simulator::Closed;
    type Future = BoxFuture<'static, Result<Self::Response, Self::Error>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        Box::pin(self.clone().answer(request))
    }
}
