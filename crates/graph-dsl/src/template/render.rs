//! Values as text and as JSON: booleans as `true`, floats as `1.0`, lists never inside text.

use minijinja::value::{Value as Dynamic, ValueKind};
use minijinja::{Error, ErrorKind};
use serde_json::Value;

use super::engine::MAX_OUTPUT_BYTES;

/// Why a template gave no value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum TemplateError {
    /// A list or object inside text.
    #[error("{0} cannot be part of text")]
    NotText(&'static str),
    /// An absent value inside text.
    #[error("it is absent here")]
    Absent,
    /// More than 1 MiB.
    #[error("the value exceeds 1 MiB")]
    TooLarge,
    /// The expression failed; the text names no value.
    #[error("{0}")]
    Failed(String),
}

/// A scalar as it appears inside text; `None` for null, lists and objects.
pub(crate) fn text_of(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Bool(value) => Some(value.to_string()),
        Value::Number(number) => Some(number.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

/// A scalar inside text, or why it cannot stand there.
pub(crate) fn text_or_error(value: &Value) -> Result<String, TemplateError> {
    text_of(value).ok_or(match value {
        Value::Null => TemplateError::NotText("null"),
        Value::Array(_) => TemplateError::NotText("a list"),
        _ => TemplateError::NotText("an object"),
    })
}

/// A minijinja value as JSON; `None` when it is undefined.
pub(super) fn json_of(value: &Dynamic) -> Result<Option<Value>, Error> {
    match value.kind() {
        ValueKind::Undefined => return Ok(None),
        ValueKind::Invalid | ValueKind::Plain | ValueKind::Bytes => {
            return Err(Error::new(ErrorKind::InvalidOperation, "not a JSON value"));
        }
        _ => {}
    }
    let mut budget = MAX_OUTPUT_BYTES;
    convert(value, &mut budget).map(Some)
}

fn convert(value: &Dynamic, budget: &mut usize) -> Result<Value, Error> {
    let cost = value.as_str().map_or(1, |text| text.len().max(1));
    *budget = budget
        .checked_sub(cost)
        .ok_or_else(|| Error::new(ErrorKind::InvalidOperation, "the value exceeds 1 MiB"))?;
    match value.kind() {
        ValueKind::Seq | ValueKind::Iterable => {
            let items = value.try_iter()?.filter(|item| !item.is_undefined());
            items
                .map(|item| convert(&item, budget))
                .collect::<Result<Vec<_>, _>>()
                .map(Value::Array)
        }
        ValueKind::Map => {
            let mut object = serde_json::Map::new();
            for key in value.try_iter()? {
                let item = value.get_item(&key)?;
                if !item.is_undefined() {
                    object.insert(key.to_string(), convert(&item, budget)?);
                }
            }
            Ok(Value::Object(object))
        }
        ValueKind::Undefined => Ok(Value::Null),
        _ => serde_json::to_value(value)
            .map_err(|_| Error::new(ErrorKind::InvalidOperation, "not a JSON value")),
    }
}
