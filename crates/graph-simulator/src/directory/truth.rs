//! What a complete reader must have ended with: objects, edges and hashes of them.

use sha2::{Digest, Sha256};

use super::{Directory, MemberPosition, Object, Relation};
use crate::protocol::json::Json;
use crate::tenant::{Handle, Kind, ObjectId, property};

/// A live object of the tenant.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct TrueObject {
    /// Its kind.
    pub kind: Kind,
    /// Its identifier. A delegated grant or an app-role assignment is named by its `id` among the
    /// properties instead.
    pub id: ObjectId,
    /// Every property the simulator knows, nulls included.
    pub properties: serde_json::Map<String, serde_json::Value>,
}

/// A direct membership whose both ends are live.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub struct TrueMembership {
    /// The group.
    pub group: ObjectId,
    /// The member.
    pub member: ObjectId,
    /// The member's kind.
    pub kind: Kind,
}

/// A relationship that is listed whole: everything but the memberships of groups.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Relationship {
    /// Owners of groups, applications and service principals.
    Owners,
    /// Members of administrative units.
    UnitMembers,
    /// Holders of activated directory roles.
    RoleMembers,
    /// Managers of users.
    Managers,
    /// Sponsors of users.
    Sponsors,
    /// Owners of devices.
    RegisteredOwners,
    /// Users of devices.
    RegisteredUsers,
}

impl Relationship {
    /// Every relationship.
    pub const ALL: [Self; 7] = [
        Self::Owners,
        Self::UnitMembers,
        Self::RoleMembers,
        Self::Managers,
        Self::Sponsors,
        Self::RegisteredOwners,
        Self::RegisteredUsers,
    ];

    /// Its name on the simulator's own pages.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Owners => "owners",
            Self::UnitMembers => "unitMembers",
            Self::RoleMembers => "roleMembers",
            Self::Managers => "managers",
            Self::Sponsors => "sponsors",
            Self::RegisteredOwners => "registeredOwners",
            Self::RegisteredUsers => "registeredUsers",
        }
    }

    /// The relationship with a name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|relationship| relationship.name() == name)
    }

    /// The kinds it starts from, and how it is kept.
    pub(crate) const fn parts(self) -> (&'static [Kind], Relation) {
        match self {
            Self::Owners => {
                (&[Kind::Group, Kind::Application, Kind::ServicePrincipal], Relation::Owners)
            }
            Self::UnitMembers => (&[Kind::AdministrativeUnit], Relation::Members),
            Self::RoleMembers => (&[Kind::DirectoryRole], Relation::Members),
            Self::Managers => (&[Kind::User], Relation::Manager),
            Self::Sponsors => (&[Kind::User], Relation::Sponsors),
            Self::RegisteredOwners => (&[Kind::Device], Relation::RegisteredOwners),
            Self::RegisteredUsers => (&[Kind::Device], Relation::RegisteredUsers),
        }
    }
}

/// An edge of a relationship whose both ends are live.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub struct TrueEdge {
    /// The object it starts from.
    pub source: ObjectId,
    /// The object it leads to.
    pub target: ObjectId,
    /// The kind of the latter.
    pub kind: Kind,
}

impl Directory<'_> {
    /// Calls `visit` with every edge of a relationship that starts from an object.
    pub(crate) fn each_edge_of(
        &self,
        relation: Relation,
        source: Handle,
        mut visit: impl FnMut(TrueEdge),
    ) {
        if !self.object(source).is_live() {
            return;
        }
        let targets = match relation {
            Relation::Manager => self.manager(source).into_iter().collect(),
            relation => self.targets(relation, source),
        };
        for target in targets {
            let (source, kind) = (self.tenant.id(source), target.kind);
            visit(TrueEdge { source, target: self.tenant.id(target), kind });
        }
    }

    /// Calls `visit` with every live object of a kind.
    pub(crate) fn each_live(&self, kind: Kind, mut visit: impl FnMut(Object<'_>)) {
        for handle in self.handles(kind, 0) {
            let object = self.object(handle);
            if object.is_live() {
                visit(object);
            }
        }
    }

    /// Calls `visit` with every membership whose both ends are live.
    pub(crate) fn each_membership(&self, mut visit: impl FnMut(TrueMembership)) {
        for group in self.handles(Kind::Group, 0) {
            self.each_membership_of(group, &mut visit);
        }
    }

    /// Calls `visit` with every membership of a group whose both ends are live.
    pub(crate) fn each_membership_of(&self, group: Handle, mut visit: impl FnMut(TrueMembership)) {
        let group = self.object(group);
        if !group.is_live() {
            return;
        }
        for (_, member) in self.members(group.handle(), MemberPosition::default()) {
            let object = self.object(member);
            if object.is_live() {
                visit(TrueMembership { group: group.id(), member: object.id(), kind: member.kind });
            }
        }
    }
}

/// The whole of an object.
pub(crate) fn true_object(object: &Object<'_>) -> TrueObject {
    let properties = object.properties().iter();
    TrueObject {
        kind: object.kind(),
        id: object.id(),
        properties: properties
            .map(|property| (property.name.to_owned(), object.value(property)))
            .collect(),
    }
}

/// A hash of some properties of an object: the first eight bytes of SHA-256 over the id and, for
/// each name, a line feed and the property's compact JSON.
pub(crate) fn object_hash(object: &Object<'_>, names: &[&str]) -> u64 {
    let mut json = Json::with_capacity(256);
    for name in names {
        json.rewind(json.len(), false);
        json.raw(b"\n");
        json.rewind(json.len(), false);
        match property(object.kind(), name) {
            Some(property) => object.write(property, &mut json),
            None => json.null(),
        }
    }
    let mut hash = Sha256::new();
    hash.update(object.key());
    hash.update(json.as_bytes());
    first_word(&hash.finalize())
}

/// The hash of an edge: the first eight bytes of SHA-256 over both ids.
pub(crate) fn edge_hash(source: ObjectId, target: ObjectId) -> u64 {
    let mut hash = Sha256::new();
    hash.update(source.to_text());
    hash.update(target.to_text());
    first_word(&hash.finalize())
}

/// The hash of an entity of a described set, made like that of an object.
pub(crate) fn entity_hash(
    key: &str,
    entity: &serde_json::Map<String, serde_json::Value>,
    names: &[&str],
) -> u64 {
    let mut hash = Sha256::new();
    hash.update(key);
    for name in names {
        hash.update(b"\n");
        let value = entity.get(*name).unwrap_or(&serde_json::Value::Null);
        hash.update(value.to_string());
    }
    first_word(&hash.finalize())
}

fn first_word(digest: &[u8]) -> u64 {
    let bytes = digest.first_chunk::<8>().expect("SHA-256 has 32 bytes");
    u64::from_be_bytes(*bytes)
}
