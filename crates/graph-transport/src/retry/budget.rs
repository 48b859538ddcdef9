//! The retry budget of a client: stops a storm when a service is down for everybody.

use std::sync::atomic::{AtomicI64, Ordering};

/// A quota that repeats spend and successes slowly refill.
#[derive(Debug)]
pub(super) struct Budget(AtomicI64);

const FULL: i64 = 500;

impl Default for Budget {
    fn default() -> Self {
        Self(AtomicI64::new(FULL))
    }
}

impl Budget {
    /// The price of repeating after an answer.
    pub(super) const THROTTLED: i64 = 5;
    /// The price of repeating after no answer, which costs the service more (B15).
    pub(super) const FAILED: i64 = 10;

    /// Takes `cost`, or says that the quota is used up.
    pub(super) fn spend(&self, cost: i64) -> bool {
        let taken = |left: i64| (left >= cost).then_some(left - cost);
        self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, taken).is_ok()
    }

    /// One success gives one unit back (B10).
    pub(super) fn refund(&self) {
        let _ = self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| {
            (left < FULL).then_some(left + 1)
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// B8, B10
    #[test]
    fn a_spent_budget_refuses_until_successes_refill_it() {
        let budget = Budget::default();
        assert_eq!((0..1_000).filter(|_| budget.spend(Budget::FAILED)).count(), 50);
        (0..10).for_each(|_| budget.refund());
        assert!(budget.spend(Budget::FAILED));
        assert!(!budget.spend(Budget::FAILED));
    }
}
