//! The retry budget of a client: stops a storm when a service is down for everybody.

use std::sync::Mutex;

use tokio::time::Instant;

/// A quota that repeats spend, and successes and time refill.
#[derive(Debug)]
pub(super) struct Budget(Mutex<Quota>);

#[derive(Debug)]
struct Quota {
    left: f64,
    at: Instant,
}

const FULL: f64 = 500.0;

/// Time alone refills up to here, so that a client with few requests, whose successes give little
/// back, keeps some repeats (B12).
const RESERVE: f64 = 50.0;
const RESERVE_PER_SECOND: f64 = 1.0;

impl Default for Budget {
    fn default() -> Self {
        Self(Mutex::new(Quota { left: FULL, at: Instant::now() }))
    }
}

impl Budget {
    /// The price of repeating after an answer.
    pub(super) const ANSWERED: f64 = 5.0;
    /// The price of repeating after no answer, which costs the service more (B15).
    pub(super) const UNANSWERED: f64 = 10.0;

    /// Takes `cost`, or says that the quota is used up.
    pub(super) fn spend(&self, cost: f64) -> bool {
        let mut quota = self.0.lock().expect("no panic while the lock is held");
        let now = Instant::now();
        if quota.left < RESERVE {
            let gained = now.saturating_duration_since(quota.at).as_secs_f64() * RESERVE_PER_SECOND;
            quota.left = (quota.left + gained).min(RESERVE);
        }
        quota.at = now;
        let enough = quota.left >= cost;
        if enough {
            quota.left -= cost;
        }
        enough
    }

    /// A success gives back what its last repeat took, and one unit if it needed none (B10).
    pub(super) fn refund(&self, spent: f64) {
        let mut quota = self.0.lock().expect("no panic while the lock is held");
        if quota.left < FULL {
            quota.left = (quota.left + spent.max(1.0)).min(FULL);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    /// B8, B10, B15
    #[tokio::test(start_paused = true)]
    async fn a_spent_budget_refuses_until_successes_refill_it() {
        let budget = Budget::default();
        assert_eq!((0..1_000).filter(|_| budget.spend(Budget::UNANSWERED)).count(), 50);
        (0..10).for_each(|_| budget.refund(0.0));
        assert!(budget.spend(Budget::UNANSWERED));
        assert!(!budget.spend(Budget::UNANSWERED));
        budget.refund(Budget::ANSWERED);
        assert!(budget.spend(Budget::ANSWERED) && !budget.spend(Budget::ANSWERED));
    }

    /// B12
    #[tokio::test(start_paused = true)]
    async fn time_gives_a_quiet_client_a_reserve_and_no_more() {
        let budget = Budget::default();
        while budget.spend(Budget::ANSWERED) {}
        tokio::time::advance(Duration::from_secs(5)).await;
        assert!(budget.spend(Budget::ANSWERED) && !budget.spend(Budget::ANSWERED));
        tokio::time::advance(Duration::from_secs(86_400)).await;
        assert_eq!((0..100).filter(|_| budget.spend(Budget::ANSWERED)).count(), 10);
    }
}
