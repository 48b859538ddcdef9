//! Tests of the language as its users see it: files in, plans, requests and diagnostics out.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod audit;
mod diagnostics;
mod graph_checks;
mod linked;
mod properties;
#[cfg(feature = "run")]
mod run;
mod seeds;
#[cfg(feature = "run")]
mod sign_in;
mod systems;
mod template_values;
