//! What an owner's item says about its edges: applied where it is exact, else the owner is queued.

use std::collections::HashSet;

use rusqlite::params;

use super::edges::Lists;
use super::objects::Page;
use super::queue;
use super::tables::EdgeTable;
use crate::store::{Applied, DeletionThreshold};
use crate::{Item, ObjectId, RelationChange};

/// How an item found its object in the store.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sight {
    /// It was not there, or it was gone.
    pub(super) returned: bool,
    /// It is the first of its object in this full round.
    pub(super) first: bool,
}

impl Page<'_> {
    /// Brings the edges of an owner up to date with what its item says.
    ///
    /// In a round of changes the entries of `members@delta` say what became of each edge; they are
    /// applied to an owner whose edges are known. A full round says nothing that a list does not
    /// say better, unless it is the one that the edges are taken from ([`crate::Commit::gathers`]).
    /// Whatever is not certain queues the owner, and its list decides (cases: B3, D9, D13).
    pub(super) fn relate(&self, owner: i64, item: &Item<'_>, sight: Sight) -> rusqlite::Result<()> {
        let table = self.table;
        for edge in self.tables.listed_of(&table.stream) {
            let mut changes =
                item.changed_relations.iter().filter(|change| change.name == edge.relation);
            let change = (changes.next(), changes.next());
            let gathers = self.gathers.contains(&edge.stream);
            let unknown = if gathers {
                sight.returned && !sight.first
            } else {
                sight.returned || (self.full_round && sight.first)
            };
            let exact = match change {
                _ if unknown => false,
                (None, _) => continue,
                (Some(change), None) if gathers || !self.full_round => {
                    !self.repeated.contains(&item.id) && self.change_edges(edge, owner, change)?
                }
                _ => false,
            };
            if !exact {
                queue::add(self.connection, &edge.stream, owner, self.reported)?;
            }
        }
        Ok(())
    }

    /// Applies the entries; whether they could be.
    fn change_edges(
        &self,
        edge: &EdgeTable,
        owner: i64,
        change: &RelationChange<'_>,
    ) -> rusqlite::Result<bool> {
        if queue::contains(self.connection, &edge.stream, owner)? || self.hides(edge, owner)? {
            return Ok(false);
        }
        let Some(entries) = change.entries() else { return Ok(false) };
        let (connection, tables) = (self.connection, self.tables);
        let lists =
            Lists::new(connection, tables, edge, self.run, (self.at, DeletionThreshold::NONE))?;
        let mut applied = Applied::default();
        lists.change(owner, &entries, &mut applied)?;
        self.changed_edges(&edge.stream, applied);
        Ok(true)
    }

    /// Whether an owner hides its edges from those without a permission of its own: what its entries
    /// leave out then cannot be told (cases: D9).
    fn hides(&self, edge: &EdgeTable, owner: i64) -> rusqlite::Result<bool> {
        let sql = format!(
            "SELECT 1 FROM {} WHERE object = ?1 AND json_extract(raw, '$.visibility') = 'HiddenMembership'
             UNION ALL SELECT 1 FROM import_hidden WHERE stream = ?2 AND owner = ?1",
            super::names::table("object", &edge.owner)
        );
        self.connection.prepare_cached(&sql)?.exists(params![owner, edge.stream])
    }
}

/// Objects that stand on one page more than once with something to say about their relations: which
/// word is the last is not known.
pub(super) fn repeated(items: &[Item<'_>]) -> HashSet<ObjectId> {
    let mut seen = HashSet::new();
    items
        .iter()
        .filter(|item| !item.changed_relations.is_empty() && !seen.insert(&item.id))
        .map(|item| item.id.clone())
        .collect()
}
