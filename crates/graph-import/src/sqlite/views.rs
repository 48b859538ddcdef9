//! The views that people query. A view shows nothing of a stream that has not been published yet, and
//! never half a generation (cases: I5).

mod dangling;
mod edges;
pub(super) mod membership;
mod objects;
mod past;
mod privileged;
mod target;

use graph_dsl::StreamKind;
use rusqlite::Connection;

use super::names::quoted;
use crate::store::StreamSet;

/// Creates the views of these streams anew, so that they follow the columns.
///
/// They read `object_<stream>`, `edge_<stream>` and `import_stream` by these names alone: where a
/// connection puts the state of an earlier moment under the same names, the same views show that.
pub(super) fn create(connection: &Connection, streams: &StreamSet) -> rusqlite::Result<()> {
    let targets = target::all(connection, streams)?;
    for plan in streams {
        if let StreamKind::Edges { of } = &plan.kind {
            let Some(owner) = streams.get(of) else { continue };
            edges::create(connection, plan, owner, &targets)?;
            membership::create(connection, plan, owner, &targets)?;
        } else {
            objects::create(connection, plan)?;
        }
    }
    let edges = links(connection)?;
    dangling::create(connection, &edges, &targets)?;
    privileged::create(connection, &edges, &targets)
}

/// An edge stream that the store has, whether this run reads it or not.
struct Link {
    stream: String,
    owner: String,
    owner_entity: String,
    relation: String,
}

fn links(connection: &Connection) -> rusqlite::Result<Vec<Link>> {
    let sql = "SELECT s.stream, s.owner, o.entity, coalesce(s.relation, '') FROM import_stream s
        JOIN import_stream o ON o.stream = s.owner WHERE s.kind = 'edges' ORDER BY s.stream";
    let mut statement = connection.prepare(sql)?;
    let link = |row: &rusqlite::Row<'_>| {
        Ok(Link {
            stream: row.get(0)?,
            owner: row.get(1)?,
            owner_entity: row.get(2)?,
            relation: row.get(3)?,
        })
    };
    statement.query_map([], link)?.collect()
}

fn replace(connection: &Connection, view: &str, select: &str) -> rusqlite::Result<()> {
    let view = quoted(view);
    connection
        .execute_batch(&format!("DROP VIEW IF EXISTS {view}; CREATE VIEW {view} AS {select};"))
}

/// The condition that readers see the stream.
fn published(stream: &str) -> String {
    format!("(SELECT published FROM import_stream WHERE stream = '{stream}') IS NOT NULL")
}

/// The name of an edge stream's view: `group_members` of the stream `members` over groups.
pub(super) fn edge_view(stream: &str, owner_entity: &str) -> String {
    let prefix = format!("{owner_entity}_");
    if stream.starts_with(&prefix) { stream.to_owned() } else { format!("{prefix}{stream}") }
}

/// The column that names an object for people.
const NAME: &str = "display_name";
