//! The one rule for what is sent again: for operations, and for the items of a batch.

use std::time::{Duration, SystemTime};

use super::budget::Budget;
use super::{RetryConfig, server_wait};
use crate::answer::Answer;
use crate::disposition::Disposition;
use crate::error::{Error, TimeoutPhase};

/// Two writes that raced need a pause, or they race again: a second for each attempt, up to five
/// (facts: graph-protocol 13.1).
const RACE_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_RACE_PAUSE: u32 = 5;

/// What an attempt came to.
#[derive(Clone, Copy)]
pub(super) enum Outcome<'a> {
    Answered(&'a Answer),
    Failed(&'a Error),
    /// Sent, and nobody knows more: an item that is missing from the answer to its batch.
    Lost,
}

/// Why another attempt makes sense.
pub(super) struct Cause {
    /// The server's own wait.
    pub(super) asked: Option<Duration>,
    /// The least wait of our own.
    pub(super) least: Duration,
    /// The price in the retry budget.
    pub(super) cost: f64,
    /// It was certainly not carried out; otherwise only what is idempotent may go again.
    pub(super) not_done: bool,
}

impl Cause {
    /// `None` for what a repeat does not change.
    pub(super) fn of(
        config: &RetryConfig,
        outcome: Outcome<'_>,
        attempts: u32,
        now: SystemTime,
    ) -> Option<Self> {
        let unanswered = |not_done| {
            let (asked, least, cost) = (None, Duration::ZERO, Budget::UNANSWERED);
            Some(Self { asked, least, cost, not_done })
        };
        let answer = match outcome {
            Outcome::Answered(answer) => answer,
            Outcome::Failed(error) => return unanswered(not_sent(error)?),
            Outcome::Lost => return unanswered(false),
        };
        let error = answer.error()?;
        let raced = Disposition::is_concurrency_violation(&error);
        if !raced && !config.repeats(answer.status) {
            return None;
        }
        let pause = RACE_PAUSE * attempts.clamp(1, LONGEST_RACE_PAUSE);
        Some(Self {
            asked: server_wait(&answer.headers, &config.retry_after_headers, now),
            least: if raced { pause } else { Duration::ZERO },
            cost: Budget::ANSWERED,
            not_done: Disposition::was_not_carried_out(&error),
        })
    }

    /// How long before the next attempt: never shorter than asked (A14), and never sooner than our own
    /// back-off (A19).
    pub(super) fn wait(&self, config: &RetryConfig, attempts: u32) -> Duration {
        if self.asked == Some(Duration::ZERO) {
            return Duration::ZERO;
        }
        let own = config.backoff.wait(attempts).max(self.least);
        let jitter = config.jitter.mul_f64(fastrand::f64());
        self.asked.unwrap_or_default().max(own).saturating_add(jitter)
    }
}

/// R34: by the phase in which an attempt failed, whether it certainly did not reach Graph; `None` for
/// failures that a repeat does not change (R35).
pub(super) fn not_sent(error: &Error) -> Option<bool> {
    match error {
        Error::Unreachable { .. } | Error::Timeout { phase: TimeoutPhase::Connect, .. } => {
            Some(true)
        }
        Error::Lost { .. } | Error::BrokenBody { .. } => Some(false),
        Error::Timeout { phase, .. } if phase.ends_attempt() => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// R34: connector, timeout, response and parse failures are told apart.
    #[test]
    fn failures_are_sorted_by_the_phase_in_which_they_happened() {
        let (host, tried) = (String::new, Box::default);
        let late = |phase| Error::Timeout { phase, limit: Duration::ZERO, tried: tried() };
        let cases = [
            (Error::Unreachable { host: host(), tried: tried(), source: "x".into() }, Some(true)),
            (Error::Lost { host: host(), tried: tried(), source: "x".into() }, Some(false)),
            (Error::BrokenBody { host: host(), tried: tried(), source: "x".into() }, Some(false)),
            (Error::Encoding { host: host(), encoding: "x".into() }, None),
            (late(TimeoutPhase::Connect), Some(true)),
            (late(TimeoutPhase::Read), Some(false)),
            (late(TimeoutPhase::Pool), None),
            (late(TimeoutPhase::Operation), None),
        ];
        let mut kinds = std::collections::BTreeSet::new();
        for (error, expected) in &cases {
            assert_eq!(not_sent(error), *expected, "{error:?}");
            kinds.insert(error.kind());
        }
        assert_eq!(kinds.len(), 5, "{kinds:?}: all timeouts are of one kind, with their phase");
    }
}
