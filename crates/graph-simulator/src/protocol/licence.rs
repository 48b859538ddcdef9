//! `assignLicense` on users and groups (facts: graph-protocol 9.1, 10.7).

use http::StatusCode;
use serde_json::{Map, Value, json};

use super::call::Call;
use super::errors::Refusal;
use super::read;
use super::reply::Reply;
use super::write::Writer;
use crate::tenant::{Handle, Kind};

/// Adds and removes licences: a user answers at once with itself, a group later with nothing.
pub(crate) fn assign(
    call: &Call<'_>,
    writer: &mut Writer<'_>,
    object: Handle,
) -> Result<Reply, Refusal> {
    let body = call.json_body()?;
    let list = |name: &str| {
        let refusal = || {
            Refusal::bad_request(format!(
                "The '{name}' parameter is required and must be a collection."
            ))
        };
        body.get(name).and_then(Value::as_array).ok_or_else(refusal)
    };
    let (added, removed) = (list("addLicenses")?, list("removeLicenses")?);
    let current = writer.directory().object(object);
    if object.kind == Kind::User && !added.is_empty() && current.value_of("usageLocation").is_null()
    {
        return Err(Refusal::bad_request(
            "License assignment cannot be done for user with invalid usage location.",
        ));
    }
    let mut assigned = match current.value_of("assignedLicenses") {
        Value::Array(assigned) => assigned,
        _ => Vec::new(),
    };
    for sku in removed {
        let before = assigned.len();
        assigned.retain(|licence| &licence["skuId"] != sku);
        if assigned.len() == before {
            return Err(Refusal::bad_request("User does not have a corresponding license."));
        }
    }
    for licence in added {
        let sku = licence.get("skuId").and_then(Value::as_str).unwrap_or_default();
        let mut sold = writer.tenant.plan().licences().iter();
        if !sold.any(|(_, known)| known.eq_ignore_ascii_case(sku)) {
            return Err(Refusal::bad_request(format!(
                "License {sku} does not correspond to a valid company License."
            )));
        }
        let disabled = licence.get("disabledPlans").cloned().unwrap_or_else(|| json!([]));
        assigned.retain(|known| known["skuId"] != sku);
        assigned.push(json!({ "disabledPlans": disabled, "skuId": sku }));
    }
    writer
        .overlay
        .update(object, Map::from_iter([("assignedLicenses".to_owned(), Value::Array(assigned))]));
    answer(call, writer, object)
}

/// Answers as if the licences of a user had been worked out anew.
pub(crate) fn reprocess(
    call: &Call<'_>,
    writer: &mut Writer<'_>,
    object: Handle,
) -> Result<Reply, Refusal> {
    answer(call, writer, object)
}

fn answer(call: &Call<'_>, writer: &Writer<'_>, object: Handle) -> Result<Reply, Refusal> {
    let status = if object.kind == Kind::Group { StatusCode::ACCEPTED } else { StatusCode::OK };
    let directory = writer.directory();
    read::write_object(call, directory, &directory.object(object), false, status)
}
