//! What an import reads: one plan per stream of a system file.

mod build;
mod cloud;
mod column;
mod property;
mod scope;
mod window;

pub use cloud::Variant;
pub use column::{Column, ColumnKind};
pub use property::UnknownProperty;
pub use scope::InvalidFilter;
pub use window::Window;

use crate::ApiVersion;

/// One stream of a system: where an import reads an entity, what it selects and which columns it keeps.
///
/// A stream is pure data. `endpoint` has no version and no host; the importer joins it to the
/// configured cloud. A plan that is read for one cloud is [`StreamPlan::in_cloud`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct StreamPlan {
    /// The stream's name, `users`.
    pub name: String,
    /// What it reads, in a sentence; empty when the file does not say.
    pub summary: String,
    /// The entity that its items are, `user`; for edges the kind of edge, `member`.
    pub entity: String,
    /// Path below the API version, `/users/delta`; edges that are read per owner carry one
    /// placeholder, `/groups/{id}/members`.
    pub endpoint: String,
    /// API version the stream reads.
    pub version: ApiVersion,
    /// How the stream advances from one round to the next.
    pub kind: StreamKind,
    /// The derived type that is read of a collection of several, `appRoleAssignment` of
    /// `/directoryObjects/delta`; asked for with `isof`.
    pub of_type: Option<String>,
    /// The properties whose values identify an item; `id`, unless the file says otherwise. The
    /// values of several are joined by `:`.
    pub key: Vec<String>,
    /// The property that the views show as `external_id`; `id`, unless the file says otherwise.
    pub external_id: String,
    /// Graph properties to ask for, each once: the key, then the columns' properties, then the
    /// file's extra ones. No relations.
    pub select: Vec<String>,
    /// Relations that the delta query tracks as well, `members`: their changes arrive as
    /// `members@delta`. Of edges that are read out of a delta query, the one relation that they are.
    pub relations: Vec<String>,
    /// The collection that the first load of a delta stream may read in place of the delta query.
    pub scan: Option<Scan>,
    /// Which objects are read, as an OData `$filter`; all when absent. See [`StreamPlan::in_cloud`]
    /// for what that does to a delta stream.
    pub filter: Option<String>,
    /// Of a stream of [`StreamKind::Window`]: how its time is cut.
    pub window: Option<Window>,
    /// Columns of the store, in the order of the file.
    pub columns: Vec<Column>,
    /// Further columns, by the name under which they are [included](StreamPlan::include).
    pub column_sets: Vec<(String, Vec<Column>)>,
    /// Items per page (`$top`, or `Prefer: odata.maxpagesize` on delta); Graph's default when absent.
    pub page_size: Option<u16>,
    /// Least application permission that reads the stream, `User.Read.All`.
    pub permission: Option<String>,
    /// Whether an import without the permission fails (`true`) or skips the stream and says so.
    pub required: bool,
    /// Whether an import reads it unless it is told otherwise.
    pub enabled: bool,
    /// Clouds that do not offer it, by their names in a system file.
    pub unavailable_in: Vec<String>,
    /// How it is read in single clouds, where that differs.
    pub per_cloud: Vec<(String, Variant)>,
}

/// How a stream advances from one round to the next.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum StreamKind {
    /// A delta query: rounds continue at the stored delta link.
    Delta,
    /// A plain collection, read as a whole in every round.
    Full,
    /// A log: a collection to which items are only ever added, read by spans of time. What was read
    /// stays; [`StreamPlan::window`] says how.
    Window,
    /// Edges of the objects of another stream: read per object, or, where the endpoint is a delta
    /// query, out of the changes of a relation that leads to one object at most.
    Edges {
        /// The stream whose objects own the edges, `groups`.
        of: String,
    },
}

/// The plain collection that holds the objects of a delta stream: a first load reads it in parallel
/// parts and then follows the delta (the handover). Its query selects [`StreamPlan::select`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Scan {
    /// Path below the API version, `/users`.
    pub endpoint: String,
    /// The text property by whose values the collection is read in parts, `userPrincipalName`; it is
    /// always selected, so that each object can be checked against its part. `None` reads it in one.
    pub partition: Option<String>,
}

impl StreamPlan {
    /// Longest name of a stream, entity or column, in bytes: it becomes part of a table's name.
    pub const LONGEST_NAME: usize = 48;
    /// Beginnings of the names that a store keeps for its own tables and views.
    pub const RESERVED_PREFIXES: [&str; 9] = [
        "import_",
        "object_",
        "next_",
        "history_",
        "edge_",
        "closed_",
        "deleted_",
        "out_of_scope_",
        "sqlite_",
    ];
    /// Ends of the names that a store keeps for its own views.
    pub const RESERVED_SUFFIXES: [&str; 4] = ["_history", "_effective", "_cycles", "_access"];
    /// The columns that a store has of its own.
    pub const RESERVED_COLUMNS: [&str; 16] = [
        "id",
        "external_id",
        "object",
        "raw",
        "content_hash",
        "seen_generation",
        "touched_by_delta",
        "first_seen",
        "last_seen",
        "valid_from",
        "valid_to",
        "cause",
        "deletion",
        "deleted_at",
        "rowid",
        "oid",
    ];

    /// Whether it reads edges.
    pub const fn is_edges(&self) -> bool {
        matches!(self.kind, StreamKind::Edges { .. })
    }

    /// Whether it is read by a delta query: objects, or edges out of one.
    pub fn is_delta(&self) -> bool {
        match self.kind {
            StreamKind::Delta => true,
            StreamKind::Full | StreamKind::Window => false,
            StreamKind::Edges { .. } => self.endpoint.ends_with("/delta"),
        }
    }

    /// Whether it is what `key` says by default: the item's `id`.
    pub fn is_keyed_by_id(&self) -> bool {
        self.key == ["id"]
    }
}
