//! What a verification reads back from the store.

use std::path::Path;

use rusqlite::{OptionalExtension, Row, ToSql, params};

use super::StoreReader;
use super::error::Failed;
use super::ids::{self, signed, unsigned};
use super::names::table;
use crate::ObjectId;
use crate::importer::{ReadBack, StoredObject};
use crate::store::{Edge, EdgeType, StoreError};

/// Spreads neighbouring numbers, so that a sample is not drawn from one end (Knuth's multiplier).
const SPREAD: i64 = 2_654_435_761;

impl StoreReader {
    fn live(
        &self,
        stream: &str,
        rest: &str,
        values: &[&dyn ToSql],
    ) -> rusqlite::Result<Vec<StoredObject>> {
        let sql = format!(
            "SELECT o.object, i.id, o.raw, coalesce(json_extract(o.raw, '$.visibility') = 'HiddenMembership', 0)
             FROM {} o JOIN import_object_id i ON i.number = o.object WHERE o.deletion IS NULL {rest}",
            table("object", stream)
        );
        let object = |row: &Row<'_>| {
            Ok(StoredObject {
                place: unsigned(row.get(0)?),
                id: ids::read(row.get(1)?),
                raw: row.get(2)?,
                hidden: row.get(3)?,
            })
        };
        self.connection().prepare_cached(&sql)?.query_map(values, object)?.collect()
    }

    /// The tables of objects that the store has.
    fn object_tables(&self) -> rusqlite::Result<Vec<String>> {
        let sql = "SELECT stream FROM import_stream WHERE kind <> 'edges'";
        let mut statement = self.connection().prepare_cached(sql)?;
        let names = statement.query_map([], |row| row.get::<_, String>(0))?;
        names.map(|name| name.map(|name| table("object", &name))).collect()
    }

    fn open_edges(&self, stream: &str, owner: u64) -> rusqlite::Result<Vec<Edge>> {
        let alive: Vec<String> = self
            .object_tables()?
            .iter()
            .map(|objects| {
                format!(" AND NOT EXISTS (SELECT 1 FROM {objects} o WHERE o.object = e.target AND o.deletion <> 'out_of_scope')")
            })
            .collect();
        let sql = format!(
            "SELECT i.id, y.name FROM {} e JOIN import_object_id i ON i.number = e.target
             JOIN import_edge_type y ON y.number = e.type WHERE e.source = ?1{}",
            table("edge", stream),
            alive.concat()
        );
        let edge = |row: &Row<'_>| {
            let kind: String = row.get(1)?;
            Ok(Edge { target: ids::read(row.get(0)?), target_type: EdgeType::new(&kind) })
        };
        self.connection().prepare_cached(&sql)?.query_map([signed(owner)], edge)?.collect()
    }

    fn is_buried(&self, object: &ObjectId) -> rusqlite::Result<bool> {
        let Some(number) = ids::find(self.connection(), object)? else { return Ok(false) };
        for objects in self.object_tables()? {
            let sql = format!("SELECT 1 FROM {objects} WHERE object = ?1 AND deletion = 'hard'");
            let mut statement = self.connection().prepare_cached(&sql)?;
            if statement.query_row([number], |_| Ok(())).optional()?.is_some() {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

impl ReadBack for StoreReader {
    fn count(&mut self, stream: &str) -> Result<Option<u64>, StoreError> {
        let sql =
            format!("SELECT count(*) FROM {} WHERE deletion IS NULL", table("object", stream));
        let count = self.connection().query_row(&sql, [], |row| row.get(0)).map(unsigned);
        count.map(Some).failed("count objects", Path::new(""))
    }

    fn objects(
        &mut self,
        stream: &str,
        after: Option<u64>,
        limit: usize,
    ) -> Result<Vec<StoredObject>, StoreError> {
        let (after, limit) = (after.map_or(0, signed), signed(limit as u64));
        let rest = "AND o.object > ?1 ORDER BY o.object LIMIT ?2";
        self.live(stream, rest, params![after, limit]).failed("read objects", Path::new(""))
    }

    fn sample(
        &mut self,
        stream: &str,
        seed: u64,
        limit: usize,
    ) -> Result<Vec<StoredObject>, StoreError> {
        let (seed, limit) = (signed(seed % 1_000_000_007), signed(limit as u64));
        let rest = format!("ORDER BY ((o.object + ?1) * {SPREAD}) & 0x7fffffff, o.object LIMIT ?2");
        self.live(stream, &rest, params![seed, limit]).failed("draw a sample", Path::new(""))
    }

    fn object(&mut self, stream: &str, id: &ObjectId) -> Result<Option<StoredObject>, StoreError> {
        let find = || {
            let Some(number) = ids::find(self.connection(), id)? else { return Ok(None) };
            Ok(self.live(stream, "AND o.object = ?1", params![number])?.pop())
        };
        find().failed("read an object", Path::new(""))
    }

    fn edges(&mut self, stream: &str, owner: u64) -> Result<Vec<Edge>, StoreError> {
        self.open_edges(stream, owner).failed("read edges", Path::new(""))
    }

    fn is_gone(&mut self, object: &ObjectId) -> Result<bool, StoreError> {
        self.is_buried(object).failed("look for an object", Path::new(""))
    }
}
