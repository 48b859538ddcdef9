//! Consumers of the change feed: each with a cursor of its own in the store.

use std::path::{Path, PathBuf};

use rusqlite::{Connection, OptionalExtension, params};

use super::error::Failed;
use super::ids::{signed, unsigned};
use super::{open, reader};
use crate::Change;
use crate::store::StoreError;

/// A named reader of the change feed, whose place the store remembers.
///
/// Changes are delivered at least once: [`ChangeConsumer::next`] gives the same ones until they are
/// acknowledged. A change's number is the key by which a sink recognises one that it has seen
/// (cases: A13). Consumers do not wait for each other, and an import waits for none (cases: A14).
///
/// ```no_run
/// # fn deliver(_: &graph_import::Change) -> std::io::Result<()> { Ok(()) }
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use graph_import::sqlite::ChangeConsumer;
///
/// let mut consumer = ChangeConsumer::open("graph.db".as_ref(), "warehouse")?;
/// while let batch @ [.., last] = consumer.next(500)?.as_slice() {
///     batch.iter().try_for_each(deliver)?;
///     consumer.acknowledge(last.number)?;
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct ChangeConsumer {
    connection: Connection,
    path: PathBuf,
    name: String,
}

/// How far a consumer is behind.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Backlog {
    /// Changes that it has not acknowledged.
    pub changes: u64,
    /// When the first of them was made, RFC 3339.
    pub oldest: Option<String>,
}

impl ChangeConsumer {
    /// The consumer of that name; a new one begins at the oldest change that is kept.
    ///
    /// # Errors
    /// A store that does not exist or cannot be used.
    pub fn open(path: &Path, name: &str) -> Result<Self, StoreError> {
        let connection = open::existing_for_writing(path)?;
        let first = reader::dropped(&connection).failed("read the changes", path)?;
        let sql = "INSERT INTO import_consumer (name, position, updated_at) VALUES (?1, ?2, strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
            ON CONFLICT DO NOTHING";
        connection
            .execute(sql, params![name, signed(first)])
            .failed("register a consumer", path)?;
        Ok(Self { connection, path: path.to_owned(), name: name.to_owned() })
    }

    /// The number of the last change that was acknowledged.
    ///
    /// # Errors
    /// A store that cannot be read, and a consumer that was forgotten meanwhile.
    pub fn position(&self) -> Result<u64, StoreError> {
        let sql = "SELECT position FROM import_consumer WHERE name = ?1";
        let position = self
            .connection
            .query_row(sql, [&self.name], |row| row.get(0))
            .optional()
            .failed("read a consumer", &self.path)?;
        position.map(unsigned).ok_or_else(|| StoreError::NoConsumer(self.name.clone()))
    }

    /// The next changes, at most `limit`; none when it is up to date.
    ///
    /// # Errors
    /// A store that cannot be read, and [`StoreError::ChangesDropped`] where the consumer was away for
    /// longer than changes are kept: it must read the streams as a whole.
    pub fn next(&self, limit: usize) -> Result<Vec<Change>, StoreError> {
        reader::changes(&self.connection, &self.path, self.position()?, limit)
    }

    /// Remembers that all changes up to this number have been taken in. Never goes back.
    ///
    /// # Errors
    /// A store that cannot be written to.
    pub fn acknowledge(&mut self, number: u64) -> Result<(), StoreError> {
        let sql = "UPDATE import_consumer SET position = max(position, ?2), updated_at = strftime('%Y-%m-%dT%H:%M:%fZ', 'now')
            WHERE name = ?1";
        let changed = self
            .connection
            .execute(sql, params![self.name, signed(number)])
            .failed("move a consumer", &self.path)?;
        if changed == 0 {
            return Err(StoreError::NoConsumer(self.name.clone()));
        }
        Ok(())
    }

    /// How far it is behind.
    ///
    /// # Errors
    /// A store that cannot be read.
    pub fn backlog(&self) -> Result<Backlog, StoreError> {
        let sql = "SELECT count(*), min(at) FROM import_change WHERE number > ?1";
        let backlog = |row: &rusqlite::Row<'_>| {
            Ok(Backlog { changes: unsigned(row.get(0)?), oldest: row.get(1)? })
        };
        self.connection
            .query_row(sql, [signed(self.position()?)], backlog)
            .failed("read a consumer", &self.path)
    }

    /// Forgets the consumer: changes are kept for it no longer.
    ///
    /// # Errors
    /// A store that cannot be written to.
    pub fn forget(self) -> Result<(), StoreError> {
        self.connection
            .execute("DELETE FROM import_consumer WHERE name = ?1", [&self.name])
            .failed("forget a consumer", &self.path)
            .map(drop)
    }
}
