//! The kinds of directory object a tenant holds.

/// A kind of directory object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Kind {
    /// A user, member or guest.
    User,
    /// A security, Microsoft 365, dynamic or mail-enabled group.
    Group,
    /// A registered, joined or hybrid-joined device.
    Device,
    /// An application registration.
    Application,
    /// The local representation of an application, or a managed identity.
    ServicePrincipal,
    /// A contact outside the organization, from the mail system.
    OrgContact,
    /// A unit that administration is delegated by.
    AdministrativeUnit,
    /// An activated directory role.
    DirectoryRole,
    /// A delegated permission grant; it is no directory object, and its `id` is no GUID.
    OAuth2PermissionGrant,
    /// An application role that a user, group or service principal holds; its `id` is no GUID.
    AppRoleAssignment,
}

impl Kind {
    /// Every kind, in the order of their numbers.
    pub const ALL: [Self; 10] = [
        Self::User,
        Self::Group,
        Self::Device,
        Self::Application,
        Self::ServicePrincipal,
        Self::OrgContact,
        Self::AdministrativeUnit,
        Self::DirectoryRole,
        Self::OAuth2PermissionGrant,
        Self::AppRoleAssignment,
    ];

    /// Kinds that inherit from `directoryObject` and have an entity set of their own.
    pub(crate) const OBJECTS: [Self; 8] = [
        Self::User,
        Self::Group,
        Self::Device,
        Self::Application,
        Self::ServicePrincipal,
        Self::OrgContact,
        Self::AdministrativeUnit,
        Self::DirectoryRole,
    ];

    /// Kinds that can be members of a group.
    pub(crate) const MEMBERS: [Self; 5] =
        [Self::User, Self::Device, Self::ServicePrincipal, Self::OrgContact, Self::Group];

    /// The name of the entity set, as in `/users`.
    pub const fn entity_set(self) -> &'static str {
        match self {
            Self::User => "users",
            Self::Group => "groups",
            Self::Device => "devices",
            Self::Application => "applications",
            Self::ServicePrincipal => "servicePrincipals",
            Self::OrgContact => "contacts",
            Self::AdministrativeUnit => "administrativeUnits",
            Self::DirectoryRole => "directoryRoles",
            Self::OAuth2PermissionGrant => "oauth2PermissionGrants",
            Self::AppRoleAssignment => "appRoleAssignments",
        }
    }

    /// The path of the entity set below the version, without a leading slash.
    pub const fn path(self) -> &'static str {
        match self {
            Self::AdministrativeUnit => "directory/administrativeUnits",
            kind => kind.entity_set(),
        }
    }

    /// The name of the entity type without its namespace, as in `microsoft.graph.user`.
    pub const fn entity_type(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Group => "group",
            Self::Device => "device",
            Self::Application => "application",
            Self::ServicePrincipal => "servicePrincipal",
            Self::OrgContact => "orgContact",
            Self::AdministrativeUnit => "administrativeUnit",
            Self::DirectoryRole => "directoryRole",
            Self::OAuth2PermissionGrant => "oAuth2PermissionGrant",
            Self::AppRoleAssignment => "appRoleAssignment",
        }
    }

    /// The value of `@odata.type`.
    pub const fn odata_type(self) -> &'static str {
        match self {
            Self::User => "#microsoft.graph.user",
            Self::Group => "#microsoft.graph.group",
            Self::Device => "#microsoft.graph.device",
            Self::Application => "#microsoft.graph.application",
            Self::ServicePrincipal => "#microsoft.graph.servicePrincipal",
            Self::OrgContact => "#microsoft.graph.orgContact",
            Self::AdministrativeUnit => "#microsoft.graph.administrativeUnit",
            Self::DirectoryRole => "#microsoft.graph.directoryRole",
            Self::OAuth2PermissionGrant => "#microsoft.graph.oAuth2PermissionGrant",
            Self::AppRoleAssignment => "#microsoft.graph.appRoleAssignment",
        }
    }

    /// Whether an object of this kind ends with the objects that it connects, and is named by an
    /// opaque text instead of a GUID.
    pub(crate) const fn connects(self) -> bool {
        matches!(self, Self::OAuth2PermissionGrant | Self::AppRoleAssignment)
    }

    /// The kind that `name` is the entity set of.
    pub fn of_entity_set(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.entity_set() == name)
    }

    /// The kind that `name`, with or without `microsoft.graph.`, is the type of.
    pub fn of_entity_type(name: &str) -> Option<Self> {
        let name = name.strip_prefix("microsoft.graph.").unwrap_or(name);
        Self::ALL.into_iter().find(|kind| kind.entity_type().eq_ignore_ascii_case(name))
    }

    /// The number under which this kind draws its identifiers and its chances.
    pub(crate) const fn tag(self) -> u8 {
        self as u8 + 1
    }

    pub(crate) fn of_tag(tag: u8) -> Option<Self> {
        Self::ALL.get(usize::from(tag.checked_sub(1)?)).copied()
    }
}
