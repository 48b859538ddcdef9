//! The change feed (outbox): what a commit changes is numbered in the same transaction.

use rusqlite::{Connection, params};

use super::streams;
use super::tables::{EdgeTable, ObjectTable};
use crate::ChangeOperation;

/// Writes the changes of one commit. A stream that has not been published yet has nothing to tell:
/// its first publication is one change, `loaded`, so that a first load writes each object once.
#[derive(Clone, Copy)]
pub(super) struct Feed<'a> {
    connection: &'a Connection,
    run: i64,
    at: &'a str,
}

/// One change of an object.
pub(super) struct ObjectChange<'a> {
    pub(super) operation: ChangeOperation,
    pub(super) object: i64,
    pub(super) cause: &'a str,
    /// What differs, for an update: names of columns, or of properties that no column holds.
    pub(super) columns: &'a [String],
}

impl<'a> Feed<'a> {
    pub(super) const fn new(connection: &'a Connection, run: i64, at: &'a str) -> Self {
        Self { connection, run, at }
    }

    /// The feed, if the stream's changes are to be told.
    pub(super) fn of(
        connection: &'a Connection,
        run: i64,
        at: &'a str,
        stream: &str,
    ) -> rusqlite::Result<Option<Self>> {
        let published = streams::is_published(connection, stream)?;
        Ok(published.then(|| Self::new(connection, run, at)))
    }

    /// Tells a change and keeps the state that it ends; before the row is written.
    pub(super) fn object(
        &self,
        table: &ObjectTable,
        change: &ObjectChange<'_>,
    ) -> rusqlite::Result<()> {
        let columns = (!change.columns.is_empty())
            .then(|| serde_json::Value::from(change.columns).to_string());
        let sql = "INSERT INTO import_change (run, at, stream, operation, object, cause, columns)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
        let number = self.connection.prepare_cached(sql)?.insert(params![
            self.run,
            self.at,
            table.stream,
            change.operation.as_str(),
            change.object,
            change.cause,
            columns,
        ])?;
        let mut keep = self.connection.prepare_cached(&table.keep)?;
        keep.execute(params![change.object, number, self.run, self.at]).map(drop)
    }

    /// Tells what a sweep is about to bury and keeps its states.
    pub(super) fn swept(&self, table: &ObjectTable, generation: i64) -> rusqlite::Result<()> {
        let last = self.last()?;
        let objects = super::names::table("object", &table.stream);
        let sql = format!(
            "INSERT INTO import_change (run, at, stream, operation, object, cause)
             SELECT ?1, ?2, ?3, '{}', object, '{}' FROM {objects}
             WHERE deletion IS NULL AND seen_generation < ?4 ORDER BY object",
            ChangeOperation::Deleted,
            table.sweep_cause
        );
        self.connection.execute(&sql, params![self.run, self.at, table.stream, generation])?;
        self.connection.execute(&table.keep_swept, params![table.stream, last]).map(drop)
    }

    /// Tells that one edge is there, is gone or is of another type.
    pub(super) fn edge(
        &self,
        table: &EdgeTable,
        operation: ChangeOperation,
        (source, target, kind): (i64, i64, i64),
        cause: &str,
    ) -> rusqlite::Result<()> {
        let sql =
            "INSERT INTO import_change (run, at, stream, operation, object, target, type, cause)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
        let mut tell = self.connection.prepare_cached(sql)?;
        let operation = operation.as_str();
        let values =
            params![self.run, self.at, table.stream, operation, source, target, kind, cause];
        tell.execute(values).map(drop)
    }

    /// Tells the same of many edges: rows of `source, target, type` in their order.
    pub(super) fn edges(
        &self,
        table: &EdgeTable,
        operation: ChangeOperation,
        cause: &str,
        rows: (&str, &[&dyn rusqlite::ToSql]),
    ) -> rusqlite::Result<()> {
        let (select, values) = rows;
        let sql = format!(
            "INSERT INTO import_change (run, at, stream, operation, cause, object, target, type)
             SELECT {}, ?1, ?2, '{operation}', '{cause}', source, target, type FROM ({select}) ORDER BY source, target",
            self.run
        );
        let fixed: [&dyn rusqlite::ToSql; 2] = [&self.at, &table.stream];
        let values: Vec<_> = fixed.into_iter().chain(values.iter().copied()).collect();
        self.connection.prepare_cached(&sql)?.execute(values.as_slice()).map(drop)
    }

    /// Tells that a stream has been published for the first time.
    pub(super) fn loaded(&self, stream: &str) -> rusqlite::Result<()> {
        let sql = "INSERT INTO import_change (run, at, stream, operation) VALUES (?1, ?2, ?3, ?4)";
        let operation = ChangeOperation::Loaded.as_str();
        self.connection.execute(sql, params![self.run, self.at, stream, operation]).map(drop)
    }

    fn last(&self) -> rusqlite::Result<i64> {
        let sql = "SELECT coalesce(max(number), 0) FROM import_change";
        self.connection.prepare_cached(sql)?.query_row([], |row| row.get(0))
    }
}
