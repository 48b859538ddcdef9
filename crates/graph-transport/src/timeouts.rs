//! How long each phase of an attempt, and a whole operation, may take.

use std::time::Duration;

/// The four timeouts of the seeds (connect, read, write, pool) and the limit of a whole operation.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Timeouts {
    /// TCP and TLS handshake. Default 10 s.
    pub connect: Duration,
    /// From the end of the request to the answer's head, and between two chunks of its body.
    /// Default 100 s: walks of large group deltas are slow to answer (facts: graph-protocol 12, row 5).
    pub read: Duration,
    /// Between two writes that make progress. Default 30 s.
    pub write: Duration,
    /// Waiting for a place under the concurrency limit; `None` waits as long as the operation may. Default `None`.
    pub pool: Option<Duration>,
    /// The whole operation with its waits and repeats; a request may override it. Default 60 s.
    pub operation: Option<Duration>,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            read: Duration::from_secs(100),
            write: Duration::from_secs(30),
            pool: None,
            operation: Some(Duration::from_secs(60)),
        }
    }
}

impl Timeouts {
    /// The name of a field that is zero, which would fail every request.
    pub(crate) fn zero_field(&self) -> Option<&'static str> {
        let fields = [
            ("timeouts.connect", Some(self.connect)),
            ("timeouts.read", Some(self.read)),
            ("timeouts.write", Some(self.write)),
            ("timeouts.pool", self.pool),
            ("timeouts.operation", self.operation),
        ];
        fields
            .into_iter()
            .find(|(_, value)| value.is_some_and(|value| value.is_zero()))
            .map(|(name, _)| name)
    }
}
