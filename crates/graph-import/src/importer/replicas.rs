//! Replicas that are behind: what a report is about is read once every one of them must show it.
//!
//! A delta round may tell of a change that the replica does not know yet which answers the next read
//! (facts: graph-protocol 5.5, 8.4), and nothing tells of it again. So whatever a report has queued is
//! read no sooner than the replication margin after the report; what happens since then, a later round
//! reports (cases: B21).

use std::sync::atomic::Ordering;

use super::fault::Fault;
use super::reader::Reader;
use crate::Event;
use crate::store::{DeletionThreshold, Store, StreamState};

impl<S: Store> Reader<'_, S> {
    /// Waits until what was reported by that moment has reached every replica; never longer than the
    /// margin, whatever the clock says (cases: E13).
    pub(super) async fn until_shown(&self, since: Option<&str>) -> Result<(), Fault> {
        let age = self.writer.age(since).unwrap_or_default();
        let left = self.margin.saturating_sub(age);
        if left.is_zero() {
            return Ok(());
        }
        self.tell(&Event::AwaitingReplicas { stream: &self.plan.name, left });
        tokio::select! {
            biased;
            () = self.stop.requested() => Err(Fault::Stopped),
            () = tokio::time::sleep(left) => Ok(()),
        }
    }

    /// Notes whether a collection is read so soon after it was read before that a replica may not show
    /// what that reading has shown: what is missing says nothing then, and is asked for by itself. What
    /// a delta query leaves out so, its next round brings.
    pub(super) fn note_soon(&self, state: &StreamState) {
        let age = state.watermark_at.as_deref().map(|at| self.writer.age(Some(at)));
        let is_soon = age.is_some_and(|age| age.unwrap_or_default() < self.margin);
        self.is_soon.store(is_soon && state.published.is_some(), Ordering::Relaxed);
    }

    /// How many deletions go unproved that only the generation in hand tells of.
    pub(super) fn believes(&self) -> DeletionThreshold {
        let is_soon = self.is_soon.load(Ordering::Relaxed);
        let proves_all = is_soon && self.threshold != DeletionThreshold::NONE;
        if proves_all { DeletionThreshold::ZERO } else { self.threshold }
    }

    /// The reports that show everywhere by now.
    pub(super) fn shown(&self) -> Reports {
        let up_to = self.writer.before(self.margin);
        Reports { after: None, up_to, youngest: None }
    }
}

/// Reports of a span of time.
#[derive(Debug)]
pub(super) struct Reports {
    after: Option<String>,
    up_to: String,
    /// The latest that was met beyond it.
    youngest: Option<String>,
}

impl Reports {
    /// Whether a report belongs to the span; one that came later is remembered.
    pub(super) fn hold(&mut self, since: &str) -> bool {
        if *since > *self.up_to {
            if self.youngest.as_deref().is_none_or(|youngest| since > youngest) {
                self.youngest = Some(since.to_owned());
            }
            return false;
        }
        self.after.as_deref().is_none_or(|after| since > after)
    }

    /// The span that follows, up to the latest report that was met; `None` if there was none.
    pub(super) fn next(self) -> Option<Self> {
        let up_to = self.youngest?;
        Some(Self { after: Some(self.up_to), up_to, youngest: None })
    }

    /// Its end.
    pub(super) fn up_to(&self) -> &str {
        &self.up_to
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reports_are_taken_span_by_span_each_once() {
        let all = ["12:00:03", "12:00:09", "12:00:20", "13:00:00"];
        let mut reports = Reports { after: None, up_to: "12:00:09".to_owned(), youngest: None };
        let mut taken = Vec::new();
        loop {
            taken.push(all.into_iter().filter(|since| reports.hold(since)).collect::<Vec<_>>());
            match reports.next() {
                Some(next) => reports = next,
                None => break,
            }
        }
        assert_eq!(taken, [vec!["12:00:03", "12:00:09"], vec!["12:00:20", "13:00:00"]]);
    }
}
