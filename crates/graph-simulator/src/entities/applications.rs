//! What belongs to an application beside its own properties.

use serde_json::json;

use super::{Entity, entity};
use crate::protocol::sets::Scope;
use crate::tenant::mix::mix3;
use crate::tenant::{Handle, Kind, Tenant};

/// `applications/{id}/federatedIdentityCredentials`: one application in five trusts a pipeline.
pub(super) fn federated_credentials(scope: &Scope<'_>) -> Vec<Entity> {
    let Some(application) = scope.owner.filter(|owner| !owner.is_created()) else {
        return Vec::new();
    };
    let tenant = scope.directory.tenant;
    if !mix3(tenant.seed(), 0x6669_6373, application.slot).is_multiple_of(5) {
        return Vec::new();
    }
    vec![entity(json!({
        "id": tenant.draw_guid(b'F', application.slot).to_string(),
        "audiences": ["api://AzureADTokenExchange"],
        "description": "Deployments of the main branch",
        "issuer": "https://token.actions.githubusercontent.com",
        "name": "main-branch",
        "subject": format!("repo:harbour/works-{}:ref:refs/heads/main", application.slot),
    }))]
}

/// Directory extensions that a tenant starts with: the application's slot, the name, the type, and
/// the kinds of object that take it.
static EXTENSIONS: [(u64, &str, &str, &[&str]); 3] = [
    (2, "costCenter", "String", &["User", "Group"]),
    (2, "badgeNumber", "Integer", &["User"]),
    (3, "isContractor", "Boolean", &["User"]),
];

/// `applications/{id}/extensionProperties`.
pub(super) fn extension_properties(scope: &Scope<'_>) -> Vec<Entity> {
    let Some(application) = scope.owner.filter(|owner| !owner.is_created()) else {
        return Vec::new();
    };
    let tenant = scope.directory.tenant;
    let own = (0..).zip(EXTENSIONS).filter(|(_, (slot, ..))| *slot == application.slot);
    own.map(|(number, (slot, name, data_type, targets))| {
        entity(json!({
            "id": tenant.draw_guid(b'X', number).to_string(),
            "appDisplayName": scope.directory.object(application).value_of("displayName"),
            "dataType": data_type,
            "isMultiValued": false,
            "isSyncedFromOnPremises": false,
            "name": full_name(tenant, slot, name),
            "targetObjects": targets,
        }))
    })
    .collect()
}

fn full_name(tenant: &Tenant, application: u64, name: &str) -> String {
    format!("extension_{}_{name}", tenant.app_id(application).to_string().replace('-', ""))
}

/// The applications that start with extensions.
pub(crate) fn extending() -> impl Iterator<Item = Handle> {
    [2, 3].into_iter().map(|slot| Handle::new(Kind::Application, slot))
}

/// The value of an extension that the tenant started with, for a scheduled object.
pub(crate) fn extension_value(
    tenant: &Tenant,
    object: Handle,
    name: &str,
) -> Option<serde_json::Value> {
    let known = EXTENSIONS.iter().find(|(slot, known, ..)| full_name(tenant, *slot, known) == name);
    let (_, known, _, targets) = known?;
    let target =
        targets.iter().any(|target| target.eq_ignore_ascii_case(object.kind.entity_type()));
    let draw = mix3(tenant.seed(), 0x6578_7476, object.slot);
    if object.is_created() || !target || draw.is_multiple_of(3) {
        return None;
    }
    Some(match *known {
        "costCenter" => json!(format!("CC-{}", 100 + draw % 40)),
        "badgeNumber" => json!(draw % 1_000_000),
        _ => json!(draw.is_multiple_of(4)),
    })
}
