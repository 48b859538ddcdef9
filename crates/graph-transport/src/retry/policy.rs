//! Whether an attempt is followed by another, and after how long.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::budget::Budget;
use super::{Repeatable, RetryConfig, server_wait};
use crate::answer::Answer;
use crate::clock::Clock;
use crate::disposition::Disposition;
use crate::error::{Error, TimeoutPhase};
use crate::options::{AttemptOutcome, MaxAttempts, ProbeFirst, RetryIf, RetryWith};

/// Two writes that raced need a pause, or they race again: a second for each attempt, up to five
/// (facts: graph-protocol 13.1).
const RACE_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_RACE_PAUSE: u32 = 5;

/// The policy of a client; clones share one budget.
#[derive(Clone, Debug)]
pub(super) struct Policy {
    config: Arc<RetryConfig>,
    budget: Arc<Budget>,
    clock: Arc<dyn Clock>,
}

/// What comes after an attempt.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Decision {
    /// The result is the operation's.
    End,
    /// Another attempt after `wait`, if `probe` does not find that this one landed.
    Repeat { wait: Duration, probe: bool },
    /// Another attempt would be right, but its wait goes beyond what all waits may come to.
    TooLong { wait: Duration },
}

/// Why another attempt makes sense.
struct Cause {
    /// The server's own wait.
    asked: Option<Duration>,
    /// The least wait of our own.
    least: Duration,
    cost: f64,
    probe: bool,
}

/// What an operation used up so far.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Used {
    pub(super) attempts: u32,
    pub(super) waited: Duration,
    /// The price of the last repeat.
    pub(super) cost: f64,
}

impl Policy {
    pub(super) fn new(config: RetryConfig, clock: Arc<dyn Clock>) -> Self {
        Self { config: Arc::new(config), budget: Arc::default(), clock }
    }

    /// What comes after the `used.attempts`-th attempt.
    pub(super) fn decide<R: Repeatable>(
        &self,
        request: &R,
        result: &Result<Answer, Error>,
        used: &mut Used,
    ) -> Decision {
        let config = self.config_of(request);
        let cause = self
            .cause(config, request, result, used.attempts)
            .or_else(|| wanted(request, result, used));
        let Some(cause) = cause else {
            if result.as_ref().is_ok_and(|answer| answer.status.is_success()) {
                self.budget.refund(used.cost);
            }
            return Decision::End;
        };
        let own_limit = request.extensions().get::<MaxAttempts>().map(|max| max.0);
        if used.attempts >= own_limit.unwrap_or(config.max_attempts) {
            return Decision::End;
        }
        // Where the server names a time, the gate of the lane already prevents a storm.
        let free = cause.asked.is_some_and(|wait| !wait.is_zero());
        if config.budget && !free {
            if !self.budget.spend(cause.cost) {
                return Decision::End;
            }
            used.cost = cause.cost;
        }
        let wait = match cause.asked {
            Some(Duration::ZERO) => Duration::ZERO,
            // Never shorter than asked (A14), and never sooner than our own back-off (A19).
            asked => {
                let own = config.backoff.wait(used.attempts).max(cause.least);
                let jitter = config.jitter.mul_f64(fastrand::f64());
                asked.unwrap_or_default().max(own).saturating_add(jitter)
            }
        };
        let all = used.waited.saturating_add(wait);
        if config.max_wait.is_some_and(|most| all > most) {
            return Decision::TooLong { wait };
        }
        used.waited = all;
        Decision::Repeat { wait, probe: cause.probe }
    }

    fn config_of<'a, R: Repeatable>(&'a self, request: &'a R) -> &'a RetryConfig {
        let own = request.extensions().get::<RetryWith>().map(|with| &*with.0);
        own.filter(|config| config.invalid_field().is_none()).unwrap_or(&self.config)
    }

    fn cause<R: Repeatable>(
        &self,
        config: &RetryConfig,
        request: &R,
        result: &Result<Answer, Error>,
        attempts: u32,
    ) -> Option<Cause> {
        let may_probe = request.extensions().get::<ProbeFirst>().is_some();
        let (asked, least, cost, certainly_not_done) = match result {
            Ok(answer) => {
                let error = answer.error()?;
                let raced = Disposition::is_concurrency_violation(&error);
                if !raced && !config.repeats(answer.status) {
                    return None;
                }
                let pause = if raced {
                    RACE_PAUSE * attempts.clamp(1, LONGEST_RACE_PAUSE)
                } else {
                    Duration::ZERO
                };
                let asked =
                    server_wait(&answer.headers, &config.retry_after_headers, self.clock.now());
                (asked, pause, Budget::ANSWERED, Disposition::was_not_carried_out(&error))
            }
            Err(error) => (None, Duration::ZERO, Budget::UNANSWERED, not_sent(error)?),
        };
        let harmless = certainly_not_done || request.is_idempotent();
        (harmless || may_probe).then_some(Cause { asked, least, cost, probe: !harmless })
    }
}

/// R12: what the caller wants repeated although the settings would not.
fn wanted<R: Repeatable>(
    request: &R,
    result: &Result<Answer, Error>,
    used: &Used,
) -> Option<Cause> {
    let predicate = request.extensions().get::<RetryIf>()?;
    // Errors of our own layers, a refused link or an unusable credential, do not pass (R35).
    if result.as_ref().is_err_and(|error| not_sent(error).is_none()) {
        return None;
    }
    let outcome = AttemptOutcome { attempt: used.attempts, result: result.as_ref() };
    let cost = if result.is_ok() { Budget::ANSWERED } else { Budget::UNANSWERED };
    predicate.wants(outcome).then_some(Cause {
        asked: None,
        least: Duration::ZERO,
        cost,
        probe: false,
    })
}

/// R34: by the phase in which an attempt failed, whether it certainly did not reach Graph; `None` for
/// failures that a repeat does not change (R35).
fn not_sent(error: &Error) -> Option<bool> {
    match error {
        Error::Unreachable { .. } | Error::Timeout { phase: TimeoutPhase::Connect, .. } => {
            Some(true)
        }
        Error::Lost { .. } | Error::BrokenBody { .. } => Some(false),
        Error::Timeout { phase, .. } if phase.ends_attempt() => Some(false),
        _ => None,
    }
}

/// Whether a wait would end after the deadline.
pub(super) fn is_past(deadline: Option<Instant>, wait: Duration) -> bool {
    let past = |deadline| Instant::now().checked_add(wait).is_none_or(|at| at > deadline);
    deadline.is_some_and(past)
}
