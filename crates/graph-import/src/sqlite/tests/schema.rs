//! Versions of the schema.

use super::*;
use crate::sqlite::schema;

/// The real first step, and one as a second version would append it.
fn two_steps(second: &'static str) -> [&'static str; 2] {
    [schema::STEPS[0], second]
}

fn version(connection: &Connection) -> i64 {
    connection.pragma_query_value(None, "user_version", |row| row.get(0)).unwrap()
}

#[test]
fn an_older_store_takes_the_steps_that_it_lacks_and_keeps_its_rows() {
    let mut bench = Bench::new();
    bench.last("users", &[user(1, "Ada")]);
    bench.store.release();
    let mut connection = Connection::open(bench.path()).unwrap();
    let steps = two_steps("ALTER TABLE import_run ADD COLUMN host TEXT NOT NULL DEFAULT 'here'");
    let transaction = connection.transaction().unwrap();
    assert_eq!(schema::take(&transaction, &steps).unwrap(), 1);
    transaction.commit().unwrap();
    assert_eq!(version(&connection), 2);
    assert_eq!(bench.query("SELECT status, host FROM import_run"), ["running | here"]);
    assert_eq!(bench.query("SELECT display_name FROM users"), ["Ada"]);
    // For this program it is a newer store now: refused as it is.
    let error = SqliteStore::new(bench.path()).claim(&tenant(), &set(), AT).unwrap_err();
    assert!(matches!(error, StoreError::Newer { found: 2, known: 1, .. }), "{error:?}");
}

#[test]
fn a_step_that_fails_leaves_the_store_at_its_version() {
    let mut bench = Bench::new();
    bench.last("users", &[user(1, "Ada")]);
    bench.store.release();
    let mut connection = Connection::open(bench.path()).unwrap();
    let steps = two_steps("CREATE TABLE import_new (x); INSERT INTO import_nowhere VALUES (1)");
    let transaction = connection.transaction().unwrap();
    assert!(schema::take(&transaction, &steps).is_err());
    drop(transaction);
    assert_eq!(version(&connection), 1);
    assert_eq!(bench.query("SELECT count(*) FROM sqlite_schema WHERE name = 'import_new'"), ["0"]);
    bench.reclaim();
    assert_eq!(bench.query("SELECT display_name FROM users"), ["Ada"]);
}

#[test]
fn an_empty_file_takes_every_step() {
    let connection = Connection::open_in_memory().unwrap();
    assert_eq!(schema::take(&connection, &two_steps("CREATE TABLE import_new (x)")).unwrap(), 0);
    assert_eq!(version(&connection), 2);
    assert_eq!(schema::take(&connection, &two_steps("not even SQL")).unwrap(), 2, "taken already");
}
