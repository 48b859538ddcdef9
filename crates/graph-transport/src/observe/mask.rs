//! What a log line may show of headers, queries and bodies: what is listed, and nothing else.
//!
//! These types are the only way into the log. No feature, level or build mode turns them off; the
//! lists can be extended by [`Logging`](super::Logging), never replaced.

use std::collections::HashSet;
use std::fmt::{self, Write as _};

use http::HeaderMap;
use http::header::{CONTENT_TYPE, HeaderName};
use serde_json::Value;

use super::Printable;

/// Stands for a value that is not shown.
const REDACTED: &str = "REDACTED";

/// Headers whose values say nothing about people and hold no secret.
const SHOWN_HEADERS: [&str; 28] = [
    "accept",
    "accept-encoding",
    "accept-language",
    "cache-control",
    "client-request-id",
    "consistencylevel",
    "content-encoding",
    "content-length",
    "content-range",
    "content-type",
    "date",
    "deprecation",
    "prefer",
    "preference-applied",
    "request-id",
    "retry-after",
    "retry-after-ms",
    "sdkversion",
    "server",
    "sunset",
    "traceparent",
    "transfer-encoding",
    "user-agent",
    "x-ms-resource-unit",
    "x-ms-retry-after-ms",
    "x-ms-throttle-information",
    "x-ms-throttle-limit-percentage",
    "x-ms-throttle-scope",
];

/// Query options whose values are names of Graph or numbers.
const SHOWN_OPTIONS: [&str; 6] =
    ["$select", "$top", "$count", "$orderby", "$expand", "api-version"];

/// Properties of bodies whose values say nothing about people and hold no secret.
const SHOWN_PROPERTIES: [&str; 25] = [
    "@odata.count",
    "@odata.type",
    "accountEnabled",
    "appId",
    "client-request-id",
    "correlation_id",
    "createdDateTime",
    "date",
    "deletedDateTime",
    "dependsOn",
    "expires_in",
    "grant_type",
    "groupTypes",
    "id",
    "mailEnabled",
    "method",
    "request-id",
    "securityEnabled",
    "status",
    "targetedMessage",
    "timestamp",
    "token_type",
    "trace_id",
    "userType",
    "visibility",
];

/// Levels in which `code` is a code of Graph's errors; elsewhere it may be one to sign in with.
const ERROR_LEVELS: [&str; 4] = ["error", "innererror", "innerError", "details"];

/// Names that the caller adds to the lists.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct Shown {
    pub(crate) headers: HashSet<HeaderName>,
    pub(crate) options: HashSet<String>,
    pub(crate) properties: HashSet<String>,
}

/// Headers for the log: values outside the list are `REDACTED`, and so are sensitive ones.
#[derive(Clone, Copy)]
pub struct MaskedHeaders<'a> {
    headers: &'a HeaderMap,
    more: Option<&'a Shown>,
}

impl<'a> MaskedHeaders<'a> {
    /// With the default list.
    pub fn new(headers: &'a HeaderMap) -> Self {
        Self { headers, more: None }
    }

    pub(crate) fn with(headers: &'a HeaderMap, more: &'a Shown) -> Self {
        Self { headers, more: Some(more) }
    }
}

impl fmt::Display for MaskedHeaders<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_char('{')?;
        for (index, (name, value)) in self.headers.iter().enumerate() {
            let listed = SHOWN_HEADERS.contains(&name.as_str())
                || self.more.is_some_and(|more| more.headers.contains(name));
            let shown = value.to_str().ok().filter(|_| listed && !value.is_sensitive());
            let separator = if index == 0 { "" } else { ", " };
            write!(f, "{separator}{name}: {}", Printable(shown.unwrap_or(REDACTED)))?;
        }
        f.write_char('}')
    }
}

impl fmt::Debug for MaskedHeaders<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A query for the log: names of options stay, values stay only where they are listed and look
/// like names of Graph, so that a filter inside an `$expand` is masked too.
#[derive(Clone, Copy)]
pub struct MaskedQuery<'a> {
    query: &'a str,
    more: Option<&'a Shown>,
}

impl<'a> MaskedQuery<'a> {
    /// With the default list.
    pub fn new(query: &'a str) -> Self {
        Self { query, more: None }
    }

    pub(crate) fn with(query: &'a str, more: &'a Shown) -> Self {
        Self { query, more: Some(more) }
    }
}

impl fmt::Display for MaskedQuery<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let options = self.query.split('&').filter(|option| !option.is_empty());
        for (index, option) in options.enumerate() {
            let (name, value) = option.split_once('=').unwrap_or((option, ""));
            let name = name.replace("%24", "$");
            let own = self.more.is_some_and(|more| more.options.contains(&name));
            let listed = SHOWN_OPTIONS.contains(&name.as_str()) && is_names(value);
            let name = if is_option(&name) { &name } else { "***" };
            let value = if own || listed { value } else { "***" };
            write!(f, "{}{name}={}", if index == 0 { "" } else { "&" }, Printable(value))?;
        }
        Ok(())
    }
}

/// Whether a value can only be names of properties or a number.
fn is_names(value: &str) -> bool {
    let value = value.replace("%20", " ").replace("%2C", ",");
    value.len() <= 2_000
        && value.split([',', ' ', '+']).all(|word| word.len() <= 80)
        && value.bytes().all(|byte| {
            byte.is_ascii_alphanumeric()
                || matches!(byte, b',' | b' ' | b'+' | b'_' | b'.' | b'/' | b'-')
        })
}

fn is_option(name: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphabetic() || matches!(byte, b'$' | b'-' | b'_' | b'.');
    name.len() <= 40 && name.bytes().all(plain)
}

/// How much of a body is read for the log, in bytes.
const MOST_READ: usize = 256 << 10;

/// How many items of an array are shown.
const MOST_ITEMS: usize = 2;

/// How deep a body is shown.
const MOST_LEVELS: usize = 12;

/// A body for the log: the shape of its JSON, or the names in a form, with the values of listed
/// properties where they look harmless; anything else is a size and a type.
#[derive(Clone, Copy)]
pub struct MaskedBody<'a> {
    headers: &'a HeaderMap,
    body: &'a [u8],
    more: Option<&'a Shown>,
}

impl<'a> MaskedBody<'a> {
    /// With the default list; `headers` name the content type.
    pub fn new(headers: &'a HeaderMap, body: &'a [u8]) -> Self {
        Self { headers, body, more: None }
    }

    pub(crate) fn with(headers: &'a HeaderMap, body: &'a [u8], more: &'a Shown) -> Self {
        Self { headers, body, more: Some(more) }
    }

    fn is_shown(&self, level: &str, name: &str, value: &str) -> bool {
        if self.more.is_some_and(|more| more.properties.contains(name)) {
            return true;
        }
        let listed = match name {
            "id" => return is_guid(value) || is_number(value),
            "code" => ERROR_LEVELS.contains(&level),
            _ => SHOWN_PROPERTIES.contains(&name),
        };
        listed && is_word(value)
    }

    fn json(
        &self,
        f: &mut fmt::Formatter<'_>,
        at: (&str, &str),
        value: &Value,
        depth: usize,
    ) -> fmt::Result {
        let (level, name) = at;
        match value {
            Value::Object(_) | Value::Array(_) if depth == MOST_LEVELS => f.write_str("\"…\""),
            Value::Object(object) => {
                f.write_char('{')?;
                for (index, (key, value)) in object.iter().enumerate() {
                    let separator = if index == 0 { "" } else { "," };
                    write!(f, "{separator}\"{}\":", if is_key(key) { key } else { "***" })?;
                    self.json(f, (name, key), value, depth + 1)?;
                }
                f.write_char('}')
            }
            Value::Array(items) => {
                f.write_char('[')?;
                for (index, item) in items.iter().take(MOST_ITEMS).enumerate() {
                    f.write_str(if index == 0 { "" } else { "," })?;
                    self.json(f, (level, name), item, depth + 1)?;
                }
                if items.len() > MOST_ITEMS {
                    write!(f, ",\"… {} more\"", items.len() - MOST_ITEMS)?;
                }
                f.write_char(']')
            }
            Value::String(text) if self.is_shown(level, name, text) => {
                write!(f, "\"{}\"", Printable(text))
            }
            Value::Null => f.write_str("null"),
            Value::Bool(_) | Value::Number(_) if self.is_shown(level, name, &value.to_string()) => {
                write!(f, "{value}")
            }
            _ => f.write_str("\"***\""),
        }
    }

    fn form(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, (name, value)) in url::form_urlencoded::parse(self.body).enumerate() {
            let shown = self.is_shown("", &name, &value);
            let name = if is_key(&name) { &*name } else { "***" };
            let value = if shown { &*value } else { "***" };
            write!(f, "{}{name}={}", if index == 0 { "" } else { "&" }, Printable(value))?;
        }
        Ok(())
    }
}

impl fmt::Display for MaskedBody<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let content_type = self.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let media = content_type.unwrap_or_default().split(';').next().unwrap_or_default().trim();
        if self.body.is_empty() || self.body.len() > MOST_READ {
            return write!(f, "<{} bytes>", self.body.len());
        }
        if media.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
            return self.form(f);
        }
        match serde_json::from_slice::<Value>(self.body) {
            Ok(value) => self.json(f, ("", ""), &value, 0),
            Err(_) => write!(f, "<{} bytes, not JSON>", self.body.len()),
        }
    }
}

/// Keys are names of properties, unless a dictionary uses somebody's data as keys.
fn is_key(name: &str) -> bool {
    let plain =
        |byte: u8| byte.is_ascii_alphabetic() || matches!(byte, b'_' | b'-' | b'@' | b'.' | b'#');
    name.len() <= 64 && name.bytes().all(plain)
}

fn is_word(value: &str) -> bool {
    let plain = |byte: u8| {
        byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b':' | b'#' | b'+')
    };
    value.len() <= 64 && value.bytes().all(plain)
}

fn is_number(value: &str) -> bool {
    value.len() <= 10 && value.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_guid(value: &str) -> bool {
    crate::openid::TenantId::parse(value).is_some()
}

#[cfg(test)]
mod tests;
