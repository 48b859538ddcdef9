//! The stack, written once: which layer sees a request first, and why.
//!
//! | layer | what it does | once per |
//! |---|---|---|
//! | [`DeadlineLayer`] | ends an operation when its time is over, waits and repeats included | operation |
//! | [`OperationLayer`] | span `azure.perform_action`, measurements | operation |
//! | [`RetryLayer`] | decides after the body whether to repeat, and when | operation |
//! | [`LaneLayer`] | a place under the limit, budget, an open gate | attempt |
//! | [`AuthorizeLayer`] | a live token; a [`GraphRequest`] becomes an `http::Request` | attempt |
//! | [`Product`] | `User-Agent`, `SdkVersion` | attempt |
//! | [`FollowLayer`] | redirects, without credentials to other origins | attempt |
//! | [`AttemptLayer`] | span `azure.attempt`, trace context, masked log | attempt and redirect |
//! | [`CollectLayer`] | the answer's body in one buffer, within its times and bounds | attempt and redirect |
//! | wire | decompression, and the pool of hyper's connections or the caller's own service | attempt and redirect |
//!
//! A layer that passes a request straight on has a future of its own and allocates nothing; what
//! waits, repeats or redirects is boxed. What layers tell each other rides in the request's [`Trail`].
//!
//! Requests to the login authority pass the same layers but the lane and the token. Every layer is
//! a type of this module, and [`Parts`] hands out those of a client's settings.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};

use http::header::HeaderValue;
use http::{Extensions, Request};
use tower::util::BoxCloneSyncService;
use tower::{Service, ServiceBuilder, ServiceExt};
use tower_http::decompression::DecompressionLayer;

use crate::answer::Answer;
pub use crate::attempt::{AttemptLayer, Attempted};
use crate::authority::AuthorityRequest;
pub use crate::authorize::{Authorize, AuthorizeLayer};
pub use crate::body::{AnswerBody, Body};
use crate::clock::Clock;
use crate::collect::CountLayer;
pub use crate::collect::{Collect, CollectLayer};
pub use crate::deadline::{DeadlineLayer, WithDeadline};
use crate::elsewhere::ElsewhereRequest;
use crate::error::Error;
pub use crate::gzip::{Gzip, GzipLayer};
use crate::lane::LastLookLayer;
pub use crate::lane::{LaneLayer, LaneService};
use crate::observe::Observe;
pub use crate::observe::{Operation, OperationLayer};
use crate::onward::Answering;
use crate::options::CorrelationId;
pub use crate::parts::Parts;
use crate::product::CLIENT_REQUEST_ID;
pub use crate::product::{Product, Signed};
pub use crate::redirect::{Follow, FollowLayer};
use crate::request::GraphRequest;
use crate::retry::RetryConfig;
pub use crate::retry::{Repeatable, Retry, RetryLayer};
use crate::timeouts::Timeouts;
pub use crate::trail::Trail;
use crate::wire::Wire;

/// Everything above the wire, for Graph. Clones share one stack.
#[derive(Clone)]
pub(crate) struct GraphStack(Arc<dyn Fn(GraphRequest) -> Answering + Send + Sync>);

impl GraphStack {
    pub(crate) fn new<S>(stack: S) -> Self
    where
        S: Service<GraphRequest, Response = Answer, Error = Error> + Clone + Send + Sync + 'static,
        S::Future: Send + 'static,
    {
        // Cloning a stack clones each of its layers, so those that have done their part are kept.
        let idle: Mutex<Vec<Box<S>>> = Mutex::default();
        Self(Arc::new(move |request| {
            let kept = || idle.lock().expect("no panic while the lock is held");
            let next = kept().pop();
            let mut service = next.unwrap_or_else(|| Box::new(stack.clone()));
            match service.poll_ready(&mut Context::from_waker(Waker::noop())) {
                Poll::Ready(Ok(())) => {
                    let answer = service.call(request);
                    kept().push(service);
                    Box::pin(answer)
                }
                Poll::Ready(Err(error)) => Box::pin(std::future::ready(Err(error))),
                Poll::Pending => Box::pin((*service).oneshot(request)),
            }
        }))
    }

    pub(crate) fn send(&self, request: GraphRequest) -> Answering {
        (self.0)(request)
    }
}

impl fmt::Debug for GraphStack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("GraphStack")
    }
}

/// The same below authorization, for the login authority.
pub(crate) type AuthorityStack = BoxCloneSyncService<AuthorityRequest, Answer, Error>;

/// And for URLs elsewhere that carry their own permission.
pub(crate) type ElsewhereStack = BoxCloneSyncService<ElsewhereRequest, Answer, Error>;

/// The settings of all stacks.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    pub(crate) timeouts: Timeouts,
    pub(crate) max_body: usize,
    pub(crate) compress_requests: bool,
    pub(crate) retry: RetryConfig,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) product: Product,
    pub(crate) observe: Observe,
}

/// The default stack for Graph, outermost layer first.
pub(crate) fn graph(parts: &Parts) -> GraphStack {
    GraphStack::new(layered(parts))
}

fn layered(
    parts: &Parts,
) -> impl Service<GraphRequest, Response = Answer, Error = Error, Future: Send>
+ Clone
+ Send
+ Sync
+ 'static {
    ServiceBuilder::new()
        // Outermost: waits, repeats and the wait for a token all count against the caller's time.
        .layer(parts.deadline())
        // Inside the deadline, which ends it; outside retry: one span for all attempts.
        .layer(parts.operation())
        // Outside everything that a repeat must pass again.
        .layer(parts.retry())
        // Inside retry: a repeat spends a permit and waits at the gate like everybody else.
        .layer(parts.lane())
        // Inside the lane: a token fetched before a long wait at the gate could be dead after it.
        .layer(parts.authorize())
        // Below authorize: the lane may have closed while a token was fetched.
        .layer(LastLookLayer)
        // Outside the log, which shows what is sent, and outside hops to elsewhere, which leave it out.
        .layer(parts.product())
        // For Graph alone: the authority and uploads get what they are sent as it is.
        .layer(parts.gzip())
        // Below the token, which a hop to elsewhere drops; each hop is an attempt with its own span.
        .layer(parts.follow())
        // Around the body as well: an attempt ends with the last byte, not with the head.
        .layer(parts.attempt())
        // Outside decompression: the bound holds for the decoded size.
        .layer(parts.collect())
        .service(parts.wire())
}

/// The stack for the login authority: the same, without lane and token.
pub(crate) fn authority(settings: &Settings, wire: Wire) -> AuthorityStack {
    let stack = ServiceBuilder::new()
        .layer(DeadlineLayer::new(settings.timeouts.operation))
        .layer(OperationLayer::new(settings.observe.clone()))
        .layer(RetryLayer::new(settings.retry.clone(), Arc::clone(&settings.clock)))
        .map_request(AuthorityRequest::into_http)
        .layer(settings.product.clone())
        .service(attempt(settings, wire));
    BoxCloneSyncService::new(stack)
}

/// The stack for uploads and monitors elsewhere: nothing of ours goes there, neither token nor headers.
pub(crate) fn elsewhere(settings: &Settings, wire: Wire) -> ElsewhereStack {
    let stack = ServiceBuilder::new()
        .layer(DeadlineLayer::new(settings.timeouts.operation))
        .layer(OperationLayer::new(settings.observe.clone()))
        .layer(RetryLayer::new(settings.retry.clone(), Arc::clone(&settings.clock)))
        .map_request(ElsewhereRequest::into_http)
        .service(attempt(settings, wire));
    BoxCloneSyncService::new(stack)
}

/// What all share: one attempt on the wire.
fn attempt(
    settings: &Settings,
    wire: Wire,
) -> impl Service<Request<Body>, Response = Answer, Error = Error, Future: Send>
+ Clone
+ Send
+ Sync
+ 'static {
    ServiceBuilder::new()
        // Around the body as well: an attempt ends with the last byte, not with the head.
        .layer(AttemptLayer::new(settings.observe.clone()))
        // Outside decompression: the bound holds for the decoded size.
        .layer(CollectLayer { timeouts: settings.timeouts, max_body: settings.max_body })
        // Inside everything that reads a body: everything above sees plain bytes.
        .layer(DecompressionLayer::new())
        // Next to the wire: what a body was before it expanded.
        .layer(CountLayer)
        .service(wire)
}

impl Repeatable for GraphRequest {
    fn extensions(&self) -> &Extensions {
        &self.extensions
    }

    fn extensions_mut(&mut self) -> &mut Extensions {
        &mut self.extensions
    }

    fn is_idempotent(&self) -> bool {
        Self::is_idempotent(self)
    }

    fn set_client_request_id(&mut self, id: HeaderValue) {
        self.headers.insert(CLIENT_REQUEST_ID, id.clone());
        self.trail.client_request_id = Some(id);
    }

    fn correlation_id(&self) -> Option<HeaderValue> {
        self.extensions.get::<CorrelationId>().map(|id| id.0.clone())
    }

    fn trail(&self) -> &Trail {
        &self.trail
    }

    fn trail_mut(&mut self) -> &mut Trail {
        &mut self.trail
    }
}

impl Service<GraphRequest> for crate::client::GraphClient {
    type Response = Answer;
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<Answer, Error>> + Send>>;

    /// Always ready: each operation takes a clone of the stack, and the lane holds back inside it.
    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: GraphRequest) -> Self::Future {
        self.stack().send(request)
    }
}

#[cfg(test)]
mod tests;
