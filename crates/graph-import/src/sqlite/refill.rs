//! Columns after a change of the mapping.

use rusqlite::{Connection, ToSql};

use super::tables::ObjectTable;
use crate::content::Content;

/// Cuts every object's columns out of its raw object again, after the mapping has changed.
pub(super) fn refill(connection: &Connection, table: &ObjectTable) -> rusqlite::Result<()> {
    if table.columns.is_empty() {
        return Ok(());
    }
    let name = super::names::table("object", &table.stream);
    let sets: Vec<String> = table
        .columns
        .iter()
        .zip(2..)
        .map(|(column, at)| format!("{} = ?{at}", super::names::quoted(&column.name)))
        .collect();
    let mut write =
        connection.prepare(&format!("UPDATE {name} SET {} WHERE object = ?1", sets.join(", ")))?;
    let mut read = connection.prepare(&format!(
        "SELECT object, raw FROM {name} WHERE object > ?1 ORDER BY object LIMIT 1000"
    ))?;
    let mut last = 0;
    loop {
        let rows =
            read.query_map([last], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?)))?;
        let rows = rows.collect::<Result<Vec<_>, _>>()?;
        let Some((end, _)) = rows.last() else { return Ok(()) };
        last = *end;
        for (object, raw) in rows {
            let cells = Content::stored(raw)
                .map(|content| content.cells(&table.columns))
                .unwrap_or_default();
            let values = std::iter::once(&object as &dyn ToSql)
                .chain(cells.iter().map(|cell| cell as &dyn ToSql));
            write.execute(rusqlite::params_from_iter(values))?;
        }
    }
}
