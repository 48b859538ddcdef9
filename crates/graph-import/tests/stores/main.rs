//! Two stores behind one trait, and the examples of the library.

#[expect(dead_code, reason = "the example's own `main`")]
#[path = "../../examples/observe_changes.rs"]
mod observe_changes;
#[expect(dead_code, reason = "the example's own `main`")]
#[path = "../../examples/own_store/main.rs"]
mod own_store;

#[expect(dead_code, reason = "the example's own `main`")]
#[path = "../../examples/store_page.rs"]
mod store_page;

mod conformance;
mod examples;
mod page;
