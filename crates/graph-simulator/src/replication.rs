//! Replication lag: writes that reads do not show yet (facts: graph-protocol 8.4).

use std::collections::VecDeque;
use std::time::Duration;

use tokio::time::Instant;

/// Which writes have reached the replicas that answer reads.
#[derive(Debug)]
pub(crate) struct Replication {
    lag: Duration,
    visible: u64,
    /// When each write was made, oldest first.
    pending: VecDeque<(Instant, u64)>,
}

impl Replication {
    pub(crate) fn new(lag: Duration) -> Self {
        Self { lag, visible: 0, pending: VecDeque::new() }
    }

    /// Notes that every write up to `sequence` has been made by now.
    pub(crate) fn written(&mut self, sequence: u64) {
        if !self.lag.is_zero() {
            self.pending.push_back((Instant::now(), sequence));
        }
    }

    /// The last write that reads show; `sequence` is the last that was made.
    pub(crate) fn horizon(&mut self, sequence: u64) -> u64 {
        if self.lag.is_zero() {
            return sequence;
        }
        let now = Instant::now();
        while let Some((made, write)) = self.pending.front().copied()
            && now.duration_since(made) >= self.lag
        {
            self.visible = write;
            self.pending.pop_front();
        }
        self.visible
    }
}
