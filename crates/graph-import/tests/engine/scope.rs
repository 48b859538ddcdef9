//! A part of the groups: what a filter leaves out stays as it is (cases: G5).

use graph_dsl::StreamPlan;
use graph_import::{Completeness, Importer, Report, SqliteStore, Stop};
use serde_json::json;

use crate::rounds::small;
use crate::script::{error, group, id, members_path, page, tenant};
use crate::store::{Bench, plans};

const FILTERED: &str =
    "/v1.0/groups?$select=id,displayName,visibility&$filter=startswith%28displayName%2C'Cr'%29";
const LINKED: &str = "SELECT group_name, member_id FROM group_members ORDER BY 1, 2";

fn narrowed(filter: &str) -> Vec<StreamPlan> {
    let mut plans = plans();
    plans[1].set_filter(filter).unwrap();
    plans
}

async fn run(bench: &Bench, plans: Vec<StreamPlan>) -> Report {
    let store = SqliteStore::new(bench.path());
    let importer = Importer::new(bench.script.client(), tenant(), plans, store).unwrap();
    importer.run(&(), &Stop::new()).await.unwrap()
}

/// Group 8 is named by the filter; group 9 is there, and is not.
fn script() -> crate::script::Script {
    let script = small();
    script.on(FILTERED, page(&[json!({"id": id(8), "displayName": "Crew"})], None));
    script.on(
        &format!("/v1.0/groups/{}?$select=id", id(9)),
        crate::script::ok(&json!({"id": id(9)})),
    );
    script
}

#[tokio::test(start_paused = true)]
async fn a_narrowed_import_keeps_the_other_groups_out_of_scope_and_is_reversible() {
    let bench = Bench::new(script());
    run(&bench, plans()).await;
    assert_eq!(bench.query("SELECT count(*) FROM groups"), ["2"]);
    bench.script.requests();
    let report = run(&bench, narrowed("startswith(displayName,'Cr')")).await;
    assert_eq!(report.completeness, Completeness::Proven);
    let groups = report.stream("groups").unwrap();
    assert_eq!(
        (groups.holdings.live, groups.holdings.out_of_scope, groups.holdings.deleted),
        (1, 1, 0)
    );
    assert_eq!(groups.filter.as_deref(), Some("startswith(displayName,'Cr')"));
    assert_eq!(bench.query("SELECT display_name FROM groups"), ["Crew"]);
    assert_eq!(bench.query("SELECT display_name FROM out_of_scope_groups"), ["Dock"]);
    assert_eq!(bench.query("SELECT count(*) FROM deleted_groups"), ["0"]);
    assert_eq!(bench.query(LINKED), [format!("Crew|{}", id(1)), format!("Crew|{}", id(2))]);
    let asked = bench.script.requests();
    assert!(!asked.iter().any(|path| path.contains(&members_path(9))), "{asked:?}");
    // It is neither gone nor new, and its edges are not what was read.
    let moved = |report: &Report| {
        let applied = report.stream("groups").unwrap().applied;
        let gone = applied.swept + applied.soft_deleted + applied.hard_deleted;
        [gone, applied.inserted + applied.restored, applied.left_scope, applied.entered_scope]
    };
    assert_eq!(moved(&report), [0, 0, 1, 0]);
    let members = report.stream("members").unwrap();
    assert_eq!((members.holdings.live, members.holdings.out_of_scope), (2, 1));
    assert_eq!(members.filter, groups.filter);
    assert_eq!(report.stream("users").unwrap().filter, None);
    // Back to all of them.
    let report = run(&bench, plans()).await;
    assert_eq!(report.completeness, Completeness::Proven);
    assert_eq!(moved(&report), [0, 0, 0, 1]);
    let members = report.stream("members").unwrap();
    assert_eq!((members.holdings.live, members.holdings.out_of_scope), (3, 0));
    assert_eq!((members.applied.edges_added, &members.filter), (0, &None));
    let told = "SELECT operation, cause FROM import_change WHERE stream = 'groups' ORDER BY number";
    assert_eq!(bench.query(told), ["loaded|null", "deleted|left_scope", "restored|entered_scope"]);
    assert_eq!(bench.query("SELECT display_name FROM groups ORDER BY 1"), ["Crew", "Dock"]);
    assert_eq!(bench.query("SELECT count(*) FROM out_of_scope_groups"), ["0"]);
    assert_eq!(bench.query(LINKED).len(), 3);
}

/// I3: what is gone is not taken for out of scope.
#[tokio::test(start_paused = true)]
async fn a_group_that_was_deleted_meanwhile_is_told_from_one_out_of_scope() {
    let bench = Bench::new(script());
    run(&bench, plans()).await;
    let path = format!("/v1.0/groups/{}?$select=id", id(9));
    bench.script.forget(&path).on(&path, error(404, "Request_ResourceNotFound"));
    let bin = format!("/v1.0/directory/deletedItems/{}?$select=id,deletedDateTime", id(9));
    let deleted = json!({"id": id(9), "deletedDateTime": "2031-02-03T04:05:06Z"});
    bench.script.on(&bin, crate::script::ok(&deleted));
    let report = run(&bench, narrowed("startswith(displayName,'Cr')")).await;
    let applied = report.stream("groups").unwrap().applied;
    assert_eq!((applied.soft_deleted, applied.left_scope, applied.swept), (1, 0, 0));
    assert_eq!(bench.query("SELECT display_name, deletion FROM deleted_groups"), ["Dock|soft"]);
    assert_eq!(bench.query("SELECT count(*) FROM out_of_scope_groups"), ["0"]);
}

/// A nested group outside the scope is a member all the same, and nobody looks for it.
#[tokio::test(start_paused = true)]
async fn members_outside_the_scope_stay_members() {
    let script = script();
    let nested = json!({"@odata.type": "#microsoft.graph.group", "id": id(77)});
    script.forget(&members_path(8)).on(&members_path(8), page(&[nested], None));
    let bench = Bench::new(script);
    for run_of in ["first", "second"] {
        let report = run(&bench, narrowed("startswith(displayName,'Cr')")).await;
        assert_eq!(report.completeness, Completeness::Proven, "{run_of}");
        assert_eq!(report.stream("members").unwrap().dangling, 0, "{run_of}");
        assert_eq!(bench.query(LINKED), [format!("Crew|{}", id(77))], "{run_of}");
    }
    assert!(!bench.script.requests().iter().any(|path| path.contains("getByIds")));
}

/// facts: graph-protocol 6: some filters are advanced queries.
#[tokio::test(start_paused = true)]
async fn an_advanced_filter_is_asked_as_one() {
    let script = small();
    let asked = "/v1.0/groups?$select=id,displayName,visibility&$filter=displayName%20ne%20'Dock'&$count=true";
    script.on(asked, page(&[group(8, "Crew")], None));
    let bench = Bench::new(script);
    run(&bench, narrowed("displayName ne 'Dock'")).await;
    assert_eq!(bench.query("SELECT display_name FROM groups"), ["Crew"]);
}
