//! What an operator gets wrong at a store: told before anything is done, with the way out.

use crate::support::{Place, Run, exists};

fn refused(place: &Place, arguments: &[&str]) -> Run {
    let run = place.run(arguments);
    assert_eq!(run.code, 2, "{arguments:?}: {}", run.stderr);
    assert_eq!(run.stdout, "", "{arguments:?}");
    run
}

#[test]
fn a_name_that_is_almost_right_is_named_before_anything_is_read() {
    let place = Place::new();
    for (flags, meant) in [
        (&["--streams", "users,mebers"][..], "did you mean `members`?"),
        (&["--without", "device_owner"], "did you mean `device_owners`?"),
        (&["--columns", "users.employmnt"], "did you mean `employment`?"),
        (&["--columns", "users.unit=departmnt"], "did you mean `department`?"),
        (&["--external-id", "userprincipalname"], "did you mean `userPrincipalName`?"),
    ] {
        for action in [&["import", "--simulate"][..], &["import", "plan", "--simulate"]] {
            let run = refused(&place, &[action, flags].concat());
            assert!(run.stderr.contains(meant), "{flags:?}: {}", run.stderr);
        }
    }
    assert_eq!(place.files(), <Vec<String>>::new(), "nothing is kept of them");
}

#[test]
fn since_a_moment_that_the_store_does_not_know_costs_no_import() {
    let place = Place::new();
    let simulated = ["import", "--simulate", "--users", "20", "-q"];
    let early = refused(&place, &[&simulated[..], &["--since", "1"]].concat());
    assert!(early.stderr.contains("leave --since out"), "{}", early.stderr);
    assert_eq!(place.files(), <Vec<String>>::new());
    place.succeed(&simulated);
    let before = place.succeed(&["import", "status", "-o", "json"]).stdout;
    for moment in ["99", "1999-01-01"] {
        let run = refused(&place, &["import", "--simulate", "--since", moment]);
        assert!(run.stderr.contains("import status"), "{}", run.stderr);
    }
    let unread = refused(&place, &["import", "--simulate", "--since", "yesterday"]);
    assert!(unread.stderr.contains("the number of a run, a date"), "{}", unread.stderr);
    let runs =
        |text: &str| serde_json::from_str::<serde_json::Value>(text).unwrap()["runs"].clone();
    let after = place.succeed(&["import", "status", "-o", "json"]).stdout;
    assert_eq!(runs(&after), runs(&before));
}

#[test]
fn every_command_over_a_store_says_which_stream_was_meant() {
    let place = Place::new();
    place.succeed(&["import", "--simulate", "--users", "20", "-q"]);
    for command in [
        &["export", "jsonl", "--streams", "user"][..],
        &["watch", "--once", "--streams", "user"],
        &["import", "diff", "1", "1", "--streams", "user"],
        &["import", "verify", "--simulate", "--streams", "user"],
    ] {
        let run = refused(&place, command);
        assert!(run.stderr.contains("did you mean `users`?"), "{command:?}: {}", run.stderr);
    }
    let far = refused(&place, &["export", "csv", "--streams", "mailboxes"]);
    assert!(far.stderr.contains("it has administrative_units, "), "{}", far.stderr);
    let consumer = refused(&place, &["watch", "--consumer", "warehose", "--forget"]);
    assert!(consumer.stderr.contains("there is no consumer `warehose`"), "{}", consumer.stderr);
    refused(&place, &["watch", "--consumer", ""]);
}

/// A store, or what was taken for one.
#[test]
fn what_is_no_store_is_refused_by_every_reading_command() {
    let place = Place::new();
    place.write("empty.db", "");
    place.write("text.db", "this is a letter, and as long as the head of a database would have to be: 100 bytes are enough for it");
    for reading in [
        &["query", "select 1"][..],
        &["export", "jsonl"],
        &["watch", "--once"],
        &["import", "status"],
        &["import", "diff"],
        &["import", "verify"],
        &["import", "compact"],
    ] {
        let missing = refused(&place, &[reading, &["--store", "nothing.db"]].concat());
        assert!(missing.stderr.contains("`graphctl import` fills one"), "{}", missing.stderr);
        for file in ["empty.db", "text.db"] {
            let run = place.run(&[reading, &["--store", file]].concat());
            assert_eq!(run.code, 3, "{reading:?} {file}: {}", run.stderr);
            assert!(run.stderr.contains("name another file with --store"), "{}", run.stderr);
        }
    }
    assert!(!exists(&place.path("nothing.db")));
    assert_eq!(place.files(), ["empty.db", "text.db"]);
}

#[test]
fn a_query_that_is_wrong_is_shown_with_the_place_and_nothing_is_written() {
    let place = Place::new();
    place.succeed(&["import", "--simulate", "--users", "20", "-q"]);
    let before = place.succeed(&["export", "jsonl"]).stdout;
    let column = refused(&place, &["query", "select displayName from users", "-q"]);
    assert_eq!(
        column.stderr,
        "error: the query was not understood\n  caused by: no such column: displayName\n    \
         select displayName from users\n           ^\n  hint: did you mean `display_name`?\n"
    );
    for (sql, words) in [
        (" -- nothing", "there is no statement"),
        ("select 1; select 2", "a query is one statement"),
    ] {
        let run = refused(&place, &["query", sql]);
        assert!(run.stderr.contains(words), "{sql}: {}", run.stderr);
    }
    for sql in [
        "delete from users",
        "insert into object_users default values",
        "update import_run set status = 'completed'",
        "with gone as (select 1) delete from import_run",
        "drop view users",
        "attach 'other.db' as other",
        "pragma journal_mode = delete",
        "vacuum into 'copy.db'",
    ] {
        let run = refused(&place, &["query", sql]);
        assert!(run.stderr.contains("a query only reads"), "{sql}: {}", run.stderr);
    }
    assert_eq!(place.succeed(&["export", "jsonl"]).stdout, before);
    assert!(!exists(&place.path("copy.db")) && !exists(&place.path("other.db")));
}

/// A9: nothing that is half written keeps its name, and the exit code is that of an interruption.
#[cfg(unix)]
#[test]
fn a_query_and_an_export_end_when_they_are_asked_to() {
    use std::process::Command;

    let place = Place::new();
    place.succeed(&["import", "--simulate", "--users", "20", "-q"]);
    let store = rusqlite::Connection::open(place.path("simulated.db")).unwrap();
    let endless = "with recursive c(x) as (select 1 union all select x + 1 from c) select x from c";
    store.execute_batch(&format!("create view endless as {endless}")).unwrap();
    drop(store);
    let count = format!("select count(*) from ({endless})");
    for (signal, arguments) in [
        ("-INT", &["query", &count][..]),
        ("-TERM", &["export", "csv", "--streams", "endless", "-o", "endless.csv"]),
    ] {
        let mut child = place.spawn(arguments);
        // Its work has begun once the store is open.
        let open = || {
            let files = std::fs::read_dir(format!("/proc/{}/fd", child.id())).into_iter().flatten();
            let mut names = files.flatten().filter_map(|it| std::fs::read_link(it.path()).ok());
            names.any(|it| it.ends_with("simulated.db"))
        };
        if cfg!(target_os = "linux") {
            while !open() {
                std::thread::yield_now();
            }
        }
        let id = child.id().to_string();
        assert!(Command::new("kill").args([signal, &id]).status().unwrap().success());
        assert_eq!(child.wait().unwrap().code(), Some(130), "{arguments:?}");
    }
    assert!(!place.files().iter().any(|name| name.starts_with("endless")), "{:?}", place.files());
}
