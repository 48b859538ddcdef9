//! Objects: those that live, those that are gone, and every state that they were in.

use graph_dsl::{Column, ColumnKind, StreamPlan};
use rusqlite::Connection;

use super::{past, published, replace};
use crate::sqlite::names::{id_text, quoted, table};
use crate::sqlite::tables::OUT_OF_SCOPE;

/// The columns of an object's row that are not the stream's own, as its past states have them.
const FIXED: &str =
    "object, since_run, first_seen, last_seen, valid_from, cause, deletion, deleted_at, raw";

pub(super) fn create(connection: &Connection, plan: &StreamPlan) -> rusqlite::Result<()> {
    let (id, columns) = (id_text("i.id"), columns(plan));
    let from = format!(
        "FROM {} o JOIN import_object_id i ON i.number = o.object WHERE {}",
        table("object", &plan.name),
        published(&plan.name)
    );
    let times = "o.first_seen, o.last_seen, o.valid_from";
    let live = format!("SELECT {id} AS id{columns}, {times}, o.raw {from} AND o.deletion IS NULL");
    let gone = format!(
        "SELECT {id} AS id{columns}, o.deletion, o.deleted_at, o.cause, {times}, o.raw {from} AND o.deletion <> '{OUT_OF_SCOPE}'"
    );
    let outside = format!(
        "SELECT {id} AS id{columns}, {times}, o.raw {from} AND o.deletion = '{OUT_OF_SCOPE}'"
    );
    replace(connection, &format!("{OUT_OF_SCOPE}_{}", plan.name), &outside)?;
    replace(connection, &plan.name, &live)?;
    replace(connection, &format!("deleted_{}", plan.name), &gone)?;
    replace(connection, &format!("import_past_{}", plan.name), &past::select(plan))?;
    replace(connection, &format!("{}_history", plan.name), &history(plan, &id, &columns))
}

/// Every state, the current one with an open end.
fn history(plan: &StreamPlan, id: &str, columns: &str) -> String {
    let own: String =
        plan.columns.iter().map(|column| [", ", &quoted(&column.name)].concat()).collect();
    format!(
        "SELECT {id} AS id{columns}, o.valid_from, o.valid_to, o.since_run, o.until_run, o.deletion, o.deleted_at, o.cause, o.raw
         FROM (SELECT {FIXED}{own}, NULL AS until_run, NULL AS valid_to FROM {}
               UNION ALL SELECT {FIXED}{own}, until_run, valid_to FROM {}) o
         JOIN import_object_id i ON i.number = o.object WHERE {}",
        table("object", &plan.name),
        table("import_past", &plan.name),
        published(&plan.name)
    )
}

/// The stream's columns; lists are joined by commas here and whole in `raw`.
fn columns(plan: &StreamPlan) -> String {
    let column = |column: &Column| {
        let name = quoted(&column.name);
        match column.kind {
            ColumnKind::List => {
                format!(", (SELECT group_concat(value, ',') FROM json_each(o.{name})) AS {name}")
            }
            _ if column.ignores_case => format!(", o.{name} COLLATE NOCASE AS {name}"),
            _ => format!(", o.{name}"),
        }
    };
    let external_id = match plan.external_id.as_str() {
        "id" => id_text("i.id"),
        property => format!("json_extract(o.raw, '$.\"{}\"')", property.replace('\'', "''")),
    };
    let columns: String = plan.columns.iter().map(column).collect();
    format!(", {external_id} AS external_id{columns}")
}
