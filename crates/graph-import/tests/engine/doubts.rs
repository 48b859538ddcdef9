//! What a certificate must not call proven, because what it rests on is not (cases: I6).

use graph_dsl::{ApiVersion, StreamPlan};
use graph_import::{Completeness, Importer, Report, SqliteStore, Stop};

use crate::rounds::small;
use crate::script::{GROUPS, Script, error, group, id, member, members_path, page, tenant, user};
use crate::store::{Bench, plans};

async fn run(bench: &Bench, plans: Vec<StreamPlan>, full: bool) -> Report {
    let store = SqliteStore::new(bench.path());
    let importer = Importer::new(bench.script.client(), tenant(), plans, store).unwrap();
    importer.full(full).run(&(), &Stop::new()).await.unwrap()
}

fn completeness<'a>(report: &'a Report, stream: &str) -> &'a Completeness {
    &report.streams.iter().find(|it| it.stream == stream).unwrap().completeness
}

fn with_owners() -> Vec<StreamPlan> {
    let mut plans = plans();
    plans[1] = plans[1].clone().relation("owners");
    let mut owners = StreamPlan::edges("group_owners", "owner", "/groups/{id}/owners", "groups");
    owners.version = ApiVersion::Beta;
    owners.page_size = Some(999);
    plans.push(owners);
    plans
}

fn owners(script: &Script, group: u32) {
    let path = format!("/beta/groups/{}/owners?$select=id&$top=999", id(group));
    script.on(&path, page(&[member(1)], None));
}

/// I6: the lists that an earlier run has read are as old as it, and nothing promises that a change of
/// them since was reported.
#[tokio::test(start_paused = true)]
async fn a_first_load_that_took_two_runs_is_not_proven_by_the_second() {
    let script = small();
    let delta = Some("deltaLink=/v1.0/groups/delta?$deltatoken=g2");
    script.on(&format!("{GROUPS},owners"), page(&[group(8, "Crew"), group(9, "Dock")], delta));
    owners(&script, 8);
    let bench = Bench::new(script);
    let first = run(&bench, with_owners(), false).await;
    assert!(matches!(completeness(&first, "group_owners"), Completeness::Partial(_)));
    owners(&bench.script, 9);
    let second = run(&bench, with_owners(), false).await;
    let found = completeness(&second, "group_owners");
    assert!(matches!(found, Completeness::Provisional(_)), "{found}");
    let full = run(&bench, with_owners(), true).await;
    assert_eq!(*completeness(&full, "group_owners"), Completeness::Proven);
}

/// I6: a reader sees no link of an owner that it does not see.
#[tokio::test(start_paused = true)]
async fn links_beside_their_owners_are_no_more_complete_than_these() {
    let script = small();
    let second_page = "/v1.0/users/delta?$skiptoken=u2";
    script.forget(second_page).on(second_page, error(403, "Authorization_RequestDenied"));
    let delta = Some("deltaLink=/v1.0/users/delta?$deltatoken=m2");
    script.on("/v1.0/users/delta?$select=id,manager", page(&[], delta));
    let managers = StreamPlan::edges("managers", "manager", "/users/delta", "users");
    let mut plans = plans();
    plans.push(managers.relation("manager"));
    let report = run(&Bench::new(script), plans, false).await;
    let found = completeness(&report, "managers");
    assert!(matches!(found, Completeness::Partial(why) if why.starts_with("users: ")), "{found}");
}

/// I6, I5: the last owner of a first pass is read only after the pass, by which time others wait as well.
/// The pass is complete then: readers see it, and only what they see is called proven.
#[tokio::test(start_paused = true)]
async fn a_first_pass_that_is_completed_late_is_published() {
    let bench = Bench::new(small());
    let late = members_path(9);
    bench.script.forget(&late);
    assert!(matches!(completeness(&bench.run().await, "members"), Completeness::Partial(_)));
    assert_eq!(bench.query("SELECT count(*) FROM group_members"), ["0"], "nothing is published");
    // In the next run the list fails again in the pass. A user that came back is asked for, and the
    // group that holds it is read after the pass; then the list does not fail any more.
    let changes = "/v1.0/users/delta?$deltatoken=u3";
    let end = Some("deltaLink=/v1.0/users/delta?$deltatoken=u3");
    bench.script.forget(changes).on(changes, page(&[user(5, "Ed")], end));
    let holders = format!("/beta/users/{}/memberOf?$select=id", id(5));
    bench.script.on(&holders, page(&[group(8, "Crew")], None));
    bench.script.on(&late, error(404, "Request_ResourceNotFound"));
    bench.script.on(&late, page(&[member(2)], None)).members(8, &[1, 2, 5]);
    let report = bench.run().await;
    assert_eq!(*completeness(&report, "members"), Completeness::Proven);
    let members = "SELECT group_name, count(*) FROM group_members GROUP BY 1 ORDER BY 1";
    assert_eq!(bench.query(members), ["Crew|3", "Dock|1"]);
    assert_eq!(bench.query("SELECT published FROM import_stream WHERE stream = 'members'"), ["1"]);
}
