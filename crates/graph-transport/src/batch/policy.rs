//! Whether an item goes out again: the client's retry settings, applied to one item.

use std::time::Duration;

use super::BatchItem;
use crate::answer::Answer;
use crate::client::GraphClient;
use crate::disposition::Disposition;
use crate::retry::server_wait;

/// How long an item waits before it is sent again; `None` where its answer is final (N23).
///
/// Throttled items repeat always, transient ones and those without an answer (N20) where a repeat
/// does no harm.
pub(super) fn wait(
    client: &GraphClient,
    item: &BatchItem,
    answer: Option<&Answer>,
    attempt: u32,
) -> Option<Duration> {
    let config = client.retry();
    let asked = match answer {
        None => item.idempotent.then_some(None)?,
        Some(answer) => {
            let error = answer.error()?;
            let harmless = item.idempotent || Disposition::was_not_carried_out(&error);
            let listed = config.repeats(answer.status) && harmless;
            (listed || Disposition::is_concurrency_violation(&error)).then_some(())?;
            server_wait(&answer.headers, &config.retry_after_headers, client.now())
        }
    };
    if asked == Some(Duration::ZERO) {
        return asked;
    }
    // Never shorter than asked (A14), and never sooner than our own back-off (A19).
    let wait = asked.unwrap_or_default().max(config.backoff.wait(attempt));
    Some(wait.saturating_add(config.jitter.mul_f64(fastrand::f64())))
}
