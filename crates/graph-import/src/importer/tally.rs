//! What a stream has cost and done so far.

use std::collections::HashSet;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};

use graph_transport::Error;

use crate::Cost;
use crate::report::Counts;
use crate::store::Applied;

/// The counters of one stream, shared by its concurrent requests.
#[derive(Debug, Default)]
pub(super) struct Tally {
    pub(super) requests: Counter,
    pub(super) resource_units: Counter,
    pub(super) rounds: Counter,
    /// Rounds that read everything.
    pub(super) full: Counter,
    pub(super) pages: Counter,
    pub(super) items: Counter,
    pub(super) spoiled: Counter,
    /// Owners whose lists could not be read; they stay queued.
    pub(super) left: Counter,
    /// Objects that edges lead to and that no stream has brought in more than one run.
    pub(super) dangling: Counter,
    applied: Mutex<Applied>,
    restarts: Mutex<Vec<String>>,
    warnings: Mutex<Vec<String>>,
    /// Columns that have met a value of another type.
    drifted: Mutex<HashSet<String>>,
    /// How old the delta link was at the beginning, in seconds.
    pub(super) delta_age: OnceLock<u64>,
    doubt: OnceLock<String>,
    not_found: Mutex<(u64, Option<Error>)>,
    counted_at_start: OnceLock<u64>,
    counts: Mutex<Option<Counts>>,
}

/// A number that only grows.
#[derive(Debug, Default)]
pub(super) struct Counter(AtomicU64);

impl Counter {
    pub(super) fn add(&self, more: u64) {
        self.0.fetch_add(more, Ordering::Relaxed);
    }

    pub(super) fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

impl Tally {
    /// What the stream has cost so far.
    pub(super) fn cost(&self) -> Cost {
        Cost { requests: self.requests.get(), resource_units: self.resource_units.get() }
    }

    /// Notes that a column has met a value of another type; whether it is the first one.
    pub(super) fn drifts(&self, column: &str) -> bool {
        let mut drifted = self.drifted.lock().unwrap_or_else(PoisonError::into_inner);
        drifted.insert(column.to_owned())
    }

    /// Something is to be said against what this run has read.
    pub(super) fn doubt(&self, doubt: String) {
        let _ = self.doubt.set(doubt);
    }

    pub(super) fn doubts(&self) -> Option<String> {
        self.doubt.get().cloned()
    }

    pub(super) fn apply(&self, applied: Applied) {
        *self.applied.lock().unwrap_or_else(PoisonError::into_inner) += applied;
    }

    pub(super) fn applied(&self) -> Applied {
        *self.applied.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Graph does not know an owner; the first error is kept.
    pub(super) fn not_found(&self, error: Option<Error>) {
        let mut known = self.not_found.lock().unwrap_or_else(PoisonError::into_inner);
        known.0 += 1;
        known.1 = known.1.take().or(error);
    }

    /// How many owners Graph does not know, and the first error.
    pub(super) fn take_not_found(&self) -> (u64, Option<Error>) {
        std::mem::take(&mut *self.not_found.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Graph has counted the collection before it was read; the first count is kept.
    pub(super) fn counted_at_start(&self, objects: u64) {
        let _ = self.counted_at_start.set(objects);
    }

    /// What was counted before the collection was read in this run.
    pub(super) fn count_at_start(&self) -> Option<u64> {
        self.counted_at_start.get().copied()
    }

    /// The counts were compared; the last word counts.
    pub(super) fn counted(&self, counts: Counts) {
        *self.counts.lock().unwrap_or_else(PoisonError::into_inner) = Some(counts);
    }

    pub(super) fn counts(&self) -> Option<Counts> {
        *self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn restart(&self, reason: String) {
        self.restarts.lock().unwrap_or_else(PoisonError::into_inner).push(reason);
    }

    pub(super) fn warn(&self, warning: String) {
        self.warnings.lock().unwrap_or_else(PoisonError::into_inner).push(warning);
    }

    pub(super) fn warnings(&self) -> Vec<String> {
        self.warnings.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) fn restarts(&self) -> Vec<String> {
        self.restarts.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
