//! Where a stream stands, and the only way in which it moves.

mod advance;
mod phase;

pub use advance::{Advance, Move, PartitionNext};
pub use phase::{Phase, Source};

use super::Fence;

/// The persisted state of one stream.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct StreamState {
    /// The stream's name.
    pub stream: String,
    /// Rises when everything begins to be read anew.
    pub generation: u64,
    /// The generation that readers see; `None` until the first one is complete (cases: I5).
    pub published: Option<u64>,
    /// The epoch of the last commit.
    pub epoch: u64,
    /// Commits so far.
    pub seq: u64,
    /// What the stream is in the middle of.
    pub phase: Phase,
    /// The next page of the open round, as path and query; `None` before its first page.
    pub cursor: Option<String>,
    /// The last delta link of the published generation, as path and query: where the next round
    /// begins. A round that must be read again begins there as well; one that Graph has given up is
    /// kept while the next generation is read.
    pub watermark: Option<String>,
    /// When the watermark was issued, RFC 3339.
    pub watermark_at: Option<String>,
    /// The delta link of the open handover: what happens after it is caught up with.
    pub baseline: Option<String>,
    /// When the baseline was issued, RFC 3339.
    pub baseline_at: Option<String>,
    /// How many objects Graph counted when the handover began.
    pub counted: Option<u64>,
    /// Objects that came or went while the handover went on.
    pub churn: u64,
    /// How the open generation is read, or else the published one was.
    pub source: Option<Source>,
    /// Why it is not read by a handover in partitions, where its plan has one.
    pub fallback: Option<String>,
    /// Why the published generation is not proven, although nothing is known to be missing.
    pub doubt: Option<String>,
    /// Objects, or links, that the published generation lacks and that stay all the same, because
    /// nothing proves that they are gone; set by the store ([`Commit::threshold`](super::Commit)).
    pub withheld: u64,
    /// Those of them that the generation published before lacked as well.
    pub withheld_again: u64,
    /// Generations in a row that were begun because the one before was in doubt.
    pub rereads: u64,
    /// When a generation was last begun anew, RFC 3339.
    pub resynced_at: Option<String>,
    /// Properties that the application may not read: the generation goes on without them, and rows
    /// keep the values that they had (cases: F7).
    pub unreadable: Vec<String>,
    /// Properties that the published generation brought back without any value although many objects
    /// had one: rows keep the values that they had until Graph states another, and the certificate
    /// says so (cases: F7).
    pub emptied: Vec<String>,
    /// Pages committed in the open or last round.
    pub pages: u64,
    /// Items committed in the open or last round, the unreadable ones included.
    pub items: u64,
    /// Unreadable items since the generation began: while there are any, the stream is partial.
    pub spoiled: u64,
}

impl StreamState {
    /// The state of a stream that nothing has been read of.
    pub fn new(stream: &str) -> Self {
        Self {
            stream: stream.to_owned(),
            generation: 1,
            published: None,
            epoch: 0,
            seq: 0,
            phase: Phase::Full,
            cursor: None,
            watermark: None,
            watermark_at: None,
            baseline: None,
            baseline_at: None,
            counted: None,
            churn: 0,
            source: None,
            fallback: None,
            doubt: None,
            withheld: 0,
            withheld_again: 0,
            rereads: 0,
            resynced_at: None,
            unreadable: Vec::new(),
            emptied: Vec::new(),
            pages: 0,
            items: 0,
            spoiled: 0,
        }
    }

    /// What a commit in this epoch must expect.
    pub const fn fence(&self, epoch: u64) -> Fence {
        Fence { generation: self.generation, epoch, seq: self.seq }
    }

    /// Whether what is read now belongs to a generation that readers do not see, while they see an
    /// older one: it is kept aside until it is published.
    pub const fn is_staged(&self) -> bool {
        self.published.is_some() && self.phase.is_open_generation()
    }

    /// Whether nothing of the open generation has been read.
    pub fn is_untouched(&self) -> bool {
        self.phase == Phase::Full && self.cursor.is_none()
    }

    /// Whether a commit with this advance publishes the open generation.
    pub fn publishes(&self, advance: Advance<'_>) -> bool {
        match advance {
            Advance::Complete(_) => self.phase == Phase::Full,
            Advance::Publish { .. } => self.phase == Phase::Verify,
            _ => false,
        }
    }

    /// Whether a commit with this advance ends a generation in which every item was readable and
    /// nothing is in doubt: only then is an object that was not seen known to be gone (cases: I3).
    pub fn proves(&self, advance: Advance<'_>, spoiled: u64) -> bool {
        let doubted = matches!(advance, Advance::Publish { doubt: Some(_) });
        self.publishes(advance) && !doubted && self.spoiled + spoiled == 0
    }

    /// Whether something is to be said against the published generation.
    pub const fn is_doubted(&self) -> bool {
        self.doubt.is_some() || self.withheld > 0
    }

    fn begin(&mut self, phase: Phase) {
        self.phase = phase;
        self.cursor = None;
        (self.pages, self.items) = (0, 0);
    }

    fn begin_generation(&mut self) {
        self.generation += 1;
        (self.spoiled, self.churn) = (0, 0);
        (self.baseline, self.baseline_at, self.counted) = (None, None, None);
        (self.source, self.fallback) = (None, None);
        self.begin(Phase::Full);
    }
}

#[cfg(test)]
mod tests;
