//! The span and the log line of one attempt, masked by type.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use tokio::time::Instant;
use tower::{Layer, Service};
use tracing::{Instrument, debug, debug_span};

use crate::answer::Answer;
use crate::error::Error;
use crate::link::GraphLink;

/// Makes [`Attempted`].
#[derive(Clone, Copy, Debug)]
pub(crate) struct AttemptLayer;

impl<S> Layer<S> for AttemptLayer {
    type Service = Attempted<S>;

    fn layer(&self, inner: S) -> Attempted<S> {
        Attempted { inner }
    }
}

/// Logs what went out and what came back: never a token, a body, or a query value that could hold one.
#[derive(Clone, Debug)]
pub(crate) struct Attempted<S> {
    inner: S,
}

impl<S> Service<Request<Full<Bytes>>> for Attempted<S>
where
    S: Service<Request<Full<Bytes>>, Response = Response<Bytes>, Error = Error>,
    S::Future: Send + 'static,
{
    type Response = Answer;
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<Answer, Error>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<Full<Bytes>>) -> Self::Future {
        let span = debug_span!(
            "graph.attempt",
            http.request.method = %request.method(),
            server.address = request.uri().host().unwrap_or_default(),
        );
        // The paths of the authority hold nothing but the tenant.
        let target = request.extensions().get::<GraphLink>().map(GraphLink::template);
        let target = target.unwrap_or_else(|| request.uri().path().to_owned());
        let began = Instant::now();
        let answer = self.inner.call(request);
        let logged = async move {
            let result = answer.await.map(Answer::from_parts);
            let elapsed_ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
            match &result {
                Ok(answer) => debug!(
                    target,
                    elapsed_ms,
                    http.response.status_code = answer.status.as_u16(),
                    graph.request_id = answer.request_id(),
                    graph.resource_units = answer.resource_units(),
                    "answered"
                ),
                Err(error) => debug!(target, elapsed_ms, error.type = error.kind(), "not answered"),
            }
            result
        };
        Box::pin(logged.instrument(span))
    }
}
