//! One request of a batch.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use http::{HeaderMap, Method};
use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};

use super::BatchError;
use crate::cloud::{ApiVersion, Cloud};
use crate::link::{GraphLink, LinkError};
use crate::request::GraphRequest;

/// One request of a batch (N1).
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct BatchItem {
    /// Unique in the call, ignoring case.
    pub id: String,
    /// The method.
    pub method: Method,
    /// Relative to the versioned root: `/groups/{id}/members?$select=id`.
    pub url: String,
    /// Headers of the item; the outer request's do not count for it.
    pub headers: HeaderMap,
    /// A JSON body; [`BatchItem::binary`] sets any other.
    pub body: Option<Box<RawValue>>,
    /// Ids of the items that must succeed first.
    pub depends_on: Vec<String>,
    /// Whether the item may go out again although it may have been carried out.
    pub idempotent: bool,
    /// The version of the link that the item was made from.
    version: Option<ApiVersion>,
}

impl BatchItem {
    /// An item without headers and body; idempotent unless it is a POST or PATCH.
    pub fn new(id: impl Into<String>, method: Method, url: impl Into<String>) -> Self {
        let idempotent = !matches!(method, Method::POST | Method::PATCH);
        Self {
            id: id.into(),
            method,
            url: url.into(),
            headers: HeaderMap::new(),
            body: None,
            depends_on: Vec::new(),
            idempotent,
            version: None,
        }
    }

    /// A GET.
    pub fn get(id: impl Into<String>, url: impl Into<String>) -> Self {
        Self::new(id, Method::GET, url)
    }

    /// A GET of a link that Graph handed out, such as the `nextLink` of another item.
    pub fn follow(id: impl Into<String>, link: &GraphLink) -> Self {
        let version = link.version();
        let below = &link.path_and_query()[1 + version.as_str().len()..];
        Self { version: Some(version), ..Self::get(id, below) }
    }

    /// Adds an object to a collection of references: `POST /groups/{id}/members/$ref`. The reference
    /// is absolute and on the Graph root of the link's cloud (N34).
    pub fn add_reference(
        id: impl Into<String>,
        url: impl Into<String>,
        target: &GraphLink,
    ) -> Self {
        let reference = serde_json::json!({ "@odata.id": target.uri().to_string() });
        let body = to_raw_value(&reference).expect("text serializes");
        Self { body: Some(body), ..Self::new(id, Method::POST, url) }
    }

    /// Sets a header; the one set last wins.
    #[must_use]
    pub fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.insert(name, value);
        self
    }

    /// Sets a JSON body.
    ///
    /// # Errors
    /// A value that does not serialize.
    pub fn json(mut self, value: &impl Serialize) -> Result<Self, serde_json::Error> {
        self.body = Some(to_raw_value(value)?);
        Ok(self)
    }

    /// Sets a body that is not JSON, such as a photo: base64 in the envelope (N17).
    #[must_use]
    pub fn binary(mut self, bytes: &[u8], content_type: HeaderValue) -> Self {
        let text = to_raw_value(&STANDARD.encode(bytes)).expect("text serializes");
        self.body = Some(text);
        self.header(CONTENT_TYPE, content_type)
    }

    /// Adds an item that must succeed first.
    #[must_use]
    pub fn depends_on(mut self, id: impl Into<String>) -> Self {
        self.depends_on.push(id.into());
        self
    }

    /// Declares that sending this twice does no harm.
    #[must_use]
    pub fn idempotent(mut self) -> Self {
        self.idempotent = true;
        self
    }

    /// Where the item goes; everything that Graph would refuse is refused here.
    pub(super) fn link(&self, cloud: &Cloud, version: ApiVersion) -> Result<GraphLink, BatchError> {
        let url = |source| BatchError::Url { id: self.id.clone(), source };
        if let Some(from) = self.version.filter(|own| *own != version) {
            return Err(url(LinkError::OtherVersion { from, to: version }));
        }
        let path = self.url.split(['?', '#']).next().unwrap_or_default();
        if path.contains("://") || path.starts_with("//") {
            return Err(url(LinkError::OutsideApi { path: path.to_owned() }));
        }
        let relative = self.url.trim_start_matches('/');
        if path.trim_matches('/').eq_ignore_ascii_case("$batch") {
            return Err(BatchError::Nested(self.id.clone()));
        }
        cloud.link(&format!("/{version}/{relative}")).map_err(url)
    }

    /// The item as a request of its own, for where no batch can carry it.
    pub(super) fn request(&self, link: GraphLink) -> GraphRequest {
        let mut request = GraphRequest::new(self.method.clone(), link).deadline(None);
        for (name, value) in &self.headers {
            request = request.header(name.clone(), value.clone());
        }
        if let Some((bytes, content_type)) = self.body_alone() {
            request = request.body(bytes.into(), content_type);
        }
        if self.idempotent { request.idempotent() } else { request }
    }

    fn body_alone(&self) -> Option<(Vec<u8>, HeaderValue)> {
        let json = HeaderValue::from_static("application/json");
        let content_type = self.headers.get(CONTENT_TYPE).cloned().unwrap_or(json);
        let raw = self.body.as_deref()?.get();
        let decoded = (!is_json(&content_type)).then(|| {
            let text: String = serde_json::from_str(raw).ok()?;
            STANDARD.decode(text).ok()
        });
        Some((decoded.flatten().unwrap_or_else(|| raw.as_bytes().to_vec()), content_type))
    }
}

/// `application/json` and its relatives (`application/scim+json`), with any parameters.
pub(super) fn is_json(content_type: &HeaderValue) -> bool {
    let text = content_type.to_str().unwrap_or_default();
    let media_type = text.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    media_type.is_empty() || media_type.ends_with("json")
}
