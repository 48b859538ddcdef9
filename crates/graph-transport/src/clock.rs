//! The wall clock, injected: tests and replays bring their own.

use std::fmt::Debug;
use std::time::SystemTime;

/// Where the time of day comes from. Durations and waits use tokio's clock instead.
pub trait Clock: Debug + Send + Sync + 'static {
    /// The current time of day.
    fn now(&self) -> SystemTime;
}

/// The clock of this machine.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the one place that reads the machine's clock"
    )]
    fn now(&self) -> SystemTime {
        SystemTime::now()
    }
}
