//! Stores that must not be used are refused and left as they were.

use std::fs;
use std::path::Path;

use super::*;

/// Every file of the directory with its content.
fn files(directory: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let paths = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<_> = paths.map(|path| (path.clone(), fs::read(&path).unwrap())).collect();
    files.sort();
    files
}

/// Claims the store at `graph.db` as prepared, expects a refusal and that no file has changed.
fn refused(prepare: impl FnOnce(&Path), tenant: &TenantId) -> StoreError {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("graph.db");
    prepare(&path);
    let before = files(directory.path());
    let inspected = SqliteStore::new(&path).inspect(tenant, &set()).unwrap_err();
    let error = SqliteStore::new(&path).claim(tenant, &set(), AT).unwrap_err();
    assert_eq!(inspected.to_string(), error.to_string());
    assert!(error.help().is_some());
    assert_eq!(files(directory.path()), before);
    error
}

fn filled(path: &Path) {
    let mut store = SqliteStore::new(path);
    store.claim(&tenant(), &set(), AT).unwrap();
}

#[test]
fn a_store_of_another_tenant() {
    let other = TenantId::parse("22222222-2222-4222-8222-222222222222").unwrap();
    let error = refused(filled, &other);
    assert!(matches!(error, StoreError::StoreOfAnotherTenant { .. }), "{error:?}");
    let text = error.to_string();
    assert!(text.contains(TENANT) && text.contains(other.as_str()), "{text}");
}

#[test]
fn a_store_of_a_newer_version() {
    let newer = |path: &Path| {
        filled(path);
        Connection::open(path).unwrap().pragma_update(None, "user_version", 99).unwrap();
    };
    assert!(matches!(refused(newer, &tenant()), StoreError::Newer { found: 99, known: 1, .. }));
}

#[test]
fn a_file_that_is_no_database() {
    let text = |path: &Path| fs::write(path, "id,display_name\n".repeat(200)).unwrap();
    assert!(matches!(refused(text, &tenant()), StoreError::NotAStore { .. }));
    let foreign =
        |path: &Path| Connection::open(path).unwrap().execute_batch("CREATE TABLE t (x)").unwrap();
    assert!(matches!(refused(foreign, &tenant()), StoreError::NotAStore { .. }));
}

/// A12
#[test]
fn a_damaged_store() {
    let damaged = |path: &Path| {
        filled(path);
        let mut bytes = fs::read(path).unwrap();
        bytes[100..3000].fill(0xa5); // the schema's page
        fs::write(path, bytes).unwrap();
    };
    assert!(matches!(refused(damaged, &tenant()), StoreError::Damaged { .. }));
}

/// G1
#[test]
fn a_second_writer_is_told_who_is_writing() {
    let bench = Bench::new();
    let error = SqliteStore::new(bench.path()).claim(&tenant(), &set(), AT).unwrap_err();
    let StoreError::Locked { holder, .. } = &error else { panic!("{error:?}") };
    assert_eq!(*holder, format!("process {}", std::process::id()));
    let path = bench.path();
    drop(bench.store);
    SqliteStore::new(path).claim(&tenant(), &set(), AT).unwrap();
}

/// A10: what a killed process leaves behind before its first transaction is an empty database.
#[test]
fn an_empty_file_becomes_a_store() {
    let directory = tempfile::tempdir().unwrap();
    for (name, empty) in [("a.db", false), ("b.db", true)] {
        let path = directory.path().join(name);
        if empty {
            fs::write(&path, "").unwrap();
        } else {
            Connection::open(&path)
                .unwrap()
                .pragma_update_and_check(None, "journal_mode", "wal", |_| Ok(()))
                .unwrap();
        }
        filled(&path);
        assert_eq!(SqliteStore::new(&path).inspect(&tenant(), &set()).unwrap().len(), 3);
    }
}

#[test]
fn a_run_that_was_killed_is_marked_by_the_next_one() {
    let mut bench = Bench::new();
    bench.reclaim();
    assert_eq!(bench.query("SELECT run, status FROM import_runs"), ["2 | running", "1 | killed"]);
    let finished =
        RunRecord { status: "completed", requests: 3, resource_units: 5, report: "{}", at: AT };
    bench.store.finish(&finished).unwrap();
    assert_eq!(bench.query("SELECT status, requests FROM import_runs")[0], "completed | 3");
}

#[cfg(unix)]
#[test]
fn only_the_owner_may_read_the_store() {
    use std::os::unix::fs::PermissionsExt;
    let mut bench = Bench::new();
    bench.page("users", &[user(1, "Ada")]);
    for (path, _) in files(bench.path().parent().unwrap()) {
        let mode = fs::metadata(&path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600, "{}", path.display());
    }
}

#[test]
fn readers_see_a_store_that_is_being_written_to() {
    let mut bench = Bench::new();
    bench.page("users", &[user(1, "Ada")]);
    let reader = read_only(&bench.path()).unwrap();
    let count: i64 = reader.query_row("SELECT count(*) FROM users", [], |row| row.get(0)).unwrap();
    assert_eq!(count, 1);
    assert!(reader.execute("DELETE FROM object_users", []).is_err());
}
