//! Which application permissions open which resource (facts: metadata, admin commands).

use http::Method;

use super::attributes;
use super::resource::{Link, Resource};
use super::sets::routes;
use crate::tenant::Kind;

/// Every application permission that opens something here; tokens carry all of them by default.
pub(crate) fn all() -> impl Iterator<Item = &'static str> {
    let more = routes::least().chain(attributes::PERMISSIONS.iter().copied());
    let more = more.filter(|name| !OBJECTS.contains(name));
    OBJECTS.iter().copied().chain(more)
}

/// The permissions of directory objects.
const OBJECTS: &[&str] = &[
    "AdministrativeUnit.Read.All",
    "AdministrativeUnit.ReadWrite.All",
    "AppRoleAssignment.ReadWrite.All",
    "Application.Read.All",
    "Application.ReadWrite.All",
    "DelegatedPermissionGrant.ReadWrite.All",
    "Device.Read.All",
    "Device.ReadWrite.All",
    "Directory.Read.All",
    "Directory.ReadWrite.All",
    "Group.Create",
    "Group.Read.All",
    "Group.ReadBasic.All",
    "Group.ReadWrite.All",
    "GroupMember.Read.All",
    "GroupMember.ReadBasic.All",
    "GroupMember.ReadWrite.All",
    "LicenseAssignment.Read.All",
    "LicenseAssignment.ReadWrite.All",
    "Member.Read.Hidden",
    "OrgContact.Read.All",
    "Organization.Read.All",
    "RoleManagement.Read.Directory",
    "RoleManagement.ReadWrite.Directory",
    "User.DeleteRestore.All",
    "User.EnableDisableAccount.All",
    "User.Invite.All",
    "User.Read.All",
    "User.ReadBasic.All",
    "User.ReadWrite.All",
    "User.RevokeSessions.All",
];

const USER_READ: &[&str] = &[
    "User.ReadBasic.All",
    "User.Read.All",
    "User.ReadWrite.All",
    "Directory.Read.All",
    "Directory.ReadWrite.All",
];
const USER_READ_FULL: &[&str] =
    &["User.Read.All", "User.ReadWrite.All", "Directory.Read.All", "Directory.ReadWrite.All"];
const USER_WRITE: &[&str] = &["User.ReadWrite.All", "Directory.ReadWrite.All"];
const USER_UPDATE: &[&str] =
    &["User.ReadWrite.All", "Directory.ReadWrite.All", "User.EnableDisableAccount.All"];
const USER_DELETE: &[&str] =
    &["User.DeleteRestore.All", "User.ReadWrite.All", "Directory.ReadWrite.All"];
const USER_REVOKE: &[&str] =
    &["User.RevokeSessions.All", "User.ReadWrite.All", "Directory.ReadWrite.All"];
const GROUP_READ: &[&str] = &[
    "Group.ReadBasic.All",
    "GroupMember.Read.All",
    "Group.Read.All",
    "Group.ReadWrite.All",
    "Directory.Read.All",
    "Directory.ReadWrite.All",
];
const MEMBER_READ: &[&str] = &[
    "GroupMember.ReadBasic.All",
    "GroupMember.Read.All",
    "GroupMember.ReadWrite.All",
    "Group.Read.All",
    "Group.ReadWrite.All",
    "Directory.Read.All",
    "Directory.ReadWrite.All",
];
const MEMBER_WRITE: &[&str] =
    &["GroupMember.ReadWrite.All", "Group.ReadWrite.All", "Directory.ReadWrite.All"];
const GROUP_CREATE: &[&str] = &["Group.Create", "Group.ReadWrite.All", "Directory.ReadWrite.All"];
const GROUP_WRITE: &[&str] = &["Group.ReadWrite.All", "Directory.ReadWrite.All"];
const DEVICE_READ: &[&str] =
    &["Device.Read.All", "Device.ReadWrite.All", "Directory.Read.All", "Directory.ReadWrite.All"];
const DEVICE_WRITE: &[&str] = &["Device.ReadWrite.All", "Directory.ReadWrite.All"];
const APPLICATION_READ: &[&str] = &[
    "Application.Read.All",
    "Application.ReadWrite.All",
    "Directory.Read.All",
    "Directory.ReadWrite.All",
];
const APPLICATION_WRITE: &[&str] = &["Application.ReadWrite.All", "Directory.ReadWrite.All"];
const CONTACT_READ: &[&str] =
    &["OrgContact.Read.All", "Directory.Read.All", "Directory.ReadWrite.All"];
const UNIT_READ: &[&str] = &[
    "AdministrativeUnit.Read.All",
    "AdministrativeUnit.ReadWrite.All",
    "Directory.Read.All",
    "Directory.ReadWrite.All",
];
const UNIT_WRITE: &[&str] = &["AdministrativeUnit.ReadWrite.All", "Directory.ReadWrite.All"];
const ROLE_READ: &[&str] = &[
    "RoleManagement.Read.Directory",
    "RoleManagement.ReadWrite.Directory",
    "Directory.Read.All",
    "Directory.ReadWrite.All",
];
const DIRECTORY_READ: &[&str] = &["Directory.Read.All", "Directory.ReadWrite.All"];
const ANY_READ: &[&str] = &[
    "Directory.Read.All",
    "Directory.ReadWrite.All",
    "User.Read.All",
    "Group.Read.All",
    "Application.Read.All",
    "Device.Read.All",
];
const LICENCE_WRITE: &[&str] = &[
    "LicenseAssignment.ReadWrite.All",
    "User.ReadWrite.All",
    "Group.ReadWrite.All",
    "Directory.ReadWrite.All",
];
const INVITE: &[&str] = &["User.Invite.All", "User.ReadWrite.All", "Directory.ReadWrite.All"];
const PHOTO_READ: &[&str] =
    &["ProfilePhoto.Read.All", "ProfilePhoto.ReadWrite.All", "User.Read.All", "Group.Read.All"];
const PHOTO_WRITE: &[&str] = &["ProfilePhoto.ReadWrite.All", "User.ReadWrite.All"];
const GRANT_READ: &[&str] =
    &["Directory.Read.All", "DelegatedPermissionGrant.ReadWrite.All", "Directory.ReadWrite.All"];
const GRANT_WRITE: &[&str] = &["DelegatedPermissionGrant.ReadWrite.All", "Directory.ReadWrite.All"];
const ASSIGNMENT_READ: &[&str] =
    &["Directory.Read.All", "Directory.ReadWrite.All", "AppRoleAssignment.ReadWrite.All"];
const ASSIGNMENT_WRITE: &[&str] = &["AppRoleAssignment.ReadWrite.All"];
/// What opens the members of a group with hidden membership.
pub(crate) const HIDDEN: &[&str] = &["Member.Read.Hidden"];

/// The permissions of which a request needs one; an empty list asks for none.
pub(crate) fn needed(resource: &Resource, method: &Method) -> &'static [&'static str] {
    let reads = *method == Method::GET;
    match resource {
        Resource::Collection(kind) if !reads => match kind {
            Kind::Group => GROUP_CREATE,
            kind => write(*kind),
        },
        Resource::Delta(Kind::User) => USER_READ_FULL,
        Resource::Collection(kind) | Resource::Count(kind) | Resource::Delta(kind) => read(*kind),
        Resource::Object(kind, _) if reads => read(*kind),
        Resource::Object(Kind::User, _) if *method == Method::DELETE => USER_DELETE,
        Resource::Object(Kind::User, _) => USER_UPDATE,
        Resource::Object(kind, _) => write(*kind),
        Resource::Linked { link, .. } | Resource::Through { link, .. }
            if !reads && link.connections().is_some() =>
        {
            link.connections().map_or(&[][..], write)
        }
        Resource::Linked { kind, link, .. } | Resource::LinkedCount { kind, link, .. } => {
            linked(*kind, *link)
        }
        Resource::Reference { kind, link, .. } | Resource::Through { kind, link, .. } => {
            if reads {
                linked(*kind, *link)
            } else if (*kind, *link) == (Kind::Group, Link::Members) {
                MEMBER_WRITE
            } else {
                write(*kind)
            }
        }
        Resource::Action { kind, name, .. } => match (kind, name.as_str()) {
            (Kind::User, "revokeSignInSessions") => USER_REVOKE,
            (_, "assignLicense" | "reprocessLicenseAssignment") => LICENCE_WRITE,
            (Kind::User, "changePassword") => USER_WRITE,
            (Kind::Application, _) => APPLICATION_WRITE,
            (Kind::ServicePrincipal, name)
                if name.starts_with("add") || name.starts_with("remove") =>
            {
                APPLICATION_WRITE
            }
            (Kind::Group, "renew") => GROUP_WRITE,
            (Kind::Group, _) => MEMBER_READ,
            (kind, _) => read(*kind),
        },
        Resource::Photo { .. } if reads => PHOTO_READ,
        Resource::Photo { .. } => PHOTO_WRITE,
        Resource::DirectoryObject(_) if *method == Method::DELETE => &["Directory.ReadWrite.All"],
        Resource::DirectoryObject(_)
        | Resource::GetByIds
        | Resource::ObjectAction { .. }
        | Resource::ValidateProperties
        | Resource::AvailableExtensions => ANY_READ,
        Resource::DeletedItems(kind) => kind.map_or(DIRECTORY_READ, read),
        Resource::DeletedItem(_) if reads => ANY_READ,
        Resource::DeletedItem(_) | Resource::Restore(_) => USER_DELETE,
        Resource::Invitations => INVITE,
        // The permission of each type in a delta is checked where the types are read.
        // Described sets have tables of their own.
        Resource::ObjectsDelta | Resource::Set(_) | Resource::Batch | Resource::Me => &[],
    }
}

/// What else opens a resource below `/me` to its user (facts: metadata, permissions of `/me`).
pub(crate) fn own(resource: &Resource, method: &Method) -> &'static [&'static str] {
    let reads = *method == Method::GET;
    match resource {
        Resource::Object(Kind::User, _) if reads => &["User.Read", "User.ReadWrite"],
        Resource::Object(Kind::User, _) if *method == Method::PATCH => &["User.ReadWrite"],
        Resource::Linked { link: Link::MemberOf | Link::TransitiveMemberOf, .. } if reads => {
            &["User.Read"]
        }
        _ => &[],
    }
}

pub(crate) const fn read(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::User => USER_READ,
        Kind::Group => GROUP_READ,
        Kind::Device => DEVICE_READ,
        Kind::Application | Kind::ServicePrincipal | Kind::AppRoleAssignment => APPLICATION_READ,
        Kind::OrgContact => CONTACT_READ,
        Kind::AdministrativeUnit => UNIT_READ,
        Kind::DirectoryRole => ROLE_READ,
        Kind::OAuth2PermissionGrant => GRANT_READ,
    }
}

const fn write(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::User => USER_WRITE,
        Kind::Group => GROUP_WRITE,
        Kind::Device => DEVICE_WRITE,
        Kind::Application | Kind::ServicePrincipal => APPLICATION_WRITE,
        Kind::OrgContact => &["Directory.ReadWrite.All"],
        Kind::AdministrativeUnit => UNIT_WRITE,
        Kind::DirectoryRole => &["RoleManagement.ReadWrite.Directory"],
        Kind::OAuth2PermissionGrant => GRANT_WRITE,
        Kind::AppRoleAssignment => ASSIGNMENT_WRITE,
    }
}

const fn linked(kind: Kind, link: Link) -> &'static [&'static str] {
    match (kind, link) {
        (Kind::ServicePrincipal, Link::AppRoleAssignments | Link::AppRoleAssignedTo) => {
            APPLICATION_READ
        }
        (_, Link::AppRoleAssignments | Link::AppRoleAssignedTo) => ASSIGNMENT_READ,
        (_, Link::OAuth2PermissionGrants) => GRANT_READ,
        (Kind::Group, _) => MEMBER_READ,
        (Kind::User, Link::MemberOf) => DIRECTORY_READ,
        (Kind::User, _) => USER_READ_FULL,
        (kind, _) => read(kind),
    }
}
