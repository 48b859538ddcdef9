//! Whether an attempt is followed by another, and after how long.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::budget::Budget;
use super::rule::{Cause, Outcome, not_sent};
use super::{Repeatable, RetryConfig};
use crate::answer::Answer;
use crate::clock::Clock;
use crate::error::Error;
use crate::options::{AttemptOutcome, MaxAttempts, ProbeFirst, RetryIf, RetryWith};

/// The policy of a client; clones share one budget.
#[derive(Clone, Debug)]
pub(crate) struct Policy {
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

    /// The same rules for other settings; what was spent stays spent.
    pub(super) fn with(&self, config: RetryConfig) -> Self {
        Self { config: Arc::new(config), ..self.clone() }
    }

    pub(crate) fn config(&self) -> &RetryConfig {
        &self.config
    }

    /// How long an item of a batch waits before it is sent again, after its `attempt`-th answer or
    /// without one (N20); `None` where that is final (N23). `cost` is what its last repeat took from
    /// the retry budget.
    pub(crate) fn item_wait(
        &self,
        answer: Option<&Answer>,
        is_idempotent: bool,
        attempt: u32,
        cost: &mut f64,
    ) -> Option<Duration> {
        let outcome = answer.map_or(Outcome::Lost, Outcome::Answered);
        let cause = Cause::of(&self.config, outcome, attempt, self.clock.now());
        let cause = cause.filter(|cause| cause.not_done || is_idempotent)?;
        self.pay(&self.config, &cause, cost).then(|| cause.wait(&self.config, attempt))
    }

    /// An item of a batch succeeded; `cost` is what its last repeat took.
    pub(crate) fn item_succeeded(&self, cost: f64) {
        self.budget.refund(cost);
    }

    /// Takes a repeat from the budget, unless the server named a time: then the gate of the lane
    /// already prevents a storm.
    fn pay(&self, config: &RetryConfig, cause: &Cause, cost: &mut f64) -> bool {
        let free = cause.asked.is_some_and(|wait| !wait.is_zero());
        if !config.budget || free {
            return true;
        }
        let paid = self.budget.spend(cause.cost);
        if paid {
            *cost = cause.cost;
        }
        paid
    }

    /// What comes after the `used.attempts`-th attempt.
    pub(super) fn decide<R: Repeatable>(
        &self,
        request: &R,
        result: &Result<Answer, Error>,
        used: &mut Used,
    ) -> Decision {
        let config = self.config_of(request);
        let (by_rule, probe) = self.by_rule(config, request, result, used.attempts).unzip();
        let Some(cause) = by_rule.or_else(|| wanted(request, result, used)) else {
            if result.as_ref().is_ok_and(|answer| answer.status.is_success()) {
                self.budget.refund(used.cost);
            }
            return Decision::End;
        };
        let own_limit = request.extensions().get::<MaxAttempts>().map(|max| max.0);
        if used.attempts >= own_limit.unwrap_or(config.max_attempts)
            || !self.pay(config, &cause, &mut used.cost)
        {
            return Decision::End;
        }
        let wait = cause.wait(config, used.attempts);
        let all = used.waited.saturating_add(wait);
        if config.max_wait.is_some_and(|most| all > most) {
            return Decision::TooLong { wait };
        }
        used.waited = all;
        Decision::Repeat { wait, probe: probe.unwrap_or(false) }
    }

    fn config_of<'a, R: Repeatable>(&'a self, request: &'a R) -> &'a RetryConfig {
        let own = request.extensions().get::<RetryWith>().map(|with| &*with.0);
        own.filter(|config| config.invalid_field().is_none()).unwrap_or(&self.config)
    }

    /// What the settings repeat, and whether a look must come first because it may have landed.
    fn by_rule<R: Repeatable>(
        &self,
        config: &RetryConfig,
        request: &R,
        result: &Result<Answer, Error>,
        attempts: u32,
    ) -> Option<(Cause, bool)> {
        let outcome = match result {
            Ok(answer) => Outcome::Answered(answer),
            Err(error) => Outcome::Failed(error),
        };
        let cause = Cause::of(config, outcome, attempts, self.clock.now())?;
        let harmless = cause.not_done || request.is_idempotent();
        let may_probe = || request.extensions().get::<ProbeFirst>().is_some();
        (harmless || may_probe()).then_some((cause, !harmless))
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
    let (asked, least, not_done) = (None, Duration::ZERO, false);
    predicate.wants(outcome).then_some(Cause { asked, least, cost, not_done })
}

/// Whether a wait would end after the deadline.
pub(super) fn is_past(deadline: Option<Instant>, wait: Duration) -> bool {
    let past = |deadline| Instant::now().checked_add(wait).is_none_or(|at| at > deadline);
    deadline.is_some_and(past)
}
