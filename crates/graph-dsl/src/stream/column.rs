//! Columns of a stream and what they hold.

use std::fmt;

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
    /// Whether text is compared without regard to case (ASCII), as Entra compares a
    /// `userPrincipalName`; it is kept as it came.
    pub ignores_case: bool,
    /// The permission that it needs beside the stream's, `AuditLog.Read.All`.
    pub permission: Option<String>,
    /// Clouds whose Graph has no such property: there it is not asked for, and the column is empty.
    pub unavailable_in: Vec<String>,
}

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ColumnKind {
    /// Text.
    Text,
    /// A GUID, in lower case with hyphens.
    Guid,
    /// `true` or `false`.
    Boolean,
    /// A signed 64-bit integer.
    Integer,
    /// A timestamp (RFC 3339).
    DateTime,
    /// A JSON list, kept as JSON.
    List,
    /// Any JSON value, kept as JSON.
    Json,
}

impl Column {
    /// A column; the start of one that is built in code.
    pub fn new(name: &str, property: &str, kind: ColumnKind) -> Self {
        let (name, property) = (name.to_owned(), property.to_owned());
        let (permission, unavailable_in) = (None, Vec::new());
        Self { name, property, kind, ignores_case: false, permission, unavailable_in }
    }

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
            Self::Guid => "guid",
            Self::Boolean => "boolean",
            Self::Integer => "integer",
            Self::DateTime => "datetime",
            Self::List => "list",
            Self::Json => "json",
        }
    }

    /// Every kind, in the order of the documentation.
    pub const ALL: [Self; 7] = [
        Self::Text,
        Self::Guid,
        Self::Boolean,
        Self::Integer,
        Self::DateTime,
        Self::List,
        Self::Json,
    ];
}

impl fmt::Display for ColumnKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}
