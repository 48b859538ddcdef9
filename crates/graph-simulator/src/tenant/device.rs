//! Devices.

use super::names;
use super::property::{Property, Shape};
use super::view::{
    View, moment_seconds, write_created, write_deleted, write_id, write_own_id, write_timestamp,
};
use crate::protocol::json::Json;
use Shape::{Boolean, Complexes, DateTime, Texts};

const ENABLED: u64 = 0;
const COMPLIANT: u64 = 1;
const DISPLAY_NAME: u64 = 2;

const fn text(name: &'static str, write: fn(&View<'_>, &mut Json)) -> Property {
    Property::new(name, Shape::Text, write)
}

pub(crate) static PROPERTIES: &[Property] = &[
    Property::new("id", Shape::Text, write_own_id).read_only(),
    Property::new("deletedDateTime", DateTime, write_deleted).read_only(),
    Property::new("accountEnabled", Boolean, |v, j| j.boolean(v.draw_turn(ENABLED) % 20 != 0)),
    Property::new("approximateLastSignInDateTime", DateTime, last_sign_in).read_only(),
    Property::empty("complianceExpirationDateTime", DateTime).read_only(),
    Property::new("createdDateTime", DateTime, write_created).read_only(),
    Property::empty("deviceCategory", Shape::Text),
    text("deviceId", |v, j| write_id(v.tenant.device_id(v.slot()), j)),
    Property::empty("deviceMetadata", Shape::Text),
    text("deviceOwnership", |v, j| j.optional((!v.one_in(1, 4)).then_some("Company"))),
    Property::new("deviceVersion", Shape::Integer, |_, j| j.number(2)).unfiltered(),
    text("displayName", display_name),
    Property::empty("enrollmentProfileName", Shape::Text),
    Property::empty("enrollmentType", Shape::Text),
    Property::new("isCompliant", Boolean, compliant),
    Property::new("isManaged", Boolean, |v, j| j.boolean(!v.one_in(2, 3))),
    Property::new("isRooted", Boolean, |_, j| j.null()).unfiltered(),
    text("managementType", |v, j| j.optional((!v.one_in(2, 3)).then_some("MDM"))).unfiltered(),
    text("manufacturer", |v, j| j.string(system(v).2)).unfiltered(),
    Property::empty("mdmAppId", Shape::Text),
    text("model", |v, j| j.string(system(v).3)).unfiltered(),
    Property::empty("onPremisesLastSyncDateTime", DateTime).read_only(),
    Property::new("onPremisesSyncEnabled", Boolean, |v, j| {
        if system(v).4 == "ServerAd" { j.boolean(true) } else { j.null() }
    })
    .read_only(),
    text("operatingSystem", |v, j| j.string(system(v).0)),
    text("operatingSystemVersion", |v, j| j.string(system(v).1)),
    Property::new("physicalIds", Texts, physical_ids),
    text("profileType", |_, j| j.string("RegisteredDevice")),
    Property::new("registrationDateTime", DateTime, write_created).read_only(),
    Property::empty("systemLabels", Texts),
    text("trustType", |v, j| j.string(system(v).4)),
    Property::new("alternativeSecurityIds", Complexes, |_, j| j.raw(b"[]")).advanced(),
    Property::empty("extensionAttributes", Shape::Complex).on_request(),
];

fn system(v: &View<'_>) -> (&'static str, &'static str, &'static str, &'static str, &'static str) {
    v.one_of(3, names::SYSTEMS)
}

fn display_name(v: &View<'_>, j: &mut Json) {
    j.text(|t| {
        t.push(v.one_of(4, names::MACHINES)).push("-").padded(v.slot(), 5);
        if v.version(DISPLAY_NAME) > 0 {
            t.push("-R").decimal(v.version(DISPLAY_NAME));
        }
    });
}

fn compliant(v: &View<'_>, j: &mut Json) {
    match v.draw_turn(COMPLIANT) % 6 {
        0 => j.null(),
        1 => j.boolean(false),
        _ => j.boolean(true),
    }
}

fn last_sign_in(v: &View<'_>, j: &mut Json) {
    if v.one_in(5, 10) {
        return j.null();
    }
    j.text(|t| write_timestamp(t, moment_seconds(v.since).max(v.created())));
}

fn physical_ids(v: &View<'_>, j: &mut Json) {
    j.begin_array();
    j.text(|t| {
        t.push("[USER-GID]:").decimal(v.draw(6));
    });
    j.end_array();
}
