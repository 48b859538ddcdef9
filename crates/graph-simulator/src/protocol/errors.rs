//! Refusals in Graph's shape, with Graph's codes (facts: graph-protocol 8).

use std::borrow::Cow;

use http::{HeaderName, HeaderValue, StatusCode};
use serde_json::json;

/// A request that Graph refuses.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Refusal {
    pub(crate) status: StatusCode,
    pub(crate) code: Cow<'static, str>,
    pub(crate) message: String,
    pub(crate) headers: Vec<(HeaderName, HeaderValue)>,
}

impl Refusal {
    pub(crate) fn new(
        status: StatusCode,
        code: impl Into<Cow<'static, str>>,
        message: impl Into<String>,
    ) -> Self {
        Self { status, code: code.into(), message: message.into(), headers: Vec::new() }
    }

    pub(crate) fn header(mut self, name: HeaderName, value: &str) -> Self {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.headers.push((name, value));
        }
        self
    }

    /// A request that OData cannot read.
    pub(crate) fn malformed(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "BadRequest", message)
    }

    /// A body or an address that the directory refuses.
    pub(crate) fn bad_request(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "Request_BadRequest", message)
    }

    /// A query option, or a combination of them, that the directory does not support.
    pub(crate) fn unsupported(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "Request_UnsupportedQuery", message)
    }

    /// A path that does not exist.
    pub(crate) fn no_segment(segment: &str) -> Self {
        Self::malformed(format!("Resource not found for the segment '{segment}'."))
    }

    /// An object, or an object referred to, that does not exist.
    pub(crate) fn not_found(key: &str) -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "Request_ResourceNotFound",
            format!(
                "Resource '{key}' does not exist or one of its queried reference-property objects are not present."
            ),
        )
    }

    /// A method that the path does not take.
    pub(crate) fn method_not_allowed() -> Self {
        Self::new(
            StatusCode::METHOD_NOT_ALLOWED,
            "Request_BadRequest",
            "Specified HTTP method is not allowed for the request target.",
        )
    }

    /// A page or delta token that this service did not issue.
    pub(crate) fn invalid_token() -> Self {
        Self::bad_request("The specified page token is not valid.")
    }

    /// A missing application permission.
    pub(crate) fn forbidden() -> Self {
        Self::new(
            StatusCode::FORBIDDEN,
            "Authorization_RequestDenied",
            "Insufficient privileges to complete the operation.",
        )
    }

    /// A missing, malformed, expired or foreign access token.
    pub(crate) fn unauthenticated(message: impl Into<String>) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "InvalidAuthenticationToken", message)
    }

    /// A value that another object has already.
    pub(crate) fn conflict(property: &str) -> Self {
        Self::bad_request(format!(
            "Another object with the same value for property {property} already exists."
        ))
    }

    /// The body, with the identifiers of the request.
    pub(crate) fn body(&self, ids: &RequestIds) -> Vec<u8> {
        let body = json!({ "error": {
            "code": self.code,
            "message": self.message,
            "innerError": {
                "date": ids.date,
                "request-id": ids.request_id,
                "client-request-id": ids.client_request_id,
            },
        }});
        body.to_string().into_bytes()
    }
}

/// What identifies one request in its answer.
#[derive(Clone, Debug)]
pub(crate) struct RequestIds {
    pub(crate) request_id: String,
    pub(crate) client_request_id: String,
    /// Without a time zone, as Graph writes it.
    pub(crate) date: String,
}
