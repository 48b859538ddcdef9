//! Users: their properties, names and user principal names.

mod values;

pub(crate) use values::{MANAGER, is_guest};

use super::names;
use super::property::{Property, Shape};
use super::view::{View, choose, write_created, write_deleted, write_own_id};
use super::{Handle, Kind, Tenant};
use crate::entities::{custom_security_attributes, sign_in_activity};
use crate::protocol::json::Json;
use Shape::{Boolean, Complex, Complexes, DateTime, Texts};
use values::{
    DEPARTMENT, EMPLOYEE_TYPES, JOB, business_phones, display_name, employee_id, enabled,
    extension_attributes, given, guest_changed, guest_state, identities, immutable_id, is_synced,
    last_sync, licences, local_part, mail, mobile_phone, office, on_premises_name, other_mails,
    place, principal_name, proxy_addresses, sam_account_name, security_identifier, surname,
};

const fn text(name: &'static str, write: fn(&View<'_>, &mut Json)) -> Property {
    Property::new(name, Shape::Text, write)
}

/// In the order in which Graph writes them (facts: graph-protocol 10.10 for the defaults, 6 for filters).
pub(crate) static PROPERTIES: &[Property] = &[
    Property::new("businessPhones", Texts, business_phones).advanced(),
    text("displayName", |v, j| j.text(|t| display_name(v, t))),
    text("givenName", |v, j| j.string(given(v).0)),
    text("jobTitle", |v, j| j.optional(v.one_of_turn(JOB, names::JOBS))),
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
    Property::new("customSecurityAttributes", Complex, |v, j| {
        j.value(&custom_security_attributes(v.tenant, v.handle));
    })
    .on_request()
    .unfiltered(),
    Property::new("deletedDateTime", DateTime, write_deleted).on_request().read_only(),
    text("department", |v, j| j.optional(v.one_of_turn(DEPARTMENT, names::DEPARTMENTS)))
        .on_request(),
    Property::empty("employeeHireDate", DateTime).on_request().advanced(),
    text("employeeId", employee_id).on_request(),
    Property::empty("employeeLeaveDateTime", DateTime).on_request(),
    Property::empty("employeeOrgData", Complex).on_request(),
    text("employeeType", |v, j| {
        j.optional((!is_guest(v)).then(|| choose(v.draw(22), EMPLOYEE_TYPES)));
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
        j.optional(v.one_in(23, 9).then_some("DisablePasswordExpiration"));
    })
    .on_request()
    .advanced(),
    Property::empty("passwordProfile", Complex).on_request(),
    text("postalCode", |v, j| {
        j.text(|t| {
            t.padded(v.pick(24, 100_000), 5);
        });
    })
    .on_request()
    .advanced(),
    Property::empty("preferredDataLocation", Shape::Text).on_request(),
    Property::empty("provisionedPlans", Complexes).on_request().read_only(),
    Property::new("proxyAddresses", Texts, proxy_addresses).on_request().read_only(),
    text("securityIdentifier", security_identifier).on_request().read_only(),
    Property::empty("serviceProvisioningErrors", Complexes).on_request().read_only(),
    Property::new("showInAddressList", Boolean, |_, j| j.null()).on_request().advanced(),
    Property::observed("signInActivity", Complex, sign_in_activity),
    Property::new("signInSessionsValidFromDateTime", DateTime, write_created)
        .on_request()
        .read_only(),
    text("state", |v, j| j.optional(place(v).1)).on_request(),
    text("streetAddress", |v, j| {
        j.text(|t| {
            t.push("Quay ").decimal(1 + v.pick(25, 400));
        });
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
