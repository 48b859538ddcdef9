//! Edges to objects that their own stream should know and does not.

use rusqlite::{Connection, ToSql, params, params_from_iter};

use super::ids::{self, unsigned};
use super::names::table;
use super::tables::{EdgeTable, ObjectTable, Tables};
use super::{Claimed, queue};
use crate::ObjectId;
use crate::store::{EdgeType, Unresolved};

/// Which table should know the objects of a type: the published streams of objects that are read.
pub(super) struct Expected(Vec<(String, String)>);

impl Expected {
    pub(super) fn new(connection: &Connection, tables: &Tables) -> rusqlite::Result<Self> {
        let published = "SELECT 1 FROM import_stream WHERE stream = ?1 AND published IS NOT NULL";
        let mut published = connection.prepare_cached(published)?;
        let mut expected = Vec::new();
        for objects in &tables.objects {
            // What a filter leaves out is there all the same, and expected nowhere (cases: G5); and what
            // is new, a stream that is not read cannot know.
            if objects.is_read && !objects.is_filtered && published.exists([&objects.stream])? {
                expected.push((objects.entity.replace('_', ""), objects.table.clone()));
            }
        }
        Ok(Self(expected))
    }

    /// Notes an edge whose target is not there. Streams are read side by side, and an object may
    /// have gone for ever before its stream began, so that nothing would ever report it (cases: B27).
    pub(super) fn note(
        &self,
        connection: &Connection,
        edge: &EdgeTable,
        (owner, target, kind): (i64, i64, &EdgeType),
        run: i64,
    ) -> rusqlite::Result<()> {
        let of_kind = |(entity, _): &&(String, String)| entity.eq_ignore_ascii_case(kind.as_str());
        let Some((_, objects)) = self.0.iter().find(of_kind) else { return Ok(()) };
        let known = format!("SELECT 1 FROM {objects} WHERE object = ?1");
        if connection.prepare_cached(&known)?.exists([target])? {
            return Ok(());
        }
        let sql =
            "INSERT INTO import_unresolved (stream, source, target, run) VALUES (?1, ?2, ?3, ?4)
            ON CONFLICT DO NOTHING";
        let values = params![edge.stream, owner, target, run];
        connection.prepare_cached(sql)?.execute(values).map(drop)
    }
}

/// Notes all such edges, once a first load is over.
pub(super) fn note_all(
    connection: &Connection,
    tables: &Tables,
    edge: &EdgeTable,
    run: i64,
) -> rusqlite::Result<()> {
    let absent = |objects: &ObjectTable| {
        format!(" AND NOT EXISTS (SELECT 1 FROM {} o WHERE o.object = t.target)", objects.table)
    };
    let absent: String = tables.objects.iter().map(absent).collect();
    let expected = Expected::new(connection, tables)?.0;
    let marks = (3..).take(expected.len()).map(|at| format!("lower(?{at})"));
    let sql = format!(
        "INSERT INTO import_unresolved (stream, source, target, run)
         SELECT ?1, e.source, e.target, ?2
         FROM (SELECT target, kind FROM {} t WHERE lower(t.name) IN ({}){absent}) t
         CROSS JOIN {} e ON e.target = t.target AND e.type = t.kind
         WHERE true ON CONFLICT DO NOTHING",
        edge.targets(),
        marks.collect::<Vec<_>>().join(", "),
        edge.table,
    );
    let fixed: [&dyn ToSql; 2] = [&edge.stream, &run];
    let entities = expected.iter().map(|(entity, _)| entity as &dyn ToSql);
    let values = fixed.into_iter().chain(entities);
    connection.execute(&sql, params_from_iter(values)).map(drop)
}

/// Rows whose target is known by now, or whose edge is there no more.
fn resolved(tables: &Tables, edge: &EdgeTable) -> String {
    let known = |objects: &ObjectTable| {
        format!("EXISTS (SELECT 1 FROM {} o WHERE o.object = u.target) OR ", objects.table)
    };
    let known: Vec<String> = tables.objects.iter().map(known).collect();
    format!(
        "({}NOT EXISTS (SELECT 1 FROM {} e WHERE e.source = u.source AND e.target = u.target))",
        known.concat(),
        edge.table
    )
}

/// The targets that are not resolved yet, each with the run that has first seen an edge to it.
pub(super) fn read(claimed: &Claimed, stream: &str) -> rusqlite::Result<Vec<Unresolved>> {
    let Some(edge) = claimed.tables.edge(stream) else { return Ok(Vec::new()) };
    let sql = format!(
        "SELECT i.id, min(u.run) FROM import_unresolved u JOIN import_object_id i ON i.number = u.target
         WHERE u.stream = ?1 AND NOT {} GROUP BY u.target ORDER BY u.target",
        resolved(&claimed.tables, edge)
    );
    let mut statement = claimed.connection.prepare_cached(&sql)?;
    let row = |row: &rusqlite::Row<'_>| {
        Ok(Unresolved { target: ids::read(row.get(0)?), since: unsigned(row.get(1)?) })
    };
    statement.query_map([stream], row)?.collect()
}

/// Queues the live owners of edges to these targets, and forgets what is resolved.
pub(super) fn queue_owners(
    connection: &Connection,
    tables: &Tables,
    edge: &EdgeTable,
    (targets, since): (&[ObjectId], &str),
) -> rusqlite::Result<()> {
    let forget = format!(
        "DELETE FROM import_unresolved AS u WHERE u.stream = ?1 AND {}",
        resolved(tables, edge)
    );
    connection.execute(&forget, [&edge.stream])?;
    let owners = format!(
        "SELECT u.source FROM import_unresolved u JOIN {} o ON o.object = u.source
         WHERE u.stream = ?1 AND u.target = ?2 AND o.deletion IS NULL",
        table("object", &edge.owner)
    );
    let mut owners = connection.prepare(&owners)?;
    for target in targets {
        let target = tables.numbers.number(connection, target)?;
        let sources = owners.query_map(params![edge.stream, target], |row| row.get::<_, i64>(0))?;
        for source in sources.collect::<rusqlite::Result<Vec<_>>>()? {
            queue::add(connection, &edge.stream, source, since)?;
        }
    }
    Ok(())
}
