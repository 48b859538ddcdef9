//! Edge lists: staged page by page, swapped in as a whole.

mod ended;
mod links;
mod requeue;
mod staged;
mod whole;

use std::cell::RefCell;

use rusqlite::{Connection, OptionalExtension, params};

use super::feed::Feed;
use super::tables::{EdgeTable, Tables};
use super::unresolved::Expected;
use super::{queue, withheld};
use crate::store::{Applied, DeletionThreshold, EdgeList, EdgeType, OwnerEdges};
use crate::{ChangeOperation, EdgeChange, ObjectId};

pub(super) use ended::{close_endpoint, close_out_of_scope};
pub(super) use requeue::{queue_all, queue_unresolved};

/// What a list of edges is written under.
pub(super) struct Lists<'a> {
    connection: &'a Connection,
    tables: &'a Tables,
    table: &'a EdgeTable,
    run: i64,
    at: &'a str,
    /// Whether any object is known to be gone for ever.
    ghosts: bool,
    threshold: DeletionThreshold,
    /// Whether edges of any owner are withheld.
    withheld: bool,
    /// Numbers of types: a list has few types and many edges.
    types: RefCell<Vec<(EdgeType, i64)>>,
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
        (at, threshold): (&'a str, DeletionThreshold),
    ) -> rusqlite::Result<Self> {
        let withheld = withheld::any(connection, &table.stream)?;
        let ghosts = false;
        let (types, feed) = (RefCell::default(), Feed::of(connection, run, at, &table.stream)?);
        let expected = Expected::new(connection, tables)?;
        let lists = Self {
            connection,
            tables,
            table,
            run,
            at,
            ghosts,
            threshold,
            withheld,
            types,
            expected,
            feed,
        };
        Ok(Self { ghosts: lists.any_ghost()?, ..lists })
    }

    pub(super) fn apply(&self, lists: &[OwnerEdges]) -> rusqlite::Result<Applied> {
        let mut applied = Applied::default();
        let ghosts = self.ghosts;
        let targets = lists.iter().flat_map(|of| of.list.edges()).map(|edge| &edge.target);
        let numbers = self.tables.numbers.number_all(self.connection, targets)?;
        let mut rest = numbers.as_slice();
        for OwnerEdges { owner, list, without } in lists {
            let owner = self.number(owner)?;
            let without = without.as_ref().map(|kind| self.type_number(kind)).transpose()?;
            let targets = rest.split_off(..list.edges().len()).unwrap_or_default();
            match list {
                EdgeList::Complete(edges) => {
                    self.swap((owner, without), (edges, targets), ghosts, &mut applied)?;
                }
                EdgeList::Part { first, edges } => self.stage(owner, (edges, targets), *first)?,
                EdgeList::Rest(edges) => {
                    self.stage(owner, (edges, targets), false)?;
                    self.swap_staged((owner, without), ghosts, &mut applied)?;
                }
                EdgeList::Hidden => self.mark_hidden(owner)?,
            }
        }
        Ok(applied)
    }

    /// Whether a list is to come a second time before it counts: it lacks too many of the edges that are
    /// known. Its owner is queued again then.
    fn is_doubted(&self, owner: i64, known: u64, missing: u64) -> rusqlite::Result<bool> {
        if self.threshold.keeps_everything() {
            return Ok(false); // what it lacks stays in any case
        }
        let stream = &self.table.stream;
        let is_second = self.withheld && withheld::settle(self.connection, stream, owner)?;
        if is_second || !self.threshold.doubts_list(known, missing) {
            return Ok(false);
        }
        withheld::add(self.connection, stream, owner)?;
        queue::add(self.connection, stream, owner, self.at)?;
        self.forget_stage(owner)?;
        Ok(true)
    }

    /// Applies single changes to an owner whose edges are known.
    pub(super) fn change(
        &self,
        owner: i64,
        changes: &[EdgeChange],
        applied: &mut Applied,
    ) -> rusqlite::Result<()> {
        for EdgeChange { edge, removed } in changes {
            let target = self.number(&edge.target)?;
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

    /// The list is complete: nothing of it is staged or hidden any more.
    fn settled(&self, owner: i64) -> rusqlite::Result<()> {
        self.forget_stage(owner)?;
        let sql = "DELETE FROM import_hidden WHERE stream = ?1 AND owner = ?2";
        self.connection.prepare_cached(sql)?.execute(params![self.table.stream, owner]).map(drop)
    }

    fn mark_hidden(&self, owner: i64) -> rusqlite::Result<()> {
        let sql = "INSERT INTO import_hidden (stream, owner, since) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING";
        let mut mark = self.connection.prepare_cached(sql)?;
        mark.execute(params![self.table.stream, owner, self.at]).map(drop)
    }

    fn number(&self, id: &ObjectId) -> rusqlite::Result<i64> {
        self.tables.numbers.number(self.connection, id)
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
        if let Some((_, number)) = self.types.borrow().iter().find(|(known, _)| known == kind) {
            return Ok(*number);
        }
        let number = self.find_type(kind)?;
        self.types.borrow_mut().push((kind.clone(), number));
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
