//! What differs between the ends of two runs.

use rusqlite::{Connection, OptionalExtension, params};
use serde::Serialize;
use serde_json::Value;

use super::ids::{self, signed, unsigned};
use super::names::table;
use super::reader::StoredStream;
use crate::item::top_level;
use crate::{ChangeOperation, ObjectId};

/// One difference between the states that two runs have left.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Difference {
    /// The stream.
    pub stream: String,
    /// What has become of the object or edge. `loaded` stands for a stream as a whole that had not
    /// been read before the first of the two moments.
    pub operation: ChangeOperation,
    /// The object, or the owner of the edge.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<ObjectId>,
    /// The `displayName` of the object, or of the owner of the edge, where it has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The other end of an edge.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target_id: Option<ObjectId>,
    /// The type of the other end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target_type: Option<String>,
    /// The `displayName` of the other end, where a stream knows it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target_name: Option<String>,
    /// Of an update, what differs.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<FieldDifference>,
    /// Of a stream that was loaded, how many objects or edges it holds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub count: Option<u64>,
}

/// One property that differs.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct FieldDifference {
    /// The property, by Graph's name.
    pub property: String,
    /// Its value at the first moment; `null` where it had none.
    pub before: Value,
    /// Its value at the second moment; `null` where it has none.
    pub after: Value,
}

/// Whoever takes the differences; says whether to go on.
type Each<'a> = &'a mut dyn FnMut(Difference) -> bool;

/// Compares the ends of two runs, stream by stream. What both moments agree on is not told, whatever
/// happened between them.
pub(super) fn between(
    connection: &Connection,
    streams: &[StoredStream],
    (from, to): (u64, u64),
    each: Each<'_>,
) -> rusqlite::Result<()> {
    let (from, to) = (signed(from), signed(to));
    for stream in streams {
        let sql = "SELECT published_run FROM import_stream WHERE stream = ?1";
        let published: Option<i64> = connection.query_row(sql, [&stream.name], |row| row.get(0))?;
        let comparison = Comparison { connection, streams, stream: &stream.name, from, to };
        let goes_on = match published {
            None => true,
            Some(run) if run > to => true,
            Some(run) if run > from => comparison.loaded(stream.edges, each)?,
            Some(_) if stream.edges => comparison.edges(each)?,
            Some(_) => comparison.objects(each)?,
        };
        if !goes_on {
            break;
        }
    }
    Ok(())
}

struct Comparison<'a> {
    connection: &'a Connection,
    streams: &'a [StoredStream],
    stream: &'a str,
    from: i64,
    to: i64,
}

/// The content of an object and how it was deleted, if it was.
type State = (String, Option<String>);

impl Comparison<'_> {
    fn loaded(&self, edges: bool, each: Each<'_>) -> rusqlite::Result<bool> {
        let (now, past) = if edges { ("edge", "closed") } else { ("object", "history") };
        let alive = if edges { "" } else { " AND deletion IS NULL" };
        let sql = format!(
            "SELECT (SELECT count(*) FROM {} WHERE since_run <= ?1{alive})
                  + (SELECT count(*) FROM {} WHERE since_run <= ?1 AND until_run > ?1{alive})",
            table(now, self.stream),
            table(past, self.stream)
        );
        let count = self.connection.query_row(&sql, [self.to], |row| row.get(0))?;
        let loaded = self.difference(ChangeOperation::Loaded);
        Ok(each(Difference { count: Some(unsigned(count)), ..loaded }))
    }

    fn objects(&self, each: Each<'_>) -> rusqlite::Result<bool> {
        let (objects, history) = (table("object", self.stream), table("history", self.stream));
        let mut touched = self.connection.prepare(&format!(
            "SELECT t.object, i.id FROM (SELECT object FROM {objects} WHERE since_run > ?1
             UNION SELECT object FROM {history} WHERE until_run > ?1) t
             JOIN import_object_id i ON i.number = t.object ORDER BY i.id"
        ))?;
        let mut rows = touched.query([self.from])?;
        while let Some(row) = rows.next()? {
            let object = row.get(0)?;
            let (before, after) = (self.state(object, self.from)?, self.state(object, self.to)?);
            let Some(difference) = self.compare(before, after) else { continue };
            let id = Some(ids::read(row.get(1)?));
            if !each(Difference { id, ..difference }) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// The state of an object at the end of a run.
    fn state(&self, object: i64, run: i64) -> rusqlite::Result<Option<State>> {
        let (objects, history) = (table("object", self.stream), table("history", self.stream));
        let sql = format!(
            "SELECT raw, deletion FROM {objects} WHERE object = ?1 AND since_run <= ?2
             UNION ALL SELECT raw, deletion FROM {history} WHERE object = ?1 AND since_run <= ?2 AND until_run > ?2"
        );
        let mut state = self.connection.prepare_cached(&sql)?;
        state.query_row(params![object, run], |row| Ok((row.get(0)?, row.get(1)?))).optional()
    }

    fn compare(&self, before: Option<State>, after: Option<State>) -> Option<Difference> {
        let lives = |state: &Option<State>| matches!(state, Some((_, None)));
        let known = before.is_some();
        let operation = match (lives(&before), lives(&after)) {
            (false, false) => return None,
            (false, true) if known => ChangeOperation::Restored,
            (false, true) => ChangeOperation::Created,
            (true, false) => ChangeOperation::Deleted,
            (true, true) => ChangeOperation::Updated,
        };
        let raw = |state: Option<State>| state.map_or_else(|| "{}".to_owned(), |(raw, _)| raw);
        let (before, after) = (raw(before), raw(after));
        let fields = match operation {
            ChangeOperation::Updated => fields(&before, &after),
            _ => Vec::new(),
        };
        if operation == ChangeOperation::Updated && fields.is_empty() {
            return None;
        }
        let name = name(&after).or_else(|| name(&before));
        Some(Difference { name, fields, ..self.difference(operation) })
    }

    fn edges(&self, each: Each<'_>) -> rusqlite::Result<bool> {
        let (open, closed) = (table("edge", self.stream), table("closed", self.stream));
        let at = |run: &str| {
            format!(
                "(EXISTS (SELECT 1 FROM {open} x WHERE x.source = e.source AND x.target = e.target AND x.since_run <= {run})
                  OR EXISTS (SELECT 1 FROM {closed} x WHERE x.source = e.source AND x.target = e.target
                             AND x.since_run <= {run} AND x.until_run > {run}))"
            )
        };
        let removed = format!(
            "SELECT source, target, type FROM {closed} e
             WHERE since_run <= ?1 AND until_run > ?1 AND until_run <= ?2 AND NOT {}",
            at("?2")
        );
        let added = format!(
            "SELECT source, target, type FROM
              (SELECT source, target, type FROM {open} WHERE since_run > ?1 AND since_run <= ?2
               UNION ALL SELECT source, target, type FROM {closed} WHERE since_run > ?1 AND since_run <= ?2 AND until_run > ?2) e
             WHERE NOT {}",
            at("?1")
        );
        Ok(self.listed(ChangeOperation::Added, &added, each)?
            && self.listed(ChangeOperation::Removed, &removed, each)?)
    }

    fn listed(
        &self,
        operation: ChangeOperation,
        pairs: &str,
        each: Each<'_>,
    ) -> rusqlite::Result<bool> {
        let mut statement = self.connection.prepare(&format!(
            "SELECT s.id, t.id, y.name, {}, {} FROM ({pairs}) p JOIN import_object_id s ON s.number = p.source
             JOIN import_object_id t ON t.number = p.target JOIN import_edge_type y ON y.number = p.type
             ORDER BY s.id, t.id",
            self.called("p.source"),
            self.called("p.target")
        ))?;
        let mut rows = statement.query([self.from, self.to])?;
        while let Some(row) = rows.next()? {
            let edge = Difference {
                id: Some(ids::read(row.get(0)?)),
                target_id: Some(ids::read(row.get(1)?)),
                target_type: Some(row.get(2)?),
                name: row.get(3)?,
                target_name: row.get(4)?,
                ..self.difference(operation)
            };
            if !each(edge) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// What the object of a number is called now, in whichever stream.
    fn called(&self, number: &str) -> String {
        let name = |stream: &StoredStream| {
            let objects = table("object", &stream.name);
            format!("(SELECT o.raw ->> '$.displayName' FROM {objects} o WHERE o.object = {number})")
        };
        let names = self.streams.iter().filter(|stream| !stream.edges).map(name);
        // `coalesce` takes two arguments at least.
        let names: Vec<String> = names.chain(["NULL".to_owned(), "NULL".to_owned()]).collect();
        format!("coalesce({})", names.join(", "))
    }

    fn difference(&self, operation: ChangeOperation) -> Difference {
        Difference {
            stream: self.stream.to_owned(),
            operation,
            id: None,
            name: None,
            target_id: None,
            target_type: None,
            target_name: None,
            fields: Vec::new(),
            count: None,
        }
    }
}

/// The properties of two contents that differ, in their order: contents are sorted by name.
fn fields(before: &str, after: &str) -> Vec<FieldDifference> {
    let (old, new) = (top_level(before).unwrap_or_default(), top_level(after).unwrap_or_default());
    let mut names: Vec<&str> = old.iter().chain(&new).map(|(name, _)| name.as_ref()).collect();
    names.sort_unstable();
    names.dedup();
    let value = |properties: &[crate::item::Property<'_>], name: &str| {
        let found = properties.iter().find(|(known, _)| known == name);
        found.map_or(Value::Null, |(_, raw)| serde_json::from_str(raw.get()).unwrap_or_default())
    };
    let field = |name: &str| {
        let (before, after) = (value(&old, name), value(&new, name));
        (before != after).then(|| FieldDifference { property: name.to_owned(), before, after })
    };
    names.into_iter().filter_map(field).collect()
}

fn name(raw: &str) -> Option<String> {
    let properties = top_level(raw)?;
    let (_, name) = properties.iter().find(|(known, _)| known == "displayName")?;
    serde_json::from_str(name.get()).ok()
}
