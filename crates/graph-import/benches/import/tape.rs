//! Answers that are kept, so that a measured run does not pay for making them.

use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};

use bytes::Bytes;
use futures_util::future::BoxFuture;
use graph_simulator::SimulatorService;
use graph_transport::stack::Body;
use http::{HeaderMap, Request, Response, StatusCode};
use http_body_util::{BodyExt, Full};
use tower::{Service, ServiceExt};

/// What is asked: method, path and query, and body.
type Question = (http::Method, String, Bytes);
type Answer = (StatusCode, HeaderMap, Bytes);

/// Answers of a simulator; each is made once.
#[derive(Clone)]
pub(crate) struct Tape {
    simulator: SimulatorService,
    answers: Arc<Mutex<HashMap<Question, Answer>>>,
    /// Nanoseconds of CPU that making answers has taken.
    spent: Arc<AtomicU64>,
}

impl Tape {
    pub(crate) fn new(simulator: SimulatorService) -> Self {
        Self { simulator, answers: Arc::default(), spent: Arc::default() }
    }

    /// Seconds of CPU that making answers has taken so far: which shards an import asks for depends on
    /// the order in which it met the groups, so that a few answers are made anew in each.
    pub(crate) fn cpu_seconds(&self) -> f64 {
        self.spent.load(Ordering::Relaxed) as f64 / 1e9
    }

    /// Answers that were made so far.
    pub(crate) fn len(&self) -> usize {
        self.answers.lock().unwrap().len()
    }

    async fn answer(self, request: Request<Body>) -> Result<Response<Full<Bytes>>, Infallible> {
        let (parts, body) = request.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        let question = (parts.method.clone(), parts.uri.to_string(), body.clone());
        let known = self.answers.lock().unwrap().get(&question).cloned();
        let answer = if let Some(answer) = known {
            answer
        } else {
            let before = thread_cpu();
            let request = Request::from_parts(parts, Full::new(body));
            let (parts, body) = self.simulator.oneshot(request).await.unwrap().into_parts();
            let body = body.collect().await.unwrap().to_bytes();
            let answer = (parts.status, parts.headers, body);
            // The simulator answers at once, on the thread that asks.
            self.spent.fetch_add(thread_cpu().saturating_sub(before), Ordering::Relaxed);
            self.answers.lock().unwrap().insert(question, answer.clone());
            answer
        };
        let mut response = Response::new(Full::new(answer.2));
        *response.status_mut() = answer.0;
        *response.headers_mut() = answer.1;
        Ok(response)
    }
}

/// Nanoseconds that this thread has computed (Linux); 0 elsewhere.
fn thread_cpu() -> u64 {
    let spent = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    spent.split_whitespace().next().and_then(|spent| spent.parse().ok()).unwrap_or_default()
}

impl Service<Request<Body>> for Tape {
    type Response = Response<Full<Bytes>>;
    type Error = Infallible;
    type Future = BoxFuture<'static, Result<Self::Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        Box::pin(self.clone().answer(request))
    }
}
