//! Role definitions, and who is assigned them: to the whole tenant or to an administrative unit.
//!
//! An assignment to the whole tenant is a membership of the directory role: both lists show one truth.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::{Entity, entity};
use crate::directory::{Directory, Relation};
use crate::protocol::sets::Scope;
use crate::tenant::directory_role::ROLES;
use crate::tenant::mix::{below, mix3};
use crate::tenant::{Handle, Kind, ObjectId};

/// The path of the set of role assignments, under which writes to it are kept.
pub(crate) const ASSIGNMENTS: &str = "roleManagement/directory/roleAssignments";
/// The path of the set of role definitions.
pub(crate) const DEFINITIONS: &str = "roleManagement/directory/roleDefinitions";

/// Roles that are held for a unit.
const SCOPED: [usize; 3] = [2, 9, 3];

/// `roleManagement/directory/roleDefinitions`: Entra's own.
pub(super) fn definitions(_: &Scope<'_>) -> Vec<Entity> {
    let definition = |(name, id): &(&str, &str)| {
        let area = match *name {
            name if name.contains("User") || name.contains("Helpdesk") => "users/basic/update",
            name if name.contains("Group") => "groups/allProperties/update",
            name if name.contains("Application") => "applications/allProperties/allTasks",
            name if name.contains("Reader") => "allEntities/standard/read",
            _ => "allEntities/allTasks",
        };
        entity(json!({
            "id": id,
            "description": format!("Holders act as {name}."),
            "displayName": name,
            "isBuiltIn": true,
            "isEnabled": true,
            "resourceScopes": ["/"],
            "rolePermissions": [{
                "allowedResourceActions": [format!("microsoft.directory/{area}")],
                "condition": null,
            }],
            "templateId": id,
            "version": "1",
        }))
    };
    ROLES.iter().map(definition).collect()
}

/// `directoryRoleTemplates`.
pub(super) fn templates(_: &Scope<'_>) -> Vec<Entity> {
    let template = |(name, id): &(&str, &str)| {
        entity(json!({
            "id": id, "description": format!("Holders act as {name}."), "displayName": name,
        }))
    };
    ROLES.iter().map(template).collect()
}

/// The built-in role with a template id.
pub(crate) fn built_in(id: &str) -> Option<Handle> {
    let slot = ROLES.iter().position(|(_, known)| known.eq_ignore_ascii_case(id))?;
    Some(Handle::new(Kind::DirectoryRole, u64::try_from(slot).ok()?))
}

/// The id of the assignment of a role to a principal; `unit` is what it is limited to.
pub(crate) fn assignment_id(role: ObjectId, principal: ObjectId, unit: Option<ObjectId>) -> String {
    let mut bytes = role.0.to_be_bytes().to_vec();
    bytes.extend(principal.0.to_be_bytes());
    bytes.extend(unit.iter().flat_map(|unit| unit.0.to_be_bytes()));
    format!("{}-{}", URL_SAFE_NO_PAD.encode(bytes), if unit.is_some() { 2 } else { 1 })
}

/// An assignment as an entity.
pub(crate) fn assignment(role: &str, principal: ObjectId, unit: Option<ObjectId>) -> Entity {
    let role_id = role.parse().unwrap_or(ObjectId(0));
    let scope = unit.map_or_else(|| "/".to_owned(), |unit| format!("/administrativeUnits/{unit}"));
    entity(json!({
        "id": assignment_id(role_id, principal, unit),
        "directoryScopeId": scope,
        "principalId": principal.to_string(),
        "roleDefinitionId": role,
    }))
}

/// `roleManagement/directory/roleAssignments`.
pub(super) fn assignments(scope: &Scope<'_>) -> Vec<Entity> {
    let directory = scope.directory;
    let mut found = Vec::new();
    for (slot, (_, template)) in (0..).zip(ROLES) {
        let role = Handle::new(Kind::DirectoryRole, slot);
        if !directory.object(role).is_live() {
            continue;
        }
        for holder in directory.targets(Relation::Members, role) {
            found.push(assignment(template, directory.tenant.id(holder), None));
        }
    }
    for unit in directory.handles(Kind::AdministrativeUnit, 0) {
        let seeds = seeded(directory, unit);
        if !seeds.is_empty() && directory.object(unit).is_live() {
            let id = directory.tenant.id(unit);
            for (template, user) in
                seeds.into_iter().filter(|(_, user)| directory.object(*user).is_live())
            {
                found.push(assignment(template, directory.tenant.id(user), Some(id)));
            }
        }
    }
    found
}

/// The roles that users hold for a unit from the start.
fn seeded(directory: Directory<'_>, unit: Handle) -> Vec<(&'static str, Handle)> {
    let tenant = directory.tenant;
    if unit.is_created() || unit.slot >= tenant.schedule(Kind::AdministrativeUnit).base {
        return Vec::new();
    }
    let draw = |salt: u64| mix3(tenant.seed(), 0x7363_6f70 + salt, unit.slot);
    let count = usize::try_from(below(draw(9), 3)).expect("below three");
    let users = tenant.schedule(Kind::User).base;
    (0..)
        .zip(SCOPED)
        .take(count)
        .map(|(index, role)| (ROLES[role].1, Handle::new(Kind::User, below(draw(index), users))))
        .collect()
}

/// `directory/administrativeUnits/{id}/scopedRoleMembers`: the assignments limited to the unit.
pub(super) fn scoped(scope: &Scope<'_>) -> Vec<Entity> {
    let Some(unit) = scope.owner else { return Vec::new() };
    let id = scope.directory.tenant.id(unit).to_string();
    let wanted = json!(format!("/administrativeUnits/{id}"));
    let all = scope.other(ASSIGNMENTS).all();
    let own = all.into_iter().filter(|found| found["directoryScopeId"] == wanted);
    own.filter_map(|found| scoped_member(scope, &found, &id)).collect()
}

/// An assignment as `scopedRoleMembership` shows it; only roles that are activated can be shown.
pub(crate) fn scoped_member(scope: &Scope<'_>, found: &Entity, unit: &str) -> Option<Entity> {
    let role = built_in(found.get("roleDefinitionId")?.as_str()?)?;
    let principal = scope.referenced(found, "principalId")?;
    let principal = scope.directory.object(principal);
    Some(entity(json!({
        "id": found["id"],
        "administrativeUnitId": unit,
        "roleId": scope.directory.tenant.id(role).to_string(),
        "roleMemberInfo": {
            "id": principal.id().to_string(),
            "displayName": principal.value_of("displayName"),
        },
    })))
}

/// The unit that an assignment is limited to.
pub(crate) fn unit_of(found: &Entity) -> Option<ObjectId> {
    let scope = found.get("directoryScopeId").and_then(Value::as_str)?;
    scope.strip_prefix("/administrativeUnits/")?.parse().ok()
}
