//! `$ref`: adding and removing relationships (facts: graph-protocol 9.2).

use serde_json::Value;

use super::call::Call;
use super::errors::Refusal;
use super::reply::Reply;
use super::resource::{Key, Link};
use super::write::Writer;
use crate::directory::{Directory, Object, Relation};
use crate::tenant::{Handle, Kind, ObjectId};

/// The relationship behind a link, if it can be written.
const fn relation(link: Link) -> Option<Relation> {
    match link {
        Link::Members => Some(Relation::Members),
        Link::Owners => Some(Relation::Owners),
        Link::Manager => Some(Relation::Manager),
        Link::RegisteredOwners => Some(Relation::RegisteredOwners),
        Link::RegisteredUsers => Some(Relation::RegisteredUsers),
        Link::Sponsors => Some(Relation::Sponsors),
        _ => None,
    }
}

/// `POST …/$ref`, and `PUT manager/$ref`.
pub(crate) fn add(
    call: &Call<'_>,
    writer: &mut Writer<'_>,
    kind: Kind,
    key: &Key,
    link: Link,
) -> Result<Reply, Refusal> {
    let relation = relation(link).ok_or_else(Refusal::method_not_allowed)?;
    let source = writer.find(kind, key)?;
    let body = call.json_body()?;
    let Some(reference) = body.get("@odata.id").and_then(Value::as_str) else {
        return Err(Refusal::bad_request(
            "The '@odata.id' annotation is required in the request body of a reference.",
        ));
    };
    let address = Address::parse(call, reference)?;
    let target = target(writer.directory(), address.0)?;
    let target_handle = target.handle();
    check_new(writer.directory(), relation, source, target_handle)?;
    match relation {
        Relation::Manager => writer.overlay.set_manager(source, Some(target_handle)),
        relation => writer.overlay.set_edge(relation, source, target_handle, true),
    }
    Ok(Reply::no_content())
}

/// `DELETE …/{id}/$ref`, and `DELETE manager/$ref`.
pub(crate) fn remove(
    writer: &mut Writer<'_>,
    kind: Kind,
    key: &Key,
    link: Link,
    target: Option<&str>,
) -> Result<Reply, Refusal> {
    let relation = relation(link).ok_or_else(Refusal::method_not_allowed)?;
    let source = writer.find(kind, key)?;
    let Some(target) = target else {
        return match relation {
            Relation::Manager if writer.directory().manager(source).is_some() => {
                writer.overlay.set_manager(source, None);
                Ok(Reply::no_content())
            }
            Relation::Manager => Err(Refusal::not_found("manager")),
            _ => Err(Refusal::bad_request("The reference to remove must be named.")),
        };
    };
    let directory = writer.directory();
    let handle = target.parse::<ObjectId>().ok().and_then(|id| directory.tenant.handle(id));
    let present = |handle: &Handle| match relation {
        Relation::Members => directory.is_member(source, *handle),
        relation => directory.has_target(relation, source, *handle),
    };
    let handle = handle.filter(present).ok_or_else(|| Refusal::not_found(target))?;
    if relation == Relation::Members && is_dynamic(&directory.object(source)) {
        return Err(dynamic());
    }
    if relation == Relation::Owners
        && source.kind == Kind::Group
        && directory.targets(Relation::Owners, source) == [handle]
    {
        return Err(Refusal::bad_request(
            "The group must have at least one owner, hence this owner cannot be removed.",
        ));
    }
    writer.overlay.set_edge(relation, source, handle, false);
    Ok(Reply::no_content())
}

/// The address in an `@odata.id`, which must be on the host that was asked or one of Graph's own.
struct Address<'a>(&'a str);

impl<'a> Address<'a> {
    fn parse(call: &Call<'_>, text: &'a str) -> Result<Self, Refusal> {
        let invalid = || {
            Refusal::bad_request(format!(
                "Invalid URL format specified for the reference '{text}'. Not a valid reference update."
            ))
        };
        if text.starts_with(call.base) {
            return Ok(Self(text));
        }
        let Some((_, rest)) = text.split_once("://") else { return Err(invalid()) };
        let host = rest.split('/').next().unwrap_or_default();
        let asked = call.base.split_once("://").map_or(call.base, |(_, host)| host);
        if host.eq_ignore_ascii_case(asked) { Ok(Self(text)) } else { Err(invalid()) }
    }
}

/// The live object that the last segment of an address names.
pub(crate) fn target<'a>(directory: Directory<'a>, address: &str) -> Result<Object<'a>, Refusal> {
    let last = address.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
    let last = last.split_once("('").and_then(|(_, key)| key.strip_suffix("')")).unwrap_or(last);
    match last.parse::<ObjectId>() {
        Ok(id) => directory.live(id).ok_or_else(|| Refusal::not_found(last)),
        Err(_) => directory
            .by_principal_name(&percent_encoding::percent_decode_str(last).decode_utf8_lossy())
            .ok_or_else(|| Refusal::bad_request(format!("Invalid object identifier '{last}'."))),
    }
}

/// Refuses a reference that exists already or that the relationship does not take.
pub(crate) fn check_new(
    directory: Directory<'_>,
    relation: Relation,
    source: Handle,
    target: Handle,
) -> Result<(), Refusal> {
    let fits = match relation {
        Relation::Members => match source.kind {
            Kind::AdministrativeUnit => {
                matches!(target.kind, Kind::User | Kind::Group | Kind::Device)
            }
            Kind::DirectoryRole => {
                matches!(target.kind, Kind::User | Kind::Group | Kind::ServicePrincipal)
            }
            _ => Kind::MEMBERS.contains(&target.kind) && target != source,
        },
        Relation::Owners => matches!(target.kind, Kind::User | Kind::ServicePrincipal),
        Relation::Manager => target.kind == Kind::User && target != source,
        Relation::RegisteredOwners | Relation::RegisteredUsers => target.kind == Kind::User,
        Relation::Sponsors => matches!(target.kind, Kind::User | Kind::Group) && target != source,
    };
    if !fits {
        return Err(Refusal::bad_request(
            "An invalid operation was included in the following modified references. Not a valid reference update.",
        ));
    }
    let (exists, name) = match relation {
        Relation::Manager => return Ok(()),
        Relation::Members if is_dynamic(&directory.object(source)) => return Err(dynamic()),
        Relation::Members => (directory.is_member(source, target), "members"),
        relation => (directory.has_target(relation, source, target), name(relation)),
    };
    if exists {
        return Err(Refusal::bad_request(format!(
            "One or more added object references already exist for the following modified properties: '{name}'."
        )));
    }
    Ok(())
}

const fn name(relation: Relation) -> &'static str {
    match relation {
        Relation::Members => "members",
        Relation::Owners => "owners",
        Relation::Manager => "manager",
        Relation::RegisteredOwners => "registeredOwners",
        Relation::RegisteredUsers => "registeredUsers",
        Relation::Sponsors => "sponsors",
    }
}

fn is_dynamic(group: &Object<'_>) -> bool {
    let types = group.value_of("groupTypes");
    types.as_array().is_some_and(|types| types.iter().any(|name| name == "DynamicMembership"))
}

fn dynamic() -> Refusal {
    Refusal::new(
        http::StatusCode::FORBIDDEN,
        "Authorization_RequestDenied",
        "Insufficient privileges to complete the operation: the membership of a dynamic group cannot be changed.",
    )
}
