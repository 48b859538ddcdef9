//! Pages that are too large for Graph (facts: graph-protocol 12, row 6).

use graph_dsl::{ColumnKind, StreamPlan};
use graph_import::{Completeness, Importer, Report, SqliteStore, Stop};

use crate::rounds::small;
use crate::script::{error, id, member, members_path, page, tenant, user};
use crate::store::Bench;

fn list(top: u16) -> String {
    format!("/v1.0/users?$select=id,displayName&$top={top}")
}

async fn run(bench: &Bench, size: Option<u16>) -> Report {
    let mut users = StreamPlan::full("users", "user", "/users").column(
        "display_name",
        "displayName",
        ColumnKind::Text,
    );
    users.page_size = size;
    let store = SqliteStore::new(bench.path());
    let importer = Importer::new(bench.script.client(), tenant(), [users], store).unwrap();
    importer.run(&(), &Stop::new()).await.unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_list_whose_pages_are_too_large_is_read_in_smaller_ones() {
    let script = crate::script::Script::default();
    script.on(&list(999), error(504, "UnknownError")).on(&list(499), error(503, "UnknownError"));
    script.on(&list(249), page(&[user(1, "Ada"), user(2, "Bo")], None));
    let bench = Bench::new(script);
    let report = run(&bench, Some(999)).await;
    assert_eq!(report.completeness, Completeness::Proven, "{report:?}");
    assert_eq!(report.stream("users").unwrap().restarts.len(), 2);
    assert_eq!(bench.query("SELECT display_name FROM users ORDER BY 1"), ["Ada", "Bo"]);
}

/// What was read before the second page failed is read again, and stays once.
#[tokio::test(start_paused = true)]
async fn a_later_page_that_is_too_large_begins_the_list_again() {
    let script = crate::script::Script::default();
    let second = "/v1.0/users?$skiptoken=2";
    script.on(&list(999), page(&[user(1, "Ada")], Some(&format!("nextLink={second}"))));
    script.on(second, error(504, "UnknownError"));
    script.on(&list(499), page(&[user(1, "Ada"), user(2, "Bo")], None));
    let bench = Bench::new(script);
    assert_eq!(run(&bench, Some(999)).await.completeness, Completeness::Proven);
    assert_eq!(bench.query("SELECT display_name FROM users ORDER BY 1"), ["Ada", "Bo"]);
    assert_eq!(bench.query("SELECT count(*) FROM deleted_users"), ["0"]);
}

/// A delta query is asked for smaller pages by a header, and goes on where it is.
#[tokio::test(start_paused = true)]
async fn a_delta_round_goes_on_with_smaller_pages() {
    let script = small();
    let second = "/v1.0/users/delta?$skiptoken=u2";
    script.forget(second);
    for _ in 0..4 {
        script.on(second, error(504, "UnknownError"));
    }
    script.on(second, page(&[user(2, "Bo")], Some("deltaLink=/v1.0/users/delta?$deltatoken=u3")));
    let bench = Bench::new(script);
    let mut plans = crate::store::plans();
    plans[0].page_size = Some(999);
    let store = SqliteStore::new(bench.path());
    let importer = Importer::new(bench.script.client(), tenant(), plans, store).unwrap();
    let report = importer.run(&(), &Stop::new()).await.unwrap();
    assert_eq!(report.completeness, Completeness::Proven, "{report:?}");
    assert_eq!(report.stream("users").unwrap().generation, 1);
    assert_eq!(bench.query("SELECT display_name FROM users ORDER BY 1"), ["Ada", "Bo"]);
}

/// The same of a list of members, in the batch and on its later pages.
#[tokio::test(start_paused = true)]
async fn a_list_of_members_is_read_in_smaller_pages() {
    let smaller = |top: u16| format!("/beta/groups/{}/members?$select=id&$top={top}", id(9));
    let next = format!("/beta/groups/{}/members?$skiptoken=2", id(9));
    for at_once in [true, false] {
        let script = small();
        script.forget(&members_path(9));
        if at_once {
            script.on(&members_path(9), error(504, "UnknownError"));
        } else {
            let first = page(&[member(1)], Some(&format!("nextLink={next}")));
            script.on(&members_path(9), first).on(&next, error(503, "UnknownError"));
        }
        script.on(&smaller(499), page(&[member(1), member(2)], None));
        let bench = Bench::new(script);
        let report = bench.run().await;
        assert_eq!(report.completeness, Completeness::Proven, "{at_once} {report:?}");
        let members = "SELECT member_id FROM group_members WHERE group_name = 'Dock' ORDER BY 1";
        assert_eq!(bench.query(members), [id(1), id(2)], "{at_once}");
        assert_eq!(bench.query("SELECT count(*) FROM import_stage"), ["0"], "{at_once}");
    }
}
