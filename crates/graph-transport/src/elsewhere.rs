//! URLs outside Graph that carry their own permission: uploads, downloads, monitors. No token goes there.

use std::fmt;

use bytes::Bytes;
use http::header::HeaderValue;
use http::{Extensions, HeaderMap, Method, Request, Uri};
use tower::ServiceExt;
use url::Url;

use crate::answer::Answer;
use crate::body::Body;
use crate::cloud::Cloud;
use crate::error::Error;
use crate::link::LinkError;
use crate::observe::{Described, Description};
use crate::retry::Repeatable;
use crate::stack::{self, ElsewhereStack, Settings};
use crate::trail::Trail;
use crate::wire::Wire;

/// A URL that Graph handed out and that needs no token, because whoever knows it may use it: treat
/// it like a secret. It prints as its host alone.
#[derive(Clone, Eq, PartialEq)]
pub struct PreauthenticatedUrl(Uri);

impl PreauthenticatedUrl {
    /// Takes a URL as Graph sent it.
    ///
    /// # Errors
    /// Not an absolute https URL, or one with user-info. Plain http is taken only where the cloud's own
    /// root is plain http, which it is on loopback alone.
    pub fn received(text: &str, cloud: &Cloud) -> Result<Self, LinkError> {
        let url = Url::parse(text).map_err(|_| LinkError::Malformed)?;
        let plain = cloud.graph_root().starts_with("http:") && url.scheme() == "http";
        let bare = url.username().is_empty() && url.password().is_none();
        if (url.scheme() != "https" && !plain) || !bare || url.host_str().is_none() {
            return Err(LinkError::Malformed);
        }
        url.as_str().parse().map(Self).map_err(|_| LinkError::Malformed)
    }

    /// The URL in full: store it where secrets are stored.
    pub fn expose(&self) -> String {
        self.0.to_string()
    }
}

impl fmt::Display for PreauthenticatedUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "https://{}/***", self.0.host().unwrap_or_default())
    }
}

impl fmt::Debug for PreauthenticatedUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PreauthenticatedUrl({self})")
    }
}

/// The way there: deadline, retry, masked log and timeouts, but neither token, lane nor our headers
/// (U7, E24).
#[derive(Clone, Debug)]
pub(crate) struct Elsewhere(ElsewhereStack);

impl Elsewhere {
    pub(crate) fn new(settings: &Settings, wire: Wire) -> Self {
        Self(stack::elsewhere(settings, wire))
    }

    pub(crate) async fn send(
        &self,
        method: Method,
        url: &PreauthenticatedUrl,
        headers: HeaderMap,
        body: Bytes,
    ) -> Result<Answer, Error> {
        let (uri, extensions) = (url.0.clone(), Extensions::new());
        let trail = Trail::default();
        let request = ElsewhereRequest { method, uri, headers, body, extensions, trail };
        Box::pin(self.0.clone().oneshot(request)).await
    }
}

/// A request with nothing of ours on it. All of them may repeat: a slice of an upload says where it
/// belongs, and the others only ask or end.
#[derive(Clone)]
pub(crate) struct ElsewhereRequest {
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
    extensions: Extensions,
    trail: Trail,
}

impl ElsewhereRequest {
    pub(crate) fn into_http(self) -> Request<Body> {
        let mut request = Request::new(Body::from(self.body));
        *request.method_mut() = self.method;
        *request.uri_mut() = self.uri;
        *request.headers_mut() = self.headers;
        *request.extensions_mut() = self.extensions;
        request.extensions_mut().insert(self.trail);
        request
    }
}

impl fmt::Debug for ElsewhereRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ElsewhereRequest({} {})", self.method, self.uri.host().unwrap_or_default())
    }
}

impl Repeatable for ElsewhereRequest {
    fn extensions(&self) -> &Extensions {
        &self.extensions
    }

    fn extensions_mut(&mut self) -> &mut Extensions {
        &mut self.extensions
    }

    fn is_idempotent(&self) -> bool {
        true
    }

    fn set_client_request_id(&mut self, _: HeaderValue) {}

    fn correlation_id(&self) -> Option<HeaderValue> {
        None
    }

    fn trail(&self) -> &Trail {
        &self.trail
    }

    fn trail_mut(&mut self) -> &mut Trail {
        &mut self.trail
    }
}

impl Described for ElsewhereRequest {
    fn describe(&self) -> Description {
        Description::elsewhere(self.method.clone(), self.uri.clone())
    }
}
