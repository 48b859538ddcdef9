//! The simulator from outside: over its service and over a socket.
#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests are tests")]

mod around;
mod batch;
mod catalogue;
mod client;
mod clouds;
mod console;
mod credentials;
mod delta;
mod faults;
mod hostile;
mod identity;
mod lists;
mod replication;
mod server;
mod sets;
mod sign_in;
mod throttle;
mod writes;
