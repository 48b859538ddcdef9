//! Answers as Graph would write them.

use bytes::Bytes;
use fastrand::Rng;
use http::header::{CONTENT_TYPE, HeaderValue, RETRY_AFTER};
use http::{HeaderMap, Method, Response, StatusCode};
use serde_json::json;

use crate::body::{AnswerBody, Body};

/// The failures that Graph may give for a method (X1): 507 only where something is stored.
pub(super) fn plausible(method: &Method) -> &'static [u16] {
    match *method {
        Method::POST | Method::PUT | Method::PATCH => &[429, 500, 502, 503, 504, 507],
        _ => &[429, 500, 502, 503, 504],
    }
}

/// Graph's code for a status (facts: graph-protocol 8.3).
fn code(status: StatusCode) -> &'static str {
    match status.as_u16() {
        400 => "Request_BadRequest",
        401 => "InvalidAuthenticationToken",
        403 => "Authorization_RequestDenied",
        404 => "Request_ResourceNotFound",
        409 => "Directory_ConcurrencyViolation",
        410 => "syncStateNotFound",
        429 => "TooManyRequests",
        501 => "NotImplemented",
        500 => "generalException",
        502..=504 => "serviceNotAvailable",
        _ => "UnknownError",
    }
}

/// X8, X9: a request id on every answer, `Retry-After` on a 429, an error in Graph's shape on a
/// failure, nothing on a success.
pub(super) fn answer(
    status: StatusCode,
    request: &HeaderMap,
    rng: &mut Rng,
) -> Response<AnswerBody> {
    let id = crate::guid::guid(rng.u128(..));
    let client_id = request.get("client-request-id").cloned();
    let body = if status.is_success() {
        Bytes::new()
    } else {
        let message = "Injected on purpose.";
        let inner = json!({ "request-id": id, "client-request-id":
            client_id.as_ref().and_then(|id| id.to_str().ok()) });
        let error = json!({ "code": code(status), "message": message, "innerError": inner });
        json!({ "error": error }).to_string().into()
    };
    let has_body = !body.is_empty();
    let boxed = AnswerBody::new(Body::from(body));
    let mut answer = Response::new(boxed);
    *answer.status_mut() = status;
    let headers = answer.headers_mut();
    headers.insert("request-id", HeaderValue::from_str(&id).expect("a GUID is a header value"));
    headers.extend(client_id.map(|id| (http::HeaderName::from_static("client-request-id"), id)));
    if has_body {
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    }
    if status == StatusCode::TOO_MANY_REQUESTS {
        headers.insert(RETRY_AFTER, HeaderValue::from(rng.u16(1..=3)));
    }
    answer
}
