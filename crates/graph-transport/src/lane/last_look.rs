//! One last look at the gate, below authorization.

use std::task::{Context, Poll};

use http::Request;
use tokio::time::sleep_until;
use tower::{Layer, Service, ServiceExt as _};

use super::permit::throttled;
use crate::answer::Answer;
use crate::body::Body;
use crate::error::Error;
use crate::onward::Onward;
use crate::trail::Trail;

/// Makes [`LastLook`].
#[derive(Clone, Copy, Debug)]
pub(crate) struct LastLookLayer;

impl<S> Layer<S> for LastLookLayer {
    type Service = LastLook<S>;

    fn layer(&self, inner: S) -> LastLook<S> {
        LastLook { inner }
    }
}

/// Looks at the gate again after authorization, which may have waited for a token while the lane closed.
#[derive(Clone, Debug)]
pub(crate) struct LastLook<S> {
    inner: S,
}

impl<S> Service<Request<Body>> for LastLook<S>
where
    S: Service<Request<Body>, Response = Answer, Error = Error> + Clone + Send + 'static,
    S::Future: Send,
{
    type Response = Answer;
    type Error = Error;
    type Future = Onward<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<Body>) -> Self::Future {
        let trail = request.extensions_mut().get_mut::<Trail>();
        let passages = trail.map(|trail| std::mem::take(&mut trail.passages)).unwrap_or_default();
        if passages.closed().is_none() {
            return Onward::straight(self.inner.call(request));
        }
        let mut inner = self.inner.clone();
        Onward::around(async move {
            let deadline = Trail::deadline_of(request.extensions());
            while let Some((opens, closed)) = passages.closed() {
                if deadline.is_some_and(|deadline| opens > deadline) {
                    return Err(throttled(closed));
                }
                sleep_until(opens).await;
            }
            inner.ready().await?.call(request).await
        })
    }
}
