//! The streams that know objects: what an object is, what it is called, whether it lives.

use rusqlite::Connection;

use super::{NAME, published};
use crate::sqlite::names::table;
use crate::sqlite::tables::OUT_OF_SCOPE;
use crate::store::StreamSet;

/// A stream whose objects may be the end of an edge.
#[derive(Clone)]
pub(super) struct Target {
    pub(super) stream: String,
    pub(super) entity: String,
    named: bool,
}

/// All object streams that the store has, whether this run reads them or not.
pub(super) fn all(connection: &Connection, streams: &StreamSet) -> rusqlite::Result<Vec<Target>> {
    let sql = "SELECT stream, EXISTS (SELECT 1 FROM pragma_table_info('object_' || stream) WHERE name = ?1), entity
         FROM import_stream WHERE kind <> 'edges' ORDER BY stream";
    let mut statement = connection.prepare(sql)?;
    let target = |row: &rusqlite::Row<'_>| {
        let (stream, entity): (String, String) = (row.get(0)?, row.get(2)?);
        let entity = streams.get(&stream).map_or(entity, |plan| plan.entity.clone());
        Ok(Target { stream, entity, named: row.get(1)? })
    };
    statement.query_map([NAME], target)?.collect()
}

impl Target {
    /// The type of its objects, as `@odata.type` spells it: `servicePrincipal` of the entity
    /// `service_principal`.
    pub(super) fn odata_type(&self) -> String {
        let mut words = self.entity.split('_');
        let mut name = words.next().unwrap_or_default().to_owned();
        for word in words {
            let (first, rest) = word.split_at(word.len().min(1));
            name.push_str(&first.to_ascii_uppercase());
            name.push_str(rest);
        }
        name
    }
}

/// SQL that looks an object up in all streams.
pub(super) struct Found {
    /// Joins that find it.
    pub(super) joins: String,
    /// Branches of a `CASE` that give its type.
    pub(super) kinds: String,
    /// An expression for its name.
    pub(super) name: String,
    /// Conditions, each after an `AND`, that no stream knows it to be gone.
    pub(super) alive: String,
    /// A condition that a stream knows it: whether there is one for objects of its type, `y.name`.
    pub(super) known: String,
}

/// Looks up the object whose number is `key`; `prefix` keeps the aliases of several look-ups apart.
pub(super) fn find(targets: &[Target], prefix: &str, key: &str) -> Found {
    let each = |part: &dyn Fn(String, &Target) -> String| -> String {
        let parts = targets.iter().enumerate();
        parts.map(|(at, target)| part(format!("{prefix}{at}"), target)).collect()
    };
    let named = each(&|alias, target| {
        if target.named { format!("{alias}.{NAME}, ") } else { String::new() }
    });
    let types: Vec<String> =
        targets.iter().map(|target| format!("'{}'", target.odata_type())).collect();
    let known = each(&|alias, _| format!(" OR {alias}.object IS NOT NULL"));
    Found {
        known: format!("(y.name NOT IN ({}){known})", types.join(", ")),
        joins: each(&|alias, target| {
            let objects = table("object", &target.stream);
            // Of a stream whose first load is still under way nothing is known yet (cases: I5).
            let published = published(&target.stream);
            format!(" LEFT JOIN {objects} {alias} ON {alias}.object = {key} AND {published}")
        }),
        kinds: each(&|alias, target| {
            format!(" WHEN {alias}.object IS NOT NULL THEN '{}'", target.odata_type())
        }),
        // `coalesce` takes two arguments at least.
        name: format!("coalesce({named}NULL, NULL)"),
        alive: each(&|alias, _| {
            format!(" AND coalesce({alias}.deletion, '{OUT_OF_SCOPE}') = '{OUT_OF_SCOPE}'")
        }),
    }
}
