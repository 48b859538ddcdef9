//! What a verification has found.

use std::fmt;

use serde::{Serialize, Serializer};

use crate::ObjectId;

/// What a verification has found.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Verification {
    /// The streams that were compared.
    pub streams: Vec<StreamVerification>,
    /// Everything that differs, after it was read twice.
    pub differences: Vec<VerifiedDifference>,
    /// Requests sent.
    pub requests: u64,
    /// Resource units that Graph has charged, as far as it said so.
    pub resource_units: u64,
}

impl Verification {
    /// Whether everything that was compared is equal, or known to be under way.
    pub fn is_equal(&self) -> bool {
        self.streams.iter().all(|it| it.different == 0 && it.unreadable == 0)
    }
}

/// The result of one stream.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
#[expect(missing_docs, reason = "each name says it; units are objects, or owners of edges")]
pub struct StreamVerification {
    pub stream: String,
    pub compared: u64,
    pub equal: u64,
    /// Different, but the next round will bring it: Graph reports it as changed since the last one.
    pub pending: u64,
    pub different: u64,
    /// Of those that differ: in Graph, and not in the store.
    pub missing: u64,
    /// Of those that differ: in the store, and not in Graph.
    pub gone: u64,
    /// Could not be read, so that nothing is known.
    pub unreadable: u64,
    /// Whether Graph's whole collection was read, so that objects were found that the store lacks.
    pub listed: bool,
}

/// Something that is not in the store as it is in Graph.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct VerifiedDifference {
    /// The stream.
    pub stream: String,
    /// The object, or the owner of the edges.
    #[serde(serialize_with = "shown")]
    pub id: ObjectId,
    /// Whether the next round will bring it.
    pub pending: bool,
    /// What differs.
    pub what: FoundDifference,
}

/// How an object, or the edges of an owner, differ.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum FoundDifference {
    /// The store does not have it.
    Missing,
    /// Graph does not know it.
    Gone,
    /// These properties have other values.
    Properties(Vec<String>),
    /// These edges are in one place only.
    Edges {
        /// In Graph, and not in the store.
        #[serde(serialize_with = "all_shown")]
        missing: Vec<ObjectId>,
        /// In the store, and not in Graph.
        #[serde(serialize_with = "all_shown")]
        surplus: Vec<ObjectId>,
    },
    /// It could not be read.
    Unreadable,
}

impl fmt::Display for FoundDifference {
    /// `other values: display_name`, `2 edges only in Graph, 1 only in the store`, …
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing => f.write_str("not in the store"),
            Self::Gone => f.write_str("not in Graph"),
            Self::Properties(names) => write!(f, "other values: {}", names.join(", ")),
            Self::Edges { missing, surplus } => {
                let edges = |n: usize| if n == 1 { "edge" } else { "edges" };
                match (missing.len(), surplus.len()) {
                    (only, 0) => write!(f, "{only} {} only in Graph", edges(only)),
                    (0, only) => write!(f, "{only} {} only in the store", edges(only)),
                    (graph, store) => {
                        write!(
                            f,
                            "{graph} {} only in Graph, {store} only in the store",
                            edges(graph)
                        )
                    }
                }
            }
            Self::Unreadable => f.write_str("could not be read"),
        }
    }
}

fn shown<Z: Serializer>(id: &ObjectId, serializer: Z) -> Result<Z::Ok, Z::Error> {
    serializer.collect_str(id)
}

fn all_shown<Z: Serializer>(ids: &[ObjectId], serializer: Z) -> Result<Z::Ok, Z::Error> {
    serializer.collect_seq(ids.iter().map(ToString::to_string))
}
