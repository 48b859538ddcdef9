//! Work on a store that blocks: on a thread of its own, so that a request to stop is heard.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rusqlite::{Connection, InterruptHandle};

use crate::exit::Exit;
use crate::failure::Failure;
use crate::interrupt::Interrupts;

/// Between two interruptions: one that falls between two statements meets nothing.
const AGAIN: Duration = Duration::from_millis(50);

/// Ends what a connection is doing, from another thread.
#[derive(Clone, Default)]
pub(crate) struct Halt(Arc<Inner>);

#[derive(Default)]
struct Inner {
    requested: AtomicBool,
    handle: Mutex<Option<InterruptHandle>>,
}

impl Halt {
    /// The statements of this connection end when the process is asked to stop. Fails where it was
    /// asked already.
    pub(crate) fn covers(&self, connection: &Connection) -> Result<(), Failure> {
        let mut handle = self.0.handle.lock().unwrap_or_else(PoisonError::into_inner);
        *handle = Some(connection.get_interrupt_handle());
        if self.is_requested() { Err(Failure::interrupted()) } else { Ok(()) }
    }

    /// Whether the process was asked to stop.
    pub(crate) fn is_requested(&self) -> bool {
        self.0.requested.load(Ordering::Relaxed)
    }

    /// Ends the statement that runs now; whether there is a connection that could run one.
    fn interrupt(&self) -> bool {
        let handle = self.0.handle.lock().unwrap_or_else(PoisonError::into_inner);
        handle.as_ref().map(InterruptHandle::interrupt).is_some()
    }
}

/// Runs `work`. SIGINT and SIGTERM end its statement, so that it takes away what is half written;
/// where it has none, they end the process: a store survives that.
pub(crate) async fn blocking(
    interrupts: &Interrupts,
    work: impl FnOnce(&Halt) -> Result<Exit, Failure> + Send + 'static,
) -> Result<Exit, Failure> {
    let halt = Halt::default();
    let theirs = halt.clone();
    let mut work = tokio::task::spawn_blocking(move || work(&theirs));
    let ended = tokio::select! {
        ended = &mut work => Some(ended),
        () = interrupts.nth(1) => None,
    };
    let Some(ended) = ended else {
        halt.0.requested.store(true, Ordering::Relaxed);
        let mut again = tokio::time::interval(AGAIN);
        while !work.is_finished() && halt.interrupt() {
            again.tick().await;
        }
        return Err(Failure::interrupted());
    };
    ended.unwrap_or_else(|error| match error.try_into_panic() {
        Ok(panic) => std::panic::resume_unwind(panic),
        Err(_) => Err(Failure::interrupted()),
    })
}
