//! Objects that lay in the recycle bin while lists were read (cases: B6, I6).

use graph_dsl::{ApiVersion, StreamPlan};
use graph_import::{Completeness, Importer, Report, SqliteStore, Stop};

use crate::script::{Script, error, group, id, member, page, tenant, user};
use crate::store::{Bench, plans};

const USERS: &str = "/v1.0/users/delta?$select=id,displayName,accountEnabled";
const GROUPS: &str = "/v1.0/groups/delta?$select=id,displayName,visibility,members,owners";
const PRINCIPALS: &str = "/v1.0/servicePrincipals/delta?$select=id";

fn streams() -> Vec<StreamPlan> {
    let mut plans = plans();
    plans[1] = plans[1].clone().relation("owners");
    let mut owners = StreamPlan::edges("group_owners", "owner", "/groups/{id}/owners", "groups");
    owners.version = ApiVersion::Beta;
    plans.push(owners);
    plans.push(StreamPlan::delta(
        "service_principals",
        "service_principal",
        "/servicePrincipals/delta",
    ));
    plans
}

fn owners(script: &Script, owners: &[u32]) {
    let path = format!("/beta/groups/{}/owners?$select=id", id(8));
    let list: Vec<_> = owners.iter().map(|n| member(*n)).collect();
    script.forget(&path).on(&path, page(&list, None));
}

/// A tenant whose user 1 lies in the recycle bin; it has owned group 8, and was a member of it.
fn tenant_with_one_away() -> Script {
    let script = Script::default();
    script.on(USERS, page(&[user(2, "Bo")], Some("deltaLink=/v1.0/users/delta?$deltatoken=u2")));
    script
        .on(GROUPS, page(&[group(8, "Crew")], Some("deltaLink=/v1.0/groups/delta?$deltatoken=g2")));
    let principals = Some("deltaLink=/v1.0/servicePrincipals/delta?$deltatoken=s2");
    script.on(PRINCIPALS, page(&[], principals));
    for token in [
        "/users/delta?$deltatoken=u2",
        "/groups/delta?$deltatoken=g2",
        "/servicePrincipals/delta?$deltatoken=s2",
    ] {
        let path = format!("/v1.0{token}");
        script.on(&path, page(&[], Some(&format!("deltaLink={path}"))));
    }
    owners(&script, &[2]);
    script.members(8, &[2]);
    script
}

/// The user is back, and nothing but its own stream says so.
fn give_back(script: &Script) {
    let path = "/v1.0/users/delta?$deltatoken=u2";
    script
        .forget(path)
        .on(path, page(&[user(1, "Ada")], Some("deltaLink=/v1.0/users/delta?$deltatoken=u3")));
    let idle = "/v1.0/users/delta?$deltatoken=u3";
    script.on(idle, page(&[], Some(&format!("deltaLink={idle}"))));
    owners(script, &[1, 2]);
    script.members(8, &[1, 2]);
}

async fn run(bench: &Bench, streams: Vec<StreamPlan>) -> Report {
    let store = SqliteStore::new(bench.path());
    let importer = Importer::new(bench.script.client(), tenant(), streams, store).unwrap();
    importer.run(&(), &Stop::new()).await.unwrap()
}

fn completeness<'a>(report: &'a Report, stream: &str) -> &'a Completeness {
    &report.streams.iter().find(|it| it.stream == stream).unwrap().completeness
}

const EDGES: &str =
    "SELECT (SELECT count(*) FROM group_owners), (SELECT count(*) FROM group_members)";

#[tokio::test(start_paused = true)]
async fn what_holds_a_restored_object_is_asked_and_read_again() {
    let bench = Bench::new(tenant_with_one_away());
    run(&bench, streams()).await;
    assert_eq!(bench.query(EDGES), ["1|1"]);
    give_back(&bench.script);
    for reverse in ["ownedObjects", "memberOf"] {
        let path = format!("/beta/users/{}/{reverse}?$select=id", id(1));
        bench.script.on(&path, page(&[group(8, "Crew")], None));
    }
    bench.script.requests();
    let report = run(&bench, streams()).await;
    assert_eq!(bench.query(EDGES), ["2|2"]);
    assert_eq!(*completeness(&report, "group_owners"), Completeness::Proven);
    bench.script.requests();
    run(&bench, streams()).await;
    assert_eq!(bench.script.sent().len(), 3, "nothing is asked twice");
}

#[tokio::test(start_paused = true)]
async fn where_graph_does_not_tell_every_list_is_read_again() {
    let bench = Bench::new(tenant_with_one_away());
    run(&bench, streams()).await;
    give_back(&bench.script);
    for reverse in ["ownedObjects", "memberOf"] {
        let path = format!("/beta/users/{}/{reverse}?$select=id", id(1));
        bench.script.on(&path, error(403, "Authorization_RequestDenied"));
    }
    let report = run(&bench, streams()).await;
    assert_eq!(bench.query(EDGES), ["2|2"]);
    assert_eq!(*completeness(&report, "group_owners"), Completeness::Proven);
}

#[tokio::test(start_paused = true)]
async fn what_was_not_looked_for_is_not_proven_and_waits() {
    let bench = Bench::new(tenant_with_one_away());
    run(&bench, streams()).await;
    give_back(&bench.script);
    let path = format!("/beta/users/{}/ownedObjects?$select=id", id(1));
    bench.script.on(&path, error(500, "Service_InternalServerError"));
    let report = run(&bench, streams()).await;
    let found = completeness(&report, "group_owners");
    assert!(matches!(found, Completeness::Partial(why) if why.contains("came back")), "{found}");
    bench.script.forget(&path).on(&path, page(&[group(8, "Crew")], None));
    let report = run(&bench, streams()).await;
    assert_eq!(bench.query("SELECT count(*) FROM group_owners"), ["2"]);
    assert_eq!(*completeness(&report, "group_owners"), Completeness::Proven);
}

/// Most that came back, or is new, is in no list: a few questions say so, where there are fewer owners
/// than such objects as well.
#[tokio::test(start_paused = true)]
async fn a_few_that_came_back_do_not_cause_every_list_to_be_read() {
    let bench = Bench::new(tenant_with_one_away());
    run(&bench, streams()).await;
    let path = "/v1.0/users/delta?$deltatoken=u2";
    let new: Vec<_> = (11..15).map(|n| user(n, "New")).collect();
    let idle = "deltaLink=/v1.0/users/delta?$deltatoken=u2";
    bench.script.forget(path).on(path, page(&new, Some(idle)));
    for n in 11..15 {
        for reverse in ["ownedObjects", "memberOf"] {
            let path = format!("/beta/users/{}/{reverse}?$select=id", id(n));
            bench.script.on(&path, page(&[], None));
        }
    }
    bench.script.requests();
    let report = run(&bench, streams()).await;
    assert_eq!(report.completeness, Completeness::Proven);
    let asked = bench.script.requests();
    assert!(!asked.iter().any(|path| path.contains("/members?")), "{asked:?}");
}

/// I6: nobody would tell that one is back.
#[tokio::test(start_paused = true)]
async fn without_the_stream_that_tells_of_restorations_nothing_is_proven() {
    let bench = Bench::new(tenant_with_one_away());
    run(&bench, streams()).await;
    let without =
        || streams().into_iter().filter(|plan| plan.name != "service_principals").collect();
    let report = run(&bench, without()).await;
    let found = completeness(&report, "group_owners");
    assert!(matches!(found, Completeness::Provisional(why) if why.contains("restored")), "{found}");
}

/// A user that its stream knows all along was away while a list was read: the round after says that
/// something was up with it, and no more.
#[tokio::test(start_paused = true)]
async fn whoever_changed_since_lists_were_read_is_looked_for_in_them() {
    let bench = Bench::new(tenant_with_one_away());
    give_back(&bench.script);
    owners(&bench.script, &[2]);
    bench.script.forget(USERS).on(
        USERS,
        page(&[user(1, "Ada"), user(2, "Bo")], Some("deltaLink=/v1.0/users/delta?$deltatoken=u2")),
    );
    run(&bench, streams()).await;
    assert_eq!(bench.query("SELECT count(*) FROM group_owners"), ["1"]);
    owners(&bench.script, &[1, 2]);
    let path = format!("/beta/users/{}/ownedObjects?$select=id", id(1));
    bench.script.on(&path, page(&[group(8, "Crew")], None));
    run(&bench, streams()).await;
    assert_eq!(bench.query("SELECT count(*) FROM group_owners"), ["2"]);
}
