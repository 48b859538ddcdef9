//! Places in lanes: how a request gets them one after the other, and gives them back.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, sleep_until};

use super::account::{Account, Entered, Entry, Look};
use super::demand::Demands;
use super::error::LaneError;
use super::gate::ClosedLane;
use super::line::Waiter;
use super::service::LaneLayer;
use crate::answer::Answer;
use crate::error::{Error, TimeoutPhase};
use crate::request::GraphRequest;

/// A request between its lanes.
pub(super) struct Entering {
    pub(super) permits: Permits,
    demands: Demands,
    part: usize,
    entered: usize,
    waiting: Option<Waiting>,
}

impl Entering {
    /// Asks for a place in each lane, in order, as far as they are given at once.
    pub(super) fn begin(
        settings: &LaneLayer,
        demands: Demands,
        part: usize,
        is_batch: bool,
        path: &str,
    ) -> Result<Self, LaneError> {
        let permits = Permits { first: None, more: Vec::new(), is_batch };
        let mut entering = Self { permits, demands, part, entered: 0, waiting: None };
        entering.go_on(settings, path)?;
        Ok(entering)
    }

    pub(super) fn is_over(&self) -> bool {
        self.waiting.is_none()
    }

    /// Enters lane after lane until one makes it wait.
    fn go_on(&mut self, settings: &LaneLayer, path: &str) -> Result<(), LaneError> {
        while let Some(demand) = self.demands.get(self.entered) {
            // A request is one of `max_concurrent_requests`, in however many lanes it is.
            let capped = self.entered == 0;
            let account = Arc::clone(&settings.account);
            match account.try_enter(demand, self.part, capped, path)? {
                Entry::Granted { lane, grant, closings } => {
                    let entered = Entered { lane, part: self.part, capped, demand, grant };
                    self.permits.push(Permit { account, entered, closings, over: false });
                    self.entered += 1;
                }
                Entry::Waits { lane, waiter } => {
                    self.waiting = Some(Waiting { account, lane, waiter, over: false });
                    break;
                }
            }
        }
        Ok(())
    }

    pub(super) async fn wait(
        mut self,
        settings: &LaneLayer,
        request: &GraphRequest,
    ) -> Result<Permits, Error> {
        while let Some(mut waiting) = self.waiting.take() {
            waiting.wait(request.trail.deadline(), settings.pool).await?;
            self.permits.push(waiting.granted());
            self.entered += 1;
            self.go_on(settings, request.link.path())?;
        }
        Ok(self.permits)
    }
}

/// A request in line; dropping it takes it out, or gives back what it was given.
struct Waiting {
    account: Arc<Account>,
    lane: usize,
    waiter: Arc<Waiter>,
    over: bool,
}

impl Waiting {
    async fn wait(&self, deadline: Option<Instant>, pool: Option<Duration>) -> Result<(), Error> {
        // The pool timeout bounds the wait for a place; a gate or a budget has times of its own.
        let mut place_by = pool.map(|limit| Instant::now() + limit);
        loop {
            let (until, held) = match self.account.look(self.lane, &self.waiter, deadline) {
                Look::Granted => return Ok(()),
                Look::TooLate(closed) => return Err(throttled(closed)),
                Look::Waits { until, held } => (until, held),
            };
            if let (Some(limit), Some(by)) = (pool, place_by) {
                if held {
                    place_by = Some(Instant::now() + limit);
                } else if by <= Instant::now() {
                    let (phase, tried) = (TimeoutPhase::Pool, Box::default());
                    return Err(Error::Timeout { phase, limit, tried });
                }
            }
            let wake = [until, place_by].into_iter().flatten().min();
            tokio::select! {
                () = self.waiter.notify.notified() => {}
                () = sleep_until(wake.unwrap_or_else(Instant::now)), if wake.is_some() => {}
            }
        }
    }
}

impl Waiting {
    /// The place that the wait ended with.
    fn granted(&mut self) -> Permit {
        self.over = true;
        let grant = *self.waiter.granted.get().expect("the wait ended with a grant");
        let Waiter { part, capped, demand, .. } = *self.waiter;
        let entered = Entered { lane: self.lane, part, capped, demand, grant };
        // A gate may have closed since the place was given.
        let closings = u64::MAX;
        Permit { account: Arc::clone(&self.account), entered, closings, over: false }
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        if !self.over {
            self.account.abandon(self.lane, &self.waiter);
        }
    }
}

/// A place in a lane; dropping it, for example when a call is cancelled, gives it back.
#[derive(Debug)]
struct Permit {
    account: Arc<Account>,
    entered: Entered,
    /// How often a gate of the account had closed when it was given.
    closings: u64,
    over: bool,
}

impl Drop for Permit {
    fn drop(&mut self) {
        if !self.over {
            self.account.leave(&self.entered, None);
        }
    }
}

/// The places of one request, in the order of its demands; nearly always one.
#[derive(Debug)]
pub(super) struct Permits {
    first: Option<Permit>,
    more: Vec<Permit>,
    is_batch: bool,
}

impl Permits {
    fn push(&mut self, permit: Permit) {
        match &mut self.first {
            None => self.first = Some(permit),
            Some(_) => self.more.push(permit),
        }
    }

    pub(super) fn passages(&self) -> Passages {
        let passage = |permit: &Permit| Passage {
            account: Arc::clone(&permit.account),
            lane: permit.entered.lane,
            closings: permit.closings,
        };
        let more = self.more.iter().map(passage).collect();
        Passages { first: self.first.as_ref().map(passage), more }
    }

    /// Gives the places back and lets every lane learn; a refusal closes the narrowest, which is the last.
    pub(super) fn learn(mut self, answer: &Answer, settings: &LaneLayer) {
        let mut feedback = settings.throttle.read(answer.status, &answer.headers);
        if self.is_batch {
            feedback.units = None; // each item tells its own
        }
        while let Some(mut permit) = self.more.pop().or_else(|| self.first.take()) {
            permit.over = true;
            let spread = permit.account.leave(&permit.entered, Some(&feedback));
            settings.lanes.spread(&permit.account, spread);
            if settings.observe.measures() {
                settings.gauge(&permit.account.snapshot_of(permit.entered.lane));
            }
            feedback.refusal = None;
        }
    }
}

/// The lanes that a request is in, for the last look.
#[derive(Clone, Debug, Default)]
pub(crate) struct Passages {
    first: Option<Passage>,
    more: Vec<Passage>,
}

#[derive(Clone, Debug)]
struct Passage {
    account: Arc<Account>,
    lane: usize,
    closings: u64,
}

impl Passages {
    /// Until when the lanes are closed after all, and why.
    pub(super) fn closed(&self) -> Option<(Instant, ClosedLane)> {
        let all = self.first.iter().chain(&self.more);
        // Where no gate has closed since, nothing has to be looked at.
        all.filter(|it| it.account.closings() != it.closings)
            .filter_map(|it| it.account.closed(it.lane))
            .max_by_key(|it| it.0)
    }
}

/// R28: the wait would end after the caller's deadline.
pub(super) fn throttled(closed: ClosedLane) -> Error {
    Error::Throttled { wait: closed.opens_in, closed: Box::new(closed), tried: Box::default() }
}
