//! The dictionary: object ids to integers.

mod recent;

use rusqlite::types::{ToSqlOutput, Value, ValueRef};
use rusqlite::{Connection, OptionalExtension, ToSql};

use crate::ObjectId;

pub(super) use recent::Numbers;

impl ToSql for ObjectId {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(match (self.as_guid(), self.as_text()) {
            (Some(guid), _) => ToSqlOutput::Borrowed(ValueRef::Blob(guid)),
            (None, text) => {
                ToSqlOutput::Borrowed(ValueRef::Text(text.unwrap_or_default().as_bytes()))
            }
        })
    }
}

/// The id of a column of the dictionary.
pub(super) fn read(value: Value) -> ObjectId {
    match value {
        Value::Blob(bytes) => match bytes.try_into() {
            Ok(guid) => ObjectId::from_guid(guid),
            Err(bytes) => ObjectId::new(&String::from_utf8_lossy(&bytes)),
        },
        Value::Text(text) => ObjectId::new(&text),
        _ => ObjectId::new(""),
    }
}

/// The number of an object, if it has one.
pub(super) fn find(connection: &Connection, id: &ObjectId) -> rusqlite::Result<Option<i64>> {
    let mut find =
        connection.prepare_cached("SELECT number FROM import_object_id WHERE id = ?1")?;
    find.query_row([id], |row| row.get(0)).optional()
}

/// Gives an object a number; `None` if it has one.
fn add(connection: &Connection, id: &ObjectId) -> rusqlite::Result<Option<i64>> {
    let sql = "INSERT INTO import_object_id (id) VALUES (?1) ON CONFLICT DO NOTHING";
    let added = connection.prepare_cached(sql)?.execute([id])? == 1;
    Ok(added.then(|| connection.last_insert_rowid()))
}

/// SQLite's integers are signed; the store's numbers count up from one.
pub(super) fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// The other way; a negative number is never written.
pub(super) fn unsigned(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}
