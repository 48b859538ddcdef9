//! The filters: JSON in, JSON out, nothing rendered the Python way.

use minijinja::value::{Serde, Value, ValueKind};
use minijinja::{Error, ErrorKind};

use super::engine::MAX_OUTPUT_BYTES;
use super::render::{json_of, text_of};

type Result<T> = std::result::Result<T, Error>;

fn failure(message: impl Into<std::borrow::Cow<'static, str>>) -> Error {
    Error::new(ErrorKind::InvalidOperation, message)
}

/// The value, or the default when it is absent; `null` counts as given.
pub(super) fn default(value: Value, other: Value) -> Value {
    if value.is_undefined() { other } else { value }
}

pub(super) fn first(value: &Value) -> Result<Value> {
    Ok(value.try_iter()?.next().unwrap_or(Value::UNDEFINED))
}

pub(super) fn last(value: &Value) -> Result<Value> {
    Ok(value.try_iter()?.last().unwrap_or(Value::UNDEFINED))
}

pub(super) fn length(value: &Value) -> Result<usize> {
    match value.as_str() {
        Some(text) => Ok(text.chars().count()),
        None => value.len().ok_or_else(|| failure("only text, lists and objects have a length")),
    }
}

/// A list of scalars as text, each rendered as in a template.
pub(super) fn join(value: &Value, separator: Option<&str>) -> Result<String> {
    if value.kind() == ValueKind::String {
        return Err(failure("`join` expects a list"));
    }
    let mut out = String::new();
    for (index, item) in value.try_iter()?.enumerate() {
        if index > 0 {
            out.push_str(separator.unwrap_or_default());
        }
        let text = json_of(&item)?.as_ref().and_then(text_of);
        out.push_str(
            &text.ok_or_else(|| failure("`join` expects a list of text, numbers or booleans"))?,
        );
        limit(out.len())?;
    }
    Ok(out)
}

pub(super) fn replace(text: &str, from: &str, to: &str) -> Result<String> {
    if from.is_empty() {
        return Err(failure("`replace` expects some text to replace"));
    }
    let times = text.matches(from).count();
    limit(text.len().saturating_add(times.saturating_mul(to.len())))?;
    Ok(text.replace(from, to))
}

pub(super) fn split(text: &str, separator: &str) -> Result<Vec<String>> {
    if separator.is_empty() {
        return Err(failure("`split` expects a separator"));
    }
    Ok(text.split(separator).map(str::to_owned).collect())
}

/// JSON text; unlike minijinja's own filter without escapes made for HTML.
pub(super) fn tojson(value: &Value) -> Result<String> {
    let json = json_of(value)?.ok_or_else(|| failure("an absent value has no JSON"))?;
    Ok(json.to_string())
}

/// JSON text as the value it describes.
pub(super) fn fromjson(text: &str) -> Result<Value> {
    let json: serde_json::Value =
        serde_json::from_str(text).map_err(|error| failure(format!("not JSON: {error}")))?;
    Ok(Value::from(Serde(&json)))
}

/// An OData literal: text in single quotes, quotes inside doubled (OData 4.01 URL conventions, 5.1.1.6.1).
pub(super) fn odata(value: &Value) -> Result<String> {
    match json_of(value)? {
        Some(serde_json::Value::String(text)) => Ok(format!("'{}'", text.replace('\'', "''"))),
        Some(serde_json::Value::Null) => Ok("null".to_owned()),
        Some(other) => {
            text_of(&other).ok_or_else(|| failure("a list or object is no OData literal"))
        }
        None => Err(failure("an absent value is no OData literal")),
    }
}

/// Percent-encoding of everything but unreserved characters.
pub(super) fn urlencode(text: &str) -> String {
    use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
    utf8_percent_encode(text, NON_ALPHANUMERIC).to_string()
}

fn limit(bytes: usize) -> Result<()> {
    if bytes > MAX_OUTPUT_BYTES { Err(failure("the value exceeds 1 MiB")) } else { Ok(()) }
}
