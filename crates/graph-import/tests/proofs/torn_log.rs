//! A write-ahead log that a power cut has torn: wherever it ends, the next import goes on with the
//! commits that are whole (cases: A10, I2, I3).

use std::path::Path;
use std::sync::Arc;

use graph_import::{SqliteStore, Stop, StreamState};

use crate::imports::{Graph, assert_proven, import, importer, in_virtual_time};
use crate::invariants::{Steady, assert_sound};
use crate::place::Place;
use crate::stores::Disturbed;
use crate::truth;

/// Places at which the log is torn: more than there are commits, and none at the end of a page.
const TORN: u64 = 40;

fn graph() -> Graph {
    Graph { page_size: 11, ..Graph::small(5, 60) }
}

fn log(store: &Path) -> std::path::PathBuf {
    store.with_file_name("graph.db-wal")
}

/// The store and its log as they lie there, byte for byte.
fn take(from: &Path, to: &Path) {
    std::fs::copy(from, to).unwrap();
    std::fs::copy(log(from), log(to)).unwrap();
}

/// Imports the tenant at a moment; the files as they were when the last commit was made.
fn import_and_take(place: Place, moment: u64) -> Place {
    let (place, taken) = (Arc::new(place), Arc::new(Place::new()));
    let (from, to) = (Arc::clone(&place), Arc::clone(&taken));
    let watch = move |_: &StreamState, _: &StreamState| take(&from.path(), &to.path());
    let store = Disturbed::watched(SqliteStore::new(place.path()), watch);
    let run = importer(&graph().well(moment), store);
    assert_proven(&in_virtual_time(run.run(&(), &Stop::new())).unwrap(), "undisturbed");
    drop(run);
    Arc::into_inner(taken).unwrap()
}

fn assert_any_end_will_do(taken: &Place, moment: u64, what: &str) {
    let whole = std::fs::metadata(log(&taken.path())).unwrap().len();
    let mut steady = Steady::default();
    steady.until(&graph(), moment);
    let mut commits = std::collections::BTreeSet::new();
    for n in 0..=TORN {
        let (place, end) = (Place::new(), whole * n / TORN);
        take(&taken.path(), &place.path());
        let torn = std::fs::OpenOptions::new().write(true).open(log(&place.path())).unwrap();
        torn.set_len(end).unwrap();
        let what = format!("{what}, torn at byte {end} of {whole}");
        let reader = graph_import::sqlite::read_only(&place.path());
        if let Ok(reader) = &reader {
            commits.extend(crate::place::rows(reader, "SELECT sum(seq) FROM import_stream"));
            assert_sound(&place, &what);
            steady.assert_not_buried(&place, &what);
        }
        drop(reader); // or there was no store yet
        let later = graph().well(moment);
        in_virtual_time(import(&later, &place, &what));
        truth::assert_equal(&place, &later, &what);
        steady.assert_not_buried(&place, &what);
    }
    assert!(commits.len() > 4, "only {} states of {what}", commits.len());
}

#[test]
fn a_log_that_ends_anywhere_costs_no_more_than_its_end() {
    let first = import_and_take(Place::new(), 1);
    assert_any_end_will_do(&first, 4, "a first import");
    let place = Place::new();
    in_virtual_time(import(&graph().well(1), &place, "before"));
    assert_any_end_will_do(&import_and_take(place, 30), 33, "changes");
}
