//! What an import reads: one plan per stream of a system file.

use std::fmt;

use crate::ApiVersion;

/// One stream of a system: where an import reads an entity, what it selects and which columns it keeps.
///
/// A stream is pure data. `endpoint` has no version and no host; the importer joins it to the
/// configured cloud.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct StreamPlan {
    /// The stream's name, `users`.
    pub name: String,
    /// The entity that its items are, `user`; for edges the kind of edge, `member`.
    pub entity: String,
    /// Path below the API version, `/users/delta`; edges carry one placeholder, `/groups/{id}/members`.
    pub endpoint: String,
    /// API version the stream reads.
    pub version: ApiVersion,
    /// How the stream advances from one round to the next.
    pub kind: StreamKind,
    /// Graph properties to ask for, each once: `id`, then the columns' properties, then the file's
    /// extra ones. No relations.
    pub select: Vec<String>,
    /// Relations that the delta query tracks as well, `members`: their changes arrive as `members@delta`.
    pub relations: Vec<String>,
    /// The collection that the first load of a delta stream may read in place of the delta query.
    pub scan: Option<Scan>,
    /// Columns of the store, in the order of the file.
    pub columns: Vec<Column>,
    /// Items per page (`$top`, or `Prefer: odata.maxpagesize` on delta); Graph's default when absent.
    pub page_size: Option<u16>,
    /// Least application permission that reads the stream, `User.Read.All`.
    pub permission: Option<String>,
    /// Whether an import without the permission fails (`true`) or skips the stream and says so.
    pub required: bool,
}

/// How a stream advances from one round to the next.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum StreamKind {
    /// A delta query: rounds continue at the stored delta link.
    Delta,
    /// A plain collection, read as a whole in every round.
    Full,
    /// Edges of every object of another stream, read per object.
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

/// One column of a stream in the store.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Column {
    /// The column's name, `display_name`.
    pub name: String,
    /// Dotted path inside the item, `displayName` or `employeeOrgData.division`.
    pub property: String,
    /// What the column holds.
    pub kind: ColumnKind,
}

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ColumnKind {
    /// Text.
    Text,
    /// `true` or `false`.
    Boolean,
    /// A signed 64-bit integer.
    Integer,
    /// A timestamp, kept as Graph writes it (RFC 3339).
    DateTime,
    /// A JSON list, kept as JSON.
    List,
}

impl StreamPlan {
    /// Longest name of a stream, entity or column, in bytes: it becomes part of a table's name.
    pub const LONGEST_NAME: usize = 48;
    /// Beginnings of the names that a store keeps for its own tables and views.
    pub const RESERVED_PREFIXES: [&str; 8] =
        ["import_", "object_", "next_", "history_", "edge_", "closed_", "deleted_", "sqlite_"];
    /// Ends of the names that a store keeps for its own views.
    pub const RESERVED_SUFFIXES: [&str; 4] = ["_history", "_effective", "_cycles", "_access"];
    /// The columns that a store has of its own.
    pub const RESERVED_COLUMNS: [&str; 14] = [
        "id",
        "object",
        "raw",
        "content_hash",
        "seen_generation",
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

    /// A delta stream without columns; the start of a plan that is built in code.
    pub fn delta(name: &str, entity: &str, endpoint: &str) -> Self {
        Self {
            name: name.to_owned(),
            entity: entity.to_owned(),
            endpoint: endpoint.to_owned(),
            version: ApiVersion::V1_0,
            kind: StreamKind::Delta,
            select: vec!["id".to_owned()],
            relations: Vec::new(),
            scan: None,
            columns: Vec::new(),
            page_size: None,
            permission: None,
            required: true,
        }
    }

    /// An edge stream over the objects of the stream `of`; the start of a plan that is built in code.
    pub fn edges(name: &str, entity: &str, endpoint: &str, of: &str) -> Self {
        let kind = StreamKind::Edges { of: of.to_owned() };
        Self { kind, ..Self::delta(name, entity, endpoint) }
    }

    /// Adds a column and selects what it reads.
    #[must_use]
    pub fn column(mut self, name: &str, property: &str, kind: ColumnKind) -> Self {
        let column = Column { name: name.to_owned(), property: property.to_owned(), kind };
        self.select_property(column.selected());
        self.columns.push(column);
        self
    }

    /// Tracks a relation in the delta query.
    #[must_use]
    pub fn relation(mut self, name: &str) -> Self {
        if !self.relations.iter().any(|known| known == name) {
            self.relations.push(name.to_owned());
        }
        self
    }

    /// Lets a first load read the collection at `endpoint`, in parts of `partition`.
    #[must_use]
    pub fn scan(mut self, endpoint: &str, partition: Option<&str>) -> Self {
        if let Some(property) = partition {
            self.select_property(property);
        }
        let partition = partition.map(str::to_owned);
        self.scan = Some(Scan { endpoint: endpoint.to_owned(), partition });
        self
    }

    /// Adds a property to `$select` unless it is there already.
    pub fn select_property(&mut self, property: &str) {
        if !self.select.iter().any(|selected| selected == property) {
            self.select.push(property.to_owned());
        }
    }
}

impl Column {
    /// The top-level property that `$select` must name for this column: `employeeOrgData` of
    /// `employeeOrgData.division`.
    pub fn selected(&self) -> &str {
        self.property.split('.').next().unwrap_or(&self.property)
    }
}

impl ColumnKind {
    /// The spelling in a system file.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Boolean => "boolean",
            Self::Integer => "integer",
            Self::DateTime => "datetime",
            Self::List => "list",
        }
    }

    /// Every kind, in the order of the documentation.
    pub const ALL: [Self; 5] =
        [Self::Text, Self::Boolean, Self::Integer, Self::DateTime, Self::List];
}

impl fmt::Display for ColumnKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dotted_column_selects_its_top_level_property_once() {
        let plan = StreamPlan::delta("users", "user", "/users/delta")
            .column("division", "employeeOrgData.division", ColumnKind::Text)
            .column("cost_center", "employeeOrgData.costCenter", ColumnKind::Text);
        assert_eq!(plan.select, ["id", "employeeOrgData"]);
    }
}
