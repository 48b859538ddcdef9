//! Who can administer what: directory roles, role assignments, ownership, application roles.

use rusqlite::Connection;

use super::membership;
use super::target::{self, Target};
use super::{Link, published, replace};
use crate::sqlite::names::{id_text, table};

/// Owners of these can change what they own: its credentials, its members.
const OWNED: [&str; 3] = ["application", "service_principal", "group"];

/// Creates `privileged_access` from the streams that there are: one row a principal and what it holds,
/// whether it holds it itself or, by `through_id`, as a member of a group at any depth.
pub(super) fn create(
    connection: &Connection,
    links: &[Link],
    targets: &[Target],
) -> rusqlite::Result<()> {
    let mut grants: Vec<String> = links.iter().filter_map(by_edge).collect();
    for target in targets {
        grants.extend(by_assignment(connection, target)?);
    }
    if grants.is_empty() {
        return connection.execute_batch("DROP VIEW IF EXISTS privileged_access");
    }
    let groups = links.iter().find(|link| membership::nests(&link.owner_entity, &link.relation));
    replace(connection, "privileged_access", &select(&grants.join(" UNION "), groups, targets))
}

/// Roles and their members, owned objects and their owners.
fn by_edge(link: &Link) -> Option<String> {
    let (access, scope) = match (link.owner_entity.as_str(), link.relation.as_str()) {
        ("directory_role", "members") => ("directory_role", "NULL"),
        (owned, "owners") if OWNED.contains(&owned) => ("owner", "NULL"),
        _ => return None,
    };
    Some(format!(
        "SELECT '{access}' AS access, {scope} AS detail, e.source AS held, e.target AS holder, y.name AS kind
         FROM {} e JOIN {} o ON o.object = e.source AND o.deletion IS NULL JOIN import_edge_type y ON y.number = e.type
         WHERE {}",
        table("edge", &link.stream),
        table("object", &link.owner),
        published(&link.stream),
    ))
}

/// Objects that tie a principal to something, told by their columns.
fn by_assignment(connection: &Connection, target: &Target) -> rusqlite::Result<Option<String>> {
    let sql = "SELECT name FROM pragma_table_info(?1)";
    let mut statement = connection.prepare(sql)?;
    let columns = statement.query_map([format!("object_{}", target.stream)], |row| row.get(0))?;
    let columns = columns.collect::<Result<Vec<String>, _>>()?;
    let has = |name: &str| columns.iter().any(|column| column == name);
    let (access, detail, held) = if has("app_role_id") && has("resource_id") {
        ("app_role", "app_role_id", "resource_id")
    } else if has("role_definition_id") && has("directory_scope_id") {
        ("role_assignment", "directory_scope_id", "role_definition_id")
    } else {
        return Ok(None);
    };
    if !has("principal_id") {
        return Ok(None);
    }
    let number = |column: &str| {
        format!("(SELECT number FROM import_object_id WHERE id = unhex(a.{column}, '-'))")
    };
    Ok(Some(format!(
        "SELECT '{access}', a.{detail}, {}, {}, 'unknown' FROM {} a WHERE a.deletion IS NULL AND {}",
        number(held),
        number("principal_id"),
        table("object", &target.stream),
        published(&target.stream)
    )))
}

fn select(grants: &str, groups: Option<&Link>, targets: &[Target]) -> String {
    let members = groups.map(members).unwrap_or_default();
    let (held, holder) =
        (target::find(targets, "h", "a.held"), target::find(targets, "p", "a.holder"));
    let groups: Vec<Target> =
        targets.iter().filter(|target| target.entity == "group").cloned().collect();
    let through = target::find(&groups, "g", "a.through");
    format!(
        "WITH granted(access, detail, held, holder, kind) AS MATERIALIZED ({grants}),
         access AS (SELECT access, detail, held, holder, kind, NULL AS through, 0 AS depth FROM granted{members})
         SELECT a.access, a.detail, {} AS principal_id,
          CASE WHEN a.kind <> 'unknown' THEN a.kind{} ELSE 'unknown' END AS principal_type, {} AS principal_name,
          {} AS target_id, CASE WHEN 0 THEN NULL{} ELSE 'unknown' END AS target_type, {} AS target_name,
          {} AS through_id, {} AS through_name, a.depth
         FROM access a JOIN import_object_id i ON i.number = a.holder JOIN import_object_id j ON j.number = a.held
         LEFT JOIN import_object_id k ON k.number = a.through{}{}{}
         WHERE 1{}{}{}",
        id_text("i.id"),
        holder.kinds,
        holder.name,
        id_text("j.id"),
        held.kinds,
        held.name,
        id_text("k.id"),
        through.name,
        held.joins,
        holder.joins,
        through.joins,
        held.alive,
        holder.alive,
        through.alive,
    )
}

/// What members of a group hold because the group does.
fn members(groups: &Link) -> String {
    format!(
        " UNION ALL
         SELECT g.access, g.detail, g.held, e.target, min(y.name), g.holder, min(i.depth) + 1
         FROM granted g CROSS JOIN {} i ON i.root = g.holder CROSS JOIN {} e ON e.source = i.child JOIN import_edge_type y ON y.number = e.type
         WHERE e.target <> g.holder AND {}
         GROUP BY g.access, g.detail, g.held, g.holder, e.target",
        table("nested", &groups.stream),
        table("edge", &groups.stream),
        published(&groups.stream),
    )
}
