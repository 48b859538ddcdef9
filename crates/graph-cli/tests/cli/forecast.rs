//! `import plan` and `import verify`.

use graph_simulator::Kind;

use crate::support::{Place, RunningTenant};

/// G8: a plan writes nothing, asks for counts alone, and says what is to come.
#[test]
fn a_plan_writes_nothing_and_tells_the_next_round_from_the_first() {
    let tenant = RunningTenant::of(3, 120);
    let place = Place::with_tenant(&tenant);
    let files = place.files();
    let plan = place.json(&["import", "plan"]);
    assert_eq!(place.files(), files, "no store, nothing else");
    assert_eq!(plan["incremental"], false);
    let users = &plan["streams"][0];
    assert_eq!(
        (&users["stream"], &users["count"]),
        (&"users".into(), &tenant.count(Kind::User).into())
    );
    // One type among several is not counted; whether it may be read is asked.
    let asked = tenant.requests("$count") + tenant.requests("/directoryObjects/delta");
    assert_eq!(plan["asked"].as_u64(), u64::try_from(asked).ok());
    let shown = place.succeed(&["import", "plan"]).stdout;
    assert!(shown.contains("the first import: about"), "{shown}");

    place.succeed(&["import"]);
    let plan = place.json(&["import", "plan"]);
    let idle = place.json(&["import"]);
    assert_eq!(
        (&plan["incremental"], &plan["total"]["requests"]),
        (&true.into(), &idle["requests"])
    );
}

/// F4: the least permission is named, and the exit code says that Graph would refuse.
#[test]
fn a_plan_without_a_required_permission_is_refused() {
    let tenant = RunningTenant::with_permissions(3, 40, &["User.Read.All"]);
    let place = Place::with_tenant(&tenant);
    let run = place.run(&["import", "plan"]);
    assert_eq!(run.code, 4, "{}", run.stderr);
    assert!(run.stderr.contains("not granted: Group.Read.All"), "{}", run.stderr);
    assert!(run.stdout.contains("missing_permission(Group.Read.All)"), "{}", run.stdout);
}

#[test]
fn a_store_is_verified_and_what_the_next_import_brings_is_pending() {
    let tenant = RunningTenant::of(3, 80);
    let place = Place::with_tenant(&tenant);
    place.succeed(&["import"]);
    let verify = ["import", "verify", "--all", "-o", "json", "--progress"];
    let run = place.run(&[&verify[..], &["json"]].concat());
    let equal: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(equal["differences"], serde_json::json!([]), "{equal}");
    // The progress of an import, of which a short verification has the first line at most.
    for line in run.stderr.lines() {
        let line: serde_json::Value = serde_json::from_str(line).unwrap();
        assert!(line["streams"].is_array() && line.get("seconds_left").is_some(), "{line}");
    }
    assert_eq!(place.run(&[&verify[..], &["none"]].concat()).stderr, "");

    tenant.simulator.set_moment(6);
    let pending = place.json(&["import", "verify", "--all", "--streams", "users"]);
    let users = &pending["streams"][0];
    assert!(users["pending"].as_u64().unwrap() > 0, "{pending}");
    assert_eq!(users["different"], 0, "{pending}");
}

/// What the store says and nothing explains is a difference.
#[test]
fn a_row_that_was_changed_by_hand_is_found() {
    let tenant = RunningTenant::of(3, 40);
    let place = Place::with_tenant(&tenant);
    place.succeed(&["import"]);
    let store = rusqlite::Connection::open(place.path("graph.db")).unwrap();
    let tamper =
        "UPDATE object_users SET raw = json_set(raw, '$.displayName', 'Eve'), display_name = 'Eve'
        WHERE object = (SELECT min(object) FROM object_users WHERE deletion IS NULL)";
    assert_eq!(store.execute(tamper, []).unwrap(), 1);
    drop(store);
    let run = place.run(&["import", "verify", "--all", "--streams", "users"]);
    assert_eq!(run.code, 6, "{}", run.stderr);
    assert!(run.stdout.contains("other values: display_name"), "{}", run.stdout);
    let unknown = place.run(&["import", "verify", "--streams", "nothing"]);
    assert_eq!(unknown.code, 2);
    assert!(unknown.stderr.contains("no stream `nothing`"), "{}", unknown.stderr);
}
