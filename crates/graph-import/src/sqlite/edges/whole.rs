//! Lists of one page: swapped in as they came.

use std::collections::{HashMap, HashSet};

use rusqlite::params_from_iter;

use super::Lists;
use crate::sqlite::tables::ROWS_AT_ONCE;
use crate::store::{Applied, Edge, EdgeType};

impl Lists<'_> {
    /// Replaces an owner's edges by a list that fits into memory, with the numbers of its targets. Edges
    /// of the type that it is without stay.
    pub(super) fn swap(
        &self,
        (owner, without): (i64, Option<i64>),
        (edges, targets): (&[Edge], &[i64]),
        ghosts: bool,
        applied: &mut Applied,
    ) -> rusqlite::Result<()> {
        let mut before = self.current(owner)?;
        let (known, missing) = (before.len() as u64, self.missing(&before, targets, without));
        if self.is_doubted(owner, known, missing)? {
            return Ok(());
        }
        let mut new = Vec::with_capacity(if before.is_empty() { edges.len() } else { 0 });
        for (target, edge) in listed(edges, targets) {
            let kind = self.type_number(&edge.target_type)?;
            if ghosts && self.is_ghost(target)? {
                applied.ghosts += 1;
                continue;
            }
            match before.remove(&target) {
                Some(known) if known == kind || edge.target_type == EdgeType::UNKNOWN => {
                    applied.edges_unchanged += 1;
                    continue;
                }
                Some(_) => {
                    self.tell(true, (owner, target, kind))?;
                    applied.edges_added += self.insert(owner, target, kind)?;
                }
                None => {
                    self.tell(false, (owner, target, kind))?;
                    new.push((target, kind));
                }
            }
            if self.feed.is_some() {
                self.expect(owner, target, &edge.target_type)?;
            }
        }
        self.insert_new(owner, &new)?;
        applied.edges_added += new.len() as u64;
        let keeps = self.threshold.keeps_everything();
        let is_gone = |(_, kind): &(i64, i64)| !keeps && Some(*kind) != without;
        let mut gone: Vec<(i64, i64)> = before.into_iter().filter(is_gone).collect();
        gone.sort_unstable();
        for (target, kind) in gone {
            self.remove((owner, target, kind), applied)?;
        }
        self.settled(owner)
    }

    /// How many of the edges that are known a list lacks, where there are more than a few.
    fn missing(&self, known: &HashMap<i64, i64>, targets: &[i64], without: Option<i64>) -> u64 {
        if known.len() as u64 <= self.threshold.few {
            return 0;
        }
        let listed: HashSet<i64> = targets.iter().copied().collect();
        let is_missing =
            |(target, kind): &(&i64, &i64)| Some(**kind) != without && !listed.contains(*target);
        known.iter().filter(is_missing).count() as u64
    }

    /// Inserts edges that are not there, many in a statement: the rows are short, so that a statement
    /// for each would cost more than they do.
    fn insert_new(&self, owner: i64, new: &[(i64, i64)]) -> rusqlite::Result<()> {
        let (many, rest) = new.as_chunks::<ROWS_AT_ONCE>();
        if !many.is_empty() {
            let mut insert = self.connection.prepare_cached(&self.table.insert_many)?;
            for rows in many {
                let cells = rows.iter().flat_map(|(target, kind)| [*target, *kind]);
                insert.execute(params_from_iter([owner, self.run].into_iter().chain(cells)))?;
            }
        }
        let mut insert = self.connection.prepare_cached(&self.table.insert_one)?;
        rest.iter().try_for_each(|(target, kind)| {
            insert.execute([owner, self.run, *target, *kind]).map(drop)
        })
    }

    /// The owner's edges, target and type.
    pub(super) fn current(&self, owner: i64) -> rusqlite::Result<HashMap<i64, i64>> {
        let mut statement = self.connection.prepare_cached(&self.table.current)?;
        statement.query_map([owner], |row| Ok((row.get(0)?, row.get(1)?)))?.collect()
    }
}

/// The targets in the order of the table, each once: Graph may repeat itself.
fn listed<'e>(edges: &'e [Edge], targets: &[i64]) -> Vec<(i64, &'e Edge)> {
    let mut listed: Vec<_> = targets.iter().copied().zip(edges).collect();
    listed.sort_by_key(|(target, _)| *target);
    listed.dedup_by_key(|(target, _)| *target);
    listed
}
