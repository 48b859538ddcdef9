//! Sending what the language describes: a plan and arguments become an [`Envelope`] (feature `run`).
//!
//! The earlier connector's calls and what replaces them:
//!
//! | earlier | here |
//! |---|---|
//! | `perform_action(object_type, action, params, …, correlation_id, timeout)` | [`Runner::run`], [`Runner::run_with`]; [`Runner::send`] for a request that is bound already |
//! | `iter_pages(url, headers, …)` | [`Runner::pages`] |
//! | many calls of one command | [`Runner::send_each`] |
//! | `perform_batch(requests, …)` | [`Runner::run`] with the command `graph.batch` |
//! | `close()` | dropping the runner and its clients |

mod batch;
mod collect;
mod connect;
mod credential;
mod difference;
mod each;
mod ensure;
mod envelope;
mod failure;
mod granted;
mod judge;
mod look;
mod monitor;
mod portions;
mod runner;
mod secrets;
mod send;
mod surroundings;
mod wait;

pub use connect::{ConnectError, cloud_of, connect, connect_with};
pub use envelope::{Detail, Envelope, Meta, Upstream, Waited};
pub use runner::{PagesError, RunOptions, Runner};
pub use secrets::Withheld;
pub use surroundings::{PersonSignIn, Surroundings};
