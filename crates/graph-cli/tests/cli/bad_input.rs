//! Each mistake gives one clear error with place and next step, and leaves the store as it was.

use crate::support::{Place, Run, RunningTenant, SECRET, exists};

/// Imports with a broken system file; nothing may be created.
fn import_with(system: &str) -> (Place, Run) {
    let place = Place::new();
    place.write("graphctl.yaml", system);
    let run = place.run(&["import"]);
    assert_eq!(place.files(), ["graphctl.yaml"], "{}", run.stderr);
    (place, run)
}

const GOOD: &str = "name: test\nconnection:\n  auth_type: azure\n  credentials:\n    tenant_id: contoso.example\n    \
                    client_id: app\n    client_secret: \"${{ENV:TEST_CLIENT_SECRET}}\"\n";

#[test]
fn a_typo_is_pointed_at_with_what_was_meant() {
    let (place, run) = import_with(&GOOD.replace("credentials", "credential"));
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("graphctl.yaml:4:3"), "{}", run.stderr);
    assert!(run.stderr.contains("did you mean `credentials`?"), "{}", run.stderr);
    // The same file is what `validate` is for: there the diagnostics are the data.
    let validate = place.run(&["validate", "--format", "short"]);
    assert_eq!(
        (validate.code, validate.stdout.lines().count()),
        (1, run.stderr.matches("error[").count())
    );
}

#[test]
fn an_unknown_key_a_tab_and_a_missing_variable_each_have_their_code_and_place() {
    for (system, code, place) in [
        (
            GOOD.replace("auth_type: azure", "auth_type: azure\n  colour: red"),
            "GD0201",
            "graphctl.yaml:4:3",
        ),
        (GOOD.replace("    client_id", "\tclient_id"), "GD0101", "graphctl.yaml:6:1"),
        (GOOD.to_owned(), "GD0601", "graphctl.yaml:7:21"),
    ] {
        let (_, run) = import_with(&system);
        assert_eq!(run.code, 2, "{}", run.stderr);
        assert_eq!(run.stderr.matches("error[").count(), 1, "{}", run.stderr);
        assert!(run.stderr.contains(code) && run.stderr.contains(place), "{}", run.stderr);
        assert!(run.stderr.contains("= help: "), "{}", run.stderr);
    }
}

#[test]
fn a_file_that_is_not_there_is_local() {
    let place = Place::new();
    let run = place.run(&["import", "--system", "nowhere.yaml"]);
    assert_eq!(run.code, 3);
    assert!(run.stderr.contains("nowhere.yaml"), "{}", run.stderr);
}

#[test]
fn a_wrong_secret_says_what_to_do_and_shows_no_secret() {
    let tenant = RunningTenant::of(3, 20);
    let mut place = Place::with_tenant(&tenant);
    place.set(SECRET, "canary-4b1d");
    let run = place.run(&["import"]);
    assert_eq!(run.code, 4);
    assert!(run.stderr.contains("AADSTS7000215") && run.stderr.contains("hint:"), "{}", run.stderr);
    assert!(run.stderr.lines().count() <= 5, "{}", run.stderr);
    assert!(!exists(&place.path("graph.db")));
    let verbose = place.run(&["import", "-vv"]);
    assert!(!(verbose.stderr + &verbose.stdout).contains("canary"));
}

#[test]
fn an_unreachable_host_is_told_apart_from_a_refusal() {
    let tenant = RunningTenant::of(3, 20);
    let system =
        tenant.system().replace("connection:", "connection:\n  retry: { max_attempts: 1 }");
    let place = Place::with_tenant(&tenant);
    place.succeed(&["import"]);
    let before = place.dump();
    // The port is free once the tenant is gone.
    drop(tenant);
    place.write("graphctl.yaml", &system);
    let run = place.run(&["import"]);
    assert_eq!(run.code, 5, "{}", run.stderr);
    assert!(run.stderr.contains("127.0.0.1") && run.stderr.contains("hint:"), "{}", run.stderr);
    assert!(run.stderr.lines().count() <= 5, "{}", run.stderr);
    assert_eq!(place.dump(), before);
}

#[test]
fn a_store_of_another_tenant_is_refused_and_left_as_it_was() {
    let (ours, theirs) = (RunningTenant::of(3, 20), RunningTenant::of(4, 20));
    let place = Place::with_tenant(&ours);
    place.succeed(&["import"]);
    let before = std::fs::read(place.path("graph.db")).unwrap();
    let mut other = Place::with_tenant(&theirs);
    other.set("GRAPHCTL_STORE", place.path("graph.db").to_str().unwrap());
    let run = other.run(&["import"]);
    assert_eq!(run.code, 2, "{}", run.stderr);
    assert!(run.stderr.contains(&ours.simulator.tenant_id()), "{}", run.stderr);
    assert!(
        run.stderr.contains(&theirs.simulator.tenant_id()) && run.stderr.contains("hint:"),
        "{}",
        run.stderr
    );
    assert_eq!(std::fs::read(place.path("graph.db")).unwrap(), before);
}

#[test]
fn a_file_that_is_no_store_is_refused_and_left_as_it_was() {
    let tenant = RunningTenant::of(3, 20);
    let place = Place::with_tenant(&tenant);
    place.write("graph.db", "these are my notes");
    let run = place.run(&["import"]);
    assert_eq!(run.code, 3, "{}", run.stderr);
    assert_eq!(std::fs::read_to_string(place.path("graph.db")).unwrap(), "these are my notes");
}

#[test]
fn errors_are_told_under_quiet_too() {
    let tenant = RunningTenant::with_permissions(3, 20, &["Group.Read.All"]);
    let place = Place::with_tenant(&tenant);
    for arguments in [["import", "-q", "-o", "text"], ["run", "-q", "user.count", "-otable"]] {
        let run = place.run(&arguments);
        assert_eq!(run.code, 4, "{arguments:?}");
        assert!(run.stderr.contains("error:"), "{arguments:?}: {}", run.stderr);
    }
}

#[test]
fn an_empty_variable_is_not_set() {
    let mut place = Place::new();
    place.set("GRAPHCTL_STORE", "");
    place.set("GRAPHCTL_SYSTEM", "");
    place.succeed(&["import", "--simulate", "--users", "20"]);
    assert!(exists(&place.path("simulated.db")));
}

#[test]
fn a_store_that_is_no_simulated_one_gets_no_simulated_tenant() {
    let place = Place::new();
    place.write("notes.db", "notes");
    for store in ["notes.db", "."] {
        let run = place.run(&["import", "--simulate", "--store", store]);
        assert_eq!(run.code, 2, "{}", run.stderr);
        assert_eq!(place.files(), ["notes.db"]);
    }
}

/// SEC-C08
#[cfg(unix)]
#[test]
fn a_reader_that_has_seen_enough_is_no_error() {
    let place = Place::new();
    place.succeed(&["import", "--simulate"]);
    for format in ["csv", "jsonl", "json", "text"] {
        let sql = "with recursive n(x) as (select 1 union all select x + 1 from n limit 200000) select x from n";
        let mut child = place.piped(&["query", sql, "--output", format]);
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        assert_eq!(
            output.status.code(),
            Some(0),
            "{format}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
    }
}

/// F4: a missing permission of a required stream is named, and nothing passes for complete.
#[test]
fn a_missing_permission_is_named() {
    let tenant = RunningTenant::with_permissions(3, 20, &["User.Read.All"]);
    let place = Place::with_tenant(&tenant);
    let run = place.run(&["import"]);
    assert_eq!(run.code, 4, "{}{}", run.stdout, run.stderr);
    assert!((run.stdout + &run.stderr).contains("Group.Read.All"));
}
