//! Assigning roles, and asking for them (facts: graph-protocol 9.1, 10.5).

use http::StatusCode;
use serde_json::{Value, json};

use super::{Entity, Target};
use crate::directory::Relation;
use crate::entities::pim::{ACTIVATIONS, ELIGIBILITY, schedule};
use crate::entities::roles::{
    ASSIGNMENTS, DEFINITIONS, assignment, built_in, scoped_member, unit_of,
};
use crate::protocol::call::Call;
use crate::protocol::errors::Refusal;
use crate::protocol::read;
use crate::protocol::resource::Key;
use crate::protocol::sets::{Scope, named};
use crate::protocol::write::Writer;
use crate::tenant::view::timestamp;
use crate::tenant::{Handle, Kind, ObjectId, Stage};

/// Who gets what, and where.
struct Wanted {
    role: String,
    principal: Handle,
    unit: Option<ObjectId>,
}

fn text<'b>(body: &'b Entity, name: &str) -> &'b str {
    body.get(name).and_then(Value::as_str).unwrap_or_default()
}

fn scope_of<'w>(writer: &'w Writer<'_>, path: &str, now: u64) -> Result<Scope<'w>, Refusal> {
    Scope::open(writer.directory(), named(path).expect("the path of a set"), &[], now)
}

/// Reads an assignment that is asked for.
fn wanted(writer: &Writer<'_>, body: &Entity, now: u64) -> Result<Wanted, Refusal> {
    let role = text(body, "roleDefinitionId").to_owned();
    scope_of(writer, DEFINITIONS, now)?
        .find(&Key::Primary(role.clone()))
        .map_err(|_| Refusal::bad_request("The given role definition id was not found."))?;
    let principal = read::any(writer.directory(), text(body, "principalId"))?;
    if !matches!(principal.kind(), Kind::User | Kind::Group | Kind::ServicePrincipal) {
        return Err(Refusal::bad_request("The principal cannot be assigned a role."));
    }
    if principal.kind() == Kind::Group && principal.value_of("isAssignableToRole") != true {
        return Err(Refusal::bad_request(
            "The group cannot be assigned a role: isAssignableToRole is not set.",
        ));
    }
    let unit = match text(body, "directoryScopeId") {
        "" | "/" => None,
        path => {
            let id =
                path.strip_prefix("/administrativeUnits/").unwrap_or(path.trim_start_matches('/'));
            Some(read::any(writer.directory(), id)?.id())
        }
    };
    Ok(Wanted { role, principal: principal.handle(), unit })
}

/// `POST roleAssignments`.
pub(super) fn assign(writer: &mut Writer<'_>, body: &Entity, now: u64) -> Result<Entity, Refusal> {
    let wanted = wanted(writer, body, now)?;
    let made = assignment(&wanted.role, writer.tenant.id(wanted.principal), wanted.unit);
    if is_assigned(writer, &made, now)? {
        return Err(Refusal::bad_request(
            "A conflicting object with one or more of the specified property values is present in the directory.",
        ));
    }
    keep(writer, &wanted, &made);
    Ok(made)
}

fn is_assigned(writer: &Writer<'_>, made: &Entity, now: u64) -> Result<bool, Refusal> {
    let known = scope_of(writer, ASSIGNMENTS, now)?;
    Ok(known.find(&Key::Primary(Scope::key_of(made).to_owned())).is_ok())
}

/// A role of Entra's own for the whole tenant is a membership of the directory role, which is
/// activated by it; any other assignment is kept as it is.
fn keep(writer: &mut Writer<'_>, wanted: &Wanted, made: &Entity) {
    if let (Some(role), None) = (built_in(&wanted.role), wanted.unit) {
        if !writer.directory().object(role).is_live() {
            writer.overlay.set_stage(role, Stage::Live, None);
        }
        writer.overlay.set_edge(Relation::Members, role, wanted.principal, true);
    } else {
        let key = Scope::key_of(made).to_owned();
        writer.overlay.create_document(ASSIGNMENTS, &key, made.clone());
    }
}

/// `DELETE` of an assignment, in either list.
pub(super) fn revoke(writer: &mut Writer<'_>, found: &Entity) -> Result<(), Refusal> {
    let id = Scope::key_of(found).to_owned();
    let root = unit_of(found).is_none() && found.get("administrativeUnitId").is_none();
    let role = built_in(text(found, "roleDefinitionId"));
    let principal = text(found, "principalId").parse().ok();
    let principal = principal.and_then(|id| writer.tenant.handle(id));
    if let (true, Some(role), Some(principal)) = (root, role, principal) {
        let holders = writer.directory().targets(Relation::Members, role);
        if role.slot == 0 && holders == [principal] {
            return Err(Refusal::bad_request("The last Global Administrator cannot be removed."));
        }
        writer.overlay.set_edge(Relation::Members, role, principal, false);
    } else {
        writer.overlay.delete_document(ASSIGNMENTS, &id);
    }
    Ok(())
}

/// `POST scopedRoleMembers`: the same, named by the directory role.
pub(super) fn assign_scoped(
    call: &Call<'_>,
    writer: &mut Writer<'_>,
    target: &Target,
    body: &Entity,
) -> Result<Entity, Refusal> {
    let (unit, role) = {
        let scope = Scope::open(writer.directory(), target.set, &target.parents, call.now)?;
        let unit = scope.owner.map(|unit| scope.directory.tenant.id(unit).to_string());
        let role = read::any(scope.directory, text(body, "roleId"))?;
        (unit.unwrap_or_default(), role.value_of("roleTemplateId"))
    };
    let asked = json!({
        "roleDefinitionId": role,
        "principalId": body["roleMemberInfo"]["id"],
        "directoryScopeId": format!("/administrativeUnits/{unit}"),
    });
    let made = assign(writer, &crate::entities::entity(asked), call.now)?;
    let scope = Scope::open(writer.directory(), target.set, &target.parents, call.now)?;
    scoped_member(&scope, &made, &unit).ok_or_else(|| Refusal::not_found(text(body, "roleId")))
}

/// `POST …ScheduleRequests`: checked, done at once unless it only asks to be checked, and kept.
pub(super) fn request(
    call: &Call<'_>,
    writer: &mut Writer<'_>,
    target: &Target,
    body: &Entity,
    eligibility: bool,
) -> Result<Entity, Refusal> {
    let wanted = wanted(writer, body, call.now)?;
    let principal = writer.tenant.id(wanted.principal);
    let made = assignment(&wanted.role, principal, wanted.unit);
    let id = Scope::key_of(&made).to_owned();
    let store = if eligibility { ELIGIBILITY } else { ASSIGNMENTS };
    let key = Key::Primary(id.clone());
    let exists = scope_of(writer, store, call.now)?.find(&key).is_ok();
    let action = text(body, "action");
    let adds = admit(action, eligibility, exists)?;
    if action == "selfActivate" {
        let eligible = scope_of(writer, ELIGIBILITY, call.now)?;
        eligible.find(&key).map_err(|_| {
            refused("RoleEligibilityDoesNotExist", "The principal is not eligible for the role.")
        })?;
    }
    let only_check = body.get("isValidationOnly") == Some(&json!(true));
    if !only_check {
        carry_out(call, writer, body, &wanted, &made, (eligibility, adds))?;
    }
    let number = writer.overlay.sequence();
    let mut kept = body.clone();
    for (name, value) in [
        ("id", json!(writer.tenant.draw_guid(b'E', number).to_string())),
        ("principalId", json!(principal.to_string())),
        ("directoryScopeId", made["directoryScopeId"].clone()),
        ("createdDateTime", json!(timestamp(call.now))),
        ("completedDateTime", json!(timestamp(call.now))),
        ("status", json!(if adds { "Provisioned" } else { "Revoked" })),
        ("targetScheduleId", json!(id)),
        ("isValidationOnly", json!(only_check)),
    ] {
        kept.insert(name.to_owned(), value);
    }
    if !only_check {
        let key = Scope::key_of(&kept).to_owned();
        writer.overlay.create_document(target.set.store, &key, kept.clone());
    }
    Ok(kept)
}

/// Whether an action adds or removes; refuses one that is unknown, or that does not fit what there is.
fn admit(action: &str, eligibility: bool, exists: bool) -> Result<bool, Refusal> {
    let adds = match action {
        "adminAssign" | "adminExtend" | "adminRenew" | "adminUpdate" | "selfExtend"
        | "selfRenew" => true,
        "selfActivate" if !eligibility => true,
        "adminRemove" | "selfDeactivate" => false,
        _ => {
            return Err(Refusal::malformed(format!("The action '{action}' is not supported.")));
        }
    };
    let name = if eligibility { "RoleEligibility" } else { "RoleAssignment" };
    match (exists, matches!(action, "adminAssign" | "selfActivate")) {
        (true, true) => {
            Err(refused(&format!("{name}Exists"), &format!("The {name} already exists.")))
        }
        (false, false) => {
            Err(refused(&format!("{name}DoesNotExist"), &format!("The {name} does not exist.")))
        }
        _ => Ok(adds),
    }
}

fn refused(code: &str, message: &str) -> Refusal {
    Refusal::new(StatusCode::BAD_REQUEST, code.to_owned(), message)
}

/// Does what a request asks for.
fn carry_out(
    call: &Call<'_>,
    writer: &mut Writer<'_>,
    body: &Entity,
    wanted: &Wanted,
    made: &Entity,
    (eligibility, adds): (bool, bool),
) -> Result<(), Refusal> {
    let id = Scope::key_of(made).to_owned();
    let info = &body.get("scheduleInfo").cloned().unwrap_or(Value::Null);
    let start = info["startDateTime"].as_str().map_or_else(|| timestamp(call.now), str::to_owned);
    let end = info["expiration"]["endDateTime"].as_str().map(str::to_owned).or_else(|| {
        let hours = info["expiration"]["duration"].as_str()?;
        let hours: u64 = hours.strip_prefix("PT")?.strip_suffix('H')?.parse().ok()?;
        Some(timestamp(call.now.saturating_add(hours.min(10_000) * 3_600)))
    });
    let principal = writer.tenant.id(wanted.principal).to_string();
    let scope = text(made, "directoryScopeId");
    let mut period = schedule(&wanted.role, &principal, scope, Some(start), end.as_deref());
    match (eligibility, adds) {
        (true, true) => writer.overlay.create_document(ELIGIBILITY, &id, period),
        (true, false) => writer.overlay.delete_document(ELIGIBILITY, &id),
        (false, true) => {
            keep(writer, wanted, made);
            let activated = text(body, "action").starts_with("self");
            let how = if activated { "Activated" } else { "Assigned" };
            period.insert("assignmentType".into(), json!(how));
            writer.overlay.update_document(ACTIVATIONS, &id, period);
        }
        (false, false) => {
            revoke(writer, made)?;
        }
    }
    Ok(())
}
