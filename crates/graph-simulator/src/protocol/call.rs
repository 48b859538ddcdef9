//! A request to Graph, read and ready to be answered.

use bytes::Bytes;
use http::{HeaderMap, Method};
use serde_json::{Map, Value};

use super::errors::Refusal;
use super::path::Path;
use super::query::Query;
use crate::directory::changes::StageEdgeCache;
use crate::identity::Roles;
use crate::settings::Settings;

/// A request after its address was read.
#[derive(Debug)]
pub(crate) struct Call<'a> {
    pub(crate) method: &'a Method,
    pub(crate) path: &'a Path,
    pub(crate) query: &'a Query,
    pub(crate) headers: &'a HeaderMap,
    pub(crate) body: &'a Bytes,
    /// Scheme and authority that the request was sent to, and that links go back to.
    pub(crate) base: &'a str,
    pub(crate) roles: &'a Roles,
    pub(crate) settings: &'a Settings,
    pub(crate) stage_edges: &'a StageEdgeCache,
    /// The present, in Unix seconds.
    pub(crate) now: u64,
}

impl Call<'_> {
    /// Whether `ConsistencyLevel: eventual` was sent.
    pub(crate) fn is_eventual(&self) -> bool {
        self.headers
            .get("consistencylevel")
            .is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"eventual"))
    }

    /// Whether both parameters of the advanced mode were sent (facts: graph-protocol 6).
    pub(crate) fn is_advanced(&self) -> bool {
        self.is_eventual() && self.query.count
    }

    /// Whether a `Prefer` header names a preference.
    pub(crate) fn prefers(&self, preference: &str) -> bool {
        let values = self.headers.get_all("prefer").iter().filter_map(|value| value.to_str().ok());
        values
            .flat_map(|value| value.split(','))
            .any(|value| value.trim().eq_ignore_ascii_case(preference))
    }

    /// The root with the version, as links and contexts begin.
    pub(crate) fn root(&self) -> String {
        format!("{}/{}", self.base, self.path.version.as_str())
    }

    /// The value of `@odata.context`.
    pub(crate) fn context(&self, what: &str) -> String {
        format!("{}/$metadata#{what}", self.root())
    }

    /// A link to this path with the options it was asked with and one more.
    pub(crate) fn link(&self, option: &str, value: &str) -> String {
        let repeated = &self.query.repeated;
        let separator = if repeated.is_empty() { "" } else { "&" };
        format!("{}{}?{repeated}{separator}{option}={value}", self.root(), self.path.raw)
    }

    /// The body as a JSON object.
    pub(crate) fn json_body(&self) -> Result<Map<String, Value>, Refusal> {
        let type_ok = self.headers.get(http::header::CONTENT_TYPE).is_some_and(|value| {
            value.to_str().is_ok_and(|value| {
                value.trim().to_ascii_lowercase().starts_with("application/json")
            })
        });
        if !type_ok && !self.body.is_empty() {
            return Err(Refusal::malformed(
                "Write requests (excluding DELETE) must contain the Content-Type header declaration.",
            ));
        }
        match serde_json::from_slice(self.body) {
            Ok(Value::Object(members)) => Ok(members),
            Ok(_) => Err(Refusal::malformed(
                "Unable to read JSON request payload: an object was expected.",
            )),
            Err(_) if self.body.is_empty() => {
                Err(Refusal::malformed("Empty Payload. JSON content expected."))
            }
            Err(_) => Err(Refusal::malformed(
                "Unable to read JSON request payload. Please ensure Content-Type header is set and payload is of valid JSON format.",
            )),
        }
    }

    /// The body as a JSON object; a missing body counts as an empty one.
    pub(crate) fn optional_json_body(&self) -> Result<Map<String, Value>, Refusal> {
        if self.body.is_empty() { Ok(Map::new()) } else { self.json_body() }
    }
}
