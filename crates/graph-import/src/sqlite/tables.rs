//! The tables of each stream, as SQL text made once a run.

use graph_dsl::{Column, ColumnKind, StreamKind, StreamPlan};
use rusqlite::Connection;

use super::ids::Numbers;
use super::names::{quoted, table};
use super::views::membership::nests;
use super::{history, nesting};
use crate::store::{StreamSet, relation};

/// The SQL of all streams of a run.
#[derive(Debug)]
pub(super) struct Tables {
    pub(super) objects: Vec<ObjectTable>,
    pub(super) edges: Vec<EdgeTable>,
    /// Where the next generation of each object stream waits for its publication.
    pub(super) staging: Vec<ObjectTable>,
    /// The numbers of the objects that all of them speak of.
    pub(super) numbers: Numbers,
}

/// A stream of objects.
#[derive(Debug)]
pub(super) struct ObjectTable {
    pub(super) stream: String,
    pub(super) entity: String,
    /// The table's name, quoted.
    pub(super) table: String,
    prefix: &'static str,
    pub(super) columns: Vec<Column>,
    pub(super) find: String,
    pub(super) raw: String,
    pub(super) insert: String,
    pub(super) update: String,
    pub(super) touch: String,
    pub(super) bury: String,
    pub(super) sweep: String,
    /// Which rows a sweep of generation `?` finds, and why they are gone then; nothing is swept from a
    /// log.
    pub(super) unseen: &'static str,
    pub(super) sweep_cause: &'static str,
    /// Whether this run reads the stream.
    pub(super) is_read: bool,
    /// Whether the stream reads the objects alone that a filter names.
    pub(super) is_filtered: bool,
    /// Whether items are only ever added.
    pub(super) is_log: bool,
    pub(super) is_ghost: String,
    pub(super) any_ghost: String,
    /// Copies the row as it is into the history, as the state that a change has ended.
    pub(super) keep: String,
    /// The same for the rows that a sweep buries, from the changes above a number.
    pub(super) keep_swept: String,
}

/// A stream of edges.
#[derive(Debug)]
pub(super) struct EdgeTable {
    pub(super) stream: String,
    pub(super) owner: String,
    pub(super) relation: String,
    /// Whether owners may hold owners: see [`super::nesting`].
    pub(super) nests: bool,
    pub(super) table: String,
    pub(super) closed: String,
    pub(super) current: String,
    pub(super) find: String,
    pub(super) insert: String,
    /// Inserts an edge that is not there.
    pub(super) insert_one: String,
    /// Inserts [`ROWS_AT_ONCE`] of one owner.
    pub(super) insert_many: String,
    pub(super) delete: String,
    pub(super) keep: String,
}

/// Edges that one statement inserts.
pub(super) const ROWS_AT_ONCE: usize = 32;

impl Tables {
    pub(super) fn new(streams: &StreamSet) -> Self {
        let (objects, edges, staging) = (Vec::new(), Vec::new(), Vec::new());
        let mut tables = Self { objects, edges, staging, numbers: Numbers::default() };
        for plan in streams {
            if let StreamKind::Edges { of } = &plan.kind {
                let entity = streams.get(of).map_or("", |owner| owner.entity.as_str());
                tables.edges.push(EdgeTable::new(&plan.name, (of, entity), relation(plan)));
                continue;
            }
            tables.objects.push(ObjectTable::new(plan, OBJECTS));
            // Columns are cut out of the raw object when it is published.
            let mut plain = plan.clone();
            plain.columns.clear();
            tables.staging.push(ObjectTable::new(&plain, STAGING));
        }
        tables
    }

    /// Adds the streams that earlier runs have filled and this one does not read: what a page reports
    /// about the owners of edges must reach their queues all the same, and what is known to be gone is
    /// gone, whoever has read it.
    pub(super) fn add_known(&mut self, connection: &Connection) -> rusqlite::Result<()> {
        let sql = "SELECT stream, entity FROM import_stream WHERE kind IN ('delta', 'full')";
        let mut statement = connection.prepare(sql)?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let (stream, entity): (String, String) = (row.get(0)?, row.get(1)?);
            if self.object(&stream).is_none() {
                let plan = StreamPlan::delta(&stream, &entity, "");
                let table = ObjectTable::new(&plan, OBJECTS);
                self.objects.push(ObjectTable { is_read: false, ..table });
            }
        }
        let sql = "SELECT s.stream, s.owner, s.relation, coalesce(o.entity, '')
            FROM import_stream s LEFT JOIN import_stream o ON o.stream = s.owner WHERE s.kind = 'edges'";
        let mut statement = connection.prepare(sql)?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let (stream, owner): (String, String) = (row.get(0)?, row.get(1)?);
            let (relation, entity): (String, String) = (row.get(2)?, row.get(3)?);
            if self.edge(&stream).is_none() {
                self.edges.push(EdgeTable::new(&stream, (&owner, &entity), &relation));
            }
        }
        Ok(())
    }

    pub(super) fn object(&self, stream: &str) -> Option<&ObjectTable> {
        self.objects.iter().find(|table| table.stream == stream)
    }

    pub(super) fn staging(&self, stream: &str) -> Option<&ObjectTable> {
        self.staging.iter().find(|table| table.stream == stream)
    }

    /// The edge streams of an owner that are read as lists.
    pub(super) fn listed_of(&self, owner: &str) -> impl Iterator<Item = &EdgeTable> {
        self.edges.iter().filter(move |edge| edge.is_listed() && edge.owner == owner)
    }

    pub(super) fn edge(&self, stream: &str) -> Option<&EdgeTable> {
        self.edges.iter().find(|table| table.stream == stream)
    }
}

/// Why an object is gone that no removal has reported.
pub(super) const ABSENT: &str = "absent_from_full_round";

/// What a row has in place of a deletion whose object is there and that the stream's filter has left
/// out: it keeps its last content (cases: G5).
pub(super) const OUT_OF_SCOPE: &str = "out_of_scope";
/// Why.
const LEFT_SCOPE: &str = "left_scope";
/// Why it lives again, once the filter names it or is there no more.
pub(super) const ENTERED_SCOPE: &str = "entered_scope";

const LIVE: &str = "deletion IS NULL";
const LIVE_OR_OUT_OF_SCOPE: &str = "(deletion IS NULL OR deletion = 'out_of_scope')";

/// Columns that every object has, before its own ones; short ones first, so that finding them does
/// not read the raw object. `since_run` and `valid_from` say since when the object is in the state
/// that the row describes; `deletion` is null while it lives, else the rest is its last content.
const FIXED: &str = "object INTEGER PRIMARY KEY, content_hash BLOB NOT NULL, seen_generation INTEGER NOT NULL,
    since_run INTEGER NOT NULL, first_seen TEXT NOT NULL, last_seen TEXT NOT NULL, valid_from TEXT NOT NULL,
    cause TEXT NOT NULL, deletion TEXT, deleted_at TEXT, raw TEXT NOT NULL";

/// The prefix of the tables that readers see, and of those that they do not.
const OBJECTS: &str = "object";
const STAGING: &str = "next";

/// Parameters of `insert` and `update` before the stream's own columns.
const FIRST_COLUMN: usize = 8;

impl ObjectTable {
    fn new(plan: &StreamPlan, prefix: &'static str) -> Self {
        let name = table(prefix, &plan.name);
        let names: Vec<String> = plan.columns.iter().map(|column| quoted(&column.name)).collect();
        let listed = |each: &dyn Fn(&String, usize) -> String| -> String {
            names.iter().zip(FIRST_COLUMN..).map(|(name, at)| each(name, at)).collect()
        };
        let list = listed(&|name, _| format!(", {name}"));
        let values = listed(&|_, at| format!(", ?{at}"));
        let sets = listed(&|name, at| format!(", {name} = ?{at}"));
        // Without the filter, who was left out is there or gone.
        let (swept, cause, unseen) = if plan.filter.is_some() {
            (OUT_OF_SCOPE, LEFT_SCOPE, LIVE)
        } else {
            ("absent", ABSENT, LIVE_OR_OUT_OF_SCOPE)
        };
        Self {
            stream: plan.name.clone(),
            entity: plan.entity.clone(),
            columns: plan.columns.clone(),
            table: name.clone(),
            prefix,
            find: format!("SELECT content_hash, seen_generation, deletion FROM {name} WHERE object = ?1"),
            raw: format!("SELECT raw FROM {name} WHERE object = ?1"),
            insert: format!(
                "INSERT INTO {name} (object, raw, content_hash, seen_generation, first_seen, last_seen, valid_from, cause, since_run{list})
                 VALUES (?1, ?2, ?3, ?4, ?5, ?5, ?5, ?6, ?7{values})"
            ),
            update: format!(
                "UPDATE {name} SET raw = ?2, content_hash = ?3, seen_generation = ?4, last_seen = ?5, valid_from = ?5,
                 cause = ?6, since_run = ?7, deletion = NULL, deleted_at = NULL{sets} WHERE object = ?1"
            ),
            touch: format!("UPDATE {name} SET seen_generation = ?2, last_seen = ?3 WHERE object = ?1"),
            bury: format!(
                "UPDATE {name} SET deletion = ?2, cause = ?3, valid_from = ?4, last_seen = ?4, seen_generation = ?5, since_run = ?6
                 WHERE object = ?1"
            ),
            sweep: format!(
                "UPDATE {name} SET deletion = '{swept}', cause = '{cause}', valid_from = ?2, since_run = ?3
                 WHERE {unseen} AND seen_generation < ?1"
            ),
            unseen,
            sweep_cause: cause,
            is_read: true,
            is_filtered: plan.filter.is_some(),
            is_log: plan.kind == StreamKind::Window,
            is_ghost: format!("SELECT 1 FROM {name} WHERE object = ?1 AND deletion = 'hard'"),
            any_ghost: format!("SELECT 1 FROM {name} WHERE deletion = 'hard' LIMIT 1"),
            keep: history::keep(&plan.name),
            keep_swept: history::keep_swept(&plan.name),
        }
    }

    /// Creates the table, or adds the columns that an older run did not have.
    pub(super) fn create(&self, connection: &Connection) -> rusqlite::Result<()> {
        let name = &self.table;
        connection.execute_batch(&format!("CREATE TABLE IF NOT EXISTS {name} ({FIXED})"))?;
        if self.prefix == OBJECTS {
            let gone = table("import_deletion", &self.stream);
            connection.execute_batch(&format!(
                "CREATE INDEX IF NOT EXISTS {gone} ON {name} (deletion) WHERE deletion IS NOT NULL"
            ))?;
            history::create(connection, &self.stream)?;
        }
        let mut statement = connection.prepare("SELECT name FROM pragma_table_info(?1)")?;
        let unquoted = format!("{}_{}", self.prefix, self.stream);
        let present: Vec<String> =
            statement.query_map([unquoted], |row| row.get(0))?.collect::<Result<_, _>>()?;
        for column in self.columns.iter().filter(|column| !present.contains(&column.name)) {
            let (column, kind) = (quoted(&column.name), sql_type(column.kind));
            connection.execute_batch(&format!("ALTER TABLE {name} ADD COLUMN {column} {kind}"))?;
        }
        Ok(())
    }
}

impl EdgeTable {
    fn new(stream: &str, (owner, owner_entity): (&str, &str), relation: &str) -> Self {
        let (open, closed) = (table("edge", stream), table("closed", stream));
        let row = |at: usize| format!("(?1, ?{}, ?{}, ?2)", 2 * at + 3, 2 * at + 4);
        let insert = |rows: usize| {
            let rows = (0..rows).map(row).collect::<Vec<_>>().join(", ");
            format!("INSERT INTO {open} (source, target, type, since_run) VALUES {rows}")
        };
        Self {
            stream: stream.to_owned(),
            owner: owner.to_owned(),
            relation: relation.to_owned(),
            nests: nests(owner_entity, relation),
            current: format!("SELECT target, type FROM {open} WHERE source = ?1"),
            find: format!("SELECT type FROM {open} WHERE source = ?1 AND target = ?2"),
            insert: format!(
                "INSERT INTO {open} (source, target, type, since_run) VALUES (?1, ?2, ?3, ?4)
                 ON CONFLICT (source, target) DO UPDATE SET type = excluded.type"
            ),
            insert_one: insert(1),
            insert_many: insert(ROWS_AT_ONCE),
            delete: format!("DELETE FROM {open} WHERE source = ?1 AND target = ?2"),
            keep: format!(
                "INSERT INTO {closed} SELECT source, target, type, since_run, ?3, 'removed' FROM {open}
                 WHERE source = ?1 AND target = ?2"
            ),
            table: open,
            closed,
        }
    }

    /// Whether the edges are read as lists, owner by owner; others come out of a delta query and
    /// need no queue.
    pub(super) fn is_listed(&self) -> bool {
        !self.relation.is_empty()
    }

    pub(super) fn create(&self, connection: &Connection) -> rusqlite::Result<()> {
        let (open, closed) = (&self.table, &self.closed);
        let closed_by_target = table("import_closed", &self.stream);
        connection.execute_batch(&format!(
            "CREATE TABLE IF NOT EXISTS {open} (
                 source INTEGER NOT NULL, target INTEGER NOT NULL, type INTEGER NOT NULL, since_run INTEGER NOT NULL,
                 PRIMARY KEY (source, target)
             ) WITHOUT ROWID;
             CREATE TABLE IF NOT EXISTS {closed} (
                 source INTEGER NOT NULL, target INTEGER NOT NULL, type INTEGER NOT NULL, since_run INTEGER NOT NULL,
                 until_run INTEGER NOT NULL, cause TEXT NOT NULL
             );
             CREATE INDEX IF NOT EXISTS {closed_by_target} ON {closed} (target, source);"
        ))?;
        if self.nests { nesting::create(connection, self) } else { Ok(()) }
    }

    /// The index from member to group: built once the first load is over, because inserting into it
    /// in random order would dominate that load. It holds the type as well, so that whoever asks what
    /// the edges lead to need not look each of them up.
    pub(super) fn create_reverse(&self, connection: &Connection) -> rusqlite::Result<()> {
        let reverse = table("import_reverse", &self.stream);
        connection.execute_batch(&format!(
            "CREATE INDEX IF NOT EXISTS {reverse} ON {} (target, type, source)",
            self.table
        ))
    }

    /// SQL of all that the edges lead to, in the order of their numbers: each `target` with its type,
    /// `kind`, and the type's name, `name`. There are fewer of these than edges by far, and looking
    /// them up in this order reads every page of another table once.
    pub(super) fn targets(&self) -> String {
        format!(
            "(SELECT e.target, e.type AS kind, y.name
             FROM (SELECT target, type FROM {} GROUP BY target, type) e CROSS JOIN import_edge_type y ON y.number = e.type)",
            self.table
        )
    }
}

const fn sql_type(kind: ColumnKind) -> &'static str {
    match kind {
        // For SQLite the one is a number and the other is text; readers can tell them apart.
        ColumnKind::Boolean => "BOOLEAN",
        ColumnKind::Integer => "INTEGER",
        ColumnKind::Json => "JSON TEXT",
        _ => "TEXT",
    }
}
