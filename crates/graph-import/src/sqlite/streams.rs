//! The rows that say where each stream stands.

use rusqlite::{Connection, OptionalExtension, Row, params};

use super::ids::{signed, unsigned};
use crate::store::{Phase, StreamState};

const COLUMNS: &str =
    "stream, generation, epoch, seq, phase, cursor, watermark, pages, items, spoiled";

/// All streams of the store.
pub(super) fn states(connection: &Connection) -> rusqlite::Result<Vec<StreamState>> {
    let mut statement = connection.prepare(&format!("SELECT {COLUMNS} FROM import_stream"))?;
    statement.query_map([], read)?.collect()
}

/// One stream.
pub(super) fn state(
    connection: &Connection,
    stream: &str,
) -> rusqlite::Result<Option<StreamState>> {
    let sql = format!("SELECT {COLUMNS} FROM import_stream WHERE stream = ?1");
    connection.prepare_cached(&sql)?.query_row([stream], read).optional()
}

/// Moves a stream, if it is still where the fence says (facts: evidence-and-security, "The commit
/// rule"). Whether it was.
pub(super) fn write(
    connection: &Connection,
    before: &StreamState,
    after: &StreamState,
    at: &str,
) -> rusqlite::Result<bool> {
    let sql = "UPDATE import_stream SET generation = ?1, epoch = ?2, seq = ?3, phase = ?4, cursor = ?5, watermark = ?6,
        pages = ?7, items = ?8, spoiled = ?9, committed_at = ?10, started_at = coalesce(started_at, ?10)
        WHERE stream = ?11 AND generation = ?12 AND seq = ?13 AND epoch <= ?2";
    let moved = connection.prepare_cached(sql)?.execute(params![
        signed(after.generation),
        signed(after.epoch),
        signed(after.seq),
        after.phase.as_str(),
        after.cursor,
        after.watermark,
        signed(after.pages),
        signed(after.items),
        signed(after.spoiled),
        at,
        before.stream,
        signed(before.generation),
        signed(before.seq),
    ])?;
    Ok(moved == 1)
}

/// Whether readers see the stream: a generation of it has been read to its end.
pub(super) fn is_published(connection: &Connection, stream: &str) -> rusqlite::Result<bool> {
    let sql = "SELECT published IS NOT NULL FROM import_stream WHERE stream = ?1";
    let published =
        connection.prepare_cached(sql)?.query_row([stream], |row| row.get(0)).optional()?;
    Ok(published.unwrap_or(false))
}

/// Publishes a generation. Whether it is the stream's first.
pub(super) fn publish(
    connection: &Connection,
    stream: &str,
    generation: u64,
    run: i64,
) -> rusqlite::Result<bool> {
    let first = !is_published(connection, stream)?;
    let sql = "UPDATE import_stream SET published = ?2, published_run = coalesce(published_run, ?3) WHERE stream = ?1";
    connection.prepare_cached(sql)?.execute(params![stream, signed(generation), run])?;
    Ok(first)
}

fn read(row: &Row<'_>) -> rusqlite::Result<StreamState> {
    let number = |column: usize| row.get::<_, i64>(column).map(unsigned);
    let mut state = StreamState::new(&row.get::<_, String>(0)?);
    (state.generation, state.epoch, state.seq) = (number(1)?, number(2)?, number(3)?);
    let phase: String = row.get(4)?;
    state.phase = Phase::parse(&phase).ok_or_else(|| {
        rusqlite::Error::FromSqlConversionFailure(
            4,
            rusqlite::types::Type::Text,
            format!("unknown phase `{phase}`").into(),
        )
    })?;
    (state.cursor, state.watermark) = (row.get(5)?, row.get(6)?);
    (state.pages, state.items, state.spoiled) = (number(7)?, number(8)?, number(9)?);
    Ok(state)
}
