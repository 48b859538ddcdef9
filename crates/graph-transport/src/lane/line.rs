//! Who waits for a lane: first come, first served within a partition, by share between partitions.

use std::collections::VecDeque;
use std::sync::{Arc, OnceLock};

use tokio::sync::Notify;
use tokio::time::Instant;

use super::demand::Demand;

/// A part of a lane's callers with a guaranteed share of it, for example people at a console beside a
/// night's import (Q9). What it does not use, others may.
#[derive(Clone, Debug, PartialEq)]
pub struct Partition {
    /// The name that requests carry ([`InPartition`](crate::InPartition)).
    pub name: String,
    /// Its share, above 0; together at most 1. Requests that name no partition share the rest.
    pub share: f64,
}

/// One request in line.
#[derive(Debug)]
pub(super) struct Waiter {
    pub(super) ticket: u64,
    pub(super) part: usize,
    pub(super) demand: Demand,
    pub(super) capped: bool,
    pub(super) granted: OnceLock<Grant>,
    pub(super) notify: Notify,
}

/// A place that was given to a waiter.
#[derive(Clone, Copy, Debug)]
pub(super) struct Grant {
    pub(super) at: Instant,
    /// It was the last place.
    pub(super) at_limit: bool,
}

#[derive(Debug)]
pub(super) struct Line {
    parts: Vec<Part>,
    waiting: usize,
}

#[derive(Debug)]
struct Part {
    share: f64,
    queue: VecDeque<Arc<Waiter>>,
    in_flight: usize,
    /// What it was given, divided by its share; the part with the least is next.
    pass: f64,
}

impl Line {
    pub(super) fn new(partitions: &[Partition]) -> Self {
        let named: f64 = partitions.iter().map(|partition| partition.share).sum();
        let shares = std::iter::once((1.0 - named).max(0.01))
            .chain(partitions.iter().map(|partition| partition.share));
        let part = |share| Part { share, queue: VecDeque::new(), in_flight: 0, pass: 0.0 };
        Self { parts: shares.map(part).collect(), waiting: 0 }
    }

    pub(super) fn waiting(&self) -> usize {
        self.waiting
    }

    pub(super) fn push(&mut self, waiter: Arc<Waiter>) {
        let active = self.parts.iter().filter(|part| !part.queue.is_empty());
        let floor = active.map(|part| part.pass).reduce(f64::min);
        let part = &mut self.parts[waiter.part];
        if part.queue.is_empty() {
            // Rest earns no credit: otherwise whoever was silent would shut the others out.
            part.pass = part.pass.max(floor.unwrap_or(part.pass));
        }
        part.queue.push_back(waiter);
        self.waiting += 1;
    }

    /// The next in line. A partition below its guaranteed part of `places` comes first.
    pub(super) fn next(&self, places: Option<usize>) -> Option<&Arc<Waiter>> {
        if self.parts.len() == 1 {
            return self.parts[0].queue.front();
        }
        #[expect(clippy::cast_precision_loss, reason = "a number of places")]
        let satisfied = |part: &Part| {
            places.is_none_or(|places| part.in_flight as f64 + 1.0 > part.share * places as f64)
        };
        let waiting = self.parts.iter().filter(|part| !part.queue.is_empty());
        let first =
            waiting.min_by(|a, b| satisfied(a).cmp(&satisfied(b)).then(a.pass.total_cmp(&b.pass)));
        first.and_then(|part| part.queue.front())
    }

    /// Takes a waiter out of the line, granted or not.
    pub(super) fn remove(&mut self, waiter: &Waiter) -> bool {
        let queue = &mut self.parts[waiter.part].queue;
        let Ok(place) = queue.binary_search_by_key(&waiter.ticket, |it| it.ticket) else {
            return false;
        };
        queue.remove(place);
        self.waiting -= 1;
        true
    }

    pub(super) fn entered(&mut self, part: usize, demand: &Demand) {
        let part = &mut self.parts[part];
        part.in_flight += 1;
        part.pass += f64::from(demand.units.max(demand.requests)) / part.share;
    }

    pub(super) fn left(&mut self, part: usize) {
        self.parts[part].in_flight -= 1;
    }

    /// Whether nobody of its partition is ahead of it.
    pub(super) fn is_front(&self, waiter: &Waiter) -> bool {
        self.parts[waiter.part].queue.front().is_some_and(|front| front.ticket == waiter.ticket)
    }

    /// Lets those at the front look again.
    pub(super) fn notify_fronts(&self) {
        self.parts
            .iter()
            .filter_map(|part| part.queue.front())
            .for_each(|it| it.notify.notify_one());
    }

    pub(super) fn notify_all(&self) {
        let all = self.parts.iter().flat_map(|part| &part.queue);
        all.for_each(|waiter| waiter.notify.notify_one());
    }
}
