//! Methods that are added to users, users that are judged risky, locations that policies use.

use serde_json::{Map, Value, json};

use super::Entity;
use crate::entities::{methods, risk};
use crate::protocol::call::Call;
use crate::protocol::errors::Refusal;
use crate::protocol::read;
use crate::protocol::reply::Reply;
use crate::protocol::sets::Scope;
use crate::protocol::write::Writer;
use crate::tenant::Kind;
use crate::tenant::view::timestamp;

/// Users that one judgement takes.
const MOST_JUDGED: usize = 60;

/// Adds what the service sets on a method that is added.
pub(super) fn complete(body: &mut Entity, call: &Call<'_>) -> Result<(), Refusal> {
    if let Some(name) = body.get("phoneType").and_then(Value::as_str) {
        let id = methods::phone_id(name).ok_or_else(|| {
            Refusal::bad_request("Invalid value specified for property 'phoneType'.")
        })?;
        body.insert("id".into(), json!(id));
        body.entry("smsSignInState").or_insert(json!("notAllowedByPolicy"));
        return phone_number(body);
    }
    if body.contains_key("emailAddress") {
        body.insert("id".into(), json!(methods::email_id()));
        return Ok(());
    }
    let lifetime = body.get("lifetimeInMinutes").and_then(Value::as_u64).unwrap_or(60);
    if !(10..=43_200).contains(&lifetime) {
        return Err(Refusal::bad_request(
            "The lifetimeInMinutes must be between 10 and 43200 inclusive.",
        ));
    }
    let pass = call
        .body
        .iter()
        .fold(call.now, |sum, byte| sum.wrapping_mul(31).wrapping_add(u64::from(*byte)));
    body.entry("startDateTime").or_insert(json!(timestamp(call.now)));
    body.insert("lifetimeInMinutes".into(), json!(lifetime));
    body.entry("isUsableOnce").or_insert(json!(false));
    body.insert("isUsable".into(), json!(true));
    body.insert("methodUsabilityReason".into(), json!("EnabledByPolicy"));
    body.insert("temporaryAccessPass".into(), json!(format!("sim+{:08x}", pass & 0xffff_ffff)));
    Ok(())
}

/// A phone number has a country code.
pub(super) fn phone_number(body: &Entity) -> Result<(), Refusal> {
    let number = body.get("phoneNumber").and_then(Value::as_str);
    let plain = |number: &str| {
        number.starts_with('+') && number.chars().filter(char::is_ascii_digit).count() >= 7
    };
    if number.is_some_and(|number| !plain(number)) {
        return Err(Refusal::bad_request(
            "The phone number is not valid: '+{country code} {number}' is expected.",
        ));
    }
    Ok(())
}

/// `dismiss`, `confirmCompromised` and `confirmSafe`.
pub(super) fn judge(
    call: &Call<'_>,
    writer: &mut Writer<'_>,
    name: &str,
) -> Result<Reply, Refusal> {
    const SET: &str = "identityProtection/riskyUsers";
    let body = call.json_body()?;
    let ids: Vec<String> = read::texts(&body, "userIds")?.into_iter().map(str::to_owned).collect();
    if ids.is_empty() || ids.len() > MOST_JUDGED {
        return Err(Refusal::malformed(format!(
            "Between 1 and {MOST_JUDGED} user ids are needed."
        )));
    }
    let (level, state, detail) = match name {
        "confirmCompromised" => ("high", "confirmedCompromised", "adminConfirmedUserCompromised"),
        "confirmSafe" => ("none", "confirmedSafe", "adminConfirmedUserSafe"),
        _ => ("none", "dismissed", "adminDismissedAllRiskForUser"),
    };
    for id in ids {
        let user = read::any(writer.directory(), &id)?;
        let user = Some(user.handle()).filter(|user| user.kind == Kind::User);
        let user = user.ok_or_else(|| Refusal::not_found(&id))?;
        let (known, mut entity) = {
            let set = super::super::named(SET).expect("the set is in the table");
            let scope = Scope::open(writer.directory(), set, &[], call.now)?;
            let key = crate::protocol::resource::Key::Primary(id.clone());
            (scope.find(&key).is_ok(), risk::risky(&scope, user, level, state))
        };
        entity.insert("riskDetail".into(), json!(detail));
        entity.insert("riskLastUpdatedDateTime".into(), json!(timestamp(call.now)));
        if known {
            writer.overlay.update_document(SET, &id, entity);
        } else {
            writer.overlay.create_document(SET, &id, entity);
        }
    }
    Ok(Reply::no_content())
}

/// A location stays while a policy names it or it is trusted.
pub(super) fn unused_location(scope: &Scope<'_>, location: &Entity) -> Result<(), Refusal> {
    let id = location["id"].as_str().unwrap_or_default();
    let policies: Vec<Map<String, Value>> =
        scope.other("identity/conditionalAccess/policies").all();
    let used =
        policies.iter().any(|policy| policy["conditions"]["locations"].to_string().contains(id));
    if used || location.get("isTrusted") == Some(&json!(true)) {
        return Err(Refusal::malformed(
            "1101: The named location cannot be deleted: it is trusted, or a policy uses it.",
        ));
    }
    Ok(())
}
