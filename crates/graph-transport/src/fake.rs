//! For tests: a wire that answers by a function, after a while of virtual time.

use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Method, Request};
use http_body_util::{BodyExt, Collected, Full};
use tokio::time::{Instant, sleep};
use tower::Service;

use crate::body::Body;
use crate::client::{GraphClient, GraphClientBuilder};
use crate::cloud::{Cloud, CloudName};
use crate::error::BoxError;
use crate::retry::RetryConfig;
use crate::script::{Counting, Reply};

/// One request as it arrived.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) method: Method,
    pub(crate) target: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    pub(crate) at: Instant,
    /// How many requests came before.
    pub(crate) earlier: usize,
}

type Answering = dyn Fn(&Asked) -> (Duration, Reply) + Send + Sync;

/// Answers by a function of the request; counts how many are under way at once.
#[derive(Clone)]
pub(crate) struct Fake(Arc<Inner>);

struct Inner {
    answering: Box<Answering>,
    log: Mutex<Vec<Asked>>,
    answered: Mutex<Vec<usize>>,
    open: AtomicUsize,
    most: AtomicUsize,
}

impl Fake {
    /// Answers at once.
    pub(crate) fn new(answer: impl Fn(&Asked) -> Reply + Send + Sync + 'static) -> Self {
        Self::slow(move |asked| (Duration::ZERO, answer(asked)))
    }

    /// Answers after a while.
    pub(crate) fn slow(
        answering: impl Fn(&Asked) -> (Duration, Reply) + Send + Sync + 'static,
    ) -> Self {
        let (open, most) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let (log, answered) = (Mutex::default(), Mutex::default());
        Self(Arc::new(Inner { answering: Box::new(answering), log, answered, open, most }))
    }

    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.0.log.lock().unwrap().clone()
    }

    /// Which requests got their answers, as [`Asked::earlier`] numbers them; the others were given up.
    pub(crate) fn answered(&self) -> Vec<usize> {
        self.0.answered.lock().unwrap().clone()
    }

    /// The most requests at once so far.
    pub(crate) fn most(&self) -> usize {
        self.0.most.load(Ordering::SeqCst)
    }

    /// Requests that were neither answered nor given up.
    pub(crate) fn open(&self) -> usize {
        self.0.open.load(Ordering::SeqCst)
    }

    /// A client over this wire, without jitter, so that waits are exact.
    pub(crate) fn client(&self) -> GraphClientBuilder {
        let cloud = Cloud::named(CloudName::UsGovL4).unwrap();
        let retry = RetryConfig { jitter: Duration::ZERO, ..RetryConfig::default() };
        GraphClient::builder(cloud, Counting::default()).wire(self.clone()).retry(retry)
    }
}

/// Counts a request as under way until it is dropped.
struct Open(Arc<Inner>);

impl Open {
    fn new(inner: &Arc<Inner>) -> Self {
        let open = inner.open.fetch_add(1, Ordering::SeqCst) + 1;
        inner.most.fetch_max(open, Ordering::SeqCst);
        Self(Arc::clone(inner))
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.0.open.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Service<Request<Body>> for Fake {
    type Response = http::Response<Full<Bytes>>;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Reply> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let inner = Arc::clone(&self.0);
        Box::pin(async move {
            let open = Open::new(&inner);
            let (parts, body) = request.into_parts();
            let body = body.collect().await.map(Collected::to_bytes).unwrap_or_default();
            let asked = {
                let mut log = inner.log.lock().unwrap();
                let target = parts.uri.to_string();
                let (method, headers, earlier) = (parts.method, parts.headers, log.len());
                let asked = Asked { method, target, headers, body, at: Instant::now(), earlier };
                log.push(asked.clone());
                asked
            };
            let (delay, reply) = (inner.answering)(&asked);
            if !delay.is_zero() {
                sleep(delay).await;
            }
            drop(open);
            inner.answered.lock().unwrap().push(asked.earlier);
            reply
        })
    }
}
