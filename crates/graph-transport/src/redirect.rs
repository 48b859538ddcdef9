//! Redirects: followed only where asked for, and never with anything that could be a credential.

use std::fmt;
use std::sync::Arc;
use std::task::{Context, Poll};

use http::header::{
    ACCEPT, ACCEPT_ENCODING, ACCEPT_LANGUAGE, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE,
    HeaderName, IF_RANGE, LOCATION, RANGE, USER_AGENT,
};
use http::{Extensions, HeaderMap, Method, Request, StatusCode, Uri};
use tower::{Layer, Service, ServiceExt};
use url::Url;

use crate::address::{is_local_name, is_private, literal};
use crate::answer::Answer;
use crate::body::Body;
use crate::cloud::Cloud;
use crate::error::Error;
use crate::onward::Onward;
use crate::trail::Trail;

/// The headers that cross to another origin. Everything else stays: credentials, cookies, and headers
/// that only the caller knows to be secret or to tell who asks (E13, E16, E19, E24).
const CROSSING: [HeaderName; 6] =
    [ACCEPT, ACCEPT_ENCODING, ACCEPT_LANGUAGE, IF_RANGE, RANGE, USER_AGENT];

/// Whether and how far redirects are followed; the default is not at all, since Graph's own API never
/// redirects but for downloads (reports, photos, files).
///
/// * 301, 302, 303, 307 and 308 with a `Location` are redirects; anything else is the answer itself.
/// * 303 turns every method but HEAD into GET, 301 and 302 turn POST into GET, 307 and 308 keep method
///   and body.
/// * Within the configured Graph root the token goes along. Anywhere else only a few harmless headers
///   do, over https, to public addresses, and no body.
#[derive(Clone, Default)]
pub struct Redirects {
    limit: usize,
    allowed: Option<Allowed>,
}

type Allowed = Arc<dyn Fn(&Redirect<'_>) -> bool + Send + Sync>;

/// One redirect, for a predicate to look at.
#[derive(Debug)]
#[non_exhaustive]
pub struct Redirect<'a> {
    /// 301, 302, 303, 307 or 308.
    pub status: StatusCode,
    /// The method of the request that was redirected.
    pub method: &'a Method,
    /// Where that was sent.
    pub from: &'a Url,
    /// Where it is to go.
    pub to: &'a Url,
}

impl Redirects {
    /// Follows none: an answer 3xx is returned as it is (E11, E25).
    pub fn none() -> Self {
        Self::default()
    }

    /// Follows up to so many in a row.
    pub fn up_to(limit: usize) -> Self {
        Self { limit, allowed: None }
    }

    /// Follows only what `allowed` agrees to; otherwise the answer 3xx is returned as it is (E12).
    #[must_use]
    pub fn only(mut self, allowed: impl Fn(&Redirect<'_>) -> bool + Send + Sync + 'static) -> Self {
        self.allowed = Some(Arc::new(allowed));
        self
    }
}

impl fmt::Debug for Redirects {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Redirects")
            .field("limit", &self.limit)
            .field("has_predicate", &self.allowed.is_some())
            .finish()
    }
}

/// A redirect that is not followed although redirects are.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum RedirectError {
    /// `Location` is no URL.
    #[error("read the `Location` of a redirect: it is not a URL")]
    Malformed,
    /// More redirects in a row than allowed.
    #[error("follow more than {0} redirects")]
    TooMany(usize),
    /// Another scheme than https, or user-info in the URL.
    #[error("follow a redirect to `{0}`: only plain https is")]
    NotHttps(String),
    /// This machine, its networks or its metadata service (SEC-A07).
    #[error("follow a redirect to `{0}`: the address is private")]
    PrivateAddress(String),
    /// A body for another origin.
    #[error("follow a redirect to `{0}`: a body does not leave Graph")]
    BodyElsewhere(String),
}

/// The request is for another origin than Graph's: no trace context is added to it (E24).
#[derive(Clone, Copy, Debug)]
pub(crate) struct ForeignOrigin;

/// Makes [`Follow`].
#[derive(Clone, Debug)]
pub struct FollowLayer {
    pub(crate) redirects: Redirects,
    pub(crate) cloud: Cloud,
}

impl<S> Layer<S> for FollowLayer {
    type Service = Follow<S>;

    fn layer(&self, inner: S) -> Follow<S> {
        Follow { inner, settings: self.clone() }
    }
}

/// Follows redirects as [`Redirects`] says; each hop is an attempt of its own on the wire. Inside retry,
/// so that hops and repeats are counted apart (E27).
#[derive(Clone, Debug)]
pub struct Follow<S> {
    inner: S,
    settings: FollowLayer,
}

impl<S> Service<Request<Body>> for Follow<S>
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

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let own = request.extensions().get::<Redirects>();
        let redirects = own.unwrap_or(&self.settings.redirects);
        if redirects.limit == 0 {
            return Onward::straight(self.inner.call(request));
        }
        let (redirects, cloud) = (redirects.clone(), self.settings.cloud.clone());
        Onward::around(follow(self.inner.clone(), redirects, cloud, request))
    }
}

async fn follow<S>(
    mut inner: S,
    redirects: Redirects,
    cloud: Cloud,
    request: Request<Body>,
) -> Result<Answer, Error>
where
    S: Service<Request<Body>, Response = Answer, Error = Error>,
{
    let (parts, body) = request.into_parts();
    let mut hop = Hop {
        method: parts.method,
        uri: parts.uri,
        headers: parts.headers,
        extensions: parts.extensions,
        body,
    };
    let mut followed = 0;
    loop {
        let answer = inner.ready().await?.call(hop.request()).await?;
        let Some(location) = location(&answer) else { return Ok(answer) };
        let (from, to) = hop.target(&location)?;
        let redirect =
            Redirect { status: answer.status, method: &hop.method, from: &from, to: &to };
        if redirects.allowed.as_ref().is_some_and(|allowed| !allowed(&redirect)) {
            return Ok(answer);
        }
        if followed == redirects.limit {
            return Err(RedirectError::TooMany(redirects.limit).into());
        }
        hop.redirect(answer.status, &to, &cloud)?;
        followed += 1;
    }
}

/// One request on its way; its body can be sent again (E26).
struct Hop {
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    extensions: Extensions,
    body: Body,
}

impl Hop {
    fn request(&self) -> Request<Body> {
        let mut request = Request::new(self.body.clone());
        *request.method_mut() = self.method.clone();
        *request.uri_mut() = self.uri.clone();
        *request.headers_mut() = self.headers.clone();
        *request.extensions_mut() = self.extensions.clone();
        request
    }

    fn target(&self, location: &str) -> Result<(Url, Url), RedirectError> {
        let from = Url::parse(&self.uri.to_string()).map_err(|_| RedirectError::Malformed)?;
        let mut to = from.join(location).map_err(|_| RedirectError::Malformed)?;
        to.set_fragment(None);
        Ok((from, to))
    }

    fn redirect(
        &mut self,
        status: StatusCode,
        to: &Url,
        cloud: &Cloud,
    ) -> Result<(), RedirectError> {
        let becomes_get = match status {
            StatusCode::SEE_OTHER => self.method != Method::HEAD,
            StatusCode::MOVED_PERMANENTLY | StatusCode::FOUND => self.method == Method::POST,
            _ => false,
        };
        if becomes_get {
            self.method = Method::GET;
            self.body = Body::default();
            for name in [CONTENT_TYPE, CONTENT_LENGTH, CONTENT_ENCODING] {
                self.headers.remove(name);
            }
        }
        // A hop that has left Graph has no link any more, and does not get one back.
        let known = self.extensions.get_mut::<Trail>().and_then(|trail| trail.link.as_mut());
        match (cloud.accept(to.as_str()), known) {
            (Ok(link), Some(known)) => {
                self.uri = link.uri().clone();
                *known = link;
            }
            _ => self.leave(to)?,
        }
        Ok(())
    }

    /// The next request goes to another origin: it is a fresh one, and takes little along (E23).
    fn leave(&mut self, to: &Url) -> Result<(), RedirectError> {
        let host = to.host_str().unwrap_or("(none)").to_owned();
        if to.scheme() != "https" || !to.username().is_empty() || to.password().is_some() {
            return Err(RedirectError::NotHttps(host));
        }
        if literal(to).is_some_and(is_private) || is_local_name(&host) {
            return Err(RedirectError::PrivateAddress(host));
        }
        if !http_body::Body::is_end_stream(&self.body) {
            return Err(RedirectError::BodyElsewhere(host));
        }
        let mut headers = HeaderMap::new();
        for name in CROSSING {
            headers.extend(self.headers.remove(&name).map(|value| (name, value)));
        }
        self.headers = headers;
        self.extensions = Extensions::new();
        self.extensions.insert(ForeignOrigin);
        self.uri = to.as_str().parse().map_err(|_| RedirectError::Malformed)?;
        Ok(())
    }
}

/// Where an answer redirects to, its bytes outside ASCII percent-encoded (E8); `None` for any other answer.
fn location(answer: &Answer) -> Option<String> {
    if !matches!(answer.status.as_u16(), 301 | 302 | 303 | 307 | 308) {
        return None;
    }
    let encoded = |byte: &u8| match byte {
        byte if byte.is_ascii() => char::from(*byte).to_string(),
        byte => format!("%{byte:02X}"),
    };
    Some(answer.headers.get(LOCATION)?.as_bytes().iter().map(encoded).collect())
}

#[cfg(test)]
mod tests;
