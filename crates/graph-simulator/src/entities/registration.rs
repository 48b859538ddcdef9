//! `userRegistrationDetails`: who registered what (facts: graph-protocol 10.2).

use serde_json::{Map, Value, json};

use super::{Entity, Source, entity, methods};
use crate::directory::Relation;
use crate::protocol::sets::Scope;
use crate::tenant::view::{moment_seconds, timestamp};
use crate::tenant::{Handle, Kind};

/// One for each user that is not disabled.
pub(super) const DETAILS: Source =
    Source::Places { range: methods::places, at: details, place_of: methods::place_of, time: "" };

/// Methods that count as a second factor, and those that need no password.
const SECOND: [&str; 6] = [
    "mobilePhone",
    "fido2SecurityKey",
    "microsoftAuthenticatorPush",
    "softwareOneTimePasscode",
    "windowsHelloForBusiness",
    "temporaryAccessPass",
];
const PASSWORDLESS: [&str; 2] = ["fido2SecurityKey", "windowsHelloForBusiness"];

fn details(scope: &Scope<'_>, place: u64) -> Option<Entity> {
    let handle = methods::user_at(scope, place);
    let user = scope.directory.object(handle);
    if !user.is_live() || user.value_of("accountEnabled") == false {
        return None;
    }
    let registered = methods::registered(scope, handle);
    let any = |of: &[&str]| registered.iter().any(|name| of.contains(name));
    let guest = user.value_of("userType") == "Guest";
    let preferred = if registered.contains(&"microsoftAuthenticatorPush") { "push" } else { "sms" };
    let system: &[&str] = if any(&SECOND) { &["PhoneAppNotification"] } else { &[] };
    Some(entity(json!({
        "id": user.id().to_string(),
        "isAdmin": is_admin(scope, handle),
        "isMfaCapable": any(&SECOND) && !guest,
        "isMfaRegistered": any(&SECOND),
        "isPasswordlessCapable": any(&PASSWORDLESS),
        "isSsprCapable": registered.len() > 1 && !guest,
        "isSsprEnabled": !guest,
        "isSsprRegistered": registered.len() > 1,
        "isSystemPreferredAuthenticationMethodEnabled": true,
        "lastUpdatedDateTime": timestamp(moment_seconds(scope.directory.moment)),
        "methodsRegistered": registered,
        "systemPreferredAuthenticationMethods": system,
        "userDisplayName": user.value_of("displayName"),
        "userPreferredMethodForSecondaryAuthentication": if any(&SECOND) { preferred } else { "none" },
        "userPrincipalName": user.value_of("userPrincipalName"),
        "userType": if guest { "guest" } else { "member" },
    })))
}

fn is_admin(scope: &Scope<'_>, user: Handle) -> bool {
    let directory = scope.directory;
    let mut roles = directory.handles(Kind::DirectoryRole, 0);
    roles.any(|role| {
        directory.has_target(Relation::Members, role, user) && directory.object(role).is_live()
    })
}

/// `usersRegisteredByMethod` and `usersRegisteredByFeature`: the details, counted.
pub(crate) fn summary(scope: &Scope<'_>, by_feature: bool) -> Entity {
    let details = scope.other("reports/authenticationMethods/userRegistrationDetails");
    let mut counts: Map<String, Value> = Map::new();
    let mut total = 0_u64;
    let features = [
        "isSsprRegistered",
        "isSsprEnabled",
        "isSsprCapable",
        "isPasswordlessCapable",
        "isMfaCapable",
    ];
    for (_, user) in details.entities(0, None) {
        total += 1;
        let flags = features.iter().filter(|name| user[**name] == true).map(|name| {
            let name = name.trim_start_matches("is");
            format!("{}{}", name[..1].to_lowercase(), &name[1..])
        });
        let methods = user["methodsRegistered"].as_array().into_iter().flatten();
        let methods = methods.filter_map(Value::as_str).map(str::to_owned);
        let names: Vec<String> = if by_feature { flags.collect() } else { methods.collect() };
        for name in names {
            let count = counts.entry(name).or_insert(json!(0));
            *count = json!(count.as_u64().unwrap_or_default() + 1);
        }
    }
    let (list, name, count) = if by_feature {
        ("userRegistrationFeatureCounts", "feature", "userCount")
    } else {
        ("userRegistrationMethodCounts", "authenticationMethod", "userCount")
    };
    let rows: Vec<Value> =
        counts.into_iter().map(|(key, value)| json!({ name: key, count: value })).collect();
    entity(json!({
        "totalUserCount": total,
        "userRoles": "all",
        "userTypes": "all",
        list: rows,
    }))
}
