//! Where the simulator's wall-clock time comes from.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// A source of wall-clock time: the system's, or a function that a test controls.
///
/// Only lifetimes of tokens and the dates in answers read it; the tenant itself knows no clock
/// but its moment.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> SystemTime + Send + Sync>);

impl Clock {
    /// The clock of the system.
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place where the clock is taken from the system"
    )]
    pub fn system() -> Self {
        Self(Arc::new(SystemTime::now))
    }

    /// A clock that answers what `now` answers.
    pub fn new(now: impl Fn() -> SystemTime + Send + Sync + 'static) -> Self {
        Self(Arc::new(now))
    }

    /// The present time.
    pub fn now(&self) -> SystemTime {
        (self.0)()
    }

    /// Whole seconds since the Unix epoch.
    pub fn unix_seconds(&self) -> u64 {
        self.now().duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO).as_secs()
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Clock")
    }
}

impl Default for Clock {
    fn default() -> Self {
        Self::system()
    }
}
