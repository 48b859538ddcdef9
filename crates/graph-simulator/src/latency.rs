//! How long an answer takes.

use std::sync::atomic::Ordering;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::core::Core;
use crate::tenant::mix::{below, mix2};

/// A delay before every answer: a fixed part and a jitter of either sign. None by default.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Latency {
    /// The middle of the delay, in milliseconds.
    pub millis: u64,
    /// The delay is up to this much shorter or longer, in milliseconds.
    pub jitter_millis: u64,
}

impl Latency {
    /// A delay without jitter.
    pub const fn fixed(millis: u64) -> Self {
        Self { millis, jitter_millis: 0 }
    }

    /// The next delay; the jitter is drawn from the tenant's seed and the number of the request.
    pub(crate) fn draw(self, core: &Core) -> Option<Duration> {
        if self.millis == 0 && self.jitter_millis == 0 {
            return None;
        }
        let number = core.numbers.load(Ordering::Relaxed);
        let span = self.jitter_millis.saturating_mul(2_000);
        let jitter = below(mix2(core.tenant.seed(), number), span.saturating_add(1));
        let micros = (self.millis.saturating_mul(1_000) + jitter).saturating_sub(span / 2);
        Some(Duration::from_micros(micros))
    }
}
