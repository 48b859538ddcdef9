//! Direct edges, and every interval in which they were there.

use graph_dsl::StreamPlan;
use rusqlite::Connection;

use super::{NAME, edge_view, published, replace};
use crate::sqlite::names::{id_text, quoted, table};
use crate::store::StreamSet;

/// A stream whose objects may be the other end of an edge.
pub(super) struct Target {
    stream: String,
    named: bool,
    /// The type of its objects, as `@odata.type` spells it.
    odata_type: String,
}

/// All object streams that the store has, whether this run reads them or not.
pub(super) fn targets(
    connection: &Connection,
    streams: &StreamSet,
) -> rusqlite::Result<Vec<Target>> {
    let sql = "SELECT stream, EXISTS (SELECT 1 FROM pragma_table_info('object_' || stream) WHERE name = ?1), entity
         FROM import_stream WHERE kind <> 'edges' ORDER BY stream";
    let mut statement = connection.prepare(sql)?;
    let target = |row: &rusqlite::Row<'_>| {
        let (stream, entity): (String, String) = (row.get(0)?, row.get(2)?);
        let entity = streams.get(&stream).map_or(entity.as_str(), |plan| &plan.entity);
        Ok(Target { odata_type: camel_case(entity), stream, named: row.get(1)? })
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

pub(super) fn create(
    connection: &Connection,
    plan: &StreamPlan,
    owner: &StreamPlan,
    targets: &[Target],
) -> rusqlite::Result<()> {
    let view = edge_view(&plan.name, &owner.entity);
    let direct = select(plan, owner, targets, &table("edge", &plan.name), "");
    replace(connection, &view, &direct)?;
    replace(connection, &format!("{view}_history"), &history(plan, owner))
}

/// Edges between objects that live; an end that is not imported itself counts as alive. `edges` has
/// the columns `source`, `target` and `type`, and `more` names others of it.
pub(super) fn select(
    plan: &StreamPlan,
    owner: &StreamPlan,
    targets: &[Target],
    edges: &str,
    more: &str,
) -> String {
    let owners = table("object", &owner.name);
    let each = |part: &dyn Fn(usize, &Target) -> String| -> String {
        targets.iter().enumerate().map(|(at, target)| part(at, target)).collect()
    };
    let joins = each(&|at, target| {
        let objects = table("object", &target.stream);
        format!(" LEFT JOIN {objects} t{at} ON t{at}.object = e.target")
    });
    let alive = each(&|at, _| format!(" AND t{at}.deletion IS NULL"));
    // `coalesce` takes two arguments at least.
    let name =
        each(&|at, target| if target.named { format!("t{at}.{NAME}, ") } else { String::new() });
    // Graph may leave a member's type out; the stream that knows the object knows what it is.
    let known_type =
        each(&|at, target| format!(" WHEN t{at}.object IS NOT NULL THEN '{}'", target.odata_type));
    let known_type =
        format!("CASE WHEN y.name <> 'unknown' THEN y.name{known_type} ELSE y.name END");
    let owner_named = owner.columns.iter().any(|column| column.name == NAME);
    let owner_name = if owner_named { format!("o.{NAME}") } else { "NULL".to_owned() };
    let (source, target) = (id_text("s.id"), id_text("m.id"));
    let column = |end: &str, what: &str| quoted(&format!("{end}_{what}"));
    let (from, to) = (&owner.entity, &plan.entity);
    format!(
        "SELECT {source} || ':' || {target} AS external_id, {source} AS {}, {owner_name} AS {},
         {target} AS {}, {known_type} AS {}, coalesce({name}NULL, NULL) AS {}{more}
         FROM {edges} e JOIN {owners} o ON o.object = e.source
         JOIN import_object_id s ON s.number = e.source JOIN import_object_id m ON m.number = e.target
         JOIN import_edge_type y ON y.number = e.type{joins}
         WHERE {} AND o.deletion IS NULL{alive}",
        column(from, "id"),
        column(from, "name"),
        column(to, "id"),
        column(to, "type"),
        column(to, "name"),
        published(&plan.name),
    )
}

/// Open and closed intervals, by the runs that saw the edge come and go; their times are those at
/// which these runs began.
fn history(plan: &StreamPlan, owner: &StreamPlan) -> String {
    let column = |end: &str, what: &str| quoted(&format!("{end}_{what}"));
    let (from, to) = (&owner.entity, &plan.entity);
    format!(
        "SELECT {} AS {}, {} AS {}, y.name AS {}, a.started_at AS valid_from, z.started_at AS valid_to,
         e.since_run, e.until_run, e.cause
         FROM (SELECT source, target, type, since_run, NULL AS until_run, NULL AS cause FROM {}
               UNION ALL SELECT source, target, type, since_run, until_run, cause FROM {}) e
         JOIN import_object_id s ON s.number = e.source JOIN import_object_id m ON m.number = e.target
         JOIN import_edge_type y ON y.number = e.type
         LEFT JOIN import_run a ON a.run = e.since_run LEFT JOIN import_run z ON z.run = e.until_run
         WHERE {}",
        id_text("s.id"),
        column(from, "id"),
        id_text("m.id"),
        column(to, "id"),
        column(to, "type"),
        table("edge", &plan.name),
        table("closed", &plan.name),
        published(&plan.name),
    )
}
