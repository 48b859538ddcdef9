//! The reference of the store is what a store is.

use std::path::Path;

use crate::store_page;

#[test]
fn the_reference_page_is_fresh() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/reference/store.md");
    // A packaged crate has no docs beside it.
    let Ok(written) = std::fs::read_to_string(&path) else { return };
    let fresh = store_page::page().unwrap();
    assert!(
        written == fresh,
        "stale: cargo run -p graph-import --example store_page > docs/reference/store.md"
    );
}
