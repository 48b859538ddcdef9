//! One test binary for everything that crosses crates.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot be set up fails")]

mod arrows;
mod catalogue;
mod import_cases;
