//! facts: evidence-and-security, "The commit rule".

use super::*;
use crate::store::{Fence, Phase};

fn commit(bench: &mut Bench, fence: Fence, json: &str) -> Result<Committed, StoreError> {
    let items = [Item::read(json).unwrap()];
    let (changes, advance) = (Changes::Objects(&items), Advance::Page("/v1.0/other"));
    bench.store.commit(&Commit::new("users", fence, changes, advance, AT))
}

/// A1, A2
#[test]
fn rows_and_cursor_are_one_transaction() {
    let mut bench = Bench::new();
    bench.page("users", &[user(1, "Ada")]);
    let state = bench.store.stream("users").unwrap();
    assert_eq!((state.seq, state.cursor.as_deref(), state.items), (1, Some("/v1.0/next"), 1));
    assert_eq!(bench.query("SELECT display_name FROM object_users"), ["Ada"]);
    bench.last("users", &[]);
    let state = bench.store.stream("users").unwrap();
    assert_eq!((state.phase, state.watermark.as_deref()), (Phase::Idle, Some("/v1.0/delta")));
}

#[test]
fn a_commit_that_happened_adopts_the_stored_cursor_and_changes_nothing() {
    let mut bench = Bench::new();
    let fence = bench.store.stream("users").unwrap().fence(bench.run);
    bench.page("users", &[user(1, "Ada")]);
    match commit(&mut bench, fence, &user(2, "Bo")).unwrap() {
        Committed::AlreadyDone(state) => assert_eq!(state.cursor.as_deref(), Some("/v1.0/next")),
        other => panic!("{other:?}"),
    }
    assert_eq!(bench.query("SELECT display_name FROM object_users"), ["Ada"]);
}

/// G1
#[test]
fn a_writer_of_an_earlier_run_is_fenced_off() {
    let mut bench = Bench::new();
    let old = bench.store.stream("users").unwrap().fence(bench.run);
    bench.reclaim();
    bench.page("users", &[user(1, "Ada")]);
    let late = Fence { seq: old.seq + 1, ..old };
    for fence in [old, late] {
        assert_eq!(commit(&mut bench, fence, &user(2, "Bo")).unwrap(), Committed::Fenced);
    }
    assert_eq!(bench.query("SELECT display_name FROM object_users"), ["Ada"]);
}

#[test]
fn a_late_page_of_an_older_generation_is_superseded() {
    let mut bench = Bench::new();
    let fence = bench.store.stream("users").unwrap().fence(bench.run);
    bench.commit("users", Changes::Nothing, Advance::Resync);
    assert_eq!(commit(&mut bench, fence, &user(1, "Ada")).unwrap(), Committed::Superseded);
}

#[test]
fn a_commit_from_nowhere_is_a_defect_and_says_so() {
    let mut bench = Bench::new();
    let fence = Fence { seq: 7, ..bench.store.stream("users").unwrap().fence(bench.run) };
    assert!(matches!(
        commit(&mut bench, fence, &user(1, "Ada")),
        Err(StoreError::Protocol { found: 0, .. })
    ));
}

#[test]
fn a_stream_whose_query_changed_begins_a_new_generation() {
    let mut bench = Bench::new();
    bench.last("users", &[user(1, "Ada")]);
    let mut plans = plans();
    plans[0] = plans[0].clone().column("mail", "mail", ColumnKind::Text);
    let claim = bench.store.claim(&tenant(), &StreamSet::new(plans).unwrap(), AT).unwrap();
    let users = claim.streams.iter().find(|state| state.stream == "users").unwrap();
    assert_eq!((users.generation, users.phase, users.cursor.as_deref()), (2, Phase::Full, None));
    assert_eq!(bench.query("SELECT display_name, mail FROM users"), ["Ada | null"]);
}

/// A mapping that only reads another property of what is there is cut out of the raw objects.
#[test]
fn changed_columns_are_filled_from_the_raw_objects() {
    let mut bench = Bench::new();
    bench.last("users", &[user(1, "Ada")]);
    let mut plans = plans();
    plans[0] = plans[0].clone().column("title", "displayName", ColumnKind::Text);
    bench.store.claim(&tenant(), &StreamSet::new(plans).unwrap(), AT).unwrap();
    assert_eq!(bench.store.stream("users").unwrap().generation, 1);
    assert_eq!(bench.query("SELECT title FROM users"), ["Ada"]);
}
