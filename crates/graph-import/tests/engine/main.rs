//! The engine against a scripted Graph: every answer is written in the test.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod certificate;
mod columns;
mod coordination;
mod crashes;
mod dangling;
mod delegated;
mod deletions;
mod doubts;
mod edges;
mod faults;
mod fence;
mod forecast;
mod generations;
mod gone;
mod handed_over;
mod handover;
mod lists;
mod pages;
mod restored;
mod rounds;
mod scope;
mod script;
mod semantics;
mod store;
#[path = "../proofs/stores.rs"]
#[expect(dead_code, reason = "these tests look at no commit")]
mod stores;
mod windows;
