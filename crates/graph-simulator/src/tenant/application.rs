//! Application registrations.

use super::names;
use super::property::{Property, Shape};
use super::view::{View, write_created, write_deleted, write_id, write_own_id, write_timestamp};
use super::{Handle, Kind, ObjectId, Tenant};
use crate::protocol::json::{Json, Text};
use Shape::{Boolean, Complex, Complexes, DateTime, Texts};

const DISPLAY_NAME: u64 = 0;
const NOTES: u64 = 1;

const fn text(name: &'static str, write: fn(&View<'_>, &mut Json)) -> Property {
    Property::new(name, Shape::Text, write)
}

pub(crate) static PROPERTIES: &[Property] = &[
    Property::new("id", Shape::Text, write_own_id).read_only(),
    Property::new("deletedDateTime", DateTime, write_deleted).read_only(),
    text("appId", |v, j| write_id(v.tenant.app_id(v.slot()), j)).read_only(),
    Property::empty("applicationTemplateId", Shape::Text).read_only(),
    Property::empty("disabledByMicrosoftStatus", Shape::Text).read_only(),
    Property::new("createdDateTime", DateTime, write_created).read_only(),
    text("displayName", |v, j| j.text(|t| display_name(v, t))),
    Property::empty("description", Shape::Text),
    Property::empty("groupMembershipClaims", Shape::Text),
    Property::new("identifierUris", Texts, identifier_uris),
    Property::new("isDeviceOnlyAuthSupported", Boolean, |_, j| j.null()).unfiltered(),
    Property::new("isFallbackPublicClient", Boolean, |_, j| j.null()).unfiltered(),
    text("notes", notes).unfiltered(),
    text("publisherDomain", |v, j| j.string(v.tenant.domain())),
    Property::empty("serviceManagementReference", Shape::Text),
    text("signInAudience", |_, j| j.string("AzureADMyOrg")),
    Property::empty("tags", Texts),
    Property::empty("tokenEncryptionKeyId", Shape::Guid),
    Property::empty("uniqueName", Shape::Text),
    Property::empty("samlMetadataUrl", Shape::Text),
    Property::empty("defaultRedirectUri", Shape::Text),
    Property::empty("certification", Complex),
    Property::empty("optionalClaims", Complex),
    Property::empty("requestSignatureVerification", Complex),
    Property::empty("servicePrincipalLockConfiguration", Complex),
    Property::empty("addIns", Complexes),
    Property::new("api", Complex, |_, j| j.raw(API)).unfiltered(),
    Property::new("appRoles", Complexes, app_roles).unfiltered(),
    Property::new("info", Complex, |_, j| j.raw(INFO)).unfiltered(),
    Property::empty("keyCredentials", Complexes),
    Property::new("parentalControlSettings", Complex, |_, j| {
        j.raw(br#"{"countriesBlockedForMinors":[],"legalAgeGroupRule":"Allow"}"#);
    })
    .unfiltered(),
    Property::new("passwordCredentials", Complexes, password_credentials).unfiltered().read_only(),
    Property::new("publicClient", Complex, |_, j| j.raw(br#"{"redirectUris":[]}"#)).unfiltered(),
    Property::new("requiredResourceAccess", Complexes, required_resource_access).unfiltered(),
    Property::new("verifiedPublisher", Complex, |_, j| {
        j.raw(br#"{"displayName":null,"verifiedPublisherId":null,"addedDateTime":null}"#);
    })
    .unfiltered(),
    Property::new("web", Complex, |_, j| j.raw(WEB)).unfiltered(),
    Property::new("spa", Complex, |_, j| j.raw(br#"{"redirectUris":[]}"#)).unfiltered(),
];

const API: &[u8] = br#"{"acceptMappedClaims":null,"knownClientApplications":[],"requestedAccessTokenVersion":2,"oauth2PermissionScopes":[],"preAuthorizedApplications":[]}"#;
const INFO: &[u8] = br#"{"logoUrl":null,"marketingUrl":null,"privacyStatementUrl":null,"supportUrl":null,"termsOfServiceUrl":null}"#;
const WEB: &[u8] = br#"{"homePageUrl":null,"logoutUrl":null,"redirectUris":[],"implicitGrantSettings":{"enableAccessTokenIssuance":false,"enableIdTokenIssuance":false}}"#;

pub(crate) fn display_name(v: &View<'_>, t: &mut Text<'_>) {
    if v.slot() == 0 {
        t.push("Connector");
        return;
    }
    t.push(v.one_of_turn(DISPLAY_NAME, names::PRODUCTS)).push(" ").decimal(v.slot());
}

fn notes(v: &View<'_>, j: &mut Json) {
    let draw = v.draw_turn(NOTES);
    if draw.is_multiple_of(2) {
        return j.null();
    }
    j.text(|t| {
        t.push("Reviewed in wave ").decimal(draw / 2 % 50);
    });
}

fn identifier_uris(v: &View<'_>, j: &mut Json) {
    j.begin_array();
    if v.one_in(1, 3) {
        j.text(|t| {
            let id = v.tenant.app_id(v.slot()).to_text();
            t.push("api://")
                .push(std::str::from_utf8(&id).expect("hexadecimal digits and hyphens"));
        });
    }
    j.end_array();
}

/// The id of the one role that some applications have.
pub(crate) fn role(tenant: &Tenant, slot: u64) -> Option<ObjectId> {
    let view = View::new(tenant, Handle::new(Kind::Application, slot), 0);
    view.one_in(2, 2).then(|| tenant.draw_guid(b'R', slot))
}

pub(crate) fn app_roles(v: &View<'_>, j: &mut Json) {
    j.begin_array();
    if let Some(role) = role(v.tenant, v.slot()) {
        j.begin_object();
        j.key("allowedMemberTypes");
        j.raw(br#"["User","Application"]"#);
        j.key("description");
        j.string("Read everything in the application");
        j.key("displayName");
        j.string("Reader");
        j.key("id");
        write_id(role, j);
        j.key("isEnabled");
        j.boolean(true);
        j.key("origin");
        j.string("Application");
        j.key("value");
        j.string("Reader");
        j.end_object();
    }
    j.end_array();
}

/// One credential; every fifth has expired.
fn password_credentials(v: &View<'_>, j: &mut Json) {
    j.begin_array();
    if v.slot() == 0 || !v.one_in(3, 3) {
        let start = v.created();
        let life = if v.slot() != 0 && v.one_in(4, 5) { 180 } else { 12_000 };
        j.begin_object();
        j.key("customKeyIdentifier");
        j.null();
        j.key("displayName");
        j.string("client secret");
        j.key("endDateTime");
        j.text(|t| write_timestamp(t, start + life * 86_400));
        j.key("hint");
        j.string("sim");
        j.key("keyId");
        write_id(v.tenant.draw_guid(b'P', v.slot()), j);
        j.key("secretText");
        j.null();
        j.key("startDateTime");
        j.text(|t| write_timestamp(t, start));
        j.end_object();
    }
    j.end_array();
}

/// Microsoft Graph's `Directory.Read.All` as an application permission.
fn required_resource_access(_: &View<'_>, j: &mut Json) {
    j.raw(br#"[{"resourceAppId":"00000003-0000-0000-c000-000000000000","resourceAccess":[{"id":"7ab1d382-f21e-4acd-a863-ba3e13f7da61","type":"Role"}]}]"#);
}
