//! An answer before it becomes an HTTP response.

use bytes::Bytes;
use http::{HeaderName, HeaderValue, StatusCode};

use super::errors::{Refusal, RequestIds};
use super::json::Json;

/// How Graph labels its JSON.
pub(crate) const JSON: &str = "application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8";

/// An answer.
#[derive(Clone, Debug)]
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) content_type: &'static str,
    pub(crate) headers: Vec<(HeaderName, HeaderValue)>,
    pub(crate) body: Bytes,
}

impl Reply {
    /// An answer with a JSON body.
    pub(crate) fn json(status: StatusCode, json: Json) -> Self {
        Self { status, content_type: JSON, headers: Vec::new(), body: json.into_bytes().into() }
    }

    /// 200 with a JSON body.
    pub(crate) fn ok(json: Json) -> Self {
        Self::json(StatusCode::OK, json)
    }

    /// 204.
    pub(crate) fn no_content() -> Self {
        Self {
            status: StatusCode::NO_CONTENT,
            content_type: "",
            headers: Vec::new(),
            body: Bytes::new(),
        }
    }

    /// A bare text.
    pub(crate) fn text(text: String) -> Self {
        Self {
            status: StatusCode::OK,
            content_type: "text/plain",
            headers: Vec::new(),
            body: text.into(),
        }
    }

    /// A refusal in Graph's shape.
    pub(crate) fn refusal(refusal: Refusal, ids: &RequestIds) -> Self {
        let body = refusal.body(ids).into();
        Self {
            status: refusal.status,
            content_type: "application/json",
            headers: refusal.headers,
            body,
        }
    }

    pub(crate) fn header(mut self, name: HeaderName, value: &str) -> Self {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.headers.push((name, value));
        }
        self
    }
}
