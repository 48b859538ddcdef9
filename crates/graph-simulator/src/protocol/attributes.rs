//! Custom security attributes: read with a permission of their own, written with typed values
//! (facts: graph-protocol 10.11).

use serde_json::{Map, Value, json};

use super::call::Call;
use super::errors::Refusal;
use super::resource::Key;
use super::sets::{Scope, named};
use crate::directory::{Directory, Object};

const PROPERTY: &str = "customSecurityAttributes";
const DEFINITIONS: &str = "directory/customSecurityAttributeDefinitions";
const READ: &[&str] =
    &["CustomSecAttributeAssignment.Read.All", "CustomSecAttributeAssignment.ReadWrite.All"];
const WRITE: &[&str] = &["CustomSecAttributeAssignment.ReadWrite.All"];
/// The permissions that nothing else asks for.
pub(crate) const PERMISSIONS: &[&str] = READ;

/// Refuses a `$select` of attributes without the permission.
pub(crate) fn readable(call: &Call<'_>) -> Result<(), Refusal> {
    let asked = call.query.select.iter().flatten().any(|name| name == PROPERTY);
    if asked && !call.roles.has_any(READ) { Err(Refusal::forbidden()) } else { Ok(()) }
}

/// Checks attributes in a body and merges them into what the object has.
pub(crate) fn merge(
    call: &Call<'_>,
    directory: Directory<'_>,
    object: &Object<'_>,
    body: &mut Map<String, Value>,
) -> Result<(), Refusal> {
    let Some(given) = body.get(PROPERTY).cloned() else { return Ok(()) };
    if !call.roles.has_any(WRITE) {
        return Err(Refusal::forbidden());
    }
    let Value::Object(sets) = given else {
        return Err(Refusal::bad_request(format!(
            "Invalid value specified for property '{PROPERTY}'."
        )));
    };
    let mut merged = match object.value_of(PROPERTY) {
        Value::Object(known) => known,
        _ => Map::new(),
    };
    for (set, values) in sets.iter().filter(|(name, _)| !name.starts_with('@')) {
        let Value::Object(values) = values else {
            return Err(Refusal::bad_request(format!("Attribute set '{set}' must be an object.")));
        };
        if !values.contains_key("@odata.type") {
            return Err(Refusal::bad_request(format!(
                "Attribute set '{set}' needs an '@odata.type'."
            )));
        }
        let into = merged.entry(set.clone()).or_insert_with(|| json!({}));
        for (name, value) in values {
            if !name.contains('@') {
                check(directory, set, name, value, values)?;
            }
            match (value, into.as_object_mut()) {
                (Value::Null, Some(into)) => drop(into.remove(name)),
                (value, Some(into)) => drop(into.insert(name.clone(), value.clone())),
                _ => {}
            }
        }
    }
    body.insert(PROPERTY.to_owned(), Value::Object(merged));
    Ok(())
}

/// Checks one attribute against its definition.
fn check(
    directory: Directory<'_>,
    set: &str,
    name: &str,
    value: &Value,
    siblings: &Map<String, Value>,
) -> Result<(), Refusal> {
    let definitions = named(DEFINITIONS).expect("the set is in the table");
    let scope = Scope::open(directory, definitions, &[], 0)?;
    let found = scope.find(&Key::Primary(format!("{set}_{name}")));
    let invalid =
        || Refusal::bad_request(format!("Custom security attribute '{set}/{name}' is invalid."));
    let definition = found.map_err(|_| invalid())?;
    let annotated = |expected: &str| {
        siblings.get(&format!("{name}@odata.type")).and_then(Value::as_str) == Some(expected)
    };
    let many = definition["isCollection"] == true;
    let fits = match (definition["type"].as_str(), many, value) {
        (_, _, Value::Null) => true,
        (Some("Integer"), false, value) => value.is_i64() && annotated("#Int32"),
        (Some("Integer"), true, Value::Array(values)) => {
            values.iter().all(Value::is_i64) && annotated("#Collection(Int32)")
        }
        (Some("Boolean"), _, value) => value.is_boolean(),
        (_, true, Value::Array(values)) => {
            values.iter().all(Value::is_string) && annotated("#Collection(String)")
        }
        (_, false, value) => value.is_string(),
        _ => false,
    };
    if !fits || definition["status"] != "Available" {
        return Err(invalid());
    }
    if definition["usePreDefinedValuesOnly"] == true && !value.is_null() {
        let allowed = named("directory/customSecurityAttributeDefinitions/{id}/allowedValues");
        let key = [Key::Primary(format!("{set}_{name}"))];
        let allowed = Scope::open(directory, allowed.expect("the set is in the table"), &key, 0)?;
        let known = allowed.all();
        let is_allowed = |value: &Value| {
            known.iter().any(|known| known["id"] == *value && known["isActive"] == true)
        };
        let values = value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice);
        if !values.iter().all(is_allowed) {
            return Err(invalid());
        }
    }
    Ok(())
}
