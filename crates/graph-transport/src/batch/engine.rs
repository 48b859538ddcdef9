//! The state of a batch under way: what may be sent, what came back, and what waits for it.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::dependencies::Dependencies;
use super::pack::{self, Bounds, Chunk, MOST_BYTES};
use super::slot::{Slot, State};
use super::{BatchAnswer, BatchError, BatchItem, MOST_ITEMS, Settings, envelope};
use crate::answer::Answer;
use crate::client::GraphClient;
use crate::cloud::ApiVersion;
use crate::disposition::Disposition;
use crate::error::{Error, TimeoutPhase, Tried};
use crate::lane::ClosedLane;
use crate::observe::Description;

/// All items and where they stand. Knows nothing of futures: [`super::BatchStream`] drives it.
#[derive(Debug)]
pub(super) struct Engine {
    pub(super) client: GraphClient,
    pub(super) version: ApiVersion,
    pub(super) settings: Settings,
    dependencies: Dependencies,
    pub(super) slots: Vec<Slot>,
    sizes: Vec<usize>,
    began: Instant,
    /// An item failed for good.
    failed: bool,
    /// What every further request would meet as well.
    hopeless: Option<Arc<Error>>,
    finished: Vec<(usize, BatchAnswer)>,
}

/// One request to be sent.
#[derive(Debug)]
pub(super) enum Parcel {
    Batch(Chunk),
    Alone(usize),
}

/// What a request came back with.
#[derive(Debug)]
pub(super) enum Outcome {
    /// One answer for each item of the chunk, where the envelope had one.
    Answers(Vec<Option<Answer>>),
    /// No item was answered.
    Failed(Error),
    /// There is an answer that cannot be read: one bad item spoils it for all.
    Spoilt(Error),
    /// The answer of an item that was sent alone.
    Single(Result<Answer, Error>),
}

/// What to do when nothing is under way.
#[derive(Debug)]
pub(super) enum Step {
    Send(Vec<Parcel>),
    WaitUntil(Instant),
    Done,
}

impl Engine {
    pub(super) fn new(
        client: GraphClient,
        version: ApiVersion,
        items: Vec<BatchItem>,
        settings: Settings,
    ) -> Result<Self, BatchError> {
        if !(1..=MOST_ITEMS).contains(&settings.limit) {
            return Err(BatchError::OutOfRange("items_per_request"));
        }
        if settings.concurrency == 0 {
            return Err(BatchError::OutOfRange("concurrency"));
        }
        let dependencies = Dependencies::of(&items)?;
        let mut slots = Vec::with_capacity(items.len());
        let mut sizes = Vec::with_capacity(items.len());
        for item in items {
            let link = item.link(client.cloud(), version)?;
            if let Some((name, _)) = item.headers.iter().find(|(_, it)| it.to_str().is_err()) {
                return Err(BatchError::Header { id: item.id, header: name.to_string() });
            }
            let bytes = envelope::size(&item);
            if bytes > MOST_BYTES {
                return Err(BatchError::TooLarge { id: item.id, bytes, limit: MOST_BYTES });
            }
            sizes.push(bytes);
            slots.push(Slot::new(item, link));
        }
        let engine = Self {
            client,
            version,
            settings,
            dependencies,
            slots,
            sizes,
            began: Instant::now(),
            failed: false,
            hopeless: None,
            finished: Vec::new(),
        };
        engine.fits_as_asked()?;
        Ok(engine)
    }

    fn fits_as_asked(&self) -> Result<(), BatchError> {
        let (count, limit) = (self.slots.len(), self.settings.limit);
        if !self.settings.in_one_request {
            return Ok(());
        }
        if count > limit {
            return Err(BatchError::TooManyItems(count, limit));
        }
        let first = self.wave(self.dependencies.order()).first().map_or(0, Vec::len);
        if first < count { Err(BatchError::Shape) } else { Ok(()) }
    }

    fn wave(&self, open: &[usize]) -> Vec<Chunk> {
        let bounds = Bounds { items: self.settings.limit, sizes: &self.sizes };
        pack::wave(&self.dependencies, open, bounds)
    }

    /// Items that are finished, in the order in which that became known.
    pub(super) fn take_finished(&mut self) -> Vec<(usize, BatchAnswer)> {
        std::mem::take(&mut self.finished)
    }

    /// When the batch must be over.
    fn ends(&self) -> Option<Instant> {
        self.began.checked_add(self.settings.deadline?)
    }

    /// How much time a request may take.
    pub(super) fn time_left(&self) -> Option<Duration> {
        Some(self.ends()?.saturating_duration_since(Instant::now()))
    }

    /// How often a request may go out with what is in it: no item more often than it may.
    pub(super) fn attempts_left(&self, parcel: &Parcel) -> u32 {
        let made = parcel.places().map(|place| self.slots[place].attempts).max().unwrap_or(0);
        self.most_attempts().saturating_sub(made).max(1)
    }

    fn most_attempts(&self) -> u32 {
        self.settings.max_attempts.unwrap_or(self.client.retry().config().max_attempts)
    }

    /// What to send next; asked when nothing is under way.
    pub(super) fn next(&mut self) -> Step {
        self.give_up_unsendable();
        let now = Instant::now();
        let due = self.due(now);
        if !due.is_empty() {
            return Step::Send(self.parcels(&due));
        }
        let waits = self.slots.iter().filter_map(Slot::waits_until);
        let earliest = waits.filter(|at| *at > now).min();
        match (earliest, self.ends()) {
            (None, _) => Step::Done,
            // R28: a wait past the deadline is not begun.
            (Some(at), Some(end)) if at > end => {
                self.end_open(at - now);
                Step::Done
            }
            (Some(at), _) => Step::WaitUntil(at),
        }
    }

    /// Open items whose time has come and that wait for nothing that cannot go with them.
    fn due(&self, now: Instant) -> Vec<usize> {
        let mut goes = vec![false; self.slots.len()];
        let mut due = Vec::new();
        for place in self.dependencies.order().iter().copied() {
            let slot = &self.slots[place];
            // What goes alone cannot name what it depends on, and cannot be named.
            let together = |it: usize| goes[it] && !self.slots[it].alone && !slot.alone;
            let ready = |it: &usize| self.slots[*it].state == State::Succeeded || together(*it);
            goes[place] = slot.is_due(now) && self.dependencies.parents(place).iter().all(ready);
            if goes[place] {
                due.push(place);
            }
        }
        due
    }

    fn parcels(&mut self, due: &[usize]) -> Vec<Parcel> {
        let (alone, open): (Vec<usize>, Vec<usize>) =
            due.iter().copied().partition(|place| self.slots[*place].alone);
        let mut parcels: Vec<Parcel> = self.wave(&open).into_iter().map(Parcel::Batch).collect();
        parcels.extend(alone.into_iter().map(Parcel::Alone));
        for place in parcels.iter().flat_map(Parcel::places) {
            self.slots[place].state = State::Sent;
        }
        parcels
    }

    /// Whether a request of the wave is still to be sent; what is not goes back among the open items.
    pub(super) fn still_goes(&mut self, parcel: &Parcel) -> bool {
        let ends = self.hopeless.is_some() || (self.failed && !self.settings.continue_on_error);
        let begun = parcel.places().any(|place| self.slots[place].attempts > 0);
        if ends && !begun {
            parcel.places().for_each(|place| self.slots[place].state = State::Open(None));
        }
        !ends || begun
    }

    /// Ends what will not be sent: dependants of failures, and everything once the batch is to stop.
    fn give_up_unsendable(&mut self) {
        let stops = self.failed && !self.settings.continue_on_error;
        for place in self.dependencies.order().to_vec() {
            let slot = &self.slots[place];
            let State::Open(_) = slot.state else { continue };
            let id = slot.item.id.clone();
            let parents = self.dependencies.parents(place).iter();
            let failed = parents.copied().find(|it| self.slots[*it].state == State::Failed);
            let error = match (failed, &self.hopeless) {
                (Some(parent), _) => {
                    let parent = self.slots[parent].item.id.clone();
                    BatchError::DependencyFailed { id, parent }
                }
                (None, Some(source)) if slot.attempts == 0 => {
                    BatchError::Outer { id, source: Arc::clone(source) }
                }
                (None, None) if stops && slot.attempts == 0 => BatchError::NotSent(id),
                _ => continue,
            };
            self.finish(place, Err(error.into()));
        }
    }

    /// The deadline comes before the wait is over: what came last is the result.
    fn end_open(&mut self, wait: Duration) {
        for place in 0..self.slots.len() {
            let slot = &mut self.slots[place];
            let State::Open(_) = slot.state else { continue };
            let (last, attempts) = (slot.last.take(), std::mem::take(&mut slot.tried));
            let operation =
                Some(Description::graph(slot.item.method.clone(), slot.link.clone(), None));
            let elapsed = self.began.elapsed();
            let tried = Box::new(Tried { operation, attempts, elapsed });
            let limit = self.settings.deadline.unwrap_or_default();
            let result = match last {
                Some(answer) if answer.disposition() == Disposition::Throttled => {
                    let closed = Box::new(ClosedLane::of_answer(&answer, wait));
                    Err(Error::Throttled { wait, closed, tried })
                }
                Some(answer) => Ok(answer),
                None => Err(Error::Timeout { phase: TimeoutPhase::Operation, limit, tried }),
            };
            self.finish(place, result);
        }
    }

    /// Takes in what a request came back with after it was sent so often.
    pub(super) fn settle(&mut self, parcel: &Parcel, sent: u32, outcome: Outcome) {
        let places: Vec<usize> = parcel.places().collect();
        for place in &places {
            self.slots[*place].attempts += sent;
        }
        match outcome {
            Outcome::Answers(answers) => {
                for (place, answer) in places.into_iter().zip(answers) {
                    self.settle_item(place, answer);
                }
            }
            Outcome::Single(result) => {
                let result = result.map(|answer| self.slots[places[0]].with_history(answer));
                self.finish(places[0], result);
            }
            Outcome::Spoilt(error) => self.settle_spoilt(&places, error),
            Outcome::Failed(error) => self.settle_failure(&places, error),
        }
    }

    /// Places come with parents first, so a parent's fate is known before its dependant's.
    fn settle_item(&mut self, place: usize, answer: Option<Answer>) {
        let parents = || self.dependencies.parents(place).iter().map(|it| self.slots[*it].state);
        let not_carried_out = answer.as_ref().is_none_or(Answer::is_failed_dependency);
        if not_carried_out && parents().any(|state| matches!(state, State::Open(_))) {
            // N25: sent again together with its parent. It was not carried out, so this is no attempt.
            let slot = &mut self.slots[place];
            slot.attempts -= 1;
            slot.state = State::Open(None);
            return;
        }
        let most = self.most_attempts();
        let failed_parent = parents().any(|state| state == State::Failed);
        let slot = &mut self.slots[place];
        let answer = answer.map(|answer| slot.with_history(answer));
        if let Some(answer) = &answer {
            self.client.lane().observe_item(&slot.item.method, &slot.link, answer);
        }
        let policy = self.client.retry();
        if answer.as_ref().is_some_and(|answer| answer.status.is_success()) {
            policy.item_succeeded(slot.cost);
        }
        let may_go = slot.attempts < most && !(answer.is_none() && failed_parent);
        let wait = may_go.then(|| {
            policy.item_wait(answer.as_ref(), slot.item.idempotent, slot.attempts, &mut slot.cost)
        });
        let wait = wait.flatten();
        if let Some(wait) = wait {
            slot.reopen(answer, wait);
            return;
        }
        let id = slot.item.id.clone();
        let result = answer.ok_or_else(|| BatchError::Unanswered(id).into());
        self.finish(place, result);
    }

    /// One answer that is not JSON spoils the envelope: what may go again goes alone (facts: graph-protocol 7).
    fn settle_spoilt(&mut self, places: &[usize], error: Error) {
        let source = Arc::new(error);
        for place in places.iter().copied() {
            let slot = &mut self.slots[place];
            if slot.item.idempotent {
                (slot.alone, slot.state) = (true, State::Open(None));
            } else {
                self.fail(place, &source);
            }
        }
    }

    /// N29. Where some items may not be sent twice, the client has not repeated the request: the
    /// others still may be.
    fn settle_failure(&mut self, places: &[usize], error: Error) {
        let harmless = places.iter().all(|place| self.slots[*place].item.idempotent);
        let again = !harmless && error.disposition() == Disposition::Transient;
        let source = Arc::new(error);
        if is_hopeless(&source) {
            self.hopeless = Some(Arc::clone(&source));
        }
        let most = self.most_attempts();
        for place in places.iter().copied() {
            let slot = &mut self.slots[place];
            if again && slot.item.idempotent && slot.attempts < most {
                let wait = self.client.retry().config().backoff.wait(slot.attempts);
                slot.reopen(None, wait);
            } else {
                self.fail(place, &source);
            }
        }
    }

    fn fail(&mut self, place: usize, source: &Arc<Error>) {
        let id = self.slots[place].item.id.clone();
        self.finish(place, Err(BatchError::Outer { id, source: Arc::clone(source) }.into()));
    }

    fn finish(&mut self, place: usize, result: Result<Answer, Error>) {
        let slot = &mut self.slots[place];
        let success = result.as_ref().is_ok_and(|answer| answer.status.is_success());
        slot.state = if success { State::Succeeded } else { State::Failed };
        slot.last = None;
        self.failed |= !success;
        let answer = BatchAnswer { id: slot.item.id.clone(), result, attempts: slot.attempts };
        self.finished.push((place, answer));
    }
}

impl Parcel {
    pub(super) fn places(&self) -> impl Iterator<Item = usize> {
        let (chunk, alone) = match self {
            Self::Batch(chunk) => (chunk.as_slice(), None),
            Self::Alone(place) => (&[][..], Some(*place)),
        };
        chunk.iter().map(|placed| placed.place).chain(alone)
    }
}

/// A refusal that every further request of the batch would meet as well.
fn is_hopeless(error: &Error) -> bool {
    matches!(
        error.disposition(),
        Disposition::Unauthenticated
            | Disposition::Forbidden
            | Disposition::PolicyBlocked
            | Disposition::NotLicensed
            | Disposition::NotInCloud
            | Disposition::NotFound
    )
}
