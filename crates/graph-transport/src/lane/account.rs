//! The lanes of one application in one tenant, shared by all its clients: who may send now.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;

use super::bucket::{Bucket, PRESSED};
use super::demand::{Access, Demand, LaneId};
use super::error::LaneError;
use super::feedback::{Feedback, Refusal};
use super::gate::{ClosedLane, Gate};
use super::generated::{EVERY_REQUEST, LANES};
use super::limit::Controller;
use super::line::{Grant, Line, Partition, Waiter};
use super::registry::{BudgetKey, Budgets, Identity, SharedBudgets, TenantSize};
use super::snapshot::LaneSnapshot;
use super::state::{Admission, Budget, Lane, Spread, State};
use super::table::{self, BudgetSpec, Scope};

/// Everything that clients of one key share.
#[derive(Debug)]
pub(crate) struct Account {
    pub(super) identity: Identity,
    partitions: Vec<Partition>,
    backlog: Option<usize>,
    shared: Arc<SharedBudgets>,
    state: Mutex<State>,
    /// How often gates have closed, to be read without the lock.
    closings: AtomicU64,
}

impl Account {
    pub(super) fn new(
        identity: Identity,
        budgets: Budgets,
        partitions: Vec<Partition>,
        backlog: Option<usize>,
        shared: Arc<SharedBudgets>,
    ) -> Self {
        let (state, closings) = (Mutex::new(State::new(budgets)), AtomicU64::new(0));
        Self { identity, partitions, backlog, shared, state, closings }
    }

    /// How often a gate of this account has closed so far.
    pub(super) fn closings(&self) -> u64 {
        self.closings.load(Ordering::Acquire)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("no panic while the lock is held")
    }

    /// Of several caps for one key the strictest holds.
    pub(super) fn cap(&self, cap: usize) {
        let mut state = self.state();
        state.cap = Some(state.cap.map_or(cap, |known| known.min(cap)));
    }

    /// The tenant's users were counted.
    pub(crate) fn resize(&self, size: TenantSize) {
        let mut state = self.state();
        // What was learned of a budget stays where the size is no news.
        if [Budgets::Learned, Budgets::Documented(Some(size))].contains(&state.budgets) {
            return;
        }
        state.budgets = Budgets::Documented(Some(size));
        let now = Instant::now();
        let mut done: Vec<*const Mutex<Bucket>> = Vec::new();
        for budget in state.lanes.iter().flat_map(|lane| &lane.budgets) {
            let Some(spec) = budget.spec.filter(|spec| spec.scope == Scope::AppAndTenant) else {
                continue;
            };
            if !done.contains(&Arc::as_ptr(&budget.bucket)) {
                done.push(Arc::as_ptr(&budget.bucket));
                budget.bucket().resize(spec, size as usize, now);
            }
        }
        state.dispatch(now);
    }

    pub(super) fn part(&self, name: Option<&str>) -> Result<usize, LaneError> {
        let Some(name) = name else { return Ok(0) };
        let place = self.partitions.iter().position(|partition| partition.name == name);
        place.map(|place| place + 1).ok_or_else(|| LaneError::UnknownPartition(name.to_owned()))
    }

    /// A place at once, where nobody waits and nothing holds it back.
    pub(super) fn try_enter(
        &self,
        demand: Demand,
        part: usize,
        capped: bool,
        path: &str,
    ) -> Result<Entry, LaneError> {
        let now = Instant::now();
        let mut state = self.state();
        let index = self.lane_index(&mut state, &demand, path, now);
        let full = state.is_full();
        let ticket = state.next_ticket;
        state.next_ticket += 1;
        let lane = &mut state.lanes[index];
        if lane.line.waiting() == 0
            && matches!(lane.admission(&demand, full && capped, now), Admission::Now)
        {
            let grant = lane.enter(part, &demand, now);
            state.in_flight += usize::from(capped);
            let closings = self.closings();
            return Ok(Entry::Granted { lane: index, grant, closings });
        }
        lane.fits(&demand)?;
        if self.backlog.is_some_and(|most| lane.line.waiting() >= most) {
            return Err(LaneError::Full { lane: lane.name.clone(), waiting: lane.line.waiting() });
        }
        let (granted, notify) = (OnceLock::new(), Notify::new());
        let waiter = Arc::new(Waiter { ticket, part, demand, capped, granted, notify });
        lane.line.push(Arc::clone(&waiter));
        Ok(Entry::Waits { lane: index, waiter })
    }

    /// What a waiter is to do next.
    pub(super) fn look(&self, lane: usize, waiter: &Waiter, deadline: Option<Instant>) -> Look {
        let now = Instant::now();
        let mut state = self.state();
        state.dispatch(now);
        if waiter.granted.get().is_some() {
            return Look::Granted;
        }
        let lane = &mut state.lanes[lane];
        let too_late = |opens: Instant| deadline.is_some_and(|deadline| opens > deadline);
        if lane.gate.closed(now).is_some_and(too_late)
            && let Some(closed) = lane.gate.state(&lane.name, lane.access, now)
        {
            return Look::TooLate(closed);
        }
        let timed = lane.ready_at.filter(|_| lane.line.is_front(waiter));
        if let Some(at) = timed {
            lane.armed =
                Some(lane.armed.filter(|armed| *armed > now).map_or(at, |armed| armed.min(at)));
        }
        Look::Waits { until: timed, held: lane.ready_at.is_some() }
    }

    /// A waiter that was dropped: out of the line, or back with the place that it never used.
    pub(super) fn abandon(&self, lane: usize, waiter: &Waiter) {
        let now = Instant::now();
        let mut state = self.state();
        if !state.lanes[lane].line.remove(waiter) && waiter.granted.get().is_some() {
            for (budget, cost) in state.lanes[lane].spends(&waiter.demand) {
                budget.bucket().correct(-cost);
            }
            state.leave(lane, waiter.part, waiter.capped);
        }
        state.lanes[lane].armed = None;
        state.dispatch(now);
    }

    /// A call that ended: its place goes to the next.
    pub(super) fn leave(&self, entered: &Entered, feedback: Option<&Feedback>) -> Spread {
        let now = Instant::now();
        let mut state = self.state();
        let mut spread = Spread::default();
        if let Some(feedback) = feedback {
            let lane = &mut state.lanes[entered.lane];
            let calm = lane.is_calm(now) && feedback.used.is_none_or(|used| used < PRESSED);
            if feedback.success {
                lane.gate.succeeded();
                let took = now.saturating_duration_since(entered.grant.at);
                lane.controller.succeeded(entered.grant.at_limit, calm, took);
            }
            spread = state.learn(entered.lane, &entered.demand, feedback, entered.grant.at, now);
            self.count_closing(feedback);
        }
        state.leave(entered.lane, entered.part, entered.capped);
        state.dispatch(now);
        spread
    }

    fn count_closing(&self, feedback: &Feedback) {
        if feedback.refusal.is_some() {
            self.closings.fetch_add(1, Ordering::Release);
        }
    }

    /// T4: what an item of a batch says about its lane. Items are answered together, so refusals within
    /// a second are one event.
    pub(super) fn observe(&self, demand: &Demand, path: &str, feedback: &Feedback) -> Spread {
        let now = Instant::now();
        let sent = now.checked_sub(Duration::from_secs(1)).unwrap_or(now);
        let mut state = self.state();
        let index = self.lane_index(&mut state, demand, path, now);
        let spread = state.learn(index, demand, feedback, sent, now);
        self.count_closing(feedback);
        state.dispatch(now);
        spread
    }

    /// A refusal of another account whose scope takes this one in.
    pub(super) fn close_with(&self, id: LaneId, access: Option<Access>, refusal: &Refusal) {
        let now = Instant::now();
        let mut state = self.state();
        state.close(id, access, refusal, now, now);
        self.closings.fetch_add(1, Ordering::Release);
    }

    /// Until when a lane that was entered is closed after all.
    pub(super) fn closed(&self, lane: usize) -> Option<(Instant, ClosedLane)> {
        let now = Instant::now();
        let state = self.state();
        let lane = &state.lanes[lane];
        Some((lane.gate.closed(now)?, lane.gate.state(&lane.name, lane.access, now)?))
    }

    pub(super) fn snapshot(&self) -> Vec<LaneSnapshot> {
        let now = Instant::now();
        let state = self.state();
        state.lanes.iter().map(|lane| lane.snapshot(&self.identity.key, now)).collect()
    }

    pub(super) fn snapshot_of(&self, lane: usize) -> LaneSnapshot {
        self.state().lanes[lane].snapshot(&self.identity.key, Instant::now())
    }

    fn lane_index(&self, state: &mut State, demand: &Demand, path: &str, now: Instant) -> usize {
        let place = (demand.lane, demand.access);
        if let Some(index) = state.places.get(&place) {
            return *index;
        }
        let (name, specs) = match demand.lane {
            LaneId::Known(index) => {
                (table::lane_name(index).to_owned(), LANES[usize::from(index)].budgets)
            }
            LaneId::Other(_) => (table::first_segment(path).to_ascii_lowercase(), &[][..]),
        };
        let sibling = state.lanes.iter().find(|lane| lane.id == demand.lane);
        let budgets = match sibling {
            Some(sibling) => sibling.budgets.clone(),
            None => self.open_budgets(state.budgets, demand.lane, specs, now),
        };
        let unlimited = matches!(demand.lane, LaneId::Other(_));
        state.lanes.push(Lane {
            id: demand.lane,
            name,
            access: demand.access,
            gate: Gate::default(),
            controller: if unlimited { Controller::unlimited() } else { Controller::new() },
            in_flight: 0,
            line: Line::new(&self.partitions),
            budgets,
            pressed: None,
            refusals: 0,
            ready_at: None,
            armed: None,
        });
        state.places.insert(place, state.lanes.len() - 1);
        state.lanes.len() - 1
    }

    fn open_budgets(
        &self,
        budgets: Budgets,
        lane: LaneId,
        specs: &'static [BudgetSpec],
        now: Instant,
    ) -> Vec<Budget> {
        let own = |bucket| Arc::new(Mutex::new(bucket));
        let documented = match budgets {
            Budgets::Documented(size) if !specs.is_empty() => size.map(|size| size as usize),
            _ => return vec![Budget { spec: None, bucket: own(Bucket::learned(now)) }],
        };
        let open = |(index, spec): (usize, &'static BudgetSpec), lane: Option<LaneId>| {
            let fresh = || own(Bucket::documented(spec, documented, now));
            let bucket = match self.identity.of(spec.scope) {
                None => fresh(),
                Some(spender) => {
                    let key = BudgetKey { scope: spec.scope, spender, lane, index };
                    self.shared.open(key, fresh)
                }
            };
            Budget { spec: Some(spec), bucket }
        };
        let of_lane = specs.iter().enumerate().map(|it| open(it, Some(lane)));
        of_lane.chain(EVERY_REQUEST.iter().enumerate().map(|it| open(it, None))).collect()
    }
}

/// The result of asking for a place.
pub(super) enum Entry {
    Granted { lane: usize, grant: Grant, closings: u64 },
    Waits { lane: usize, waiter: Arc<Waiter> },
}

/// What a waiter finds.
pub(super) enum Look {
    Granted,
    /// The gate opens after the caller's deadline.
    TooLate(ClosedLane),
    Waits {
        /// When to look again, for the first in line.
        until: Option<Instant>,
        /// The gate or a budget holds the line, not a missing place.
        held: bool,
    },
}

/// A place that is in use.
#[derive(Debug)]
pub(super) struct Entered {
    pub(super) lane: usize,
    pub(super) part: usize,
    pub(super) capped: bool,
    pub(super) demand: Demand,
    pub(super) grant: Grant,
}
