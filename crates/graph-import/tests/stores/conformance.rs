//! The contract, kept by both and broken on purpose.

use std::cell::RefCell;
use std::collections::HashMap;

use graph_import::{SqliteStore, conformance};

use crate::own_store::memory::MemoryStore;

#[test]
fn the_reference_store_keeps_the_contract() {
    let directory = tempfile::tempdir().unwrap();
    let violations = conformance::check(|name| SqliteStore::new(directory.path().join(name)));
    assert_eq!(violations, []);
}

#[test]
fn a_store_in_memory_keeps_the_contract() {
    let stores: RefCell<HashMap<String, MemoryStore>> = RefCell::default();
    let open = |name: &str| stores.borrow_mut().entry(name.to_owned()).or_default().another();
    assert_eq!(conformance::check(open), []);
}

/// The suite can fail: a store that forgets everything between two handles.
#[test]
fn a_store_that_forgets_breaks_the_contract() {
    let violations = conformance::check(|_| MemoryStore::default());
    let rules: Vec<_> = violations.iter().map(|violation| violation.rule).collect();
    assert_eq!(rules, ["what was committed is there for the next handle", "one writer at a time"]);
    assert!(violations[0].to_string().contains("instead of"), "{}", violations[0]);
}
