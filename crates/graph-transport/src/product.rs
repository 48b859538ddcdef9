//! Who sends: `User-Agent`, `SdkVersion` and the name of the header for our id of an attempt.

use std::task::{Context, Poll};

use bytes::Bytes;
use http::Request;
use http::header::{HeaderName, HeaderValue, USER_AGENT};
use http_body_util::Full;
use tower::{Layer, Service};

/// The header that Graph echoes; a repeat carries a fresh value.
pub(crate) const CLIENT_REQUEST_ID: HeaderName = HeaderName::from_static("client-request-id");

/// Where Microsoft's SDKs say who they are.
const SDK_VERSION: HeaderName = HeaderName::from_static("sdkversion");

const PRODUCT: &str = concat!("graph-connector/", env!("CARGO_PKG_VERSION"));

/// The id that an attempt was sent with, for those who record it.
#[derive(Clone, Debug)]
pub(crate) struct ClientRequestId(pub(crate) String);

/// What a client says of itself; also the layer that says it, once per attempt.
#[derive(Clone, Debug)]
pub struct Product {
    user_agent: Option<HeaderValue>,
    sdk_version: HeaderValue,
    request_id_header: HeaderName,
}

impl Default for Product {
    fn default() -> Self {
        let (os, architecture) = (std::env::consts::OS, std::env::consts::ARCH);
        let sdk_version = format!("{PRODUCT} (hostOS={os}; hostArchitecture={architecture})");
        Self {
            user_agent: Some(HeaderValue::from_static(PRODUCT)),
            sdk_version: legal(&sdk_version).expect("names of platforms are ASCII"),
            request_id_header: CLIENT_REQUEST_ID,
        }
    }
}

impl Product {
    /// Names the application before this library in `User-Agent`: `contoso-sync/2.1`. Characters
    /// that no header may carry are dropped (L6).
    #[must_use]
    pub fn application(mut self, name: &str) -> Self {
        let name = name.trim();
        let both =
            if name.contains(PRODUCT) { name.to_owned() } else { format!("{name} {PRODUCT}") };
        self.user_agent = legal(both.trim());
        self
    }

    /// Sends no `User-Agent`.
    #[must_use]
    pub fn without_user_agent(mut self) -> Self {
        self.user_agent = None;
        self
    }

    /// Sends our id of an attempt under another name than `client-request-id`, for a gateway that
    /// expects one (L2).
    #[must_use]
    pub fn request_id_header(mut self, name: HeaderName) -> Self {
        self.request_id_header = name;
        self
    }

    fn sign(&self, request: &mut Request<Full<Bytes>>) {
        let headers = request.headers_mut();
        if let Some(user_agent) = &self.user_agent {
            headers.entry(USER_AGENT).or_insert_with(|| user_agent.clone());
        }
        // The caller's own product comes first; ours is not added to itself (L5).
        let own = headers.get(SDK_VERSION).filter(|own| *own != self.sdk_version);
        let both = own.and_then(|own| {
            let (own, ours) = (own.to_str().ok()?, self.sdk_version.to_str().ok()?);
            HeaderValue::try_from(format!("{own}, {ours}")).ok()
        });
        headers.insert(SDK_VERSION, both.unwrap_or_else(|| self.sdk_version.clone()));
        let Some(id) = headers.get(CLIENT_REQUEST_ID).cloned() else { return };
        if self.request_id_header != CLIENT_REQUEST_ID {
            headers.remove(CLIENT_REQUEST_ID);
            headers.insert(self.request_id_header.clone(), id.clone());
        }
        if let Ok(id) = id.to_str() {
            let id = ClientRequestId(id.to_owned());
            request.extensions_mut().insert(id);
        }
    }
}

/// What is left of `text` as a header value; `None` for nothing.
fn legal(text: &str) -> Option<HeaderValue> {
    let text: String = text.chars().filter(|c| c.is_ascii_graphic() || *c == ' ').collect();
    HeaderValue::try_from(text).ok().filter(|value| !value.is_empty())
}

impl<S> Layer<S> for Product {
    type Service = Signed<S>;

    fn layer(&self, inner: S) -> Signed<S> {
        Signed { inner, product: self.clone() }
    }
}

/// Adds what [`Product`] says to each attempt.
#[derive(Clone, Debug)]
pub struct Signed<S> {
    inner: S,
    product: Product,
}

impl<S: Service<Request<Full<Bytes>>>> Service<Request<Full<Bytes>>> for Signed<S> {
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<Full<Bytes>>) -> S::Future {
        self.product.sign(&mut request);
        self.inner.call(request)
    }
}
