//! Graph's own words about a failure, read as liberally as services write them.

use std::fmt;

use http::{HeaderMap, StatusCode};
use serde_json::Value;

use crate::observe::Printable;

/// The `error` object of an answer, with the ids that Microsoft's support asks for.
///
/// Read liberally (facts: graph-protocol 8.1): `innerError` in any casing and depth, a `message`
/// that is an object, `odata.error`, an empty, HTML or truncated body.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct GraphError {
    /// The HTTP status.
    pub status: StatusCode,
    /// `error.code`; empty where the body is not Graph's.
    pub code: String,
    /// `error.message`, or the beginning of a body that is not Graph's.
    pub message: String,
    /// The codes of `innerError` and `details`, outermost first.
    pub inner_codes: Vec<String>,
    /// Graph's id of the request.
    pub request_id: Option<String>,
    /// Our id of the request, as Graph echoes it.
    pub client_request_id: Option<String>,
    /// When Graph answered, in its own words.
    pub date: Option<String>,
}

/// How much of a body that is not Graph's goes into the message, in characters.
const EXCERPT: usize = 200;

/// A word from this length on is taken for a token.
const LONGEST_WORD: usize = 33;

impl GraphError {
    /// Reads an answer that is not a success; never fails.
    pub fn read(status: StatusCode, headers: &HeaderMap, body: &[u8]) -> Self {
        let header =
            |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
        let mut error = Self {
            status,
            request_id: header("request-id"),
            client_request_id: header("client-request-id"),
            date: header("date"),
            ..Self::default()
        };
        let document: Option<Value> = serde_json::from_slice(body).ok();
        let found = document
            .as_ref()
            .and_then(|document| document.get("error").or_else(|| document.get("odata.error")));
        match found {
            Some(Value::Object(object)) => error.fill(object),
            // The token endpoint's shape; a Graph front end may answer in it too.
            Some(Value::String(code)) => {
                error.code.clone_from(code);
                error.message = text(document.as_ref().and_then(|it| it.get("error_description")));
            }
            _ => error.message = excerpt(body),
        }
        error
    }

    fn fill(&mut self, object: &serde_json::Map<String, Value>) {
        self.code = text(object.get("code"));
        self.message = text(object.get("message"));
        let mut level = inner(object);
        while let Some(object) = level {
            self.inner_codes.extend(non_empty(text(object.get("code"))));
            let field = |name: &str| non_empty(text(object.get(name)));
            self.request_id = self.request_id.take().or_else(|| field("request-id"));
            self.client_request_id =
                self.client_request_id.take().or_else(|| field("client-request-id"));
            self.date = self.date.take().or_else(|| field("date"));
            level = inner(object);
        }
        let details = match object.get("details") {
            Some(Value::Array(details)) => details.iter().collect(),
            Some(detail @ Value::Object(_)) => vec![detail],
            _ => Vec::new(),
        };
        self.inner_codes
            .extend(details.into_iter().filter_map(|detail| non_empty(text(detail.get("code")))));
    }

    /// Whether `error.code` or any inner code is `code`.
    pub fn has_code(&self, code: &str) -> bool {
        self.codes().any(|known| known.eq_ignore_ascii_case(code))
    }

    /// All codes, outermost first.
    pub fn codes(&self) -> impl Iterator<Item = &str> {
        std::iter::once(self.code.as_str()).chain(self.inner_codes.iter().map(String::as_str))
    }
}

impl fmt::Display for GraphError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.status.as_u16())?;
        let reason = self.status.canonical_reason().unwrap_or_default();
        let code = if self.code.is_empty() { reason } else { &self.code };
        if !code.is_empty() {
            write!(f, " {}", Printable(code))?;
        }
        if !self.message.is_empty() {
            write!(f, ": {}", Printable(&self.message))?;
        }
        match (&self.request_id, &self.client_request_id) {
            (Some(id), _) => write!(f, " (request-id {})", Printable(id)),
            (None, Some(id)) => write!(f, " (client-request-id {})", Printable(id)),
            (None, None) => Ok(()),
        }
    }
}

fn inner(object: &serde_json::Map<String, Value>) -> Option<&serde_json::Map<String, Value>> {
    object.iter().find(|(key, _)| key.eq_ignore_ascii_case("innerError"))?.1.as_object()
}

/// A string, or the `value` of Graph's `{"lang", "value"}` form.
fn text(value: Option<&Value>) -> String {
    match value {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Object(object)) => text(object.get("value")),
        _ => String::new(),
    }
}

fn non_empty(text: String) -> Option<String> {
    (!text.is_empty()).then_some(text)
}

/// The beginning of a body that is not Graph's. A gateway may show the request in it, so whatever
/// is long enough to be a token or a cursor is left out.
fn excerpt(body: &[u8]) -> String {
    let text = String::from_utf8_lossy(&body[..body.len().min(16 * EXCERPT)]);
    let visible: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let token = |c: char| c.is_ascii_alphanumeric() || "-_.~+/=%".contains(c);
    let words = visible.split_inclusive(|c| !token(c));
    let shown = words.flat_map(|word| {
        let (text, end) = word.split_at(word.find(|c| !token(c)).unwrap_or(word.len()));
        let id = crate::openid::TenantId::parse(text).is_some(); // a gateway's own id helps support
        let text = if text.len() >= LONGEST_WORD && !id { "***" } else { text };
        text.chars().chain(end.chars())
    });
    shown.take(EXCERPT).collect::<String>().trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(body: &str) -> GraphError {
        GraphError::read(StatusCode::BAD_REQUEST, &HeaderMap::new(), body.as_bytes())
    }

    /// Z17, Z20, facts: graph-protocol 8.1
    #[test]
    fn every_shape_of_error_body_is_read() {
        let nested = read(
            r#"{"error":{"code":"Request_BadRequest","message":"no","innererror":{"code":"a","innerError":{"code":"b","request-id":"r1","date":"d"}},"details":[{"code":"ObjectConflict"}]}}"#,
        );
        assert_eq!(nested.code, "Request_BadRequest");
        assert_eq!(nested.inner_codes, ["a", "b", "ObjectConflict"]);
        assert_eq!(nested.request_id.as_deref(), Some("r1"));
        assert!(nested.has_code("objectconflict"));
        assert_eq!(read(r#"{"error":{"code":"","message":{"lang":"en","value":"text"},"details":{"code":"x"}}}"#).message, "text");
        assert_eq!(read(r#"{"odata.error":{"code":"c","message":"m"}}"#).code, "c");
        assert_eq!(
            read(r#"{"error":"invalid_request","error_description":"AADSTS1: no"}"#).message,
            "AADSTS1: no"
        );
        assert_eq!(read("<html>\n<h1>Bad gateway</h1>").message, "<html> <h1>Bad gateway</h1>");
        assert_eq!(read("").message, "");
        assert_eq!(read(&"x ".repeat(10_000)).message.len(), EXCERPT - 1);
        assert_eq!(
            read(&format!("<pre>Authorization: Bearer {}</pre>", "x".repeat(900))).message,
            "<pre>Authorization: Bearer ***</pre>"
        );
    }

    /// Z21, SEC-C03
    #[test]
    fn the_printed_error_has_status_code_message_and_id_on_one_line() {
        let mut error = read(
            r#"{"error":{"code":"c","message":"a\nERROR forged\u001b[2J","innerError":{"request-id":"r"}}}"#,
        );
        assert_eq!(error.to_string(), r"400 c: a\u{a}ERROR forged\u{1b}[2J (request-id r)");
        (error.request_id, error.client_request_id) = (None, Some("own".to_owned()));
        assert!(error.to_string().ends_with("(client-request-id own)"));
        assert_eq!(read("").to_string(), "400 Bad Request");
    }
}
