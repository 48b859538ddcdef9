//! Columns that a generation brings back empty: Graph answers null for what an application may not read
//! any more, and does not say so (cases: F7; facts: graph-protocol 10.10).

use std::collections::BTreeMap;

use rusqlite::{Connection, params};

use super::Claimed;
use super::names::quoted;
use super::tables::ObjectTable;

/// Objects that must have had a value before its absence in all of them is taken for a refusal.
const FEWEST: i64 = 10;

/// Properties of which the published generation has values, and the one that waits for its publication
/// has none in any object, although at least [`FEWEST`] of those that had one are there. Without
/// those that are not asked for.
pub(super) fn find(
    connection: &Connection,
    live: &ObjectTable,
    next: &ObjectTable,
    unasked: &[String],
) -> rusqlite::Result<Vec<String>> {
    let mut columns: BTreeMap<&str, &str> = BTreeMap::new();
    for column in
        live.columns.iter().filter(|column| !unasked.contains(&column.selected().to_owned()))
    {
        columns.entry(column.selected()).or_insert(&column.name);
    }
    let filled = filled(connection, live, &columns)?;
    let mut emptied = Vec::new();
    for (property, column) in filled {
        if !has_value(connection, next, property)? && had_values(connection, (live, next), column)?
        {
            emptied.push(property.to_owned());
        }
    }
    Ok(emptied)
}

/// Those of the columns that hold values, by one pass over the table.
fn filled<'a>(
    connection: &Connection,
    live: &ObjectTable,
    columns: &BTreeMap<&'a str, &'a str>,
) -> rusqlite::Result<Vec<(&'a str, &'a str)>> {
    if columns.is_empty() {
        return Ok(Vec::new());
    }
    let counts: Vec<String> = columns
        .values()
        .map(|name| format!("count(nullif(nullif({}, ''), '[]'))", quoted(name)))
        .collect();
    let sql = format!("SELECT {} FROM {} WHERE deletion IS NULL", counts.join(", "), live.table);
    connection.query_row(&sql, [], |row| {
        let mut filled = Vec::new();
        for (at, (property, column)) in columns.iter().enumerate() {
            if row.get::<_, i64>(at)? >= FEWEST {
                filled.push((*property, *column));
            }
        }
        Ok(filled)
    })
}

fn has_value(
    connection: &Connection,
    next: &ObjectTable,
    property: &str,
) -> rusqlite::Result<bool> {
    let sql = format!(
        "SELECT 1 FROM {} WHERE deletion IS NULL AND coalesce(raw -> ?1, 'null') NOT IN ('null', '[]', '\"\"') LIMIT 1",
        next.table
    );
    connection.prepare(&sql)?.exists([format!("$.\"{property}\"")])
}

fn had_values(
    connection: &Connection,
    (live, next): (&ObjectTable, &ObjectTable),
    column: &str,
) -> rusqlite::Result<bool> {
    let sql = format!(
        "SELECT count(*) FROM (SELECT 1 FROM {} n JOIN {} o ON o.object = n.object
         WHERE n.deletion IS NULL AND o.deletion IS NULL AND nullif(nullif(o.{}, ''), '[]') IS NOT NULL LIMIT {FEWEST})",
        next.table,
        live.table,
        quoted(column)
    );
    connection.query_row(&sql, [], |row| row.get::<_, i64>(0)).map(|found| found >= FEWEST)
}

/// The objects of a stream that a run has updated, each with the columns that differ.
/// Numbers grow with runs: the search ends at the newest change of another run.
const UPDATED: &str = "SELECT object, columns FROM import_change
    WHERE number > coalesce((SELECT number FROM import_change WHERE run < ?2 ORDER BY number DESC LIMIT 1), 0)
    AND stream = ?1 AND operation = 'updated'";

/// Columns that the changes of this run have emptied: at least [`FEWEST`] objects had a value and have
/// none now, and of all that were updated none has one.
pub(super) fn by_changes(claimed: &Claimed, stream: &str) -> rusqlite::Result<Vec<String>> {
    let Claimed { connection, tables, run, .. } = claimed;
    let Some(table) = tables.object(stream) else { return Ok(Vec::new()) };
    let changed = format!(
        "SELECT j.value FROM ({UPDATED}) c, json_each(c.columns) j
         GROUP BY 1 HAVING count(DISTINCT c.object) >= {FEWEST}"
    );
    let mut changed = connection.prepare(&changed)?;
    let changed = changed.query_map(params![stream, run], |row| row.get::<_, String>(0))?;
    let mut emptied = Vec::new();
    for name in changed {
        let name = name?;
        if !table.columns.iter().any(|column| column.name == name) {
            continue;
        }
        let filled = format!(
            "SELECT 1 FROM ({UPDATED}) c JOIN {} o ON o.object = c.object
             WHERE nullif(nullif(o.{}, ''), '[]') IS NOT NULL LIMIT 1",
            table.table,
            quoted(&name)
        );
        if !connection.prepare(&filled)?.exists(params![stream, run])? {
            emptied.push(name);
        }
    }
    Ok(emptied)
}
