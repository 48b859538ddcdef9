//! Granting: application roles to principals, and delegated permissions to clients.

use http::StatusCode;
use serde_json::{Map, Value, json};

use super::call::Call;
use super::errors::Refusal;
use super::links;
use super::read;
use super::reply::Reply;
use super::resource::{Key, Link};
use super::validate;
use super::write::{self, Writer};
use crate::directory::{Directory, Object};
use crate::tenant::app_role_assignment::type_name;
use crate::tenant::{Handle, Kind, ObjectId};

/// What is granted by an application that has no roles of its own.
const DEFAULT_ROLE: &str = "00000000-0000-0000-0000-000000000000";

/// `POST …/appRoleAssignments` and `…/appRoleAssignedTo`.
pub(crate) fn assign(
    call: &Call<'_>,
    writer: &mut Writer<'_>,
    kind: Kind,
    key: &Key,
    link: Link,
) -> Result<Reply, Refusal> {
    if link == Link::OAuth2PermissionGrants {
        return Err(Refusal::method_not_allowed());
    }
    let of = writer.find(kind, key)?;
    let end = links::end_name(link, kind);
    let mut body = call.json_body()?;
    validate::new_object(writer.directory(), Kind::AppRoleAssignment, &body)?;
    if body[end].as_str().and_then(|id| id.parse().ok()) != Some(writer.tenant.id(of)) {
        return Err(Refusal::bad_request(format!(
            "Invalid value specified for property '{end}' of resource 'AppRoleAssignment'."
        )));
    }
    let directory = writer.directory();
    let principal = end_of(
        directory,
        &body,
        "principalId",
        &[Kind::User, Kind::Group, Kind::ServicePrincipal],
    )?;
    let resource = end_of(directory, &body, "resourceId", &[Kind::ServicePrincipal])?;
    let set = [
        ("principalDisplayName", principal.value_of("displayName")),
        ("principalType", json!(type_name(principal.kind()))),
        ("resourceDisplayName", resource.value_of("displayName")),
    ];
    for (name, value) in set {
        body.insert(name.to_owned(), value);
    }
    write::create_from(call, writer, Kind::AppRoleAssignment, body)
}

/// Checks an assignment that is to be made.
pub(crate) fn new_assignment(
    directory: Directory<'_>,
    body: &Map<String, Value>,
) -> Result<(), Refusal> {
    let kinds = [Kind::User, Kind::Group, Kind::ServicePrincipal];
    let principal = end_of(directory, body, "principalId", &kinds)?;
    let resource = end_of(directory, body, "resourceId", &[Kind::ServicePrincipal])?;
    let role = body.get("appRoleId").and_then(Value::as_str).unwrap_or_default();
    let roles = resource.value_of("appRoles");
    let roles = roles.as_array().map_or(&[][..], Vec::as_slice);
    let known = if role == DEFAULT_ROLE {
        roles.is_empty()
    } else {
        roles.iter().any(|known| known["id"].as_str() == Some(&role.to_lowercase()))
    };
    if !known {
        return Err(Refusal::bad_request(format!(
            "Permission being assigned was not found on application '{}'.",
            resource.id()
        )));
    }
    let same = |other: &Object<'_>| {
        is(other, "resourceId", resource.id()) && other.value_of("appRoleId") == role
    };
    if live(directory, principal.handle(), Link::AppRoleAssignments).any(|other| same(&other)) {
        return Err(Refusal::bad_request(
            "Permission being assigned already exists on the object.",
        ));
    }
    Ok(())
}

/// Checks a delegated grant that is to be made.
pub(crate) fn new_grant(
    directory: Directory<'_>,
    body: &Map<String, Value>,
) -> Result<(), Refusal> {
    let client = end_of(directory, body, "clientId", &[Kind::ServicePrincipal])?;
    let resource = end_of(directory, body, "resourceId", &[Kind::ServicePrincipal])?;
    let given = body.get("principalId").is_some_and(|id| !id.is_null());
    let principal = match body.get("consentType").and_then(Value::as_str) {
        Some("AllPrincipals") if !given => Value::Null,
        Some("Principal") if given => {
            json!(end_of(directory, body, "principalId", &[Kind::User])?.id().to_string())
        }
        Some("AllPrincipals") => {
            return Err(invalid("principalId"));
        }
        Some("Principal") => {
            return Err(Refusal::bad_request(
                "A value is required for property 'principalId' of resource 'OAuth2PermissionGrant'.",
            ));
        }
        _ => return Err(invalid("consentType")),
    };
    let same = |other: &Object<'_>| {
        is(other, "resourceId", resource.id()) && other.value_of("principalId") == principal
    };
    if live(directory, client.handle(), Link::OAuth2PermissionGrants).any(|other| same(&other)) {
        return Err(Refusal::new(
            StatusCode::CONFLICT,
            "Request_MultipleObjectsWithSameKeyValue",
            "Permission entry already exists.",
        ));
    }
    Ok(())
}

fn invalid(name: &str) -> Refusal {
    Refusal::bad_request(format!(
        "Invalid value specified for property '{name}' of resource 'OAuth2PermissionGrant'."
    ))
}

fn is(object: &Object<'_>, name: &str, id: ObjectId) -> bool {
    object.value_of(name).as_str().and_then(|text| text.parse().ok()) == Some(id)
}

fn live(directory: Directory<'_>, of: Handle, link: Link) -> impl Iterator<Item = Object<'_>> {
    let found: Vec<Handle> =
        links::source(directory, of, link)(0).map(|(_, handle)| handle).collect();
    found.into_iter().map(move |handle| directory.object(handle)).filter(Object::is_live)
}

/// The live object that a member of a body names.
fn end_of<'a>(
    directory: Directory<'a>,
    body: &Map<String, Value>,
    name: &str,
    kinds: &[Kind],
) -> Result<Object<'a>, Refusal> {
    let id = body.get(name).and_then(Value::as_str).unwrap_or_default();
    let found = id.parse().ok().and_then(|id| directory.live(id));
    found.filter(|object| kinds.contains(&object.kind())).ok_or_else(|| Refusal::not_found(id))
}

/// The live connection that a segment below a relationship names.
pub(crate) fn find<'a>(
    directory: Directory<'a>,
    of: Handle,
    link: Link,
    id: &str,
) -> Result<Object<'a>, Refusal> {
    let kind = link.connections().ok_or_else(|| Refusal::no_segment(id))?;
    let object = read::find(directory, kind, &Key::Primary(id.to_owned()))?;
    let end = links::end_name(link, of.kind);
    if is(&object, end, directory.tenant.id(of)) { Ok(object) } else { Err(Refusal::not_found(id)) }
}
