//! Direct edges, and every interval in which they were there.

use graph_dsl::StreamPlan;
use rusqlite::Connection;

use super::target::{self, Target};
use super::{NAME, edge_view, published, replace};
use crate::sqlite::names::{id_text, quoted, table};

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
    let found = target::find(targets, "t", "e.target");
    // Graph may leave a member's type out; the stream that knows the object knows what it is.
    let kind = format!("CASE WHEN y.name <> 'unknown' THEN y.name{} ELSE y.name END", found.kinds);
    let owner_named = owner.columns.iter().any(|column| column.name == NAME);
    let owner_name = if owner_named { format!("o.{NAME}") } else { "NULL".to_owned() };
    let (source, target) = (id_text("s.id"), id_text("m.id"));
    let column = |end: &str, what: &str| quoted(&format!("{end}_{what}"));
    let (from, to) = (&owner.entity, &plan.entity);
    // A delta query may tell of a link to an object that was gone before the first load: no stream
    // will ever report that, and no list leaves it out (facts: graph-protocol 5.6).
    let known = if plan.is_delta() { format!(" AND {}", found.known) } else { String::new() };
    format!(
        "SELECT {source} || ':' || {target} AS external_id, {source} AS {}, {owner_name} AS {},
         {target} AS {}, {kind} AS {}, {} AS {}{more}
         FROM {edges} e JOIN {owners} o ON o.object = e.source
         JOIN import_object_id s ON s.number = e.source JOIN import_object_id m ON m.number = e.target
         JOIN import_edge_type y ON y.number = e.type{}
         WHERE {} AND o.deletion IS NULL{}{known}",
        column(from, "id"),
        column(from, "name"),
        column(to, "id"),
        column(to, "type"),
        found.name,
        column(to, "name"),
        found.joins,
        published(&plan.name),
        found.alive,
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
