//! Previous states of objects (SCD 2): what a change ends is kept with the change that ended it.

use rusqlite::Connection;

use super::names::table;

/// The columns that a kept state takes over from the object's row.
const STATE: &str = "since_run, valid_from, cause, deletion, deleted_at, raw";

/// Creates a stream's history: one row a state that has ended, beside the number of the change that
/// ended it. The current state is the object's row.
pub(super) fn create(connection: &Connection, stream: &str) -> rusqlite::Result<()> {
    let (history, index) = (table("history", stream), table("import_history", stream));
    connection.execute_batch(&format!(
        "CREATE TABLE IF NOT EXISTS {history} (
             object INTEGER NOT NULL, change INTEGER NOT NULL, until_run INTEGER NOT NULL, valid_to TEXT NOT NULL,
             since_run INTEGER NOT NULL, valid_from TEXT NOT NULL, cause TEXT NOT NULL, deletion TEXT, deleted_at TEXT, raw TEXT NOT NULL
         );
         CREATE UNIQUE INDEX IF NOT EXISTS {index} ON {history} (object, change);"
    ))
}

/// SQL that keeps the state of object `?1`, which change `?2` ends in run `?3` at `?4`.
pub(super) fn keep(stream: &str) -> String {
    let (history, objects) = (table("history", stream), table("object", stream));
    format!(
        "INSERT INTO {history} (object, change, until_run, valid_to, {STATE})
         SELECT object, ?2, ?3, ?4, {STATE} FROM {objects} WHERE object = ?1"
    )
}

/// SQL that keeps the states of all objects that changes of stream `?1` above number `?2` are about.
pub(super) fn keep_swept(stream: &str) -> String {
    let (history, objects) = (table("history", stream), table("object", stream));
    let state = STATE.split(", ").map(|column| format!("o.{column}"));
    let state = state.collect::<Vec<_>>().join(", ");
    format!(
        "INSERT INTO {history} (object, change, until_run, valid_to, {STATE})
         SELECT c.object, c.number, c.run, c.at, {state}
         FROM import_change c JOIN {objects} o ON o.object = c.object
         WHERE c.number > ?2 AND c.stream = ?1"
    )
}
