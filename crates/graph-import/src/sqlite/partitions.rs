//! The partitions of a scan.

use rusqlite::{Connection, params};

use super::ids::{signed, unsigned};
use crate::store::{Advance, Partition, PartitionNext, PartitionState, StreamState};

/// The partitions of a stream.
pub(super) fn read(connection: &Connection, stream: &str) -> rusqlite::Result<Vec<Partition>> {
    let sql =
        "SELECT place, prefix, state, items FROM import_partition WHERE stream = ?1 ORDER BY place";
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map([stream], |row| {
        let state: String = row.get(2)?;
        Ok(Partition {
            place: unsigned(row.get(0)?),
            prefix: row.get(1)?,
            // What is not known to be done is read again.
            state: PartitionState::parse(&state).unwrap_or(PartitionState::Open),
            items: unsigned(row.get(3)?),
        })
    })?;
    rows.collect()
}

/// Moves the partitions as a commit says.
pub(super) fn advance(
    connection: &Connection,
    after: &StreamState,
    advance: Advance<'_>,
    items: u64,
) -> rusqlite::Result<()> {
    let stream = &after.stream;
    match advance {
        Advance::Scan { partitions, .. } => {
            forget(connection, stream)?;
            partitions.iter().try_for_each(|partition| insert(connection, after, partition))
        }
        Advance::Partition(place, next) => step(connection, after, place, next, items),
        Advance::Publish { .. } | Advance::Resync | Advance::FallBack(_) | Advance::Without(_) => {
            forget(connection, stream)
        }
        _ => Ok(()),
    }
}

fn step(
    connection: &Connection,
    after: &StreamState,
    place: u64,
    next: PartitionNext<'_>,
    items: u64,
) -> rusqlite::Result<()> {
    let (cursor, state) = match next {
        PartitionNext::Page(cursor) => (Some(cursor), PartitionState::Open),
        PartitionNext::Done | PartitionNext::Split(_) => (None, PartitionState::Done),
    };
    let sql = "UPDATE import_partition SET cursor = ?3, state = ?4, items = items + ?5 WHERE stream = ?1 AND place = ?2";
    let values = params![after.stream, signed(place), cursor, state.as_str(), signed(items)];
    connection.prepare_cached(sql)?.execute(values)?;
    let PartitionNext::Split(prefixes) = next else { return Ok(()) };
    let last = "SELECT max(place) FROM import_partition WHERE stream = ?1";
    let last: i64 = connection.query_row(last, [&after.stream], |row| row.get(0))?;
    for (place, prefix) in (unsigned(last) + 1..).zip(prefixes) {
        insert(connection, after, &Partition::new(place, prefix))?;
    }
    Ok(())
}

fn insert(
    connection: &Connection,
    after: &StreamState,
    partition: &Partition,
) -> rusqlite::Result<()> {
    let sql = "INSERT INTO import_partition (stream, generation, place, prefix, state) VALUES (?1, ?2, ?3, ?4, ?5)";
    let values = params![
        after.stream,
        signed(after.generation),
        signed(partition.place),
        partition.prefix,
        partition.state.as_str()
    ];
    connection.prepare_cached(sql)?.execute(values).map(drop)
}

fn forget(connection: &Connection, stream: &str) -> rusqlite::Result<()> {
    let sql = "DELETE FROM import_partition WHERE stream = ?1";
    connection.prepare_cached(sql)?.execute([stream]).map(drop)
}
