//! Reading a store: now, as it was, and what has changed.

use std::path::{Path, PathBuf};

use rusqlite::{Connection, Row, params};

use super::difference::{self, Difference};
use super::error::Failed;
use super::ids::{self, signed, unsigned};
use super::moment::{self, Moment, Unresolved};
use super::{open, views};
use crate::store::StoreError;
use crate::{Change, ChangeOperation};

/// A store that is only read, also while an import writes to it. It shows one state from its opening
/// to its end, so what is read in several steps fits together (cases: I5); keep it no longer than that,
/// because the store's log grows behind a long reader.
#[derive(Debug)]
pub struct StoreReader {
    path: PathBuf,
    connection: Connection,
}

/// A stream that a store holds.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct StoredStream {
    /// Its name, `members`.
    pub name: String,
    /// The view that shows it, `group_members`.
    pub view: String,
    /// Whether it holds edges.
    pub edges: bool,
    /// Whether a generation has been read to its end; until then its view is empty.
    pub published: bool,
}

impl StoreReader {
    /// Opens the store at `path` as it is now.
    ///
    /// # Errors
    /// A file that does not exist, is no store, is newer or damaged.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        let connection = open::read_only(path)?;
        connection.execute_batch("BEGIN").failed("read the store", path)?;
        Ok(Self { path: path.to_owned(), connection })
    }

    /// Opens the store as the last import that had ended by `moment` has left it: all tables of
    /// objects and edges and all views but the histories show that state.
    ///
    /// # Errors
    /// As [`StoreReader::open`], a moment at which no import had ended, and one whose states were
    /// compacted away ([`StoreError::HistoryDropped`]).
    pub fn as_of(path: &Path, moment: &Moment) -> Result<Self, StoreError> {
        let reader = Self::open(path)?;
        let run = reader.run(moment)?;
        reader.keeps(run)?;
        moment::show(&reader.connection, run).failed("read the store's history", path)?;
        Ok(reader)
    }

    /// The connection, for SQL. It cannot write to the store.
    pub const fn connection(&self) -> &Connection {
        &self.connection
    }

    /// The run whose end a moment is.
    ///
    /// # Errors
    /// A moment at which no import had ended.
    pub fn run(&self, moment: &Moment) -> Result<u64, StoreError> {
        match moment::run(&self.connection, moment) {
            Ok(run) => Ok(run),
            Err(Unresolved::None(error)) => Err(error),
            Err(Unresolved::Database(error)) => Err(error).failed("read the runs", &self.path),
        }
    }

    /// Refuses the end of a run of which states were compacted away: who changed later would be missing.
    fn keeps(&self, run: u64) -> Result<(), StoreError> {
        let first =
            meta(&self.connection, "history_dropped").failed("read the runs", &self.path)?;
        if run < first { Err(StoreError::HistoryDropped { run, first }) } else { Ok(()) }
    }

    /// Whether all changes of the runs after this one are kept.
    ///
    /// # Errors
    /// A store that cannot be read.
    pub fn keeps_changes_since(&self, run: u64) -> Result<bool, StoreError> {
        let dropped = meta(&self.connection, "changes_dropped_run");
        Ok(run >= dropped.failed("read the changes", &self.path)?)
    }

    /// The runs that have ended, the newest first.
    ///
    /// # Errors
    /// A store that cannot be read.
    pub fn ended_runs(&self, limit: usize) -> Result<Vec<u64>, StoreError> {
        let read = || {
            let sql =
                "SELECT run FROM import_run WHERE ended_at IS NOT NULL ORDER BY run DESC LIMIT ?1";
            let mut statement = self.connection.prepare(sql)?;
            let runs = statement
                .query_map([i64::try_from(limit).unwrap_or(i64::MAX)], |row| row.get(0))?;
            runs.map(|run| run.map(unsigned)).collect::<rusqlite::Result<_>>()
        };
        read().failed("read the runs", &self.path)
    }

    /// The streams, objects before edges.
    ///
    /// # Errors
    /// A store that cannot be read.
    pub fn streams(&self) -> Result<Vec<StoredStream>, StoreError> {
        let read = || {
            let sql = "SELECT s.stream, s.kind = 'edges', s.published IS NOT NULL, o.entity
                FROM import_stream s LEFT JOIN import_stream o ON o.stream = s.owner ORDER BY 2, 1";
            let mut statement = self.connection.prepare(sql)?;
            let stream = |row: &Row<'_>| {
                let (name, owner): (String, Option<String>) = (row.get(0)?, row.get(3)?);
                let view =
                    owner.map_or_else(|| name.clone(), |owner| views::edge_view(&name, &owner));
                Ok(StoredStream { view, edges: row.get(1)?, published: row.get(2)?, name })
            };
            statement.query_map([], stream)?.collect::<rusqlite::Result<_>>()
        };
        read().failed("read the streams", &self.path)
    }

    /// The changes after number `after`, at most `limit`, in their order.
    ///
    /// # Errors
    /// A store that cannot be read, and changes that were compacted away.
    pub fn changes(&self, after: u64, limit: usize) -> Result<Vec<Change>, StoreError> {
        changes(&self.connection, &self.path, after, limit)
    }

    /// The number of the oldest change that is kept, or of the next one where there is none.
    ///
    /// # Errors
    /// A store that cannot be read.
    pub fn oldest_change(&self) -> Result<u64, StoreError> {
        Ok(dropped(&self.connection).failed("read the changes", &self.path)? + 1)
    }

    /// What differs between the ends of two runs, stream by stream; `each` says whether to go on.
    ///
    /// # Errors
    /// A store that cannot be read, and a run whose states were compacted away.
    pub fn differences(
        &self,
        from: u64,
        to: u64,
        each: &mut dyn FnMut(Difference) -> bool,
    ) -> Result<(), StoreError> {
        self.keeps(from.min(to))?;
        let streams = self.streams()?;
        difference::between(&self.connection, &streams, (from, to), each)
            .failed("compare two runs", &self.path)
    }
}

/// See [`StoreReader::changes`].
pub(super) fn changes(
    connection: &Connection,
    path: &Path,
    after: u64,
    limit: usize,
) -> Result<Vec<Change>, StoreError> {
    let dropped = dropped(connection).failed("read the changes", path)?;
    if after < dropped {
        return Err(StoreError::ChangesDropped { after, dropped });
    }
    let read = || {
        let sql = "SELECT c.number, c.run, c.at, c.stream, c.operation, i.id, t.id, y.name, c.cause, c.columns
            FROM import_change c LEFT JOIN import_object_id i ON i.number = c.object
            LEFT JOIN import_object_id t ON t.number = c.target LEFT JOIN import_edge_type y ON y.number = c.type
            WHERE c.number > ?1 ORDER BY c.number LIMIT ?2";
        let mut statement = connection.prepare_cached(sql)?;
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        statement.query_map(params![signed(after), limit], change)?.collect::<rusqlite::Result<_>>()
    };
    read().failed("read the changes", path)
}

/// The number up to which changes were compacted away.
pub(super) fn dropped(connection: &Connection) -> rusqlite::Result<u64> {
    meta(connection, "changes_dropped")
}

/// A number that the store remembers; 0 where it does not.
fn meta(connection: &Connection, key: &str) -> rusqlite::Result<u64> {
    let sql = "SELECT coalesce(max(CAST(value AS INTEGER)), 0) FROM import_meta WHERE key = ?1";
    connection.prepare_cached(sql)?.query_row([key], |row| row.get(0)).map(unsigned)
}

fn change(row: &Row<'_>) -> rusqlite::Result<Change> {
    let id = |at| row.get::<_, Option<_>>(at).map(|value| value.map(ids::read));
    let operation: String = row.get(4)?;
    let columns: Option<String> = row.get(9)?;
    let operation = ChangeOperation::parse(&operation).ok_or_else(|| {
        let reason = format!("unknown operation `{operation}`").into();
        rusqlite::Error::FromSqlConversionFailure(4, rusqlite::types::Type::Text, reason)
    })?;
    Ok(Change {
        number: unsigned(row.get(0)?),
        run: unsigned(row.get(1)?),
        at: row.get(2)?,
        stream: row.get(3)?,
        operation,
        id: id(5)?,
        target_id: id(6)?,
        target_type: row.get(7)?,
        cause: row.get(8)?,
        columns: columns.and_then(|json| serde_json::from_str(&json).ok()).unwrap_or_default(),
    })
}
