//! The reference store: one SQLite file.
//!
//! # Schema (version 1)
//!
//! Views are for people; a minor version may add columns to them, never take one away:
//!
//! | view | rows |
//! |---|---|
//! | `users`, `groups`, … (a stream's name) | its live objects: `id`, the stream's columns (lists joined by commas), `first_seen`, `last_seen`, `valid_from`, `raw` |
//! | `deleted_users`, … | its objects that are gone: the same, `deletion` (`soft`, `hard`, or `absent` where only a full round proved it), `deleted_at` as Graph's recycle bin has it, `cause` |
//! | `users_history`, … | every state of its objects: the columns, `valid_from`, `valid_to`, `since_run`, `until_run`, `deletion`, `cause`, `raw` |
//! | `group_members`, … | live edges: `external_id` (`<group id>:<member id>`), `group_id`, `group_name`, `member_id`, `member_type`, `member_name` |
//! | `group_members_history`, … | every interval in which an edge was there |
//! | `group_members_effective`, `group_members_cycles` | members of members, each pair once with its least depth; groups that hold each other |
//! | `privileged_access` | who can administer what: roles, assignments, owners, also through groups |
//! | `import_runs` | the runs, newest first |
//! | `import_certificates` | a row a run and stream: outcome, completeness with its reason, source, counts, sample, truncation, cost, assumptions |
//! | `import_consumers` | who follows the changes, and how far they are behind |
//! | `import_dangling` | edges to objects that no stream knows |
//!
//! Tables are the store's own:
//!
//! | table | what |
//! |---|---|
//! | `import_meta` | the tenant that the store is pinned to |
//! | `import_run` | one row a run, with its report and certificate as JSON; its number is the epoch of its commits |
//! | `import_stream` | one row a stream: fence, phase, cursor, watermark ([`crate::StreamState`]) |
//! | `import_object_id` | the dictionary: object id (16 bytes, or text where it is no GUID) to integer |
//! | `import_queue` | objects that must be read again, by stream |
//! | `import_partition` | the parts of a scan that is not over |
//! | `import_touched` | what the delta round of an open handover has told of |
//! | `import_gone` | objects that are gone and wait for a look into the recycle bin |
//! | `import_stage` | pages of edge lists that are not complete yet |
//! | `import_withheld` | owners whose edges stay although they were not seen: of links that the published generation lacks, or of a list that has to come twice |
//! | `import_returned` | objects that came back and may be missing from lists, by edge stream |
//! | `import_unresolved` | edges to objects that their stream should know and does not, with the run that has first seen them |
//! | `import_hidden` | owners that hide their edges from this application |
//! | `import_edge_type` | names of edge targets' types |
//! | `object_<stream>` | one row an object: typed columns, `raw` (the merged JSON object), its hash, times, deletion |
//! | `history_<stream>` | states of objects that have ended, each beside the number of the change that ended it |
//! | `import_change`, `import_consumer` | the change feed, and the places of those who follow it |
//! | `next_<stream>` | the next generation, while readers see an older one |
//! | `nested_<stream>` | groups in groups at any depth, each pair once with its least depth, and each group itself at depth 0 |
//! | `import_renest` | owners whose nesting the transaction in hand has changed; empty between transactions |
//! | `edge_<stream>`, `closed_<stream>` | open edges as integer pairs, and closed ones with run and cause (`removed`, `endpoint_deleted`, or `left_scope` where the stream reads another owner now) |
//!
//! `docs/reference/store.md` has the columns. [`StoreReader`] reads a store as it is and was,
//! [`ChangeConsumer`] follows its changes, [`SqliteStore::compact`] forgets what is old.
//!
//! Times are RFC 3339 text in UTC with milliseconds. A page's rows, its queue entries and the stream's new cursor are
//! one transaction. `synchronous` is `NORMAL`: a killed process loses nothing, a power cut at most
//! the last pages, which are then read again.

mod commit;
mod compact;
mod consumer;
mod difference;
mod edges;
mod emptied;
mod error;
mod feed;
mod gone;
mod history;
mod ids;
mod lock;
mod log;
mod moment;
mod names;
mod nesting;
mod objects;
mod open;
mod partitions;
mod place;
mod queue;
mod read_back;
mod reader;
mod refill;
mod relations;
mod restored;
mod runs;
mod schema;
mod staging;
mod streams;
mod tables;
mod touched;
mod unresolved;
mod views;
mod withheld;

use std::path::{Path, PathBuf};

use graph_transport::TenantId;
use rusqlite::Connection;

use crate::store::{
    Claim, Commit, Committed, Holdings, Partition, Queued, Returned, RunRecord, Store, StoreError,
    StreamSet, StreamState, Unresolved, Waiting,
};
use crate::{ObjectId, ReadBack};
use error::Failed;
use lock::WriterLock;
use log::LogWatch;
use place::Place;
use tables::Tables;

pub use compact::{Compacted, Retention};
pub use consumer::{Backlog, ChangeConsumer};
pub use difference::{Difference, FieldDifference};
pub use lock::is_being_written;
pub use moment::{BadMoment, Moment};
pub use open::read_only;
pub use reader::{StoreReader, StoredStream};

/// A store in one SQLite file, with its `-wal`, `-shm` and `-lock` companions. Only its owner may
/// read it (mode 0600).
#[derive(Debug)]
pub struct SqliteStore {
    path: PathBuf,
    limit: Option<u64>,
    claimed: Option<Claimed>,
}

/// What a claimed store holds on to.
#[derive(Debug)]
struct Claimed {
    connection: Connection,
    tables: Tables,
    run: i64,
    log: LogWatch,
    place: Place,
    /// Let go when the store is finished or dropped; the operating system does it for a killed process.
    _lock: WriterLock,
}

impl SqliteStore {
    /// The store at that path. Nothing is opened or created before it is used.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into(), limit: None, claimed: None }
    }

    /// Keeps the file from growing beyond so many bytes. An import that needs more stops as it does
    /// when the disk is full: [`StoreError::Full`], with all that was committed before in place.
    #[must_use]
    pub fn limit(mut self, bytes: u64) -> Self {
        self.limit = Some(bytes);
        self
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    fn claimed(&mut self) -> Result<(&mut Claimed, &Path), StoreError> {
        match &mut self.claimed {
            Some(claimed) => Ok((claimed, &self.path)),
            None => Err(StoreError::UnknownStream("(the store is not claimed)".to_owned())),
        }
    }
}

impl Store for SqliteStore {
    fn inspect(
        &mut self,
        tenant: &TenantId,
        streams: &StreamSet,
    ) -> Result<Vec<StreamState>, StoreError> {
        let known = match open::existing(&self.path, tenant)? {
            Some(connection) => {
                streams::states(&connection).failed("read the streams", &self.path)?
            }
            None => Vec::new(),
        };
        let state = |name: &str| known.iter().find(|state| state.stream == name).cloned();
        Ok(streams
            .iter()
            .map(|plan| state(&plan.name).unwrap_or_else(|| StreamState::new(&plan.name)))
            .collect())
    }

    fn claim(
        &mut self,
        tenant: &TenantId,
        streams: &StreamSet,
        at: &str,
    ) -> Result<Claim, StoreError> {
        self.claimed = None;
        open::existing(&self.path, tenant)?; // refuses without a trace
        let lock = WriterLock::take(&self.path)?;
        let mut connection = open::for_writing(&self.path, tenant, self.limit)?;
        let mut tables = Tables::new(streams);
        let run = runs::begin(&mut connection, tenant, streams, &tables, at)
            .failed("begin the run", &self.path)?;
        tables.add_known(&connection).failed("read the streams", &self.path)?;
        let claimed = self.claimed.insert(Claimed {
            connection,
            tables,
            run,
            log: LogWatch::default(),
            place: Place::of(&self.path),
            _lock: lock,
        });
        let state = |plan: &graph_dsl::StreamPlan| streams::state(&claimed.connection, &plan.name);
        let states = streams
            .iter()
            .map(state)
            .collect::<Result<Vec<_>, _>>()
            .failed("read the streams", &self.path)?;
        Ok(Claim { run: ids::unsigned(run), streams: states.into_iter().flatten().collect() })
    }

    fn stream(&mut self, stream: &str) -> Result<StreamState, StoreError> {
        let (claimed, path) = self.claimed()?;
        let state = streams::state(&claimed.connection, stream).failed("read a stream", path)?;
        state.ok_or_else(|| StoreError::UnknownStream(stream.to_owned()))
    }

    fn commit(&mut self, commit: &Commit<'_>) -> Result<Committed, StoreError> {
        let (claimed, path) = self.claimed()?;
        claimed.place.check(path)?;
        let committed = commit::commit(claimed, path, commit)?;
        claimed.log.look(path);
        Ok(committed)
    }

    fn queued(
        &mut self,
        stream: &str,
        after: Option<u64>,
        limit: usize,
    ) -> Result<Vec<Queued>, StoreError> {
        let (claimed, path) = self.claimed()?;
        queue::read(claimed, stream, after, limit).failed("read the queue", path)
    }

    fn partitions(&mut self, stream: &str) -> Result<Vec<Partition>, StoreError> {
        let (claimed, path) = self.claimed()?;
        partitions::read(&claimed.connection, stream).failed("read the partitions", path)
    }

    fn sighted(&mut self, stream: &str) -> Result<u64, StoreError> {
        let state = self.stream(stream)?;
        let (claimed, path) = self.claimed()?;
        let Claimed { connection, tables, .. } = claimed;
        let live = tables.object(stream);
        let staged = tables.staging(stream).filter(|_| state.is_staged());
        let table = staged.or(live).ok_or_else(|| StoreError::UnknownStream(stream.to_owned()))?;
        staging::sighted(connection, table, state.generation).failed("count a generation", path)
    }

    fn gone(
        &mut self,
        stream: &str,
        after: Option<u64>,
        limit: usize,
    ) -> Result<Vec<Queued>, StoreError> {
        let (claimed, path) = self.claimed()?;
        gone::read(claimed, stream, after, limit).failed("read what is gone", path)
    }

    fn unresolved(&mut self, stream: &str) -> Result<Vec<Unresolved>, StoreError> {
        let (claimed, path) = self.claimed()?;
        unresolved::read(claimed, stream).failed("read unresolved edges", path)
    }

    fn returned(
        &mut self,
        stream: &str,
        after: Option<u64>,
        limit: usize,
    ) -> Result<Vec<Returned>, StoreError> {
        let (claimed, path) = self.claimed()?;
        restored::read(claimed, stream, after, limit).failed("read what came back", path)
    }

    fn waiting(&mut self, stream: &str) -> Result<Waiting, StoreError> {
        let (claimed, path) = self.claimed()?;
        queue::waiting(claimed, stream).failed("count what waits", path)
    }

    fn withheld(&mut self, stream: &str, most: usize) -> Result<Vec<ObjectId>, StoreError> {
        let (claimed, path) = self.claimed()?;
        withheld::read(claimed, stream, most).failed("read what is withheld", path)
    }

    fn emptied(&mut self, stream: &str) -> Result<Vec<String>, StoreError> {
        let (claimed, path) = self.claimed()?;
        emptied::by_changes(claimed, stream).failed("read what has changed", path)
    }

    fn holdings(&mut self, stream: &str) -> Result<Holdings, StoreError> {
        let (claimed, path) = self.claimed()?;
        queue::holdings(claimed, stream).failed("count a stream", path)
    }

    fn read_back(&mut self) -> Result<Option<Box<dyn ReadBack>>, StoreError> {
        Ok(Some(Box::new(StoreReader::open(&self.path)?)))
    }

    fn finish(&mut self, run: &RunRecord<'_>) -> Result<(), StoreError> {
        let (claimed, path) = self.claimed()?;
        runs::finish(claimed, run).failed("close the run", path)?;
        let in_place = claimed.place.check(path);
        self.release();
        in_place
    }

    fn release(&mut self) {
        self.claimed = None;
    }
}

#[cfg(test)]
mod tests;
