//! One item of a batch on its way.

use std::time::Duration;

use tokio::time::Instant;

use super::BatchItem;
use crate::answer::{Answer, Attempt};
use crate::link::GraphLink;

/// One item on its way.
#[derive(Debug)]
pub(super) struct Slot {
    pub(super) item: BatchItem,
    pub(super) link: GraphLink,
    pub(super) state: State,
    /// How often it was sent and may have been looked at.
    pub(super) attempts: u32,
    /// The requests that carried it so far.
    pub(super) tried: Vec<Attempt>,
    /// The answer that is repeated.
    pub(super) last: Option<Answer>,
    /// No batch can carry it.
    pub(super) alone: bool,
    /// What its last repeat took from the retry budget.
    pub(super) cost: f64,
}

/// Where an item stands.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum State {
    /// To be sent, not earlier than this.
    Open(Option<Instant>),
    Sent,
    Succeeded,
    Failed,
}

impl Slot {
    pub(super) fn new(item: BatchItem, link: GraphLink) -> Self {
        let (state, last) = (State::Open(None), None);
        Self { item, link, state, attempts: 0, tried: Vec::new(), last, alone: false, cost: 0.0 }
    }

    /// When an open item that waits may go.
    pub(super) fn waits_until(&self) -> Option<Instant> {
        match self.state {
            State::Open(not_before) => not_before,
            _ => None,
        }
    }

    pub(super) fn is_due(&self, now: Instant) -> bool {
        matches!(self.state, State::Open(at) if at.is_none_or(|at| at <= now))
    }

    /// Puts the requests that carried the item before in front of those of this answer.
    pub(super) fn with_history(&mut self, mut answer: Answer) -> Answer {
        let reason = answer.reason();
        let request_id = answer.request_id().map(str::to_owned);
        if let Some(last) = answer.tried.attempts.last_mut() {
            (last.status, last.reason) = (Some(answer.status), reason);
            last.request_id = request_id.or(last.request_id.take());
        }
        let earlier = std::mem::take(&mut self.tried);
        answer.tried.elapsed += earlier.iter().map(|attempt| attempt.wait).sum::<Duration>();
        answer.tried.attempts.splice(0..0, earlier);
        answer
    }

    /// To be sent again after a wait.
    pub(super) fn reopen(&mut self, answer: Option<Answer>, wait: Duration) {
        if let Some(answer) = &answer {
            self.tried.clone_from(&answer.tried.attempts);
        }
        if let Some(last) = self.tried.last_mut() {
            last.wait = wait;
        }
        self.last = answer.or(self.last.take());
        self.state = State::Open(Instant::now().checked_add(wait));
    }
}
