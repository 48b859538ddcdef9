//! What a store may forget (cases: G11).

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::*;
use crate::sqlite::{ChangeConsumer, Moment, Retention, StoreReader};

/// A store with a changed user, a deleted one and a removed member, all at [`AT`].
fn changed() -> Bench {
    let mut bench = Bench::new();
    bench.last("users", &[user(1, "Ada"), user(2, "Bo")]);
    bench.last("groups", &[group(9, "Dock")]);
    bench.complete(9, &[1, 2]);
    bench.publish_members();
    bench.last("users", &[user(1, "Ada 2"), removed(2, "changed")]);
    bench.complete(9, &[1]);
    bench.store.release();
    bench
}

/// So many days after [`AT`].
fn later(days: i64) -> Timestamp {
    AT.parse::<Timestamp>().unwrap() + SignedDuration::from_hours(24 * days)
}

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

#[test]
fn what_is_young_stays() {
    let bench = changed();
    let store = SqliteStore::new(bench.path());
    let compacted = store.compact(&Retention::default(), later(20)).unwrap();
    assert_eq!(
        (compacted.states, compacted.edges, compacted.changes, compacted.tombstones),
        (0, 0, 0, 0)
    );
}

#[test]
fn what_is_old_goes_and_the_last_state_and_the_tombstone_stay() {
    let bench = changed();
    let store = SqliteStore::new(bench.path());
    let retention = Retention { vacuum: true, ..Retention::default() };
    let compacted = store.compact(&retention, later(400)).unwrap();
    assert_eq!(
        (compacted.states, compacted.edges, compacted.changes, compacted.tombstones),
        (2, 1, 6, 1)
    );
    assert_eq!(bench.query("SELECT display_name FROM users"), ["Ada 2"]);
    assert_eq!(
        bench.query("SELECT display_name, deletion, raw FROM deleted_users"),
        ["null | soft | {}"]
    );
    assert_eq!(bench.query("SELECT count(*) FROM import_run"), ["1"], "runs are kept for ever");
    let again = store.compact(&retention, later(400)).unwrap();
    assert_eq!((again.states, again.edges, again.changes, again.tombstones), (0, 0, 0, 0));
}

/// However short the retention, what Graph may still restore keeps its content.
#[test]
fn a_young_tombstone_is_never_stripped() {
    let bench = changed();
    let retention =
        Retention { history: DAY, changes: DAY, undelivered: DAY, tombstones: DAY, vacuum: false };
    let store = SqliteStore::new(bench.path());
    assert_eq!(store.compact(&retention, later(44)).unwrap().tombstones, 0);
    assert_eq!(bench.query("SELECT display_name FROM deleted_users"), ["Bo"]);
    assert_eq!(store.compact(&retention, later(46)).unwrap().tombstones, 1);
}

/// A13: the backlog is bounded, and whoever was away for too long is told.
#[test]
fn undelivered_changes_wait_longer_and_a_lost_consumer_is_told() {
    let bench = changed();
    let mut slow = ChangeConsumer::open(&bench.path(), "slow").unwrap();
    slow.acknowledge(2).unwrap();
    let store = SqliteStore::new(bench.path());
    assert_eq!(store.compact(&Retention::default(), later(60)).unwrap().changes, 2);
    assert_eq!(slow.next(1).unwrap()[0].number, 3);
    assert_eq!(store.compact(&Retention::default(), later(91)).unwrap().changes, 4);
    let error = slow.next(1).unwrap_err();
    assert!(matches!(error, StoreError::ChangesDropped { after: 2, dropped: 6 }), "{error}");
    assert!(StoreReader::open(&bench.path()).unwrap().changes(6, 9).unwrap().is_empty());
    assert_eq!(ChangeConsumer::open(&bench.path(), "new").unwrap().position().unwrap(), 6);
}

/// A moment whose states are gone is refused: who changed later would be missing from it.
#[test]
fn a_moment_that_can_no_longer_be_told_is_refused() {
    let mut bench = Bench::new();
    bench.last("users", &[user(1, "Ada"), user(2, "Bo")]);
    for name in ["Ada 2", "Ada 3"] {
        let end =
            RunRecord { status: "completed", requests: 1, resource_units: 1, report: "{}", at: AT };
        bench.store.finish(&end).unwrap();
        bench.reclaim();
        bench.last("users", &[user(1, name)]);
    }
    bench
        .store
        .finish(&RunRecord {
            status: "completed",
            requests: 1,
            resource_units: 1,
            report: "{}",
            at: AT,
        })
        .unwrap();
    bench.store.release();
    let as_of = |run: u64| StoreReader::as_of(&bench.path(), &Moment::Run(run));
    assert!(as_of(1).is_ok());
    let store = SqliteStore::new(bench.path());
    assert_eq!(store.compact(&Retention::default(), later(400)).unwrap().states, 2);
    for run in [1, 2] {
        let error = as_of(run).unwrap_err();
        assert!(matches!(error, StoreError::HistoryDropped { first: 3, .. }), "{error}");
    }
    assert!(as_of(3).is_ok());
    let reader = StoreReader::open(&bench.path()).unwrap();
    assert!(reader.differences(2, 3, &mut |_| true).is_err(), "nor compared");
    let kept = [1, 2, 3].map(|run| reader.keeps_changes_since(run).unwrap());
    assert_eq!(kept, [false, false, true]);
}

#[test]
fn a_store_that_is_written_to_is_not_compacted() {
    let mut bench = changed();
    bench.reclaim();
    let error =
        SqliteStore::new(bench.path()).compact(&Retention::default(), later(1)).unwrap_err();
    assert!(matches!(error, StoreError::Locked { .. }));
}
