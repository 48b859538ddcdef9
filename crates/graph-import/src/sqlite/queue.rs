//! The work queue: what a page reported and another request must read.

use rusqlite::{Connection, params};

use super::Claimed;
use super::ids::{self, signed, unsigned};
use super::names::table;
use super::tables::{OUT_OF_SCOPE, Tables};
use crate::store::{Holdings, Queued, Waiting};

/// Queues an object, of which something was reported at `since`; a ticket that was handed out before no
/// longer settles it.
pub(super) fn add(
    connection: &Connection,
    stream: &str,
    object: i64,
    since: &str,
) -> rusqlite::Result<()> {
    let sql = "INSERT INTO import_queue (stream, object, ticket, since) VALUES (?1, ?2, 1, ?3)
        ON CONFLICT (stream, object) DO UPDATE SET ticket = ticket + 1, since = max(since, excluded.since)";
    connection.prepare_cached(sql)?.execute(params![stream, object, since]).map(drop)
}

/// Whether an object waits to be read.
pub(super) fn contains(
    connection: &Connection,
    stream: &str,
    object: i64,
) -> rusqlite::Result<bool> {
    let sql = "SELECT 1 FROM import_queue WHERE stream = ?1 AND object = ?2";
    connection.prepare_cached(sql)?.exists(params![stream, object])
}

/// Queues every live owner of an edge stream; what came back need not be looked for then.
pub(super) fn add_all(
    connection: &Connection,
    stream: &str,
    owner: &str,
    since: &str,
) -> rusqlite::Result<()> {
    let objects = table("object", owner);
    let sql = format!(
        "INSERT INTO import_queue (stream, object, ticket, since) SELECT ?1, object, 1, ?2 FROM {objects} WHERE deletion IS NULL
         ON CONFLICT (stream, object) DO UPDATE SET ticket = ticket + 1, since = max(since, excluded.since)"
    );
    connection.execute("DELETE FROM import_returned WHERE stream = ?1", [stream])?;
    connection.execute(&sql, [stream, since]).map(drop)
}

/// Takes an entry away unless it has been renewed since it was handed out.
pub(super) fn settle(
    connection: &Connection,
    stream: &str,
    entry: &Queued,
) -> rusqlite::Result<()> {
    let sql = "DELETE FROM import_queue WHERE stream = ?1 AND object = ?2 AND ticket = ?3";
    connection
        .prepare_cached(sql)?
        .execute(params![stream, signed(entry.place), signed(entry.ticket)])
        .map(drop)
}

/// An owner that is gone has no edges to read.
pub(super) fn drop_owner(
    connection: &Connection,
    tables: &Tables,
    stream: &str,
    object: i64,
) -> rusqlite::Result<()> {
    let sql = "DELETE FROM import_queue WHERE stream = ?1 AND object = ?2";
    for queue in queues_of(tables, stream) {
        connection.prepare_cached(sql)?.execute(params![queue, object])?;
    }
    Ok(())
}

/// The same for all owners that are gone, after a sweep.
pub(super) fn drop_deleted_owners(
    connection: &Connection,
    tables: &Tables,
    stream: &str,
) -> rusqlite::Result<()> {
    let sql = format!(
        "DELETE FROM import_queue AS q WHERE q.stream = ?1
         AND EXISTS (SELECT 1 FROM {} o WHERE o.object = q.object AND o.deletion IS NOT NULL)",
        table("object", stream)
    );
    for queue in queues_of(tables, stream) {
        connection.execute(&sql, [queue])?;
    }
    Ok(())
}

/// The queues that objects of this stream wait in: its own, and those of their edges.
fn queues_of<'a>(tables: &'a Tables, stream: &'a str) -> impl Iterator<Item = &'a str> {
    let edges = tables.edges.iter().filter(move |edge| edge.owner == stream);
    edges.map(|edge| edge.stream.as_str()).chain([stream])
}

/// The next entries after a place.
pub(super) fn read(
    claimed: &Claimed,
    stream: &str,
    after: Option<u64>,
    limit: usize,
) -> rusqlite::Result<Vec<Queued>> {
    let hidden = match claimed.tables.edge(stream) {
        Some(edge) => format!(
            "coalesce((SELECT json_extract(raw, '$.visibility') = 'HiddenMembership' FROM {} WHERE object = q.object), 0)",
            table("object", &edge.owner)
        ),
        None => "0".to_owned(),
    };
    let sql = format!(
        "SELECT q.object, i.id, q.ticket, {hidden}, q.since FROM import_queue q JOIN import_object_id i ON i.number = q.object
         WHERE q.stream = ?1 AND q.object > ?2 ORDER BY q.object LIMIT ?3"
    );
    let mut statement = claimed.connection.prepare_cached(&sql)?;
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let rows = statement.query_map(params![stream, after.map_or(0, signed), limit], |row| {
        Ok(Queued {
            place: unsigned(row.get(0)?),
            object: ids::read(row.get(1)?),
            ticket: unsigned(row.get(2)?),
            hidden: row.get(3)?,
            since: row.get(4)?,
        })
    })?;
    rows.collect()
}

/// What of a stream waits.
pub(super) fn waiting(claimed: &Claimed, stream: &str) -> rusqlite::Result<Waiting> {
    let sql = "SELECT (SELECT count(*) FROM import_queue WHERE stream = ?1),
        (SELECT count(*) FROM import_returned WHERE stream = ?1),
        (SELECT count(*) FROM import_hidden WHERE stream = ?1)";
    let mut statement = claimed.connection.prepare_cached(sql)?;
    statement.query_row([stream], |row| {
        let count = |at| row.get(at).map(unsigned);
        Ok(Waiting { queued: count(0)?, returned: count(1)?, hidden: count(2)? })
    })
}

/// What the store holds of a stream.
pub(super) fn holdings(claimed: &Claimed, stream: &str) -> rusqlite::Result<Holdings> {
    let count = |sql: &str| {
        let mut statement = claimed.connection.prepare_cached(sql)?;
        statement.query_row([], |row| row.get(0).map(unsigned))
    };
    let mut holdings = Holdings { waiting: waiting(claimed, stream)?, ..Holdings::default() };
    if claimed.tables.object(stream).is_some() {
        let name = table("object", stream);
        let all = count(&format!("SELECT count(*) FROM {name}"))?;
        // Few objects are gone, and an index knows them.
        let mut gone = claimed.connection.prepare_cached(&format!(
            "SELECT count(*), count(*) FILTER (WHERE deletion = '{OUT_OF_SCOPE}') FROM {name} WHERE deletion IS NOT NULL"
        ))?;
        let gone = gone.query_row([], |row| Ok((unsigned(row.get(0)?), unsigned(row.get(1)?))))?;
        (holdings.deleted, holdings.out_of_scope) = (gone.0.saturating_sub(gone.1), gone.1);
        holdings.live = all.saturating_sub(gone.0);
    } else if let Some(edge) = claimed.tables.edge(stream) {
        holdings.live = count(&format!("SELECT count(*) FROM {}", edge.table))?;
        if claimed.tables.object(&edge.owner).is_some_and(|owner| owner.is_filtered) {
            let owners = table("object", &edge.owner);
            let others = format!("SELECT object FROM {owners} WHERE deletion = '{OUT_OF_SCOPE}'");
            let sql = format!("SELECT count(*) FROM {} WHERE source IN ({others})", edge.table);
            holdings.out_of_scope = count(&sql)?;
            holdings.live = holdings.live.saturating_sub(holdings.out_of_scope);
        }
        if let Some(gone) = gone(claimed)? {
            let of =
                |end| format!("SELECT source, target FROM {} WHERE {end} IN ({gone})", edge.table);
            let sql = format!("SELECT count(*) FROM ({} UNION {})", of("source"), of("target"));
            holdings.deleted = count(&sql)?;
            holdings.live = holdings.live.saturating_sub(holdings.deleted);
        }
    }
    Ok(holdings)
}

/// Selects the objects that are in the recycle bin or absent, whose edges are at rest; `None` where
/// there are none. An index knows them, and edges of what is gone for ever are closed.
fn gone(claimed: &Claimed) -> rusqlite::Result<Option<String>> {
    let of = |name: &str| {
        let objects = table("object", name);
        format!(
            "SELECT object FROM {objects} WHERE deletion IS NOT NULL AND deletion NOT IN ('hard', '{OUT_OF_SCOPE}')"
        )
    };
    let all: Vec<String> = claimed.tables.objects.iter().map(|it| of(&it.stream)).collect();
    let all = all.join(" UNION ALL ");
    if all.is_empty() {
        return Ok(None);
    }
    let mut any = claimed.connection.prepare_cached(&format!("SELECT EXISTS ({all})"))?;
    let any: bool = any.query_row([], |row| row.get(0))?;
    Ok(any.then_some(all))
}
