//! The token of a signed-in user, who sees what their roles let them (cases: F10).

use graph_dsl::StreamPlan;
use graph_import::{
    Completeness, DeletionThreshold, Importer, Report, RunStatus, SqliteStore, Stop,
};
use serde_json::json;

use crate::handover::{self, counts, people};
use crate::rounds::small;
use crate::script::{id, member, members_path, page, removed, tenant, user};
use crate::store::{Bench, plans};

const NAMES: &str = "SELECT display_name FROM users ORDER BY 1";
const DELETED: &str = "SELECT count(*) FROM deleted_users";
const DELTA: &str = "/v1.0/users/delta?$deltatoken=u3";

async fn run(bench: &Bench, delegated: bool, full: bool) -> Report {
    let importer = bench.importer(SqliteStore::new(bench.path()));
    importer.delegated(delegated).full(full).run(&(), &Stop::new()).await.unwrap()
}

fn is_proven(report: &Report) -> bool {
    report.streams.iter().any(|stream| stream.completeness == Completeness::Proven)
}

/// A full round of somebody who does not see user 2 any more.
fn shrink(bench: &Bench) {
    let second = "/v1.0/users/delta?$skiptoken=u2";
    let end = format!("deltaLink={DELTA}");
    bench.script.forget(second).on(second, page(&[user(3, "Cy")], Some(&end)));
}

#[tokio::test(start_paused = true)]
async fn what_a_signed_in_user_does_not_see_is_not_gone() {
    let bench = Bench::new(small());
    run(&bench, false, false).await;
    shrink(&bench);
    for full in [true, false, true] {
        let report = run(&bench, true, full).await;
        assert!(!is_proven(&report), "{report:?}");
        assert_eq!(bench.query(NAMES), ["Ada", "Bo", "Cy"], "full: {full}");
        assert_eq!(bench.query(DELETED), ["0"]);
    }
    // What Graph says to be gone is gone.
    let end = format!("deltaLink={DELTA}");
    bench.script.forget(DELTA).on(DELTA, page(&[removed(3, "changed")], Some(&end)));
    run(&bench, true, false).await;
    assert_eq!(bench.query(NAMES), ["Ada", "Bo"]);
    bench.script.forget(DELTA).on(DELTA, page(&[], Some(&end)));
    // An application sees everything: who is missing then is gone.
    assert_eq!(run(&bench, false, true).await.completeness, Completeness::Proven);
    assert_eq!(bench.query(NAMES), ["Ada", "Cy"]);
}

/// Nor are the members whom such a list lacks, of one page or of several.
#[tokio::test(start_paused = true)]
async fn members_that_a_signed_in_user_does_not_see_stay() {
    let bench = Bench::new(small());
    run(&bench, false, false).await;
    let members = || bench.query("SELECT external_id FROM group_members ORDER BY 1");
    let before = members();
    assert_eq!(before.len(), 3);
    let list = members_path(8);
    let rest = format!("{list}&$skiptoken=m2");
    let next = format!("nextLink={rest}");
    bench.script.on(&rest, page(&[], None));
    for link in [None, Some(next.as_str())] {
        bench.script.forget(&list).on(&list, page(&[member(1)], link));
        let report = run(&bench, true, true).await;
        assert_eq!(report.stream("members").unwrap().applied.edges_removed, 0, "{link:?}");
        assert_eq!(members(), before, "{link:?}");
        assert!(!is_proven(&report), "{report:?}");
    }
    run(&bench, false, true).await;
    assert_eq!(members().len(), 2, "an application sees everything");
}

/// A link says what it leads to now.
#[tokio::test(start_paused = true)]
async fn a_manager_who_changes_takes_the_place_of_the_one_before() {
    let bench = Bench::new(small());
    let run = async |manager: u32| {
        let to = json!([{"@odata.type": "#microsoft.graph.user", "id": id(manager)}]);
        let links = [json!({"id": id(3), "manager@delta": to})];
        let managers = "/v1.0/users/delta?$select=id,manager";
        bench.script.forget(managers).on(managers, page(&links, Some("deltaLink=/v1.0/m")));
        let plan = StreamPlan::edges("managers", "manager", "/users/delta", "users");
        let plans = [plans().remove(0), plan.relation("manager")];
        let store = SqliteStore::new(bench.path());
        let importer = Importer::new(bench.script.client(), tenant(), plans, store).unwrap();
        importer.delegated(true).full(true).run(&(), &Stop::new()).await.unwrap();
        let sql = "SELECT lower(hex(i.id)) FROM edge_managers e JOIN import_object_id i ON i.number = e.target";
        bench.query(sql)
    };
    let shown = |n: u32| vec![id(n).replace('-', "")];
    assert_eq!(run(1).await, shown(1));
    assert_eq!(run(2).await, shown(2));
}

#[tokio::test(start_paused = true)]
async fn somebody_who_knows_the_tenant_may_say_that_it_is() {
    let bench = Bench::new(small());
    run(&bench, true, false).await;
    shrink(&bench);
    let importer = bench.importer(SqliteStore::new(bench.path())).delegated(true).full(true);
    let importer = importer.deletion_threshold(DeletionThreshold::NONE);
    let report = importer.run(&(), &Stop::new()).await.unwrap();
    assert!(!is_proven(&report), "{report:?}");
    assert_eq!(report.status, RunStatus::Completed);
    assert_eq!(bench.query(NAMES), ["Ada", "Cy"]);
}

/// By a handover, whose count shrinks as well.
#[tokio::test(start_paused = true)]
async fn a_handover_of_a_signed_in_user_sweeps_nobody() {
    let bench = Bench::new(handover::script());
    counts(&bench.script, "30", "3");
    handover::run(&bench).await;
    people(&bench.script, "c", &[]);
    counts(&bench.script, "30", "2");
    let importer = handover::importer(&bench, SqliteStore::new(bench.path()));
    let report = importer.delegated(true).full(true).run(&(), &Stop::new()).await.unwrap();
    assert!(!is_proven(&report), "{report:?}");
    assert_eq!(bench.query(NAMES), ["ada", "bo", "cy"]);
}
