//! Groups: their flavours and properties. Who is in them: `membership`.

use super::names;
use super::property::{Property, Shape};
use super::schedule::Deletion;
use super::view::{View, choose, write_created, write_deleted, write_own_id, write_timestamp};
use super::{Handle, Kind, Tenant};
use crate::protocol::json::{Json, Text};
use Shape::{Boolean, Complexes, DateTime, Texts};

const DESCRIPTION: u64 = 0;
const DISPLAY_NAME: u64 = 1;
const CLASSIFICATION: u64 = 2;

/// What a group is made for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Flavour {
    Security,
    /// Security with a membership rule.
    Dynamic,
    /// Microsoft 365, with its visibility.
    Unified(&'static str),
    /// Microsoft 365 with a membership rule.
    UnifiedDynamic,
    MailEnabledSecurity,
    Distribution,
}

/// The flavour of the group in a slot.
pub(crate) fn flavour(tenant: &Tenant, slot: u64) -> Flavour {
    if slot >= tenant.schedule(Kind::Group).base && slot < tenant.schedule(Kind::Group).founders() {
        return Flavour::Unified("Private"); // the only restorable flavour
    }
    match slot % 12 {
        3 | 10 => Flavour::Unified("Public"),
        4 => Flavour::Dynamic,
        6 => Flavour::Unified("Private"),
        7 if slot % 36 == 7 => Flavour::Unified("HiddenMembership"),
        8 => Flavour::MailEnabledSecurity,
        9 => Flavour::UnifiedDynamic,
        11 if slot % 24 == 11 => Flavour::Distribution,
        _ => Flavour::Security,
    }
}

impl Flavour {
    fn is_unified(self) -> bool {
        matches!(self, Self::Unified(_) | Self::UnifiedDynamic)
    }

    fn is_dynamic(self) -> bool {
        matches!(self, Self::Dynamic | Self::UnifiedDynamic)
    }

    fn has_mail(self) -> bool {
        self.is_unified() || matches!(self, Self::MailEnabledSecurity | Self::Distribution)
    }

    /// Deleted Microsoft 365 groups go to the recycle bin, others are gone at once.
    pub(crate) fn deletion(self) -> Deletion {
        if self.is_unified() { Deletion::Restorable } else { Deletion::Final }
    }
}

fn of(v: &View<'_>) -> Flavour {
    flavour(v.tenant, v.slot())
}

const fn text(name: &'static str, write: fn(&View<'_>, &mut Json)) -> Property {
    Property::new(name, Shape::Text, write)
}

pub(crate) static PROPERTIES: &[Property] = &[
    Property::new("id", Shape::Text, write_own_id).read_only(),
    Property::new("deletedDateTime", DateTime, write_deleted).read_only(),
    text("classification", |v, j| j.optional(v.one_of_turn(CLASSIFICATION, CLASSES))).unfiltered(),
    Property::new("createdDateTime", DateTime, write_created).read_only(),
    Property::empty("createdByAppId", Shape::Text).read_only(),
    text("description", description).advanced(),
    text("displayName", |v, j| j.text(|t| display_name(v, t))),
    Property::empty("expirationDateTime", DateTime).read_only(),
    Property::new("groupTypes", Texts, group_types),
    Property::new("isAssignableToRole", Boolean, |v, j| {
        if is_role_assignable(v) { j.boolean(true) } else { j.null() }
    }),
    text("mail", mail),
    Property::new("mailEnabled", Boolean, |v, j| j.boolean(of(v).has_mail())),
    text("mailNickname", |v, j| j.text(|t| nickname(v, t))),
    text("membershipRule", |v, j| j.optional(of(v).is_dynamic().then(|| v.one_of(1, RULES)))),
    text("membershipRuleProcessingState", |v, j| j.optional(of(v).is_dynamic().then_some("On"))),
    text("onPremisesDomainName", |v, j| j.optional(is_synced(v).then_some("corp.harbour.example")))
        .read_only(),
    Property::new("onPremisesLastSyncDateTime", DateTime, last_sync).read_only(),
    text("onPremisesNetBiosName", |v, j| j.optional(is_synced(v).then_some("HARBOUR")))
        .unfiltered()
        .read_only(),
    text("onPremisesSamAccountName", sam_account_name).advanced().read_only(),
    Property::empty("onPremisesSecurityIdentifier", Shape::Text).read_only(),
    Property::new("onPremisesSyncEnabled", Boolean, |v, j| {
        if is_synced(v) { j.boolean(true) } else { j.null() }
    })
    .read_only(),
    Property::empty("preferredDataLocation", Shape::Text),
    Property::empty("preferredLanguage", Shape::Text),
    Property::new("proxyAddresses", Texts, proxy_addresses).read_only(),
    Property::new("renewedDateTime", DateTime, write_created).read_only(),
    Property::empty("resourceBehaviorOptions", Texts),
    Property::empty("resourceProvisioningOptions", Texts),
    Property::new("securityEnabled", Boolean, |v, j| j.boolean(security_enabled(of(v)))),
    text("securityIdentifier", security_identifier).read_only(),
    Property::empty("theme", Shape::Text),
    Property::empty("uniqueName", Shape::Text),
    text("visibility", |v, j| j.optional(visibility(of(v)))).unfiltered(),
    Property::empty("onPremisesProvisioningErrors", Complexes).read_only(),
    Property::empty("serviceProvisioningErrors", Complexes).read_only(),
    Property::empty("assignedLabels", Complexes).on_request(),
    Property::empty("assignedLicenses", Complexes).on_request().read_only(),
    Property::empty("licenseProcessingState", Shape::Complex).on_request().read_only(),
    Property::new("hasMembersWithLicenseErrors", Boolean, |_, j| j.null()).on_request().read_only(),
    Property::new("isManagementRestricted", Boolean, |_, j| j.null()).on_request().read_only(),
];

static CLASSES: &[Option<&str>] = &[None, None, Some("Internal"), Some("Confidential")];

static RULES: &[&str] = &[
    "(user.department -eq \"Docks\")",
    "(user.userType -eq \"Member\") and (user.accountEnabled -eq true)",
    "(user.country -eq \"Netherlands\")",
];

fn is_synced(v: &View<'_>) -> bool {
    matches!(of(v), Flavour::Security | Flavour::MailEnabledSecurity)
        && v.slot() > 2
        && v.one_in(2, 3)
}

fn is_role_assignable(v: &View<'_>) -> bool {
    of(v) == Flavour::Security && v.slot() % 60 == 13
}

pub(crate) const fn security_enabled(flavour: Flavour) -> bool {
    !matches!(flavour, Flavour::Unified(_) | Flavour::UnifiedDynamic | Flavour::Distribution)
}

fn visibility(flavour: Flavour) -> Option<&'static str> {
    match flavour {
        Flavour::Unified(visibility) => Some(visibility),
        Flavour::UnifiedDynamic => Some("Public"),
        _ => None,
    }
}

fn display_name(v: &View<'_>, t: &mut Text<'_>) {
    match v.slot() {
        0 => {
            t.push("All staff of the harbour");
        }
        slot => {
            t.push(v.one_of_turn(DISPLAY_NAME, names::TEAMS)).push(" ").decimal(slot);
        }
    }
}

fn nickname(v: &View<'_>, t: &mut Text<'_>) {
    t.push("group").decimal(v.slot());
}

fn description(v: &View<'_>, j: &mut Json) {
    let draw = v.draw_turn(DESCRIPTION);
    if draw.is_multiple_of(4) {
        return j.null();
    }
    j.text(|t| {
        t.push("Team for ")
            .push(choose(draw, names::PRODUCTS))
            .push(", wave ")
            .decimal(draw / 64 % 90);
        if draw % 16 == 3 {
            t.push("\nOwned by the \"Tide\" office; see https://wiki.harbour.example/groups.");
        }
    });
}

fn mail(v: &View<'_>, j: &mut Json) {
    if of(v).has_mail() {
        j.text(|t| address(v, t));
    } else {
        j.null();
    }
}

fn address(v: &View<'_>, t: &mut Text<'_>) {
    nickname(v, t);
    t.push("@").push(v.tenant.domain());
}

fn proxy_addresses(v: &View<'_>, j: &mut Json) {
    j.begin_array();
    if of(v).has_mail() {
        j.text(|t| {
            t.push("SMTP:");
            address(v, t);
        });
    }
    j.end_array();
}

fn group_types(v: &View<'_>, j: &mut Json) {
    j.begin_array();
    if of(v).is_unified() {
        j.string("Unified");
    }
    if of(v).is_dynamic() {
        j.string("DynamicMembership");
    }
    j.end_array();
}

fn last_sync(v: &View<'_>, j: &mut Json) {
    if is_synced(v) {
        j.text(|t| write_timestamp(t, super::view::moment_seconds(v.since)));
    } else {
        j.null();
    }
}

fn sam_account_name(v: &View<'_>, j: &mut Json) {
    if is_synced(v) {
        j.text(|t| {
            t.push("g").decimal(v.slot());
        });
    } else {
        j.null();
    }
}

fn security_identifier(v: &View<'_>, j: &mut Json) {
    j.text(|t| {
        t.push("S-1-12-1-").decimal(v.draw(13) >> 32).push("-").decimal(v.draw(14) >> 32);
        t.push("-").decimal(v.draw(15) >> 32).push("-").decimal(v.slot());
    });
}

/// Whether reading the members of a scheduled group needs `Member.Read.Hidden`.
pub(crate) fn hides_members(tenant: &Tenant, handle: Handle) -> bool {
    flavour(tenant, handle.slot) == Flavour::Unified("HiddenMembership")
}
