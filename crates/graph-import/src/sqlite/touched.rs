//! What the delta round of an open handover has told of: its scan leaves that alone (cases: C1).

use rusqlite::{Connection, params};

pub(super) fn add(connection: &Connection, stream: &str, object: i64) -> rusqlite::Result<()> {
    let sql = "INSERT INTO import_touched (stream, object) VALUES (?1, ?2) ON CONFLICT DO NOTHING";
    connection.prepare_cached(sql)?.execute(params![stream, object]).map(drop)
}

pub(super) fn is(connection: &Connection, stream: &str, object: i64) -> rusqlite::Result<bool> {
    let sql = "SELECT 1 FROM import_touched WHERE stream = ?1 AND object = ?2";
    connection.prepare_cached(sql)?.exists(params![stream, object])
}

pub(super) fn forget(connection: &Connection, stream: &str) -> rusqlite::Result<()> {
    let sql = "DELETE FROM import_touched WHERE stream = ?1";
    connection.prepare_cached(sql)?.execute([stream]).map(drop)
}
