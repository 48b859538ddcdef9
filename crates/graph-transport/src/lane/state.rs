//! What an account knows about its lanes, and how it decides and learns; always under the account's lock.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use tokio::time::Instant;
use tracing::warn;

use super::bucket::{Bucket, PRESSED};
use super::demand::{Access, Demand, LaneId};
use super::error::LaneError;
use super::feedback::{Feedback, Refusal};
use super::gate::{Gate, LONG_WAIT};
use super::limit::Controller;
use super::line::{Grant, Line};
use super::registry::Budgets;
use super::snapshot::{LaneSnapshot, Remaining};
use super::table::{BudgetSpec, Counts, Scope};

#[derive(Debug)]
pub(super) struct State {
    pub(super) budgets: Budgets,
    /// `max_concurrent_requests`, over all lanes.
    pub(super) cap: Option<usize>,
    pub(super) in_flight: usize,
    pub(super) lanes: Vec<Lane>,
    pub(super) places: BTreeMap<(LaneId, Access), usize>,
    pub(super) next_ticket: u64,
}

#[derive(Debug)]
pub(super) struct Lane {
    pub(super) id: LaneId,
    pub(super) name: String,
    pub(super) access: Access,
    pub(super) gate: Gate,
    pub(super) controller: Controller,
    pub(super) in_flight: usize,
    pub(super) line: Line,
    pub(super) budgets: Vec<Budget>,
    /// The last time that Graph said the limit is near.
    pub(super) pressed: Option<Instant>,
    pub(super) refusals: u64,
    /// When the next in line may go, and for when somebody in the line has set a timer.
    pub(super) ready_at: Option<Instant>,
    pub(super) armed: Option<Instant>,
}

/// A bucket and what it counts; reads and writes of a class, and scopes beyond the account, share buckets.
#[derive(Clone, Debug)]
pub(super) struct Budget {
    /// `None` for one that nothing documents.
    pub(super) spec: Option<&'static BudgetSpec>,
    pub(super) bucket: Arc<Mutex<Bucket>>,
}

/// Whether the next in line may go.
pub(super) enum Admission {
    Now,
    At(Instant),
    /// When somebody comes back.
    NoPlace,
    /// It asks for more than a budget ever holds (Q16).
    Never,
}

impl Budget {
    fn cost(&self, demand: &Demand) -> f64 {
        f64::from(match self.spec.map(|spec| spec.counts) {
            Some(Counts::ResourceUnits) => demand.units,
            Some(Counts::Requests) => demand.requests,
            Some(Counts::Writes) => demand.writes,
            None => demand.units.max(demand.requests),
        })
    }

    pub(super) fn bucket(&self) -> MutexGuard<'_, Bucket> {
        self.bucket.lock().expect("no panic while the lock is held")
    }
}

impl Lane {
    /// Whether a request may enter; `full` where the cap on all lanes leaves no place for it.
    pub(super) fn admission(&self, demand: &Demand, full: bool, now: Instant) -> Admission {
        if let Some(opens) = self.gate.closed(now) {
            return Admission::At(opens);
        }
        if full || !self.controller.allows(self.in_flight) {
            return Admission::NoPlace;
        }
        let mut wait: Option<Duration> = None;
        for (budget, cost) in self.spends(demand) {
            let mut bucket = budget.bucket();
            if bucket.beyond(cost).is_some() {
                return Admission::Never;
            }
            wait = wait.max(bucket.wait(cost, now));
        }
        wait.map_or(Admission::Now, |wait| {
            // A timer that fires a moment early would only have to be set again.
            Admission::At(now + wait + Duration::from_micros(1))
        })
    }

    /// Whether the budgets ever hold so much (Q16).
    pub(super) fn fits(&self, demand: &Demand) -> Result<(), LaneError> {
        for (budget, cost) in self.spends(demand) {
            if let Some(capacity) = budget.bucket().beyond(cost) {
                #[expect(
                    clippy::cast_possible_truncation,
                    clippy::cast_sign_loss,
                    reason = "whole numbers of the table and of costs"
                )]
                let (asked, capacity) = (cost as u64, capacity as u64);
                let (lane, access) = (self.name.clone(), self.access);
                return Err(LaneError::OverCapacity { lane, access, asked, capacity });
            }
        }
        Ok(())
    }

    pub(super) fn spends<'a>(
        &'a self,
        demand: &'a Demand,
    ) -> impl Iterator<Item = (&'a Budget, f64)> {
        let costs = self.budgets.iter().map(move |budget| (budget, budget.cost(demand)));
        costs.filter(|(_, cost)| *cost > 0.0)
    }

    pub(super) fn enter(&mut self, part: usize, demand: &Demand, now: Instant) -> Grant {
        for (budget, cost) in self.spends(demand) {
            budget.bucket().take(cost, now);
        }
        self.in_flight += 1;
        self.line.entered(part, demand);
        Grant { at: now, at_limit: !self.controller.allows(self.in_flight) }
    }

    /// The budget that a refusal or a reading is about.
    fn budget_of(&self, refusal: Option<&Refusal>) -> Option<&Budget> {
        let writes = refusal.is_some_and(|refusal| {
            refusal.is_write_limit() || (refusal.limit().is_none() && self.access == Access::Write)
        });
        let spenders = refusal.and_then(Refusal::spenders).unwrap_or(Scope::AppAndTenant);
        let counts = |budget: &&Budget| {
            budget.spec.is_none_or(|spec| (spec.counts == Counts::Writes) == writes)
        };
        let scope = |budget: &&Budget| budget.spec.is_none_or(|spec| spec.scope == spenders);
        let mut of_kind = self.budgets.iter().filter(counts);
        of_kind.clone().find(scope).or_else(|| of_kind.next()).or(self.budgets.first())
    }

    pub(super) fn is_calm(&self, now: Instant) -> bool {
        self.pressed.is_none_or(|at| now.saturating_duration_since(at) >= Duration::from_secs(1))
    }

    pub(super) fn close(&mut self, refusal: &Refusal, sent: Instant, now: Instant) {
        let Refusal { wait, reason, scope } = refusal.clone();
        let opens = self.gate.close(wait, reason, scope, now);
        let news = self.controller.shrink(self.in_flight, sent, now);
        if let Some(budget) = self.budget_of(Some(refusal)) {
            let mut bucket = budget.bucket();
            if news { bucket.refused(opens, now) } else { bucket.hold(opens) }
        }
        self.refusals += 1;
        self.pressed = Some(now);
        self.line.notify_all(); // who cannot wait that long is told at once
        if news && opens - now >= LONG_WAIT {
            warn!(
                lane = self.name,
                "Graph asks to wait {} s; every request of this lane waits",
                (opens - now).as_secs()
            );
        }
    }

    fn learn(&mut self, demand: &Demand, feedback: &Feedback, sent: Instant, now: Instant) {
        if let Some(units) = feedback.units.filter(|_| feedback.success) {
            let counts = |budget: &&Budget| {
                budget.spec.is_none_or(|spec| spec.counts == Counts::ResourceUnits)
            };
            for budget in self.budgets.iter().filter(counts) {
                budget.bucket().correct(units - budget.cost(demand));
            }
        }
        match feedback.used {
            Some(used) if used >= PRESSED => {
                self.pressed = Some(now);
                if used >= 1.0 {
                    self.controller.shrink(self.in_flight, sent, now);
                }
                self.budget_of(None).into_iter().for_each(|it| it.bucket().pressed(used, now));
            }
            _ if feedback.success => self.budgets.iter().for_each(|it| it.bucket().eased(now)),
            _ => {}
        }
    }

    pub(super) fn snapshot(&self, key: &str, now: Instant) -> LaneSnapshot {
        let state = self.budget_of(None).and_then(|budget| budget.bucket().state(now));
        LaneSnapshot {
            key: key.to_owned(),
            lane: self.name.clone(),
            access: self.access,
            in_flight: self.in_flight,
            limit: self.controller.limit(),
            waiting: self.line.waiting(),
            closed: self.gate.state(&self.name, self.access, now),
            refusals: self.refusals,
            budget: state.map(|(left, capacity, per_second)| Remaining {
                left,
                capacity,
                per_second,
            }),
        }
    }
}

impl State {
    pub(super) fn new(budgets: Budgets) -> Self {
        let (lanes, places) = (Vec::new(), BTreeMap::new());
        Self { budgets, cap: None, in_flight: 0, lanes, places, next_ticket: 0 }
    }

    /// A place is free again.
    pub(super) fn leave(&mut self, lane: usize, part: usize, capped: bool) {
        let lane = &mut self.lanes[lane];
        lane.in_flight -= 1;
        lane.line.left(part);
        self.in_flight -= usize::from(capped);
    }

    pub(super) fn is_full(&self) -> bool {
        self.cap.is_some_and(|cap| self.in_flight >= cap)
    }

    /// Lets in whoever may go: of several lanes, the one whose next in line came first.
    pub(super) fn dispatch(&mut self, now: Instant) {
        // Nearly always, and every call ends here.
        if self.lanes.iter().all(|lane| lane.line.waiting() == 0) {
            self.lanes.iter_mut().for_each(|lane| lane.ready_at = None);
            return;
        }
        loop {
            let full = self.is_full();
            let mut best: Option<(u64, usize)> = None;
            for (index, lane) in self.lanes.iter_mut().enumerate() {
                lane.ready_at = None;
                let Some(waiter) = lane.line.next(lane.controller.limit()) else { continue };
                match lane.admission(&waiter.demand, full && waiter.capped, now) {
                    Admission::Now if best.is_none_or(|(ticket, _)| waiter.ticket < ticket) => {
                        best = Some((waiter.ticket, index));
                    }
                    Admission::At(at) => lane.ready_at = Some(at),
                    Admission::Now | Admission::NoPlace | Admission::Never => {}
                }
            }
            let Some((_, index)) = best else { break };
            self.grant(index, now);
        }
        for lane in &mut self.lanes {
            if lane
                .ready_at
                .is_some_and(|at| lane.armed.is_none_or(|armed| armed > at || armed <= now))
            {
                lane.armed = None;
                lane.line.notify_fronts();
            }
        }
    }

    fn grant(&mut self, index: usize, now: Instant) {
        let lane = &mut self.lanes[index];
        let limit = lane.controller.limit();
        let waiter = Arc::clone(lane.line.next(limit).expect("dispatch found it a moment ago"));
        lane.line.remove(&waiter);
        lane.armed = None;
        let grant = lane.enter(waiter.part, &waiter.demand, now);
        self.in_flight += usize::from(waiter.capped);
        waiter.granted.set(grant).expect("who left the line is granted once");
        waiter.notify.notify_one();
    }
}

impl State {
    /// What an answer says about the lane that its request was in, and about its neighbours.
    pub(super) fn learn(
        &mut self,
        index: usize,
        demand: &Demand,
        feedback: &Feedback,
        sent: Instant,
        now: Instant,
    ) -> Spread {
        let lane = &mut self.lanes[index];
        let Some(refusal) = &feedback.refusal else {
            lane.learn(demand, feedback, sent, now);
            return Spread::default();
        };
        let id = lane.id;
        // `Tenant/Write/…` stops writes only (facts: graph-protocol 3.4).
        let access = match refusal.limit() {
            Some("Read") => Some(Access::Read),
            Some("Write") => Some(Access::Write),
            Some("ReadWrite") => None,
            _ => Some(lane.access),
        };
        self.close(id, access, refusal, sent, now);
        let beyond = refusal.spenders().filter(|scope| *scope != Scope::AppAndTenant);
        Spread(beyond.map(|scope| (scope, id, access, refusal.clone())))
    }

    /// Closes the lanes of a class; `None` for reads and writes alike.
    pub(super) fn close(
        &mut self,
        id: LaneId,
        access: Option<Access>,
        refusal: &Refusal,
        sent: Instant,
        now: Instant,
    ) {
        let concerned =
            |lane: &&mut Lane| lane.id == id && access.is_none_or(|it| it == lane.access);
        self.lanes.iter_mut().filter(concerned).for_each(|lane| lane.close(refusal, sent, now));
    }
}

/// A refusal that concerns further accounts of the process.
#[derive(Debug, Default)]
pub(super) struct Spread(pub(super) Option<(Scope, LaneId, Option<Access>, Refusal)>);
