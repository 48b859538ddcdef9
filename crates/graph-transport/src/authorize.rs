//! Authorization: the step at which a link gets a token and becomes a request on the wire.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use http::header::AUTHORIZATION;
use http::{Request, StatusCode};
use tower::{Layer, Service};

use crate::answer::Answer;
use crate::body::Body;
use crate::credential::claims_challenge;
use crate::error::Error;
use crate::request::GraphRequest;
use crate::token::Tokens;

/// Makes [`Authorize`].
#[derive(Clone, Debug)]
pub struct AuthorizeLayer {
    pub(crate) tokens: Arc<Tokens>,
}

impl<S> Layer<S> for AuthorizeLayer {
    type Service = Authorize<S>;

    fn layer(&self, inner: S) -> Authorize<S> {
        Authorize { inner, settings: self.clone() }
    }
}

/// Adds a live token to each attempt. It takes a [`GraphRequest`] and nothing else, so a token
/// cannot be attached to a URL that was not checked.
#[derive(Clone, Debug)]
pub struct Authorize<S> {
    inner: S,
    settings: AuthorizeLayer,
}

impl<S> Service<GraphRequest> for Authorize<S>
where
    S: Service<Request<Body>, Response = Answer, Error = Error> + Clone + Send + 'static,
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
        let AuthorizeLayer { tokens } = self.settings.clone();
        Box::pin(async move {
            let mut request = into_http(request);
            if request.headers().contains_key(AUTHORIZATION) {
                return inner.call(request).await; // U2: the caller's own is left alone
            }
            let token = tokens.live().await?;
            request.headers_mut().insert(AUTHORIZATION, token.clone());
            let mut answer = inner.call(request).await?;
            if answer.status == StatusCode::UNAUTHORIZED {
                answer.token_replaced = tokens.reject(&token, claims_challenge(&answer.headers));
            }
            Ok(answer)
        })
    }
}

fn into_http(request: GraphRequest) -> Request<Body> {
    let mut wire = Request::new(Body::from(request.body));
    *wire.method_mut() = request.method;
    *wire.uri_mut() = request.link.uri().clone();
    *wire.headers_mut() = request.headers;
    *wire.extensions_mut() = request.extensions;
    wire.extensions_mut().insert(request.link);
    wire
}
