//! Authentication methods of users.

use serde_json::{Value, json};

use super::{Entity, entity};
use crate::protocol::sets::Scope;
use crate::tenant::mix::mix3;
use crate::tenant::view::{moment_seconds, timestamp};
use crate::tenant::{Handle, Kind, Tenant};

/// The paths of the sets that `authentication/methods` gathers, all below the user.
pub(crate) const TYPED: [&str; 9] = [
    "passwordMethods",
    "phoneMethods",
    "emailMethods",
    "fido2Methods",
    "microsoftAuthenticatorMethods",
    "softwareOathMethods",
    "windowsHelloForBusinessMethods",
    "platformCredentialMethods",
    "temporaryAccessPassMethods",
];

/// The ids of methods that a user has at most one of, the same in every tenant.
const PASSWORD: &str = "28c10230-6103-485e-b985-444c60001490";
const EMAIL: &str = "3ddfcfc8-9383-446f-83cc-3ab9be4be18f";
const PHONES: [(&str, &str); 3] = [
    ("mobile", "3179e48a-750b-4051-897c-87b9720928f7"),
    ("alternateMobile", "b6332ec1-7057-4abe-9331-3d72feddfe41"),
    ("office", "e37fc753-ff3b-4958-9484-eaa9425c82bc"),
];

/// The id of the phone method of a type.
pub(crate) fn phone_id(phone_type: &str) -> Option<&'static str> {
    PHONES.iter().find(|(name, _)| *name == phone_type).map(|(_, id)| *id)
}

/// The id of the one e-mail method.
pub(crate) const fn email_id() -> &'static str {
    EMAIL
}

/// The methods of one type, or of all types, that a user started with or has by writes.
pub(super) fn of_set(scope: &Scope<'_>) -> Vec<Entity> {
    let Some(user) = scope.owner else { return Vec::new() };
    let name = scope.set.path.rsplit('/').next().unwrap_or_default();
    if name != "methods" {
        return started_with(scope, user, name);
    }
    TYPED.iter().flat_map(|name| typed(scope, user, name)).collect()
}

/// The methods of a type that a user has now, each saying its type.
fn typed(scope: &Scope<'_>, user: Handle, name: &str) -> Vec<Entity> {
    let own = of_user(scope, user, name);
    let entity_type = format!("#microsoft.graph.{}", own.set.entity);
    let mut found = own.all();
    for method in &mut found {
        method.insert("@odata.type".into(), json!(entity_type));
    }
    found
}

/// The set of one type of method of a user.
pub(crate) fn of_user<'a>(scope: &Scope<'a>, user: Handle, name: &str) -> Scope<'a> {
    let mut own = scope.other(&format!("users/{{id}}/authentication/{name}"));
    own.store = own.store.replacen("{id}", &own.directory.tenant.id(user).to_string(), 1);
    own.owner = Some(user);
    own
}

/// Whether a scheduled user registered a type of method.
fn has(tenant: &Tenant, user: u64, salt: u64, one_in: u64) -> bool {
    mix3(tenant.seed(), 0x6d65_7468 + salt, user).is_multiple_of(one_in)
}

fn started_with(scope: &Scope<'_>, user: Handle, name: &str) -> Vec<Entity> {
    let tenant = scope.directory.tenant;
    let slot = user.slot;
    let created = timestamp(moment_seconds(0) - 86_400 * (1 + slot % 700));
    if name == "passwordMethods" {
        return vec![entity(json!({ "id": PASSWORD, "createdDateTime": created }))];
    }
    if user.is_created() {
        return Vec::new();
    }
    let id = |what: u8| tenant.draw_guid(what, slot).to_string();
    let device = || -> Value { json!(format!("Pixel {}", 4 + slot % 5)) };
    let found = match name {
        "phoneMethods" if !has(tenant, slot, 1, 3) => json!({
            "id": PHONES[0].1, "createdDateTime": created, "phoneType": "mobile",
            "phoneNumber": format!("+31 6{:08}", mix3(tenant.seed(), 0x7068, slot) % 100_000_000),
            "smsSignInState": "notAllowedByPolicy",
        }),
        "emailMethods" if has(tenant, slot, 2, 6) => json!({
            "id": EMAIL, "createdDateTime": created,
            "emailAddress": format!("private{slot}@northwind.example"),
        }),
        "fido2Methods" if has(tenant, slot, 3, 12) => json!({
            "id": id(b'f'), "createdDateTime": created, "displayName": "Security key",
            "aaGuid": "ee882879-721c-4913-9775-3dfcce97072a", "model": "YubiKey 5 NFC",
            "attestationLevel": "attested", "attestationCertificates": [],
        }),
        "microsoftAuthenticatorMethods" if !has(tenant, slot, 4, 4) => json!({
            "id": id(b'a'), "createdDateTime": created, "displayName": device(),
            "deviceTag": "SoftwareTokenActivated", "phoneAppVersion": "6.2408.5807",
        }),
        "softwareOathMethods" if has(tenant, slot, 5, 20) => {
            json!({ "id": id(b'o'), "createdDateTime": created })
        }
        "windowsHelloForBusinessMethods" if has(tenant, slot, 6, 5) => json!({
            "id": id(b'w'), "createdDateTime": created, "keyStrength": "normal",
            "displayName": format!("LAPTOP-{slot}"),
        }),
        _ => return Vec::new(),
    };
    vec![entity(found)]
}

/// The names that registration reports have for the types a user registered.
pub(crate) fn registered(scope: &Scope<'_>, user: Handle) -> Vec<&'static str> {
    let names = [
        ("phoneMethods", "mobilePhone"),
        ("emailMethods", "email"),
        ("fido2Methods", "fido2SecurityKey"),
        ("microsoftAuthenticatorMethods", "microsoftAuthenticatorPush"),
        ("softwareOathMethods", "softwareOneTimePasscode"),
        ("windowsHelloForBusinessMethods", "windowsHelloForBusiness"),
        ("temporaryAccessPassMethods", "temporaryAccessPass"),
    ];
    let has = |name: &str| of_user(scope, user, name).entities(0, None).next().is_some();
    names.into_iter().filter(|(set, _)| has(set)).map(|(_, name)| name).collect()
}

/// The slots of users, those that requests created after the others, as places of a set.
pub(super) fn places(scope: &Scope<'_>, _: Option<(u64, u64)>) -> std::ops::Range<u64> {
    let directory = scope.directory;
    let scheduled = directory.tenant.schedule(Kind::User).slots(directory.moment);
    0..scheduled + directory.overlay.created(Kind::User)
}

/// The user at a place.
pub(super) fn user_at(scope: &Scope<'_>, place: u64) -> Handle {
    let scheduled = scope.directory.tenant.schedule(Kind::User).slots(scope.directory.moment);
    match place.checked_sub(scheduled) {
        Some(number) => Handle::new(Kind::User, crate::tenant::CREATED + number),
        None => Handle::new(Kind::User, place),
    }
}

/// The place of the user with an id.
pub(super) fn place_of(scope: &Scope<'_>, key: &str) -> Option<u64> {
    let handle = scope.directory.tenant.handle(key.parse().ok()?)?;
    let scheduled = scope.directory.tenant.schedule(Kind::User).slots(scope.directory.moment);
    let place = match handle.slot.checked_sub(crate::tenant::CREATED) {
        Some(number) => scheduled + number,
        None => handle.slot,
    };
    (handle.kind == Kind::User && places(scope, None).contains(&place)).then_some(place)
}
