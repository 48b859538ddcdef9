//! Authorization: the step at which a link gets a token and becomes a request on the wire.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use http::header::{AUTHORIZATION, HeaderValue};
use http::{Request, StatusCode};
use pin_project_lite::pin_project;
use tower::{Layer, Service, ServiceExt as _};

use crate::answer::Answer;
use crate::body::Body;
use crate::credential::claims_challenge;
use crate::error::Error;
use crate::onward::Onward;
use crate::request::GraphRequest;
use crate::token::{Next, Tokens};
use crate::trail::Trail;

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
    type Future = Authorizing<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: GraphRequest) -> Self::Future {
        let mut request = into_http(request);
        if request.headers().contains_key(AUTHORIZATION) {
            // U2: the caller's own is left alone
            let answer = Onward::straight(self.inner.call(request));
            return Authorizing { answer, with: None };
        }
        let tokens = Arc::clone(&self.settings.tokens);
        match tokens.next() {
            Next::Take(Ok(token)) => {
                request.headers_mut().insert(AUTHORIZATION, token.clone());
                let answer = Onward::straight(self.inner.call(request));
                Authorizing { answer, with: Some((tokens, token)) }
            }
            next => {
                let mut inner = self.inner.clone();
                let answer = Onward::around(async move {
                    let token = tokens.live(next).await?;
                    request.headers_mut().insert(AUTHORIZATION, token.clone());
                    let mut answer = inner.ready().await?.call(request).await?;
                    replace_token(&mut answer, &tokens, &token);
                    Ok(answer)
                });
                Authorizing { answer, with: None }
            }
        }
    }
}

pin_project! {
    /// A request that has its token, or waits for one.
    pub struct Authorizing<F> {
        #[pin]
        answer: Onward<F>,
        // The token that was at hand.
        with: Option<(Arc<Tokens>, HeaderValue)>,
    }
}

impl<F: Future<Output = Result<Answer, Error>>> Future for Authorizing<F> {
    type Output = Result<Answer, Error>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let mut result = ready!(this.answer.poll(cx));
        if let (Ok(answer), Some((tokens, token))) = (&mut result, this.with) {
            replace_token(answer, tokens, token);
        }
        Poll::Ready(result)
    }
}

/// A token that was refused is forgotten, so that a repeat carries another one.
fn replace_token(answer: &mut Answer, tokens: &Tokens, token: &HeaderValue) {
    if answer.status == StatusCode::UNAUTHORIZED {
        answer.token_replaced = tokens.reject(token, claims_challenge(&answer.headers));
    }
}

fn into_http(request: GraphRequest) -> Request<Body> {
    let mut wire = Request::new(Body::from(request.body));
    *wire.method_mut() = request.method;
    *wire.uri_mut() = request.link.uri().clone();
    *wire.headers_mut() = request.headers;
    *wire.extensions_mut() = request.extensions;
    wire.extensions_mut().insert(Trail { link: Some(request.link), ..request.trail });
    wire
}
