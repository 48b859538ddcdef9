//! Deletions that a generation suggests and that nothing proves yet.

use rusqlite::{Connection, params};

use super::Claimed;
use super::ids::{self, signed, unsigned};
use super::names::table;
use super::tables::ObjectTable;
use crate::ObjectId;
use crate::store::{DeletionThreshold, StreamState};

/// What a generation lacks of what was there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Missing {
    /// Objects, or owners of links, that were there.
    pub(super) live: u64,
    /// Those that it lacks.
    pub(super) lacking: u64,
    /// Those that the generation published before lacked as well.
    pub(super) again: u64,
}

impl Missing {
    /// Whether they may go without a proof of their own.
    pub(super) const fn is_allowed(&self, threshold: &DeletionThreshold) -> bool {
        !threshold.is_exceeded(self.live, self.lacking)
    }

    /// Notes them in the state of the stream that keeps them.
    pub(super) const fn note(&self, state: &mut StreamState) {
        (state.withheld, state.withheld_again) = (self.lacking, self.again);
    }
}

/// What the generation that is being published lacks, once its rows are in place.
pub(super) fn missing(
    connection: &Connection,
    objects: &ObjectTable,
    state: &StreamState,
) -> rusqlite::Result<Missing> {
    if state.published.is_none() {
        return Ok(Missing::default()); // readers have seen nothing that could go
    }
    let sql = format!(
        "SELECT count(*), count(*) FILTER (WHERE seen_generation < ?1),
             count(*) FILTER (WHERE seen_generation < ?2)
         FROM {} WHERE deletion IS NULL",
        objects.table
    );
    let generations = [signed(state.generation), state.published.map_or(0, signed)];
    connection.query_row(&sql, generations, |row| {
        let (live, lacking) = (unsigned(row.get(0)?), unsigned(row.get(1)?));
        Ok(Missing { live, lacking, again: unsigned(row.get(2)?) })
    })
}

/// The owners whose links stay although the published generation lacks them.
pub(super) fn owners(connection: &Connection, stream: &str) -> rusqlite::Result<Vec<i64>> {
    let sql = "SELECT owner FROM import_withheld WHERE stream = ?1 ORDER BY owner";
    connection.prepare_cached(sql)?.query_map([stream], |row| row.get(0))?.collect()
}

/// Whether edges of any owner stay although they were not seen.
pub(super) fn any(connection: &Connection, stream: &str) -> rusqlite::Result<bool> {
    let sql = "SELECT 1 FROM import_withheld WHERE stream = ?1 LIMIT 1";
    connection.prepare_cached(sql)?.exists([stream])
}

/// Remembers an owner whose edges stay although they were not seen.
pub(super) fn add(connection: &Connection, stream: &str, owner: i64) -> rusqlite::Result<()> {
    let sql = "INSERT INTO import_withheld (stream, owner) VALUES (?1, ?2) ON CONFLICT DO NOTHING";
    connection.prepare_cached(sql)?.execute(params![stream, owner]).map(drop)
}

/// It is known now what becomes of the owner's edges. Whether they had been withheld.
pub(super) fn settle(connection: &Connection, stream: &str, owner: i64) -> rusqlite::Result<bool> {
    let sql = "DELETE FROM import_withheld WHERE stream = ?1 AND owner = ?2";
    connection.prepare_cached(sql)?.execute(params![stream, owner]).map(|rows| rows > 0)
}

/// See [`crate::Store::withheld`].
pub(super) fn read(
    claimed: &Claimed,
    stream: &str,
    most: usize,
) -> rusqlite::Result<Vec<ObjectId>> {
    let waiting = match claimed.tables.object(stream) {
        Some(_) => format!(
            "SELECT o.object FROM {} o JOIN import_stream s ON s.stream = ?1
             WHERE o.deletion IS NULL AND o.seen_generation < s.published",
            table("object", stream)
        ),
        None => "SELECT owner AS object FROM import_withheld WHERE stream = ?1".to_owned(),
    };
    // Spread over all of them: numbers of neighbours have nothing to do with each other.
    let sql = format!(
        "SELECT i.id FROM ({waiting}) w JOIN import_object_id i ON i.number = w.object
         ORDER BY w.object * 2654435761 % 4294967296 LIMIT ?2"
    );
    let most = i64::try_from(most).unwrap_or(i64::MAX);
    let mut statement = claimed.connection.prepare_cached(&sql)?;
    statement.query_map(params![stream, most], |row| Ok(ids::read(row.get(0)?)))?.collect()
}
