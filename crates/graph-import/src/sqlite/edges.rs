//! Edge lists: staged page by page, swapped in as a whole.

mod links;

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};

use rusqlite::{Connection, OptionalExtension, params};

use super::feed::Feed;
use super::tables::{EdgeTable, ObjectTable, Tables};
use super::unresolved::Expected;
use super::{ids, queue};
use crate::store::{Applied, Edge, EdgeList, EdgeType, OwnerEdges};
use crate::{ChangeOperation, EdgeChange};

/// What a list of edges is written under.
pub(super) struct Lists<'a> {
    connection: &'a Connection,
    tables: &'a Tables,
    table: &'a EdgeTable,
    run: i64,
    at: &'a str,
    /// Whether any object is known to be gone for ever.
    ghosts: bool,
    /// Numbers of types: a list has few types and many edges.
    types: RefCell<HashMap<EdgeType, i64>>,
    /// Who should know the targets.
    expected: Expected,
    /// Where changes are told; nowhere before the stream's first publication.
    feed: Option<Feed<'a>>,
}

impl<'a> Lists<'a> {
    pub(super) fn new(
        connection: &'a Connection,
        tables: &'a Tables,
        table: &'a EdgeTable,
        run: i64,
        at: &'a str,
    ) -> rusqlite::Result<Self> {
        let (types, feed) = (RefCell::default(), Feed::of(connection, run, at, &table.stream)?);
        let expected = Expected::new(connection, tables)?;
        let lists =
            Self { connection, tables, table, run, at, ghosts: false, types, expected, feed };
        Ok(Self { ghosts: lists.any_ghost()?, ..lists })
    }

    pub(super) fn apply(&self, lists: &[OwnerEdges]) -> rusqlite::Result<Applied> {
        let mut applied = Applied::default();
        let ghosts = self.ghosts;
        for OwnerEdges { owner, list } in lists {
            let owner = ids::number(self.connection, owner)?;
            match list {
                EdgeList::Complete(edges) => self.swap(owner, edges, ghosts, &mut applied)?,
                EdgeList::Part { first, edges } => self.stage(owner, edges, *first)?,
                EdgeList::Rest(edges) => {
                    self.stage(owner, edges, false)?;
                    self.swap_staged(owner, ghosts, &mut applied)?;
                }
                EdgeList::Hidden => self.mark_hidden(owner)?,
            }
        }
        Ok(applied)
    }

    /// Applies single changes to an owner whose edges are known.
    pub(super) fn change(
        &self,
        owner: i64,
        changes: &[EdgeChange],
        applied: &mut Applied,
    ) -> rusqlite::Result<()> {
        for EdgeChange { edge, removed } in changes {
            let target = ids::number(self.connection, &edge.target)?;
            let known = self.known(owner, target)?;
            if *removed {
                if let Some(kind) = known {
                    self.remove((owner, target, kind), applied)?;
                }
                continue;
            }
            if self.ghosts && self.is_ghost(target)? {
                applied.ghosts += 1;
                continue;
            }
            let kind = self.type_number(&edge.target_type)?;
            match known {
                Some(known) if known == kind || edge.target_type == EdgeType::UNKNOWN => {
                    applied.edges_unchanged += 1;
                }
                known => {
                    self.tell(known.is_some(), (owner, target, kind))?;
                    applied.edges_added += self.insert(owner, target, kind)?;
                    self.expect(owner, target, &edge.target_type)?;
                }
            }
        }
        Ok(())
    }

    /// Closes an edge that is not there any more.
    fn remove(
        &self,
        (owner, target, kind): (i64, i64, i64),
        applied: &mut Applied,
    ) -> rusqlite::Result<()> {
        if let Some(feed) = self.feed {
            let edge = (owner, target, kind);
            feed.edge(self.table, ChangeOperation::Removed, edge, "removed")?;
        }
        self.close(owner, target)?;
        applied.edges_removed += 1;
        Ok(())
    }

    /// Notes that the target of a new edge is not there yet. Of a first load all are noted at its end.
    fn expect(&self, owner: i64, target: i64, kind: &EdgeType) -> rusqlite::Result<()> {
        self.expected.note(self.connection, self.table, (owner, target, kind), self.run)
    }

    fn known(&self, owner: i64, target: i64) -> rusqlite::Result<Option<i64>> {
        let mut find = self.connection.prepare_cached(&self.table.find)?;
        find.query_row([owner, target], |row| row.get(0)).optional()
    }

    /// Replaces an owner's edges by a list that fits into memory: one page.
    fn swap(
        &self,
        owner: i64,
        edges: &[Edge],
        ghosts: bool,
        applied: &mut Applied,
    ) -> rusqlite::Result<()> {
        let mut before = self.current(owner)?;
        let mut listed = HashSet::with_capacity(edges.len());
        for edge in edges {
            let target = ids::number(self.connection, &edge.target)?;
            if !listed.insert(target) {
                continue; // Graph may repeat itself
            }
            let kind = self.type_number(&edge.target_type)?;
            if ghosts && self.is_ghost(target)? {
                applied.ghosts += 1;
                continue;
            }
            match before.remove(&target) {
                Some(known) if known == kind || edge.target_type == EdgeType::UNKNOWN => {
                    applied.edges_unchanged += 1;
                }
                known => {
                    self.tell(known.is_some(), (owner, target, kind))?;
                    applied.edges_added += self.insert(owner, target, kind)?;
                    if self.feed.is_some() {
                        self.expect(owner, target, &edge.target_type)?;
                    }
                }
            }
        }
        let mut gone: Vec<(i64, i64)> = before.into_iter().collect();
        gone.sort_unstable();
        for (target, kind) in gone {
            self.remove((owner, target, kind), applied)?;
        }
        self.settled(owner)
    }

    /// Replaces an owner's edges by the staged list, without ever holding it in memory.
    fn swap_staged(&self, owner: i64, ghosts: bool, applied: &mut Applied) -> rusqlite::Result<()> {
        let EdgeTable { stream, table, closed, .. } = self.table;
        let run = |sql: &str| {
            self.connection
                .prepare_cached(sql)?
                .execute(params![stream, owner])
                .map(|rows| rows as u64)
        };
        let staged = "SELECT target FROM import_stage WHERE stream = ?1 AND owner = ?2";
        if ghosts {
            for objects in &self.tables.objects {
                let hard = super::names::table("object", &objects.stream);
                let ghost = format!("SELECT object FROM {hard} WHERE deletion = 'hard'");
                let sql = format!(
                    "DELETE FROM import_stage WHERE stream = ?1 AND owner = ?2 AND target IN ({ghost})"
                );
                applied.ghosts += run(&sql)?;
            }
        }
        let gone = format!("source = ?2 AND target NOT IN ({staged})");
        let number = self.run;
        self.tell_staged(owner)?;
        run(&format!(
            "INSERT INTO {closed} SELECT source, target, type, since_run, {number}, 'removed' FROM {table} WHERE {gone}"
        ))?;
        let removed = run(&format!("DELETE FROM {table} WHERE {gone}"))?;
        let kept: i64 = self.connection.query_row(
            &format!("SELECT count(*) FROM {table} WHERE source = ?2 AND target IN ({staged})"),
            params![stream, owner],
            |row| row.get(0),
        )?;
        let listed = run(&format!(
            "INSERT INTO {table} SELECT owner, target, type, {number} FROM import_stage WHERE stream = ?1 AND owner = ?2
             ON CONFLICT (source, target) DO UPDATE SET type = excluded.type"
        ))?;
        applied.edges_removed += removed;
        applied.edges_unchanged += ids::unsigned(kept);
        applied.edges_added += listed.saturating_sub(ids::unsigned(kept));
        self.settled(owner)
    }

    /// Tells that an edge is new, or of another type.
    fn tell(&self, known: bool, edge: (i64, i64, i64)) -> rusqlite::Result<()> {
        let Some(feed) = self.feed else { return Ok(()) };
        let (operation, cause) = if known {
            (ChangeOperation::Updated, "type")
        } else {
            (ChangeOperation::Added, "reported")
        };
        feed.edge(self.table, operation, edge, cause)
    }

    /// Tells how the staged list differs from the owner's edges.
    fn tell_staged(&self, owner: i64) -> rusqlite::Result<()> {
        let Some(feed) = self.feed else { return Ok(()) };
        let EdgeTable { stream, table, .. } = self.table;
        let values: [&dyn rusqlite::ToSql; 2] = [stream, &owner];
        let gone = format!(
            "SELECT source, target, type FROM {table} WHERE source = ?4
             AND target NOT IN (SELECT target FROM import_stage WHERE stream = ?3 AND owner = ?4)"
        );
        let staged = |known: &str| {
            format!(
                "SELECT s.owner AS source, s.target, s.type FROM import_stage s
                 LEFT JOIN {table} e ON e.source = s.owner AND e.target = s.target
                 WHERE s.stream = ?3 AND s.owner = ?4 AND {known}"
            )
        };
        let (other, new) = (staged("e.type <> s.type"), staged("e.source IS NULL"));
        feed.edges(self.table, ChangeOperation::Removed, "removed", (&gone, &values))?;
        feed.edges(self.table, ChangeOperation::Updated, "type", (&other, &values))?;
        feed.edges(self.table, ChangeOperation::Added, "reported", (&new, &values))
    }

    fn stage(&self, owner: i64, edges: &[Edge], first: bool) -> rusqlite::Result<()> {
        if first {
            self.forget_stage(owner)?;
        }
        let sql = "INSERT OR REPLACE INTO import_stage (stream, owner, target, type) VALUES (?1, ?2, ?3, ?4)";
        for edge in edges {
            let target = ids::number(self.connection, &edge.target)?;
            let kind = self.type_number(&edge.target_type)?;
            self.connection.prepare_cached(sql)?.execute(params![
                self.table.stream,
                owner,
                target,
                kind
            ])?;
        }
        Ok(())
    }

    /// The list is complete: nothing of it is staged or hidden any more.
    fn settled(&self, owner: i64) -> rusqlite::Result<()> {
        self.forget_stage(owner)?;
        let sql = "DELETE FROM import_hidden WHERE stream = ?1 AND owner = ?2";
        self.connection.prepare_cached(sql)?.execute(params![self.table.stream, owner]).map(drop)
    }

    fn forget_stage(&self, owner: i64) -> rusqlite::Result<()> {
        let sql = "DELETE FROM import_stage WHERE stream = ?1 AND owner = ?2";
        self.connection.prepare_cached(sql)?.execute(params![self.table.stream, owner]).map(drop)
    }

    fn mark_hidden(&self, owner: i64) -> rusqlite::Result<()> {
        let sql = "INSERT INTO import_hidden (stream, owner, since) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING";
        let mut mark = self.connection.prepare_cached(sql)?;
        mark.execute(params![self.table.stream, owner, self.at]).map(drop)
    }

    fn current(&self, owner: i64) -> rusqlite::Result<HashMap<i64, i64>> {
        let mut statement = self.connection.prepare_cached(&self.table.current)?;
        statement.query_map([owner], |row| Ok((row.get(0)?, row.get(1)?)))?.collect()
    }

    fn insert(&self, owner: i64, target: i64, kind: i64) -> rusqlite::Result<u64> {
        let mut insert = self.connection.prepare_cached(&self.table.insert)?;
        insert.execute(params![owner, target, kind, self.run]).map(|rows| rows as u64)
    }

    fn close(&self, owner: i64, target: i64) -> rusqlite::Result<()> {
        self.connection
            .prepare_cached(&self.table.keep)?
            .execute(params![owner, target, self.run])?;
        self.connection
            .prepare_cached(&self.table.delete)?
            .execute(params![owner, target])
            .map(drop)
    }

    fn any_ghost(&self) -> rusqlite::Result<bool> {
        self.tables.objects.iter().try_fold(false, |any, table| {
            let mut statement = self.connection.prepare_cached(&table.any_ghost)?;
            Ok(any || statement.exists([])?)
        })
    }

    fn is_ghost(&self, target: i64) -> rusqlite::Result<bool> {
        self.tables.objects.iter().try_fold(false, |ghost, table| {
            let mut statement = self.connection.prepare_cached(&table.is_ghost)?;
            Ok(ghost || statement.exists([target])?)
        })
    }

    fn type_number(&self, kind: &EdgeType) -> rusqlite::Result<i64> {
        if let Some(number) = self.types.borrow().get(kind) {
            return Ok(*number);
        }
        let number = self.find_type(kind)?;
        self.types.borrow_mut().insert(kind.clone(), number);
        Ok(number)
    }

    fn find_type(&self, kind: &EdgeType) -> rusqlite::Result<i64> {
        let mut find = self
            .connection
            .prepare_cached("SELECT number FROM import_edge_type WHERE name = ?1")?;
        if let Some(number) = find.query_row([kind.as_str()], |row| row.get(0)).optional()? {
            return Ok(number);
        }
        self.connection
            .prepare_cached("INSERT INTO import_edge_type (name) VALUES (?1)")?
            .insert([kind.as_str()])
    }
}

/// Closes all edges from and to an object that is gone for ever; how many.
pub(super) fn close_endpoint(
    connection: &Connection,
    tables: &Tables,
    object: i64,
    run: i64,
    at: &str,
) -> rusqlite::Result<u64> {
    let mut closed_edges = 0;
    for edge in &tables.edges {
        let EdgeTable { stream, table, closed, .. } = edge;
        let feed = Feed::of(connection, run, at, stream)?;
        for end in ["source", "target"] {
            if let Some(feed) = feed {
                let gone = format!("SELECT source, target, type FROM {table} WHERE {end} = ?3");
                feed.edges(
                    edge,
                    ChangeOperation::Removed,
                    "endpoint_deleted",
                    (&gone, &[&object]),
                )?;
            }
            let copy = format!(
                "INSERT INTO {closed} SELECT source, target, type, since_run, ?2, 'endpoint_deleted' FROM {table} WHERE {end} = ?1"
            );
            connection.prepare_cached(&copy)?.execute([object, run])?;
            let delete = format!("DELETE FROM {table} WHERE {end} = ?1");
            closed_edges += connection.prepare_cached(&delete)?.execute([object])? as u64;
        }
    }
    Ok(closed_edges)
}

/// Closes edges of objects that are no owners any more, because the stream's owner has changed.
pub(super) fn close_out_of_scope(
    connection: &Connection,
    edge: &EdgeTable,
    run: i64,
    at: &str,
) -> rusqlite::Result<()> {
    let EdgeTable { stream, table, closed, owner, .. } = edge;
    let owners = super::names::table("object", owner);
    let foreign = format!("source NOT IN (SELECT object FROM {owners})");
    if let Some(feed) = Feed::of(connection, run, at, stream)? {
        let gone = format!("SELECT source, target, type FROM {table} WHERE {foreign}");
        feed.edges(edge, ChangeOperation::Removed, "left_scope", (&gone, &[]))?;
    }
    connection.execute_batch(&format!(
        "INSERT INTO {closed} SELECT source, target, type, since_run, {run}, 'left_scope' FROM {table} WHERE {foreign};
         DELETE FROM {table} WHERE {foreign};"
    ))
}

/// Queues every owner: an edge stream begins a full round.
pub(super) fn queue_all(connection: &Connection, table: &EdgeTable) -> rusqlite::Result<()> {
    if !table.is_listed() {
        return Ok(());
    }
    queue::add_all(connection, &table.stream, &table.owner)
}

/// Queues the live owners of edges to objects that a proven full round has not seen: an object may
/// have gone between the read of its owner's list and the round, and nothing would ever report that
/// (cases: B27). An edge of unknown type counts if no stream knows its target.
pub(super) fn queue_unresolved(
    connection: &Connection,
    tables: &Tables,
    objects: &ObjectTable,
) -> rusqlite::Result<()> {
    let absent = |stream: &str| {
        let known = super::names::table("object", stream);
        format!("NOT EXISTS (SELECT 1 FROM {known} WHERE object = e.target)")
    };
    let unknown: Vec<String> = tables.objects.iter().map(|table| absent(&table.stream)).collect();
    let unknown = unknown.join(" AND ");
    let here = absent(&objects.stream);
    for edge in tables.edges.iter().filter(|edge| edge.is_listed()) {
        let owners = super::names::table("object", &edge.owner);
        let sql = format!(
            "INSERT INTO import_queue (stream, object, ticket)
             SELECT DISTINCT ?1, e.source, 1 FROM {} e JOIN import_edge_type y ON y.number = e.type
             JOIN {owners} o ON o.object = e.source AND o.deletion IS NULL
             WHERE (lower(y.name) = replace(?2, '_', '') AND {here}) OR (y.name = 'unknown' AND {unknown})
             ON CONFLICT (stream, object) DO UPDATE SET ticket = ticket + 1",
            edge.table
        );
        connection.execute(&sql, params![edge.stream, objects.entity])?;
    }
    Ok(())
}
