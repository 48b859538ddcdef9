//! A store in a directory of its own, and what is in it.

use std::path::PathBuf;

use rusqlite::types::Value;
use rusqlite::{Connection, Row};

/// A path for a store; the directory goes when it does.
pub(crate) struct Place(tempfile::TempDir);

impl Place {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.0.path().join("graph.db")
    }

    /// A place that holds what this store holds now: what a process killed at this instant leaves.
    pub(crate) fn copy(&self) -> Self {
        let copy = Self::new();
        self.reader().execute("VACUUM INTO ?1", [copy.path().to_str().unwrap()]).unwrap();
        copy
    }

    pub(crate) fn reader(&self) -> Connection {
        graph_import::sqlite::read_only(&self.path()).unwrap()
    }

    /// Rows of a query, columns separated by bars.
    pub(crate) fn query(&self, sql: &str) -> Vec<String> {
        rows(&self.reader(), sql)
    }

    /// Rows of two text columns.
    pub(crate) fn pairs(&self, sql: &str) -> Vec<(String, String)> {
        let connection = self.reader();
        let mut statement = connection.prepare(sql).unwrap();
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
        rows.map(Result::unwrap).collect()
    }

    /// Every row that says something about the tenant, with its history: what a replay must not
    /// change. Left out is what says how and when it was read.
    pub(crate) fn facts(&self) -> Vec<String> {
        let connection = self.reader();
        let tables = rows(
            &connection,
            "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY 1",
        );
        let kept = |name: &&String| !BOOKS.contains(&name.as_str());
        tables.iter().filter(kept).flat_map(|table| facts_of(&connection, table, "true")).collect()
    }

    /// The same of live objects alone. Any round may bring a tombstone of an object that was never
    /// seen, or say why one that was absent from a full round is gone (cases: B7).
    pub(crate) fn live(&self) -> Vec<String> {
        let connection = self.reader();
        let tables = "SELECT name FROM sqlite_schema WHERE type = 'table' AND substr(name, 1, 7) = 'object_'";
        let live = |table: &String| facts_of(&connection, table, "deletion IS NULL");
        rows(&connection, tables).iter().flat_map(live).collect()
    }
}

/// Tables that keep count of runs.
const BOOKS: [&str; 3] = ["import_run", "import_stream", "import_partition"];
/// Columns that say when a row was last read, not what it says.
const TIMES: [&str; 4] = ["last_seen", "seen_generation", "ticket", "run"];

fn facts_of(connection: &Connection, table: &str, which: &str) -> Vec<String> {
    let columns = rows(connection, &format!("SELECT name FROM pragma_table_info('{table}')"));
    let facts: Vec<_> = columns.iter().filter(|name| !TIMES.contains(&name.as_str())).collect();
    let list = facts.iter().map(|name| format!("\"{name}\"")).collect::<Vec<_>>().join(", ");
    let sql = format!("SELECT {list} FROM \"{table}\" WHERE {which} ORDER BY {list}");
    rows(connection, &sql).into_iter().map(|row| format!("{table}: {row}")).collect()
}

/// Rows of a query as text.
pub(crate) fn rows(connection: &Connection, sql: &str) -> Vec<String> {
    let mut statement = connection.prepare(sql).unwrap_or_else(|error| panic!("{sql}: {error}"));
    let columns = statement.column_count();
    let text = |row: &Row<'_>| {
        (0..columns).map(|at| row.get(at).map(shown)).collect::<rusqlite::Result<Vec<_>>>()
    };
    let rows = statement.query_map([], text).unwrap();
    rows.map(|row| row.unwrap().join("|")).collect()
}

fn shown(value: Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Integer(number) => number.to_string(),
        Value::Real(number) => number.to_string(),
        Value::Text(text) => text,
        Value::Blob(bytes) => format!("{bytes:02x?}"),
    }
}
