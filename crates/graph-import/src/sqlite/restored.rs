//! Objects that came back: who knew them may have to be read again, and who holds them is asked.
//!
//! A list that is read while an object lies in the recycle bin leaves it out, and nothing need report
//! to the list's owner that it is back (cases: B6; facts: graph-protocol 5.6). What reports it is the
//! object's own stream, in a round that begins after the list was read: for that, lists are read once
//! all rounds of a run are over, and `import_stream.listed` remembers that they were.

use rusqlite::{Connection, OptionalExtension, params};

use super::ids::{self, signed, unsigned};
use super::names::table;
use super::tables::{EdgeTable, ObjectTable, Tables};
use super::{Claimed, queue};
use crate::store::{Advance, Commit, Held, Phase, Returned, Reverse, StreamState, reverse};

/// Queues the owners of edges that lead to an object, or led to it once.
pub(super) fn queue_owners(
    connection: &Connection,
    tables: &Tables,
    (object, since): (i64, &str),
) -> rusqlite::Result<()> {
    for edge in tables.edges.iter().filter(|edge| edge.is_listed()) {
        let owners = table("object", &edge.owner);
        let sql = format!(
            "INSERT INTO import_queue (stream, object, ticket, since)
             SELECT ?1, e.source, 1, ?3 FROM (
                 SELECT source FROM {} WHERE target = ?2 UNION SELECT source FROM {} WHERE target = ?2
             ) e JOIN {owners} o ON o.object = e.source AND o.deletion IS NULL WHERE true
             ON CONFLICT (stream, object) DO UPDATE SET ticket = ticket + 1, since = max(since, excluded.since)",
            edge.table, edge.closed
        );
        connection.prepare_cached(&sql)?.execute(params![edge.stream, object, since])?;
    }
    Ok(())
}

/// Remembers an object that may have been away while lists were read, for every edge stream that has
/// read any and that could hold it.
pub(super) fn note(
    connection: &Connection,
    tables: &Tables,
    objects: &ObjectTable,
    (object, since): (i64, &str),
) -> rusqlite::Result<()> {
    let sql = "INSERT INTO import_returned (stream, object, entity, since)
        SELECT ?1, ?2, ?3, ?4 FROM import_stream WHERE stream = ?1 AND started_at IS NOT NULL
        ON CONFLICT (stream, object) DO UPDATE SET since = max(since, excluded.since)";
    for edge in holding(tables, &objects.entity) {
        let values = params![edge.stream, object, objects.entity, since];
        connection.prepare_cached(sql)?.execute(values)?;
    }
    Ok(())
}

/// The edge streams whose lists could hold objects of a type.
fn holding<'a>(tables: &'a Tables, entity: &'a str) -> impl Iterator<Item = &'a EdgeTable> {
    tables
        .edges
        .iter()
        .filter(move |edge| edge.is_listed() && reverse(entity, &edge.relation) != Reverse::Never)
}

/// Lists have been read: whatever comes back from now on, a later round has to tell.
pub(super) fn listed(connection: &Connection) -> rusqlite::Result<()> {
    let sql = "UPDATE import_stream SET listed = 1 WHERE kind <> 'edges' AND listed <> 1";
    connection.prepare_cached(sql)?.execute([]).map(drop)
}

/// Whether lists have been read since the stream's last complete round began.
pub(super) fn is_listed(connection: &Connection, stream: &str) -> rusqlite::Result<bool> {
    let sql = "SELECT listed <> 0 FROM import_stream WHERE stream = ?1";
    connection.prepare_cached(sql)?.query_row([stream], |row| row.get(0))
}

/// Moves the memory with the stream: a round that begins after the lists tells what came back since,
/// and once it is complete there is nothing left to tell. A published generation does not say what
/// was away in between, so that all lists are read again.
pub(super) fn advance(
    connection: &Connection,
    tables: &Tables,
    objects: &ObjectTable,
    stored: &StreamState,
    commit: &Commit<'_>,
) -> rusqlite::Result<()> {
    let (stream, advance) = (&objects.stream, commit.advance);
    let set = |sql: &str| connection.prepare_cached(sql)?.execute([stream]).map(drop);
    if stored.publishes(advance) {
        if is_listed(connection, stream)? {
            for edge in holding(tables, &objects.entity) {
                queue::add_all(connection, &edge.stream, &edge.owner, commit.at)?;
            }
        }
        return set("UPDATE import_stream SET listed = 0 WHERE stream = ?1 AND listed <> 0");
    }
    if stored.phase == Phase::Idle && matches!(advance, Advance::Page(_) | Advance::Complete(_)) {
        set("UPDATE import_stream SET listed = 2 WHERE stream = ?1 AND listed = 1")?;
    }
    let completes = matches!(advance, Advance::Complete(_));
    if completes && matches!(stored.phase, Phase::Idle | Phase::Changes) {
        set("UPDATE import_stream SET listed = 0 WHERE stream = ?1 AND listed = 2")?;
    }
    Ok(())
}

/// The next objects after a place.
pub(super) fn read(
    claimed: &Claimed,
    stream: &str,
    after: Option<u64>,
    limit: usize,
) -> rusqlite::Result<Vec<Returned>> {
    let sql = "SELECT r.object, i.id, r.entity, r.since FROM import_returned r
        JOIN import_object_id i ON i.number = r.object
        WHERE r.stream = ?1 AND r.object > ?2 ORDER BY r.object LIMIT ?3";
    let mut statement = claimed.connection.prepare_cached(sql)?;
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let rows = statement.query_map(params![stream, after.map_or(0, signed), limit], |row| {
        let (place, object) = (unsigned(row.get(0)?), ids::read(row.get(1)?));
        Ok(Returned { place, object, entity: row.get(2)?, since: row.get(3)? })
    })?;
    rows.collect()
}

/// Queues the live owners that are said to hold an object and are not known to; all of them where
/// nobody says.
pub(super) fn held(
    connection: &Connection,
    edge: &EdgeTable,
    (answers, at): (&[Held], &str),
) -> rusqlite::Result<()> {
    let settle = "DELETE FROM import_returned WHERE stream = ?1 AND object = ?2 RETURNING since";
    let queue_one = format!(
        "INSERT INTO import_queue (stream, object, ticket, since)
         SELECT ?1, o.object, 1, ?4 FROM {} o WHERE o.object = ?2 AND o.deletion IS NULL
             AND NOT EXISTS (SELECT 1 FROM {} e WHERE e.source = o.object AND e.target = ?3)
         ON CONFLICT (stream, object) DO UPDATE SET ticket = ticket + 1, since = max(since, excluded.since)",
        table("object", &edge.owner),
        edge.table
    );
    for Held { object, holders } in answers {
        let Some(object) = ids::find(connection, object)? else { continue };
        // The lists are as good as the report that it is back: whoever asked has waited for that.
        let mut settle = connection.prepare_cached(settle)?;
        let since = settle.query_row(params![edge.stream, object], |row| row.get(0)).optional()?;
        let since: String = since.unwrap_or_else(|| at.to_owned());
        let Some(holders) = holders else {
            queue::add_all(connection, &edge.stream, &edge.owner, &since)?;
            continue;
        };
        for holder in holders {
            if let Some(holder) = ids::find(connection, holder)? {
                let values = params![edge.stream, holder, object, since];
                connection.prepare_cached(&queue_one)?.execute(values)?;
            }
        }
    }
    Ok(())
}
