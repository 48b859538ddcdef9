//! What a complete reader must have ended with: objects, edges and hashes of them.

use sha2::{Digest, Sha256};

use super::{Directory, MemberPosition, Object};
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

impl Directory<'_> {
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
pub(crate) fn edge_hash(edge: &TrueMembership) -> u64 {
    let mut hash = Sha256::new();
    hash.update(edge.group.to_text());
    hash.update(edge.member.to_text());
    first_word(&hash.finalize())
}

fn first_word(digest: &[u8]) -> u64 {
    let bytes = digest.first_chunk::<8>().expect("SHA-256 has 32 bytes");
    u64::from_be_bytes(*bytes)
}
