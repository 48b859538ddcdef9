//! Answers that are kept, so that a measured run does not pay for making them.

use std::collections::HashMap;
use std::convert::Infallible;
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
}

impl Tape {
    pub(crate) fn new(simulator: SimulatorService) -> Self {
        Self { simulator, answers: Arc::default() }
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
            let request = Request::from_parts(parts, Full::new(body));
            let (parts, body) = self.simulator.oneshot(request).await.unwrap().into_parts();
            let body = body.collect().await.unwrap().to_bytes();
            let answer = (parts.status, parts.headers, body);
            self.answers.lock().unwrap().insert(question, answer.clone());
            answer
        };
        let mut response = Response::new(Full::new(answer.2));
        *response.status_mut() = answer.0;
        *response.headers_mut() = answer.1;
        Ok(response)
    }
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
