//! The simulator from outside: over its service and over a socket.
#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests are tests")]

mod batch;
mod client;
mod console;
mod delta;
mod faults;
mod hostile;
mod identity;
mod lists;
mod server;
mod sets;
mod throttle;
mod writes;
