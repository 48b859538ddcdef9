//! A disk that is full in every phase: at each commit that makes the file larger (cases: A11, I1, I3).

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use graph_import::{
    ImportError, Report, SqliteStore, Stop, Store, StoreError, StreamSet, StreamState,
};

use crate::imports::{Graph, assert_proven, in_virtual_time, tenant};
use crate::invariants::{Steady, assert_sound};
use crate::place::Place;
use crate::stores::Disturbed;
use crate::truth;

/// Commits of a run at which there is no room, at most so many in each phase of a stream.
const IN_A_PHASE: usize = 2;

/// In which phases of which streams there must have been no room.
const EVERYWHERE: [&str; 7] = [
    "first load: users scan",
    "first load: groups scan",
    "first load: members full",
    "changes: users changes",
    "changes: members idle",
    "everything again: users scan",
    "everything again: users verify",
];

fn graph() -> Graph {
    Graph { page_size: 7, scan_from: 1, ..Graph::small(5, 150) }
}

fn run<S: Store>(store: S, moment: u64, full: bool) -> Result<Report, ImportError> {
    let importer = graph().importer(&graph().well(moment), store).full(full);
    in_virtual_time(importer.run(&(), &Stop::new()))
}

/// Imports, and tells what each commit that makes the file larger belongs to, and how many bytes the
/// file had before.
fn growth(place: &Place, moment: u64, full: bool) -> Vec<(String, u64)> {
    let size = |place: &Place| -> u64 {
        let size = "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size";
        place.query(size)[0].parse().unwrap()
    };
    // What is there is copied without free pages, as it will be when there is no room.
    let place = Arc::new(place.copy());
    let (watched, told) = (Arc::clone(&place), Arc::new(Mutex::new(Vec::new())));
    let mut last = None;
    let watch = {
        let told = Arc::clone(&told);
        move |before: &StreamState, _: &StreamState| {
            let now = size(&watched);
            if let Some(last) = last.replace(now).filter(|last| *last < now) {
                let what = format!("{} {}", before.stream, before.phase.as_str());
                told.lock().unwrap().push((what, last));
            }
        }
    };
    let store = Disturbed::watched(SqliteStore::new(place.path()), watch);
    assert_proven(&run(store, moment, full).unwrap(), "with room");
    std::mem::take(&mut *told.lock().unwrap())
}

#[test]
fn a_full_disk_in_every_phase_costs_nothing() {
    let (mut place, mut steady) = (Place::new(), Steady::default());
    // An empty store, so that there is one to copy.
    let (tenant, streams) = (tenant(&graph().well(0)), StreamSet::new(graph().streams()).unwrap());
    let mut empty = SqliteStore::new(place.path());
    empty.claim(&tenant, &streams, "2031-01-01T00:00:00.000Z").unwrap();
    drop(empty);
    let (mut hit, mut told) = (BTreeSet::new(), 0);
    for (name, moment, full) in
        [("first load", 1, false), ("changes", 25, false), ("everything again", 50, true)]
    {
        steady.until(&graph(), moment);
        let mut seen = Vec::new();
        for (phase, bytes) in growth(&place, moment, full) {
            let what = format!("{name}: {phase}");
            if seen.iter().filter(|it| **it == what).count() >= IN_A_PHASE {
                continue;
            }
            let copy = place.copy();
            let result = run(SqliteStore::new(copy.path()).limit(bytes), moment, full);
            let no_room = matches!(result, Err(ImportError::Store(StoreError::Full { .. })));
            assert!(no_room, "{what}: {bytes} bytes are too few: {result:?}");
            // It may be that there is no room for the word either; the next run closes this one then.
            let status = copy.query("SELECT status FROM import_runs LIMIT 1");
            assert!(["storage_full", "running"].contains(&&*status[0]), "{what}: {status:?}");
            told += u32::from(status == ["storage_full"]);
            assert_sound(&copy, &what);
            steady.assert_not_buried(&copy, &what);
            // With room it goes on, where it was.
            let report = run(SqliteStore::new(copy.path()), moment, false).unwrap();
            assert_proven(&report, &what);
            truth::assert_equal(&copy, &graph().well(moment), &what);
            hit.insert(what.clone());
            seen.push(what);
        }
        run(SqliteStore::new(place.path()), moment, full).unwrap();
        place = place.copy();
    }
    assert!(told > 0, "no run says why it ended");
    let missed: Vec<_> = EVERYWHERE.iter().filter(|it| !hit.contains(**it)).collect();
    assert!(missed.is_empty(), "there was room in {missed:?}; there was none in {hit:#?}");
}
