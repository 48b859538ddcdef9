//! What a user's properties hold.

use super::super::names::{self, Name};
use super::super::view::{View, choose, moment_seconds, write_timestamp};
use crate::protocol::json::{Json, Text};

/// Turns: which of a user's properties changes at a touch.
pub(super) const JOB: u64 = 0;
pub(super) const DEPARTMENT: u64 = 1;
pub(super) const OFFICE: u64 = 2;
pub(super) const MOBILE: u64 = 3;
pub(super) const ENABLED: u64 = 4;
pub(crate) const MANAGER: u64 = 5;
pub(super) const DISPLAY_NAME: u64 = 6;
pub(super) const LICENCES: u64 = 7;

pub(super) static EMPLOYEE_TYPES: &[&str] =
    &["Employee", "Employee", "Employee", "Contractor", "Vendor", "Intern"];

pub(super) fn given(v: &View<'_>) -> Name {
    v.one_of(1, names::GIVEN)
}

pub(super) fn surname(v: &View<'_>) -> Name {
    v.one_of(2, names::SURNAMES)
}

pub(super) fn place(
    v: &View<'_>,
) -> (&'static str, Option<&'static str>, &'static str, &'static str, &'static str) {
    v.one_of(3, names::PLACES)
}

/// One user in sixteen is a guest; the first one, the administrator, is not.
pub(crate) fn is_guest(v: &View<'_>) -> bool {
    v.slot() != 0 && (v.slot() == 5 || v.one_in(4, 16))
}

pub(super) fn is_synced(v: &View<'_>) -> bool {
    !is_guest(v) && v.slot() != 0 && !v.pick(5, 5).is_multiple_of(2)
}

/// One account in fourteen is disabled.
pub(super) fn enabled(v: &View<'_>) -> bool {
    v.slot() == 0 || !v.draw_turn(ENABLED).is_multiple_of(14)
}

pub(super) fn display_name(v: &View<'_>, t: &mut Text<'_>) {
    let (given, surname) = (given(v).0, surname(v).0);
    match v.draw_turn(DISPLAY_NAME) % 8 {
        0 => t.push(surname).push(", ").push(given),
        1 => t.push(given).push(" ").push(surname).push(" (Ext.)"),
        2 if v.one_in(27, 12) => t.push(given).push(" \u{1f6a2} ").push(surname),
        _ => t.push(given).push(" ").push(surname),
    };
}

pub(super) fn local_part(v: &View<'_>, t: &mut Text<'_>) {
    t.push(given(v).1).push(".").push(surname(v).1).decimal(v.slot());
}

pub(crate) fn principal_name(v: &View<'_>, t: &mut Text<'_>) {
    local_part(v, t);
    if is_guest(v) {
        t.push("_").push(v.one_of(6, names::PARTNERS)).push("#EXT#");
    }
    t.push("@").push(v.tenant.domain());
}

pub(super) fn mail(v: &View<'_>, j: &mut Json) {
    if v.one_in(7, 11) {
        return j.null();
    }
    j.text(|t| write_mail(v, t));
}

pub(super) fn write_mail(v: &View<'_>, t: &mut Text<'_>) {
    local_part(v, t);
    t.push("@").push(if is_guest(v) { v.one_of(6, names::PARTNERS) } else { v.tenant.domain() });
}

pub(super) fn proxy_addresses(v: &View<'_>, j: &mut Json) {
    j.begin_array();
    if !v.one_in(7, 11) {
        j.text(|t| {
            t.push("SMTP:");
            write_mail(v, t);
        });
    }
    j.end_array();
}

pub(super) fn other_mails(v: &View<'_>, j: &mut Json) {
    j.begin_array();
    if is_guest(v) {
        j.text(|t| write_mail(v, t));
    }
    j.end_array();
}

pub(super) fn business_phones(v: &View<'_>, j: &mut Json) {
    j.begin_array();
    for index in 0..v.pick(8, 3) {
        j.text(|t| {
            t.push("+31 10 ").padded(v.pick(40 + index, 10_000_000), 7);
        });
    }
    j.end_array();
}

pub(super) fn mobile_phone(v: &View<'_>, j: &mut Json) {
    let draw = v.draw_turn(MOBILE);
    if draw.is_multiple_of(3) {
        return j.null();
    }
    j.text(|t| {
        t.push("+31 6 ").padded(draw / 7 % 100_000_000, 8);
    });
}

pub(super) fn office(v: &View<'_>, j: &mut Json) {
    let draw = v.draw_turn(OFFICE);
    if draw.is_multiple_of(5) {
        return j.null();
    }
    j.text(|t| {
        t.push("Pier ").decimal(1 + draw / 5 % 40).push("/").decimal(draw / 200 % 600);
    });
}

pub(super) fn employee_id(v: &View<'_>, j: &mut Json) {
    if is_guest(v) {
        return j.null();
    }
    j.text(|t| {
        t.push("E").padded(v.slot(), 7);
    });
}

pub(super) fn guest_state(v: &View<'_>) -> &'static str {
    if v.one_in(9, 4) { "PendingAcceptance" } else { "Accepted" }
}

pub(super) fn guest_changed(v: &View<'_>, j: &mut Json) {
    if is_guest(v) {
        j.text(|t| write_timestamp(t, v.created() + v.pick(10, 86_400)));
    } else {
        j.null();
    }
}

pub(super) fn identities(v: &View<'_>, j: &mut Json) {
    j.begin_array();
    j.begin_object();
    j.key("signInType");
    j.string("userPrincipalName");
    j.key("issuer");
    j.string(v.tenant.domain());
    j.key("issuerAssignedId");
    j.text(|t| principal_name(v, t));
    j.end_object();
    j.end_array();
}

pub(super) fn licences(v: &View<'_>, j: &mut Json) {
    j.begin_array();
    let draw = v.draw_turn(LICENCES);
    if !is_guest(v) && !draw.is_multiple_of(6) {
        j.begin_object();
        j.key("disabledPlans");
        j.raw(b"[]");
        j.key("skuId");
        j.string(choose(draw, v.tenant.plan().licences()).1);
        j.end_object();
    }
    j.end_array();
}

pub(super) fn on_premises_name(v: &View<'_>, j: &mut Json) {
    if !is_synced(v) {
        return j.null();
    }
    j.text(|t| {
        t.push("CN=")
            .push(given(v).0)
            .push(" ")
            .push(surname(v).0)
            .push(",OU=People,DC=corp,DC=harbour,DC=example");
    });
}

pub(super) fn extension_attributes(v: &View<'_>, j: &mut Json) {
    j.begin_object();
    for index in 1..=15 {
        j.key(EXTENSION_ATTRIBUTES[index - 1]);
        match index {
            1 if is_synced(v) => j.text(|t| {
                t.push("CC-").decimal(100 + v.pick(11, 40));
            }),
            _ => j.null(),
        }
    }
    j.end_object();
}

pub(super) static EXTENSION_ATTRIBUTES: [&str; 15] = [
    "extensionAttribute1",
    "extensionAttribute2",
    "extensionAttribute3",
    "extensionAttribute4",
    "extensionAttribute5",
    "extensionAttribute6",
    "extensionAttribute7",
    "extensionAttribute8",
    "extensionAttribute9",
    "extensionAttribute10",
    "extensionAttribute11",
    "extensionAttribute12",
    "extensionAttribute13",
    "extensionAttribute14",
    "extensionAttribute15",
];

pub(super) fn immutable_id(v: &View<'_>, j: &mut Json) {
    if !is_synced(v) {
        return j.null();
    }
    j.text(|t| {
        t.padded(v.draw(12) % 10_u64.pow(18), 18).push("Q==");
    });
}

pub(super) fn last_sync(v: &View<'_>, j: &mut Json) {
    if !is_synced(v) {
        return j.null();
    }
    j.text(|t| write_timestamp(t, moment_seconds(v.since)));
}

pub(super) fn sam_account_name(v: &View<'_>, j: &mut Json) {
    if !is_synced(v) {
        return j.null();
    }
    j.text(|t| {
        t.push("u").decimal(v.slot());
    });
}

pub(super) fn security_identifier(v: &View<'_>, j: &mut Json) {
    j.text(|t| {
        t.push("S-1-12-1-").decimal(v.draw(13) >> 32).push("-").decimal(v.draw(14) >> 32);
        t.push("-").decimal(v.draw(15) >> 32).push("-").decimal(v.slot());
    });
}
