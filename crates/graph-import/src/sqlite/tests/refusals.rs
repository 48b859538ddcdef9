//! Stores that must not be used are refused and left as they were.

use std::fs;
use std::path::Path;

use super::*;

/// Every file of the directory with its content.
fn files(directory: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let paths = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path());
    let paths = paths.filter(|path| path.is_file());
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

#[test]
fn what_is_no_file() {
    let directory = |path: &Path| fs::create_dir(path).unwrap();
    let error = refused(directory, &tenant());
    assert!(error.to_string().contains("it is a directory"), "{error}");
    let directory = tempfile::tempdir().unwrap();
    assert!(matches!(read_only(directory.path()), Err(StoreError::NotAStore { .. })));
    #[cfg(unix)]
    {
        let error = SqliteStore::new("/dev/null").claim(&tenant(), &set(), AT).unwrap_err();
        assert!(matches!(error, StoreError::NotAStore { .. }), "{error:?}");
    }
}

/// A12: a copy that was cut short, wherever it was, is no smaller store.
#[test]
fn a_file_that_was_cut() {
    for kept in [1, 3, 10, 30] {
        let cut = |path: &Path| {
            filled(path);
            let whole = fs::metadata(path).unwrap().len();
            assert!(whole > kept * 4_096, "{whole} bytes");
            fs::OpenOptions::new().write(true).open(path).unwrap().set_len(kept * 4_096).unwrap();
        };
        let error = refused(cut, &tenant());
        assert!(matches!(error, StoreError::Damaged { .. }), "{kept} pages: {error:?}");
    }
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
    bench.last("users", &[user(1, "Ada")]);
    let reader = read_only(&bench.path()).unwrap();
    let count: i64 =
        reader.query_row("SELECT count(*) FROM object_users", [], |row| row.get(0)).unwrap();
    assert_eq!(count, 1);
    assert!(reader.execute("DELETE FROM object_users", []).is_err());
}

/// G10, I5: a reader that was there before the writer sees whole states, old and new.
#[test]
fn a_reader_of_a_closed_store_stays_consistent_while_a_writer_commits() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("graph.db");
    filled(&path);
    assert!(!path.with_extension("db-wal").exists());
    let reader = read_only(&path).unwrap();
    let users = || -> i64 {
        reader.query_row("SELECT count(*) FROM object_users", [], |row| row.get(0)).unwrap()
    };
    let intact =
        || -> String { reader.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap() };
    reader.execute_batch("BEGIN").unwrap();
    assert_eq!(users(), 0);
    let mut store = SqliteStore::new(&path);
    let run = store.claim(&tenant(), &set(), AT).unwrap().run;
    let mut bench = Bench { store, run, _directory: directory };
    for page in 0..20u32 {
        let items: Vec<_> = (0..200).map(|n| user(page * 200 + n, &"x".repeat(400))).collect();
        bench.last("users", &items);
        assert_eq!(users(), 0, "the reader's transaction has one state");
    }
    assert_eq!(intact(), "ok");
    reader.execute_batch("COMMIT").unwrap();
    assert_eq!(users(), 4000);
    Connection::open(bench.path())
        .unwrap()
        .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
        .unwrap();
    bench.last("users", &[user(4000, "Ada")]);
    assert_eq!((users(), intact().as_str()), (4001, "ok"));
    bench.store.release();
    assert_eq!((users(), intact().as_str()), (4001, "ok"));
}

/// What nobody would find is not written, and no run ends well that was written so: the file was moved
/// away, deleted, or another one took its place.
#[cfg(unix)]
#[test]
fn a_store_that_vanishes_meanwhile() {
    let replace = |path: &Path| {
        fs::remove_file(path).unwrap();
        filled(&path.with_file_name("other.db"));
        fs::rename(path.with_file_name("other.db"), path).unwrap();
    };
    let moved = |path: &Path| fs::rename(path, path.with_file_name("elsewhere.db")).unwrap();
    let deleted = |path: &Path| fs::remove_file(path).unwrap();
    for vanish in [&replace as &dyn Fn(&Path), &moved, &deleted] {
        let mut bench = Bench::new();
        bench.page("users", &[user(1, "Ada")]);
        vanish(&bench.path());
        let fence = bench.store.stream("users").unwrap().fence(bench.run);
        let (changes, advance) = (Changes::Nothing, Advance::Page("/v1.0/next"));
        let error = bench.store.commit(&Commit::new("users", fence, changes, advance, AT));
        assert!(matches!(error, Err(StoreError::Vanished { .. })), "{error:?}");
        let end =
            RunRecord { status: "completed", requests: 1, resource_units: 1, report: "{}", at: AT };
        let error = bench.store.finish(&end);
        assert!(matches!(error, Err(StoreError::Vanished { .. })), "{error:?}");
        bench.reclaim(); // whatever is there now can be used
    }
}

/// Looking at a store before a run leaves no trace, whether it is being written to or not.
#[test]
fn an_inspection_leaves_no_file_behind() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("graph.db");
    filled(&path);
    let before = files(directory.path());
    SqliteStore::new(&path).inspect(&tenant(), &set()).unwrap();
    assert_eq!(files(directory.path()), before);
    let mut writer = SqliteStore::new(&path);
    writer.claim(&tenant(), &set(), AT).unwrap();
    let before = names(directory.path());
    SqliteStore::new(&path).inspect(&tenant(), &set()).unwrap();
    assert_eq!(names(directory.path()), before);
}

fn names(directory: &Path) -> Vec<PathBuf> {
    files(directory).into_iter().map(|(path, _)| path).collect()
}

/// Where no `-shm` can be made, a store that nobody writes to is read all the same. Only an ordinary
/// user is kept from writing by the directory's mode; for root this is one more plain read.
#[cfg(unix)]
#[test]
fn a_store_in_a_directory_that_cannot_be_written_to_is_readable() {
    use std::os::unix::fs::PermissionsExt;
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("graph.db");
    filled(&path);
    let mode = |mode| fs::set_permissions(directory.path(), fs::Permissions::from_mode(mode));
    mode(0o500).unwrap();
    let users = read_only(&path).map(|reader| {
        reader
            .query_row("SELECT count(*) FROM object_users", [], |row| row.get::<_, i64>(0))
            .unwrap()
    });
    mode(0o700).unwrap();
    assert_eq!(users.unwrap(), 0);
}
