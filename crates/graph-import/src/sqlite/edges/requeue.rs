//! Owners whose lists must be read, many at once.

use rusqlite::{Connection, params};

use crate::sqlite::tables::{EdgeTable, ObjectTable, Tables};
use crate::sqlite::{names, queue};

/// Queues every owner: an edge stream begins a full round.
pub(in super::super) fn queue_all(
    connection: &Connection,
    table: &EdgeTable,
    since: &str,
) -> rusqlite::Result<()> {
    if !table.is_listed() {
        return Ok(());
    }
    queue::add_all(connection, &table.stream, &table.owner, since)
}

/// Queues the live owners of edges to objects that a proven full round has not seen: an object may
/// have gone between the read of its owner's list and the round, and nothing would ever report that
/// (cases: B27). An edge of unknown type counts if no stream knows its target.
pub(in super::super) fn queue_unresolved(
    connection: &Connection,
    tables: &Tables,
    objects: &ObjectTable,
    since: &str,
) -> rusqlite::Result<()> {
    let absent = |stream: &str| {
        let known = names::table("object", stream);
        format!("NOT EXISTS (SELECT 1 FROM {known} o WHERE o.object = t.target)")
    };
    let unknown: Vec<String> = tables.objects.iter().map(|table| absent(&table.stream)).collect();
    let unknown = unknown.join(" AND ");
    let here = absent(&objects.stream);
    for edge in tables.edges.iter().filter(|edge| edge.is_listed()) {
        let owners = names::table("object", &edge.owner);
        let sql = format!(
            "INSERT INTO import_queue (stream, object, ticket, since)
             SELECT DISTINCT ?1, e.source, 1, ?3 FROM {table} e JOIN {owners} o ON o.object = e.source AND o.deletion IS NULL
             WHERE (e.target, e.type) IN (
                 SELECT t.target, t.kind FROM {targets} t
                 WHERE (lower(t.name) = replace(?2, '_', '') AND {here}) OR (t.name = 'unknown' AND {unknown}))
             ON CONFLICT (stream, object) DO UPDATE SET ticket = ticket + 1, since = max(since, excluded.since)",
            table = edge.table,
            targets = edge.targets(),
        );
        connection.execute(&sql, params![edge.stream, objects.entity, since])?;
    }
    Ok(())
}
