//! The gate of a lane: closed for everybody from a refusal until its time.

use std::time::Duration;

use tokio::time::Instant;

use super::demand::Access;
use super::feedback;
use crate::answer::Answer;

/// Waits from here on are told to people, who would take them for a hang.
pub(super) const LONG_WAIT: Duration = Duration::from_secs(5);

/// How long the gate stays closed after a 429 that names no time; doubles with each further one.
const UNNAMED_WAIT: Duration = Duration::from_secs(1);
const MOST_UNNAMED: u32 = 6;

/// No wait is longer; keeps the clock's arithmetic within its range.
const LONGEST: Duration = Duration::from_secs(365 * 24 * 3_600);

/// Why and until when a lane sends nothing (T14).
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct ClosedLane {
    /// The lane: a service class of the table, or the first segment of a path that it does not know.
    /// `None` where the refusal itself was the last word, before any lane was asked.
    pub lane: Option<String>,
    /// Reads or writes; `None` as above.
    pub access: Option<Access>,
    /// How long it stays closed, from now.
    pub opens_in: Duration,
    /// The status that closed it, with Graph's `x-ms-throttle-information` where it gave one.
    pub reason: String,
    /// `x-ms-throttle-scope`, where Graph gave one.
    pub scope: Option<String>,
}

impl Default for ClosedLane {
    /// A refusal of which nothing more is known.
    fn default() -> Self {
        let reason = "429".to_owned();
        Self { lane: None, access: None, opens_in: Duration::ZERO, reason, scope: None }
    }
}

impl ClosedLane {
    /// What a refusal says whose wait nobody will sit out.
    pub(crate) fn of_answer(answer: &Answer, opens_in: Duration) -> Self {
        let reason = feedback::reason(answer.status, &answer.headers);
        let scope = feedback::scope(&answer.headers);
        Self { lane: None, access: None, opens_in, reason, scope }
    }
}

#[derive(Debug, Default)]
pub(super) struct Gate {
    closed: Option<Closing>,
    unnamed: u32,
}

#[derive(Debug)]
struct Closing {
    until: Instant,
    reason: String,
    scope: Option<String>,
}

impl Gate {
    /// When it opens, if it is closed.
    pub(super) fn closed(&self, now: Instant) -> Option<Instant> {
        self.closed.as_ref().map(|closing| closing.until).filter(|until| *until > now)
    }

    /// Closes it; the latest time wins (T3). Returns when it opens.
    pub(super) fn close(
        &mut self,
        wait: Option<Duration>,
        reason: String,
        scope: Option<String>,
        now: Instant,
    ) -> Instant {
        let wait = wait.unwrap_or_else(|| {
            // Answers to requests that were under way together are one refusal.
            if self.closed(now).is_none() {
                self.unnamed = (self.unnamed + 1).min(MOST_UNNAMED);
            }
            UNNAMED_WAIT * 2_u32.pow(self.unnamed.saturating_sub(1))
        });
        let until = now + wait.min(LONGEST);
        match self.closed(now) {
            Some(current) if current >= until => current,
            _ => {
                self.closed = Some(Closing { until, reason, scope });
                until
            }
        }
    }

    /// A success: the next unnamed wait is short again.
    pub(super) fn succeeded(&mut self) {
        self.unnamed = 0;
    }

    pub(super) fn state(&self, lane: &str, access: Access, now: Instant) -> Option<ClosedLane> {
        let closing = self.closed.as_ref().filter(|closing| closing.until > now)?;
        Some(ClosedLane {
            lane: Some(lane.to_owned()),
            access: Some(access),
            opens_in: closing.until - now,
            reason: closing.reason.clone(),
            scope: closing.scope.clone(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// T3
    #[test]
    fn the_latest_time_wins_and_unnamed_waits_double_until_a_success() {
        let start = Instant::now();
        let mut gate = Gate::default();
        let close = |gate: &mut Gate, wait: Option<u64>, now| {
            let opens = gate.close(wait.map(Duration::from_secs), "429".into(), None, now);
            (opens - now).as_secs()
        };
        assert_eq!(close(&mut gate, Some(30), start), 30);
        assert_eq!(close(&mut gate, Some(10), start), 30);
        assert_eq!(close(&mut gate, None, start), 30);
        let later = start + Duration::from_secs(31);
        assert_eq!(gate.closed(later), None);
        let mut now = later;
        for expected in [1, 2, 4, 8, 16, 32, 32] {
            assert_eq!(close(&mut gate, None, now), expected);
            now += Duration::from_secs(expected);
        }
        gate.succeeded();
        assert_eq!(close(&mut gate, None, now), 1);
    }
}
