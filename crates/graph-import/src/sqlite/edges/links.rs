//! Links out of a delta query: one at most for each owner.

use rusqlite::{OptionalExtension, params};

use super::Lists;
use crate::ObjectId;
use crate::store::{Advance, Applied, OwnerLink, Phase, StreamState};

/// Owners whose links are replaced at a time.
const CHUNK: i64 = 1000;

impl Lists<'_> {
    /// Applies a page. A round of changes says what is different; a full round gathers what there is,
    /// and replaces the edges by it in the commit of its last page.
    pub(in super::super) fn apply_links(
        &self,
        links: &[OwnerLink],
        state: &StreamState,
        advance: Advance<'_>,
    ) -> rusqlite::Result<Applied> {
        let mut applied = Applied::default();
        let ghosts = self.any_ghost()?;
        for OwnerLink { owner, link, removed } in links {
            let owner = self.number(owner)?;
            let gathers = state.phase == Phase::Full;
            match link {
                Some(link) => {
                    let target = self.number(&link.target)?;
                    let list = (std::slice::from_ref(link), &[target][..]);
                    if gathers {
                        self.stage(owner, list, true)?;
                    } else {
                        self.swap((owner, None), list, ghosts, &mut applied)?;
                    }
                }
                // A removal alone says nothing about a link to another object.
                None => self.remove_links(owner, removed, gathers, &mut applied)?,
            }
        }
        if state.phase == Phase::Full && matches!(advance, Advance::Complete(_)) {
            self.publish_links(ghosts, &mut applied)?;
        }
        Ok(applied)
    }

    fn remove_links(
        &self,
        owner: i64,
        removed: &[ObjectId],
        gathers: bool,
        applied: &mut Applied,
    ) -> rusqlite::Result<()> {
        let known = if gathers {
            let sql = "SELECT target FROM import_stage WHERE stream = ?1 AND owner = ?2";
            let mut find = self.connection.prepare_cached(sql)?;
            find.query_row(params![self.table.stream, owner], |row| row.get(0)).optional()?
        } else {
            self.current(owner)?.into_keys().next()
        };
        for target in removed {
            if known != Some(self.number(target)?) {
                continue;
            }
            if gathers {
                self.forget_stage(owner)?;
            } else {
                self.swap((owner, None), (&[], &[]), false, applied)?;
            }
        }
        Ok(())
    }

    /// Replaces all edges of the stream by the gathered ones.
    fn publish_links(&self, ghosts: bool, applied: &mut Applied) -> rusqlite::Result<()> {
        let mut last = 0;
        loop {
            let owners = self.owners_after(last)?;
            for owner in &owners {
                self.swap_staged((*owner, None), ghosts, applied)?;
            }
            match owners.last() {
                Some(owner) => last = *owner,
                None => return Ok(()),
            }
        }
    }

    /// The next owners that have an edge or a gathered one.
    fn owners_after(&self, last: i64) -> rusqlite::Result<Vec<i64>> {
        let sql = format!(
            "SELECT owner FROM (SELECT owner FROM import_stage WHERE stream = ?1 AND owner > ?2
             UNION SELECT source FROM {} WHERE source > ?2) ORDER BY owner LIMIT {CHUNK}",
            self.table.table
        );
        let mut find = self.connection.prepare_cached(&sql)?;
        let owners = find.query_map(params![self.table.stream, last], |row| row.get(0))?;
        owners.collect()
    }
}
