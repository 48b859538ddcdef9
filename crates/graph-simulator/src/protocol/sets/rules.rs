//! What single sets ask for beyond the table: actions, conflicts, secrets, effects elsewhere.

mod domains;
mod people;
mod roles;

use http::StatusCode;
use serde_json::{Map, Value, json};

use super::address::Target;
use super::{Scope, Set, list, schema};
use crate::entities::registration;
use crate::protocol::call::Call;
use crate::protocol::errors::Refusal;
use crate::protocol::reply::Reply;
use crate::protocol::resource::Key;
use crate::protocol::write::Writer;
use crate::tenant::view::timestamp;

type Entity = Map<String, Value>;

/// Actions and functions of sets, by the set's path.
static BOUND: &[(&str, &[&str])] = &[
    ("reports/authenticationMethods", &["usersRegisteredByMethod", "usersRegisteredByFeature"]),
    ("identityProtection/riskyUsers", &["dismiss", "confirmCompromised", "confirmSafe"]),
    ("identityProtection/riskyServicePrincipals", &["dismiss", "confirmCompromised"]),
];

/// Actions of entities, by the path of their set.
static ENTITY_BOUND: &[(&str, &[&str])] = &[
    ("domains", &["verify", "forceDelete", "promote"]),
    ("users/{id}/authentication/methods", &["resetPassword"]),
    ("users/{id}/authentication/phoneMethods", &["enableSmsSignIn", "disableSmsSignIn"]),
    ("roleManagement/directory/roleAssignmentScheduleRequests", &["cancel"]),
    ("roleManagement/directory/roleEligibilityScheduleRequests", &["cancel"]),
    ("groupLifecyclePolicies", &["addGroup", "removeGroup"]),
    ("policies/authenticationStrengthPolicies", &["updateAllowedCombinations"]),
    ("identityGovernance/lifecycleWorkflows/workflows", &["activate"]),
    ("identityGovernance/accessReviews/definitions", &["stop"]),
    (
        "servicePrincipals/{id}/synchronization/jobs",
        &["start", "pause", "restart", "provisionOnDemand"],
    ),
    ("applicationTemplates", &["instantiate"]),
];

fn named(table: &[(&str, &[&'static str])], set: &Set, name: &str) -> Option<&'static str> {
    let (_, names) = table.iter().find(|(path, _)| *path == set.path)?;
    names.iter().copied().find(|known| *known == name)
}

/// The action or function of a set with a name.
pub(super) fn bound(set: &Set, name: &str) -> Option<&'static str> {
    named(BOUND, set, name)
}

/// The action of a set's entities with a name.
pub(super) fn entity_bound(set: &Set, name: &str) -> Option<&'static str> {
    named(ENTITY_BOUND, set, name)
}

/// Every action and function: the path of its set, its name, and whether it belongs to an entity.
#[cfg(test)]
pub(crate) fn operations() -> impl Iterator<Item = (&'static str, &'static str, bool)> {
    let of = |table: &'static [(&'static str, &'static [&'static str])], entity: bool| {
        table
            .iter()
            .flat_map(move |(path, names)| names.iter().map(move |name| (*path, *name, entity)))
    };
    of(BOUND, false).chain(of(ENTITY_BOUND, true))
}

/// What a request to a set must carry beside what its options say.
pub(super) fn admissible(call: &Call<'_>, set: &Set, is_list: bool) -> Result<(), Refusal> {
    let secrets =
        ["directory/deviceLocalCredentials", "informationProtection/bitlocker/recoveryKeys"];
    if secrets.contains(&set.path) && !call.headers.contains_key(http::header::USER_AGENT) {
        return Err(Refusal::malformed("The User-Agent header is required."));
    }
    if is_list
        && set.path.starts_with("policies/roleManagementPolic")
        && call.query.filter.is_none()
    {
        return Err(Refusal::malformed(
            "The required filters 'scopeId' and 'scopeType' are missing.",
        ));
    }
    Ok(())
}

/// Properties that a log filters by (facts: graph-protocol 10.1).
pub(super) fn filterable(set: &Set, path: &[String]) -> Result<(), Refusal> {
    let known: &[&str] = match set.path {
        "auditLogs/directoryAudits" => &[
            "activityDateTime",
            "activityDisplayName",
            "category",
            "correlationId",
            "result",
            "loggedByService",
            "initiatedBy/user/id",
            "initiatedBy/user/userPrincipalName",
            "initiatedBy/user/displayName",
            "initiatedBy/app/appId",
            "initiatedBy/app/displayName",
            "targetResources/any",
            "targetResources",
        ],
        _ => return Ok(()),
    };
    let text = path.join("/");
    if known.contains(&text.as_str()) {
        Ok(())
    } else {
        Err(Refusal::malformed(format!("Invalid filter clause: '{text}' cannot be filtered.")))
    }
}

/// Adds to an entity what is kept elsewhere, and hides what must be asked for by name.
pub(super) fn dress(call: &Call<'_>, scope: &Scope<'_>, mut entity: Entity) -> Entity {
    let selected = |name: &str| call.query.select.iter().flatten().any(|selected| selected == name);
    match scope.set.path {
        "policies/authenticationMethodsPolicy" => {
            let path = "policies/authenticationMethodsPolicy/authenticationMethodConfigurations";
            let configurations = scope.other(path).all().into_iter().map(|configuration| {
                Value::Object(schema::shape(configuration, "authenticationMethodConfiguration"))
            });
            entity.insert("authenticationMethodConfigurations".into(), configurations.collect());
        }
        "directory/deviceLocalCredentials" if !selected("credentials") => {
            entity.remove("credentials");
        }
        "informationProtection/bitlocker/recoveryKeys" if !selected("key") => {
            entity.remove("key");
        }
        _ => {}
    }
    entity
}

/// Answers a function of a set.
pub(super) fn function(call: &Call<'_>, scope: &Scope<'_>, name: &str) -> Result<Reply, Refusal> {
    let by_feature = match name {
        "usersRegisteredByMethod" => false,
        "usersRegisteredByFeature" => true,
        _ => return Err(Refusal::method_not_allowed()),
    };
    // As a plain segment it is none (facts: graph-protocol 10.2).
    if !call.path.raw.contains('(') {
        return Err(Refusal::no_segment(name));
    }
    let mut summary = Map::new();
    let of = if by_feature { "Feature" } else { "Method" };
    let context = call.context(&format!("microsoft.graph.userRegistration{of}Summary"));
    summary.insert("@odata.context".into(), json!(context));
    summary.extend(registration::summary(scope, by_feature));
    Ok(list::answer(StatusCode::OK, &Value::Object(summary)))
}

/// Answers an action of a set.
pub(super) fn act(
    call: &Call<'_>,
    writer: &mut Writer<'_>,
    target: &Target,
    name: &str,
) -> Result<Reply, Refusal> {
    match target.set.path {
        "identityProtection/riskyUsers" => people::judge(call, writer, name),
        // There are none to judge.
        "identityProtection/riskyServicePrincipals" => {
            call.json_body().map(|_| Reply::no_content())
        }
        _ => Err(Refusal::method_not_allowed()),
    }
}

/// Answers an action of an entity.
pub(super) fn act_on(
    call: &Call<'_>,
    writer: &mut Writer<'_>,
    target: &Target,
    key: &Key,
    name: &str,
) -> Result<Reply, Refusal> {
    let (store, entity) = {
        let scope = Scope::open(writer.directory(), target.set, &target.parents, call.now)?;
        (scope.store.clone(), scope.find(key)?)
    };
    let id = Scope::key_of(&entity).to_owned();
    let mut set = |name: &str, value: Value| {
        let changed = Map::from_iter([(name.to_owned(), value)]);
        writer.overlay.update_document(&store, &id, changed);
        Ok(Reply::no_content())
    };
    match (target.set.path, name) {
        ("domains", name) => domains::act(call, writer, target, &entity, name),
        // Delegated only: an application cannot reset a password this way.
        ("users/{id}/authentication/methods", _) => Err(Refusal::forbidden()),
        (_, "enableSmsSignIn") => set("smsSignInState", json!("ready")),
        (_, "disableSmsSignIn") => set("smsSignInState", json!("notEnabled")),
        (_, "cancel") if entity["status"] == "Provisioned" || entity["status"] == "Canceled" => {
            Err(Refusal::malformed("The request is not in a state that can be canceled."))
        }
        (_, "cancel") => set("status", json!("Canceled")),
        ("applicationTemplates", _) => Err(Refusal::forbidden()),
        ("servicePrincipals/{id}/synchronization/jobs", "provisionOnDemand") => {
            call.json_body()?;
            let context = call.context("microsoft.graph.stringKeyStringValuePair");
            let answer = json!({ "@odata.context": context, "key": "E2EResults", "value": "[]" });
            Ok(list::answer(StatusCode::OK, &answer))
        }
        ("servicePrincipals/{id}/synchronization/jobs", name) => {
            let code = if name == "pause" { "Paused" } else { "Active" };
            set("status", json!({ "code": code }))
        }
        (_, "stop") => set("status", json!("Completed")),
        (_, "activate") => call.json_body().map(|_| Reply::no_content()),
        ("groupLifecyclePolicies", _) => {
            let body = call.json_body()?;
            let group = body.get("groupId").and_then(Value::as_str).unwrap_or_default();
            crate::protocol::read::any(writer.directory(), group)?;
            let context = call.context("Edm.Boolean");
            Ok(list::answer(StatusCode::OK, &json!({ "@odata.context": context, "value": true })))
        }
        ("policies/authenticationStrengthPolicies", _) => {
            let body = call.json_body()?;
            let combinations = body.get("allowedCombinations").filter(|value| value.is_array());
            let combinations = combinations.cloned().ok_or_else(|| {
                Refusal::malformed("The 'allowedCombinations' parameter is required.")
            })?;
            set("allowedCombinations", combinations.clone())?;
            let before = &entity["allowedCombinations"];
            Ok(list::answer(
                StatusCode::OK,
                &json!({
                    "previousCombinations": before, "currentCombinations": combinations,
                    "conditionalAccessReferences": [], "additionalInformation": null,
                }),
            ))
        }
        _ => Err(Refusal::method_not_allowed()),
    }
}

/// Brings a body to the form in which the set keeps it.
pub(super) fn normalize(scope: &Scope<'_>, body: &mut Entity) {
    if scope.set.entity == "openTypeExtension"
        && let Some(name) = body.get("extensionName").cloned()
    {
        body.insert("id".into(), name);
        body.insert("@odata.type".into(), json!("#microsoft.graph.openTypeExtension"));
    }
    if scope.set.path == "directory/customSecurityAttributeDefinitions"
        && let (Some(set), Some(name)) = (body.get("attributeSet"), body.get("name"))
        && let (Some(set), Some(name)) = (set.as_str(), name.as_str())
    {
        let id = format!("{set}_{name}");
        body.insert("id".into(), json!(id));
    }
}

/// Checks a body against its set's other rules, and adds what the service sets.
pub(super) fn complete(
    scope: &Scope<'_>,
    body: &mut Entity,
    call: &Call<'_>,
) -> Result<(), Refusal> {
    let mut default = |name: &str, value: Value| {
        body.entry(name).or_insert(value);
    };
    match scope.set.path {
        "domains" => domains::complete(body)?,
        "applications/{id}/extensionProperties" => extension(scope, body)?,
        "applications/{id}/federatedIdentityCredentials"
        | "servicePrincipals/{id}/federatedIdentityCredentials"
            if scope.all().len() >= MOST_CREDENTIALS =>
        {
            return Err(Refusal::bad_request(format!(
                "The maximum number of federated identity credentials, {MOST_CREDENTIALS}, is reached."
            )));
        }
        path if path.starts_with("users/{id}/authentication/") => people::complete(body, call)?,
        "roleManagement/directory/roleDefinitions" => {
            default("isBuiltIn", json!(false));
            default("resourceScopes", json!(["/"]));
        }
        "policies/authenticationStrengthPolicies" => {
            default("policyType", json!("custom"));
            default("requirementsSatisfied", json!("mfa"));
        }
        "groupSettings" | "groups/{id}/settings" => {
            let template = body["templateId"].as_str().unwrap_or_default().to_owned();
            let found = scope.other("groupSettingTemplates").find(&Key::Primary(template));
            let name = found.map_err(|_| Refusal::bad_request("Invalid template id."))?;
            body.entry("displayName").or_insert(name["displayName"].clone());
        }
        "identityGovernance/lifecycleWorkflows/workflows" => {
            default("version", json!(1));
            default("lastModifiedDateTime", json!(timestamp(call.now)));
            if body.get("tasks").and_then(Value::as_array).is_none_or(Vec::is_empty) {
                return Err(Refusal::malformed("A workflow needs at least one task."));
            }
        }
        "identity/conditionalAccess/policies" | "policies/conditionalAccessPolicies" => {
            controls(body)?;
        }
        "schemaExtensions" => {
            let id = body["id"].as_str().unwrap_or_default().to_owned();
            body.insert("id".into(), json!(format!("ext{:x}_{id}", scope.now % 0xffff_ffff)));
            body.entry("status").or_insert(json!("InDevelopment"));
        }
        _ => {}
    }
    Ok(())
}

/// Federated credentials that one application may have.
const MOST_CREDENTIALS: usize = 20;

/// An extension is named after its application, and typed.
fn extension(scope: &Scope<'_>, body: &mut Entity) -> Result<(), Refusal> {
    let types = ["Binary", "Boolean", "DateTime", "Integer", "LargeInteger", "String"];
    let data_type = body["dataType"].as_str().unwrap_or_default();
    if !types.contains(&data_type) {
        return Err(Refusal::bad_request(
            "Invalid value specified for property 'dataType' of resource 'ExtensionProperty'.",
        ));
    }
    let application = scope.owner.map(|owner| scope.directory.object(owner));
    let text = |name: &str| {
        application.as_ref().map_or(Value::Null, |application| application.value_of(name))
    };
    let app_id = text("appId").as_str().unwrap_or_default().replace('-', "");
    let name = format!("extension_{app_id}_{}", body["name"].as_str().unwrap_or_default());
    if scope.all().iter().any(|known| known["name"] == name.as_str()) {
        return Err(Refusal::new(
            StatusCode::CONFLICT,
            "Request_MultipleObjectsWithSameKeyValue",
            "An extension property exists with the name of the new one.",
        ));
    }
    body.insert("appDisplayName".into(), text("displayName"));
    body.insert("name".into(), json!(name));
    body.entry("isMultiValued").or_insert(json!(false));
    body.entry("isSyncedFromOnPremises").or_insert(json!(false));
    Ok(())
}

/// A policy that is on must demand something.
fn controls(body: &Entity) -> Result<(), Refusal> {
    let given = |name: &str| body.get(name).is_some_and(|value| !value.is_null());
    if given("grantControls") || given("sessionControls") {
        return Ok(());
    }
    Err(Refusal::malformed(
        "1009: Policy must contain at least one grant control or session control.",
    ))
}

/// Creates what is kept elsewhere; none if the entity is kept in its set.
pub(super) fn create(
    call: &Call<'_>,
    writer: &mut Writer<'_>,
    target: &Target,
    body: &Entity,
) -> Result<Option<Entity>, Refusal> {
    match target.set.path {
        "roleManagement/directory/roleAssignments" => {
            roles::assign(writer, body, call.now).map(Some)
        }
        "directory/administrativeUnits/{id}/scopedRoleMembers" => {
            roles::assign_scoped(call, writer, target, body).map(Some)
        }
        "roleManagement/directory/roleAssignmentScheduleRequests" => {
            roles::request(call, writer, target, body, false).map(Some)
        }
        "roleManagement/directory/roleEligibilityScheduleRequests" => {
            roles::request(call, writer, target, body, true).map(Some)
        }
        _ => Ok(None),
    }
}

/// Takes a secret out of what is kept: it is shown once.
pub(super) fn take_secret(set: &Set, body: &mut Entity) -> Entity {
    let secret = match set.path {
        "users/{id}/authentication/temporaryAccessPassMethods" => "temporaryAccessPass",
        _ => return Map::new(),
    };
    body.remove(secret).map(|value| (secret.to_owned(), value)).into_iter().collect()
}

/// Checks a change of an entity.
pub(super) fn change(scope: &Scope<'_>, entity: &Entity, body: &mut Entity) -> Result<(), Refusal> {
    match scope.set.path {
        "domains" => domains::change(entity, body),
        "roleManagement/directory/roleDefinitions" if entity["isBuiltIn"] == true => {
            Err(Refusal::bad_request("A built-in role definition cannot be changed."))
        }
        "roleManagement/directory/roleDefinitions"
            if !(body.contains_key("displayName") && body.contains_key("rolePermissions")) =>
        {
            Err(Refusal::bad_request("The displayName and rolePermissions are required."))
        }
        "policies/authenticationStrengthPolicies" if entity["policyType"] == "builtIn" => {
            Err(Refusal::bad_request("A built-in authentication strength cannot be changed."))
        }
        "users/{id}/authentication/phoneMethods" => people::phone_number(body),
        "identity/conditionalAccess/policies" | "policies/conditionalAccessPolicies" => {
            let mut whole = entity.clone();
            whole.extend(body.clone());
            controls(&whole)
        }
        _ => Ok(()),
    }
}

/// Refuses to delete what must stay.
pub(super) fn removable(scope: &Scope<'_>, entity: &Entity) -> Result<(), Refusal> {
    match scope.set.path {
        "domains" => domains::removable(entity),
        "roleManagement/directory/roleDefinitions" if entity["isBuiltIn"] == true => {
            Err(Refusal::bad_request("A built-in role definition cannot be deleted."))
        }
        "policies/authenticationStrengthPolicies" if entity["policyType"] == "builtIn" => {
            Err(Refusal::bad_request("A built-in authentication strength cannot be deleted."))
        }
        "identity/conditionalAccess/namedLocations" => people::unused_location(scope, entity),
        "users/{id}/authentication/phoneMethods"
            if entity["phoneType"] == "mobile"
                && scope.all().iter().any(|other| other["id"] != entity["id"]) =>
        {
            Err(Refusal::bad_request(
                "The default authentication method cannot be deleted while other methods of its kind exist.",
            ))
        }
        _ => Ok(()),
    }
}

/// Removes what is kept elsewhere; false if the entity is kept in its set.
pub(super) fn remove(
    writer: &mut Writer<'_>,
    target: &Target,
    entity: &Entity,
) -> Result<bool, Refusal> {
    match target.set.path {
        "roleManagement/directory/roleAssignments"
        | "directory/administrativeUnits/{id}/scopedRoleMembers" => {
            roles::revoke(writer, entity).map(|()| true)
        }
        _ => Ok(false),
    }
}
