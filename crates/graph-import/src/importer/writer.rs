//! The way to the store: one call at a time, off the runtime's threads.

use std::sync::Arc;

use graph_transport::Clock;
use jiff::{Timestamp, Unit};
use tokio::sync::Mutex;

use crate::store::{Store, StoreError};

/// Calls the store. Callers queue in order, so a page waits for the pages before it; each stream has
/// one page in hand and one on the way, which bounds the memory of a run.
#[derive(Debug)]
pub(super) struct Writer<S> {
    store: Arc<Mutex<S>>,
    clock: Arc<dyn Clock>,
}

impl<S: Store> Writer<S> {
    pub(super) fn new(store: &Arc<Mutex<S>>, clock: &Arc<dyn Clock>) -> Self {
        Self { store: Arc::clone(store), clock: Arc::clone(clock) }
    }

    /// Runs one call. It is carried out to its end even if the caller stops waiting.
    pub(super) async fn call<R: Send + 'static>(
        &self,
        call: impl FnOnce(&mut S) -> Result<R, StoreError> + Send + 'static,
    ) -> Result<R, StoreError> {
        let mut store = Arc::clone(&self.store).lock_owned().await;
        off_the_runtime(move || call(&mut store)).await
    }

    /// Now, in milliseconds, RFC 3339.
    pub(super) fn now(&self) -> String {
        let now = Timestamp::try_from(self.clock.now()).unwrap_or(Timestamp::UNIX_EPOCH);
        let now = now.round(Unit::Millisecond).unwrap_or(now);
        // Always three digits, so that times compare as text.
        format!("{now:.3}")
    }
}

/// Does work that takes a while where it holds no other task up. A panic goes on in the caller.
pub(super) async fn off_the_runtime<R: Send + 'static>(
    work: impl FnOnce() -> R + Send + 'static,
) -> R {
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result,
        Err(error) => match error.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            Err(_) => unreachable!("the task is awaited, so that only a panic ends it early"),
        },
    }
}
