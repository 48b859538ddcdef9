//! A bound request: everything that is sent, except the host's token.

use std::fmt;

use serde_json::Value;

use super::{FollowUps, Method};

/// Where the configured Graph is: scheme, host and, for a custom cloud, a path prefix; no version.
///
/// Reference bodies (`@odata.id`) name it, and nothing else in a system file does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Root(String);

/// The text is no Graph root.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no Graph root: expected `https://host` without a version")]
pub struct RootError(String);

impl Root {
    /// A root such as `https://graph.microsoft.us`; a trailing slash is dropped.
    ///
    /// Which hosts may receive a token is the transport's decision; this only refuses what cannot be a root.
    ///
    /// # Errors
    ///
    /// The text has no `http(s)://` or no host, or holds spaces, a query or a fragment.
    pub fn new(root: impl Into<String>) -> Result<Self, RootError> {
        let root = root.into();
        let trimmed = root.trim_end_matches('/');
        let host = trimmed.strip_prefix("https://").or_else(|| trimmed.strip_prefix("http://"));
        let clean = !trimmed.contains(|each: char| {
            each.is_whitespace() || each.is_control() || matches!(each, '?' | '#' | '\\' | '"')
        });
        match host {
            Some(host) if clean && !host.is_empty() && !host.starts_with('/') => {
                Ok(Self(trimmed.to_owned()))
            }
            _ => Err(RootError(root)),
        }
    }

    /// The root without a trailing slash.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Root {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// A request with every argument in its place.
///
/// Its `Debug` shows method, path and names; header values, query and body may hold secrets.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub struct Request {
    /// HTTP method.
    pub method: Method,
    /// Path and query below the Graph root, version included and encoded: `/v1.0/users?$top=5`.
    pub path_and_query: String,
    /// Headers in the order of the file; the transport adds its own.
    pub headers: Vec<(String, String)>,
    /// JSON body.
    pub body: Option<Value>,
    /// Bytes that are the body instead; their type is among the headers.
    pub content: Option<Vec<u8>>,
    /// Whether repeating it is harmless, as declared.
    pub idempotent: bool,
    /// Whether it changes nothing, as declared.
    pub reads: bool,
    pub(crate) follow_ups: Option<Box<FollowUps>>,
}

impl Request {
    /// The path without the query.
    pub fn path(&self) -> &str {
        self.path_and_query.split('?').next().unwrap_or_default()
    }

    /// The value of a header, by name without letter case.
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }
}

impl fmt::Debug for Request {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let headers: Vec<&str> = self.headers.iter().map(|(name, _)| name.as_str()).collect();
        formatter
            .debug_struct("Request")
            .field("method", &self.method)
            .field("path", &self.path())
            .field("headers", &headers)
            .field("body", &(self.body.is_some() || self.content.is_some()))
            .finish_non_exhaustive()
    }
}
