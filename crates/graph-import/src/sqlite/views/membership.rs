//! Effective membership: members of groups in groups, at any depth, cycles included.

use graph_dsl::StreamPlan;
use rusqlite::Connection;

use super::target::Target;
use super::{NAME, edge_view, edges, published, replace};
use crate::sqlite::names::{id_text, table};
use crate::store::relation;

/// The views of an edge stream whose targets own edges of the same kind.
pub(super) fn create(
    connection: &Connection,
    plan: &StreamPlan,
    owner: &StreamPlan,
    targets: &[Target],
) -> rusqlite::Result<()> {
    if !nests(&owner.entity, relation(plan)) {
        return Ok(());
    }
    let view = edge_view(&plan.name, &owner.entity);
    let effective = edges::select(plan, owner, targets, &effective(plan), ", e.depth");
    replace(connection, &format!("{view}_effective"), &effective)?;
    replace(connection, &format!("{view}_cycles"), &cycles(plan, owner))
}

/// Whether what an owner holds may itself hold more: members of groups alone do (Graph: "List a
/// group's transitive members").
pub(in crate::sqlite) fn nests(owner_entity: &str, relation: &str) -> bool {
    owner_entity == "group" && relation == "members"
}

/// What `nested_<stream>` holds, told from the edges alone: for a moment at which there was none.
///
/// A row of `walk` is one level of the search from one group: what was found at this depth, and what
/// had been found before. Nothing is found twice, so each depth is the least and a cycle ends.
pub(in crate::sqlite) fn closure(edges: &str, owners: &str) -> String {
    let (edge, owners) = (table("edge", edges), table("object", owners));
    format!(
        "WITH RECURSIVE nesting(parent, child) AS MATERIALIZED (
           SELECT e.source, e.target FROM {edge} e JOIN {owners} c ON c.object = e.target AND c.deletion IS NULL
           JOIN {owners} p ON p.object = e.source AND p.deletion IS NULL),
         walk(root, depth, found, before) AS (
           SELECT DISTINCT parent, 0, json_array(parent), '[]' FROM nesting
           UNION ALL
           SELECT root, depth + 1,
             (SELECT json_group_array(DISTINCT n.child) FROM json_each(walk.found) f CROSS JOIN nesting n ON n.parent = f.value
              WHERE n.child NOT IN (SELECT value FROM json_each(walk.found))
              AND n.child NOT IN (SELECT value FROM json_each(walk.before))),
             (SELECT json_group_array(value) FROM
               (SELECT value FROM json_each(walk.before) UNION ALL SELECT value FROM json_each(walk.found)))
           FROM walk WHERE found <> '[]')
         SELECT w.root, f.value AS child, w.depth FROM walk w, json_each(w.found) f
         UNION ALL SELECT object, object, 0 FROM {owners} WHERE object NOT IN (SELECT parent FROM nesting)"
    )
}

/// Distinct pairs with the least depth: 1 for a direct member. Of several ways to a member that are as
/// short the one through the first group counts. There is no aggregate, so that a condition on either
/// end reaches the tables as a look-up.
fn effective(plan: &StreamPlan) -> String {
    let (edge, nested) = (table("edge", &plan.name), table("nested", &plan.name));
    format!(
        "(SELECT i.root AS source, e.target, e.type, i.depth + 1 AS depth
         FROM {nested} i JOIN {edge} e ON e.source = i.child
         WHERE e.target <> i.root AND (i.depth = 0 OR NOT EXISTS (
           SELECT 1 FROM {edge} f CROSS JOIN {nested} j ON j.root = i.root AND j.child = f.source
           WHERE f.target = e.target AND (j.depth, j.child) < (i.depth, i.child))))"
    )
}

/// Each cycle once (cases: D11): groups that hold each other, together with all that hang on them in
/// the same way.
fn cycles(plan: &StreamPlan, owner: &StreamPlan) -> String {
    let named = owner.columns.iter().any(|column| column.name == NAME);
    let name = if named { format!("o.{NAME}") } else { "NULL".to_owned() };
    let entity = &owner.entity;
    let (edge, nested) = (table("edge", &plan.name), table("nested", &plan.name));
    format!(
        "WITH mutual(member, other) AS (
           SELECT x.root, x.child FROM {nested} x JOIN {nested} y ON y.root = x.child AND y.child = x.root WHERE x.depth > 0
           UNION SELECT o.object, o.object FROM {owners} o CROSS JOIN {edge} e ON e.source = o.object AND e.target = o.object
           WHERE o.deletion IS NULL),
         cycle(number, member) AS (SELECT min(other, member), member FROM (SELECT min(other) AS other, member FROM mutual GROUP BY member))
         SELECT count(*) AS {entity}s, group_concat(id, ',') AS {entity}_ids, group_concat(name, ', ') AS {entity}_names
         FROM (SELECT c.number, {} AS id, {name} AS name FROM cycle c JOIN {owners} o ON o.object = c.member
               JOIN import_object_id i ON i.number = c.member WHERE {} ORDER BY c.number, id)
         GROUP BY number",
        id_text("i.id"),
        published(&plan.name),
        owners = table("object", &owner.name),
    )
}
