//! A bucket that fills evenly up to its capacity.

use std::time::Duration;

use tokio::time::Instant;

/// A budget with what is left of it.
///
/// Repeats that come before the wait is over are counted too, and prolong it (facts: graph-protocol
/// 3.5), up to the largest percentage that Graph tells, 1.8. Requests that were under way when the
/// first one was refused are not.
#[derive(Debug)]
pub(super) struct Bucket {
    capacity: f64,
    per_second: f64,
    level: f64,
    filled: Instant,
    /// Since when requests are refused, and until when they were told to wait.
    refusing: Option<(Instant, Instant)>,
}

/// The largest `x-ms-throttle-limit-percentage`.
const MOST_USED: f64 = 1.8;
/// How long a request may have been under way.
const UNDER_WAY: Duration = Duration::from_secs(1);

impl Bucket {
    pub(super) fn new(capacity: u32, window_ms: u64, now: Instant) -> Self {
        let capacity = f64::from(capacity.max(1));
        let window = Duration::from_millis(window_ms.max(1)).as_secs_f64();
        Self {
            capacity,
            per_second: capacity / window,
            level: capacity,
            filled: now,
            refusing: None,
        }
    }

    pub(super) fn fill(&mut self, now: Instant) {
        let gained = now.duration_since(self.filled).as_secs_f64() * self.per_second;
        self.level = (self.level + gained).min(self.capacity);
        self.filled = now;
    }

    /// How long until there is enough.
    pub(super) fn wait(&self, amount: u32) -> Option<Duration> {
        let missing = f64::from(amount).min(self.capacity) - self.level;
        // Less than a billionth is what sums of fractions are off by.
        (missing > 1e-9).then(|| Duration::from_secs_f64(missing / self.per_second))
    }

    /// Counts a refused request if it came too early, and says how long to wait.
    pub(super) fn refuse(&mut self, amount: u32, now: Instant) -> Duration {
        let running = self.refusing.filter(|(_, until)| now < *until);
        if running.is_some_and(|(since, _)| now.duration_since(since) > UNDER_WAY) {
            self.take(amount);
        }
        let wait = self.wait(amount).unwrap_or_default();
        self.refusing = Some((running.map_or(now, |(since, _)| since), now + wait));
        wait
    }

    pub(super) fn take(&mut self, amount: u32) {
        self.level = (self.level - f64::from(amount)).max(self.capacity * (1.0 - MOST_USED));
    }

    /// The share that is used, up to 1.8.
    pub(super) fn used(&self) -> f64 {
        1.0 - self.level / self.capacity
    }
}
