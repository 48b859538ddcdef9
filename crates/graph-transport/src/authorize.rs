//! Authorization: the step at which a link gets a token and becomes a request on the wire.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::header::{AUTHORIZATION, HeaderValue, WWW_AUTHENTICATE};
use http::{HeaderMap, Request, StatusCode};
use http_body_util::Full;
use tower::{Layer, Service};

use crate::answer::Answer;
use crate::credential::CredentialError;
use crate::error::Error;
use crate::request::GraphRequest;
use crate::token::Tokens;

/// Makes [`Authorize`].
#[derive(Clone, Debug)]
pub(crate) struct AuthorizeLayer {
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
pub(crate) struct Authorize<S> {
    inner: S,
    settings: AuthorizeLayer,
}

impl<S> Service<GraphRequest> for Authorize<S>
where
    S: Service<Request<Full<Bytes>>, Response = Answer, Error = Error> + Clone + Send + 'static,
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
            let mut value =
                HeaderValue::try_from(format!("Bearer {}", token.expose())).map_err(|_| {
                    CredentialError::Unusable(
                        "the access token holds characters that no header may carry",
                    )
                })?;
            value.set_sensitive(true);
            request.headers_mut().insert(AUTHORIZATION, value);
            let mut answer = inner.call(request).await?;
            if answer.status == StatusCode::UNAUTHORIZED {
                answer.token_replaced =
                    tokens.reject(&token, claims_challenge(&answer.headers)).await;
            }
            Ok(answer)
        })
    }
}

fn into_http(request: GraphRequest) -> Request<Full<Bytes>> {
    let mut wire = Request::new(Full::new(request.body));
    *wire.method_mut() = request.method;
    *wire.uri_mut() = request.link.uri().clone();
    *wire.headers_mut() = request.headers;
    *wire.extensions_mut() = request.extensions;
    wire.extensions_mut().insert(request.link);
    wire
}

/// The `claims` of a challenge, decoded (facts: graph-protocol 2.6); several headers, any order of parameters.
fn claims_challenge(headers: &HeaderMap) -> Option<String> {
    use base64::Engine as _;
    use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};

    let values = headers.get_all(WWW_AUTHENTICATE).iter().filter_map(|value| value.to_str().ok());
    let encoded =
        values.filter(|value| value.contains("insufficient_claims")).find_map(|value| {
            let rest = value.split_once("claims=\"")?.1;
            Some(rest.split_once('"')?.0.trim_end_matches('='))
        })?;
    let bytes =
        STANDARD_NO_PAD.decode(encoded).or_else(|_| URL_SAFE_NO_PAD.decode(encoded)).ok()?;
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// U9, facts: graph-protocol 2.6
    #[test]
    fn a_claims_challenge_is_found_among_several_headers() {
        let mut headers = HeaderMap::new();
        headers.append(WWW_AUTHENTICATE, HeaderValue::from_static("Basic realm=\"x\""));
        let challenge = "Bearer realm=\"\", claims=\"eyJhIjoxfQ==\", error=\"insufficient_claims\"";
        headers.append(WWW_AUTHENTICATE, HeaderValue::from_static(challenge));
        assert_eq!(claims_challenge(&headers).as_deref(), Some(r#"{"a":1}"#));
        headers.clear();
        headers
            .append(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer error=\"invalid_token\""));
        assert_eq!(claims_challenge(&headers), None);
    }
}
