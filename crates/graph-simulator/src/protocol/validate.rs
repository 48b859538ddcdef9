//! What the directory asks of the bodies of writes.

use serde_json::{Map, Value};

use super::consent;
use super::errors::Refusal;
use super::extension;
use super::resource::Key;
use super::sets::{self, Scope};
use crate::directory::{Directory, Object};
use crate::tenant::property::{Property, Shape};
use crate::tenant::{Kind, ObjectId, property};

/// Properties without which an object is not created.
const fn required(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::User => &[
            "accountEnabled",
            "displayName",
            "mailNickname",
            "userPrincipalName",
            "passwordProfile",
        ],
        Kind::Group => &["displayName", "mailEnabled", "mailNickname", "securityEnabled"],
        Kind::Device => &[
            "accountEnabled",
            "deviceId",
            "displayName",
            "operatingSystem",
            "operatingSystemVersion",
        ],
        Kind::Application | Kind::AdministrativeUnit => &["displayName"],
        Kind::ServicePrincipal => &["appId"],
        Kind::OrgContact => &[],
        Kind::OAuth2PermissionGrant => &["clientId", "consentType", "resourceId", "scope"],
        Kind::AppRoleAssignment => &["principalId", "resourceId", "appRoleId"],
        Kind::DirectoryRole => &["roleTemplateId"],
    }
}

/// Checks the body of a creation.
pub(crate) fn new_object(
    directory: Directory<'_>,
    kind: Kind,
    body: &Map<String, Value>,
) -> Result<(), Refusal> {
    for name in required(kind) {
        if body.get(*name).is_none_or(Value::is_null) {
            return Err(Refusal::bad_request(format!(
                "A value is required for property '{name}' of resource '{}'.",
                resource(kind)
            )));
        }
    }
    shapes(kind, body, true)?;
    extension::check_body(directory, kind, body)?;
    match kind {
        Kind::User => new_user(directory, body),
        Kind::ServicePrincipal => new_service_principal(directory, body),
        Kind::OAuth2PermissionGrant => consent::new_grant(directory, body),
        Kind::AppRoleAssignment => consent::new_assignment(directory, body),
        _ => Ok(()),
    }
}

/// Checks the body of an update.
pub(crate) fn changes(
    directory: Directory<'_>,
    object: &Object<'_>,
    body: &Map<String, Value>,
) -> Result<(), Refusal> {
    shapes(object.kind(), body, false)?;
    extension::check_body(directory, object.kind(), body)?;
    if object.kind().connects()
        && let Some(name) = body.keys().find(|name| *name != "scope")
    {
        return Err(Refusal::bad_request(format!(
            "Property '{name}' is read-only and cannot be set."
        )));
    }
    if let Some(Value::String(name)) = body.get("userPrincipalName") {
        principal_name(directory, name)?;
        if directory.by_principal_name(name).is_some_and(|other| other.handle() != object.handle())
        {
            return Err(Refusal::conflict("userPrincipalName"));
        }
    }
    if body.get("displayName").is_some_and(|value| value.is_null() || value.as_str() == Some("")) {
        return Err(Refusal::bad_request(format!(
            "Invalid value specified for property 'displayName' of resource '{}'.",
            resource(object.kind())
        )));
    }
    Ok(())
}

fn new_user(directory: Directory<'_>, body: &Map<String, Value>) -> Result<(), Refusal> {
    let name = body.get("userPrincipalName").and_then(Value::as_str).unwrap_or_default();
    principal_name(directory, name)?;
    if directory.by_principal_name(name).is_some() {
        return Err(Refusal::conflict("userPrincipalName"));
    }
    let password = body
        .get("passwordProfile")
        .and_then(|profile| profile.get("password"))
        .and_then(Value::as_str);
    match password {
        None => Err(Refusal::bad_request("A password must be specified to create a new user.")),
        Some(password) if password.chars().count() < 8 => Err(Refusal::bad_request(
            "The specified password does not comply with password complexity requirements. Please provide a different password.",
        )),
        Some(_) => Ok(()),
    }
}

fn principal_name(directory: Directory<'_>, name: &str) -> Result<(), Refusal> {
    let invalid = || Refusal::bad_request("Property userPrincipalName is invalid.");
    let (local, domain) = name.rsplit_once('@').ok_or_else(invalid)?;
    if local.is_empty() || name.contains(char::is_whitespace) || name.chars().count() > 113 {
        return Err(invalid());
    }
    let domains = sets::named("domains").expect("the set is in the table");
    let verified = domain.eq_ignore_ascii_case(directory.tenant.domain())
        || Scope::open(directory, domains, &[], 0)?
            .find(&Key::Primary(domain.to_owned()))
            .is_ok_and(|domain| domain["isVerified"] == true);
    if verified { Ok(()) } else { Err(invalid()) }
}

fn new_service_principal(
    directory: Directory<'_>,
    body: &Map<String, Value>,
) -> Result<(), Refusal> {
    let app_id = body.get("appId").and_then(Value::as_str).unwrap_or_default();
    let invalid = || {
        Refusal::bad_request(format!(
            "The appId '{app_id}' of the service principal does not reference a valid application object."
        ))
    };
    let app_id: ObjectId = app_id.parse().map_err(|_| invalid())?;
    if directory.by_app_id(Kind::ServicePrincipal, app_id).is_some() {
        return Err(Refusal::new(
            http::StatusCode::CONFLICT,
            "Request_MultipleObjectsWithSameKeyValue",
            format!(
                "The service principal cannot be created, updated, or restored because the service principal name {app_id} is already in use."
            ),
        ));
    }
    directory.by_app_id(Kind::Application, app_id).map(|_| ()).ok_or_else(invalid)
}

/// Checks every member of a body against the type.
fn shapes(kind: Kind, body: &Map<String, Value>, creating: bool) -> Result<(), Refusal> {
    for (name, value) in body {
        if name.starts_with('@') || name.starts_with("extension_") {
            continue;
        }
        let Some(known) = property(kind, name) else {
            return Err(Refusal::bad_request(format!(
                "One or more property values specified are invalid: property '{name}' does not exist on type '{}'.",
                resource(kind)
            )));
        };
        let settable = known.writable || (creating && known.name == "appId");
        if !settable {
            return Err(Refusal::bad_request(format!(
                "Property '{name}' is read-only and cannot be set."
            )));
        }
        if !fits(known, value) {
            return Err(Refusal::bad_request(format!(
                "Invalid value specified for property '{name}' of resource '{}'.",
                resource(kind)
            )));
        }
    }
    Ok(())
}

fn fits(property: &Property, value: &Value) -> bool {
    match (property.shape, value) {
        (shape, Value::Null) => !shape.is_collection(),
        (Shape::Guid, value) => value.as_str().is_some_and(|text| text.parse::<ObjectId>().is_ok()),
        (Shape::Text | Shape::DateTime, value) => value.is_string(),
        (Shape::Boolean, value) => value.is_boolean(),
        (Shape::Integer, value) => value.is_i64() || value.is_u64(),
        (Shape::Texts, Value::Array(values)) => values.iter().all(Value::is_string),
        (Shape::Complex, value) => value.is_object(),
        (Shape::Complexes, Value::Array(values)) => values.iter().all(Value::is_object),
        (Shape::Texts | Shape::Complexes, _) => false,
    }
}

/// The name of a kind in the directory's messages.
const fn resource(kind: Kind) -> &'static str {
    match kind {
        Kind::User => "User",
        Kind::Group => "Group",
        Kind::Device => "Device",
        Kind::Application => "Application",
        Kind::ServicePrincipal => "ServicePrincipal",
        Kind::OrgContact => "Contact",
        Kind::AdministrativeUnit => "AdministrativeUnit",
        Kind::DirectoryRole => "DirectoryRole",
        Kind::OAuth2PermissionGrant => "OAuth2PermissionGrant",
        Kind::AppRoleAssignment => "AppRoleAssignment",
    }
}
