//! The one writer: calls to the store take turns, off the runtime's threads.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use graph_transport::Clock;
use jiff::{Timestamp, Unit};
use tokio::sync::{self, MutexGuard, OwnedSemaphorePermit, RwLock, Semaphore};

use crate::store::{Applied, Store, StoreError};

/// Calls the store. Callers queue in order; each walk has one page in hand and one on the way, which
/// bounds the memory of a run.
#[derive(Debug)]
pub(super) struct Writer<S> {
    store: Arc<sync::Mutex<S>>,
    clock: Arc<dyn Clock>,
    /// Read by every call for as long as it lasts.
    busy: Arc<RwLock<()>>,
    /// What commits have changed of streams of edges that are not their own, by stream.
    elsewhere: Mutex<HashMap<String, Applied>>,
    /// Pages and lists that are read item by item, or wait for the store so.
    read: Arc<Semaphore>,
}

/// Pages and lists that are read at once, over all streams of a run: one is written while the next are
/// read. Read, a page takes three times the memory that its bytes do, and each thread that reads keeps
/// memory of its own (cases: I7).
const READ_AT_ONCE: usize = 3;

/// The right to use the store, one after the other, from a thread that may block.
pub(super) struct Turn<S>(Arc<sync::Mutex<S>>);

impl<S> Turn<S> {
    pub(super) fn take(&self) -> MutexGuard<'_, S> {
        self.0.blocking_lock()
    }
}

impl<S: Store> Writer<S> {
    pub(super) fn new(store: &Arc<sync::Mutex<S>>, clock: &Arc<dyn Clock>) -> Self {
        let read = Arc::new(Semaphore::new(READ_AT_ONCE));
        let (store, clock) = (Arc::clone(store), Arc::clone(clock));
        Self { store, clock, busy: Arc::default(), elsewhere: Mutex::default(), read }
    }

    /// The right to read a page, until it is written. Calls of the store must not need one: a task that
    /// waits for such a call may be the one that has to go on for another to give its right back.
    pub(super) async fn may_read(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.read).acquire_owned().await.ok()
    }

    /// Reads an answer off the runtime's threads, without the store.
    pub(super) async fn read<R: Send + 'static>(
        &self,
        work: impl FnOnce() -> R + Send + 'static,
    ) -> R {
        let permit = self.may_read().await;
        off_the_runtime(move || {
            let read = work();
            drop(permit);
            read
        })
        .await
    }

    /// Runs one call. It is carried out to its end even if the caller stops waiting.
    pub(super) async fn call<R: Send + 'static>(
        &self,
        call: impl FnOnce(&mut S) -> Result<R, StoreError> + Send + 'static,
    ) -> Result<R, StoreError> {
        self.call_in_turn(move |turn| call(&mut turn.take())).await
    }

    /// Runs work off the runtime's threads that takes its turn at the store when it needs it.
    pub(super) async fn call_in_turn<R: Send + 'static>(
        &self,
        work: impl FnOnce(&Turn<S>) -> Result<R, StoreError> + Send + 'static,
    ) -> Result<R, StoreError> {
        let turn = Turn(Arc::clone(&self.store));
        let busy = Arc::clone(&self.busy).read_owned().await;
        off_the_runtime(move || {
            let done = work(&turn);
            drop(busy);
            done
        })
        .await
    }

    /// Notes what a commit has changed of other streams.
    pub(super) fn changed_elsewhere(&self, changed: Vec<(String, Applied)>) {
        let mut elsewhere = self.elsewhere.lock().unwrap_or_else(PoisonError::into_inner);
        for (stream, applied) in changed {
            *elsewhere.entry(stream).or_default() += applied;
        }
    }

    /// What commits of other streams have changed of this one so far.
    pub(super) fn elsewhere(&self, stream: &str) -> Applied {
        let elsewhere = self.elsewhere.lock().unwrap_or_else(PoisonError::into_inner);
        elsewhere.get(stream).copied().unwrap_or_default()
    }

    /// Waits until every call is over whose caller has stopped waiting.
    pub(super) async fn idle(&self) {
        drop(self.busy.write().await);
    }

    /// How long ago a moment of the store was; `None` if it is not known or in the future.
    pub(super) fn age(&self, at: Option<&str>) -> Option<Duration> {
        let at: Timestamp = at?.parse().ok()?;
        let now = Timestamp::try_from(self.clock.now()).ok()?;
        Duration::try_from(now.duration_since(at)).ok()
    }

    /// Now, in milliseconds, RFC 3339.
    pub(super) fn now(&self) -> String {
        self.before(Duration::ZERO)
    }

    /// So long ago, in the same form.
    pub(super) fn before(&self, age: Duration) -> String {
        let now = Timestamp::try_from(self.clock.now()).unwrap_or(Timestamp::UNIX_EPOCH);
        let now = now.round(Unit::Millisecond).unwrap_or(now);
        let now = now.checked_sub(age).unwrap_or(Timestamp::MIN);
        // Always three digits, so that times compare as text.
        format!("{now:.3}")
    }
}

/// Does work that takes a while where it holds no other task up. A panic goes on in the caller.
async fn off_the_runtime<R: Send + 'static>(work: impl FnOnce() -> R + Send + 'static) -> R {
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result,
        Err(error) => match error.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            Err(_) => unreachable!("the task is awaited, so that only a panic ends it early"),
        },
    }
}
