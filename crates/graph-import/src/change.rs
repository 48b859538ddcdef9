//! The change feed: what imports have changed, numbered.

use std::fmt;

use serde::Serialize;

use crate::ObjectId;

/// One entry of a store's change feed. An import writes it in the transaction that makes the change,
/// and never for a replay of what is known (cases: I4).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Change {
    /// Its place in the feed: rises, is never given twice, and may leave gaps.
    pub number: u64,
    /// The run that made it.
    pub run: u64,
    /// When, RFC 3339 in UTC.
    pub at: String,
    /// The stream.
    pub stream: String,
    /// What happened.
    pub operation: ChangeOperation,
    /// The object, or the owner of the edge; none where the stream as a whole is meant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<ObjectId>,
    /// The other end of an edge.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target_id: Option<ObjectId>,
    /// The type of the other end, `user`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target_type: Option<String>,
    /// Why, where the operation does not say it: `soft_deleted`, `hard_deleted`,
    /// `absent_from_full_round`, `removed`, `endpoint_deleted`, `left_scope`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cause: Option<String>,
    /// Of an update: the columns that differ, and by Graph's names the properties that no column holds.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub columns: Vec<String>,
}

/// What happened to an object, an edge or a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ChangeOperation {
    /// The stream was read as a whole for the first time: all that it holds is new. Its objects and
    /// edges have no changes of their own before this one.
    Loaded,
    /// The object is new.
    Created,
    /// The object has other properties, or the edge another type.
    Updated,
    /// The object is gone; the cause says how.
    Deleted,
    /// The object is back.
    Restored,
    /// The edge is new.
    Added,
    /// The edge is gone.
    Removed,
}

impl ChangeOperation {
    /// Every operation, in the order of the documentation.
    pub const ALL: [Self; 7] = [
        Self::Loaded,
        Self::Created,
        Self::Updated,
        Self::Deleted,
        Self::Restored,
        Self::Added,
        Self::Removed,
    ];

    /// The spelling in a store.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Loaded => "loaded",
            Self::Created => "created",
            Self::Updated => "updated",
            Self::Deleted => "deleted",
            Self::Restored => "restored",
            Self::Added => "added",
            Self::Removed => "removed",
        }
    }

    /// Reads [`ChangeOperation::as_str`].
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|operation| operation.as_str() == text)
    }
}

impl fmt::Display for ChangeOperation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
