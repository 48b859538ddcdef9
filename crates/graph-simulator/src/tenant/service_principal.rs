//! Service principals: Microsoft's own, one for each application of the tenant, and managed identities.

use super::names;
use super::property::{Property, Shape};
use super::view::{View, write_created, write_deleted, write_id, write_own_id};
use super::{Handle, Kind, application};
use crate::protocol::json::{Json, Text};
use Shape::{Boolean, Complex, Complexes, DateTime, Texts};

const ENABLED: u64 = 0;
const NOTES: u64 = 1;

const fn text(name: &'static str, write: fn(&View<'_>, &mut Json)) -> Property {
    Property::new(name, Shape::Text, write)
}

pub(crate) static PROPERTIES: &[Property] = &[
    Property::new("id", Shape::Text, write_own_id).read_only(),
    Property::new("deletedDateTime", DateTime, write_deleted).read_only(),
    Property::new("accountEnabled", Boolean, |v, j| {
        j.boolean(v.slot() <= FIRST_PARTY || v.draw_turn(ENABLED) % 25 != 0);
    }),
    Property::new("alternativeNames", Texts, alternative_names),
    text("appDisplayName", |v, j| j.text(|t| display_name(v, t))).read_only(),
    Property::empty("appDescription", Shape::Text).read_only(),
    text("appId", write_app_id).read_only(),
    Property::empty("applicationTemplateId", Shape::Text).read_only(),
    Property::new("appOwnerOrganizationId", Shape::Guid, owner_organization).advanced().read_only(),
    Property::new("appRoleAssignmentRequired", Boolean, |v, j| j.boolean(v.one_in(1, 5)))
        .advanced(),
    Property::new("createdDateTime", DateTime, write_created).read_only(),
    Property::empty("description", Shape::Text),
    Property::empty("disabledByMicrosoftStatus", Shape::Text).read_only(),
    text("displayName", |v, j| j.text(|t| display_name(v, t))),
    Property::empty("homepage", Shape::Text),
    Property::empty("loginUrl", Shape::Text),
    Property::empty("logoutUrl", Shape::Text),
    text("notes", notes).unfiltered(),
    Property::empty("notificationEmailAddresses", Texts),
    Property::empty("preferredSingleSignOnMode", Shape::Text),
    Property::empty("preferredTokenSigningKeyThumbprint", Shape::Text),
    Property::empty("replyUrls", Texts),
    Property::new("servicePrincipalNames", Texts, service_principal_names).read_only(),
    text("servicePrincipalType", |v, j| j.string(type_of(v))).read_only(),
    text("signInAudience", |v, j| {
        j.optional(match origin(v) {
            Origin::Microsoft(_) => Some("AzureADMultipleOrgs"),
            Origin::Application(_) => Some("AzureADMyOrg"),
            Origin::ManagedIdentity => None,
        });
    })
    .unfiltered()
    .read_only(),
    Property::new("tags", Texts, tags),
    Property::empty("tokenEncryptionKeyId", Shape::Guid),
    Property::empty("samlSingleSignOnSettings", Complex),
    Property::empty("addIns", Complexes),
    Property::new("appRoles", Complexes, app_roles).unfiltered().read_only(),
    Property::empty("info", Complex).read_only(),
    Property::empty("keyCredentials", Complexes),
    Property::new("oauth2PermissionScopes", Complexes, scopes).unfiltered().read_only(),
    Property::empty("passwordCredentials", Complexes).read_only(),
    Property::empty("resourceSpecificApplicationPermissions", Complexes).read_only(),
    Property::empty("verifiedPublisher", Complex).read_only(),
    Property::empty("customSecurityAttributes", Complex).on_request(),
];

/// What a service principal stands for.
#[derive(Clone, Copy, Debug)]
enum Origin {
    /// One of Microsoft's own applications.
    Microsoft(&'static (&'static str, &'static str)),
    /// An application of this tenant, by slot.
    Application(u64),
    ManagedIdentity,
}

/// The slot of the first managed identity is after those of the applications of moment 0.
fn origin(v: &View<'_>) -> Origin {
    let applications = v.tenant.schedule(Kind::Application).base;
    match v.slot() {
        0 => Origin::Application(0),
        slot if slot <= FIRST_PARTY => Origin::Microsoft(
            &names::FIRST_PARTY[usize::try_from(slot - 1).expect("a slot of the table")],
        ),
        slot if slot < applications + FIRST_PARTY => Origin::Application(slot - FIRST_PARTY),
        _ => Origin::ManagedIdentity,
    }
}

/// How many slots, after the connector's own, stand for Microsoft's applications.
pub(crate) const FIRST_PARTY: u64 = names::FIRST_PARTY.len() as u64;

fn type_of(v: &View<'_>) -> &'static str {
    match origin(v) {
        Origin::ManagedIdentity => "ManagedIdentity",
        _ => "Application",
    }
}

fn display_name(v: &View<'_>, t: &mut Text<'_>) {
    match origin(v) {
        Origin::Microsoft(known) => {
            t.push(known.0);
        }
        Origin::Application(slot) => {
            let handle = Handle { kind: Kind::Application, slot };
            application::display_name(&View::new(v.tenant, handle, 0), t);
        }
        Origin::ManagedIdentity => {
            t.push("mi-").push(v.one_of(2, names::MACHINES)).push("-").decimal(v.slot());
        }
    }
}

fn write_app_id(v: &View<'_>, j: &mut Json) {
    match origin(v) {
        Origin::Microsoft(known) => j.string(known.1),
        Origin::Application(slot) => write_id(v.tenant.app_id(slot), j),
        Origin::ManagedIdentity => write_id(v.tenant.draw_guid(b'M', v.slot()), j),
    }
}

fn owner_organization(v: &View<'_>, j: &mut Json) {
    match origin(v) {
        Origin::Microsoft(_) => j.string("f8cdef31-a31e-4b4a-93e4-5f571e91255a"),
        _ => write_id(v.tenant.id_of_tenant(), j),
    }
}

fn notes(v: &View<'_>, j: &mut Json) {
    let draw = v.draw_turn(NOTES);
    if !draw.is_multiple_of(3) {
        return j.null();
    }
    j.text(|t| {
        t.push("Contact desk ").decimal(draw / 3 % 30);
    });
}

fn alternative_names(v: &View<'_>, j: &mut Json) {
    j.begin_array();
    if let Origin::ManagedIdentity = origin(v) {
        j.string("isExplicit=False");
    }
    j.end_array();
}

fn service_principal_names(v: &View<'_>, j: &mut Json) {
    j.begin_array();
    write_app_id(v, j);
    j.end_array();
}

fn tags(v: &View<'_>, j: &mut Json) {
    j.begin_array();
    if let Origin::Application(_) = origin(v) {
        j.string("WindowsAzureActiveDirectoryIntegratedApp");
    }
    j.end_array();
}

/// The application permissions of Microsoft Graph, or what the application behind this defines.
fn app_roles(v: &View<'_>, j: &mut Json) {
    match origin(v) {
        Origin::Application(slot) => {
            let handle = Handle { kind: Kind::Application, slot };
            application::app_roles(&View::new(v.tenant, handle, 0), j);
        }
        Origin::Microsoft(known) if known.1 == names::FIRST_PARTY[0].1 => {
            j.begin_array();
            for (value, id) in names::GRAPH_ROLES {
                j.begin_object();
                j.key("allowedMemberTypes");
                j.raw(br#"["Application"]"#);
                permission(value, id, "displayName", "description", j);
                j.key("origin");
                j.string("Application");
                j.end_object();
            }
            j.end_array();
        }
        _ => j.raw(b"[]"),
    }
}

fn scopes(v: &View<'_>, j: &mut Json) {
    j.begin_array();
    if matches!(origin(v), Origin::Microsoft(known) if known.1 == names::FIRST_PARTY[0].1) {
        for (value, id) in names::GRAPH_SCOPES {
            j.begin_object();
            permission(value, id, "adminConsentDisplayName", "adminConsentDescription", j);
            j.key("type");
            j.string("User");
            j.end_object();
        }
    }
    j.end_array();
}

fn permission(value: &str, id: &str, name: &str, description: &str, j: &mut Json) {
    for (key, text) in [(description, value), (name, value), ("id", id), ("value", value)] {
        j.key(key);
        j.string(text);
    }
    j.key("isEnabled");
    j.boolean(true);
}

/// The slot of the application that the service principal in a slot stands for.
pub(crate) const fn application_of(slot: u64) -> Option<u64> {
    match slot {
        0 => Some(0),
        slot if slot > FIRST_PARTY => Some(slot - FIRST_PARTY),
        _ => None,
    }
}

/// The slot of the service principal of an application in a slot.
pub(crate) const fn of_application(slot: u64) -> u64 {
    if slot == 0 { 0 } else { slot + FIRST_PARTY }
}
