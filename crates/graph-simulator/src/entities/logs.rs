//! Sign-ins and directory audits: logs that go back from the present (facts: graph-protocol 10.1).
//!
//! An hour of the log is a pure function of the tenant and of that hour, so that whatever window is
//! asked for always holds the same. Places count down from a far future, newest first: a page's
//! position stays good while the present moves on.

use std::ops::Range;

use serde_json::{Value, json};

use super::{Entity, Source, entity};
use crate::protocol::sets::Scope;
use crate::tenant::mix::{below, mix3};
use crate::tenant::view::timestamp;
use crate::tenant::{Handle, Kind, Plan, Tenant};

/// Interactive sign-ins of users.
pub(super) const SIGN_INS: Source = Source::Places {
    range: |scope, within| places(scope, within, sign_ins_an_hour(scope.directory.tenant)),
    at: sign_in,
    place_of: |scope, key| scope.directory.tenant.drawn(b'N', key.parse().ok()?),
    time: "createdDateTime",
};

/// What administrators and services did.
pub(super) const DIRECTORY_AUDITS: Source = Source::Places {
    range: |scope, within| places(scope, within, audits_an_hour(scope.directory.tenant)),
    at: audit,
    place_of: |_, key| {
        let number = key.strip_prefix("Directory_")?.rsplit('_').next()?;
        number.parse().ok()
    },
    time: "activityDateTime",
};

const HOUR: u64 = 3_600;
/// The hour that the first place is in: long after any present.
const LAST_HOUR: u64 = 10_000_000;

fn sign_ins_an_hour(tenant: &Tenant) -> u64 {
    (tenant.schedule(Kind::User).base / 8).max(2)
}

fn audits_an_hour(tenant: &Tenant) -> u64 {
    (tenant.schedule(Kind::User).base / 500).max(1)
}

/// How far back the log goes: seven days, with a premium licence thirty.
const fn retention(plan: Plan) -> u64 {
    match plan {
        Plan::Free => 7 * 24 * HOUR,
        _ => 30 * 24 * HOUR,
    }
}

fn places(scope: &Scope<'_>, within: Option<(u64, u64)>, an_hour: u64) -> Range<u64> {
    let oldest = scope.now.saturating_sub(retention(scope.directory.tenant.plan()));
    let (from, to) = within.unwrap_or((0, u64::MAX));
    let (from, to) = (from.max(oldest), to.min(scope.now + 1));
    if from >= to {
        return 0..0;
    }
    let newest = LAST_HOUR - (to - 1) / HOUR;
    let last = LAST_HOUR - from / HOUR;
    newest * an_hour..(last + 1) * an_hour
}

/// When the event in a place happened; none for one that the retention or the present hides, and
/// at night for most.
fn time(scope: &Scope<'_>, place: u64, an_hour: u64) -> Option<u64> {
    let hour = LAST_HOUR.checked_sub(place / an_hour)?;
    let step = place % an_hour;
    // Later places within an hour are earlier.
    let at = hour * HOUR + (an_hour - 1 - step) * HOUR / an_hour;
    let quiet = !(6..20).contains(&(hour % 24));
    let happened = !quiet || mix3(scope.directory.tenant.seed(), hour, step).is_multiple_of(6);
    let oldest = scope.now.saturating_sub(retention(scope.directory.tenant.plan()));
    (happened && (oldest..=scope.now).contains(&at)).then_some(at)
}

/// A founding user that was there at the time, if it still is known at all.
fn drawn_user(scope: &Scope<'_>, place: u64, salt: u64) -> Handle {
    let tenant = scope.directory.tenant;
    let users = tenant.schedule(Kind::User).base;
    let draw = mix3(tenant.seed(), 0x7369_676e + salt, place);
    // Some people sign in all day: the smaller of two draws makes low numbers busier.
    let (one, other) = (below(draw, users), below(draw.rotate_left(32), users));
    Handle::new(Kind::User, one.min(other))
}

fn place_of_sign_in(draw: u64) -> Value {
    let places = [
        ("Rotterdam", "Zuid-Holland", "NL", 51.92, 4.48),
        ("Hamburg", "Hamburg", "DE", 53.55, 9.99),
        ("Singapore", "Singapore", "SG", 1.29, 103.85),
        ("São Paulo", "SP", "BR", -23.55, -46.63),
    ];
    let (city, state, country, latitude, longitude) =
        places[usize::try_from(below(draw, 4)).expect("below four")];
    json!({
        "city": city, "state": state, "countryOrRegion": country,
        "geoCoordinates": { "altitude": null, "latitude": latitude, "longitude": longitude },
    })
}

fn status(draw: u64) -> Value {
    let (code, reason, details) = match draw % 25 {
        0 => {
            (50_126, "Invalid username or password or Invalid on-premise username or password.", "")
        }
        1 => (50_074, "Strong Authentication is required.", "MFA required in Azure AD"),
        2 => (53_003, "Access has been blocked by Conditional Access policies.", ""),
        3 => (50_057, "The user account is disabled.", ""),
        _ => (0, "Other.", "MFA requirement satisfied by claim in the token"),
    };
    json!({ "errorCode": code, "failureReason": reason, "additionalDetails": details })
}

fn sign_in(scope: &Scope<'_>, place: u64) -> Option<Entity> {
    let tenant = scope.directory.tenant;
    let at = time(scope, place, sign_ins_an_hour(tenant))?;
    let user = scope.directory.object(drawn_user(scope, place, 0));
    let draw = mix3(tenant.seed(), 0x6c6f_6773, place);
    let application = below(draw, tenant.schedule(Kind::Application).base);
    let application = Handle::new(Kind::Application, application);
    let application = scope.directory.object(application);
    let status = status(draw >> 8);
    let passed = status["errorCode"] == 0;
    let id = tenant.id_of_tenant().to_string();
    let conditional = if passed {
        "success"
    } else if draw.is_multiple_of(2) {
        "failure"
    } else {
        "notApplied"
    };
    Some(entity(json!({
        "id": tenant.draw_guid(b'N', place).to_string(),
        "createdDateTime": timestamp(at),
        "appDisplayName": application.value_of("displayName"),
        "appId": application.value_of("appId"),
        "clientAppUsed": if draw.is_multiple_of(11) { "IMAP4" } else { "Browser" },
        "conditionalAccessStatus": conditional,
        "correlationId": tenant.draw_guid(b'n', place).to_string(),
        "deviceDetail": {
            "browser": "Edge 131.0.0", "deviceId": "", "displayName": "", "isCompliant": draw.is_multiple_of(3),
            "isManaged": draw.is_multiple_of(3), "operatingSystem": "Windows10", "trustType": "",
        },
        "homeTenantId": id,
        "ipAddress": format!("198.51.100.{}", 1 + draw % 250),
        "isInteractive": true,
        "location": place_of_sign_in(draw),
        "resourceDisplayName": "Microsoft Graph",
        "resourceId": "00000003-0000-0000-c000-000000000000",
        "resourceTenantId": id,
        "riskDetail": "none",
        "riskLevelAggregated": "none",
        "riskLevelDuringSignIn": "none",
        "riskState": "none",
        "servicePrincipalId": "",
        "status": status,
        "userAgent": "Mozilla/5.0 (Windows NT 10.0; Win64; x64)",
        "userDisplayName": user.value_of("displayName"),
        "userId": user.id().to_string(),
        "userPrincipalName": user.value_of("userPrincipalName").as_str().map(str::to_lowercase),
    })))
}

/// What happened: the activity, its category, the service, the operation and the type of target.
static ACTIVITIES: [(&str, &str, &str, &str, &str); 8] = [
    ("Add user", "UserManagement", "Core Directory", "Add", "User"),
    ("Update user", "UserManagement", "Core Directory", "Update", "User"),
    ("Disable account", "UserManagement", "Core Directory", "Update", "User"),
    ("Reset user password", "UserManagement", "Core Directory", "Update", "User"),
    ("Add member to group", "GroupManagement", "Core Directory", "Assign", "Group"),
    ("Remove member from group", "GroupManagement", "Core Directory", "Unassign", "Group"),
    ("Add member to role", "RoleManagement", "Core Directory", "Assign", "Role"),
    ("User registered security info", "UserManagement", "Authentication Methods", "Update", "User"),
];

fn audit(scope: &Scope<'_>, place: u64) -> Option<Entity> {
    let tenant = scope.directory.tenant;
    let at = time(scope, place, audits_an_hour(tenant))?;
    let draw = mix3(tenant.seed(), 0x6175_6469, place);
    let (activity, category, service, operation, target) =
        ACTIVITIES[usize::try_from(below(draw, 8)).expect("below eight")];
    let user = scope.directory.object(drawn_user(scope, place, 1));
    let correlation = tenant.draw_guid(b'J', place).to_string();
    let initiated_by = if draw.is_multiple_of(3) {
        let application = scope.directory.object(Handle::new(Kind::ServicePrincipal, 0));
        json!({ "user": null, "app": {
            "appId": application.value_of("appId"), "displayName": application.value_of("displayName"),
            "servicePrincipalId": application.id().to_string(), "servicePrincipalName": null,
        }})
    } else {
        let admin = scope.directory.object(Handle::new(Kind::User, 0));
        json!({ "app": null, "user": {
            "id": admin.id().to_string(), "displayName": admin.value_of("displayName"),
            "userPrincipalName": admin.value_of("userPrincipalName"), "ipAddress": "198.51.100.7",
            "userType": "Member", "homeTenantId": null, "homeTenantName": null,
        }})
    };
    Some(entity(json!({
        "id": format!("Directory_{correlation}_{place}"),
        "activityDateTime": timestamp(at),
        "activityDisplayName": activity,
        "additionalDetails": [{ "key": "User-Agent", "value": "graph" }],
        "category": category,
        "correlationId": correlation,
        "initiatedBy": initiated_by,
        "loggedByService": service,
        "operationType": operation,
        "result": if draw.is_multiple_of(19) { "failure" } else { "success" },
        "resultReason": "",
        "targetResources": [{
            "id": user.id().to_string(), "displayName": user.value_of("displayName"), "type": target,
            "userPrincipalName": user.value_of("userPrincipalName"), "groupType": null,
            "modifiedProperties": [],
        }],
    })))
}

/// A user's `signInActivity` at a time (facts: graph-protocol 10.9): the last of its own rhythm.
pub(crate) fn activity(tenant: &Tenant, user: Handle, now: u64) -> Value {
    let draw = mix3(tenant.seed(), 0x6163_7469, user.slot);
    if user.is_created() || draw.is_multiple_of(9) {
        return Value::Null;
    }
    // Most people come every day or week, some every few months.
    let days = [1, 1, 1, 2, 7, 30, 120][usize::try_from(draw % 7).expect("below seven")];
    let every = days * 86_400;
    let last = |salt: u64| {
        let phase = mix3(draw, salt, user.slot) % every;
        timestamp(now - (now + every - phase) % every)
    };
    let request = |what: u8| tenant.draw_guid(what, user.slot).to_string();
    json!({
        "lastSignInDateTime": last(1),
        "lastSignInRequestId": request(b'1'),
        "lastNonInteractiveSignInDateTime": last(2),
        "lastNonInteractiveSignInRequestId": request(b'2'),
        "lastSuccessfulSignInDateTime": last(1),
        "lastSuccessfulSignInRequestId": request(b'1'),
    })
}
