//! Domains: what may be added, verified, made the default, deleted.

use http::StatusCode;
use serde_json::{Map, Value, json};

use super::{Entity, Target};
use crate::protocol::call::Call;
use crate::protocol::errors::Refusal;
use crate::protocol::reply::Reply;
use crate::protocol::sets::{Scope, list, schema};
use crate::protocol::write::Writer;

/// A domain that is added has yet to be verified.
pub(super) fn complete(body: &mut Entity) -> Result<(), Refusal> {
    let id = body["id"].as_str().unwrap_or_default().to_lowercase();
    let label = |label: &str| {
        !label.is_empty() && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
    };
    if !id.contains('.') || !id.split('.').all(label) {
        return Err(Refusal::bad_request("The domain name is not valid."));
    }
    for (name, value) in [
        ("id", json!(id)),
        ("authenticationType", json!("Managed")),
        ("isAdminManaged", json!(true)),
        ("isDefault", json!(false)),
        ("isInitial", json!(false)),
        ("isRoot", json!(true)),
        ("isVerified", json!(false)),
    ] {
        body.insert(name.to_owned(), value);
    }
    Ok(())
}

/// Only a verified domain becomes the default.
pub(super) fn change(domain: &Entity, body: &Entity) -> Result<(), Refusal> {
    let settable = [
        "isDefault",
        "supportedServices",
        "passwordValidityPeriodInDays",
        "passwordNotificationWindowInDays",
    ];
    if let Some(name) =
        body.keys().find(|name| !name.starts_with('@') && !settable.contains(&name.as_str()))
    {
        return Err(Refusal::bad_request(format!(
            "Property '{name}' is read-only and cannot be set."
        )));
    }
    if body.get("isDefault") == Some(&json!(true)) && domain["isVerified"] != true {
        return Err(Refusal::bad_request("An unverified domain cannot be the default."));
    }
    Ok(())
}

/// The initial and the default domain stay.
pub(super) fn removable(domain: &Entity) -> Result<(), Refusal> {
    if domain["isInitial"] == true || domain["isDefault"] == true {
        return Err(Refusal::bad_request("The default domain cannot be deleted."));
    }
    Ok(())
}

/// `verify`, `promote` and `forceDelete`.
pub(super) fn act(
    call: &Call<'_>,
    writer: &mut Writer<'_>,
    target: &Target,
    domain: &Entity,
    name: &str,
) -> Result<Reply, Refusal> {
    let id = Scope::key_of(domain).to_owned();
    match name {
        "verify" if domain["isVerified"] == true => {
            Err(Refusal::bad_request("The domain is already verified."))
        }
        "verify" => {
            let services = json!(["Email", "OfficeCommunicationsOnline"]);
            let changed = [("isVerified", json!(true)), ("supportedServices", services)];
            let changed = changed.map(|(name, value)| (name.to_owned(), value));
            writer.overlay.update_document("domains", &id, Map::from_iter(changed));
            let mut verified = schema::shape(domain.clone(), target.set.entity);
            verified.insert("isVerified".into(), json!(true));
            let context = call.context("domains/$entity");
            verified.insert("@odata.context".into(), json!(context));
            Ok(list::answer(StatusCode::OK, &Value::Object(verified)))
        }
        "promote" => {
            let context = call.context("Edm.Boolean");
            Ok(list::answer(StatusCode::OK, &json!({ "@odata.context": context, "value": true })))
        }
        _ => {
            call.optional_json_body()?;
            removable(domain)?;
            writer.overlay.delete_document("domains", &id);
            Ok(Reply::no_content())
        }
    }
}
