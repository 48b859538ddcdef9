//! The rows that say where each stream stands.

use rusqlite::types::Type;
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::ids::{signed, unsigned};
use crate::store::{Phase, Source, StreamState};

const COLUMNS: &str = "stream, generation, epoch, seq, phase, cursor, watermark, pages, items, spoiled,
    published, source, fallback, doubt, watermark_at, resynced_at, baseline, baseline_at, counted, churn, unreadable, emptied,
    withheld, withheld_again, rereads";

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
        pages = ?7, items = ?8, spoiled = ?9, committed_at = ?10, started_at = coalesce(started_at, ?10),
        published = ?14, source = ?15, fallback = ?16, doubt = ?17, watermark_at = ?18, resynced_at = ?19,
        baseline = ?20, baseline_at = ?21, counted = ?22, churn = ?23, unreadable = ?24, emptied = ?25,
        withheld = ?26, withheld_again = ?27, rereads = ?28
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
        after.published.map(signed),
        after.source.map(Source::as_str),
        after.fallback,
        after.doubt,
        after.watermark_at,
        after.resynced_at,
        after.baseline,
        after.baseline_at,
        after.counted.map(signed),
        signed(after.churn),
        (!after.unreadable.is_empty()).then(|| after.unreadable.join(",")),
        (!after.emptied.is_empty()).then(|| after.emptied.join(",")),
        signed(after.withheld),
        signed(after.withheld_again),
        signed(after.rereads),
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

/// Remembers the run in which readers first saw the stream.
pub(super) fn first_published(
    connection: &Connection,
    stream: &str,
    run: i64,
) -> rusqlite::Result<()> {
    let sql = "UPDATE import_stream SET published_run = ?2 WHERE stream = ?1";
    connection.prepare_cached(sql)?.execute(params![stream, run]).map(drop)
}

fn read(row: &Row<'_>) -> rusqlite::Result<StreamState> {
    let number = |column: usize| row.get::<_, i64>(column).map(unsigned);
    let maybe =
        |column: usize| row.get::<_, Option<i64>>(column).map(|number| number.map(unsigned));
    let mut state = StreamState::new(&row.get::<_, String>(0)?);
    (state.generation, state.epoch, state.seq) = (number(1)?, number(2)?, number(3)?);
    let phase: String = row.get(4)?;
    state.phase = Phase::parse(&phase).ok_or_else(|| unknown(4, "phase", &phase))?;
    (state.cursor, state.watermark) = (row.get(5)?, row.get(6)?);
    (state.pages, state.items, state.spoiled) = (number(7)?, number(8)?, number(9)?);
    state.published = maybe(10)?;
    let source: Option<String> = row.get(11)?;
    let parse = |text: String| Source::parse(&text).ok_or_else(|| unknown(11, "source", &text));
    state.source = source.map(parse).transpose()?;
    (state.fallback, state.doubt) = (row.get(12)?, row.get(13)?);
    (state.watermark_at, state.resynced_at) = (row.get(14)?, row.get(15)?);
    (state.baseline, state.baseline_at) = (row.get(16)?, row.get(17)?);
    (state.counted, state.churn) = (maybe(18)?, number(19)?);
    let names = |column: usize| -> rusqlite::Result<Vec<String>> {
        let names: Option<String> = row.get(column)?;
        Ok(names.iter().flat_map(|names| names.split(',')).map(str::to_owned).collect())
    };
    (state.unreadable, state.emptied) = (names(20)?, names(21)?);
    (state.withheld, state.withheld_again, state.rereads) = (number(22)?, number(23)?, number(24)?);
    Ok(state)
}

fn unknown(column: usize, what: &str, text: &str) -> rusqlite::Error {
    let reason = format!("unknown {what} `{text}`").into();
    rusqlite::Error::FromSqlConversionFailure(column, Type::Text, reason)
}
