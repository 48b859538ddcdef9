//! The global laws of the transport, under random schedules in virtual time; law 4 is the canary of
//! [`observe`](crate::observe), law 6 stands with the walks (`tests/bad_answers.rs`), laws 2 and 9 of
//! batches with those. A failure prints its schedule and seed.

mod bodies;
mod create;
mod credentials;
mod journeys;
mod observed;
mod traffic;

use std::time::Duration;

/// The resolution of timers.
const TICK: Duration = Duration::from_millis(1);

/// Runs in virtual time.
fn run<T>(work: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = { runtime }.enable_all().start_paused(true).build().unwrap();
    runtime.block_on(work)
}
