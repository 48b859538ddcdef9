//! Users: their properties, names and user principal names.

use super::names::{self, Name};
use super::property::{Property, Shape};
use super::view::{View, choose, write_created, write_deleted, write_own_id, write_timestamp};
use super::{Handle, Kind, Tenant};
use crate::protocol::json::{Json, Text};
use Shape::{Boolean, Complex, Complexes, DateTime, Texts};

/// Turns: which of a user's properties changes at a touch.
const JOB: u64 = 0;
const DEPARTMENT: u64 = 1;
const OFFICE: u64 = 2;
const MOBILE: u64 = 3;
const ENABLED: u64 = 4;
pub(crate) const MANAGER: u64 = 5;
const DISPLAY_NAME: u64 = 6;
const LICENCES: u64 = 7;

const fn text(name: &'static str, write: fn(&View<'_>, &mut Json)) -> Property {
    Property::new(name, Shape::Text, write)
}

/// In the order in which Graph writes them (facts: graph-protocol 10.10 for the defaults, 6 for filters).
pub(crate) static PROPERTIES: &[Property] = &[
    Property::new("businessPhones", Texts, business_phones).advanced(),
    text("displayName", |v, j| j.text(|t| display_name(v, t))),
    text("givenName", |v, j| j.string(given(v).0)),
    text("jobTitle", |v, j| j.optional(v.from_turn(JOB, names::JOBS))),
    text("mail", mail),
    text("mobilePhone", mobile_phone).advanced(),
    text("officeLocation", office).advanced(),
    text("preferredLanguage", |v, j| j.optional((!v.one_in(20, 3)).then(|| place(v).4))).advanced(),
    text("surname", |v, j| j.string(surname(v).0)),
    text("userPrincipalName", |v, j| j.text(|t| principal_name(v, t))),
    Property::new("id", Shape::Text, write_own_id).read_only(),
    Property::new("accountEnabled", Boolean, |v, j| j.boolean(enabled(v))).on_request(),
    Property::empty("ageGroup", Shape::Text).on_request(),
    Property::new("assignedLicenses", Complexes, licences).on_request().read_only(),
    Property::empty("assignedPlans", Complexes).on_request().read_only(),
    text("city", |v, j| j.string(place(v).0)).on_request(),
    text("companyName", |v, j| j.optional((!v.one_in(21, 4)).then_some("Harbour Works")))
        .on_request()
        .advanced(),
    Property::empty("consentProvidedForMinor", Shape::Text).on_request(),
    text("country", |v, j| j.string(place(v).3)).on_request(),
    Property::new("createdDateTime", DateTime, write_created).on_request().read_only(),
    text("creationType", |v, j| j.optional(is_guest(v).then_some("Invitation")))
        .on_request()
        .read_only(),
    Property::empty("customSecurityAttributes", Complex).on_request(),
    Property::new("deletedDateTime", DateTime, write_deleted).on_request().read_only(),
    text("department", |v, j| j.optional(v.from_turn(DEPARTMENT, names::DEPARTMENTS))).on_request(),
    Property::empty("employeeHireDate", DateTime).on_request().advanced(),
    text("employeeId", employee_id).on_request(),
    Property::empty("employeeLeaveDateTime", DateTime).on_request(),
    Property::empty("employeeOrgData", Complex).on_request(),
    text("employeeType", |v, j| {
        j.optional((!is_guest(v)).then(|| choose(v.draw(22), EMPLOYEE_TYPES)))
    })
    .on_request()
    .advanced(),
    text("externalUserState", |v, j| j.optional(is_guest(v).then_some(guest_state(v))))
        .on_request()
        .read_only(),
    Property::new("externalUserStateChangeDateTime", DateTime, guest_changed)
        .on_request()
        .read_only(),
    Property::empty("faxNumber", Shape::Text).on_request().advanced(),
    Property::new("identities", Complexes, identities).on_request().read_only(),
    Property::empty("imAddresses", Texts).on_request(),
    Property::new("isResourceAccount", Boolean, |_, j| j.null()).on_request().unfiltered(),
    Property::new("lastPasswordChangeDateTime", DateTime, write_created).on_request().read_only(),
    Property::empty("legalAgeGroupClassification", Shape::Text).on_request().read_only(),
    Property::empty("licenseAssignmentStates", Complexes).on_request().read_only(),
    text("mailNickname", |v, j| j.text(|t| local_part(v, t))).on_request(),
    text("onPremisesDistinguishedName", on_premises_name).on_request().unfiltered().read_only(),
    text("onPremisesDomainName", |v, j| j.optional(is_synced(v).then_some("corp.harbour.example")))
        .on_request()
        .unfiltered(),
    Property::new("onPremisesExtensionAttributes", Complex, extension_attributes)
        .on_request()
        .advanced(),
    text("onPremisesImmutableId", immutable_id).on_request(),
    Property::new("onPremisesLastSyncDateTime", DateTime, last_sync).on_request().read_only(),
    Property::empty("onPremisesProvisioningErrors", Complexes).on_request().read_only(),
    text("onPremisesSamAccountName", sam_account_name).on_request().advanced().read_only(),
    text("onPremisesSecurityIdentifier", |v, j| {
        if is_synced(v) { security_identifier(v, j) } else { j.null() }
    })
    .on_request()
    .read_only(),
    Property::new("onPremisesSyncEnabled", Boolean, |v, j| {
        if is_synced(v) { j.boolean(true) } else { j.null() }
    })
    .on_request()
    .read_only(),
    text("onPremisesUserPrincipalName", |v, j| {
        if is_synced(v) { j.text(|t| principal_name(v, t)) } else { j.null() }
    })
    .on_request()
    .unfiltered()
    .read_only(),
    Property::new("otherMails", Texts, other_mails).on_request(),
    text("passwordPolicies", |v, j| {
        j.optional(v.one_in(23, 9).then_some("DisablePasswordExpiration"))
    })
    .on_request()
    .advanced(),
    Property::empty("passwordProfile", Complex).on_request(),
    text("postalCode", |v, j| {
        j.text(|t| {
            t.padded(v.pick(24, 100_000), 5);
        })
    })
    .on_request()
    .advanced(),
    Property::empty("preferredDataLocation", Shape::Text).on_request(),
    Property::empty("provisionedPlans", Complexes).on_request().read_only(),
    Property::new("proxyAddresses", Texts, proxy_addresses).on_request().read_only(),
    text("securityIdentifier", security_identifier).on_request().read_only(),
    Property::empty("serviceProvisioningErrors", Complexes).on_request().read_only(),
    Property::new("showInAddressList", Boolean, |_, j| j.null()).on_request().advanced(),
    Property::new("signInSessionsValidFromDateTime", DateTime, write_created)
        .on_request()
        .read_only(),
    text("state", |v, j| j.optional(place(v).1)).on_request(),
    text("streetAddress", |v, j| {
        j.text(|t| {
            t.push("Quay ").decimal(1 + v.pick(25, 400));
        })
    })
    .on_request()
    .advanced(),
    text("usageLocation", |v, j| j.optional((!v.one_in(26, 10)).then(|| place(v).2))).on_request(),
    text("userType", |v, j| j.string(if is_guest(v) { "Guest" } else { "Member" })).on_request(),
    Property::outside("aboutMe", Shape::Text),
    Property::outside("birthday", DateTime),
    Property::outside("hireDate", DateTime),
    Property::outside("interests", Texts),
    Property::outside("mailboxSettings", Complex),
    Property::outside("mySite", Shape::Text),
    Property::outside("pastProjects", Texts),
    Property::outside("preferredName", Shape::Text),
    Property::outside("responsibilities", Texts),
    Property::outside("schools", Texts),
    Property::outside("skills", Texts),
];

static EMPLOYEE_TYPES: &[&str] =
    &["Employee", "Employee", "Employee", "Contractor", "Vendor", "Intern"];

pub(crate) fn given(v: &View<'_>) -> Name {
    v.from(1, names::GIVEN)
}

pub(crate) fn surname(v: &View<'_>) -> Name {
    v.from(2, names::SURNAMES)
}

fn place(
    v: &View<'_>,
) -> (&'static str, Option<&'static str>, &'static str, &'static str, &'static str) {
    v.from(3, names::PLACES)
}

/// One user in sixteen is a guest; the first one, the administrator, is not.
pub(crate) fn is_guest(v: &View<'_>) -> bool {
    v.slot() != 0 && (v.slot() == 5 || v.one_in(4, 16))
}

fn is_synced(v: &View<'_>) -> bool {
    !is_guest(v) && v.slot() != 0 && !v.pick(5, 5).is_multiple_of(2)
}

/// One account in fourteen is disabled.
fn enabled(v: &View<'_>) -> bool {
    v.slot() == 0 || v.draw_turn(ENABLED) % 14 != 0
}

fn display_name(v: &View<'_>, t: &mut Text<'_>) {
    let (given, surname) = (given(v).0, surname(v).0);
    match v.draw_turn(DISPLAY_NAME) % 8 {
        0 => t.push(surname).push(", ").push(given),
        1 => t.push(given).push(" ").push(surname).push(" (Ext.)"),
        2 if v.one_in(27, 12) => t.push(given).push(" \u{1f6a2} ").push(surname),
        _ => t.push(given).push(" ").push(surname),
    };
}

fn local_part(v: &View<'_>, t: &mut Text<'_>) {
    t.push(given(v).1).push(".").push(surname(v).1).decimal(v.slot());
}

pub(crate) fn principal_name(v: &View<'_>, t: &mut Text<'_>) {
    local_part(v, t);
    if is_guest(v) {
        t.push("_").push(v.from(6, names::PARTNERS)).push("#EXT#");
    }
    t.push("@").push(v.tenant.domain());
}

fn mail(v: &View<'_>, j: &mut Json) {
    if v.one_in(7, 11) {
        return j.null();
    }
    j.text(|t| write_mail(v, t));
}

fn write_mail(v: &View<'_>, t: &mut Text<'_>) {
    local_part(v, t);
    t.push("@").push(if is_guest(v) { v.from(6, names::PARTNERS) } else { v.tenant.domain() });
}

fn proxy_addresses(v: &View<'_>, j: &mut Json) {
    j.begin_array();
    if !v.one_in(7, 11) {
        j.text(|t| {
            t.push("SMTP:");
            write_mail(v, t);
        });
    }
    j.end_array();
}

fn other_mails(v: &View<'_>, j: &mut Json) {
    j.begin_array();
    if is_guest(v) {
        j.text(|t| write_mail(v, t));
    }
    j.end_array();
}

fn business_phones(v: &View<'_>, j: &mut Json) {
    j.begin_array();
    for index in 0..v.pick(8, 3) {
        j.text(|t| {
            t.push("+31 10 ").padded(v.pick(40 + index, 10_000_000), 7);
        });
    }
    j.end_array();
}

fn mobile_phone(v: &View<'_>, j: &mut Json) {
    let draw = v.draw_turn(MOBILE);
    if draw.is_multiple_of(3) {
        return j.null();
    }
    j.text(|t| {
        t.push("+31 6 ").padded(draw / 7 % 100_000_000, 8);
    });
}

fn office(v: &View<'_>, j: &mut Json) {
    let draw = v.draw_turn(OFFICE);
    if draw.is_multiple_of(5) {
        return j.null();
    }
    j.text(|t| {
        t.push("Pier ").decimal(1 + draw / 5 % 40).push("/").decimal(draw / 200 % 600);
    });
}

fn employee_id(v: &View<'_>, j: &mut Json) {
    if is_guest(v) {
        return j.null();
    }
    j.text(|t| {
        t.push("E").padded(v.slot(), 7);
    });
}

fn guest_state(v: &View<'_>) -> &'static str {
    if v.one_in(9, 4) { "PendingAcceptance" } else { "Accepted" }
}

fn guest_changed(v: &View<'_>, j: &mut Json) {
    if is_guest(v) {
        j.text(|t| write_timestamp(t, v.created() + v.pick(10, 86_400)));
    } else {
        j.null();
    }
}

fn identities(v: &View<'_>, j: &mut Json) {
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

fn licences(v: &View<'_>, j: &mut Json) {
    j.begin_array();
    let draw = v.draw_turn(LICENCES);
    if !is_guest(v) && !draw.is_multiple_of(6) {
        j.begin_object();
        j.key("disabledPlans");
        j.raw(b"[]");
        j.key("skuId");
        j.string(choose(draw, names::LICENCES).1);
        j.end_object();
    }
    j.end_array();
}

fn on_premises_name(v: &View<'_>, j: &mut Json) {
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

fn extension_attributes(v: &View<'_>, j: &mut Json) {
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

static EXTENSION_ATTRIBUTES: [&str; 15] = [
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

fn immutable_id(v: &View<'_>, j: &mut Json) {
    if !is_synced(v) {
        return j.null();
    }
    j.text(|t| {
        t.padded(v.draw(12) % 10_u64.pow(18), 18).push("Q==");
    });
}

fn last_sync(v: &View<'_>, j: &mut Json) {
    if !is_synced(v) {
        return j.null();
    }
    j.text(|t| write_timestamp(t, super::view::moment_seconds(v.since)));
}

fn sam_account_name(v: &View<'_>, j: &mut Json) {
    if !is_synced(v) {
        return j.null();
    }
    j.text(|t| {
        t.push("u").decimal(v.slot());
    });
}

fn security_identifier(v: &View<'_>, j: &mut Json) {
    j.text(|t| {
        t.push("S-1-12-1-").decimal(v.draw(13) >> 32).push("-").decimal(v.draw(14) >> 32);
        t.push("-").decimal(v.draw(15) >> 32).push("-").decimal(v.slot());
    });
}

/// The user whose user principal name is `name`, whatever its stage.
pub(crate) fn by_principal_name(tenant: &Tenant, name: &str, moment: u64) -> Option<Handle> {
    let (local, domain) = name.rsplit_once('@')?;
    if !domain.eq_ignore_ascii_case(tenant.domain()) {
        return None;
    }
    let local = match local.split_once("#EXT#").or_else(|| local.split_once("#ext#")) {
        Some((home, _)) => home.rsplit_once('_')?.0,
        None => local,
    };
    let digits = local.len() - local.trim_end_matches(|c: char| c.is_ascii_digit()).len();
    let slot: u64 = local[local.len() - digits..].parse().ok()?;
    if slot >= tenant.schedule(Kind::User).slots(moment) {
        return None;
    }
    let handle = Handle { kind: Kind::User, slot };
    let view = View::new(tenant, handle, moment);
    let mut json = Json::with_capacity(64);
    json.text(|t| principal_name(&view, t));
    let expected: String = serde_json::from_slice(json.as_bytes()).ok()?;
    expected.eq_ignore_ascii_case(name).then_some(handle)
}
