//! Actions: sessions, memberships, application secrets, invitations.

use http::StatusCode;
use serde_json::{Map, Value, json};

use super::call::Call;
use super::errors::Refusal;
use super::json::Json;
use super::read;
use super::reply::Reply;
use super::write::Writer;
use crate::directory::{Directory, Object};
use crate::tenant::view::timestamp;
use crate::tenant::{Handle, Kind, ObjectId};

/// Groups that one `checkMemberGroups` takes (facts: graph-protocol 4.2).
const MOST_CHECKED: usize = 20;

/// The actions that read: `getMemberGroups` and its relatives.
pub(crate) fn memberships(
    call: &Call<'_>,
    directory: Directory<'_>,
    object: &Object<'_>,
    name: &str,
) -> Result<Reply, Refusal> {
    let body = call.json_body()?;
    let checked = match name {
        "checkMemberGroups" => Some(read::texts(&body, "groupIds")?),
        "checkMemberObjects" => Some(read::texts(&body, "ids")?),
        _ => None,
    };
    if checked.as_ref().is_some_and(|ids| ids.len() > MOST_CHECKED) {
        return Err(Refusal::bad_request(format!(
            "Too many elements in the collection: at most {MOST_CHECKED} are allowed."
        )));
    }
    let only_security = match (name, body.get("securityEnabledOnly")) {
        (_, Some(Value::Bool(only))) => *only,
        ("getMemberGroups" | "getMemberObjects", None) => {
            return Err(Refusal::bad_request("The 'securityEnabledOnly' parameter is required."));
        }
        (_, None) => false,
        (_, Some(_)) => {
            return Err(Refusal::bad_request(
                "The 'securityEnabledOnly' parameter must be a boolean.",
            ));
        }
    };
    let mut json = Json::with_capacity(1_024);
    json.begin_object();
    json.key("@odata.context");
    json.string(&call.context("Collection(Edm.String)"));
    json.key("value");
    json.begin_array();
    for group in directory.transitive_groups_of(object.handle()) {
        let group = directory.object(group);
        let id = group.id().to_string();
        let wanted = checked
            .as_ref()
            .is_none_or(|ids| ids.iter().any(|checked| checked.eq_ignore_ascii_case(&id)));
        if wanted && (!only_security || group.value_of("securityEnabled") == true) {
            json.string(&id);
        }
    }
    json.end_array();
    json.end_object();
    Ok(Reply::ok(json))
}

/// `directoryObjects/validateProperties`: whether a Microsoft 365 group may have these names.
pub(crate) fn validate_properties(
    call: &Call<'_>,
    directory: Directory<'_>,
) -> Result<Reply, Refusal> {
    let body = call.json_body()?;
    let text = |name: &str| body.get(name).and_then(Value::as_str);
    if text("entityType").is_some_and(|kind| !kind.eq_ignore_ascii_case("group")) {
        return Err(Refusal::bad_request("The value of 'entityType' must be 'Group'."));
    }
    let (Some(name), nickname) = (text("displayName"), text("mailNickname")) else {
        return Err(Refusal::bad_request("The 'displayName' parameter is required."));
    };
    let blocked = |text: &str| text.to_lowercase().contains("blocked");
    let taken = nickname.is_some_and(|nickname| {
        directory.handles(Kind::Group, 0).map(|group| directory.object(group)).any(|group| {
            let found = group.value_of("mailNickname");
            group.is_live()
                && found.as_str().is_some_and(|found| found.eq_ignore_ascii_case(nickname))
        })
    });
    if taken || blocked(name) || nickname.is_some_and(blocked) {
        let reason = if taken {
            "Another object with the same value for property mailNickname already exists."
        } else {
            "The display name or mail nickname contains a blocked word."
        };
        return Err(Refusal::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            if taken { "ObjectConflict" } else { "ContainsBlockedWord" },
            reason,
        ));
    }
    Ok(Reply::no_content())
}

/// `revokeSignInSessions`: documented as 204, long answered with 200 and a boolean (facts: graph-protocol 9.1).
pub(crate) fn revoke_sessions(call: &Call<'_>, writer: &mut Writer<'_>, user: Handle) -> Reply {
    let now = Map::from_iter([(
        "signInSessionsValidFromDateTime".to_owned(),
        json!(timestamp(call.now)),
    )]);
    writer.overlay.update(user, now);
    let mut json = Json::with_capacity(128);
    json.begin_object();
    json.key("@odata.context");
    json.string(&call.context("Edm.Boolean"));
    json.key("value");
    json.boolean(true);
    json.end_object();
    Reply::ok(json)
}

/// `renew`: a group's life starts anew.
pub(crate) fn renew(call: &Call<'_>, writer: &mut Writer<'_>, group: Handle) -> Reply {
    let now = Map::from_iter([("renewedDateTime".to_owned(), json!(timestamp(call.now)))]);
    writer.overlay.update(group, now);
    Reply::no_content()
}

/// `addPassword`: the only answer that holds the secret.
pub(crate) fn add_password(
    call: &Call<'_>,
    writer: &mut Writer<'_>,
    application: Handle,
) -> Result<Reply, Refusal> {
    let body = call.optional_json_body()?;
    let given = body.get("passwordCredential").cloned().unwrap_or_else(|| json!({}));
    let text = |name: &str, fallback: Value| {
        given.get(name).filter(|value| value.is_string()).cloned().unwrap_or(fallback)
    };
    let number = writer.overlay.sequence();
    let key_id = writer.tenant.draw_guid(b'K', number).to_string();
    let secret = format!("sim~{}", writer.tenant.draw_guid(b'S', number)).replace('-', "");
    let mut credential = json!({
        "customKeyIdentifier": null,
        "displayName": text("displayName", Value::Null),
        "endDateTime": text("endDateTime", json!(timestamp(call.now + 2 * 365 * 86_400))),
        "hint": &secret[..3],
        "keyId": key_id,
        "secretText": null,
        "startDateTime": text("startDateTime", json!(timestamp(call.now))),
    });
    let mut credentials = credentials(writer, application);
    credentials.push(credential.clone());
    set_credentials(writer, application, credentials);
    credential["secretText"] = json!(secret);
    credential["@odata.context"] = json!(call.context("microsoft.graph.passwordCredential"));
    let mut json = Json::with_capacity(512);
    json.value(&credential);
    Ok(Reply::ok(json))
}

/// `removePassword`.
pub(crate) fn remove_password(
    call: &Call<'_>,
    writer: &mut Writer<'_>,
    application: Handle,
) -> Result<Reply, Refusal> {
    let body = call.json_body()?;
    let key_id = body.get("keyId").and_then(Value::as_str).unwrap_or_default().to_owned();
    let mut credentials = credentials(writer, application);
    let before = credentials.len();
    credentials.retain(|credential| credential["keyId"] != key_id.as_str());
    if credentials.len() == before {
        return Err(Refusal::bad_request(format!(
            "No password credential found with keyId '{key_id}'."
        )));
    }
    set_credentials(writer, application, credentials);
    Ok(Reply::no_content())
}

fn credentials(writer: &Writer<'_>, application: Handle) -> Vec<Value> {
    match writer.directory().object(application).value_of("passwordCredentials") {
        Value::Array(credentials) => credentials,
        _ => Vec::new(),
    }
}

fn set_credentials(writer: &mut Writer<'_>, application: Handle, credentials: Vec<Value>) {
    writer.overlay.update(
        application,
        Map::from_iter([("passwordCredentials".to_owned(), Value::Array(credentials))]),
    );
}

/// `POST /invitations`: creates the guest, or finds it again.
pub(crate) fn invite(call: &Call<'_>, writer: &mut Writer<'_>) -> Result<Reply, Refusal> {
    let body = call.json_body()?;
    let text = |name: &str| body.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
    let required = |name: &str| {
        text(name).ok_or_else(|| Refusal::malformed(format!("Missing required property '{name}'.")))
    };
    let address = required("invitedUserEmailAddress")?;
    let redirect = required("inviteRedirectUrl")?;
    let Some((local, home)) =
        address.split_once('@').filter(|(local, home)| !local.is_empty() && home.contains('.'))
    else {
        return Err(Refusal::malformed("The invited user email address is not valid."));
    };
    let name = format!("{local}_{home}#EXT#@{}", writer.tenant.domain());
    let existing = writer.directory().by_principal_name(&name).map(|user| user.handle());
    let display_name = text("invitedUserDisplayName").unwrap_or(local);
    let user_type = text("invitedUserType").unwrap_or("Guest");
    let guest = existing.unwrap_or_else(|| {
        let properties = json!({
            "userPrincipalName": name, "displayName": display_name, "mail": address, "userType": user_type,
            "creationType": "Invitation", "externalUserState": "PendingAcceptance", "accountEnabled": true,
            "mailNickname": format!("{local}_{home}#EXT#"), "createdDateTime": timestamp(call.now),
            "externalUserStateChangeDateTime": timestamp(call.now), "otherMails": [address],
        });
        let Value::Object(properties) = properties else { unreachable!("an object literal") };
        writer.overlay.create(Kind::User, properties)
    });
    Ok(invitation(
        call,
        writer.tenant.id(guest),
        &body,
        (address, redirect, display_name, user_type),
        writer.tenant.draw_guid(b'I', guest.slot),
    ))
}

fn invitation(
    call: &Call<'_>,
    guest: ObjectId,
    body: &Map<String, Value>,
    (address, redirect, display_name, user_type): (&str, &str, &str, &str),
    id: ObjectId,
) -> Reply {
    let mut json = Json::with_capacity(1_024);
    json.value(&json!({
        "@odata.context": call.context("invitations/$entity"),
        "id": id.to_string(),
        "inviteRedeemUrl": format!("{}/redeem?rd={id}", call.base),
        "invitedUserDisplayName": display_name,
        "invitedUserEmailAddress": address,
        "invitedUserType": user_type,
        "inviteRedirectUrl": redirect,
        "resetRedemption": body.get("resetRedemption").and_then(Value::as_bool).unwrap_or(false),
        "sendInvitationMessage": body.get("sendInvitationMessage").and_then(Value::as_bool).unwrap_or(false),
        "status": "PendingAcceptance",
        "invitedUserMessageInfo": { "messageLanguage": null, "ccRecipients": [], "customizedMessageBody": null },
        "invitedUser": { "id": guest.to_string() },
    }));
    Reply::json(StatusCode::CREATED, json)
}
