//! The truth about a tenant: what every complete reader must end with.

use crate::core::Core;
use crate::directory::truth::{
    Relationship, TrueEdge, TrueMembership, TrueObject, edge_hash, entity_hash, object_hash,
    true_object,
};
use crate::protocol::sets::{self, Scope, schema};
use crate::tenant::{Kind, ObjectId};

/// The live objects and memberships of a tenant at its present moment.
///
/// Memberships count while both ends are live: those of objects in the recycle bin do not.
#[derive(Clone, Copy, Debug)]
pub struct Truth<'a> {
    core: &'a Core,
}

/// A count and an order-independent hash of a set.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct SetHash {
    /// The number of elements.
    pub count: u64,
    /// The sum, modulo 2^64, of the elements' hashes.
    pub hash: u64,
}

impl SetHash {
    /// Adds an element's hash.
    pub fn add(&mut self, hash: u64) {
        self.count += 1;
        self.hash = self.hash.wrapping_add(hash);
    }
}

impl<'a> Truth<'a> {
    pub(crate) fn new(core: &'a Core) -> Self {
        Self { core }
    }

    /// Every live object of a kind, one after the other; nothing is collected.
    pub fn objects(&self, kind: Kind) -> impl Iterator<Item = TrueObject> + 'a {
        let core = self.core;
        let handles: Box<dyn Iterator<Item = _>> =
            Box::new(core.read(|directory| directory.handle_range(kind)).into_iter().flatten());
        handles.filter_map(move |slot| {
            core.read(|directory| {
                let object = directory.object(crate::tenant::Handle::new(kind, slot));
                object.is_live().then(|| true_object(&object))
            })
        })
    }

    /// The identifiers of the live objects of a kind.
    pub fn ids(&self, kind: Kind) -> Vec<ObjectId> {
        let mut ids = Vec::new();
        self.core.read(|directory| directory.each_live(kind, |object| ids.push(object.id())));
        ids
    }

    /// The number of live objects of a kind.
    pub fn count(&self, kind: Kind) -> u64 {
        self.core.read(|directory| directory.count(kind))
    }

    /// Calls `visit` with every direct membership whose both ends are live.
    pub fn each_membership(&self, visit: impl FnMut(TrueMembership)) {
        self.core.read(|directory| directory.each_membership(visit));
    }

    /// Every direct membership whose both ends are live, sorted.
    pub fn memberships(&self) -> Vec<TrueMembership> {
        let mut found = Vec::new();
        self.each_membership(|membership| found.push(membership));
        found.sort_unstable();
        found
    }

    /// A hash of the live objects of a kind over some of their properties.
    ///
    /// An object's hash is the first eight bytes, big-endian, of SHA-256 over its id and, for each
    /// name in the given order, a line feed and the compact JSON of the property (`null` if unset).
    pub fn objects_hash(&self, kind: Kind, names: &[&str]) -> SetHash {
        let mut hash = SetHash::default();
        self.core.read(|directory| {
            directory.each_live(kind, |object| hash.add(object_hash(&object, names)));
        });
        hash
    }

    /// Calls `visit` with every edge of a relationship whose both ends are live.
    pub fn each_edge(&self, relationship: Relationship, mut visit: impl FnMut(TrueEdge)) {
        let (kinds, relation) = relationship.parts();
        self.core.read(|directory| {
            for source in kinds.iter().flat_map(|kind| directory.handles(*kind, 0)) {
                directory.each_edge_of(relation, source, &mut visit);
            }
        });
    }

    /// Every edge of a relationship whose both ends are live, sorted.
    pub fn edges(&self, relationship: Relationship) -> Vec<TrueEdge> {
        let mut found = Vec::new();
        self.each_edge(relationship, |edge| found.push(edge));
        found.sort_unstable();
        found
    }

    /// A hash of the edges of a relationship; that of one is made like a membership's.
    pub fn edges_hash(&self, relationship: Relationship) -> SetHash {
        let mut hash = SetHash::default();
        self.each_edge(relationship, |edge| hash.add(edge_hash(edge.source, edge.target)));
        hash
    }

    /// Calls `visit` with every entity of a set that belongs to the whole tenant, such as
    /// `roleManagement/directory/roleAssignments`; false if there is no such set.
    pub fn each_entity(
        &self,
        path: &str,
        mut visit: impl FnMut(serde_json::Map<String, serde_json::Value>),
    ) -> bool {
        let Some(set) = sets::named(path) else { return false };
        self.core.read(|directory| {
            let Ok(scope) = Scope::open(directory, set, &[], directory.now) else { return false };
            for (_, entity) in scope.entities(0, None) {
                visit(schema::shape(entity, set.entity));
            }
            true
        })
    }

    /// A hash of the entities of a set over some of their properties, made like that of objects;
    /// none if there is no such set.
    pub fn entities_hash(&self, path: &str, names: &[&str]) -> Option<SetHash> {
        let mut hash = SetHash::default();
        let known = self.each_entity(path, |entity| {
            let key = Scope::key_of(&entity).to_owned();
            hash.add(entity_hash(&key, &entity, names));
        });
        known.then_some(hash)
    }

    /// A hash of the memberships; that of one is the first eight bytes, big-endian, of SHA-256 over
    /// the group's id followed by the member's.
    pub fn memberships_hash(&self) -> SetHash {
        let mut hash = SetHash::default();
        self.each_membership(|edge| hash.add(edge_hash(edge.group, edge.member)));
        hash
    }
}
