//! Two imports write to one store, because what keeps the second one out did not: its lock was removed,
//! or the file system has none. The fence alone is left (cases: G1, G2, I2, I6).

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use graph_import::{ImportError, Report, SqliteStore, Stop};

use crate::imports::{Graph, import, importer, in_virtual_time};
use crate::place::Place;
use crate::stores::Disturbed;
use crate::truth;

const EARLIER: u64 = 1;
const LATER: u64 = 9;

fn graph() -> Graph {
    Graph { page_size: 11, ..Graph::small(5, 60) }
}

/// An import that sleeps after its nth commit until another one, of the tenant some time later, is
/// over. What the first one came to, if it had as many commits.
fn overtaken(place: &Arc<Place>, nth: u64, fenced: bool) -> Option<Result<Report, ImportError>> {
    let (shared, mut commits) = (Arc::clone(place), 0);
    let (told, slept) = std::sync::mpsc::channel();
    let sleep = move |_: &_, _: &_| {
        commits += 1;
        if commits == nth {
            std::fs::remove_file(shared.path().with_file_name("graph.db-lock")).unwrap();
            let later = graph().well(LATER);
            in_virtual_time(import(&later, &shared, "the second import"));
            truth::assert_equal(&shared, &later, "the second import");
            told.send(()).unwrap();
        }
    };
    let store = Disturbed::watched(SqliteStore::new(place.path()), sleep).unfenced(!fenced);
    let result = in_virtual_time(importer(&graph().well(EARLIER), store).run(&(), &Stop::new()));
    slept.try_recv().ok().map(|()| result)
}

/// What the checker has to say about the store after both.
fn check(place: &Place) -> Result<(), String> {
    let check = || truth::assert_equal(place, &graph().well(LATER), "after both imports");
    let said = |panic: Box<dyn std::any::Any + Send>| panic.downcast_ref::<String>().cloned();
    catch_unwind(AssertUnwindSafe(check)).map_err(|panic| said(panic).unwrap_or_default())
}

/// Imports that were overtaken after commit 1, 2, 3, …, and what the checker says then.
fn all(fenced: bool) -> Vec<(Result<Report, ImportError>, Result<(), String>)> {
    let one = |nth| {
        let place = Arc::new(Place::new());
        let result = overtaken(&place, nth, fenced)?;
        Some((result, check(&place)))
    };
    (1..).map_while(one).collect()
}

#[test]
fn an_import_that_was_overtaken_is_told_and_changes_nothing_any_more() {
    let all = all(true);
    let commits = all.len();
    assert!(commits > 8, "only {commits} commits");
    for (nth, (result, checked)) in (1..).zip(all) {
        // After its last commit there was nothing left that it could have lost.
        let fenced = matches!(result, Err(ImportError::Fenced { .. }));
        assert_eq!(fenced, nth < commits, "after commit {nth} of {commits}: {result:?}");
        assert_eq!(checked, Ok(()), "after commit {nth}");
    }
}

/// The proof above can fail: the same imports into a store that applies every commit.
#[test]
fn without_the_fence_the_checker_finds_what_was_lost() {
    let all = all(false);
    let lost = all.iter().filter(|(_, checked)| checked.is_err()).count();
    assert!(lost * 2 > all.len(), "{lost} of {} were found", all.len());
}
