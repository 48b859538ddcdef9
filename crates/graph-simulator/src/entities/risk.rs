//! Risky users and what made them risky (facts: graph-protocol 10.3).

use serde_json::json;

use super::{Entity, Source, entity, methods};
use crate::protocol::sets::Scope;
use crate::tenant::mix::mix3;
use crate::tenant::view::{moment_seconds, timestamp};
use crate::tenant::{Handle, Kind};

/// One user in forty.
pub(super) const USERS: Source =
    Source::Places { range: methods::places, at: user, place_of: methods::place_of, time: "" };

/// One or two for each risky user.
pub(super) const DETECTIONS: Source = Source::Places {
    range: |scope, _| 0..methods::places(scope, None).end * MOST,
    at: detection,
    place_of: |scope, key| scope.directory.tenant.drawn(b'Y', key.parse().ok()?),
    time: "",
};

const MOST: u64 = 2;
const EVENTS: [&str; 5] =
    ["unfamiliarFeatures", "leakedCredentials", "anonymizedIPAddress", "unlikelyTravel", "generic"];

fn draw(scope: &Scope<'_>, salt: u64, slot: u64) -> u64 {
    mix3(scope.directory.tenant.seed(), 0x7269_736b + salt, slot)
}

fn is_risky(scope: &Scope<'_>, handle: Handle) -> bool {
    !handle.is_created() && handle.slot != 0 && draw(scope, 0, handle.slot).is_multiple_of(40)
}

fn level(scope: &Scope<'_>, slot: u64) -> &'static str {
    ["low", "medium", "high"][usize::try_from(draw(scope, 1, slot) % 3).expect("below three")]
}

fn user(scope: &Scope<'_>, place: u64) -> Option<Entity> {
    let handle = methods::user_at(scope, place);
    is_risky(scope, handle).then(|| risky(scope, handle, level(scope, handle.slot), "atRisk"))
}

/// A user's risk as a state that was just reached.
pub(crate) fn risky(scope: &Scope<'_>, user: Handle, level: &str, state: &str) -> Entity {
    let object = scope.directory.object(user);
    let updated = moment_seconds(0) - draw(scope, 2, user.slot) % (60 * 86_400);
    entity(json!({
        "id": object.id().to_string(),
        "isDeleted": !object.is_live(),
        "isProcessing": false,
        "riskDetail": "none",
        "riskLastUpdatedDateTime": timestamp(updated),
        "riskLevel": level,
        "riskState": state,
        "userDisplayName": object.value_of("displayName"),
        "userPrincipalName": object.value_of("userPrincipalName"),
    }))
}

/// `riskyUsers/{id}/history`: how the present state was reached.
pub(super) fn history(scope: &Scope<'_>) -> Vec<Entity> {
    let key = scope.parent.clone().unwrap_or_default();
    let users = scope.other("identityProtection/riskyUsers");
    let Ok(mut now) = users.find(&crate::protocol::resource::Key::Primary(key.clone())) else {
        return Vec::new();
    };
    now.insert("userId".into(), json!(key));
    now.insert("initiatedBy".into(), json!(null));
    now.insert(
        "activity".into(),
        json!({ "detail": null, "eventTypes": [], "riskEventTypes": ["unfamiliarFeatures"] }),
    );
    vec![now]
}

fn detection(scope: &Scope<'_>, place: u64) -> Option<Entity> {
    let handle = methods::user_at(scope, place / MOST);
    let second = place % MOST == 1;
    if !is_risky(scope, handle) || (second && draw(scope, 3, handle.slot).is_multiple_of(2)) {
        return None;
    }
    let tenant = scope.directory.tenant;
    let object = scope.directory.object(handle);
    let at = moment_seconds(0) - draw(scope, 4, place) % (60 * 86_400);
    let event = EVENTS[usize::try_from(draw(scope, 5, place) % 5).expect("below five")];
    Some(entity(json!({
        "id": tenant.draw_guid(b'Y', place).to_string(),
        "activity": "signin",
        "activityDateTime": timestamp(at),
        "additionalInfo": r#"[{"Key":"userAgent","Value":"Mozilla/5.0"}]"#,
        "correlationId": tenant.draw_guid(b'y', place).to_string(),
        "detectedDateTime": timestamp(at + 120),
        "detectionTimingType": "realtime",
        "ipAddress": format!("203.0.113.{}", place % 250),
        "lastUpdatedDateTime": timestamp(at + 600),
        "location": {
            "city": "Rotterdam", "countryOrRegion": "NL", "state": "Zuid-Holland",
            "geoCoordinates": { "altitude": null, "latitude": 51.92, "longitude": 4.48 },
        },
        "requestId": tenant.draw_guid(b'z', place).to_string(),
        "riskDetail": "none",
        "riskEventType": event,
        "riskLevel": level(scope, handle.slot),
        "riskState": "atRisk",
        "source": "IdentityProtection",
        "tokenIssuerType": "AzureAD",
        "userDisplayName": object.value_of("displayName"),
        "userId": scope.id(Kind::User, handle.slot),
        "userPrincipalName": object.value_of("userPrincipalName"),
    })))
}
