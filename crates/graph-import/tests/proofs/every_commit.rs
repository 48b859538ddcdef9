//! A process killed right after commit 1, 2, 3, …: its file is copied at that instant, and another
//! process goes on with the copy later (cases: A1, A2, A4, A8, I2).

use std::sync::{Arc, Mutex};

use graph_import::{SqliteStore, Stop};

use crate::imports::{Graph, assert_proven, import, importer, in_virtual_time};
use crate::invariants::Steady;
use crate::place::Place;
use crate::stores::Disturbed;
use crate::truth;

fn graph() -> Graph {
    Graph { page_size: 11, ..Graph::small(5, 150) }
}

/// Imports the tenant as it is at a moment and keeps the store as it was after every commit.
fn copies(place: Place, moment: u64, full: bool) -> (Place, Vec<Place>) {
    let copies = Arc::new(Mutex::new(Vec::new()));
    let (place, taken) = (Arc::new(place), Arc::clone(&copies));
    let original = Arc::clone(&place);
    let copy = move |_: &_, _: &_| taken.lock().unwrap().push(original.copy());
    let store = Disturbed::watched(SqliteStore::new(place.path()), copy);
    let importer = importer(&graph().well(moment), store).full(full);
    let report = in_virtual_time(importer.run(&(), &Stop::new())).unwrap();
    drop(importer);
    assert_proven(&report, "undisturbed");
    let copies = std::mem::take(&mut *copies.lock().unwrap());
    (Arc::into_inner(place).unwrap(), copies)
}

/// The next run reads the tenant as it is some time later: what the killed one had not stored, and
/// had not marked as still to be read, is then missing for good.
fn assert_all_go_on(copies: &[Place], moment: u64, what: &str) {
    let mut steady = Steady::default();
    steady.until(&graph(), moment);
    for (n, copy) in copies.iter().enumerate() {
        let what = format!("killed after commit {} of {what}", n + 1);
        let later = graph().well(moment);
        in_virtual_time(import(&later, copy, &what));
        truth::assert_equal(copy, &later, &what);
        steady.assert_not_buried(copy, &what);
    }
}

#[test]
fn a_kill_after_any_commit_costs_nothing() {
    let (place, first) = copies(Place::new(), 1, false);
    assert!(first.len() > 8, "only {} commits", first.len());
    assert_all_go_on(&first, 4, "a first import");
    let (place, changes) = copies(place, 7, false);
    assert!(changes.len() > 3, "only {} commits", changes.len());
    assert_all_go_on(&changes, 9, "a delta round");
    let (_, full) = copies(place, 12, true);
    assert_all_go_on(&full, 15, "a full round over an old generation");
}
