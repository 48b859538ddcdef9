//! What never reaches a store: the secret parts of credentials (cases: H9).

use std::collections::BTreeMap;

use serde_json::Value;
use serde_json::value::RawValue;

/// Properties with secret parts, and the parts. Graph answers most of them with null; a key that
/// is written to a file by mistake stays written.
const SECRETS: [(&str, &[&str]); 3] = [
    ("keyCredentials", &["key"]),
    ("passwordCredentials", &["secretText", "hint"]),
    ("passwordProfile", &["password"]),
];

/// The secret parts of a property.
pub(super) fn of(property: &str) -> Option<&'static [&'static str]> {
    SECRETS.iter().find(|(name, _)| *name == property).map(|(_, secret)| *secret)
}

/// The value without these parts, in every object of it.
pub(super) fn without(value: &RawValue, secret: &[&str]) -> String {
    let parsed = serde_json::from_str(value.get());
    parsed.map_or_else(|_| "null".to_owned(), |value: Value| stripped(value, secret).to_string())
}

/// Without the parts, and with its names in order: equal values are equal texts.
fn stripped(value: Value, secret: &[&str]) -> Value {
    match value {
        Value::Array(items) => items.into_iter().map(|item| stripped(item, secret)).collect(),
        Value::Object(object) => {
            let kept = object.into_iter().filter(|(name, _)| !secret.contains(&name.as_str()));
            let kept: BTreeMap<String, Value> =
                kept.map(|(name, value)| (name, stripped(value, secret))).collect();
            kept.into_iter().collect()
        }
        other => other,
    }
}
