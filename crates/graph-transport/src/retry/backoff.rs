//! How long to wait where the server does not say.

use std::time::Duration;

/// The wait before attempt 2, 3, …; jitter comes on top.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Backoff {
    /// `base × factor^(n-1)`, at most `cap`.
    Exponential {
        /// The first wait. Default 0.5 s.
        base: Duration,
        /// The growth. Default 2.
        factor: f64,
        /// The longest wait. Default 60 s.
        cap: Duration,
    },
    /// `step × n`: 5 s, 10 s, 15 s, … with the step of seed 002.
    Linear {
        /// What each attempt adds.
        step: Duration,
    },
}

impl Default for Backoff {
    fn default() -> Self {
        Self::exponential(Duration::from_millis(500), 2.0)
    }
}

impl Backoff {
    /// Exponential, capped at 60 s.
    pub const fn exponential(base: Duration, factor: f64) -> Self {
        Self::Exponential { base, factor, cap: Duration::from_secs(60) }
    }

    /// The wait after the `attempt`-th attempt, counted from 1. Saturates, never overflows (B4).
    pub fn wait(&self, attempt: u32) -> Duration {
        match *self {
            Self::Exponential { base, factor, cap } => {
                let exponent = i32::try_from(attempt.saturating_sub(1)).unwrap_or(i32::MAX);
                let seconds = base.as_secs_f64() * factor.powi(exponent);
                Duration::try_from_secs_f64(seconds).unwrap_or(cap).min(cap)
            }
            Self::Linear { step } => step.saturating_mul(attempt),
        }
    }

    pub(super) fn invalid_field(&self) -> Option<&'static str> {
        match *self {
            Self::Exponential { factor, .. } if !(factor.is_finite() && factor >= 1.0) => {
                Some("retry.backoff_factor")
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// B1, B4, B5
    #[test]
    fn waits_grow_and_saturate() {
        let backoff = Backoff::default();
        let waits = [1, 2, 3, 4, u32::MAX].map(|attempt| backoff.wait(attempt).as_millis());
        assert_eq!(waits, [500, 1_000, 2_000, 4_000, 60_000]);
        let linear = Backoff::Linear { step: Duration::from_secs(5) };
        assert_eq!([1, 2, 3].map(|attempt| linear.wait(attempt).as_secs()), [5, 10, 15]);
    }
}
