//! Secrets that devices back up: local administrator passwords and disk recovery keys.

use std::ops::Range;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use super::{Entity, Source, entity};
use crate::protocol::sets::Scope;
use crate::tenant::mix::mix3;
use crate::tenant::view::{moment_seconds, timestamp};
use crate::tenant::{Handle, Kind};

/// `directory/deviceLocalCredentials`: one device in three, named by its `deviceId`.
pub(super) const LOCAL_CREDENTIALS: Source = Source::Places {
    range: devices,
    at: local_credential,
    place_of: |scope, key| scope.directory.tenant.device_of(key.parse().ok()?),
    time: "",
};

/// `informationProtection/bitlocker/recoveryKeys`: one device in four has backed one up.
pub(super) const RECOVERY_KEYS: Source = Source::Places {
    range: devices,
    at: recovery_key,
    place_of: |scope, key| scope.directory.tenant.drawn(b'L', key.parse().ok()?),
    time: "",
};

fn devices(scope: &Scope<'_>, _: Option<(u64, u64)>) -> Range<u64> {
    0..scope.directory.tenant.schedule(Kind::Device).slots(scope.directory.moment)
}

fn backed_up(scope: &Scope<'_>, slot: u64, salt: u64, one_in: u64) -> bool {
    let device = scope.directory.object(Handle::new(Kind::Device, slot));
    device.is_live() && mix3(scope.directory.tenant.seed(), salt, slot).is_multiple_of(one_in)
}

fn local_credential(scope: &Scope<'_>, slot: u64) -> Option<Entity> {
    if !backed_up(scope, slot, 0x6c61_7073, 3) {
        return None;
    }
    let tenant = scope.directory.tenant;
    let device = scope.directory.object(Handle::new(Kind::Device, slot));
    let backup = timestamp(moment_seconds(0) - 86_400 * (slot % 30));
    let password = STANDARD.encode(tenant.draw_guid(b'l', slot).to_string());
    Some(entity(json!({
        "id": tenant.device_id(slot).to_string(),
        "deviceName": device.value_of("displayName"),
        "lastBackupDateTime": backup,
        "refreshDateTime": timestamp(moment_seconds(0) + 86_400 * 30),
        "credentials": [{
            "accountName": "Administrator",
            "accountSid": format!("S-1-5-21-2127521184-1604012920-1887927527-{}", 500 + slot),
            "backupDateTime": backup,
            "passwordBase64": password,
        }],
    })))
}

fn recovery_key(scope: &Scope<'_>, slot: u64) -> Option<Entity> {
    if !backed_up(scope, slot, 0x6269_746c, 4) {
        return None;
    }
    let tenant = scope.directory.tenant;
    let draw = |part: u64| mix3(tenant.seed(), 0x6b65_7900 + part, slot) % 1_000_000;
    let groups: Vec<String> = (0..8).map(|part| format!("{:06}", draw(part))).collect();
    Some(entity(json!({
        "id": tenant.draw_guid(b'L', slot).to_string(),
        "createdDateTime": timestamp(moment_seconds(0) - 86_400 * (slot % 400)),
        "deviceId": tenant.device_id(slot).to_string(),
        "key": groups.join("-"),
        "volumeType": "operatingSystemVolume",
    })))
}
