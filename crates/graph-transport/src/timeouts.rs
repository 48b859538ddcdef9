//! How long each phase of an attempt, and a whole operation, may take.

use std::time::Duration;

/// The four timeouts of the seeds (connect, read, write, pool), the limits of an attempt and of a
/// whole operation, and the life of a connection.
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
    /// One attempt, from its first byte to the last of its answer. Default `None`: the others bound it.
    pub attempt: Option<Duration>,
    /// The whole operation with its waits and repeats; a request may override it. Default 60 s.
    pub operation: Option<Duration>,
    /// The slowest body that is waited for. Default 128 bytes a second over 60 s.
    pub min_throughput: Option<MinThroughput>,
    /// How long an unused connection is kept; less than the far side keeps it (facts: graph-protocol
    /// 12, row 14). Default 50 s.
    pub idle: Duration,
    /// The first answer on a connection older than this is its last, so that a client follows changes
    /// of DNS and spreads over front ends; requests under way finish. Default 10 min.
    pub connection_age: Option<Duration>,
}

/// The least that a body must bring to be waited for.
///
/// It is measured where the body is assembled, so that a slow reader is not taken for a slow server.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct MinThroughput {
    /// Bytes a second, after decompression.
    pub bytes_per_second: u32,
    /// The time over which they are averaged: a stall that recovers within it does no harm.
    pub grace: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        let grace = Duration::from_secs(60);
        Self {
            connect: Duration::from_secs(10),
            read: Duration::from_secs(100),
            write: Duration::from_secs(30),
            pool: None,
            attempt: None,
            operation: Some(Duration::from_secs(60)),
            min_throughput: Some(MinThroughput { bytes_per_second: 128, grace }),
            idle: Duration::from_secs(50),
            connection_age: Some(Duration::from_secs(600)),
        }
    }
}

impl Timeouts {
    /// The name of a field that is zero, which would fail every request.
    pub(crate) fn zero_field(&self) -> Option<&'static str> {
        let pace = self.min_throughput;
        let rate = pace.map(|it| Duration::from_secs(u64::from(it.bytes_per_second)));
        let fields = [
            ("timeouts.connect", Some(self.connect)),
            ("timeouts.read", Some(self.read)),
            ("timeouts.write", Some(self.write)),
            ("timeouts.pool", self.pool),
            ("timeouts.attempt", self.attempt),
            ("timeouts.operation", self.operation),
            ("timeouts.min_throughput.bytes_per_second", rate),
            ("timeouts.min_throughput.grace", pace.map(|it| it.grace)),
            ("timeouts.idle", Some(self.idle)),
            ("timeouts.connection_age", self.connection_age),
        ];
        fields
            .into_iter()
            .find(|(_, value)| value.is_some_and(|value| value.is_zero()))
            .map(|(name, _)| name)
    }
}
