//! The moves of a stream's state machine.

use super::{Phase, Source, StreamState};
use crate::importer::links;
use crate::store::Partition;

/// How a commit moves its stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Advance<'a> {
    /// The round goes on at this page. In the scan of a handover it is the delta round that does.
    Page(&'a str),
    /// The round is complete; a delta stream continues at this link another time. A full round
    /// publishes its generation; a round of a handover is caught up with and moves its baseline.
    Complete(Option<&'a str>),
    /// Work of the round is done, its cursor stays where it is.
    Stay,
    /// The open delta round begins again where it began, at its watermark or baseline.
    Rewind,
    /// Everything is read again, in a new generation.
    Resync,
    /// The same, and not by a handover, for this reason. Of a generation in which nothing was read
    /// yet it is only the plan that changes.
    FallBack(&'a str),
    /// The same, without these properties and no others: the application may not read them. Of a
    /// generation in which nothing was read yet it is only the plan that changes.
    Without(&'a [String]),
    /// A handover begins: the delta link that it will catch up from, and how many objects there are
    /// if Graph counts them.
    Baseline {
        /// The link.
        link: &'a str,
        /// The count.
        counted: Option<u64>,
    },
    /// The collection is scanned in these partitions instead of any others, and why not in smaller
    /// ones.
    Scan {
        /// The partitions.
        partitions: &'a [Partition],
        /// Why the scan is serial.
        fallback: Option<&'a str>,
    },
    /// A partition goes on.
    Partition(u64, PartitionNext<'a>),
    /// Every partition is read, or it was counted; what changed meanwhile is read next.
    CatchUp,
    /// The handover is over; readers see its generation from now on.
    Publish {
        /// Why it is not proven: nothing is swept then.
        doubt: Option<&'a str>,
    },
    /// What is known against the generation that readers see, or that nothing is any more.
    Doubt(Option<&'a str>),
    /// What the published generation lacks is gone: it is proved by now.
    Sweep,
}

/// What comes after a page of a partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PartitionNext<'a> {
    /// Its next page. No other process can continue there (facts: graph-protocol 4.4): a partition
    /// that was interrupted begins again.
    Page(&'a str),
    /// Nothing.
    Done,
    /// These prefixes, each a partition of its own.
    Split(&'a [String]),
}

/// What a commit does to its stream's state, besides the rows.
#[derive(Clone, Copy, Debug)]
pub struct Move<'a> {
    /// Where the stream goes.
    pub advance: Advance<'a>,
    /// Items of the page, the unreadable ones included.
    pub items: u64,
    /// Items of the page that could not be read.
    pub spoiled: u64,
    /// Objects that came or went by it.
    pub churn: u64,
    /// The epoch of the commit.
    pub epoch: u64,
    /// Now, RFC 3339.
    pub at: &'a str,
}

impl StreamState {
    /// The state after a commit.
    #[must_use]
    pub fn advanced(mut self, step: &Move<'_>) -> Self {
        let before = self.phase;
        self.seq += 1;
        self.epoch = step.epoch;
        self.spoiled += step.spoiled;
        if matches!(before, Phase::Scan | Phase::CatchUp) {
            self.churn += step.churn;
        }
        match step.advance {
            Advance::Stay => {}
            // A handover begins its delta round again at its baseline.
            Advance::Rewind if matches!(before, Phase::Scan | Phase::CatchUp) => self.cursor = None,
            Advance::Rewind => self.begin(Phase::Idle),
            Advance::Resync => {
                self.resynced_at = Some(step.at.to_owned());
                self.rereads = if self.is_doubted() { self.rereads + 1 } else { 0 };
                self.begin_generation();
            }
            Advance::FallBack(reason) => {
                if !self.is_untouched() {
                    self.begin_generation();
                }
                self.fallback = Some(reason.to_owned());
            }
            Advance::Without(properties) => {
                if !self.is_untouched() {
                    self.begin_generation();
                }
                self.unreadable = properties.to_vec();
            }
            Advance::Page(next) => {
                self.read(step.items);
                self.cursor = Some(next.to_owned());
            }
            Advance::Complete(delta_link) => self.complete(delta_link, step),
            Advance::Baseline { link, counted } => {
                self.begin(Phase::Fence);
                self.source = Some(Source::Handover);
                (self.baseline, self.counted) = (Some(link.to_owned()), counted);
                self.baseline_at = Some(step.at.to_owned());
            }
            Advance::Scan { fallback, .. } => {
                self.phase = Phase::Scan;
                self.fallback = fallback.map(str::to_owned).or(self.fallback);
            }
            Advance::Partition(..) => self.read(step.items),
            Advance::CatchUp => {
                if before == Phase::Verify {
                    self.churn = 0; // what matters is what came since it was counted
                }
                // A round that began while it was scanned does not know what the scan has seen since.
                self.cursor = None;
                self.phase = Phase::CatchUp;
            }
            Advance::Publish { doubt } => {
                (self.watermark, self.watermark_at) =
                    (self.baseline.take(), self.baseline_at.take());
                self.publish(doubt);
            }
            Advance::Doubt(doubt) => self.doubt = doubt.map(str::to_owned),
            Advance::Sweep => (self.withheld, self.withheld_again) = (0, 0),
        }
        self
    }

    fn complete(&mut self, delta_link: Option<&str>, step: &Move<'_>) {
        self.read(step.items);
        self.cursor = None;
        let (link, at) = (delta_link.map(str::to_owned), Some(step.at.to_owned()));
        if matches!(self.phase, Phase::Scan | Phase::CatchUp) {
            (self.baseline, self.baseline_at) = (link, at);
            if self.phase == Phase::CatchUp {
                self.phase = Phase::Verify;
            }
            return;
        }
        (self.watermark, self.watermark_at) = (link, at);
        if self.phase == Phase::Full {
            self.source = Some(match delta_link {
                Some(link) if links::since(link).is_some() => Source::Window,
                Some(_) => Source::Delta,
                None => Source::Full,
            });
            self.publish(None);
        }
        self.phase = Phase::Idle;
    }

    fn publish(&mut self, doubt: Option<&str>) {
        self.published = Some(self.generation);
        self.doubt = doubt.map(str::to_owned);
        (self.withheld, self.withheld_again) = (0, 0);
        self.phase = Phase::Idle;
    }

    /// Counts a page; the first page of a delta round opens it.
    fn read(&mut self, items: u64) {
        if self.phase == Phase::Idle {
            self.begin(Phase::Changes);
        }
        self.pages += 1;
        self.items += items;
    }
}
