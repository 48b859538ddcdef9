//! A page's items into a stream's table.

use std::cell::RefCell;
use std::collections::HashSet;

use rusqlite::types::{ToSqlOutput, Value};
use rusqlite::{CachedStatement, Connection, OptionalExtension, ToSql, params};

use super::feed::{Feed, ObjectChange};
use super::ids::signed;
use super::relations::{self, Sight};
use super::tables::{ENTERED_SCOPE, OUT_OF_SCOPE, ObjectTable, Tables};
use super::{edges, gone, queue, restored, touched};
use crate::content::{Cell, Content, ContentHash, Stated};
use crate::item::Removal;
use crate::store::{Applied, Changes, Phase, StreamState};
use crate::{ChangeOperation, Item, ObjectId};

/// The generation that a stream begins with.
const FIRST_GENERATION: i64 = 1;

/// What a page is written under.
pub(super) struct Page<'a> {
    pub(super) connection: &'a Connection,
    pub(super) tables: &'a Tables,
    pub(super) table: &'a ObjectTable,
    pub(super) run: i64,
    pub(super) generation: i64,
    /// Whether an item states its object as a whole the first time that it comes in this generation.
    pub(super) full_round: bool,
    /// Whether every item states its object as a whole.
    pub(super) whole: bool,
    /// What delta and scan of one handover mean to each other.
    precedence: Precedence,
    /// Whether the table is not the one that readers see: nothing follows from its rows yet.
    pub(super) staged: bool,
    /// See [`crate::Commit::gathers`].
    pub(super) gathers: &'a [String],
    /// Objects whose relations the page speaks of twice.
    pub(super) repeated: HashSet<ObjectId>,
    pub(super) at: &'a str,
    /// When Graph has told of what the items say: their owners' lists need not show it at once.
    pub(super) reported: &'a str,
    /// See [`StreamState::unreadable`].
    unreadable: Vec<String>,
    /// These, and [`StreamState::emptied`]: what the statement of a whole object leaves as it was.
    kept: Vec<String>,
    /// What has changed of streams of edges.
    elsewhere: RefCell<Elsewhere>,
    /// Where changes are told; nowhere before the stream's first publication.
    pub(super) feed: Option<Feed<'a>>,
    /// The statement that has written the last row: its text is long, and looking it up would take as
    /// long as the row.
    writing: RefCell<Option<(&'a str, CachedStatement<'a>)>>,
}

/// What objects have changed of streams of edges, by their names.
pub(super) type Elsewhere = Vec<(String, Applied)>;

/// Which of two sources of a handover wins (cases: C1).
#[derive(Clone, Copy, PartialEq, Eq)]
enum Precedence {
    /// There is only one.
    None,
    /// The delta round: it remembers what it has touched.
    Delta,
    /// The scan: it leaves alone what delta has touched.
    Scan,
}

/// What the store knows of an object.
pub(super) struct Known {
    hash: ContentHash,
    generation: i64,
    deletion: Option<String>,
}

impl<'a> Page<'a> {
    pub(super) fn new(
        connection: &'a Connection,
        tables: &'a Tables,
        table: &'a ObjectTable,
        run: i64,
        state: &'a StreamState,
        at: &'a str,
    ) -> Self {
        let (generation, full_round) = (signed(state.generation), state.phase.is_open_generation());
        let (whole, staged) = (false, false);
        let (gathers, repeated) = (&[][..], HashSet::new());
        let precedence = Precedence::None;
        let feed = state.published.map(|_| Feed::new(connection, run, at));
        let (writing, elsewhere) = (RefCell::default(), RefCell::default());
        Self {
            connection,
            tables,
            table,
            run,
            generation,
            full_round,
            whole,
            precedence,
            staged,
            gathers,
            repeated,
            at,
            reported: at,
            unreadable: state.unreadable.clone(),
            kept: [&*state.unreadable, &*state.emptied].concat(),
            elsewhere,
            feed,
            writing,
        }
    }

    /// Says what kind of items come, and in which phase.
    #[must_use]
    pub(super) fn of(mut self, changes: &Changes<'_>, state: &'a StreamState) -> Self {
        let phase = state.phase;
        self.whole = matches!(changes, Changes::Reread(_) | Changes::Scanned(_));
        self.precedence = match changes {
            Changes::Scanned(_) => Precedence::Scan,
            Changes::Objects(_) if matches!(phase, Phase::Scan | Phase::CatchUp) => {
                Precedence::Delta
            }
            _ => Precedence::None,
        };
        if self.precedence == Precedence::Scan {
            // What happened since the baseline the delta round tells; what was before it, every replica
            // shows since the fence.
            self.reported = state.baseline_at.as_deref().unwrap_or(self.at);
        }
        self
    }

    /// What became of edges, in their own stream's counts.
    pub(super) fn changed_edges(&self, stream: &str, changed: Applied) {
        let mut elsewhere = self.elsewhere.borrow_mut();
        match elsewhere.iter_mut().find(|(known, _)| known == stream) {
            Some((_, applied)) => *applied += changed,
            None => elsewhere.push((stream.to_owned(), changed)),
        }
    }

    pub(super) fn into_elsewhere(self) -> Elsewhere {
        self.elsewhere.into_inner()
    }

    /// Leaves these properties as they are, and those that may not be read.
    pub(super) fn keep(&mut self, emptied: &[String]) {
        self.kept = [&*self.unreadable, emptied].concat();
    }

    pub(super) fn apply(&mut self, items: &[Item<'_>]) -> rusqlite::Result<Applied> {
        self.repeated = relations::repeated(items);
        let mut applied = Applied::default();
        for item in items {
            let (object, is_new) = self.number(&item.id)?;
            if !is_new && self.is_overruled(object)? {
                continue;
            }
            if self.precedence == Precedence::Delta {
                touched::add(self.connection, &self.table.stream, object)?;
            }
            match item.removed {
                None => self.upsert((object, is_new), item, &mut applied)?,
                Some(removal) => self.bury(object, removal, &mut applied)?,
            }
        }
        Ok(applied)
    }

    /// The number of an item's object, and whether the dictionary did not know it: then no table does.
    fn number(&self, id: &ObjectId) -> rusqlite::Result<(i64, bool)> {
        let numbers = &self.tables.numbers;
        // Of a first load nearly every object is new.
        let is_first_load = self.feed.is_none() && !self.staged;
        let known = if is_first_load { None } else { numbers.find(self.connection, id)? };
        known.map_or_else(|| numbers.add(self.connection, id), |object| Ok((object, false)))
    }

    /// Whether an item of the scan does not count: delta wins over the scan of the same handover.
    fn is_overruled(&self, object: i64) -> rusqlite::Result<bool> {
        Ok(self.precedence == Precedence::Scan
            && touched::is(self.connection, &self.table.stream, object)?)
    }

    /// Objects that a full round has not seen are gone, and nothing of them waits to be read.
    pub(super) fn sweep(&self) -> rusqlite::Result<u64> {
        if self.generation <= FIRST_GENERATION {
            // Nothing is older than the first generation.
            return queue::drop_deleted_owners(self.connection, self.tables, &self.table.stream)
                .map(|()| 0);
        }
        gone::add_unseen(self.connection, self.table, self.generation, self.at)?;
        if let Some(feed) = self.feed {
            feed.swept(self.table, self.generation)?;
        }
        let sweep = params![self.generation, self.at, self.run];
        let swept = self.connection.execute(&self.table.sweep, sweep)?;
        queue::drop_deleted_owners(self.connection, self.tables, &self.table.stream)?;
        Ok(swept as u64)
    }

    fn upsert(
        &self,
        (object, is_new): (i64, bool),
        item: &Item<'_>,
        applied: &mut Applied,
    ) -> rusqlite::Result<()> {
        let known = if is_new { None } else { self.known(object)? };
        let stated = item.stated();
        let first_sight = known.as_ref().is_none_or(|known| known.generation < self.generation);
        let returned = known.as_ref().is_none_or(|known| known.deletion.is_some());
        let partial = !(self.whole || self.full_round && first_sight);
        match &known {
            // What equals the stored content would change nothing either when merged: a replay.
            Some(known) if partial && known.hash != stated.hash => {
                let merged = Stated::new(self.stored(object)?.merged(&item.properties));
                if self.precedence == Precedence::Delta && merged.hash != stated.hash {
                    // What the item leaves out the scan may have seen in the meantime only: it is
                    // read on its own once the handover is over.
                    queue::add(self.connection, &self.table.stream, object, self.at)?;
                }
                self.state(object, Some(known), &merged, (&self.unreadable, applied))?;
            }
            known => self.state_whole(object, known.as_ref(), stated, applied)?,
        }
        if self.staged {
            return Ok(()); // its edges are read when it is published
        }
        let may_have_been_away = !self.full_round && !returned;
        if may_have_been_away && restored::is_listed(self.connection, &self.table.stream)? {
            restored::note(self.connection, self.tables, self.table, (object, self.at))?;
        }
        self.relate(object, item, Sight { returned, first: first_sight })
    }

    /// States an object by what Graph says of it as a whole.
    pub(super) fn state_whole(
        &self,
        object: i64,
        known: Option<&Known>,
        stated: &Stated,
        applied: &mut Applied,
    ) -> rusqlite::Result<()> {
        self.state(object, known, stated, (&self.kept, applied))
    }

    /// The one way in which a row gets a content.
    fn state(
        &self,
        object: i64,
        known: Option<&Known>,
        stated: &Stated,
        (kept, applied): (&[String], &mut Applied),
    ) -> rusqlite::Result<()> {
        if known.is_none() || kept.is_empty() {
            return self.state_all(object, known, stated, applied);
        }
        // F7: what may not be read now is no news.
        let content = self.stored(object)?.keeping(kept, &stated.content);
        self.state_all(object, known, &Stated::new(content), applied)
    }

    fn state_all(
        &self,
        object: i64,
        known: Option<&Known>,
        stated: &Stated,
        applied: &mut Applied,
    ) -> rusqlite::Result<()> {
        match known {
            None => {
                self.tell(ChangeOperation::Created, object, "reported", &[])?;
                self.write(&self.table.insert, object, stated, "reported")?;
                self.note_return(object)?;
                applied.inserted += 1;
            }
            Some(known) if known.deletion.is_some() => {
                let was_left_out = known.deletion.as_deref() == Some(OUT_OF_SCOPE);
                let cause = if was_left_out { ENTERED_SCOPE } else { "restored" };
                self.tell_difference(ChangeOperation::Restored, object, &stated.content, cause)?;
                self.write(&self.table.update, object, stated, cause)?;
                if !self.staged {
                    gone::settle(self.connection, &self.table.stream, object)?;
                    restored::queue_owners(self.connection, self.tables, (object, self.at))?;
                }
                self.note_return(object)?;
                applied.entered_scope += u64::from(was_left_out);
                applied.restored += u64::from(!was_left_out);
            }
            Some(known) if known.hash == stated.hash => self.touch(object, applied)?,
            Some(_) => {
                self.tell_difference(ChangeOperation::Updated, object, &stated.content, "changed")?;
                self.write(&self.table.update, object, stated, "changed")?;
                applied.updated += 1;
            }
        }
        Ok(())
    }

    /// Notes that lists may lack an object that its stream did not know to be there; before the first
    /// publication nothing was known, and that publication speaks for all.
    fn note_return(&self, object: i64) -> rusqlite::Result<()> {
        if self.staged || self.feed.is_none() {
            return Ok(());
        }
        restored::note(self.connection, self.tables, self.table, (object, self.at))
    }

    /// Writes that an object is gone: the one way in which a row gets a tombstone, but for
    /// [`Page::sweep`].
    pub(super) fn bury(
        &self,
        object: i64,
        removal: Removal,
        applied: &mut Applied,
    ) -> rusqlite::Result<()> {
        let known = self.known(object)?;
        let before = known.as_ref().and_then(|known| known.deletion.as_deref());
        if !self.staged {
            queue::drop_owner(self.connection, self.tables, &self.table.stream, object)?;
        }
        let (deletion, cause) = match removal {
            Removal::Soft => ("soft", "soft_deleted"),
            Removal::Hard => ("hard", "hard_deleted"),
        };
        // B5: what is gone for ever does not come back into the recycle bin.
        if before == Some(deletion) || before == Some("hard") {
            applied.unchanged += 1;
            return Ok(());
        }
        self.tell(ChangeOperation::Deleted, object, cause, &[])?;
        if known.is_none() {
            // B7: a tombstone of an object that was never seen.
            let nothing = Stated::new(Content::whole(&[]));
            self.write(&self.table.insert, object, &nothing, cause)?;
        }
        let bury = params![object, deletion, cause, self.at, self.generation, self.run];
        self.connection.prepare_cached(&self.table.bury)?.execute(bury)?;
        let lived = known.is_some() && before.is_none();
        match removal {
            _ if !lived => applied.tombstones += 1,
            Removal::Soft => applied.soft_deleted += 1,
            Removal::Hard => applied.hard_deleted += 1,
        }
        if self.staged {
            return Ok(());
        }
        match removal {
            Removal::Soft => gone::add(self.connection, &self.table.stream, object, self.at),
            Removal::Hard => {
                // B29: Graph may list it as a member for ever.
                let told = (self.run, self.at);
                edges::close_endpoint(
                    self.connection,
                    self.tables,
                    object,
                    told,
                    |edges, removed| {
                        let edges_removed = removed;
                        self.changed_edges(edges, Applied { edges_removed, ..Applied::default() });
                    },
                )?;
                gone::settle(self.connection, &self.table.stream, object)
            }
        }
    }

    /// Tells a change, before the row is written.
    fn tell(
        &self,
        operation: ChangeOperation,
        object: i64,
        cause: &str,
        columns: &[String],
    ) -> rusqlite::Result<()> {
        match self.feed {
            Some(feed) => {
                feed.object(self.table, &ObjectChange { operation, object, cause, columns })
            }
            None => Ok(()),
        }
    }

    fn tell_difference(
        &self,
        operation: ChangeOperation,
        object: i64,
        after: &Content,
        cause: &str,
    ) -> rusqlite::Result<()> {
        if self.feed.is_none() {
            return Ok(());
        }
        let columns = self.stored(object)?.difference(after, &self.table.columns);
        self.tell(operation, object, cause, &columns)
    }

    pub(super) fn known(&self, object: i64) -> rusqlite::Result<Option<Known>> {
        let mut find = self.connection.prepare_cached(&self.table.find)?;
        find.query_row([object], |row| {
            Ok(Known { hash: row.get(0)?, generation: row.get(1)?, deletion: row.get(2)? })
        })
        .optional()
    }

    fn stored(&self, object: i64) -> rusqlite::Result<Content> {
        let raw: String = self
            .connection
            .prepare_cached(&self.table.raw)?
            .query_row([object], |row| row.get(0))?;
        Content::stored(raw).map_err(damaged)
    }

    fn touch(&self, object: i64, applied: &mut Applied) -> rusqlite::Result<()> {
        applied.unchanged += 1;
        let touch = params![object, self.generation, self.at];
        self.connection.prepare_cached(&self.table.touch)?.execute(touch).map(drop)
    }

    fn write(
        &self,
        sql: &'a str,
        object: i64,
        stated: &Stated,
        cause: &str,
    ) -> rusqlite::Result<()> {
        let mut writing = self.writing.borrow_mut();
        let statement = match &mut *writing {
            Some((prepared, statement)) if *prepared == sql => statement,
            other => &mut other.insert((sql, self.connection.prepare_cached(sql)?)).1,
        };
        let raw = stated.content.as_json();
        let fixed: [&dyn ToSql; 7] =
            [&object, &raw, &stated.hash, &self.generation, &self.at, &cause, &self.run];
        let cells = stated.cells(&self.table.columns);
        let values = fixed.into_iter().chain(cells.iter().map(|cell| cell as &dyn ToSql));
        statement.execute(rusqlite::params_from_iter(values)).map(drop)
    }
}

/// A stored object that is no JSON object.
pub(super) fn damaged(error: serde_json::Error) -> rusqlite::Error {
    rusqlite::Error::FromSqlConversionFailure(0, rusqlite::types::Type::Text, Box::new(error))
}

impl ToSql for Cell {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        match self {
            Self::Null => Ok(ToSqlOutput::Owned(Value::Null)),
            Self::Text(text) => text.to_sql(),
            Self::Integer(number) => number.to_sql(),
            Self::Boolean(flag) => flag.to_sql(),
        }
    }
}
