//! Stores that another process uses, that another version wrote, or that there is no room for.

use graph_simulator::{Fault, FaultPlan, FaultRule};

use crate::support::{Place, RunningTenant};

/// G1, G2: one import at a time; a second one is told who is writing, and one that was paused goes on.
#[cfg(unix)]
#[test]
fn a_second_import_is_told_who_is_writing_even_if_that_one_sleeps() {
    use crate::kill::signal;
    let stalled = FaultRule::new(Fault::Stall { millis: 6_000 }).path("/users/delta").nth(2);
    let tenant = RunningTenant::with_faults(7, 300, FaultPlan::new(1).rule(stalled));
    let place = Place::with_tenant(&tenant);
    let mut first = place.spawn(&["import"]);
    while tenant.requests("skiptoken") < 1 {
        std::thread::yield_now();
    }
    for paused in [false, true] {
        if paused {
            signal(&first, "-STOP");
        }
        let second = place.run(&["import"]);
        assert_eq!(second.code, 3, "{}", second.stderr);
        let holder = format!("process {} is writing to it", first.id());
        assert!(second.stderr.contains(&holder), "{}", second.stderr);
        assert!(second.stderr.contains("hint:"), "{}", second.stderr);
    }
    signal(&first, "-CONT");
    assert_eq!(first.wait().unwrap().code(), Some(0));
    let undisturbed = Place::with_tenant(&tenant);
    undisturbed.succeed(&["import"]);
    assert_eq!(place.dump(), undisturbed.dump());
}

/// A11: no room in the middle of an import. What was committed stays, and with room it goes on.
#[cfg(unix)]
#[test]
fn a_full_disk_costs_nothing_that_was_committed() {
    let tenant = RunningTenant::of(5, 3_000);
    let place = Place::with_tenant(&tenant);
    // Files may grow to 2 MiB, which holds the tables but not all users; the signal that goes with it
    // is ignored, so that writing fails.
    let limited = place.run_limited("trap '' XFSZ; ulimit -f 4096", &["import"]);
    assert_eq!(limited.code, 3, "{}", limited.stderr);
    assert!(limited.stderr.contains("error:"), "{}", limited.stderr);
    let integrity = place.json(&["query", "pragma integrity_check"]);
    assert_eq!(integrity[0]["integrity_check"], "ok");
    let complete = "select count(published) as n from import_stream where stream = 'users'";
    assert_eq!(place.json(&["query", complete])[0]["n"], 0, "nothing is said to be complete");
    assert_eq!(place.json(&["query", "select count(*) as n from users"])[0]["n"], 0);
    let committed = "select max(seq) as n from import_stream";
    assert!(place.json(&["query", committed])[0]["n"].as_u64() > Some(0));
    place.succeed(&["import"]);
    let undisturbed = Place::with_tenant(&tenant);
    undisturbed.succeed(&["import"]);
    assert_eq!(place.dump(), undisturbed.dump());
}

#[test]
fn a_store_of_a_newer_version_is_refused_and_left_as_it_was() {
    let tenant = RunningTenant::of(3, 20);
    let place = Place::with_tenant(&tenant);
    place.succeed(&["import"]);
    let path = place.path("graph.db");
    let newer = rusqlite::Connection::open(&path).unwrap();
    newer.pragma_update(None, "user_version", 99).unwrap();
    drop(newer);
    let before = std::fs::read(&path).unwrap();
    let run = place.run(&["import"]);
    assert_eq!(run.code, 2, "{}", run.stderr);
    assert!(run.stderr.contains("version 99") && run.stderr.contains("hint:"), "{}", run.stderr);
    assert_eq!(std::fs::read(&path).unwrap(), before);
}

/// A directory that cannot be written to; for root it can, and there is nothing to see.
#[cfg(unix)]
#[test]
fn a_directory_that_cannot_be_written_to_is_named() {
    use std::os::unix::fs::PermissionsExt;
    let tenant = RunningTenant::of(3, 20);
    let place = Place::with_tenant(&tenant);
    let shut = place.path("shut");
    std::fs::create_dir(&shut).unwrap();
    std::fs::set_permissions(&shut, std::fs::Permissions::from_mode(0o500)).unwrap();
    if std::fs::write(shut.join("probe"), "").is_ok() {
        return;
    }
    let run = place.run(&["import", "--store", "shut/graph.db"]);
    assert_eq!(run.code, 3, "{}", run.stderr);
    assert!(run.stderr.contains("shut/graph.db"), "{}", run.stderr);
}

/// A12: a store that was damaged is not written to.
#[test]
fn a_damaged_store_is_refused_and_left_as_it_was() {
    let tenant = RunningTenant::of(3, 20);
    let place = Place::with_tenant(&tenant);
    place.succeed(&["import"]);
    let path = place.path("graph.db");
    let mut bytes = std::fs::read(&path).unwrap();
    bytes[100..3_000].fill(0xa5);
    std::fs::write(&path, &bytes).unwrap();
    let run = place.run(&["import"]);
    assert_eq!(run.code, 3, "{}", run.stderr);
    assert!(run.stderr.contains("damaged") && run.stderr.contains("hint:"), "{}", run.stderr);
    assert_eq!(std::fs::read(&path).unwrap(), bytes);
}

/// What stands in the store's place, or in the place of its directory, and is no store: named with what
/// to do, and nothing is touched.
#[test]
fn what_stands_in_the_place_of_a_store_is_named() {
    let tenant = RunningTenant::of(3, 20);
    let place = Place::with_tenant(&tenant);
    std::fs::create_dir(place.path("folder.db")).unwrap();
    place.write("file", "");
    place.write("table.csv", &"id,display_name\n".repeat(300));
    let mut cases = vec![
        ("folder.db", 2, "is a directory"),
        ("nowhere/graph.db", 3, "nowhere/graph.db"),
        ("file/graph.db", 3, "file/graph.db"),
        ("table.csv", 3, "not an SQLite database"),
    ];
    if cfg!(target_os = "linux") {
        cases.push(("/dev/null", 3, "no regular file"));
        cases.push(("/sys/graph.db", 3, "/sys/graph.db")); // where not even root may create a file
    }
    for (store, code, named) in cases {
        let run = place.run(&["import", "--skip-space-check", "--store", store]);
        assert_eq!(run.code, code, "{store}: {}", run.stderr);
        assert!(run.stderr.contains(named), "{store}: {}", run.stderr);
        assert!(run.stderr.contains("hint:"), "{store}: {}", run.stderr);
        let read = place.run(&["query", "select 1", "--store", store]);
        assert!([2, 3].contains(&read.code), "{store}: {}", read.stderr);
    }
    assert_eq!(place.files(), ["file", "folder.db", "graphctl.yaml", "table.csv"]);
}

/// A12: a store that was cut short, by a copy that broke off for example.
#[test]
fn a_store_that_was_cut_is_refused_and_left_as_it_was() {
    let tenant = RunningTenant::of(3, 20);
    let place = Place::with_tenant(&tenant);
    place.succeed(&["import"]);
    let path = place.path("graph.db");
    let cut = std::fs::metadata(&path).unwrap().len() / 2;
    std::fs::OpenOptions::new().write(true).open(&path).unwrap().set_len(cut).unwrap();
    let before = std::fs::read(&path).unwrap();
    for command in [&["import"][..], &["query", "select count(*) from users"]] {
        let run = place.run(command);
        assert_eq!(run.code, 3, "{}", run.stderr);
        assert!(run.stderr.contains("damaged") && run.stderr.contains("hint:"), "{}", run.stderr);
    }
    assert_eq!(std::fs::read(&path).unwrap(), before);
}

/// A store that is deleted while an import writes to it: the run does not end well, and the next one
/// begins anew.
#[cfg(unix)]
#[test]
fn a_store_that_is_deleted_meanwhile_is_told() {
    let stalled = FaultRule::new(Fault::Stall { millis: 1_500 }).path("/users/delta").nth(2);
    let tenant = RunningTenant::with_faults(7, 300, FaultPlan::new(1).rule(stalled));
    let place = Place::with_tenant(&tenant);
    let import = place.piped(&["import", "--skip-space-check"]);
    while tenant.requests("skiptoken") < 1 {
        std::thread::yield_now();
    }
    for file in ["graph.db", "graph.db-wal", "graph.db-shm"] {
        std::fs::remove_file(place.path(file)).unwrap();
    }
    let ended = import.wait_with_output().unwrap();
    let stderr = String::from_utf8_lossy(&ended.stderr);
    assert_eq!(ended.status.code(), Some(3), "{stderr}");
    assert!(stderr.contains("moved, deleted or replaced") && stderr.contains("hint:"), "{stderr}");
    place.succeed(&["import"]);
    let undisturbed = Place::with_tenant(&tenant);
    undisturbed.succeed(&["import"]);
    assert_eq!(place.dump(), undisturbed.dump());
}
