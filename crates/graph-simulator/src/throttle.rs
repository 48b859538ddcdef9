//! Resource-unit throttling: a token bucket for units and one for writes (facts: graph-protocol 3.2).

use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};
use tokio::time::Instant;

use crate::protocol::cost::Cost;

/// How `Retry-After` is written on a 429.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum RetryAfter {
    /// Whole seconds, rounded up.
    #[default]
    Whole,
    /// Seconds with three decimals.
    Fractional,
    /// An HTTP date.
    HttpDate,
    /// The header is left out.
    None,
}

/// The limits of an application in the tenant.
///
/// The defaults are those of a tenant with more than 500 users: 8,000 resource units in 10 seconds
/// and 3,000 writes in 150 seconds (facts: graph-protocol 3.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Throttle {
    /// Resource units in one window.
    pub resource_units: u32,
    /// The window of the resource units, in milliseconds.
    pub window_ms: u64,
    /// Writes in one window.
    pub writes: u32,
    /// The window of the writes, in milliseconds.
    pub write_window_ms: u64,
    /// How a 429 says how long to wait.
    pub retry_after: RetryAfter,
}

impl Default for Throttle {
    fn default() -> Self {
        Self {
            resource_units: 8_000,
            window_ms: 10_000,
            writes: 3_000,
            write_window_ms: 150_000,
            retry_after: RetryAfter::Whole,
        }
    }
}

impl Throttle {
    /// The documented limits of a tenant of this many users: 3,500, 5,000 or 8,000 units in 10 seconds.
    pub fn for_users(users: u64) -> Self {
        let resource_units = match users {
            0..50 => 3_500,
            50..=500 => 5_000,
            _ => 8_000,
        };
        Self { resource_units, ..Self::default() }
    }
}

/// A bucket that fills evenly up to its capacity.
#[derive(Debug)]
struct Bucket {
    capacity: f64,
    per_second: f64,
    level: f64,
    filled: Instant,
}

impl Bucket {
    fn new(capacity: u32, window_ms: u64, now: Instant) -> Self {
        let capacity = f64::from(capacity.max(1));
        let window = Duration::from_millis(window_ms.max(1)).as_secs_f64();
        Self { capacity, per_second: capacity / window, level: capacity, filled: now }
    }

    fn fill(&mut self, now: Instant) {
        let gained = now.duration_since(self.filled).as_secs_f64() * self.per_second;
        self.level = (self.level + gained).min(self.capacity);
        self.filled = now;
    }

    /// How long until there is enough.
    fn wait(&self, amount: u32) -> Option<Duration> {
        let missing = f64::from(amount).min(self.capacity) - self.level;
        (missing > 0.0).then(|| Duration::from_secs_f64(missing / self.per_second))
    }

    fn take(&mut self, amount: u32) {
        self.level -= f64::from(amount);
    }

    fn used(&self) -> f64 {
        1.0 - self.level / self.capacity
    }
}

/// A refusal for lack of budget.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Throttled {
    pub(crate) retry_after: Option<String>,
    /// What `x-ms-throttle-information` says.
    pub(crate) information: &'static str,
    /// The limit in `x-ms-throttle-scope`.
    pub(crate) limit: &'static str,
}

/// The state of the limits.
#[derive(Debug)]
pub(crate) struct Limiter {
    settings: Throttle,
    units: Bucket,
    writes: Bucket,
}

impl Limiter {
    pub(crate) fn new(settings: Throttle) -> Self {
        let now = Instant::now();
        Self {
            settings,
            units: Bucket::new(settings.resource_units, settings.window_ms, now),
            writes: Bucket::new(settings.writes, settings.write_window_ms, now),
        }
    }

    /// Charges a request, or says how long to wait. On success: the share used, from 0.8 on.
    pub(crate) fn charge(
        &mut self,
        cost: Cost,
        date: SystemTime,
    ) -> Result<Option<f64>, Throttled> {
        let now = Instant::now();
        self.units.fill(now);
        self.writes.fill(now);
        let (wait, information, limit) =
            match (self.units.wait(cost.resource_units), self.writes.wait(cost.writes)) {
                (None, None) => {
                    self.units.take(cost.resource_units);
                    self.writes.take(cost.writes);
                    let used = self.units.used();
                    return Ok((used > 0.8).then_some(used));
                }
                (_, Some(wait)) => (wait, "WriteLimitExceeded", "Write"),
                (Some(wait), None) => (wait, "ResourceUnitLimitExceeded", "ReadWrite"),
            };
        Err(Throttled {
            retry_after: self.settings.retry_after.write(wait, date),
            information,
            limit,
        })
    }
}

impl RetryAfter {
    fn write(self, wait: Duration, date: SystemTime) -> Option<String> {
        let millis = wait.as_millis() + 1;
        match self {
            Self::Whole => Some(millis.div_ceil(1_000).to_string()),
            Self::Fractional => Some(format!("{}.{:03}", millis / 1_000, millis % 1_000)),
            Self::HttpDate => Some(httpdate::fmt_http_date(date + wait + Duration::from_secs(1))),
            Self::None => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const READ: Cost = Cost { resource_units: 5, writes: 0 };

    #[tokio::test(start_paused = true)]
    async fn a_spent_budget_comes_back_with_time() {
        let settings = Throttle {
            resource_units: 10,
            retry_after: RetryAfter::Fractional,
            ..Throttle::default()
        };
        let mut limiter = Limiter::new(settings);
        assert_eq!(limiter.charge(READ, SystemTime::UNIX_EPOCH), Ok(None));
        assert_eq!(limiter.charge(READ, SystemTime::UNIX_EPOCH), Ok(Some(1.0)));
        let refused = limiter.charge(READ, SystemTime::UNIX_EPOCH).unwrap_err();
        assert_eq!(refused.retry_after.as_deref(), Some("5.001"));
        assert_eq!(refused.information, "ResourceUnitLimitExceeded");
        tokio::time::advance(Duration::from_millis(5_001)).await;
        assert!(limiter.charge(READ, SystemTime::UNIX_EPOCH).is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn writes_have_a_budget_of_their_own() {
        let settings = Throttle { writes: 1, ..Throttle::default() };
        let mut limiter = Limiter::new(settings);
        let write = Cost { resource_units: 1, writes: 1 };
        assert!(limiter.charge(write, SystemTime::UNIX_EPOCH).is_ok());
        let refused = limiter.charge(write, SystemTime::UNIX_EPOCH).unwrap_err();
        assert_eq!((refused.limit, refused.information), ("Write", "WriteLimitExceeded"));
        assert!(limiter.charge(READ, SystemTime::UNIX_EPOCH).is_ok(), "reads may continue");
    }

    #[test]
    fn retry_after_has_every_form() {
        let wait = Duration::from_millis(2_127);
        let date = SystemTime::UNIX_EPOCH;
        assert_eq!(RetryAfter::Whole.write(wait, date).as_deref(), Some("3"));
        assert_eq!(RetryAfter::Fractional.write(wait, date).as_deref(), Some("2.128"));
        assert_eq!(
            RetryAfter::HttpDate.write(wait, date).as_deref(),
            Some("Thu, 01 Jan 1970 00:00:03 GMT")
        );
        assert_eq!(RetryAfter::None.write(wait, date), None);
    }
}
