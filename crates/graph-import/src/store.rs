//! Where an import goes: the contract between the engine and a database.

mod applied;
mod error;
mod holdings;
mod link;
mod partition;
mod plan;
mod reverse;
mod state;
mod threshold;

pub use applied::Applied;
pub use error::StoreError;
pub use holdings::{Holdings, Waiting};
pub use link::OwnerLink;
pub use partition::{Partition, PartitionState};
pub(crate) use plan::relation;
pub use plan::{PlanError, StreamSet};
pub(crate) use reverse::{Reverse, reverse};
pub use state::{Advance, Move, PartitionNext, Phase, Source, StreamState};
pub use threshold::DeletionThreshold;

use graph_transport::TenantId;

use crate::{Item, ObjectId, ReadBack};

/// A database that an import is written to.
///
/// The store is the authority: what it has committed has happened, and a run begins by reading it.
/// Every call blocks; the engine calls it from one place at a time, off the runtime's threads.
///
/// # The calls of a run, in their order
///
/// 1. [`Store::inspect`] before anything is sent, and for plans: what is there already.
/// 2. [`Store::claim`]: one writer from now on, with a run number that no other run has had.
/// 3. For each stream, side by side: [`Store::commit`] page by page, and what decides about the next
///    request: [`Store::stream`], [`Store::queued`] (owners whose lists are to be read),
///    [`Store::partitions`] (of a scan), [`Store::sighted`], [`Store::gone`], [`Store::returned`],
///    [`Store::unresolved`], [`Store::withheld`].
/// 4. [`Store::holdings`] for the certificate, [`Store::read_back`] for its sample.
/// 5. [`Store::finish`] with the certificates, or, where the process was killed, nothing: the next run
///    claims the store and goes on at the stored states.
///
/// # Writing one
///
/// Keep for each stream its [`StreamState`], which moves by [`StreamState::advanced`] alone: the
/// engine's decisions are in it, a store only stores it. A commit then is: compare the fence, apply
/// the [`Changes`] to rows and queue, publish if [`StreamState::publishes`], sweep if
/// [`StreamState::proves`] and [`Commit::threshold`] allows it, write the state; in one transaction. While [`StreamState::is_staged`],
/// objects go beside those that readers see. The example `own_store` does all of that in memory, in
/// its plainest form; [`conformance`](crate::conformance) checks a store of yours rule by rule, and its
/// rules are the best list of what there is to do. Two methods may be left as they are at first:
/// [`Store::read_back`] (no samples, no verification), and [`Store::unresolved`] answering none.
///
/// # The contract
///
/// In the words of the commit rule (facts: evidence-and-security, "The commit rule"):
/// - [`Store::inspect`] and a failed [`Store::claim`] leave the store as it was.
/// - [`Store::commit`] is one transaction: the rows, the queue and the stream's new state, or nothing.
/// - A commit whose [`Fence`] is not the stream's state changes nothing and says why.
/// - Applying the same items again changes nothing, not even their history (cases: I4).
pub trait Store: Send + 'static {
    /// Reads the state of the streams without changing anything; of a stream that the store does
    /// not know yet, the state that it would begin with.
    ///
    /// # Errors
    /// A store that this import must not write to: of another tenant, newer, damaged.
    fn inspect(
        &mut self,
        tenant: &TenantId,
        streams: &StreamSet,
    ) -> Result<Vec<StreamState>, StoreError>;

    /// Takes the store for one run: creates what is missing, keeps other writers out and raises the
    /// epoch, so that a writer that was here before can no longer commit. A stream whose query has
    /// changed begins a new generation.
    ///
    /// # Errors
    /// As [`Store::inspect`], and a store that another process writes to.
    fn claim(
        &mut self,
        tenant: &TenantId,
        streams: &StreamSet,
        at: &str,
    ) -> Result<Claim, StoreError>;

    /// The state of one stream of the claimed set.
    fn stream(&mut self, stream: &str) -> Result<StreamState, StoreError>;

    /// Applies changes and moves the stream, in one transaction.
    fn commit(&mut self, commit: &Commit<'_>) -> Result<Committed, StoreError>;

    /// Objects whose edges (for an edge stream) or whose properties (for any other) must be read
    /// again, in a fixed order, beginning after `after`.
    fn queued(
        &mut self,
        stream: &str,
        after: Option<u64>,
        limit: usize,
    ) -> Result<Vec<Queued>, StoreError>;

    /// The partitions of the stream's scan, in the order of their places.
    fn partitions(&mut self, stream: &str) -> Result<Vec<Partition>, StoreError>;

    /// How many objects of the open generation are alive, as far as it is read.
    fn sighted(&mut self, stream: &str) -> Result<u64, StoreError>;

    /// Objects that are gone and of which it is not known how or since when, in a fixed order,
    /// beginning after `after` (cases: B4).
    fn gone(
        &mut self,
        stream: &str,
        after: Option<u64>,
        limit: usize,
    ) -> Result<Vec<Queued>, StoreError>;

    /// The targets of an edge stream's edges that are of a type whose stream has been published and
    /// that this stream does not know, each once (cases: B27). A store that applies no entries of
    /// owners but queues them all, so that every edge comes from a list, may answer none.
    fn unresolved(&mut self, stream: &str) -> Result<Vec<Unresolved>, StoreError>;

    /// Objects that came back, or came first, while lists of an edge stream were there already: a list
    /// that was read while an object lay in the recycle bin has left it out, and nothing need report
    /// that it is back (cases: B6). In a fixed order, beginning after `after`. A store may name more
    /// objects than that, never fewer:
    /// - every object that a published stream is told to be there and that was gone or not known;
    /// - every other one that a round of changes names, if a list has been read since its stream's
    ///   last complete round began: it may have been away in between.
    ///
    /// A stream that publishes a generation after lists were read has them all read again instead.
    fn returned(
        &mut self,
        stream: &str,
        after: Option<u64>,
        limit: usize,
    ) -> Result<Vec<Returned>, StoreError>;

    /// What of one stream waits. Asked often: its cost follows what waits, not what is held.
    fn waiting(&mut self, stream: &str) -> Result<Waiting, StoreError>;

    /// At most so many of the objects that are not known to be gone and that the published generation
    /// lacks, spread over all of them; of a stream of links, the owners whose links it lacks. None where
    /// [`StreamState::withheld`] is 0.
    fn withheld(&mut self, stream: &str, most: usize) -> Result<Vec<ObjectId>, StoreError>;

    /// Columns that the changes of this run have emptied: ten objects or more had a value and have none
    /// now, and of all objects that have changed none has one. A store that keeps no account of changes
    /// may answer none, which is the default.
    ///
    /// # Errors
    /// A store that cannot be read.
    fn emptied(&mut self, stream: &str) -> Result<Vec<String>, StoreError> {
        let _ = stream;
        Ok(Vec::new())
    }

    /// What the store holds of one stream.
    fn holdings(&mut self, stream: &str) -> Result<Holdings, StoreError>;

    /// A reader of what is committed, while the store is claimed; `None`, which is the default, where
    /// there is none, and then no sample is read again ([`Importer::sample`](crate::Importer::sample)).
    ///
    /// # Errors
    /// A store that cannot be read.
    fn read_back(&mut self) -> Result<Option<Box<dyn ReadBack>>, StoreError> {
        Ok(None)
    }

    /// Closes the run and lets other writers in.
    fn finish(&mut self, run: &RunRecord<'_>) -> Result<(), StoreError>;

    /// Lets other writers in although the run could not be closed; the next claim closes it. What
    /// was committed stays.
    fn release(&mut self);
}

/// The right to write, from [`Store::claim`] to [`Store::finish`].
#[derive(Clone, Debug)]
pub struct Claim {
    /// The number of the run; also the epoch of its commits.
    pub run: u64,
    /// The streams as they stand, in the order of the set.
    pub streams: Vec<StreamState>,
}

/// The state that a commit expects to find; anything else means that somebody else moved the stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fence {
    /// Rises when a full round begins; keeps two snapshots apart.
    pub generation: u64,
    /// Rises with every claim; keeps late writers of an earlier run out.
    pub epoch: u64,
    /// Rises with every commit; keeps two attempts of one run apart.
    pub seq: u64,
}

/// One transaction on one stream.
#[derive(Clone, Copy, Debug)]
pub struct Commit<'a> {
    /// The stream.
    pub stream: &'a str,
    /// The state that the changes were read under.
    pub fence: Fence,
    /// What was read.
    pub changes: Changes<'a>,
    /// Where the stream stands once the changes are in.
    pub advance: Advance<'a>,
    /// Items of the page that could not be read.
    pub spoiled: u64,
    /// Objects of this stream that must be read again (cases: B3).
    pub again: &'a [ObjectId],
    /// Queue entries that this commit settles.
    pub done: &'a [Queued],
    /// Edge streams that take their edges from the entries of this full round
    /// ([`Item::changed_relations`]): an owner is queued for them only where its entries are not
    /// exact. In a round of changes exact entries are applied for every edge stream.
    pub gathers: &'a [String],
    /// How many objects, or links, a publication takes away because the generation lacks them. Where
    /// more are missing, or the generation is in doubt, all of them stay, and the new state says how
    /// many there are ([`StreamState::withheld`], [`StreamState::withheld_again`]): a later
    /// [`Advance::Sweep`] takes them away. What a filter names no more goes out of scope at once.
    ///
    /// A complete list of edges that it doubts ([`DeletionThreshold::doubts_list`]) leaves the edges as
    /// they are and queues its owner again; the next complete list of that owner counts.
    pub threshold: DeletionThreshold,
    /// Now, RFC 3339.
    pub at: &'a str,
}

impl<'a> Commit<'a> {
    /// A commit of which everything else is as it mostly is: nothing spoiled, queued, settled or gathered.
    pub fn new(
        stream: &'a str,
        fence: Fence,
        changes: Changes<'a>,
        advance: Advance<'a>,
        at: &'a str,
    ) -> Self {
        let threshold = DeletionThreshold::default();
        let (again, done, gathers) = (&[], &[], &[]);
        Self { stream, fence, changes, advance, spoiled: 0, again, done, gathers, threshold, at }
    }
}

/// What a commit changes.
#[derive(Clone, Copy, Debug)]
pub enum Changes<'a> {
    /// No rows.
    Nothing,
    /// Items of a page. In a full round the first sight of an object states it as a whole; in any
    /// other case an item is laid over what is known.
    Objects(&'a [Item<'a>]),
    /// Items of the plain collection in a handover: each states its object as a whole, unless the
    /// delta round of the same handover has told of it (cases: C1).
    Scanned(&'a [Item<'a>]),
    /// Objects that were read on their own: each states its object as a whole.
    Reread(&'a [Item<'a>]),
    /// Edges, by owner.
    Edges(&'a [OwnerEdges]),
    /// Targets of edges that may not be there: the owners of these edges must be read again.
    Doubted(&'a [ObjectId]),
    /// What Graph says holds objects that came back: owners whose edge to such an object is not known
    /// must be read again. Settles [`Store::returned`].
    Held(&'a [Held]),
    /// What a page of a delta query tells of a relation that leads to one object at most. In a full
    /// round the links are gathered, and replace the edges of the stream once it is complete.
    Links(&'a [OwnerLink]),
    /// What was learned about objects that are gone (cases: B4, B5).
    Gone(&'a [Deletion]),
}

/// How an object is gone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deletion {
    /// The object.
    pub object: ObjectId,
    /// How.
    pub how: Gone,
}

/// What the recycle bin says about an object that is gone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Gone {
    /// It is in there.
    Soft {
        /// `deletedDateTime`, in UTC with milliseconds.
        deleted_at: Option<String>,
    },
    /// It is not.
    Hard,
    /// It cannot be asked: what is known stays as it is.
    Unknown,
}

/// What was learned about the edges of one owner.
#[derive(Clone, Debug)]
pub struct OwnerEdges {
    /// The owner.
    pub owner: ObjectId,
    /// The edges.
    pub list: EdgeList,
    /// A type of targets that the list is known to leave out: what it lacks of them proves nothing
    /// (cases: D8, I3).
    pub without: Option<EdgeType>,
}

/// A list of edges, or the lack of one.
#[derive(Clone, Debug)]
pub enum EdgeList {
    /// The complete list: it replaces the owner's edges.
    Complete(Vec<Edge>),
    /// One page of a list that goes on; `first` forgets pages that an earlier attempt has left.
    Part {
        /// Whether this is the list's first page.
        first: bool,
        /// The page.
        edges: Vec<Edge>,
    },
    /// The last page of a list of several: with the parts before, it replaces the owner's edges.
    Rest(Vec<Edge>),
    /// The owner hides its edges: the empty list that came does not mean that there are none. Its
    /// edges stay as they are and are marked (cases: D9).
    Hidden,
}

impl EdgeList {
    /// The edges that are stated here.
    pub fn edges(&self) -> &[Edge] {
        match self {
            Self::Complete(edges) | Self::Part { edges, .. } | Self::Rest(edges) => edges,
            Self::Hidden => &[],
        }
    }
}

/// One edge, seen from its owner.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edge {
    /// The object at the other end.
    pub target: ObjectId,
    /// Its type, `user`, `group`, `servicePrincipal`, or `unknown` (cases: D7).
    pub target_type: EdgeType,
}

impl Edge {
    /// The edge to an object whose type Graph named so, or did not name.
    pub(crate) fn new(target: ObjectId, odata_type: Option<&str>) -> Self {
        let target_type = odata_type.map_or(EdgeType::UNKNOWN, EdgeType::new);
        Self { target, target_type }
    }
}

/// The type of an edge's target, without `#microsoft.graph.`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct EdgeType(std::borrow::Cow<'static, str>);

impl EdgeType {
    /// For members that come without a type.
    pub const UNKNOWN: Self = Self(std::borrow::Cow::Borrowed("unknown"));

    /// The type of that name; the common ones without an allocation.
    pub fn new(name: &str) -> Self {
        const COMMON: [&str; 5] = ["user", "group", "device", "servicePrincipal", "orgContact"];
        match COMMON.iter().find(|common| **common == name) {
            Some(common) => Self(std::borrow::Cow::Borrowed(common)),
            None if name.is_empty() || name == "directoryObject" => Self::UNKNOWN,
            None => Self(std::borrow::Cow::Owned(name.to_owned())),
        }
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// An object that an edge leads to and that its own stream does not know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unresolved {
    /// The object.
    pub target: ObjectId,
    /// The run that has first seen an edge to it.
    pub since: u64,
}

/// An object that came back: see [`Store::returned`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Returned {
    /// Its place in the order.
    pub place: u64,
    /// The object.
    pub object: ObjectId,
    /// What its stream calls it, `user`.
    pub entity: String,
    /// When it was reported, RFC 3339: see [`Queued::since`].
    pub since: String,
}

/// What holds an object that came back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// The object.
    pub object: ObjectId,
    /// Objects of any type, among them every owner of the edge stream that lists it; `None` where
    /// Graph does not tell, so that every owner must be read again.
    pub holders: Option<Vec<ObjectId>>,
}

/// An object in a work queue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Queued {
    /// Its place in the queue's order.
    pub place: u64,
    /// The object.
    pub object: ObjectId,
    /// Rises when the object is reported again; an older ticket settles nothing.
    pub ticket: u64,
    /// Whether the owner hides its members (`visibility` is `HiddenMembership`), so that an empty
    /// list does not mean that there are none.
    pub hidden: bool,
    /// The time of the commit ([`Commit::at`]) that put it there, or put it there again. What is read
    /// sooner than the replication margin after it may come from a replica that does not show yet what
    /// was reported ([`Importer::replication_margin`](crate::Importer::replication_margin)); a later
    /// time does no harm. Of an owner that the scan of a handover has brought it may be the time of the
    /// baseline ([`StreamState::baseline_at`]).
    pub since: String,
}

/// What became of a commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Committed {
    /// It is durable; the stream stands at this state. What changed of its own rows, and what of
    /// streams of edges, by their names: a page of groups tells of members, and who is gone for ever
    /// takes edges along.
    Applied(StreamState, Applied, Vec<(String, Applied)>),
    /// It had been committed before: continue at this state's cursor, which is the stored one.
    AlreadyDone(StreamState),
    /// A later run has claimed the store: stop.
    Fenced,
    /// The stream is in another generation: stop working on this one.
    Superseded,
}

/// How a run ended.
#[derive(Clone, Copy, Debug)]
pub struct RunRecord<'a> {
    /// `completed`, `partial`, `failed`, `interrupted`, `storage_full`.
    pub status: &'a str,
    /// Requests sent.
    pub requests: u64,
    /// Resource units charged.
    pub resource_units: u64,
    /// The report with its certificate, as JSON.
    pub report: &'a str,
    /// Now, RFC 3339.
    pub at: &'a str,
}
