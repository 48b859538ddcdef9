//! The beginning and the end of a run.

use graph_dsl::{StreamKind, StreamPlan};
use graph_transport::TenantId;
use rusqlite::{Connection, OptionalExtension, TransactionBehavior, params};

use super::ids::signed;
use super::tables::Tables;
use super::{Claimed, edges, names, nesting, partitions, refill, schema, staging, streams, views};
use crate::importer::options;
use crate::store::{Advance, Move, RunRecord, StreamSet, StreamState, relation};

/// Creates what is missing and opens a run; its number is the epoch of its commits.
pub(super) fn begin(
    connection: &mut Connection,
    tenant: &TenantId,
    plans: &StreamSet,
    tables: &Tables,
    at: &str,
) -> rusqlite::Result<i64> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    schema::migrate(&transaction, tenant.as_str(), at)?;
    // Whoever left a run open was killed: it holds the lock no more.
    transaction.execute(
        "UPDATE import_run SET status = 'killed', ended_at = ?1 WHERE ended_at IS NULL",
        [at],
    )?;
    transaction
        .execute("INSERT INTO import_run (started_at, status) VALUES (?1, 'running')", [at])?;
    let run = transaction.last_insert_rowid();
    for table in tables.objects.iter().chain(&tables.staging) {
        table.create(&transaction)?;
    }
    for table in &tables.edges {
        table.create(&transaction)?;
    }
    for plan in plans {
        register(&transaction, tables, plan, run, at)?;
    }
    nesting::settle(&transaction, tables)?;
    views::create(&transaction, plans)?;
    transaction.commit()?;
    Ok(run)
}

/// Makes a stream known. One whose query has changed needs a new baseline (facts: graph-protocol
/// 5.2); one whose columns have changed gets them cut out of the raw objects that are there.
fn register(
    connection: &Connection,
    tables: &Tables,
    plan: &StreamPlan,
    run: i64,
    at: &str,
) -> rusqlite::Result<()> {
    let (query, columns) = (query(plan), format!("{:?}", plan.columns));
    let known = "SELECT query, columns FROM import_stream WHERE stream = ?1";
    let known: Option<(String, String)> = connection
        .query_row(known, [&plan.name], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let Some((old_query, old_columns)) = known else {
        insert(connection, plan, &query, &columns)?;
        return match tables.edge(&plan.name) {
            Some(table) => edges::queue_all(connection, table, at),
            None => Ok(()),
        };
    };
    let sql = "UPDATE import_stream SET query = ?2, columns = ?3, epoch = ?4, kind = ?5, owner = ?6, relation = ?7,
        entity = ?8 WHERE stream = ?1";
    let (kind, owner, relation) = nature(plan);
    let values = params![plan.name, query, columns, run, kind, owner, relation, plan.entity];
    connection.execute(sql, values)?;
    if old_columns != columns
        && let Some(table) = tables.object(&plan.name)
    {
        refill::refill(connection, table)?;
    }
    if old_query != query
        && let Some(before) = streams::state(connection, &plan.name)?
    {
        let (items, spoiled, churn) = (0, 0, 0);
        let resync =
            Move { advance: Advance::Resync, items, spoiled, churn, epoch: before.epoch, at };
        let after = before.clone().advanced(&resync);
        streams::write(connection, &before, &after, at)?;
        staging::clear(connection, tables, &plan.name)?;
        partitions::advance(connection, &after, Advance::Resync, 0)?;
        // What waited was found under the old query; the full round finds it again.
        for work in
            ["import_queue", "import_stage", "import_hidden", "import_returned", "import_withheld"]
        {
            connection.execute(&format!("DELETE FROM {work} WHERE stream = ?1"), [&plan.name])?;
        }
        if let Some(table) = tables.edge(&plan.name) {
            edges::close_out_of_scope(connection, table, run, at)?;
            if table.nests && nesting::is_kept(connection, table)? {
                nesting::build(connection, table)?; // the owners may be other ones now
            }
            edges::queue_all(connection, table, at)?;
        }
    }
    Ok(())
}

fn insert(
    connection: &Connection,
    plan: &StreamPlan,
    query: &str,
    columns: &str,
) -> rusqlite::Result<()> {
    let (kind, owner, relation) = nature(plan);
    let new = StreamState::new(&plan.name);
    let sql = "INSERT INTO import_stream (stream, kind, owner, relation, query, columns, generation, epoch, seq, phase, pages, items, spoiled, entity)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 0, 0, ?8, 0, 0, 0, ?9)";
    let values = params![
        plan.name,
        kind,
        owner,
        relation,
        query,
        columns,
        signed(new.generation),
        new.phase.as_str(),
        plan.entity
    ];
    connection.execute(sql, values).map(drop)
}

/// A stream's kind and, of edges, the stream that owns them and the relation that reports them.
fn nature(plan: &StreamPlan) -> (&'static str, Option<&str>, Option<&str>) {
    match &plan.kind {
        StreamKind::Edges { of } => ("edges", Some(of), Some(relation(plan))),
        StreamKind::Full => ("full", None, None),
        StreamKind::Window => ("window", None, None),
        _ => ("delta", None, None),
    }
}

/// What a stored cursor belongs to: a cursor of another query is worthless.
fn query(plan: &StreamPlan) -> String {
    let (kind, owner, _) = nature(plan);
    let (owner, key) = (owner.unwrap_or_default(), plan.key.join(","));
    format!("{kind} {owner} {}{}?{} {key}", plan.version, plan.endpoint, options(plan))
}

/// Writes the end of the run.
pub(super) fn finish(claimed: &Claimed, record: &RunRecord<'_>) -> rusqlite::Result<()> {
    let sql = "UPDATE import_run SET ended_at = ?2, status = ?3, requests = ?4, resource_units = ?5, report = ?6 WHERE run = ?1";
    let (requests, units) = (signed(record.requests), signed(record.resource_units));
    let values = params![claimed.run, record.at, record.status, requests, units, record.report];
    claimed.connection.execute(sql, values)?;
    // Whoever stopped the run does not wait, and where there was no room there is none for an index.
    if matches!(record.status, "completed" | "partial") {
        index_texts(&claimed.connection)?;
    }
    Ok(())
}

/// Lets views find an object by the text of its id. Built once a first load is over, because keeping
/// it up to date would slow that load down.
fn index_texts(connection: &Connection) -> rusqlite::Result<()> {
    let sql = "SELECT count(*) FROM import_stream WHERE published IS NOT NULL";
    let published: i64 = connection.query_row(sql, [], |row| row.get(0))?;
    if published == 0 {
        return Ok(());
    }
    let text = names::id_text("id");
    connection.execute_batch(&format!(
        "CREATE INDEX IF NOT EXISTS import_object_text ON import_object_id ({text})"
    ))
}
