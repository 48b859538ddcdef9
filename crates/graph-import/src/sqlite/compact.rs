//! Retention: what a store may forget.

use std::path::Path;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use rusqlite::{Connection, TransactionBehavior, params};
use serde::Serialize;

use super::error::Failed;
use super::lock::WriterLock;
use super::names::{quoted, table};
use super::{SqliteStore, open};
use crate::store::StoreError;

/// How long a store keeps what is not the present. The last state of every object, the tombstones'
/// ids and the runs with their certificates are kept for ever (cases: G11).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retention {
    /// Previous states of objects, and edges that were removed.
    pub history: Duration,
    /// Changes of the feed that every consumer has acknowledged.
    pub changes: Duration,
    /// Changes that a consumer has not acknowledged: it is told when it comes back (cases: A13).
    pub undelivered: Duration,
    /// The content of objects that are gone; at least [`Retention::LEAST_TOMBSTONES`]. Their ids stay,
    /// because Graph may list a purged object as a member for ever (cases: B29).
    pub tombstones: Duration,
    /// Whether to give the space back to the file system, which rewrites the whole file.
    pub vacuum: bool,
}

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

impl Retention {
    /// The least time that the content of a deleted object is kept: 30 days in which it can be restored
    /// from the recycle bin, 7 days in which a delta token may still tell that (facts: graph-protocol
    /// 5.5), and 8 days of margin. What is restored is merged with the content that was kept.
    pub const LEAST_TOMBSTONES: Duration = Duration::from_secs(45 * DAY.as_secs());
}

impl Default for Retention {
    /// A year of history, 30 days of delivered changes, 90 of undelivered ones and of tombstones.
    fn default() -> Self {
        Self {
            history: 365 * DAY,
            changes: 30 * DAY,
            undelivered: 90 * DAY,
            tombstones: 90 * DAY,
            vacuum: false,
        }
    }
}

/// What a compaction has taken away.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Compacted {
    /// Previous states of objects.
    pub states: u64,
    /// Edges that had been removed.
    pub edges: u64,
    /// Changes of the feed.
    pub changes: u64,
    /// Tombstones whose content was dropped.
    pub tombstones: u64,
    /// The file's size before, in bytes.
    pub bytes_before: u64,
    /// The file's size after, in bytes; the same unless it was vacuumed.
    pub bytes_after: u64,
}

impl SqliteStore {
    /// Forgets what is older than its retention, seen from `now`. Not while an import writes.
    ///
    /// # Errors
    /// A store that does not exist, cannot be used or is being written to.
    pub fn compact(&self, retention: &Retention, now: Timestamp) -> Result<Compacted, StoreError> {
        let path = self.path();
        drop(open::read_only(path)?);
        let _lock = WriterLock::take(path)?;
        let mut connection = open::existing_for_writing(path)?;
        let mut compacted = Compacted { bytes_before: size(path), ..Compacted::default() };
        drop_old(&mut connection, retention, now, &mut compacted)
            .failed("compact the store", path)?;
        if retention.vacuum {
            connection.execute_batch("VACUUM").failed("compact the store", path)?;
        }
        let checkpoint = "PRAGMA wal_checkpoint(TRUNCATE)";
        connection.query_row(checkpoint, [], |_| Ok(())).failed("compact the store", path)?;
        drop(connection);
        Ok(Compacted { bytes_after: size(path), ..compacted })
    }
}

fn size(path: &Path) -> u64 {
    std::fs::metadata(path).map_or(0, |file| file.len())
}

/// The time before which something is old, as the store writes times.
fn before(now: Timestamp, age: Duration) -> String {
    let age = SignedDuration::try_from(age).unwrap_or(SignedDuration::MAX);
    format!("{:.3}", now.saturating_sub(age).unwrap_or(Timestamp::MIN))
}

fn drop_old(
    connection: &mut Connection,
    retention: &Retention,
    now: Timestamp,
    compacted: &mut Compacted,
) -> rusqlite::Result<()> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let history = before(now, retention.history);
    let tombstones = before(now, retention.tombstones.max(Retention::LEAST_TOMBSTONES));
    let mut horizon = 0;
    for (stream, edges) in streams(&transaction)? {
        if edges {
            // A member that is restored has the groups read again that listed it before.
            let removed = before(now, retention.history.max(Retention::LEAST_TOMBSTONES));
            let sql = "SELECT coalesce(max(run), 0) FROM import_run WHERE started_at < ?1";
            let last: i64 = transaction.query_row(sql, [&removed], |row| row.get(0))?;
            let (old, closed) = (format!("until_run <= {last}"), table("closed", &stream));
            compacted.edges += drop_past(&transaction, &closed, &old, &mut horizon)?;
        } else {
            let (old, past) = (format!("valid_to < '{history}'"), table("history", &stream));
            compacted.states += drop_past(&transaction, &past, &old, &mut horizon)?;
            compacted.tombstones += strip(&transaction, &stream, &tombstones)?;
        }
    }
    note(&transaction, "history_dropped", horizon)?;
    compacted.changes = drop_changes(&transaction, retention, now)?;
    transaction.commit()
}

fn streams(connection: &Connection) -> rusqlite::Result<Vec<(String, bool)>> {
    let mut statement = connection.prepare("SELECT stream, kind = 'edges' FROM import_stream")?;
    statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect()
}

/// Drops states, or intervals of edges (which have no times of their own: they are as old as the run that
/// removed them), and raises `horizon` to the first run whose end can be told without them.
fn drop_past(
    connection: &Connection,
    past: &str,
    old: &str,
    horizon: &mut i64,
) -> rusqlite::Result<u64> {
    let shown = format!(
        "SELECT coalesce(max(until_run), 0) FROM {past} WHERE {old} AND since_run < until_run"
    );
    let until: i64 = connection.query_row(&shown, [], |row| row.get(0))?;
    *horizon = until.max(*horizon);
    connection.execute(&format!("DELETE FROM {past} WHERE {old}"), []).map(|rows| rows as u64)
}

/// Remembers how far something has been dropped; never goes back.
fn note(connection: &Connection, key: &str, number: i64) -> rusqlite::Result<()> {
    if number == 0 {
        return Ok(());
    }
    let sql = "INSERT INTO import_meta (key, value) VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE
        SET value = max(CAST(value AS INTEGER), CAST(excluded.value AS INTEGER))";
    connection.execute(sql, params![key, number.to_string()]).map(drop)
}

/// Leaves nothing of a tombstone but its id, its times and how it came to be.
fn strip(connection: &Connection, stream: &str, before: &str) -> rusqlite::Result<u64> {
    let own = "SELECT name FROM pragma_table_info(?1) WHERE name NOT IN ('object', 'content_hash', 'seen_generation',
        'since_run', 'first_seen', 'last_seen', 'valid_from', 'cause', 'deletion', 'deleted_at', 'raw')";
    let mut statement = connection.prepare(own)?;
    let own = statement.query_map([format!("object_{stream}")], |row| row.get::<_, String>(0))?;
    let nulls = own
        .map(|name| Ok(format!(", {} = NULL", quoted(&name?))))
        .collect::<rusqlite::Result<String>>()?;
    let sql = format!(
        "UPDATE {} SET raw = '{{}}', content_hash = ?2{nulls}
         WHERE deletion IS NOT NULL AND valid_from < ?1 AND raw <> '{{}}'",
        table("object", stream)
    );
    let nothing = crate::Content::whole(&[]).hash();
    connection.execute(&sql, params![before, nothing]).map(|rows| rows as u64)
}

/// Drops the oldest changes up to the last that may go, so that what is kept has no hole.
fn drop_changes(
    connection: &Connection,
    retention: &Retention,
    now: Timestamp,
) -> rusqlite::Result<u64> {
    let (delivered, undelivered) =
        (before(now, retention.changes), before(now, retention.undelivered.max(retention.changes)));
    let sql = "SELECT coalesce(max(number), 0) FROM import_change
        WHERE at < ?2 OR (at < ?1 AND number <= coalesce((SELECT min(position) FROM import_consumer), number))";
    let last: i64 = connection.query_row(sql, [&delivered, &undelivered], |row| row.get(0))?;
    let run = "SELECT coalesce(max(run), 0) FROM import_change WHERE number <= ?1";
    let run = connection.query_row(run, [last], |row| row.get(0))?;
    let dropped = connection.execute("DELETE FROM import_change WHERE number <= ?1", [last])?;
    if dropped > 0 {
        note(connection, "changes_dropped", last)?;
        note(connection, "changes_dropped_run", run)?;
    }
    Ok(dropped as u64)
}
