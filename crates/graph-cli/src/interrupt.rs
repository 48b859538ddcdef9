//! SIGINT and SIGTERM, counted: the first asks to stop, the second insists.

use std::convert::Infallible;

use tokio::sync::watch;

use crate::exit::Exit;
use crate::failure::Failure;

/// How often the process was asked to stop.
#[derive(Clone, Debug)]
pub(crate) struct Interrupts(watch::Receiver<u32>);

impl Interrupts {
    /// Runs `work`; the `patience`-th request to stop ends it wherever it is.
    pub(crate) async fn within<F, T>(patience: u32, work: F) -> Result<T, Failure>
    where
        F: AsyncFnOnce(Self) -> Result<T, Failure>,
    {
        let (sender, receiver) = watch::channel(0);
        let interrupts = Self(receiver);
        tokio::select! {
            // In this order: the signals are listened to before the work begins.
            biased;
            never = count(sender) => match never {},
            () = interrupts.nth(patience) => Err(Failure::interrupted()),
            result = work(interrupts.clone()) => result,
        }
    }

    /// How often the process was asked to stop so far.
    pub(crate) fn count(&self) -> u32 {
        *self.0.borrow()
    }

    /// Waits for the `n`-th request, counted from 1.
    pub(crate) async fn nth(&self, n: u32) {
        let mut requests = self.0.clone();
        if requests.wait_for(|count| *count >= n).await.is_err() {
            std::future::pending::<()>().await; // nobody counts any more
        }
    }
}

impl Failure {
    /// The end of a process that was asked to stop before it wrote anything.
    pub(crate) fn interrupted() -> Self {
        Self::new(Exit::Interrupted, "interrupted")
    }
}

#[cfg(unix)]
async fn count(requests: watch::Sender<u32>) -> Infallible {
    use tokio::signal::unix::{SignalKind, signal};

    let handlers = (signal(SignalKind::interrupt()), signal(SignalKind::terminate()));
    let (Ok(mut interrupt), Ok(mut terminate)) = handlers else {
        return std::future::pending().await; // the signals keep their usual effect
    };
    loop {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
        requests.send_modify(|count| *count += 1);
    }
}

#[cfg(not(unix))]
async fn count(requests: watch::Sender<u32>) -> Infallible {
    loop {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
        requests.send_modify(|count| *count += 1);
    }
}
