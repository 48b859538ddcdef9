//! Objects that came back: who knew them may have to be read again.

use rusqlite::{Connection, params};

use super::names::table;
use super::tables::Tables;

/// Queues the owners of edges that lead to an object, or led to it once: a list that was read while
/// the object lay in the recycle bin left it out, and nothing need report that it is back (cases:
/// B6; facts: graph-protocol 5.6).
pub(super) fn queue_owners(
    connection: &Connection,
    tables: &Tables,
    object: i64,
) -> rusqlite::Result<()> {
    for edge in tables.edges.iter().filter(|edge| edge.is_listed()) {
        let owners = table("object", &edge.owner);
        let sql = format!(
            "INSERT INTO import_queue (stream, object, ticket)
             SELECT ?1, e.source, 1 FROM (
                 SELECT source FROM {} WHERE target = ?2 UNION SELECT source FROM {} WHERE target = ?2
             ) e JOIN {owners} o ON o.object = e.source AND o.deletion IS NULL WHERE true
             ON CONFLICT (stream, object) DO UPDATE SET ticket = ticket + 1",
            edge.table, edge.closed
        );
        connection.prepare_cached(&sql)?.execute(params![edge.stream, object])?;
    }
    Ok(())
}
