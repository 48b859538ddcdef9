//! The concurrency of a lane: how many requests may be under way, learned from answers.

use std::time::Duration;

use tokio::time::Instant;

/// `max_concurrent_requests`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Concurrency {
    /// At most this many requests at once over all lanes of the key; the seeds' default is 4. The
    /// lanes' controllers work below it.
    Limit(u16),
    /// The lanes' controllers alone.
    Auto,
}

impl Default for Concurrency {
    fn default() -> Self {
        Self::Limit(4)
    }
}

/// Where a lane begins, and where it stops growing.
const START: f64 = 8.0;
const MOST: f64 = 256.0;

/// The growth in a round trip before the first sign of a limit. A quarter at most: what is sent between
/// the crossing of 0.8 and the answer that tells it then fits into the fifth that is left
/// (docs/adr/0007).
const EARLY_GROWTH: f64 = 0.25;

/// What is left when the lane shrinks.
const SHRINK: f64 = 0.75;

/// Latency that counts as queueing: this many times the long-term mean.
const QUEUEING: f64 = 2.0;
/// The guard never goes below this: two slow answers are no queue.
const GUARD_LEAST: f64 = 4.0;

/// Additive growth, multiplicative shrinking, and a guard against queueing (Q11, Q12).
#[derive(Debug)]
pub(super) struct Controller {
    /// Infinite for a lane that nothing has limited yet (T9).
    limit: f64,
    /// No sign of a limit has been seen.
    early: bool,
    /// A request sent before this says nothing new about the limit.
    shrunk: Option<Instant>,
    latency: Latency,
}

impl Controller {
    pub(super) fn new() -> Self {
        Self { limit: START, early: true, shrunk: None, latency: Latency::default() }
    }

    /// For a path without a lane.
    pub(super) fn unlimited() -> Self {
        Self { limit: f64::INFINITY, ..Self::new() }
    }

    pub(super) fn allows(&self, in_flight: usize) -> bool {
        (as_f64(in_flight) + 1.0) <= self.limit.max(1.0)
    }

    /// The limit as people read it; `None` for none.
    pub(super) fn limit(&self) -> Option<usize> {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "between 1 and MOST"
        )]
        self.limit.is_finite().then(|| self.limit.max(1.0) as usize)
    }

    /// A success: by one for each round trip in which the limit was reached.
    pub(super) fn succeeded(&mut self, at_limit: bool, calm: bool, took: Duration) {
        self.early &= calm;
        if let Some(gradient) = self.latency.queueing(took, self.limit) {
            self.early = false;
            self.limit = (self.limit * gradient).max(GUARD_LEAST.min(self.limit));
        } else if at_limit && calm && self.limit.is_finite() {
            let growth = if self.early { EARLY_GROWTH } else { 1.0 / self.limit };
            self.limit = (self.limit + growth).min(MOST);
        }
    }

    /// The limit was reached or crossed. Requests that were sent before the last time do not count again.
    pub(super) fn shrink(&mut self, in_flight: usize, sent: Instant, now: Instant) -> bool {
        if self.shrunk.is_some_and(|shrunk| sent < shrunk) {
            return false;
        }
        let base = if self.limit.is_finite() { self.limit } else { as_f64(in_flight).max(START) };
        self.limit = (base * SHRINK).max(1.0);
        (self.early, self.shrunk) = (false, Some(now));
        true
    }
}

/// Short-term against long-term mean, as Netflix's gradient limit has it: the long-term mean follows, so
/// that a service that has become slower for good is not starved.
#[derive(Debug, Default)]
struct Latency {
    short: f64,
    long: f64,
    samples: u32,
    since_check: f64,
}

impl Latency {
    /// Below 1 where requests queue; looked at once in a round trip.
    fn queueing(&mut self, took: Duration, limit: f64) -> Option<f64> {
        let took = took.as_secs_f64();
        self.samples = self.samples.saturating_add(1);
        // Means over half a round trip and over ten: the more are under way, the more answers those are.
        let (warm_up, recent) = (1.0 / f64::from(self.samples), (2.0 / limit).clamp(0.005, 0.25));
        self.short += (took - self.short) * warm_up.max(recent);
        self.long += (took - self.long) * warm_up.max(recent / 20.0);
        self.since_check += 1.0;
        if self.samples < 32 || self.since_check < limit || !limit.is_finite() {
            return None;
        }
        self.since_check = 0.0;
        if self.long > self.short * 2.0 {
            self.long *= 0.9; // after a slow time the old mean must not hide the next queue
        }
        let tolerated = self.long.max(0.001) * QUEUEING;
        (self.short > tolerated).then(|| (tolerated / self.short).max(0.5))
    }
}

#[expect(clippy::cast_precision_loss, reason = "a number of requests under way")]
fn as_f64(count: usize) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    const QUICK: Duration = Duration::from_millis(20);

    fn round_trip(controller: &mut Controller, took: Duration, at_limit: bool) {
        for _ in 0..controller.limit().unwrap() {
            controller.succeeded(at_limit, true, took);
        }
    }

    /// Q11
    #[test]
    fn it_grows_only_while_the_limit_is_reached_and_shrinks_once_for_one_event() {
        let start = Instant::now();
        let mut controller = Controller::new();
        round_trip(&mut controller, QUICK, false);
        assert_eq!(controller.limit(), Some(8));
        round_trip(&mut controller, QUICK, true);
        assert_eq!(controller.limit(), Some(10), "by a quarter before the first sign");
        assert!(controller.shrink(10, start, start + QUICK));
        assert_eq!(controller.limit(), Some(7));
        assert!(!controller.shrink(9, start, start + QUICK), "sent before it shrank");
        assert_eq!(controller.limit(), Some(7));
        for _ in 0..4 {
            round_trip(&mut controller, QUICK, true);
        }
        assert!((11..=12).contains(&controller.limit().unwrap()), "by one after it");
        while controller.limit() > Some(1) {
            controller.shrink(1, start + QUICK, start);
        }
        assert!(controller.allows(0) && !controller.allows(1), "never below one");
    }

    /// Q12
    #[test]
    fn it_shrinks_when_latency_shows_a_queue_and_recovers() {
        let mut controller = Controller::new();
        for _ in 0..20 {
            round_trip(&mut controller, QUICK, true);
        }
        let before = controller.limit().unwrap();
        for _ in 0..3 {
            round_trip(&mut controller, QUICK * 10, true);
        }
        let queueing = controller.limit().unwrap();
        assert!(queueing < before / 2, "{before} {queueing}");
        for _ in 0..200 {
            round_trip(&mut controller, QUICK, true);
        }
        assert!(controller.limit().unwrap() > before / 2, "{:?}", controller.limit());
    }

    /// T6, T9
    #[test]
    fn pressure_stops_growth_and_an_unknown_lane_has_no_limit_until_it_shrinks() {
        let mut controller = Controller::new();
        for _ in 0..1_000 {
            controller.succeeded(true, false, QUICK);
        }
        assert_eq!(controller.limit(), Some(8));
        let now = Instant::now();
        let mut unknown = Controller::unlimited();
        assert!(unknown.allows(100_000));
        unknown.shrink(40, now, now);
        assert!(unknown.allows(29) && !unknown.allows(30));
    }
}
