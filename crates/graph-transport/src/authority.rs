//! The way to the login authority: the stack without lane and token, and what its clock says.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_TYPE, DATE, HeaderValue};
use http::{Extensions, HeaderMap, Method, Request, Uri};
use tower::ServiceExt;
use url::Url;

use crate::answer::Answer;
use crate::body::Body;
use crate::clock::Clock;
use crate::error::Error;
use crate::observe::{Described, Description};
use crate::options::{MaxAttempts, OperationLimit};
use crate::product::CLIENT_REQUEST_ID;
use crate::retry::{Backoff, Repeatable, RetryConfig, server_wait};
use crate::stack::{self, AuthorityStack, Settings};
use crate::trail::Trail;
use crate::wire::Wire;

/// Statuses of the instance metadata service that pass: it answers 404 while an identity is being
/// assigned and 410 while it is updated (facts: graph-protocol 2.2).
const METADATA_STATUSES: [u16; 8] = [404, 408, 410, 429, 500, 502, 503, 504];

/// How long the metadata service may take to get over a passing problem (facts: graph-protocol 2.2).
const METADATA_LIMIT: Duration = Duration::from_secs(72);

/// A machine that is not in Azure has nobody at the metadata address: this is how long finding out may take.
const PROBE_LIMIT: Duration = Duration::from_secs(10);

/// The way to the login authority: deadline, retry, masked log and timeouts, but no token and no
/// lane, because control traffic must not wait behind what it unblocks (Q10).
#[derive(Clone, Debug)]
pub(crate) struct Authority {
    stack: AuthorityStack,
    /// The same with the retry rules of the metadata service.
    metadata: AuthorityStack,
    clock: Arc<dyn Clock>,
    /// Seconds by which the authority's clock is ahead of this machine's.
    skew: Arc<AtomicI64>,
    retry: Arc<RetryConfig>,
}

impl Authority {
    pub(crate) fn new(settings: &Settings, wire: Wire) -> Self {
        let mut metadata = settings.clone();
        metadata.retry.statuses = METADATA_STATUSES.to_vec();
        metadata.retry.max_attempts = 6;
        metadata.retry.backoff = Backoff::exponential(Duration::from_millis(1_340), 2.0);
        Self {
            stack: stack::authority(settings, wire.clone()),
            metadata: stack::authority(&metadata, wire),
            clock: Arc::clone(&settings.clock),
            skew: Arc::default(),
            retry: Arc::new(settings.retry.clone()),
        }
    }

    pub(crate) async fn get(&self, url: &Url) -> Result<Answer, Error> {
        let request = AuthorityRequest::new(Method::GET, url);
        self.send(request).await
    }

    pub(crate) async fn post_form(&self, url: &Url, form: String) -> Result<Answer, Error> {
        let mut request = AuthorityRequest::new(Method::POST, url);
        let form_type = HeaderValue::from_static("application/x-www-form-urlencoded");
        request.headers.insert(CONTENT_TYPE, form_type);
        request.body = form.into();
        let answer = self.send(request).await?;
        self.observe_date(&answer);
        Ok(answer)
    }

    /// Asks a managed-identity endpoint; only that credential does (SEC-A16). One that cannot be
    /// reached is not there; one that answers gets the patience that it needs.
    pub(crate) async fn get_metadata(
        &self,
        url: &Url,
        headers: HeaderMap,
    ) -> Result<Answer, Error> {
        let mut request = AuthorityRequest::new(Method::GET, url);
        request.headers = headers;
        let mut probe = request.clone();
        probe.extensions.insert(OperationLimit(Some(PROBE_LIMIT)));
        probe.extensions.insert(MaxAttempts(1));
        let answer = Box::pin(self.metadata.clone().oneshot(probe)).await?;
        if !METADATA_STATUSES.contains(&answer.status().as_u16()) {
            return Ok(answer);
        }
        request.extensions.insert(OperationLimit(Some(METADATA_LIMIT)));
        Box::pin(self.metadata.clone().oneshot(request)).await
    }

    /// The time as the authority's clock shows it, as far as an answer has told (SEC-D16).
    pub(crate) fn now(&self) -> SystemTime {
        let skew = self.skew.load(Ordering::Relaxed);
        let (now, by) = (self.clock.now(), Duration::from_secs(skew.unsigned_abs()));
        let shifted = if skew < 0 { now.checked_sub(by) } else { now.checked_add(by) };
        shifted.unwrap_or(now)
    }

    /// Seconds by which the authority's clock is ahead of this machine's; zero until it has answered.
    pub(crate) fn skew_seconds(&self) -> i64 {
        self.skew.load(Ordering::Relaxed)
    }

    /// How long an answer asks to wait.
    pub(crate) fn asked_wait(&self, answer: &Answer) -> Option<Duration> {
        server_wait(answer.headers(), &self.retry.retry_after_headers, self.clock.now())
    }

    fn observe_date(&self, answer: &Answer) {
        let date = answer.headers().get(DATE).and_then(|date| date.to_str().ok());
        let Some(there) = date.and_then(|date| httpdate::parse_http_date(date).ok()) else {
            return;
        };
        let seconds = |span: Duration| i64::try_from(span.as_secs()).unwrap_or(i64::MAX);
        let skew = match there.duration_since(self.clock.now()) {
            Ok(ahead) => seconds(ahead),
            Err(behind) => -seconds(behind.duration()),
        };
        self.skew.store(skew, Ordering::Relaxed);
    }

    fn send(
        &self,
        request: AuthorityRequest,
    ) -> Pin<Box<dyn Future<Output = Result<Answer, Error>> + Send>> {
        Box::pin(self.stack.clone().oneshot(request))
    }
}

/// A request to the login authority. Every one of them may repeat: each asks for a token or a document.
#[derive(Clone, Debug)]
pub(crate) struct AuthorityRequest {
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
    extensions: Extensions,
    trail: Trail,
}

impl AuthorityRequest {
    fn new(method: Method, url: &Url) -> Self {
        Self {
            method,
            uri: url.as_str().parse().expect("a URL of the authority is a valid URI"),
            headers: HeaderMap::new(),
            body: Bytes::new(),
            extensions: Extensions::new(),
            trail: Trail::default(),
        }
    }

    pub(crate) fn into_http(self) -> Request<Body> {
        let mut request = Request::new(Body::from(self.body));
        *request.method_mut() = self.method;
        *request.uri_mut() = self.uri;
        *request.headers_mut() = self.headers;
        request.headers_mut().insert(ACCEPT, HeaderValue::from_static("application/json"));
        *request.extensions_mut() = self.extensions;
        request.extensions_mut().insert(self.trail);
        request
    }
}

impl Described for AuthorityRequest {
    fn describe(&self) -> Description {
        Description::authority(self.method.clone(), self.uri.clone())
    }
}

impl Repeatable for AuthorityRequest {
    fn extensions(&self) -> &Extensions {
        &self.extensions
    }

    fn extensions_mut(&mut self) -> &mut Extensions {
        &mut self.extensions
    }

    fn is_idempotent(&self) -> bool {
        true
    }

    fn set_client_request_id(&mut self, id: HeaderValue) {
        self.headers.insert(CLIENT_REQUEST_ID, id.clone());
        self.trail.client_request_id = Some(id);
    }

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
