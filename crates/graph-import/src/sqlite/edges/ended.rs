//! Edges that end because of what became of an object at one of their ends.

use rusqlite::Connection;

use crate::ChangeOperation;
use crate::sqlite::feed::Feed;
use crate::sqlite::names;
use crate::sqlite::tables::{EdgeTable, Tables};

/// Closes all edges from and to an object that is gone for ever, and says how many of each stream.
pub(in super::super) fn close_endpoint(
    connection: &Connection,
    tables: &Tables,
    object: i64,
    (run, at): (i64, &str),
    mut removed: impl FnMut(&str, u64),
) -> rusqlite::Result<()> {
    for edge in &tables.edges {
        let EdgeTable { stream, table, closed, .. } = edge;
        let feed = Feed::of(connection, run, at, stream)?;
        for end in ["source", "target"] {
            if let Some(feed) = feed {
                let gone = format!("SELECT source, target, type FROM {table} WHERE {end} = ?3");
                feed.edges(
                    edge,
                    ChangeOperation::Removed,
                    "endpoint_deleted",
                    (&gone, &[&object]),
                )?;
            }
            let copy = format!(
                "INSERT INTO {closed} SELECT source, target, type, since_run, ?2, 'endpoint_deleted' FROM {table} WHERE {end} = ?1"
            );
            connection.prepare_cached(&copy)?.execute([object, run])?;
            let delete = format!("DELETE FROM {table} WHERE {end} = ?1");
            match connection.prepare_cached(&delete)?.execute([object])? as u64 {
                0 => {}
                closed => removed(stream, closed),
            }
        }
    }
    Ok(())
}

/// Closes edges of objects that are no owners any more, because the stream's owner has changed.
pub(in super::super) fn close_out_of_scope(
    connection: &Connection,
    edge: &EdgeTable,
    run: i64,
    at: &str,
) -> rusqlite::Result<()> {
    let EdgeTable { stream, table, closed, owner, .. } = edge;
    let owners = names::table("object", owner);
    let foreign = format!("source NOT IN (SELECT object FROM {owners})");
    if let Some(feed) = Feed::of(connection, run, at, stream)? {
        let gone = format!("SELECT source, target, type FROM {table} WHERE {foreign}");
        feed.edges(edge, ChangeOperation::Removed, "left_scope", (&gone, &[]))?;
    }
    connection.execute_batch(&format!(
        "INSERT INTO {closed} SELECT source, target, type, since_run, {run}, 'left_scope' FROM {table} WHERE {foreign};
         DELETE FROM {table} WHERE {foreign};"
    ))
}
