//! No space left, and what a damaged file does to a run that is under way.

use super::*;

/// A11: the transaction in hand is rolled back, what is there stays readable, and the next run with
/// more space goes on.
#[test]
fn a_full_store_keeps_what_it_has_and_goes_on_later() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("graph.db");
    let mut store = SqliteStore::new(&path).limit(400 << 10);
    let run = store.claim(&tenant(), &set(), AT).unwrap().run;
    let mut bench = Bench { store, run, _directory: directory };
    bench.last("users", &[user(1, "Ada")]);
    let large: Vec<String> = (2..400).map(|n| user(n, &"x".repeat(2000))).collect();
    let items: Vec<_> = large.iter().map(|json| Item::read(json).unwrap()).collect();
    let before = bench.store.stream("users").unwrap();
    let commit = Commit::new(
        "users",
        before.fence(bench.run),
        Changes::Objects(&items),
        Advance::Page("/v1.0/next"),
        AT,
    );
    for _ in 0..2 {
        let error = bench.store.commit(&commit).unwrap_err();
        assert!(matches!(error, StoreError::Full { .. }), "{error:?}");
        assert_eq!(bench.store.stream("users").unwrap(), before, "no cursor moves");
        assert_eq!(bench.query("SELECT display_name FROM users"), ["Ada"]);
    }
    let end =
        RunRecord { status: "storage_full", requests: 1, resource_units: 1, report: "{}", at: AT };
    bench.store.finish(&end).unwrap();
    assert_eq!(bench.query("SELECT status FROM import_runs"), ["storage_full"]);
    bench.store = SqliteStore::new(bench.path());
    bench.reclaim();
    bench.last("users", &large);
    assert_eq!(bench.query("SELECT count(*) FROM users"), ["399"]);
}

/// A12: a page of rows that cannot be read stops the run; nothing is repaired, nothing is lost.
#[test]
fn a_damaged_page_of_rows_stops_the_commit_that_meets_it() {
    let mut bench = Bench::new();
    let many: Vec<String> = (0..800).map(|n| user(n, &"x".repeat(300))).collect();
    bench.last("users", &many);
    bench.store.release();
    let path = bench.path();
    let mut bytes = std::fs::read(&path).unwrap();
    let (start, end) = (bytes.len() / 2, bytes.len() - 8192);
    bytes[start..end].fill(0xa5);
    std::fs::write(&path, &bytes).unwrap();
    bench.reclaim();
    let fence = bench.store.stream("users").unwrap().fence(bench.run);
    let items: Vec<_> = many.iter().map(|json| Item::read(json).unwrap()).collect();
    let (changes, advance) = (Changes::Objects(&items), Advance::Page("/v1.0/next"));
    let commit = Commit::new("users", fence, changes, advance, AT);
    let error = bench.store.commit(&commit).unwrap_err();
    assert!(matches!(error, StoreError::Damaged { .. }), "{error:?}");
    assert!(error.help().is_some_and(|help| help.contains("new file")));
}
