//! The settings of retry.

use std::time::Duration;

use http::StatusCode;
use http::header::HeaderName;

use super::backoff::Backoff;

/// When to repeat; the defaults are those of the connector guide (seed 001).
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct RetryConfig {
    /// Attempts in all, the first included. Default 4.
    pub max_attempts: u32,
    /// The wait where the server asks for none.
    pub backoff: Backoff,
    /// Up to this much is added to each wait, evenly distributed: the median is half of it. Default 0.1 s.
    pub jitter: Duration,
    /// Statuses that may be repeated; an empty list means the default 408, 429, 500, 502, 503, 504.
    pub statuses: Vec<u16>,
    /// Headers in which a server asks for a wait, most precise first; names ending in `-ms` hold milliseconds.
    pub retry_after_headers: Vec<HeaderName>,
    /// What all waits of one operation may come to; a wait that would go beyond it is not begun (A16).
    /// Default `None`: the deadline of the operation bounds them, and walks may wait as long as Graph asks.
    pub max_wait: Option<Duration>,
    /// Whether the client's retry budget may refuse a repeat. Default true.
    pub budget: bool,
}

const DEFAULT_STATUSES: [u16; 6] = [408, 429, 500, 502, 503, 504];

impl Default for RetryConfig {
    fn default() -> Self {
        Self {
            max_attempts: 4,
            backoff: Backoff::default(),
            jitter: Duration::from_millis(100),
            statuses: DEFAULT_STATUSES.to_vec(),
            retry_after_headers: ["x-ms-retry-after-ms", "retry-after-ms", "retry-after"]
                .map(HeaderName::from_static)
                .to_vec(),
            max_wait: None,
            budget: true,
        }
    }
}

impl RetryConfig {
    /// Whether a status may be repeated. 509 is a throttle under another number (facts:
    /// graph-protocol 8.2), so it goes with 429.
    pub(crate) fn repeats(&self, status: StatusCode) -> bool {
        let status = if status.as_u16() == 509 { 429 } else { status.as_u16() };
        match self.statuses.as_slice() {
            [] => DEFAULT_STATUSES.contains(&status),
            statuses => statuses.contains(&status),
        }
    }

    /// The name of a field out of its range.
    pub(crate) fn invalid_field(&self) -> Option<&'static str> {
        match () {
            () if self.max_attempts == 0 => Some("retry.max_attempts"),
            () if self.statuses.iter().any(|status| !(400..600).contains(status)) => {
                Some("retry.retry_on_status")
            }
            () => self.backoff.invalid_field(),
        }
    }
}
