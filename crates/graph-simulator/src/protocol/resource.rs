//! What a path addresses.

use super::errors::Refusal;
use super::path::{Path, Segment};
use super::photo;
use super::sets::{self, Part, Target};
use crate::tenant::Kind;

/// A key of an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Key {
    /// An id, or a user principal name.
    Primary(String),
    /// An alternate key by name.
    Alternate(String, String),
}

/// A relationship that can be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Link {
    Members,
    TransitiveMembers,
    MemberOf,
    TransitiveMemberOf,
    Owners,
    OwnedObjects,
    OwnedDevices,
    RegisteredOwners,
    RegisteredUsers,
    RegisteredDevices,
    DirectReports,
    Manager,
    Sponsors,
    CreatedObjects,
    MembersWithLicenseErrors,
    AppRoleAssignments,
    AppRoleAssignedTo,
    OAuth2PermissionGrants,
}

impl Link {
    /// The name of the navigation property.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Members => "members",
            Self::TransitiveMembers => "transitiveMembers",
            Self::MemberOf => "memberOf",
            Self::TransitiveMemberOf => "transitiveMemberOf",
            Self::Owners => "owners",
            Self::OwnedObjects => "ownedObjects",
            Self::OwnedDevices => "ownedDevices",
            Self::RegisteredOwners => "registeredOwners",
            Self::RegisteredUsers => "registeredUsers",
            Self::RegisteredDevices => "registeredDevices",
            Self::DirectReports => "directReports",
            Self::Manager => "manager",
            Self::Sponsors => "sponsors",
            Self::CreatedObjects => "createdObjects",
            Self::MembersWithLicenseErrors => "membersWithLicenseErrors",
            Self::AppRoleAssignments => "appRoleAssignments",
            Self::AppRoleAssignedTo => "appRoleAssignedTo",
            Self::OAuth2PermissionGrants => "oauth2PermissionGrants",
        }
    }

    /// The relationships of a kind.
    const fn of(kind: Kind) -> &'static [Self] {
        match kind {
            Kind::User => &[
                Self::MemberOf,
                Self::TransitiveMemberOf,
                Self::Manager,
                Self::DirectReports,
                Self::OwnedObjects,
                Self::OwnedDevices,
                Self::RegisteredDevices,
                Self::Sponsors,
                Self::CreatedObjects,
                Self::AppRoleAssignments,
                Self::OAuth2PermissionGrants,
            ],
            Kind::Group => &[
                Self::Members,
                Self::TransitiveMembers,
                Self::MemberOf,
                Self::TransitiveMemberOf,
                Self::Owners,
                Self::MembersWithLicenseErrors,
                Self::AppRoleAssignments,
            ],
            Kind::Device => &[
                Self::MemberOf,
                Self::TransitiveMemberOf,
                Self::RegisteredOwners,
                Self::RegisteredUsers,
            ],
            Kind::Application => &[Self::Owners],
            Kind::OrgContact => &[Self::MemberOf, Self::TransitiveMemberOf],
            Kind::AdministrativeUnit | Kind::DirectoryRole => &[Self::Members],
            Kind::ServicePrincipal => &[
                Self::MemberOf,
                Self::TransitiveMemberOf,
                Self::Owners,
                Self::OwnedObjects,
                Self::CreatedObjects,
                Self::AppRoleAssignments,
                Self::AppRoleAssignedTo,
                Self::OAuth2PermissionGrants,
            ],
            Kind::OAuth2PermissionGrant | Kind::AppRoleAssignment => &[],
        }
    }

    /// The kind of what stands at its other end, where that is no directory object with a set of its own.
    pub(crate) const fn connections(self) -> Option<Kind> {
        match self {
            Self::AppRoleAssignments | Self::AppRoleAssignedTo => Some(Kind::AppRoleAssignment),
            Self::OAuth2PermissionGrants => Some(Kind::OAuth2PermissionGrant),
            _ => None,
        }
    }

    /// The relationship of a kind with a name.
    pub(crate) fn named(kind: Kind, name: &str) -> Option<Self> {
        Self::of(kind).iter().copied().find(|link| link.name() == name)
    }
}

/// What a path addresses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Resource {
    Collection(Kind),
    Count(Kind),
    Delta(Kind),
    Object(Kind, Key),
    /// A relationship, perhaps cast to one kind.
    Linked {
        kind: Kind,
        key: Key,
        link: Link,
        cast: Option<Kind>,
    },
    /// `/$count` of a relationship.
    LinkedCount {
        kind: Kind,
        key: Key,
        link: Link,
        cast: Option<Kind>,
    },
    /// `/$ref` of a relationship, perhaps with the object at its other end.
    Reference {
        kind: Kind,
        key: Key,
        link: Link,
        target: Option<String>,
    },
    /// An object addressed through a relationship, without `$ref`.
    Through {
        kind: Kind,
        key: Key,
        link: Link,
        target: String,
    },
    /// An action or function bound to an object.
    Action {
        kind: Kind,
        key: Key,
        name: String,
    },
    /// A photo: of a size, of every size (an empty one), or the largest; its value or what is known of it.
    Photo {
        kind: Kind,
        key: Key,
        size: Option<String>,
        value: bool,
    },
    DirectoryObject(String),
    /// An action bound to a directory object of whatever kind.
    ObjectAction {
        id: String,
        name: String,
    },
    /// Delta over directory objects of several kinds.
    ObjectsDelta,
    GetByIds,
    ValidateProperties,
    AvailableExtensions,
    DeletedItems(Option<Kind>),
    DeletedItem(String),
    Restore(String),
    /// A set that is described as data, or something in it.
    Set(Box<Target>),
    Invitations,
    Batch,
    Me,
}

/// Actions and functions bound to an object of a kind.
const fn actions(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::User => &[
            "revokeSignInSessions",
            "getMemberGroups",
            "getMemberObjects",
            "checkMemberGroups",
            "checkMemberObjects",
            "assignLicense",
            "reprocessLicenseAssignment",
            "changePassword",
            "retryServiceProvisioning",
            "exportPersonalData",
        ],
        Kind::Group => &[
            "getMemberGroups",
            "getMemberObjects",
            "checkMemberGroups",
            "checkMemberObjects",
            "assignLicense",
            "renew",
            "retryServiceProvisioning",
            "addFavorite",
            "removeFavorite",
        ],
        Kind::ServicePrincipal => &[
            "getMemberGroups",
            "getMemberObjects",
            "checkMemberGroups",
            "checkMemberObjects",
            "addPassword",
            "removePassword",
            "addKey",
            "removeKey",
            "addTokenSigningCertificate",
        ],
        Kind::Device | Kind::OrgContact => MEMBERSHIP_ACTIONS,
        Kind::Application => &[
            "addPassword",
            "removePassword",
            "addKey",
            "removeKey",
            "setVerifiedPublisher",
            "unsetVerifiedPublisher",
        ],
        Kind::AdministrativeUnit
        | Kind::DirectoryRole
        | Kind::OAuth2PermissionGrant
        | Kind::AppRoleAssignment => &[],
    }
}

const MEMBERSHIP_ACTIONS: &[&str] =
    &["getMemberGroups", "getMemberObjects", "checkMemberGroups", "checkMemberObjects"];

/// Reads what a path addresses.
pub(crate) fn resolve(path: &Path) -> Result<Resource, Refusal> {
    let texts = path.texts();
    let Some(first) = texts.first() else { return Err(Refusal::malformed("Empty request path.")) };
    if let Some(target) = Target::of(&path.segments) {
        return Ok(Resource::Set(Box::new(target)));
    }
    if let Some(kind) = Kind::of_entity_set(first).filter(|kind| *kind != Kind::AppRoleAssignment) {
        return in_entity_set(kind, &path.segments[1..]);
    }
    if let ["directory", "administrativeUnits", ..] = texts.as_slice() {
        return in_entity_set(Kind::AdministrativeUnit, &path.segments[2..]);
    }
    match texts.as_slice() {
        ["$batch"] => Ok(Resource::Batch),
        ["me", ..] => Ok(Resource::Me),
        ["invitations"] => Ok(Resource::Invitations),
        ["directoryObjects", name] if bare(name) == "getByIds" => Ok(Resource::GetByIds),
        ["directoryObjects", name] if bare(name) == "delta" => Ok(Resource::ObjectsDelta),
        ["directoryObjects", name] if bare(name) == "validateProperties" => {
            Ok(Resource::ValidateProperties)
        }
        ["directoryObjects", name] if bare(name) == "getAvailableExtensionProperties" => {
            Ok(Resource::AvailableExtensions)
        }
        ["directoryObjects", id] => Ok(Resource::DirectoryObject((*id).to_owned())),
        ["directoryObjects", id, name] if MEMBERSHIP_ACTIONS.contains(&bare(name)) => {
            Ok(Resource::ObjectAction { id: (*id).to_owned(), name: bare(name).to_owned() })
        }
        ["directory", "deletedItems"] => Ok(Resource::DeletedItems(None)),
        ["directory", "deletedItems", id] => match id.strip_prefix("microsoft.graph.") {
            Some(cast) => Kind::of_entity_type(cast)
                .filter(|kind| Kind::OBJECTS.contains(kind))
                .map(|kind| Resource::DeletedItems(Some(kind)))
                .ok_or_else(|| Refusal::no_segment(id)),
            None => Ok(Resource::DeletedItem((*id).to_owned())),
        },
        ["directory", "deletedItems", id, name] if bare(name) == "restore" => {
            Ok(Resource::Restore((*id).to_owned()))
        }
        ["directory", second, ..] => Err(Refusal::no_segment(second)),
        [first, .., last] if is_root(first) => Err(Refusal::no_segment(last)),
        [first, ..] => Err(Refusal::no_segment(first)),
        [] => Err(Refusal::malformed("Empty request path.")),
    }
}

/// Whether paths below this segment exist.
fn is_root(first: &str) -> bool {
    first == "directoryObjects"
        || sets::all()
            .iter()
            .any(|set| matches!(set.parts.first(), Some(Part::Name(name)) if *name == first))
}

/// A name without the namespace that actions, functions and casts may carry.
fn bare(name: &str) -> &str {
    name.strip_prefix("microsoft.graph.").unwrap_or(name)
}

fn in_entity_set(kind: Kind, rest: &[Segment]) -> Result<Resource, Refusal> {
    match rest {
        [] => Ok(Resource::Collection(kind)),
        [Segment::Plain(name)] if name == "$count" => Ok(Resource::Count(kind)),
        [Segment::Plain(name)] if bare(name) == "delta" => Ok(Resource::Delta(kind)),
        [Segment::Alternate(name, value), rest @ ..] => {
            if !alternate_keys(kind).contains(&name.as_str()) {
                return Err(Refusal::malformed(format!("The key property '{name}' is not valid.")));
            }
            below(kind, Key::Alternate(name.clone(), value.clone()), rest)
        }
        [key, rest @ ..] => below(kind, Key::Primary(key.text().to_owned()), rest),
    }
}

const fn alternate_keys(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::User => &["userPrincipalName"],
        Kind::Group => &["uniqueName"],
        Kind::Device => &["deviceId"],
        Kind::Application => &["appId", "uniqueName"],
        Kind::ServicePrincipal => &["appId"],
        Kind::DirectoryRole => &["roleTemplateId"],
        Kind::OrgContact
        | Kind::AdministrativeUnit
        | Kind::OAuth2PermissionGrant
        | Kind::AppRoleAssignment => &[],
    }
}

fn below(kind: Kind, key: Key, rest: &[Segment]) -> Result<Resource, Refusal> {
    let Some(first) = rest.first() else { return Ok(Resource::Object(kind, key)) };
    if let (Kind::User | Kind::Group, Some((size, value))) = (kind, photo(rest)) {
        return Ok(Resource::Photo { kind, key, size, value });
    }
    let name = bare(first.text());
    if let (true, [_]) = (actions(kind).contains(&name), rest) {
        return Ok(Resource::Action { kind, key, name: name.to_owned() });
    }
    let Some(link) = Link::named(kind, first.text()) else {
        return Err(Refusal::no_segment(first.text()));
    };
    along(kind, key, link, &rest[1..])
}

/// The size of the photo that a path leads to, and whether it is the picture itself.
fn photo(rest: &[Segment]) -> Option<(Option<String>, bool)> {
    let texts: Vec<&str> = rest.iter().map(Segment::text).collect();
    let known = |size: &str| {
        let square = |width: &u32| format!("{width}x{width}").eq_ignore_ascii_case(size);
        photo::SIZES.iter().any(square).then(|| size.to_owned())
    };
    match texts.as_slice() {
        ["photo"] => Some((None, false)),
        ["photo", "$value"] => Some((None, true)),
        ["photos"] => Some((Some(String::new()), false)),
        ["photos", size] => Some((Some(known(size)?), false)),
        ["photos", size, "$value"] => Some((Some(known(size)?), true)),
        _ => None,
    }
}

fn along(kind: Kind, key: Key, link: Link, rest: &[Segment]) -> Result<Resource, Refusal> {
    let texts: Vec<&str> = rest.iter().map(Segment::text).collect();
    let cast = |name: &str| {
        let kind =
            name.starts_with("microsoft.graph.").then(|| Kind::of_entity_type(name)).flatten();
        kind.ok_or_else(|| Refusal::no_segment(name))
    };
    match texts.as_slice() {
        [] => Ok(Resource::Linked { kind, key, link, cast: None }),
        ["$count"] => Ok(Resource::LinkedCount { kind, key, link, cast: None }),
        ["$ref"] => Ok(Resource::Reference { kind, key, link, target: None }),
        [target, "$ref"] if link != Link::Manager => {
            Ok(Resource::Reference { kind, key, link, target: Some((*target).to_owned()) })
        }
        [name, "$count"] => Ok(Resource::LinkedCount { kind, key, link, cast: Some(cast(name)?) }),
        [name] if name.starts_with("microsoft.graph.") => {
            Ok(Resource::Linked { kind, key, link, cast: Some(cast(name)?) })
        }
        [target] if link != Link::Manager => {
            Ok(Resource::Through { kind, key, link, target: (*target).to_owned() })
        }
        [.., last] => Err(Refusal::no_segment(last)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(path: &str) -> Result<Resource, Refusal> {
        resolve(&Path::parse(&format!("/v1.0{path}")).unwrap())
    }

    #[test]
    fn paths_address_what_they_say() {
        let key = || Key::Primary("x".into());
        assert_eq!(read("/users"), Ok(Resource::Collection(Kind::User)));
        assert_eq!(read("/users/microsoft.graph.delta()"), Ok(Resource::Delta(Kind::User)));
        assert_eq!(read("/users('x')"), Ok(Resource::Object(Kind::User, key())));
        let members =
            |cast| Resource::Linked { kind: Kind::Group, key: key(), link: Link::Members, cast };
        assert_eq!(read("/groups/x/members"), Ok(members(None)));
        assert_eq!(read("/groups/x/members/microsoft.graph.user"), Ok(members(Some(Kind::User))));
        let reference = Resource::Reference {
            kind: Kind::Group,
            key: key(),
            link: Link::Members,
            target: Some("y".into()),
        };
        assert_eq!(read("/groups/x/members/y/$ref"), Ok(reference));
        let key = Key::Alternate("appId".into(), "a".into());
        assert_eq!(read("/applications(appId='a')"), Ok(Resource::Object(Kind::Application, key)));
        assert_eq!(
            read("/directory/deletedItems/microsoft.graph.user"),
            Ok(Resource::DeletedItems(Some(Kind::User)))
        );
    }

    #[test]
    fn unknown_segments_are_named() {
        for (path, segment) in [
            ("/nope", "nope"),
            ("/users/x/nope", "nope"),
            ("/users/x/members", "members"),
            ("/groups/x/members/microsoft.graph.ship", "microsoft.graph.ship"),
            ("/groups/x/members/y/z", "z"),
            ("/devices/x/owners", "owners"),
            ("/users/x/manager/y", "y"),
        ] {
            let refusal = read(path).unwrap_err();
            assert_eq!(
                refusal.message,
                format!("Resource not found for the segment '{segment}'."),
                "{path}"
            );
        }
    }
}
