//! The baseline of a store: a bare rusqlite loop that inserts the same rows.

use std::path::Path;
use std::time::Duration;

use rusqlite::types::Value;
use rusqlite::{Connection, Row, params_from_iter};
use tokio::time::Instant;

use crate::throughput::cpu_seconds;

/// Rows that a transaction of an import had on average.
#[derive(Clone, Copy)]
pub(crate) struct Transactions {
    pub(crate) objects: usize,
    pub(crate) edges: usize,
}

/// Inserts every row of a store into another file with the same schema and settings, so many rows in
/// a transaction as the import had; how many rows, and how long that took without reading them, by the
/// clock and in seconds of CPU.
pub(crate) fn copy(from: &Path, to: &Path, of: Transactions) -> (u64, Duration, f64) {
    let from = graph_import::sqlite::read_only(from).unwrap();
    let mut to = Connection::open(to).unwrap();
    to.pragma_update_and_check(None, "journal_mode", "wal", |_| Ok(())).unwrap();
    to.pragma_update(None, "synchronous", "normal").unwrap();
    to.pragma_update(None, "cache_size", -6_000).unwrap();
    to.pragma_update(None, "temp_store", "file").unwrap();
    to.pragma_update_and_check(None, "wal_autocheckpoint", 8_192, |_| Ok(())).unwrap();
    for table in schema(&from, "table") {
        to.execute_batch(&table.1).unwrap();
    }
    let (mut rows, mut spent) = (0, Spent::default());
    for (table, _) in schema(&from, "table") {
        let size = if table.starts_with("edge_") { of.edges } else { of.objects };
        rows += copy_table(&from, &mut to, (&table, size), &mut spent);
    }
    spent.on(|| {
        for (_, index) in schema(&from, "index") {
            to.execute_batch(&index).unwrap();
        }
    });
    (rows, spent.time, spent.cpu)
}

/// Names and texts of tables or indexes that somebody has created.
fn schema(store: &Connection, kind: &str) -> Vec<(String, String)> {
    let sql = "SELECT name, sql FROM sqlite_schema WHERE type = ?1 AND sql IS NOT NULL AND name NOT LIKE 'sqlite_%'";
    let mut statement = store.prepare(sql).unwrap();
    let rows = statement.query_map([kind], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
    rows.map(Result::unwrap).collect()
}

/// What inserting has cost so far.
#[derive(Default)]
struct Spent {
    time: Duration,
    cpu: f64,
}

impl Spent {
    fn on(&mut self, work: impl FnOnce()) {
        let (started, cpu) = (Instant::now(), cpu_seconds());
        work();
        self.time += started.elapsed();
        self.cpu += cpu_seconds() - cpu;
    }
}

fn copy_table(
    from: &Connection,
    to: &mut Connection,
    (table, size): (&str, usize),
    spent: &mut Spent,
) -> u64 {
    let mut read = from.prepare(&format!("SELECT * FROM \"{table}\"")).unwrap();
    let columns = read.column_count();
    let marks = vec!["?"; columns].join(", ");
    let insert = format!("INSERT INTO \"{table}\" VALUES ({marks})");
    let values = |row: &Row<'_>| {
        (0..columns).map(|at| row.get(at)).collect::<rusqlite::Result<Vec<Value>>>()
    };
    let mut source = read.query_map([], values).unwrap().map(Result::unwrap);
    let mut rows = 0;
    loop {
        let page: Vec<Vec<Value>> = source.by_ref().take(size).collect();
        if page.is_empty() {
            return rows;
        }
        rows += page.len() as u64;
        spent.on(|| {
            let transaction = to.transaction().unwrap();
            {
                let mut insert = transaction.prepare_cached(&insert).unwrap();
                for row in &page {
                    insert.execute(params_from_iter(row)).unwrap();
                }
            }
            transaction.commit().unwrap();
        });
    }
}
