//! Who sends: `User-Agent`, `SdkVersion` and the name of the header for our id of an attempt.

use std::sync::Arc;
use std::task::{Context, Poll};

use http::Request;
use http::header::{Entry, HeaderName, HeaderValue, USER_AGENT};
use tower::{Layer, Service};

use crate::body::Body;

/// The header that Graph echoes; a repeat carries a fresh value.
pub(crate) const CLIENT_REQUEST_ID: HeaderName = HeaderName::from_static("client-request-id");

/// Where Microsoft's SDKs say who they are.
const SDK_VERSION: HeaderName = HeaderName::from_static("sdkversion");

const PRODUCT: &str = concat!("graph-connector/", env!("CARGO_PKG_VERSION"));

/// What a client says of itself; also the layer that says it, once per attempt.
#[derive(Clone, Debug, Default)]
pub struct Product(Arc<Signature>);

#[derive(Clone, Debug)]
struct Signature {
    user_agent: Option<HeaderValue>,
    sdk_version: HeaderValue,
    request_id_header: HeaderName,
}

impl Default for Signature {
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
        Arc::make_mut(&mut self.0).user_agent = legal(both.trim());
        self
    }

    /// Sends no `User-Agent`.
    #[must_use]
    pub fn without_user_agent(mut self) -> Self {
        Arc::make_mut(&mut self.0).user_agent = None;
        self
    }

    /// Sends our id of an attempt under another name than `client-request-id`, for a gateway that
    /// expects one (L2).
    #[must_use]
    pub fn request_id_header(mut self, name: HeaderName) -> Self {
        Arc::make_mut(&mut self.0).request_id_header = name;
        self
    }

    fn sign(&self, request: &mut Request<Body>) {
        let Signature { user_agent, sdk_version, request_id_header } = &*self.0;
        let headers = request.headers_mut();
        if let Some(user_agent) = user_agent {
            headers.entry(USER_AGENT).or_insert_with(|| user_agent.clone());
        }
        match headers.entry(SDK_VERSION) {
            Entry::Vacant(place) => drop(place.insert(sdk_version.clone())),
            Entry::Occupied(mut own) => {
                // The caller's own product comes first; ours is not added to itself (L5).
                let both = own.get().to_str().ok().zip(sdk_version.to_str().ok());
                let both = both.filter(|(own, ours)| own != ours);
                let both = both.map(|(own, ours)| HeaderValue::try_from(format!("{own}, {ours}")));
                own.insert(both.and_then(Result::ok).unwrap_or_else(|| sdk_version.clone()));
            }
        }
        if *request_id_header != CLIENT_REQUEST_ID
            && let Some(id) = headers.remove(CLIENT_REQUEST_ID)
        {
            headers.insert(request_id_header.clone(), id);
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

impl<S: Service<Request<Body>>> Service<Request<Body>> for Signed<S> {
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<Body>) -> S::Future {
        self.product.sign(&mut request);
        self.inner.call(request)
    }
}
