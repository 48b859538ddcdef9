//! The binary, run as a user runs it: against a simulated tenant on a loopback port.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

mod bad_input;
mod calls;
mod commands;
mod completion;
mod compounds;
mod first_contact;
mod flags;
mod forecast;
mod import;
mod kill;
mod logging;
mod mapping;
mod mistakes;
mod plans;
mod reading;
mod recipes;
mod rows;
mod shown;
mod sign_ins;
mod simulate;
mod stores;
mod support;
#[cfg(feature = "otlp")]
mod telemetry;
