//! The next generation of a stream that readers see an older one of: kept aside, then published.

use rusqlite::{Connection, params};

use super::objects::Page;
use super::tables::{ObjectTable, Tables};
use super::{ids, queue, touched};
use crate::content::{Content, Stated};
use crate::item::Removal;
use crate::store::Applied;

/// Rows that are compared at once.
const ROWS: i64 = 1_000;

/// Forgets what an earlier attempt has left.
pub(super) fn clear(
    connection: &Connection,
    tables: &Tables,
    stream: &str,
) -> rusqlite::Result<()> {
    touched::forget(connection, stream)?;
    match tables.staging(stream) {
        Some(staging) => connection.execute_batch(&format!("DELETE FROM {}", staging.table)),
        None => Ok(()),
    }
}

/// How many objects of the open generation are alive.
pub(super) fn sighted(
    connection: &Connection,
    table: &ObjectTable,
    generation: u64,
) -> rusqlite::Result<u64> {
    let sql = format!(
        "SELECT count(*) FROM {} WHERE deletion IS NULL AND seen_generation = ?1",
        table.table
    );
    connection.query_row(&sql, [ids::signed(generation)], |row| row.get(0)).map(ids::unsigned)
}

/// Lays the staged generation over the published one, row by row in the same ways in which a page
/// would, inside the caller's transaction: a reader sees all of it or nothing (cases: A8, I5).
pub(super) fn publish(page: &Page<'_>, staging: &ObjectTable) -> rusqlite::Result<Applied> {
    let mut applied = Applied { unchanged: keep_equal(page, staging)?, ..Applied::default() };
    let differing = format!(
        "SELECT n.object, n.raw, n.deletion FROM {next} n LEFT JOIN {live} o ON o.object = n.object
         WHERE n.object > ?1 AND (n.deletion IS NOT NULL OR o.object IS NULL OR o.deletion IS NOT NULL
             OR o.content_hash <> n.content_hash)
         ORDER BY n.object LIMIT {ROWS}",
        next = staging.table,
        live = page.table.table
    );
    let mut differing = page.connection.prepare(&differing)?;
    let mut last = 0;
    loop {
        let rows = differing.query_map([last], |row| {
            Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?, row.get::<_, Option<String>>(2)?))
        })?;
        let rows = rows.collect::<Result<Vec<_>, _>>()?;
        let Some((end, ..)) = rows.last() else { break };
        last = *end;
        for (object, raw, deletion) in rows {
            match deletion.as_deref() {
                Some("hard") => page.bury(object, Removal::Hard, &mut applied)?,
                Some(_) => page.bury(object, Removal::Soft, &mut applied)?,
                None => {
                    let content = Content::stored(raw).map_err(super::objects::damaged)?;
                    let known = page.known(object)?;
                    page.state_whole(object, known.as_ref(), &Stated::new(content), &mut applied)?;
                }
            }
        }
    }
    // What the owners' delta would have reported between the two generations is not known.
    for edge in page.tables.listed_of(&page.table.stream) {
        queue::add_all(page.connection, &edge.stream, &edge.owner, page.at)?;
    }
    clear(page.connection, page.tables, &page.table.stream)?;
    Ok(applied)
}

/// Marks what is in both generations alike.
fn keep_equal(page: &Page<'_>, staging: &ObjectTable) -> rusqlite::Result<u64> {
    let (live, next) = (&page.table.table, &staging.table);
    let sql = format!(
        "UPDATE {live} SET seen_generation = ?1, last_seen = ?2 WHERE deletion IS NULL AND object IN (
             SELECT n.object FROM {next} n JOIN {live} o ON o.object = n.object
             WHERE n.deletion IS NULL AND o.deletion IS NULL AND o.content_hash = n.content_hash)"
    );
    page.connection.execute(&sql, params![page.generation, page.at]).map(|rows| rows as u64)
}
