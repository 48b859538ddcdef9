//! Requests that create, update, delete and restore objects.

use http::StatusCode;
use serde_json::{Map, Value, json};

use super::attributes;
use super::call::Call;
use super::errors::Refusal;
use super::read;
use super::reference;
use super::reply::Reply;
use super::resource::Key;
use super::validate;
use crate::directory::{Directory, Object, Overlay, Relation};
use crate::entities::roles;
use crate::tenant::view::timestamp;
use crate::tenant::{Handle, Kind, Stage, Tenant};

/// Owners and members that a group may be created with (facts: graph-protocol 9.2).
const MOST_BOUND: usize = 20;

/// A tenant whose overlay is being written.
pub(crate) struct Writer<'a> {
    pub(crate) tenant: &'a Tenant,
    pub(crate) overlay: &'a mut Overlay,
    pub(crate) moment: u64,
    /// The present, in Unix seconds.
    pub(crate) now: u64,
}

impl Writer<'_> {
    pub(crate) fn directory(&self) -> Directory<'_> {
        Directory { tenant: self.tenant, overlay: self.overlay, moment: self.moment, now: self.now }
    }

    /// The handle of a live object.
    pub(crate) fn find(&self, kind: Kind, key: &Key) -> Result<Handle, Refusal> {
        read::find(self.directory(), kind, key).map(|object| object.handle())
    }
}

/// `POST /{set}`.
pub(crate) fn create(
    call: &Call<'_>,
    writer: &mut Writer<'_>,
    kind: Kind,
) -> Result<Reply, Refusal> {
    let mut body = call.json_body()?;
    if kind == Kind::DirectoryRole {
        return activate(call, writer, &body);
    }
    let bound = take_bound(writer.directory(), kind, &mut body)?;
    validate::new_object(writer.directory(), kind, &body)?;
    complete(call, writer, kind, &mut body);
    let handle = writer.overlay.create(kind, body);
    for (relation, target) in bound {
        writer.overlay.set_edge(relation, handle, target, true);
    }
    created(call, writer, handle)
}

/// `POST /directoryRoles`: activates a role.
fn activate(
    call: &Call<'_>,
    writer: &mut Writer<'_>,
    body: &Map<String, Value>,
) -> Result<Reply, Refusal> {
    let template = body.get("roleTemplateId").and_then(Value::as_str).ok_or_else(|| {
        Refusal::bad_request(
            "A value is required for property 'roleTemplateId' of resource 'DirectoryRole'.",
        )
    })?;
    let role = roles::built_in(template).ok_or_else(|| Refusal::not_found(template))?;
    if writer.directory().object(role).is_live() {
        return Err(Refusal::bad_request(
            "A conflicting object with one or more of the specified property values is present in the directory.",
        ));
    }
    writer.overlay.set_stage(role, Stage::Live, None);
    created(call, writer, role)
}

/// Creates an object from a body that was checked.
pub(crate) fn create_from(
    call: &Call<'_>,
    writer: &mut Writer<'_>,
    kind: Kind,
    mut body: Map<String, Value>,
) -> Result<Reply, Refusal> {
    complete(call, writer, kind, &mut body);
    let handle = writer.overlay.create(kind, body);
    created(call, writer, handle)
}

fn created(call: &Call<'_>, writer: &Writer<'_>, handle: Handle) -> Result<Reply, Refusal> {
    let directory = writer.directory();
    let object = directory.object(handle);
    let reply = read::write_object(call, directory, &object, false, StatusCode::CREATED)?;
    let location = format!("{}/{}/{}", call.root(), handle.kind.path(), object.key());
    Ok(reply.header(http::header::LOCATION, &location))
}

/// Adds what the service sets on creation.
fn complete(call: &Call<'_>, writer: &Writer<'_>, kind: Kind, body: &mut Map<String, Value>) {
    body.remove("id");
    body.remove("password");
    if let Some(profile) = body.get_mut("passwordProfile") {
        *profile = Value::Null; // never read back
    }
    let number = writer.overlay.created(kind) + (1 << 40);
    let mut set = |name: &str, value: Value| {
        body.entry(name).or_insert(value);
    };
    set("createdDateTime", json!(timestamp(call.now)));
    match kind {
        Kind::User => {
            set("userType", json!("Member"));
            set("accountEnabled", json!(true));
        }
        Kind::Group => {
            set("groupTypes", json!([]));
            set("renewedDateTime", json!(timestamp(call.now)));
        }
        Kind::Application => {
            set("appId", json!(writer.tenant.app_id(number).to_string()));
            set("signInAudience", json!("AzureADandPersonalMicrosoftAccount"));
            set("publisherDomain", json!(writer.tenant.domain()));
        }
        Kind::ServicePrincipal => {
            let application = body
                .get("appId")
                .and_then(Value::as_str)
                .and_then(|id| id.parse().ok())
                .and_then(|id| writer.directory().by_app_id(Kind::Application, id))
                .map_or(Value::Null, |application| application.value_of("displayName"));
            body.entry("displayName").or_insert_with(|| application.clone());
            body.entry("appDisplayName").or_insert(application);
            body.entry("servicePrincipalType").or_insert(json!("Application"));
            body.entry("accountEnabled").or_insert(json!(true));
        }
        Kind::Device
        | Kind::OrgContact
        | Kind::AdministrativeUnit
        | Kind::DirectoryRole
        | Kind::OAuth2PermissionGrant
        | Kind::AppRoleAssignment => {}
    }
}

/// Takes `members@odata.bind` and `owners@odata.bind` out of a body.
fn take_bound(
    directory: Directory<'_>,
    kind: Kind,
    body: &mut Map<String, Value>,
) -> Result<Vec<(Relation, Handle)>, Refusal> {
    let mut bound = Vec::new();
    for (name, relation) in
        [("members@odata.bind", Relation::Members), ("owners@odata.bind", Relation::Owners)]
    {
        if !body.contains_key(name) {
            continue;
        }
        let takes_members = matches!(kind, Kind::Group | Kind::AdministrativeUnit);
        if !takes_members && relation == Relation::Members {
            return Err(Refusal::malformed(format!(
                "Property '{name}' is not valid on this type."
            )));
        }
        for reference in read::texts(body, name)? {
            let target = reference::target(directory, reference)?;
            bound.push((relation, target.handle()));
        }
        body.remove(name);
    }
    if bound.len() > MOST_BOUND {
        return Err(Refusal::bad_request(format!(
            "The number of references in the request is {}. Maximum allowed is {MOST_BOUND}.",
            bound.len()
        )));
    }
    Ok(bound)
}

/// `POST` of a group to an administrative unit: the one creation through a relationship.
pub(crate) fn create_in_unit(
    call: &Call<'_>,
    writer: &mut Writer<'_>,
    key: &Key,
) -> Result<Reply, Refusal> {
    let unit = writer.find(Kind::AdministrativeUnit, key)?;
    let mut body = call.json_body()?;
    if body.get("@odata.type").and_then(Value::as_str) != Some(Kind::Group.odata_type()) {
        return Err(Refusal::bad_request(
            "Only a group can be created in an administrative unit: '@odata.type' must say so.",
        ));
    }
    body.remove("@odata.type");
    validate::new_object(writer.directory(), Kind::Group, &body)?;
    complete(call, writer, Kind::Group, &mut body);
    let group = writer.overlay.create(Kind::Group, body);
    writer.overlay.set_edge(Relation::Members, unit, group, true);
    created(call, writer, group)
}

/// `PATCH` of an object; with `Prefer: create-if-missing` an alternate key creates it (facts: graph-protocol 9.3).
pub(crate) fn update(
    call: &Call<'_>,
    writer: &mut Writer<'_>,
    kind: Kind,
    key: &Key,
) -> Result<Reply, Refusal> {
    let handle = match (writer.find(kind, key), key) {
        (Err(refusal), Key::Alternate(name, value))
            if refusal.status == StatusCode::NOT_FOUND && name == "uniqueName" =>
        {
            if !call.prefers("create-if-missing") {
                return Err(refusal);
            }
            let mut body = call.json_body()?;
            body.insert(name.clone(), json!(value));
            validate::new_object(writer.directory(), kind, &body)?;
            complete(call, writer, kind, &mut body);
            let handle = writer.overlay.create(kind, body);
            let directory = writer.directory();
            return read::write_object(
                call,
                directory,
                &directory.object(handle),
                false,
                StatusCode::CREATED,
            );
        }
        (found, _) => found?,
    };
    let mut body = call.json_body()?;
    let bound = take_bound(writer.directory(), kind, &mut body)?;
    validate::changes(writer.directory(), &writer.directory().object(handle), &body)?;
    attributes::merge(call, writer.directory(), &writer.directory().object(handle), &mut body)?;
    for (relation, target) in &bound {
        reference::check_new(writer.directory(), *relation, handle, *target)?;
    }
    if let Some(profile) = body.get_mut("passwordProfile") {
        *profile = Value::Null;
    }
    if !body.is_empty() {
        writer.overlay.update(handle, body);
    }
    for (relation, target) in bound {
        writer.overlay.set_edge(relation, handle, target, true);
    }
    Ok(Reply::no_content())
}

/// `DELETE` of an object.
pub(crate) fn delete(
    call: &Call<'_>,
    writer: &mut Writer<'_>,
    kind: Kind,
    key: &Key,
) -> Result<Reply, Refusal> {
    let handle = writer.find(kind, key)?;
    remove(call, writer, handle);
    Ok(Reply::no_content())
}

/// Deletes an object as its kind is deleted: to the recycle bin, or for good.
pub(crate) fn remove(call: &Call<'_>, writer: &mut Writer<'_>, handle: Handle) {
    let object = writer.directory().object(handle);
    let stage = if is_restorable(&object) { Stage::SoftDeleted } else { Stage::Purged };
    // The local service principal goes with its application.
    let service_principal = (object.kind() == Kind::Application)
        .then(|| object.value_of("appId").as_str().and_then(|id| id.parse().ok()))
        .flatten()
        .and_then(|id| writer.directory().by_app_id(Kind::ServicePrincipal, id))
        .map(|found| found.handle());
    for handle in std::iter::once(handle).chain(service_principal) {
        writer.overlay.set_stage(handle, stage, Some(timestamp(call.now)));
    }
}

fn is_restorable(object: &Object<'_>) -> bool {
    match object.kind() {
        Kind::User | Kind::Application | Kind::ServicePrincipal | Kind::AdministrativeUnit => true,
        Kind::Group => object
            .value_of("groupTypes")
            .as_array()
            .is_some_and(|types| types.contains(&json!("Unified"))),
        _ => false,
    }
}

/// `POST /directory/deletedItems/{id}/restore`.
pub(crate) fn restore(
    call: &Call<'_>,
    writer: &mut Writer<'_>,
    id: &str,
) -> Result<Reply, Refusal> {
    let object = read::deleted_item(writer.directory(), id)?;
    let handle = object.handle();
    let name = object.value_of("userPrincipalName");
    if let (Kind::User, Some(name)) = (handle.kind, name.as_str())
        && writer.directory().by_principal_name(name).is_some()
    {
        return Err(Refusal::new(
            StatusCode::CONFLICT,
            "Request_MultipleObjectsWithSameKeyValue",
            "Another object with the same value for property userPrincipalName already exists.",
        ));
    }
    writer.overlay.set_stage(handle, Stage::Live, None);
    let directory = writer.directory();
    read::write_object(call, directory, &directory.object(handle), true, StatusCode::OK)
}

/// `DELETE /directory/deletedItems/{id}`.
pub(crate) fn purge(writer: &mut Writer<'_>, id: &str) -> Result<Reply, Refusal> {
    let handle = read::deleted_item(writer.directory(), id)?.handle();
    writer.overlay.set_stage(handle, Stage::Purged, None);
    Ok(Reply::no_content())
}
