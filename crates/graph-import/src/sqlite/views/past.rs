//! Past states: their columns are cut out of the raw object when somebody asks.

use graph_dsl::{Column, ColumnKind, StreamPlan};

use crate::sqlite::names::{quoted, table};

/// States that have ended, in the shape of the objects' table, and when they ended.
pub(super) fn select(plan: &StreamPlan) -> String {
    let cell = |column: &Column| [", ", &cell(column), " AS ", &quoted(&column.name)].concat();
    let cells: String = plan.columns.iter().map(cell).collect();
    format!(
        "SELECT h.object, h.since_run, o.first_seen, h.valid_to AS last_seen, h.valid_from, h.cause, h.deletion, h.deleted_at, h.raw{cells},
         x'' AS content_hash, 0 AS seen_generation, h.until_run, h.valid_to
         FROM {} h JOIN {} o ON o.object = h.object",
        table("history", &plan.name),
        table("object", &plan.name)
    )
}

/// A column cut out of a past state's raw object, by the rules of [`crate::Content::cells`].
fn cell(column: &Column) -> String {
    let property = column.property.replace('\'', "''");
    let whole = format!("'$.\"{property}\"'");
    let Some(nested) = property.contains('.').then(|| property.replace('.', "\".\"")) else {
        return typed(column.kind, &whole);
    };
    // A property may have a dot in its own name; else the dots lead into it.
    format!(
        "CASE WHEN json_type(h.raw, {whole}) IS NOT NULL THEN {} ELSE {} END",
        typed(column.kind, &whole),
        typed(column.kind, &format!("'$.\"{nested}\"'"))
    )
}

fn typed(kind: ColumnKind, path: &str) -> String {
    let of = format!("CASE json_type(h.raw, {path})");
    match kind {
        ColumnKind::Boolean => format!("{of} WHEN 'true' THEN 1 WHEN 'false' THEN 0 END"),
        ColumnKind::Integer => format!("{of} WHEN 'integer' THEN h.raw ->> {path} END"),
        ColumnKind::List => format!("{of} WHEN 'array' THEN h.raw -> {path} END"),
        ColumnKind::Json => format!("{of} WHEN 'null' THEN NULL ELSE h.raw -> {path} END"),
        ColumnKind::Guid => format!("{of} WHEN 'text' THEN lower(h.raw ->> {path}) END"),
        ColumnKind::DateTime => format!("{of} WHEN 'text' THEN {} END", utc(path)),
        _ => format!("{of} WHEN 'text' THEN h.raw ->> {path} END"),
    }
}

/// A time in UTC with milliseconds, as [`crate::content::utc`] writes it: the form that Graph documents is
/// filled up, others are reckoned.
fn utc(path: &str) -> String {
    let time = format!("h.raw ->> {path}");
    let date = "[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]";
    let seconds = "T[0-9][0-9]:[0-9][0-9]:[0-9][0-9]";
    format!(
        "CASE WHEN {time} GLOB '{date}{seconds}Z' OR {time} GLOB '{date}{seconds}.*Z'
          THEN substr(substr({time}, 1, 19) || '.' || rtrim(substr({time}, 21), 'Z') || '000', 1, 23) || 'Z'
          WHEN {time} GLOB '{date}*' THEN strftime('%Y-%m-%dT%H:%M:%fZ', {time}) END"
    )
}
