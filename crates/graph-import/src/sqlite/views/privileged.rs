//! Who can administer what: directory roles, role assignments, ownership, application roles.

use rusqlite::Connection;

use super::membership;
use super::target::{self, Target};
use super::{Link, published, replace};
use crate::sqlite::names::{id_text, table};

/// Owners of these can change what they own: its credentials, its members.
const OWNED: [&str; 3] = ["application", "service_principal", "group"];

/// What an assignment has in place of a role where the application has none (Graph: appRoleAssignment).
const NO_ROLE: &str = "00000000-0000-0000-0000-000000000000";

/// Creates `privileged_access` from the streams that there are: one row a principal and what it holds,
/// whether it holds it itself or, by `through_id`, as a member of a group at any depth.
pub(super) fn create(
    connection: &Connection,
    links: &[Link],
    targets: &[Target],
) -> rusqlite::Result<()> {
    let mut grants: Vec<String> = links.iter().filter_map(by_edge).collect();
    let roles = with_roles(connection, targets)?;
    for target in targets {
        grants.extend(by_assignment(connection, target, roles)?);
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

/// Columns of a stream's objects.
fn columns(connection: &Connection, target: &Target) -> rusqlite::Result<Vec<String>> {
    let sql = "SELECT name FROM pragma_table_info(?1)";
    let mut statement = connection.prepare(sql)?;
    statement.query_map([format!("object_{}", target.stream)], |row| row.get(0))?.collect()
}

/// The stream that knows the roles of applications by name.
fn with_roles<'t>(
    connection: &Connection,
    targets: &'t [Target],
) -> rusqlite::Result<Option<&'t Target>> {
    for target in targets.iter().filter(|target| target.entity == "service_principal") {
        if columns(connection, target)?.iter().any(|column| column == "app_roles") {
            return Ok(Some(target));
        }
    }
    Ok(None)
}

/// Objects that tie a principal to something, told by their columns.
fn by_assignment(
    connection: &Connection,
    target: &Target,
    roles: Option<&Target>,
) -> rusqlite::Result<Option<String>> {
    let columns = columns(connection, target)?;
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
        let text = id_text("x.id");
        format!("(SELECT x.number FROM import_object_id x WHERE {text} = lower(a.{column}))")
    };
    let roles = roles.filter(|_| access == "app_role");
    let (detail, names) = match roles.map(role_names) {
        Some(names) => (
            format!("coalesce(r.name, a.{detail})"),
            format!(
                " LEFT JOIN ({names}) r ON r.held = {} AND r.role = lower(a.{detail})",
                number(held)
            ),
        ),
        None => (format!("a.{detail}"), String::new()),
    };
    Ok(Some(format!(
        "SELECT '{access}', {detail}, {}, {}, 'unknown' FROM {} a{names} WHERE a.deletion IS NULL AND {}",
        number(held),
        number("principal_id"),
        table("object", &target.stream),
        published(&target.stream)
    )))
}

/// What application roles are called: an assignment has the role's id alone. The role without one stands
/// for access as such.
fn role_names(applications: &Target) -> String {
    let applications = table("object", &applications.stream);
    format!(
        "SELECT s.object AS held, lower(j.value ->> 'id') AS role,
          coalesce(nullif(j.value ->> 'value', ''), j.value ->> 'displayName') AS name
         FROM {applications} s, json_each(s.app_roles) j
         UNION ALL SELECT object, '{NO_ROLE}', 'default access' FROM {applications}"
    )
}

fn select(grants: &str, groups: Option<&Link>, targets: &[Target]) -> String {
    let members = groups.map(members).unwrap_or_default();
    let (held, holder) =
        (target::find(targets, "h", "a.held"), target::find(targets, "p", "a.holder"));
    let groups: Vec<Target> =
        targets.iter().filter(|target| target.entity == "group").cloned().collect();
    let through = target::find(&groups, "g", "a.through");
    // `CROSS JOIN`: the dictionary of a large tenant is looked up, not read.
    format!(
        "WITH granted(access, detail, held, holder, kind) AS MATERIALIZED ({grants}),
         access AS (SELECT access, detail, held, holder, kind, NULL AS through, 0 AS depth FROM granted{members})
         SELECT a.access, a.detail, {} AS principal_id,
          CASE WHEN a.kind <> 'unknown' THEN a.kind{} ELSE 'unknown' END AS principal_type, {} AS principal_name,
          {} AS target_id, CASE WHEN 0 THEN NULL{} ELSE 'unknown' END AS target_type, {} AS target_name,
          {} AS through_id, {} AS through_name, a.depth
         FROM access a CROSS JOIN import_object_id i ON i.number = a.holder JOIN import_object_id j ON j.number = a.held
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

/// What members of a group hold because the group does. An application's role does not cascade to the
/// groups inside (Graph: "Manage users and groups assignment to an application").
fn members(groups: &Link) -> String {
    format!(
        " UNION ALL
         SELECT g.access, g.detail, g.held, e.target, min(y.name), g.holder, min(i.depth) + 1
         FROM granted g CROSS JOIN {} i ON i.root = g.holder CROSS JOIN {} e ON e.source = i.child JOIN import_edge_type y ON y.number = e.type
         WHERE e.target <> g.holder AND (i.depth = 0 OR g.access <> 'app_role') AND {}
         GROUP BY g.access, g.detail, g.held, g.holder, e.target",
        table("nested", &groups.stream),
        table("edge", &groups.stream),
        published(&groups.stream),
    )
}
