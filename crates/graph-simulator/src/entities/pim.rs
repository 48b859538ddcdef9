//! Privileged identity management: who holds roles, who may take them, and by which rules
//! (facts: graph-protocol 10.5).

use serde_json::{Value, json};

use super::roles::{ASSIGNMENTS, DEFINITIONS, assignment_id};
use super::{Entity, entity};
use crate::protocol::sets::Scope;
use crate::tenant::directory_role::{ACTIVATED, ROLES};
use crate::tenant::mix::{below, mix3};
use crate::tenant::view::{moment_seconds, timestamp};
use crate::tenant::{Handle, Kind};

/// Where eligibility that requests wrote is kept.
pub(crate) const ELIGIBILITY: &str = "roleManagement/directory/roleEligibilitySchedules";
/// Where it is kept how long assignments last that requests made.
pub(crate) const ACTIVATIONS: &str = "roleManagement/directory/roleAssignmentSchedules";

/// `roleEligibilitySchedules`: for each activated role up to two users.
pub(super) fn eligibility_schedules(scope: &Scope<'_>) -> Vec<Entity> {
    let tenant = scope.directory.tenant;
    let users = tenant.schedule(Kind::User).base;
    let mut found = Vec::new();
    for (slot, (_, role)) in (0..ACTIVATED).zip(ROLES) {
        let draw = |salt: u64| mix3(tenant.seed(), 0x656c_6967 + salt, slot);
        let mut seen = Vec::new();
        for index in 0..below(draw(9), 3) {
            let user = Handle::new(Kind::User, below(draw(index), users));
            if !seen.contains(&user) && scope.directory.object(user).is_live() {
                seen.push(user);
                found.push(schedule(role, &tenant.id(user).to_string(), "/", None, None));
            }
        }
    }
    found
}

/// A schedule of an assignment or of eligibility, with its period.
pub(crate) fn schedule(
    role: &str,
    principal: &str,
    directory_scope: &str,
    start: Option<String>,
    end: Option<&str>,
) -> Entity {
    let start = start.unwrap_or_else(|| timestamp(moment_seconds(0) - 90 * 86_400));
    let unit = directory_scope.rsplit('/').next().and_then(|id| id.parse().ok());
    let role_id = role.parse().unwrap_or(crate::tenant::ObjectId(0));
    let id =
        principal.parse().map_or_else(|_| String::new(), |id| assignment_id(role_id, id, unit));
    let expiration = match end {
        Some(end) => json!({ "type": "afterDateTime", "endDateTime": end, "duration": null }),
        None => json!({ "type": "noExpiration", "endDateTime": null, "duration": null }),
    };
    entity(json!({
        "id": id,
        "appScopeId": null,
        "createdDateTime": start,
        "createdUsing": id,
        "directoryScopeId": directory_scope,
        "memberType": "Direct",
        "principalId": principal,
        "roleDefinitionId": role,
        "scheduleInfo": { "startDateTime": start, "recurrence": null, "expiration": expiration },
        "status": "Provisioned",
    }))
}

/// `roleAssignmentSchedules`: every role assignment, those made outside included.
pub(super) fn assignment_schedules(scope: &Scope<'_>) -> Vec<Entity> {
    let all = scope.other(ASSIGNMENTS).all();
    let text = |found: &Entity, name: &str| found[name].as_str().unwrap_or_default().to_owned();
    all.iter()
        .map(|found| {
            let (role, principal) = (text(found, "roleDefinitionId"), text(found, "principalId"));
            let mut made =
                schedule(&role, &principal, &text(found, "directoryScopeId"), None, None);
            made.insert("assignmentType".into(), json!("Assigned"));
            made.insert("id".into(), found["id"].clone());
            made
        })
        .collect()
}

/// `roleAssignmentScheduleInstances`.
pub(super) fn assignment_instances(scope: &Scope<'_>) -> Vec<Entity> {
    let schedules = scope.other(ACTIVATIONS).all();
    schedules
        .iter()
        .filter(|found| is_running(found, scope.now))
        .map(|found| {
            let mut made = instance(found);
            made.insert("assignmentType".into(), found["assignmentType"].clone());
            made.insert("roleAssignmentOriginId".into(), found["id"].clone());
            made.insert("roleAssignmentScheduleId".into(), found["id"].clone());
            made
        })
        .collect()
}

/// `roleEligibilityScheduleInstances`.
pub(super) fn eligibility_instances(scope: &Scope<'_>) -> Vec<Entity> {
    let schedules = scope.other(ELIGIBILITY).all();
    schedules
        .iter()
        .filter(|found| is_running(found, scope.now))
        .map(|found| {
            let mut made = instance(found);
            made.insert("roleEligibilityScheduleId".into(), found["id"].clone());
            made
        })
        .collect()
}

fn is_running(schedule: &Entity, now: u64) -> bool {
    let at = |value: &Value| value.as_str().and_then(crate::protocol::sets::scope::seconds);
    let info = &schedule["scheduleInfo"];
    at(&info["startDateTime"]).is_none_or(|start| start <= now || start <= moment_seconds(0))
        && at(&info["expiration"]["endDateTime"]).is_none_or(|end| end > now)
}

fn instance(schedule: &Entity) -> Entity {
    let info = &schedule["scheduleInfo"];
    entity(json!({
        "id": schedule["id"],
        "appScopeId": null,
        "directoryScopeId": schedule["directoryScopeId"],
        "endDateTime": info["expiration"]["endDateTime"],
        "memberType": schedule["memberType"],
        "principalId": schedule["principalId"],
        "roleDefinitionId": schedule["roleDefinitionId"],
        "startDateTime": info["startDateTime"],
    }))
}

fn policy_id(scope: &Scope<'_>, role: &Entity) -> String {
    let tenant = scope.directory.tenant.id_of_tenant();
    format!("DirectoryRole_{tenant}_{}", role["id"].as_str().unwrap_or_default())
}

/// `policies/roleManagementPolicies`: one for each role definition.
pub(super) fn policies(scope: &Scope<'_>) -> Vec<Entity> {
    let roles = scope.other(DEFINITIONS).all();
    let policy = |role: &Entity| {
        let demands = json!([{
            "@odata.type": "#microsoft.graph.unifiedRoleManagementPolicyExpirationRule",
            "id": "Expiration_EndUser_Assignment",
            "isExpirationRequired": true,
            "maximumDuration": "PT8H",
        }, {
            "@odata.type": "#microsoft.graph.unifiedRoleManagementPolicyEnablementRule",
            "id": "Enablement_EndUser_Assignment",
            "enabledRules": ["MultiFactorAuthentication", "Justification"],
        }]);
        entity(json!({
            "id": policy_id(scope, role),
            "description": "DirectoryRole",
            "displayName": "DirectoryRole",
            "isOrganizationDefault": false,
            "scopeId": "/",
            "scopeType": "DirectoryRole",
            "rules": demands,
            "effectiveRules": demands,
        }))
    };
    roles.iter().map(policy).collect()
}

/// `policies/roleManagementPolicyAssignments`.
pub(super) fn policy_assignments(scope: &Scope<'_>) -> Vec<Entity> {
    let roles = scope.other(DEFINITIONS).all();
    let assignment = |role: &Entity| {
        let policy = policy_id(scope, role);
        entity(json!({
            "id": format!("{policy}_{}", role["id"].as_str().unwrap_or_default()),
            "policyId": policy,
            "roleDefinitionId": role["id"],
            "scopeId": "/",
            "scopeType": "DirectoryRole",
        }))
    };
    roles.iter().map(assignment).collect()
}
