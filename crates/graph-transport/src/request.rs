//! One request to Graph, as it looks before a token is added.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use http::{Extensions, HeaderMap, Method};
use serde::Serialize;

use crate::link::GraphLink;
use crate::observe::{Described, Description, MaskedHeaders, TraceContext};
use crate::options::{CorrelationId, Idempotent, MaxAttempts, OperationLimit, RequestOption};
use crate::redirect::Redirects;
use crate::trail::Trail;

/// A method, a [`GraphLink`], headers and a body that can be sent again. Cheap to clone.
///
/// Settings for this one request ride in [`GraphRequest::extensions`], where the layers that they
/// concern read them.
#[derive(Clone)]
pub struct GraphRequest {
    pub(crate) method: Method,
    pub(crate) link: GraphLink,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    pub(crate) extensions: Extensions,
    pub(crate) trail: Trail,
}

/// What the operation is called in spans and measurements.
#[derive(Clone, Debug)]
pub(crate) struct Action(pub(crate) Arc<str>);

impl GraphRequest {
    /// A request without headers and body.
    pub fn new(method: Method, link: GraphLink) -> Self {
        Self {
            method,
            link,
            headers: HeaderMap::new(),
            body: Bytes::new(),
            extensions: Extensions::new(),
            trail: Trail::default(),
        }
    }

    /// A GET.
    pub fn get(link: GraphLink) -> Self {
        Self::new(Method::GET, link)
    }

    /// Sets a header; the one set last wins.
    #[must_use]
    pub fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.insert(name, value);
        self
    }

    /// Sets the body and its content type.
    #[must_use]
    pub fn body(mut self, body: Bytes, content_type: HeaderValue) -> Self {
        self.body = body;
        self.headers.insert(CONTENT_TYPE, content_type);
        self
    }

    /// Sets a JSON body.
    ///
    /// # Errors
    /// A value that does not serialize.
    pub fn json(self, value: &impl Serialize) -> Result<Self, serde_json::Error> {
        Ok(self
            .body(serde_json::to_vec(value)?.into(), HeaderValue::from_static("application/json")))
    }

    /// Sets an option of this request; of one type the last one holds.
    #[must_use]
    pub fn with(mut self, option: impl RequestOption) -> Self {
        self.extensions.insert(option);
        self
    }

    /// How many attempts of the operation went before this one (D15): for layers inside retry, which may
    /// tell the server in a header. On the wire the extensions' [`Trail`](crate::stack::Trail) says the same.
    pub fn earlier_attempts(&self) -> u32 {
        self.trail.earlier_attempts()
    }

    /// Declares that sending this twice does no harm: a PATCH that sets values, for example.
    #[must_use]
    pub fn idempotent(self) -> Self {
        self.with(Idempotent)
    }

    /// Declares that this POST only reads, as `getByIds` does.
    #[must_use]
    pub fn reads_only(self) -> Self {
        self.idempotent()
    }

    /// Sets the time limit of the whole operation; `None` takes the client's away.
    #[must_use]
    pub fn deadline(self, limit: Option<Duration>) -> Self {
        self.with(OperationLimit(limit))
    }

    /// Overrides how many attempts this request gets, the first included; 0 counts as 1.
    #[must_use]
    pub fn max_attempts(self, attempts: u32) -> Self {
        self.with(MaxAttempts(attempts))
    }

    /// Which redirects of this request are followed, instead of the client's setting.
    #[must_use]
    pub fn redirects(mut self, redirects: Redirects) -> Self {
        self.extensions.insert(redirects);
        self
    }

    /// The caller's id of this call, sent as `client-request-id` with the first attempt.
    /// An id that is no valid header value is replaced by a fresh one.
    #[must_use]
    pub fn correlation_id(mut self, id: &str) -> Self {
        if let Ok(value) = HeaderValue::from_str(id) {
            self.extensions.insert(CorrelationId(value));
        }
        self
    }

    /// Names the operation in spans and measurements, `user.list` for example; the route where none
    /// is named. It must be one of few: never an id.
    #[must_use]
    pub fn action(mut self, name: impl Into<Arc<str>>) -> Self {
        self.extensions.insert(Action(name.into()));
        self
    }

    /// Joins the caller's trace, where no tracer of this process does.
    #[must_use]
    pub fn trace_context(mut self, context: TraceContext) -> Self {
        self.extensions.insert(context);
        self
    }

    /// The method.
    pub fn method(&self) -> &Method {
        &self.method
    }

    /// Where it goes.
    pub fn link(&self) -> &GraphLink {
        &self.link
    }

    /// The headers so far; the token is added below.
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// Settings for the layers; a caller's own layers may add theirs.
    pub fn extensions(&self) -> &Extensions {
        &self.extensions
    }

    /// Settings for the layers, to be changed.
    pub fn extensions_mut(&mut self) -> &mut Extensions {
        &mut self.extensions
    }

    /// Whether the request may go out again although an earlier attempt may have reached Graph.
    pub(crate) fn is_idempotent(&self) -> bool {
        let harmless = self.extensions.get::<Idempotent>().is_some();
        harmless || !matches!(self.method, Method::POST | Method::PATCH)
    }
}

impl Described for GraphRequest {
    fn describe(&self) -> Description {
        let action = self.extensions.get::<Action>().map(|action| Arc::clone(&action.0));
        Description::graph(self.method.clone(), self.link.clone(), action)
    }
}

impl fmt::Debug for GraphRequest {
    /// Headers masked, and of the body its size alone: a request holds people's data and secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GraphRequest")
            .field("method", &self.method)
            .field("link", &self.link)
            .field("headers", &MaskedHeaders::new(&self.headers))
            .field("body_bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}
