//! Lists of several pages: staged page by page, swapped in as a whole.

use rusqlite::params;

use super::Lists;
use crate::ChangeOperation;
use crate::sqlite::tables::EdgeTable;
use crate::sqlite::{ids, names};
use crate::store::{Applied, Edge, EdgeType};

impl Lists<'_> {
    /// Replaces an owner's edges by the staged list, without ever holding it in memory.
    pub(super) fn swap_staged(
        &self,
        (owner, without): (i64, Option<i64>),
        ghosts: bool,
        applied: &mut Applied,
    ) -> rusqlite::Result<()> {
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
                let hard = names::table("object", &objects.stream);
                let ghost = format!("SELECT object FROM {hard} WHERE deletion = 'hard'");
                let sql = format!(
                    "DELETE FROM import_stage WHERE stream = ?1 AND owner = ?2 AND target IN ({ghost})"
                );
                applied.ghosts += run(&sql)?;
            }
        }
        let stays = without.unwrap_or(-1); // no type has that number
        let believed = !self.threshold.keeps_everything();
        let gone =
            format!("{believed} AND source = ?2 AND type <> {stays} AND target NOT IN ({staged})");
        let number = self.run;
        let counts = format!(
            "SELECT count(*), count(*) FILTER (WHERE {gone}) FROM {table} WHERE source = ?2"
        );
        let (known, missing) =
            self.connection.prepare_cached(&counts)?.query_row(params![stream, owner], |row| {
                Ok((ids::unsigned(row.get(0)?), ids::unsigned(row.get(1)?)))
            })?;
        if self.is_doubted(owner, known, missing)? {
            return Ok(());
        }
        // D7: a member that comes without a type keeps the one that is known.
        let unknown = self.type_number(&EdgeType::UNKNOWN)?;
        self.tell_staged(owner, (stays, unknown), believed)?;
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
             ON CONFLICT (source, target) DO UPDATE SET type = iif(excluded.type = {unknown}, type, excluded.type)"
        ))?;
        applied.edges_removed += removed;
        applied.edges_unchanged += ids::unsigned(kept);
        applied.edges_added += listed.saturating_sub(ids::unsigned(kept));
        self.settled(owner)
    }

    /// Tells how the staged list differs from the owner's edges.
    fn tell_staged(
        &self,
        owner: i64,
        (stays, unknown): (i64, i64),
        believed: bool,
    ) -> rusqlite::Result<()> {
        let Some(feed) = self.feed else { return Ok(()) };
        let EdgeTable { stream, table, .. } = self.table;
        let values: [&dyn rusqlite::ToSql; 2] = [stream, &owner];
        let gone = format!(
            "SELECT source, target, type FROM {table} WHERE {believed} AND source = ?4 AND type <> {stays}
             AND target NOT IN (SELECT target FROM import_stage WHERE stream = ?3 AND owner = ?4)"
        );
        let staged = |known: &str| {
            format!(
                "SELECT s.owner AS source, s.target, s.type FROM import_stage s
                 LEFT JOIN {table} e ON e.source = s.owner AND e.target = s.target
                 WHERE s.stream = ?3 AND s.owner = ?4 AND {known}"
            )
        };
        let (other, new) =
            (staged(&format!("s.type NOT IN (e.type, {unknown})")), staged("e.source IS NULL"));
        feed.edges(self.table, ChangeOperation::Removed, "removed", (&gone, &values))?;
        feed.edges(self.table, ChangeOperation::Updated, "type", (&other, &values))?;
        feed.edges(self.table, ChangeOperation::Added, "reported", (&new, &values))
    }

    /// Stages a part of a list, with the numbers of its targets.
    pub(super) fn stage(
        &self,
        owner: i64,
        (edges, targets): (&[Edge], &[i64]),
        first: bool,
    ) -> rusqlite::Result<()> {
        if first {
            self.forget_stage(owner)?;
        }
        let sql = "INSERT OR REPLACE INTO import_stage (stream, owner, target, type) VALUES (?1, ?2, ?3, ?4)";
        let mut stage = self.connection.prepare_cached(sql)?;
        for (edge, target) in edges.iter().zip(targets) {
            let kind = self.type_number(&edge.target_type)?;
            stage.execute(params![self.table.stream, owner, target, kind])?;
        }
        Ok(())
    }

    pub(super) fn forget_stage(&self, owner: i64) -> rusqlite::Result<()> {
        let sql = "DELETE FROM import_stage WHERE stream = ?1 AND owner = ?2";
        self.connection.prepare_cached(sql)?.execute(params![self.table.stream, owner]).map(drop)
    }
}
