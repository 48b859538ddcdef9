//! What a run tells while it goes on.

use std::time::Duration;

use serde::Serialize;

use crate::store::{Applied, Phase};

/// Watches a run: for progress bars, logs, metrics. Called from the run itself, so it must not block.
pub trait Observer: Send + Sync {
    /// Something happened.
    fn observe(&self, event: &Event<'_>);
}

/// What a stream has cost in this run so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Cost {
    /// Requests sent.
    pub requests: u64,
    /// Resource units that Graph has charged, as far as it said so.
    pub resource_units: u64,
}

/// What happened.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Event<'a> {
    /// The store is claimed and the run has its number.
    Started {
        /// The run.
        run: u64,
    },
    /// A round begins or is resumed.
    Round {
        /// The stream.
        stream: &'a str,
        /// Whether every object is read, as opposed to changes.
        full: bool,
        /// Whether an earlier run has read the beginning.
        resumed: bool,
    },
    /// A stream is in another phase of a handover.
    Phase {
        /// The stream.
        stream: &'a str,
        /// The phase.
        phase: Phase,
    },
    /// Graph has counted the objects that a full round is going to read.
    Counted {
        /// The stream.
        stream: &'a str,
        /// How many.
        objects: u64,
    },
    /// Something that an operator should know although nothing failed.
    Warned {
        /// The stream.
        stream: &'a str,
        /// What.
        warning: &'a str,
    },
    /// A page is in the store.
    Page {
        /// The stream.
        stream: &'a str,
        /// Items on the page.
        items: u64,
        /// Items of the round so far.
        items_of_round: u64,
        /// What the page changed.
        applied: &'a Applied,
        /// What the stream has cost so far.
        cost: Cost,
    },
    /// What was reported just now must reach every replica before it is read.
    AwaitingReplicas {
        /// The stream.
        stream: &'a str,
        /// How long that takes at most.
        left: Duration,
    },
    /// So many owners' edges are to be read.
    EdgesQueued {
        /// The stream.
        stream: &'a str,
        /// Owners in the queue.
        owners: u64,
    },
    /// The edges of some owners are in the store.
    Edges {
        /// The stream.
        stream: &'a str,
        /// Owners whose lists are complete now.
        owners: u64,
        /// What the lists changed.
        applied: &'a Applied,
        /// What the stream has cost so far.
        cost: Cost,
    },
    /// An item could not be read; it is left out and the stream is partial.
    Spoiled {
        /// The stream.
        stream: &'a str,
        /// Why.
        reason: &'a str,
    },
    /// Edges lead to so many objects that no stream has brought in more than one run.
    Dangling {
        /// The stream.
        stream: &'a str,
        /// The objects.
        targets: u64,
    },
    /// What was planned does not work here, and something else is done instead.
    FellBack {
        /// The stream.
        stream: &'a str,
        /// Why.
        reason: &'a str,
    },
    /// A round begins again.
    Restarted {
        /// The stream.
        stream: &'a str,
        /// Why.
        reason: &'a str,
    },
    /// Objects of the store, or the edges of owners, were compared with Graph: by a verification, or
    /// for the sample at the end of a run, when the stream has ended.
    Compared {
        /// The stream.
        stream: &'a str,
        /// Objects, or owners of edges, so far.
        compared: u64,
        /// How many there are to compare, where the store tells.
        of: Option<u64>,
        /// What the comparison has cost so far.
        cost: Cost,
    },
    /// A verification is through with a stream.
    Verified {
        /// What it has found.
        result: &'a crate::StreamVerification,
    },
    /// A stream is over for this run.
    StreamEnded {
        /// The stream's report.
        report: &'a crate::StreamReport,
    },
}

/// Watches nothing.
impl Observer for () {
    fn observe(&self, _: &Event<'_>) {}
}
