//! Tests of the language as its users see it: files in, plans, requests and diagnostics out.

mod diagnostics;
#[cfg(feature = "run")]
mod run;
mod seeds;
mod template_values;
