//! Edges to objects that no stream has brought.

use serde_json::json;

use crate::rounds::small;
use crate::script::{Script, group, id, member, members_path, ok, page};
use crate::store::Bench;

const MEMBERS: &str =
    "SELECT member_id FROM group_members WHERE group_name IN ('Crew', 'Crew 2') ORDER BY 1";
const BY_IDS: &str = "/v1.0/directoryObjects/getByIds?$select=id";

/// The next round of groups adds user 5 to the crew; no round of users knows of it.
async fn with_a_stranger() -> Bench {
    let bench = Bench::new(small());
    bench.run().await;
    let crew = json!({"id": id(8), "displayName": "Crew 2", "members@delta": [member(5)]});
    let delta = "/v1.0/groups/delta?$deltatoken=g2";
    let link = Some("deltaLink=/v1.0/groups/delta?$deltatoken=g3");
    bench.script.forget(delta).on(delta, page(&[crew], link));
    let idle = "/v1.0/groups/delta?$deltatoken=g3";
    bench.script.on(idle, page(&[], link));
    bench.script.requests();
    bench
}

fn asked(script: &Script, path: &str) -> usize {
    script.requests().iter().filter(|request| request.trim() == path).count()
}

/// Streams are read side by side: the user may have gone before its stream was read.
#[tokio::test(start_paused = true)]
async fn a_new_edge_to_nobody_is_held_against_the_list() {
    let bench = with_a_stranger().await;
    let report = bench.run().await;
    assert_eq!(bench.query(MEMBERS), [id(1), id(2)], "the list knows no user 5");
    assert_eq!(report.stream("members").unwrap().dangling, 0);
    assert_eq!(asked(&bench.script, &members_path(8)), 1);
}

/// B27
#[tokio::test(start_paused = true)]
async fn a_dangling_edge_is_asked_for_by_id_and_reported() {
    let bench = with_a_stranger().await;
    bench.script.members(8, &[1, 2, 5]);
    let report = bench.run().await;
    assert_eq!(report.stream("members").unwrap().dangling, 0, "new in this run");
    assert_eq!(bench.query(MEMBERS), [id(1), id(2), id(5)], "kept");

    bench.script.on(BY_IDS, ok(&json!({"value": [member(5)]})));
    bench.script.requests();
    let report = bench.run().await;
    assert_eq!(report.stream("members").unwrap().dangling, 1, "Graph knows it, no stream does");
    assert_eq!(asked(&bench.script, &members_path(8)), 0);

    bench.script.forget(BY_IDS).on(BY_IDS, ok(&json!({"value": []})));
    bench.script.members(8, &[1, 2]);
    let report = bench.run().await;
    assert_eq!(report.stream("members").unwrap().dangling, 0);
    assert_eq!(bench.query(MEMBERS), [id(1), id(2)]);
    bench.script.requests();
    assert_eq!(bench.run().await.requests, 2, "nothing is left to ask");
    assert_eq!(asked(&bench.script, BY_IDS), 0);
}

/// Its stream brings it in the next round: it is not asked for by its id, only for what else holds it.
#[tokio::test(start_paused = true)]
async fn an_edge_resolves_when_its_object_comes() {
    let bench = with_a_stranger().await;
    bench.script.members(8, &[1, 2, 5]);
    bench.run().await;
    let delta = "/v1.0/users/delta?$deltatoken=u3";
    let link = Some("deltaLink=/v1.0/users/delta?$deltatoken=u3");
    bench.script.forget(delta).on(delta, page(&[crate::script::user(5, "Eve")], link));
    bench.script.requests();
    let report = bench.run().await;
    assert_eq!((report.requests, report.stream("members").unwrap().dangling), (3, 0));
    assert_eq!(asked(&bench.script, BY_IDS), 0);
}

/// Exact entries cost nothing; a group that says only that something changed is read.
#[tokio::test(start_paused = true)]
async fn entries_are_applied_and_empty_ones_are_read_as_a_list() {
    let bench = Bench::new(small());
    bench.run().await;
    let gone = json!({"id": id(1), "@removed": {"reason": "deleted"}});
    let crew = json!({"id": id(8), "displayName": "Crew 2", "members@delta": [gone]});
    let delta = "/v1.0/groups/delta?$deltatoken=g2";
    let link = Some("deltaLink=/v1.0/groups/delta?$deltatoken=g3");
    bench.script.forget(delta).on(delta, page(&[crew, group(9, "Dock")], link));
    bench.script.members(9, &[1]);
    bench.script.requests();
    bench.run().await;
    assert_eq!(bench.query(MEMBERS), [id(2)]);
    let requests = bench.script.requests();
    assert!(requests.iter().all(|request| request.trim() != members_path(8)), "{requests:?}");
    let dock = "SELECT member_id FROM group_members WHERE group_name = 'Dock'";
    assert_eq!(bench.query(dock), [id(1)]);
}
