//! Directory extensions: properties that applications define for users, groups and others
//! (facts: graph-protocol 10.11).

use http::StatusCode;
use serde_json::{Map, Value, json};

use super::call::Call;
use super::errors::Refusal;
use super::reply::Reply;
use super::resource::Key;
use super::select::unknown_property;
use super::sets::{Scope, list, named, schema};
use crate::directory::Directory;
use crate::entities::extending;
use crate::tenant::{Kind, ObjectId};

const SET: &str = "applications/{id}/extensionProperties";

/// Whether a name is one that an extension may have: `extension_{application}_{name}`.
pub(crate) fn is_name(name: &str) -> bool {
    application_of(name).is_some()
}

/// The `appId` in the name of an extension.
fn application_of(name: &str) -> Option<ObjectId> {
    let (id, rest) = name.strip_prefix("extension_")?.split_once('_')?;
    if rest.is_empty() || id.len() != 32 || !id.is_ascii() {
        return None;
    }
    let parts = [&id[..8], &id[8..12], &id[12..16], &id[16..20], &id[20..]];
    parts.join("-").parse().ok()
}

/// The definition of an extension, while its application lives.
fn definition(directory: Directory<'_>, name: &str) -> Option<Map<String, Value>> {
    let application = directory.by_app_id(Kind::Application, application_of(name)?)?;
    definitions(directory, application.id())
        .into_iter()
        .find(|known| known["name"].as_str().is_some_and(|known| known.eq_ignore_ascii_case(name)))
}

/// The extensions that an application defines.
fn definitions(directory: Directory<'_>, application: ObjectId) -> Vec<Map<String, Value>> {
    let set = named(SET).expect("the set is in the table");
    let key = [Key::Primary(application.to_string())];
    Scope::open(directory, set, &key, 0).map_or_else(|_| Vec::new(), |scope| scope.all())
}

/// Refuses names in a `$select` that look like extensions and are none.
pub(crate) fn check_names(
    directory: Directory<'_>,
    names: Option<&[String]>,
    type_name: &str,
) -> Result<(), Refusal> {
    for name in names.unwrap_or_default().iter().filter(|name| name.starts_with("extension_")) {
        if definition(directory, name).is_none() {
            return Err(unknown_property(name, type_name));
        }
    }
    Ok(())
}

/// Checks the extension values in a body.
pub(crate) fn check_body(
    directory: Directory<'_>,
    kind: Kind,
    body: &Map<String, Value>,
) -> Result<(), Refusal> {
    for (name, value) in body.iter().filter(|(name, _)| name.starts_with("extension_")) {
        let unavailable = || {
            Refusal::bad_request(format!(
                "The following extension properties are not available: {name}."
            ))
        };
        let definition = definition(directory, name).ok_or_else(unavailable)?;
        let targets = definition["targetObjects"].as_array().map_or(&[][..], Vec::as_slice);
        let target = |target: &Value| {
            target.as_str().is_some_and(|target| target.eq_ignore_ascii_case(kind.entity_type()))
        };
        if !targets.iter().any(target) {
            return Err(unavailable());
        }
        let many = definition["isMultiValued"] == true;
        let data_type = definition["dataType"].as_str().unwrap_or_default();
        let fits = match (value, many) {
            (Value::Null, _) => true,
            (Value::Array(values), true) => values.iter().all(|value| is_of(value, data_type)),
            (value, false) => is_of(value, data_type),
            _ => false,
        };
        if !fits {
            return Err(Refusal::bad_request(format!(
                "Invalid value specified for property '{name}' of resource '{}'.",
                kind.entity_type()
            )));
        }
    }
    Ok(())
}

fn is_of(value: &Value, data_type: &str) -> bool {
    match data_type {
        "Boolean" => value.is_boolean(),
        "Integer" | "LargeInteger" => value.is_i64() || value.is_u64(),
        _ => value.is_string(),
    }
}

/// `directoryObjects/getAvailableExtensionProperties`.
pub(crate) fn available(call: &Call<'_>, directory: Directory<'_>) -> Result<Reply, Refusal> {
    let body = call.optional_json_body()?;
    let synced = match body.get("isSyncedFromOnPremises") {
        None | Some(Value::Null) => None,
        Some(Value::Bool(synced)) => Some(*synced),
        Some(_) => {
            return Err(Refusal::bad_request(
                "The 'isSyncedFromOnPremises' parameter must be a boolean.",
            ));
        }
    };
    let seeded = extending().map(|handle| directory.tenant.id(handle));
    let written = directory.overlay.documents().parents("applications/", "/extensionProperties");
    let mut applications: Vec<ObjectId> =
        seeded.chain(written.filter_map(|id| id.parse().ok())).collect();
    applications.sort_unstable();
    applications.dedup();
    let found: Vec<Value> = applications
        .into_iter()
        .flat_map(|application| definitions(directory, application))
        .filter(|found| synced.is_none_or(|synced| found["isSyncedFromOnPremises"] == synced))
        .map(|found| Value::Object(schema::shape(found, "extensionProperty")))
        .collect();
    let context = call.context("Collection(extensionProperty)");
    Ok(list::answer(StatusCode::OK, &json!({ "@odata.context": context, "value": found })))
}
