//! Objects that are gone and wait for a look into the recycle bin (cases: B4, B5).

use rusqlite::{Connection, OptionalExtension, params};

use super::Claimed;
use super::ids::{self, signed, unsigned};
use super::objects::Page;
use super::tables::{OUT_OF_SCOPE, ObjectTable};
use crate::item::Removal;
use crate::store::{Applied, Deletion, Gone, Queued};

pub(super) fn add(
    connection: &Connection,
    stream: &str,
    object: i64,
    since: &str,
) -> rusqlite::Result<()> {
    let sql = "INSERT INTO import_gone (stream, object, since) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING";
    connection.prepare_cached(sql)?.execute(params![stream, object, since]).map(drop)
}

/// Adds what a sweep of this generation will find.
pub(super) fn add_unseen(
    connection: &Connection,
    table: &ObjectTable,
    generation: i64,
    since: &str,
) -> rusqlite::Result<()> {
    let sql = format!(
        "INSERT INTO import_gone (stream, object, since)
         SELECT ?1, object, ?3 FROM {} WHERE {} AND seen_generation < ?2
         ON CONFLICT DO NOTHING",
        table.table, table.unseen
    );
    connection.execute(&sql, params![table.stream, generation, since]).map(drop)
}

pub(super) fn settle(connection: &Connection, stream: &str, object: i64) -> rusqlite::Result<()> {
    let sql = "DELETE FROM import_gone WHERE stream = ?1 AND object = ?2";
    connection.prepare_cached(sql)?.execute(params![stream, object]).map(drop)
}

/// The next entries after a place.
pub(super) fn read(
    claimed: &Claimed,
    stream: &str,
    after: Option<u64>,
    limit: usize,
) -> rusqlite::Result<Vec<Queued>> {
    let sql =
        "SELECT g.object, i.id, g.since FROM import_gone g JOIN import_object_id i ON i.number = g.object
         WHERE g.stream = ?1 AND g.object > ?2 ORDER BY g.object LIMIT ?3";
    let mut statement = claimed.connection.prepare_cached(sql)?;
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let rows = statement.query_map(params![stream, after.map_or(0, signed), limit], |row| {
        let (place, object) = (unsigned(row.get(0)?), ids::read(row.get(1)?));
        Ok(Queued { place, object, ticket: 1, hidden: false, since: row.get(2)? })
    })?;
    rows.collect()
}

/// Writes what the recycle bin says. Of an object that delta has reported as soft-deleted, its
/// silence proves nothing: delta will report the rest as well.
pub(super) fn apply(page: &Page<'_>, deletions: &[Deletion]) -> rusqlite::Result<Applied> {
    let mut applied = Applied::default();
    let (connection, table) = (page.connection, page.table);
    for Deletion { object, how } in deletions {
        let Some(object) = page.tables.numbers.find(connection, object)? else { continue };
        settle(connection, &table.stream, object)?;
        let sql = format!("SELECT deletion FROM {} WHERE object = ?1", table.table);
        let deletion: Option<Option<String>> =
            connection.prepare_cached(&sql)?.query_row([object], |row| row.get(0)).optional()?;
        let Some(Some(deletion)) = deletion else { continue };
        match (how, deletion.as_str()) {
            (Gone::Soft { deleted_at }, "soft" | "absent" | OUT_OF_SCOPE) => {
                page.bury(object, Removal::Soft, &mut Applied::default())?;
                applied.soft_deleted += u64::from(deletion == OUT_OF_SCOPE);
                settle(connection, &table.stream, object)?;
                let sql = format!("UPDATE {} SET deleted_at = ?2 WHERE object = ?1", table.table);
                connection.prepare_cached(&sql)?.execute(params![object, deleted_at])?;
            }
            (Gone::Hard, "absent" | OUT_OF_SCOPE) => {
                page.bury(object, Removal::Hard, &mut Applied::default())?;
                applied.hard_deleted += u64::from(deletion == OUT_OF_SCOPE);
            }
            (Gone::Unknown, OUT_OF_SCOPE) => applied.left_scope += 1,
            _ => {}
        }
    }
    Ok(applied)
}
