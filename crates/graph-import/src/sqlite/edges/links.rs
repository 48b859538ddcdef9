//! Links out of a delta query: one at most for each owner.

use rusqlite::{OptionalExtension, params};

use super::Lists;
use crate::ObjectId;
use crate::sqlite::ids::unsigned;
use crate::sqlite::withheld::{self, Missing};
use crate::store::{Advance, Applied, Commit, DeletionThreshold, OwnerLink, Phase, StreamState};

/// Owners whose links are replaced at a time.
const CHUNK: i64 = 1000;

impl Lists<'_> {
    /// Applies a page. A round of changes says what is different; a full round gathers what there is,
    /// and replaces the edges by it in the commit of its last page: all of them, unless there are too
    /// many to go unproved.
    pub(in super::super) fn apply_links(
        &self,
        links: &[OwnerLink],
        state: &StreamState,
        commit: &Commit<'_>,
    ) -> rusqlite::Result<(Applied, Option<Missing>)> {
        let mut applied = Applied::default();
        let ghosts = self.any_ghost()?;
        for OwnerLink { owner, link, removed } in links {
            let owner = self.number(owner)?;
            let gathers = state.phase == Phase::Full;
            if state.withheld > 0 && !gathers {
                withheld::settle(self.connection, &self.table.stream, owner)?;
            }
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
        let mut missing = None;
        if state.phase == Phase::Full && matches!(commit.advance, Advance::Complete(_)) {
            missing = self.withhold(state.spoiled + commit.spoiled, &commit.threshold)?;
            self.publish_links(ghosts, missing.is_none(), &mut applied)?;
        }
        Ok((applied, missing))
    }

    /// Notes the owners whose links the gathered ones lack, if these are too many to go unproved, or
    /// the generation is not whole; what they are then.
    fn withhold(
        &self,
        spoiled: u64,
        threshold: &DeletionThreshold,
    ) -> rusqlite::Result<Option<Missing>> {
        let (stream, table) = (&self.table.stream, &self.table.table);
        let lacking = format!(
            "SELECT DISTINCT source FROM {table} e WHERE NOT EXISTS
             (SELECT 1 FROM import_stage s WHERE s.stream = ?1 AND s.owner = e.source)"
        );
        let sql = format!(
            "SELECT (SELECT count(DISTINCT source) FROM {table}), count(*),
                 count(*) FILTER (WHERE source IN (SELECT owner FROM import_withheld WHERE stream = ?1))
             FROM ({lacking})"
        );
        let missing = self.connection.query_row(&sql, [stream], |row| {
            let (live, lacking) = (unsigned(row.get(0)?), unsigned(row.get(1)?));
            Ok(Missing { live, lacking, again: unsigned(row.get(2)?) })
        })?;
        self.connection.execute("DELETE FROM import_withheld WHERE stream = ?1", [stream])?;
        if missing.is_allowed(threshold) && spoiled == 0 {
            return Ok(None);
        }
        let note = format!(
            "INSERT INTO import_withheld (stream, owner) SELECT ?1, source FROM ({lacking})"
        );
        self.connection.execute(&note, [stream])?;
        Ok(Some(missing))
    }

    /// Takes away the links that were withheld.
    pub(in super::super) fn sweep_links(&self) -> rusqlite::Result<Applied> {
        let (mut applied, stream) = (Applied::default(), &self.table.stream);
        for owner in withheld::owners(self.connection, stream)? {
            self.swap((owner, None), (&[], &[]), false, &mut applied)?;
            withheld::settle(self.connection, stream, owner)?;
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

    /// Replaces the edges of the stream by the gathered ones; `all` of them, or those of the owners
    /// that have one.
    fn publish_links(
        &self,
        ghosts: bool,
        all: bool,
        applied: &mut Applied,
    ) -> rusqlite::Result<()> {
        let mut last = 0;
        loop {
            let owners = self.owners_after(last, all)?;
            for owner in &owners {
                self.swap_staged((*owner, None), ghosts, applied)?;
            }
            match owners.last() {
                Some(owner) => last = *owner,
                None => return Ok(()),
            }
        }
    }

    /// The next owners that have a gathered edge, or where `all` are asked for any edge.
    fn owners_after(&self, last: i64, all: bool) -> rusqlite::Result<Vec<i64>> {
        let known = format!("UNION SELECT source FROM {} WHERE source > ?2", self.table.table);
        let sql = format!(
            "SELECT owner FROM (SELECT owner FROM import_stage WHERE stream = ?1 AND owner > ?2 {})
             GROUP BY owner ORDER BY owner LIMIT {CHUNK}",
            if all { known.as_str() } else { "" }
        );
        let mut find = self.connection.prepare_cached(&sql)?;
        let owners = find.query_map(params![self.table.stream, last], |row| row.get(0))?;
        owners.collect()
    }
}
