//! Imports of a tenant that a system file names.

use graph_simulator::{Fault, FaultPlan, FaultRule, Kind};

use crate::support::{Place, RunningTenant, scalar};

fn assert_equals_truth(place: &Place, tenant: &RunningTenant) {
    assert_eq!(scalar(place, "select count(*) from users"), tenant.count(Kind::User));
    assert_eq!(scalar(place, "select count(*) from groups"), tenant.count(Kind::Group));
    // The deletion of a member of another type is reported by its own stream alone, which is not
    // imported yet; the certificate names that.
    let members = "select count(*) from group_members where member_type in ('user', 'group')";
    assert_eq!(scalar(place, members), tenant.memberships());
}

#[test]
fn an_import_holds_what_the_tenant_has_and_the_next_reads_only_changes() {
    let tenant = RunningTenant::of(3, 120);
    let place = Place::with_tenant(&tenant);
    let first = place.json(&["import"]);
    assert_eq!(
        (&first["status"], &first["completeness"]["is"]),
        (&"completed".into(), &"proven".into())
    );
    assert_equals_truth(&place, &tenant);

    // Nothing changed: one request for each delta stream.
    let idle = place.json(&["import"]);
    assert_eq!(idle["requests"], 14, "one request per stream of objects");

    for moment in 1..=4 {
        tenant.simulator.set_moment(moment);
        let before = tenant.requests("$batch");
        place.succeed(&["import"]);
        assert_equals_truth(&place, &tenant);
        let batches = tenant.requests("$batch") - before;
        assert!(
            batches < 20,
            "{batches} batches for seven streams of edges, and what holds who changed"
        );
    }
}

/// F4: each of the streams is optional, and yet a run that could read none has done nothing.
#[test]
fn an_import_that_could_read_nothing_is_refused() {
    let tenant = RunningTenant::with_permissions(3, 20, &["User.Read.All"]);
    let place = Place::with_tenant(&tenant);
    let run = place.run(&["import", "--streams", "devices,device_owners"]);
    assert_eq!(run.code, 4, "{}\n{}", run.stdout, run.stderr);
    for said in [
        "not read: missing_permission(Device.Read.All) (devices)",
        "not read: the stream that owns them is not (device_owners)",
        "run 1 failed",
    ] {
        assert!(run.stdout.contains(said), "{said}: {}", run.stdout);
    }
    assert!(run.stderr.contains("hint: grant the app the permission"), "{}", run.stderr);
    let status = place.succeed(&["import", "status"]).stdout;
    assert!(status.contains("not read: owner_not_read(devices) (device_owners)"), "{status}");
}

/// What the README asks to grant: enough for users, groups and memberships, but for groups that hide
/// them; everything else is left out and said (D9, F4).
#[test]
fn the_three_permissions_of_the_readme_are_enough() {
    let granted = ["User.Read.All", "Group.Read.All", "GroupMember.Read.All"];
    let tenant = RunningTenant::with_permissions(7, 300, &granted);
    let place = Place::with_tenant(&tenant);
    for _ in 0..2 {
        let run = place.succeed(&["import"]);
        let last = run.stdout.lines().last().unwrap();
        assert!(last.contains(" completed, provisional: "), "{}", run.stdout);
        let hidden = "provisional: 2 groups hide their members: Member.Read.Hidden (members)";
        assert!(run.stdout.contains(hidden), "{}", run.stdout);
        assert!(!run.stderr.contains("error"), "{}", run.stderr);
    }
    let verified = place.run(&["import", "verify", "--all", "--streams", "users,groups,members"]);
    assert_eq!(verified.code, 0, "{}", verified.stdout);
}

/// B16: an expired delta link is answered by a full round, in a new generation.
#[test]
fn gone_restarts_from_a_full_round() {
    let gone = FaultRule::new(Fault::Gone).path("/users/delta").query("deltatoken").times(2);
    let tenant = RunningTenant::with_faults(5, 40, FaultPlan::new(1).rule(gone));
    let place = Place::with_tenant(&tenant);
    place.succeed(&["import"]);
    tenant.simulator.set_moment(2);
    let report = place.json(&["import"]);
    assert_eq!(report["status"], "completed", "{report}");
    assert_equals_truth(&place, &tenant);
    let users =
        report["streams"].as_array().unwrap().iter().find(|it| it["stream"] == "users").unwrap();
    assert_eq!((&users["full"], &users["generation"]), (&true.into(), &2.into()), "{users}");
}

/// E1, E6, B33: throttling and broken answers on the way change nothing in the result.
#[test]
fn faults_on_the_way_change_nothing_in_the_result() {
    let throttled = |path: &str| {
        let fault = Fault::Status {
            status: 429,
            headers: [("Retry-After".to_owned(), "0.05".into())].into(),
            code: None,
            body: None,
        };
        FaultRule::new(fault).path(path).nth(1)
    };
    let faults = FaultPlan::new(7)
        .rule(throttled("/groups/delta"))
        .rule(throttled("/groups/*/members"))
        .rule(FaultRule::new(Fault::ResetMidBody { after: 300 }).path("/users/delta").nth(1));
    let tenant = RunningTenant::with_faults(6, 40, faults);
    let place = Place::with_tenant(&tenant);
    place.succeed(&["import"]);
    assert_equals_truth(&place, &tenant);
}

#[test]
fn full_reads_everything_again() {
    let tenant = RunningTenant::of(3, 30);
    let place = Place::with_tenant(&tenant);
    place.succeed(&["import"]);
    let report = place.json(&["import", "--full"]);
    assert!(
        report["streams"].as_array().unwrap().iter().all(|stream| stream["full"] == true),
        "{report}"
    );
    assert_equals_truth(&place, &tenant);
}

#[test]
fn status_shows_streams_and_runs() {
    let tenant = RunningTenant::of(3, 20);
    let place = Place::with_tenant(&tenant);
    place.succeed(&["import"]);
    let status = place.json(&["import", "status"]);
    assert_eq!(status["runs"][0]["status"], "completed");
    assert_eq!(status["streams"].as_array().unwrap().len(), 21);
}
