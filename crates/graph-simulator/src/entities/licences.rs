//! What a tenant has bought, and what its users hold of it (facts: graph-protocol 10.7).

use serde_json::{Value, json};

use super::{Entity, entity};
use crate::protocol::sets::Scope;
use crate::tenant::Kind;
use crate::tenant::view::{moment_seconds, timestamp};

/// Service plans by `skuPartNumber`: names and ids, the same in every tenant.
static PLANS: &[(&str, &[(&str, &str)])] = &[
    ("SPE_E5", &[EXCHANGE, SHAREPOINT, TEAMS, INTUNE, PREMIUM, PREMIUM_P2]),
    ("SPE_E3", &[EXCHANGE, SHAREPOINT, TEAMS, INTUNE, PREMIUM]),
    ("SPE_F1", &[TEAMS, INTUNE, PREMIUM]),
    ("AAD_PREMIUM_P2", &[PREMIUM, PREMIUM_P2]),
    ("STANDARDPACK", &[EXCHANGE, SHAREPOINT, TEAMS]),
];
const EXCHANGE: (&str, &str) = ("EXCHANGE_S_ENTERPRISE", "efb87545-963c-4e0d-99df-69c6916d9eb0");
const SHAREPOINT: (&str, &str) = ("SHAREPOINTENTERPRISE", "5dbe027f-2339-4123-9542-606e4d348a72");
const TEAMS: (&str, &str) = ("TEAMS1", "57ff2da0-773e-42df-b2af-ffb7a2317929");
const INTUNE: (&str, &str) = ("INTUNE_A", "c1ec4a95-1f05-45b3-a911-aa3fa01094f5");
const PREMIUM: (&str, &str) = ("AAD_PREMIUM", "41781fb2-bc02-4b7c-bd55-b576c07bb09d");
const PREMIUM_P2: (&str, &str) = ("AAD_PREMIUM_P2", "eec0eb4f-6444-4f95-aba0-50c24d67f998");

fn service_plans(part: &str) -> Value {
    let plans = PLANS.iter().find(|(known, _)| *known == part).map_or(&[][..], |(_, plans)| *plans);
    let plan = |(name, id): &(&str, &str)| {
        json!({
            "servicePlanId": id,
            "servicePlanName": name,
            "provisioningStatus": "Success",
            "appliesTo": "User",
        })
    };
    plans.iter().map(plan).collect()
}

/// The service plans of a licence.
pub(crate) fn plan_ids(part: &str) -> impl Iterator<Item = &'static str> + use<> {
    let plans = PLANS.iter().find(|(known, _)| *known == part);
    plans.map_or(&[][..], |(_, plans)| *plans).iter().map(|(_, id)| *id)
}

/// `subscribedSkus`.
pub(super) fn skus(scope: &Scope<'_>) -> Vec<Entity> {
    let tenant = scope.directory.tenant;
    let id = tenant.id_of_tenant().to_string();
    let users = tenant.schedule(Kind::User).base;
    let sku = |(index, (part, sku)): (u64, &(&str, &str))| {
        entity(json!({
            "id": format!("{id}_{sku}"),
            "accountId": id,
            "accountName": tenant.domain().split('.').next(),
            "appliesTo": "User",
            "capabilityStatus": "Enabled",
            "consumedUnits": users / (index + 2),
            "prepaidUnits": { "enabled": users, "lockedOut": 0, "suspended": 0, "warning": 0 },
            "servicePlans": service_plans(part),
            "skuId": sku,
            "skuPartNumber": part,
            "subscriptionIds": [tenant.draw_guid(b'B', index).to_string()],
        }))
    };
    (0..).zip(tenant.plan().licences()).map(sku).collect()
}

/// `directory/subscriptions`: what the licences were bought with.
pub(super) fn subscriptions(scope: &Scope<'_>) -> Vec<Entity> {
    let tenant = scope.directory.tenant;
    let subscription = |(index, (part, sku)): (u64, &(&str, &str))| {
        entity(json!({
            "id": tenant.draw_guid(b'b', index).to_string(),
            "commerceSubscriptionId": tenant.draw_guid(b'B', index).to_string(),
            "createdDateTime": timestamp(moment_seconds(0) - 400 * 86_400),
            "isTrial": false,
            "nextLifecycleDateTime": timestamp(moment_seconds(0) + 4_000 * 86_400),
            "ownerTenantId": tenant.id_of_tenant().to_string(),
            "ownerType": "User",
            "serviceStatus": service_plans(part),
            "skuId": sku,
            "skuPartNumber": part,
            "status": "Enabled",
            "totalLicenses": tenant.schedule(Kind::User).base,
        }))
    };
    (0..).zip(tenant.plan().licences()).map(subscription).collect()
}

/// `users/{id}/licenseDetails`: the licences that the user holds now.
pub(super) fn details(scope: &Scope<'_>) -> Vec<Entity> {
    let Some(user) = scope.owner else { return Vec::new() };
    let assigned = scope.directory.object(user).value_of("assignedLicenses");
    let assigned = assigned.as_array().map_or(&[][..], Vec::as_slice);
    let tenant = scope.directory.tenant;
    let detail = |licence: &Value| {
        let sku = licence["skuId"].as_str()?;
        let (part, _) = tenant.plan().licences().iter().find(|(_, known)| *known == sku)?;
        Some(entity(json!({
            "id": format!("{}_{sku}", tenant.id(user)),
            "skuId": sku,
            "skuPartNumber": part,
            "servicePlans": service_plans(part),
        })))
    };
    assigned.iter().filter_map(detail).collect()
}
