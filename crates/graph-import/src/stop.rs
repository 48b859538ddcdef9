//! Asking a run to stop.

use std::sync::Arc;

use tokio::sync::watch;

/// A request to stop, shared by whoever may ask and the run that listens. Clones are the same request.
///
/// A run that is asked stops fetching, finishes the transaction in hand and ends as
/// [`crate::RunStatus::Interrupted`]; the next run continues where it stopped.
#[derive(Clone, Debug)]
pub struct Stop(Arc<watch::Sender<bool>>);

impl Default for Stop {
    fn default() -> Self {
        Self(Arc::new(watch::Sender::new(false)))
    }
}

impl Stop {
    /// A request that nobody has made yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Asks. Asking twice is asking once.
    pub fn stop(&self) {
        self.0.send_replace(true);
    }

    /// Whether somebody has asked.
    pub fn is_requested(&self) -> bool {
        *self.0.borrow()
    }

    /// Waits until somebody asks.
    pub async fn requested(&self) {
        let mut asked = self.0.subscribe();
        // The sender lives in `self`, so waiting cannot fail.
        let _ = asked.wait_for(|asked| *asked).await;
    }
}
