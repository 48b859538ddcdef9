//! The views that people query.

use graph_dsl::{Column, ColumnKind, StreamKind, StreamPlan};
use rusqlite::Connection;

use super::names::{id_text, quoted, table};
use crate::store::StreamSet;

/// Creates the views of these streams anew, so that they follow the columns.
pub(super) fn create(connection: &Connection, streams: &StreamSet) -> rusqlite::Result<()> {
    for plan in streams {
        if let StreamKind::Edges { of } = &plan.kind {
            let Some(owner) = streams.get(of) else { continue };
            let select = edges(plan, owner, &targets(connection, streams)?);
            replace(connection, &edge_view(plan, owner), &select)?;
        } else {
            objects(connection, plan)?;
        }
    }
    Ok(())
}

/// The live objects of a stream, and those that are gone.
fn objects(connection: &Connection, plan: &StreamPlan) -> rusqlite::Result<()> {
    let (objects, id, columns) = (table("object", &plan.name), id_text("i.id"), columns(plan));
    let from = format!("FROM {objects} o JOIN import_object_id i ON i.number = o.object");
    let times = "o.first_seen, o.last_seen, o.valid_from";
    let seen = published(&plan.name);
    let live = format!(
        "SELECT {id} AS id{columns}, {times}, o.raw {from} WHERE o.deletion IS NULL AND {seen}"
    );
    let gone = format!(
        "SELECT {id} AS id{columns}, o.deletion, o.deleted_at, o.cause, {times}, o.valid_to, o.raw {from}
         WHERE o.deletion IS NOT NULL AND {seen}"
    );
    replace(connection, &plan.name, &live)?;
    replace(connection, &format!("deleted_{}", plan.name), &gone)
}

/// Whether the stream's rows are for readers: not before its first generation is complete (cases: I5).
fn published(stream: &str) -> String {
    format!(
        "EXISTS (SELECT 1 FROM import_stream p WHERE p.stream = '{stream}' AND p.published IS NOT NULL)"
    )
}

/// A stream whose objects may be the other end of an edge.
struct Target {
    objects: String,
    named: bool,
    /// The type of its objects, as `@odata.type` spells it; known of the streams of this run.
    odata_type: Option<String>,
}

/// All object streams that the store has, whether this run reads them or not.
fn targets(connection: &Connection, streams: &StreamSet) -> rusqlite::Result<Vec<Target>> {
    let sql = "SELECT stream, EXISTS (SELECT 1 FROM pragma_table_info('object_' || stream) WHERE name = ?1)
         FROM import_stream WHERE kind <> 'edges' ORDER BY stream";
    let mut statement = connection.prepare(sql)?;
    let target = |row: &rusqlite::Row<'_>| {
        let stream: String = row.get(0)?;
        let odata_type = streams.get(&stream).map(|plan| camel_case(&plan.entity));
        Ok(Target { objects: table("object", &stream), named: row.get(1)?, odata_type })
    };
    statement.query_map([NAME], target)?.collect()
}

/// `servicePrincipal` of the entity `service_principal`.
fn camel_case(entity: &str) -> String {
    let mut words = entity.split('_');
    let mut name = words.next().unwrap_or_default().to_owned();
    for word in words {
        let (first, rest) = word.split_at(word.len().min(1));
        name.push_str(&first.to_ascii_uppercase());
        name.push_str(rest);
    }
    name
}

/// The name of an edge stream's view: `group_members` of the stream `members` over groups.
pub(super) fn edge_view(plan: &StreamPlan, owner: &StreamPlan) -> String {
    let prefix = format!("{}_", owner.entity);
    if plan.name.starts_with(&prefix) {
        plan.name.clone()
    } else {
        format!("{prefix}{}", plan.name)
    }
}

fn replace(connection: &Connection, view: &str, select: &str) -> rusqlite::Result<()> {
    let view = quoted(view);
    connection
        .execute_batch(&format!("DROP VIEW IF EXISTS {view}; CREATE VIEW {view} AS {select};"))
}

/// The stream's columns; lists are joined by commas here and whole in `raw`.
fn columns(plan: &StreamPlan) -> String {
    let column = |column: &Column| {
        let name = quoted(&column.name);
        match column.kind {
            ColumnKind::List => {
                format!(", (SELECT group_concat(value, ',') FROM json_each(o.{name})) AS {name}")
            }
            _ => format!(", o.{name}"),
        }
    };
    plan.columns.iter().map(column).collect()
}

/// Direct edges between objects that live; an end that is not imported itself counts as alive.
fn edges(plan: &StreamPlan, owner: &StreamPlan, targets: &[Target]) -> String {
    let (edge, owners) = (table("edge", &plan.name), table("object", &owner.name));
    let each = |part: &dyn Fn(usize, &Target) -> String| -> String {
        targets.iter().enumerate().map(|(at, target)| part(at, target)).collect()
    };
    let joins = each(&|at, target| {
        format!(" LEFT JOIN {} t{at} ON t{at}.object = e.target", target.objects)
    });
    let alive = each(&|at, _| format!(" AND t{at}.deletion IS NULL"));
    // `coalesce` takes two arguments at least.
    let name =
        each(&|at, target| if target.named { format!("t{at}.{NAME}, ") } else { String::new() });
    // Graph may leave a member's type out; the stream that knows the object knows what it is.
    let known_type = each(&|at, target| match &target.odata_type {
        Some(name) => format!(" WHEN t{at}.object IS NOT NULL THEN '{name}'"),
        None => String::new(),
    });
    let known_type =
        format!("CASE WHEN y.name <> 'unknown' THEN y.name{known_type} ELSE y.name END");
    let owner_named = owner.columns.iter().any(|column| column.name == NAME);
    let owner_name = if owner_named { format!("o.{NAME}") } else { "NULL".to_owned() };
    let (source, target) = (id_text("s.id"), id_text("m.id"));
    let column = |end: &str, what: &str| quoted(&format!("{end}_{what}"));
    let (from, to) = (&owner.entity, &plan.entity);
    let seen = published(&plan.name);
    format!(
        "SELECT {source} || ':' || {target} AS external_id, {source} AS {}, {owner_name} AS {},
         {target} AS {}, {known_type} AS {}, coalesce({name}NULL, NULL) AS {}
         FROM {edge} e JOIN {owners} o ON o.object = e.source
         JOIN import_object_id s ON s.number = e.source JOIN import_object_id m ON m.number = e.target
         JOIN import_edge_type y ON y.number = e.type{joins}
         WHERE o.deletion IS NULL{alive} AND {seen}",
        column(from, "id"),
        column(from, "name"),
        column(to, "id"),
        column(to, "type"),
        column(to, "name"),
    )
}

/// The column that names an object for people.
const NAME: &str = "display_name";
