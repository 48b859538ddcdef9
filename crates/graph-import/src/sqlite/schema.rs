//! The store's own tables and their version.

use rusqlite::Connection;

/// "GrCn": says in the file's header whose it is.
pub(super) const APPLICATION_ID: i64 = 0x4772_436e;
/// The schema that this program writes.
pub(super) const VERSION: i64 = 1;

/// What each version does to a store of the version before it, the first to an empty file. A later
/// version appends its own step and never edits an older one.
pub(super) const STEPS: [&str; 1] = [VERSION_1];

/// Version 1.
const VERSION_1: &str = "
CREATE TABLE import_meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE import_run (
    run INTEGER PRIMARY KEY, started_at TEXT NOT NULL, ended_at TEXT, status TEXT NOT NULL,
    requests INTEGER NOT NULL DEFAULT 0, resource_units INTEGER NOT NULL DEFAULT 0, report TEXT
);
CREATE TABLE import_stream (
    stream TEXT PRIMARY KEY, kind TEXT NOT NULL, entity TEXT NOT NULL, owner TEXT, relation TEXT,
    query TEXT NOT NULL, columns TEXT NOT NULL,
    generation INTEGER NOT NULL, epoch INTEGER NOT NULL, seq INTEGER NOT NULL,
    phase TEXT NOT NULL, cursor TEXT, watermark TEXT,
    published INTEGER, published_run INTEGER, source TEXT, fallback TEXT, doubt TEXT,
    withheld INTEGER NOT NULL DEFAULT 0, withheld_again INTEGER NOT NULL DEFAULT 0, rereads INTEGER NOT NULL DEFAULT 0, watermark_at TEXT, resynced_at TEXT, unreadable TEXT, emptied TEXT,
    baseline TEXT, baseline_at TEXT, counted INTEGER, churn INTEGER NOT NULL DEFAULT 0,
    pages INTEGER NOT NULL, items INTEGER NOT NULL, spoiled INTEGER NOT NULL, listed INTEGER NOT NULL DEFAULT 0,
    started_at TEXT, committed_at TEXT
) WITHOUT ROWID;
CREATE TABLE import_partition (
    stream TEXT NOT NULL, generation INTEGER NOT NULL, place INTEGER NOT NULL, prefix TEXT NOT NULL,
    state TEXT NOT NULL, cursor TEXT, items INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (stream, place)
) WITHOUT ROWID;
CREATE TABLE import_touched (
    stream TEXT NOT NULL, object INTEGER NOT NULL, PRIMARY KEY (stream, object)
) WITHOUT ROWID;
CREATE TABLE import_gone (
    stream TEXT NOT NULL, object INTEGER NOT NULL, since TEXT NOT NULL, PRIMARY KEY (stream, object)
) WITHOUT ROWID;
CREATE TABLE import_object_id (number INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE);
CREATE TABLE import_queue (
    stream TEXT NOT NULL, object INTEGER NOT NULL, ticket INTEGER NOT NULL, since TEXT NOT NULL, PRIMARY KEY (stream, object)
) WITHOUT ROWID;
CREATE TABLE import_stage (
    stream TEXT NOT NULL, owner INTEGER NOT NULL, target INTEGER NOT NULL, type INTEGER NOT NULL,
    PRIMARY KEY (stream, owner, target)
) WITHOUT ROWID;
CREATE TABLE import_hidden (
    stream TEXT NOT NULL, owner INTEGER NOT NULL, since TEXT NOT NULL, PRIMARY KEY (stream, owner)
) WITHOUT ROWID;
CREATE TABLE import_withheld (
    stream TEXT NOT NULL, owner INTEGER NOT NULL, PRIMARY KEY (stream, owner)
) WITHOUT ROWID;
CREATE TABLE import_returned (
    stream TEXT NOT NULL, object INTEGER NOT NULL, entity TEXT NOT NULL, since TEXT NOT NULL, PRIMARY KEY (stream, object)
) WITHOUT ROWID;
CREATE TABLE import_unresolved (
    stream TEXT NOT NULL, source INTEGER NOT NULL, target INTEGER NOT NULL, run INTEGER NOT NULL,
    PRIMARY KEY (stream, source, target)
) WITHOUT ROWID;
CREATE TABLE import_renest (
    stream TEXT NOT NULL, object INTEGER NOT NULL, PRIMARY KEY (stream, object)
) WITHOUT ROWID;
CREATE TABLE import_edge_type (number INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
CREATE TABLE import_change (
    number INTEGER PRIMARY KEY AUTOINCREMENT, run INTEGER NOT NULL, at TEXT NOT NULL, stream TEXT NOT NULL,
    operation TEXT NOT NULL, object INTEGER, target INTEGER, type INTEGER, cause TEXT, columns TEXT
);
CREATE TABLE import_consumer (
    name TEXT PRIMARY KEY, position INTEGER NOT NULL, updated_at TEXT NOT NULL
) WITHOUT ROWID;
CREATE VIEW import_runs AS
    SELECT run, started_at, ended_at, status, requests, resource_units FROM import_run ORDER BY run DESC;
CREATE VIEW import_certificates AS
    SELECT r.run, r.ended_at, s.value ->> '$.stream' AS stream,
        CASE json_type(s.value, '$.outcome') WHEN 'text' THEN s.value ->> '$.outcome'
            ELSE (SELECT o.key || '(' || o.value || ')' FROM json_each(s.value, '$.outcome') o) END AS outcome,
        s.value ->> '$.completeness.is' AS completeness, s.value ->> '$.completeness.reason' AS reason,
        s.value ->> '$.source' AS source, s.value ->> '$.fallback' AS fallback,
        s.value ->> '$.generation' AS generation, s.value ->> '$.holdings.live' AS objects,
        s.value ->> '$.pages' AS pages, s.value ->> '$.items' AS items,
        s.value ->> '$.requests' AS requests, s.value ->> '$.resource_units' AS resource_units,
        s.value ->> '$.delta_age_seconds' AS delta_age_seconds, s.value -> '$.permission' AS permission,
        s.value -> '$.counts' AS counts, s.value -> '$.sample' AS sample,
        s.value -> '$.truncated' AS truncated, s.value -> '$.restarts' AS restarts,
        s.value -> '$.assumptions' AS assumptions
    FROM import_run r, json_each(r.report, '$.streams') s ORDER BY r.run DESC, s.key;
CREATE VIEW import_consumers AS
    SELECT name, position, updated_at,
        (SELECT count(*) FROM import_change c WHERE c.number > position) AS behind,
        (SELECT min(at) FROM import_change c WHERE c.number > position) AS oldest
    FROM import_consumer;
";

/// Brings the store to [`VERSION`]; inside the caller's transaction.
pub(super) fn migrate(connection: &Connection, tenant: &str, at: &str) -> rusqlite::Result<()> {
    if take(connection, &STEPS)? == 0 {
        let meta =
            "INSERT INTO import_meta (key, value) VALUES ('tenant_id', ?1), ('created_at', ?2)";
        connection.execute(meta, [tenant, at])?;
        connection.pragma_update(None, "application_id", APPLICATION_ID)?;
    }
    Ok(())
}

/// Takes the steps that the store has not taken yet. The version that it had.
pub(super) fn take(connection: &Connection, steps: &[&str]) -> rusqlite::Result<usize> {
    let version: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    let version = usize::try_from(version).unwrap_or(0);
    for (step, reached) in steps.iter().zip(1_i64..).skip(version) {
        connection.execute_batch(step)?;
        connection.pragma_update(None, "user_version", reached)?;
    }
    Ok(version)
}
