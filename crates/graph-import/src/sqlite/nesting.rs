//! Groups in groups at any depth, kept beside their edges: so the members of one group are told
//! without those of all, by look-ups alone.
//!
//! `nested_<stream>` has every owner itself at depth 0 and the live owners in it, each at its least
//! depth. It is filled when the edges are first published; from then on triggers note the owners whose
//! holdings have changed, whatever has changed them, and the same transaction follows what hangs on
//! these anew. What it holds is therefore a function of the edges and of who lives.

use rusqlite::{Connection, Params, Statement, params};

use super::names::{quoted, table};
use super::tables::{EdgeTable, Tables};

/// The tables of an edge stream whose owners may hold owners.
pub(super) fn create(connection: &Connection, edge: &EdgeTable) -> rusqlite::Result<()> {
    let (nested, by_child) = (table("nested", &edge.stream), table("import_nested", &edge.stream));
    connection.execute_batch(&format!(
        "CREATE TABLE IF NOT EXISTS {nested} (
             root INTEGER NOT NULL, child INTEGER NOT NULL, depth INTEGER NOT NULL, PRIMARY KEY (root, child)
         ) WITHOUT ROWID;
         CREATE INDEX IF NOT EXISTS {by_child} ON {nested} (child, root, depth);"
    ))
}

/// Whether the nesting follows its edges already.
pub(super) fn is_kept(connection: &Connection, edge: &EdgeTable) -> rusqlite::Result<bool> {
    let sql = "SELECT 1 FROM sqlite_schema WHERE type = 'trigger' AND name = ?1";
    connection.prepare_cached(sql)?.exists([trigger(edge, TRIGGERS[0].0)])
}

/// Fills the nesting from nothing and has it follow its edges from now on.
pub(super) fn build(connection: &Connection, edge: &EdgeTable) -> rusqlite::Result<()> {
    let (nested, owners) = (table("nested", &edge.stream), table("object", &edge.owner));
    for (what, _) in TRIGGERS {
        let trigger = quoted(&trigger(edge, what));
        connection.execute_batch(&format!("DROP TRIGGER IF EXISTS {trigger}"))?;
    }
    connection.execute_batch(&format!(
        "DELETE FROM {nested};
         INSERT INTO {nested} SELECT object, object, 0 FROM {owners};
         CREATE TEMP TABLE nesting (parent, child, PRIMARY KEY (parent, child)) WITHOUT ROWID;
         INSERT INTO temp.nesting SELECT e.source, e.target FROM {owners} c CROSS JOIN {edges} e ON e.target = c.object
             CROSS JOIN {owners} p ON p.object = e.source WHERE c.deletion IS NULL AND p.deletion IS NULL;",
        edges = edge.table
    ))?;
    let children = "SELECT ?1, child, ?3 FROM temp.nesting WHERE parent = ?2";
    let parents = connection.prepare("SELECT DISTINCT parent FROM temp.nesting")?;
    follow_all(parents, [], connection.prepare(&step(&nested, children))?)?;
    connection.execute_batch("DROP TABLE temp.nesting")?;
    forget_notes(connection, edge)?;
    watch(connection, edge)
}

/// Follows the edges of every owner that this transaction has changed something for.
pub(super) fn settle(connection: &Connection, tables: &Tables) -> rusqlite::Result<()> {
    let noted = "SELECT 1 FROM import_renest LIMIT 1";
    if !connection.prepare_cached(noted)?.exists([])? {
        return Ok(());
    }
    tables.edges.iter().filter(|edge| edge.nests).try_for_each(|edge| renew(connection, edge))
}

/// Every root that reached one of these owners before, or is one, may reach other owners now; no other
/// root can: the first edge that is different on its way would have noted an owner that it reached.
fn renew(connection: &Connection, edge: &EdgeTable) -> rusqlite::Result<()> {
    let (nested, owners) = (table("nested", &edge.stream), table("object", &edge.owner));
    let run = |sql: &str| connection.prepare_cached(sql)?.execute([&edge.stream]);
    run(&format!(
        "INSERT INTO import_renest (stream, object)
         SELECT ?1, n.root FROM import_renest r JOIN {nested} n ON n.child = r.object WHERE r.stream = ?1
         ON CONFLICT DO NOTHING"
    ))?;
    let noted = "SELECT object FROM import_renest WHERE stream = ?1";
    run(&format!("DELETE FROM {nested} WHERE root IN ({noted})"))?;
    run(&format!(
        "INSERT INTO {nested} SELECT object, object, 0 FROM {owners} WHERE object IN ({noted})"
    ))?;
    let roots = connection.prepare(&format!(
        "SELECT r.object FROM import_renest r JOIN {owners} o ON o.object = r.object AND o.deletion IS NULL WHERE r.stream = ?1"
    ))?;
    let children = format!(
        "SELECT ?1, e.target, ?3 FROM {} e CROSS JOIN {owners} c ON c.object = e.target AND c.deletion IS NULL
         WHERE e.source = ?2",
        edge.table
    );
    follow_all(roots, [&edge.stream], connection.prepare(&step(&nested, &children))?)?;
    forget_notes(connection, edge)
}

/// A step from one found owner, `?2`, to those in it that were not found from this root, `?1`, yet.
fn step(nested: &str, children: &str) -> String {
    format!(
        "INSERT INTO {nested} (root, child, depth) {children} ON CONFLICT DO NOTHING RETURNING child"
    )
}

/// Finds all owners in each of these.
fn follow_all(
    mut roots: Statement<'_>,
    of: impl Params,
    mut step: Statement<'_>,
) -> rusqlite::Result<()> {
    let mut roots = roots.query(of)?;
    while let Some(root) = roots.next()? {
        follow(&mut step, root.get(0)?)?;
    }
    Ok(())
}

/// Finds all owners in one, level by level, so that each depth is the least and a cycle ends.
fn follow(step: &mut Statement<'_>, root: i64) -> rusqlite::Result<()> {
    let (mut found, mut depth) = (vec![root], 1);
    while !found.is_empty() {
        let mut next = Vec::new();
        for owner in found {
            let children = step.query_map(params![root, owner, depth], |row| row.get(0))?;
            next.extend(children.collect::<rusqlite::Result<Vec<i64>>>()?);
        }
        (found, depth) = (next, depth + 1);
    }
    Ok(())
}

fn forget_notes(connection: &Connection, edge: &EdgeTable) -> rusqlite::Result<()> {
    let sql = "DELETE FROM import_renest WHERE stream = ?1";
    connection.prepare_cached(sql)?.execute([&edge.stream]).map(drop)
}

/// What is noted, and when: `{edges}` and `{owners}` stand for the tables, `{note}` for the noting.
const TRIGGERS: [(&str, &str); 4] = [
    (
        "added",
        "AFTER INSERT ON {edges} WHEN EXISTS (SELECT 1 FROM {owners} WHERE object = new.target)
         BEGIN {note} VALUES ({stream}, new.source) ON CONFLICT DO NOTHING; END",
    ),
    (
        "removed",
        "AFTER DELETE ON {edges} WHEN EXISTS (SELECT 1 FROM {owners} WHERE object = old.target)
         BEGIN {note} VALUES ({stream}, old.source) ON CONFLICT DO NOTHING; END",
    ),
    (
        "created",
        "AFTER INSERT ON {owners}
         BEGIN {note} VALUES ({stream}, new.object) ON CONFLICT DO NOTHING;
         {note} SELECT {stream}, source FROM {edges} WHERE target = new.object ON CONFLICT DO NOTHING; END",
    ),
    (
        "ended",
        "AFTER UPDATE OF deletion ON {owners} WHEN (old.deletion IS NULL) <> (new.deletion IS NULL)
         BEGIN {note} VALUES ({stream}, new.object) ON CONFLICT DO NOTHING;
         {note} SELECT {stream}, source FROM {edges} WHERE target = new.object ON CONFLICT DO NOTHING; END",
    ),
];

fn trigger(edge: &EdgeTable, what: &str) -> String {
    format!("import_nested_{}_{what}", edge.stream)
}

fn watch(connection: &Connection, edge: &EdgeTable) -> rusqlite::Result<()> {
    let stream = format!("'{}'", edge.stream.replace('\'', "''"));
    for (what, text) in TRIGGERS {
        let text = text
            .replace("{edges}", &edge.table)
            .replace("{owners}", &table("object", &edge.owner))
            .replace("{stream}", &stream)
            .replace("{note}", "INSERT INTO import_renest (stream, object)");
        let trigger = quoted(&trigger(edge, what));
        connection.execute_batch(&format!("CREATE TRIGGER {trigger} {text}"))?;
    }
    Ok(())
}
