//! One budget as a token bucket whose rate follows what Graph says about it.
//!
//! A documented budget begins at the figure of the table; one that nothing documents holds nobody
//! back until Graph first complains, and is estimated then. From there on both learn alike:
//! `x-ms-throttle-limit-percentage` slows the refill in proportion, and the rate follows what is
//! sustained; a 429 cuts it; time without either lets it grow again, slowly at first.

use std::time::Duration;

use tokio::time::Instant;

use super::table::{BudgetSpec, Shape};

/// From here on Graph sends `x-ms-throttle-limit-percentage` (facts: graph-protocol 3.4).
pub(super) const PRESSED: f64 = 0.8;

/// The part of the rate that is left when the limit is reached.
const LEAST_EASING: f64 = 0.1;

/// How often the rate is adjusted.
const SETTLE: Duration = Duration::from_secs(1);

/// The growth of the rate in the first unpressed second; doubles with each further one.
const FIRST_GROWTH: f64 = 0.02;
const MOST_GROWTH: f64 = 0.5;

/// The growth near a rate at which Graph refused: probing on costs refusals.
const CAUTIOUS_GROWTH: f64 = 0.005;
const CAUTIOUS_FROM: f64 = 0.85;

/// What a 429 leaves of the rate, and what another one soon after the first leaves.
const CUT: f64 = 0.7;
const DEEPER_CUT: f64 = 0.5;

/// No fewer units a second than this are assumed of a budget that is known from nothing but one 429:
/// it may have been a passing fault.
const ASSUMED_LEAST: f64 = 50.0;

/// The window of budgets that nothing documents: that of resource units (facts: graph-protocol 3.2).
const USUAL_WINDOW: f64 = 10.0;

#[derive(Debug)]
pub(super) struct Bucket {
    /// Seconds in which an empty bucket fills up.
    window: f64,
    rate: Option<Rate>,
    level: f64,
    /// The level is of this moment; in the future while the lane is closed.
    filled: Instant,
    /// The last reading of the header and when it was taken.
    pressure: Option<(f64, Instant)>,
    history: History,
    growth: f64,
    settled: Instant,
    /// Somebody waited for this bucket since the rate was last adjusted.
    limited: bool,
    /// It was closed a moment ago.
    reopened: bool,
    /// The rate at which Graph last refused, and when.
    failed: Option<(f64, Instant)>,
}

#[derive(Clone, Copy, Debug)]
struct Rate {
    per_second: f64,
    /// What may be spent at once after a rest.
    capacity: f64,
    /// The documented amount of a window; `None` for a learned rate.
    documented: Option<f64>,
    /// No growth beyond it.
    ceiling: f64,
    /// How many seconds of refill the capacity holds.
    stock: f64,
}

/// What was spent lately, so that a first complaint can be turned into a rate.
#[derive(Debug)]
struct History {
    /// Units, each forgotten over a window.
    spent: f64,
    /// The part of a window that was seen, forgotten alike.
    lived: f64,
    at: Instant,
}

impl History {
    fn spend(&mut self, units: f64, window: f64, now: Instant) {
        let kept = (-(now - self.at).as_secs_f64() / window).exp();
        self.spent = self.spent * kept + units;
        self.lived = 1.0 - (1.0 - self.lived) * kept;
        self.at = now;
    }

    /// The rate of a bucket that was full and is now spent to this part: what went out of it is that
    /// part and what flowed in meanwhile.
    fn rate(&self, used: f64, window: f64) -> f64 {
        (self.spent / (used + self.lived) / window).max(f64::MIN_POSITIVE)
    }
}

impl Bucket {
    /// A budget of the table. `size` indexes the amounts; without it the tenant counts as small and
    /// may turn out large (facts: graph-protocol 13.2).
    pub(super) fn documented(spec: &BudgetSpec, size: Option<usize>, now: Instant) -> Self {
        let window = f64::from(spec.seconds);
        let amount = |size: usize| f64::from(spec.amounts[size]) * spec.share;
        let start = amount(size.unwrap_or(0));
        let ceiling = amount(size.unwrap_or(2));
        let (capacity, smoothing) = match spec.shape {
            Shape::Bucket => (start, 1.0),
            // Burst and refill together stay within the amount, wherever a window begins.
            Shape::Window => {
                let burst = (start / 20.0).max(1.0);
                (burst, (start - burst + 1.0).min(start) / start)
            }
        };
        let per_second = start * smoothing / window;
        let rate = Rate {
            per_second,
            capacity,
            documented: Some(start.max(1.0)),
            ceiling: ceiling * smoothing / window,
            stock: capacity / per_second,
        };
        Self { rate: Some(rate), level: capacity, ..Self::unknown(window, now) }
    }

    /// A budget that nothing documents.
    pub(super) fn learned(now: Instant) -> Self {
        Self::unknown(USUAL_WINDOW, now)
    }

    fn unknown(window: f64, now: Instant) -> Self {
        Self {
            window,
            rate: None,
            level: 0.0,
            filled: now,
            pressure: None,
            history: History { spent: 0.0, lived: 0.0, at: now },
            growth: FIRST_GROWTH,
            settled: now,
            limited: false,
            reopened: false,
            failed: None,
        }
    }

    /// The documented amount, if `units` is more than that: no wait would be long enough (Q16).
    pub(super) fn beyond(&self, units: f64) -> Option<f64> {
        self.rate.and_then(|rate| rate.documented).filter(|amount| units > *amount)
    }

    /// How long until `units` may be spent; `None` for at once (Q13).
    pub(super) fn wait(&mut self, units: f64, now: Instant) -> Option<Duration> {
        let rate = self.rate?;
        if now < self.filled {
            return Some(self.filled - now);
        }
        self.fill(now);
        // While Graph says that the limit is near, it keeps a fifth in reserve: the exact moment of
        // one request matters less than that nobody waits for more than the refill ever holds.
        let paced = self.reopened || self.is_pressed(now);
        let needed = if paced { units.min(1.0) } else { units.min(rate.capacity) };
        let missing = needed - self.level;
        if missing <= 1e-9 {
            return None;
        }
        self.limited = true;
        Some(Duration::from_secs_f64((missing / self.flow(now)).min(86_400.0)))
    }

    /// Spends; a level below zero is what the next one waits for.
    pub(super) fn take(&mut self, units: f64, now: Instant) {
        self.fill(now);
        self.level -= units;
        self.history.spend(units, self.window, now);
    }

    /// What a request really cost, or what was not spent after all.
    pub(super) fn correct(&mut self, more: f64) {
        self.level -= more;
        self.history.spent = (self.history.spent + more).max(0.0);
    }

    /// An answer with `x-ms-throttle-limit-percentage` (T6).
    pub(super) fn pressed(&mut self, used: f64, now: Instant) {
        if used < PRESSED {
            return self.eased(now);
        }
        self.fill(now);
        if self.rate.is_none() {
            self.learn(self.history.rate(used, self.window), now);
        }
        let Some(rate) = &mut self.rate else { return };
        self.level = self.level.min((rate.per_second * 0.02).max(1.0));
        if now.saturating_duration_since(self.settled) >= SETTLE {
            rate.per_second *= f64::midpoint(1.0, easing(used));
            (self.settled, self.limited) = (now, false);
        }
        self.growth = FIRST_GROWTH;
        self.pressure = Some((used, now));
    }

    /// An answer without it: the limit is far, and a rate that holds somebody back may grow.
    pub(super) fn eased(&mut self, now: Instant) {
        self.fill(now);
        let calm = self.pressure.is_none_or(|(_, at)| now.saturating_duration_since(at) >= SETTLE);
        let Some(rate) = &mut self.rate else { return };
        if !calm || now.saturating_duration_since(self.settled) < SETTLE {
            return;
        }
        self.reopened = false;
        if self.limited {
            let cautious =
                self.failed.is_some_and(|(failed, _)| rate.per_second >= failed * CAUTIOUS_FROM);
            let growth = if cautious { CAUTIOUS_GROWTH } else { self.growth };
            let factor = (1.0 + growth).min(rate.ceiling / rate.per_second).max(1.0);
            rate.per_second *= factor;
            // A rate that was cut grows back; the capacity was not cut with it.
            let capacity = rate.capacity.max(rate.per_second * rate.stock);
            // A tenant that turns out larger had the larger stock all along.
            if rate.documented.is_some() && self.failed.is_none() {
                self.level += capacity - rate.capacity;
            }
            rate.capacity = capacity;
            self.growth = (self.growth * 2.0).min(MOST_GROWTH);
        }
        (self.settled, self.limited) = (now, false);
    }

    /// A refusal. Nothing flows in before the lane opens again, and what flows then is less.
    pub(super) fn refused(&mut self, opens: Instant, now: Instant) {
        if self.failed.is_some_and(|(_, at)| at == now) {
            return self.hold(opens); // reads and writes share this bucket
        }
        self.fill(now);
        match &mut self.rate {
            None => {
                let rate = self.history.rate(1.0, self.window).max(ASSUMED_LEAST);
                self.learn(rate, now);
                self.failed = Some((f64::INFINITY, now));
            }
            Some(rate) => {
                let window = Duration::from_secs_f64(self.window);
                let again =
                    self.failed.is_some_and(|(_, at)| now.saturating_duration_since(at) < window);
                self.failed = Some((rate.per_second, now));
                rate.per_second *= if again { DEEPER_CUT } else { CUT };
            }
        }
        self.growth = FIRST_GROWTH;
        self.hold(opens);
    }

    /// Nothing flows in before the lane opens.
    pub(super) fn hold(&mut self, opens: Instant) {
        // The first may go when the lane opens, each further one when the refill allows it (T8).
        (self.level, self.reopened) = (self.level.min(1.0), true);
        self.filled = self.filled.max(opens);
        (self.settled, self.limited) = (self.settled.max(opens), false);
    }

    /// The tenant was counted: another amount of the table.
    pub(super) fn resize(&mut self, spec: &BudgetSpec, size: usize, now: Instant) {
        let fresh = Self::documented(spec, Some(size), now);
        let (Some(rate), Some(new)) = (&mut self.rate, fresh.rate) else { return };
        if rate.documented.is_none() {
            return;
        }
        self.level += new.capacity - rate.capacity;
        *rate = new;
    }

    /// What is left, the capacity and the refill a second; `None` while nothing is known (Q18).
    pub(super) fn state(&self, now: Instant) -> Option<(f64, f64, f64)> {
        let rate = self.rate?;
        let flow = self.flow(now);
        let gained = now.saturating_duration_since(self.filled).as_secs_f64() * flow;
        Some(((self.level + gained).min(rate.capacity), rate.capacity, flow))
    }

    fn learn(&mut self, per_second: f64, now: Instant) {
        let capacity = per_second * self.window;
        let (documented, ceiling, stock) = (None, f64::INFINITY, self.window);
        self.rate = Some(Rate { per_second, capacity, documented, ceiling, stock });
        (self.level, self.settled) = (0.0, now);
    }

    fn fill(&mut self, now: Instant) {
        if now <= self.filled {
            return;
        }
        if let Some(rate) = self.rate {
            let gained = (now - self.filled).as_secs_f64() * self.flow(now);
            self.level = (self.level + gained).min(rate.capacity);
        }
        self.filled = now;
    }

    /// The refill a second, eased by what Graph last said.
    fn flow(&self, now: Instant) -> f64 {
        let per_second = self.rate.map_or(f64::INFINITY, |rate| rate.per_second);
        per_second * self.reading(now).map_or(1.0, easing)
    }

    fn is_pressed(&self, now: Instant) -> bool {
        self.reading(now).is_some_and(|used| used >= PRESSED)
    }

    /// The last reading; a bucket that nobody spends from recovers within its window.
    fn reading(&self, now: Instant) -> Option<f64> {
        let (used, at) = self.pressure?;
        Some(used - now.saturating_duration_since(at).as_secs_f64() / self.window)
    }
}

/// 1 at 0.8, [`LEAST_EASING`] from 1.0 on.
fn easing(used: f64) -> f64 {
    let near = ((used - PRESSED) / (1.0 - PRESSED)).clamp(0.0, 1.0);
    1.0 - near * (1.0 - LEAST_EASING)
}

#[cfg(test)]
mod tests;
