//! The organization and its domains.

use serde_json::{Value, json};

use super::licences::plan_ids;
use super::{Entity, Source, entity, methods};
use crate::protocol::sets::Scope;
use crate::tenant::view::{moment_seconds, timestamp};

/// A domain that the tenant owns beside its initial one, and one it has yet to verify.
const OWNED: &str = "harbour-works.example";
const PENDING: &str = "old-quay.example";

/// `domains`.
pub(super) fn domains(scope: &Scope<'_>) -> Vec<Entity> {
    let initial = scope.directory.tenant.domain();
    let domain = |id: &str, verified: bool| {
        let services: &[&str] =
            if verified { &["Email", "OfficeCommunicationsOnline"] } else { &[] };
        entity(json!({
            "id": id,
            "authenticationType": "Managed",
            "isAdminManaged": true,
            "isDefault": id == initial,
            "isInitial": id == initial,
            "isRoot": true,
            "isVerified": verified,
            "passwordNotificationWindowInDays": 14,
            "passwordValidityPeriodInDays": 2_147_483_647_u32,
            "supportedServices": services,
        }))
    };
    vec![domain(initial, true), domain(OWNED, true), domain(PENDING, false)]
}

/// `domains/{id}/domainNameReferences`: the users whose principal names end with the domain.
pub(super) const NAME_REFERENCES: Source = Source::Places {
    range: methods::places,
    at: |scope, place| {
        let user = scope.directory.object(methods::user_at(scope, place));
        let name = user.value_of("userPrincipalName");
        let domain = scope.parent.as_deref()?;
        let (_, own) = name.as_str()?.rsplit_once('@')?;
        if !user.is_live() || !own.eq_ignore_ascii_case(domain) {
            return None;
        }
        let mut found = entity(json!({ "@odata.type": user.kind().odata_type() }));
        for property in user.properties().iter().filter(|property| property.by_default) {
            found.insert(property.name.to_owned(), user.value(property));
        }
        Some(found)
    },
    place_of: methods::place_of,
    time: "",
};

/// `domains/{id}/verificationDnsRecords`.
pub(super) fn verification_records(scope: &Scope<'_>) -> Vec<Entity> {
    let domain = scope.parent.as_deref().unwrap_or_default();
    let tenant = scope.directory.tenant;
    let number = domain.bytes().fold(0_u64, |sum, byte| sum * 31 % 100_000_007 + u64::from(byte));
    let record = |number: u64, of: &str, name: &str, value: Value| {
        let mut record = entity(json!({
            "@odata.type": format!("#microsoft.graph.{of}"),
            "id": tenant.draw_guid(b'D', number).to_string(),
            "isOptional": false,
            "label": domain,
            "recordType": name,
            "supportedService": "Email",
            "ttl": 3_600,
        }));
        record.extend(entity(value));
        record
    };
    vec![
        record(number, "domainDnsTxtRecord", "Txt", json!({ "text": format!("MS=ms{number:08}") })),
        record(
            number + 1,
            "domainDnsMxRecord",
            "Mx",
            json!({ "mailExchange": format!("ms{number:08}.msv1.invalid"), "preference": 32_767 }),
        ),
    ]
}

/// `domains/{id}/serviceConfigurationRecords`.
pub(super) fn service_records(scope: &Scope<'_>) -> Vec<Entity> {
    let mut records = verification_records(scope);
    records.retain(|record| record["recordType"] == "Mx");
    records
}

/// `organization`.
pub(super) fn organization(scope: &Scope<'_>) -> Vec<Entity> {
    let tenant = scope.directory.tenant;
    let verified: Vec<Value> = scope
        .other("domains")
        .all()
        .into_iter()
        .filter(|domain| domain.get("isVerified") == Some(&json!(true)))
        .map(|domain| {
            json!({
                "capabilities": "Email, OfficeCommunicationsOnline",
                "isDefault": domain["isDefault"],
                "isInitial": domain["isInitial"],
                "name": domain["id"],
                "type": "Managed",
            })
        })
        .collect();
    let plans: Vec<Value> = tenant
        .plan()
        .licences()
        .iter()
        .flat_map(|(part, _)| plan_ids(part))
        .map(|id| {
            json!({
                "assignedDateTime": timestamp(moment_seconds(0) - 400 * 86_400),
                "capabilityStatus": "Enabled",
                "service": "AADPremiumService",
                "servicePlanId": id,
            })
        })
        .collect();
    vec![entity(json!({
        "id": tenant.id_of_tenant().to_string(),
        "assignedPlans": plans,
        "businessPhones": ["+31 10 4000000"],
        "city": "Rotterdam",
        "country": "Netherlands",
        "countryLetterCode": "NL",
        "createdDateTime": timestamp(moment_seconds(0) - 9 * 365 * 86_400),
        "displayName": "Harbour Works",
        "onPremisesSyncEnabled": true,
        "onPremisesLastSyncDateTime": timestamp(moment_seconds(scope.directory.moment)),
        "preferredLanguage": "en",
        "technicalNotificationMails": [format!("admin@{}", tenant.domain())],
        "tenantType": "AAD",
        "verifiedDomains": verified,
    }))]
}
