//! Lists of edges that are known already, and are read again (cases: D2, D5, D9, D13, F5, B22, B33).

use graph_import::{Completeness, Importer, Report, RunStatus, SqliteStore, Stop, StreamOutcome};
use serde_json::{Value, json};

use crate::rounds::small;
use crate::script::{Reply, error, group, id, member, members_path, page, raw, removed};
use crate::store::Bench;

const DOCK: &str = "SELECT member_id FROM group_members WHERE group_name = 'Dock' ORDER BY 1";
const CREW: &str = "SELECT member_id FROM group_members WHERE group_name = 'Crew' ORDER BY 1";
const CLOSED: &str = "SELECT count(*) FROM closed_members";

/// The next round of groups says this, and later rounds nothing.
fn round(bench: &Bench, items: &[Value]) {
    let (delta, idle) = ("/v1.0/groups/delta?$deltatoken=g2", "/v1.0/groups/delta?$deltatoken=g3");
    let link = format!("deltaLink={idle}");
    bench.script.forget(delta).on(delta, page(items, Some(&link)));
    bench.script.on(idle, page(&[], Some(&link)));
}

fn rest(n: u32) -> String {
    format!("/beta/groups/{}/members?$skiptoken={n}", id(9))
}

/// A store that knows user 2 in group 9; its list is read again, and is `1` and what follows.
async fn read_again(second: &[Reply]) -> (Bench, Report) {
    let bench = Bench::new(small());
    bench.run().await;
    round(&bench, &[group(9, "Dock")]);
    let first = page(&[member(1)], Some(&format!("nextLink={}", rest(2))));
    bench.script.forget(&members_path(9)).on(&members_path(9), first);
    for reply in second {
        bench.script.on(&rest(2), reply.clone());
    }
    let report = bench.run().await;
    (bench, report)
}

/// D5, B22, B33, I3: whatever a later page is instead of a page, the edges of before stay, the owner
/// waits, and the certificate says so until the list has been read.
#[tokio::test(start_paused = true)]
async fn a_list_that_breaks_off_leaves_the_edges_that_were_known() {
    let foreign = page(&[member(3)], Some("nextLink=https://evil.example/v1.0/groups"));
    let in_a_circle = page(&[member(3)], Some(&format!("nextLink={}", rest(2))));
    for (what, broken) in [
        ("an error", error(500, "InternalServerError")),
        ("no JSON", raw(200, "<html>")),
        ("an error with 200", raw(200, r#"{"error":{"code":"UnknownError","message":"m"}}"#)),
        ("no list", raw(200, r#"{"value":{}}"#)),
        ("a member that cannot be read", raw(200, r#"{"value":[{"displayName":"no id"}]}"#)),
        ("a link to another host", foreign),
        ("a circle", in_a_circle),
        ("a token that is always lost", error(400, "Directory_ExpiredPageToken")),
        ("410", error(410, "syncStateNotFound")),
        ("404", error(404, "Request_ResourceNotFound")),
    ] {
        let (bench, report) = read_again(&[broken]).await;
        assert_eq!(report.status, RunStatus::Partial, "{what}");
        let members = report.stream("members").unwrap();
        assert!(matches!(members.completeness, Completeness::Partial(_)), "{what}: {members:?}");
        assert_eq!(members.holdings.waiting.queued, 1, "{what}");
        assert_eq!(
            (bench.query(DOCK), bench.query(CLOSED)),
            (vec![id(2)], vec!["0".into()]),
            "{what}"
        );
        bench.script.forget(&rest(2)).on(&rest(2), page(&[member(3)], None));
        assert_eq!(bench.run().await.completeness, Completeness::Proven, "{what}");
        assert_eq!(bench.query(DOCK), [id(1), id(3)], "{what}");
    }
}

/// B15: a list that goes on by ever new links, and says nothing new.
#[tokio::test(start_paused = true)]
async fn a_list_without_an_end_is_given_up_and_leaves_the_edges_that_were_known() {
    let bench = Bench::new(small());
    bench.run().await;
    round(&bench, &[group(9, "Dock")]);
    let first = page(&[member(1)], Some(&format!("nextLink={}", rest(0))));
    bench.script.forget(&members_path(9)).on(&members_path(9), first);
    for n in 0..1_500 {
        let next = format!("nextLink={}", rest(n + 1));
        bench.script.on(&rest(n), page(&[member(3)], Some(&next)));
    }
    let report = bench.run().await;
    assert_eq!(report.status, RunStatus::Partial);
    assert_eq!(report.stream("members").unwrap().holdings.waiting.queued, 1);
    assert_eq!((bench.query(DOCK), bench.query(CLOSED)), (vec![id(2)], vec!["0".into()]));
    bench.script.forget(&rest(0)).on(&rest(0), page(&[member(3)], None));
    assert_eq!(bench.run().await.completeness, Completeness::Proven);
    assert_eq!(bench.query(DOCK), [id(1), id(3)]);
}

/// D2: the old edges stay until the new list is whole, which begins again in pages of the same size.
#[tokio::test(start_paused = true)]
async fn a_list_whose_token_is_lost_once_is_read_anew_and_replaces_the_old_one() {
    for lost in [error(400, "Directory_ExpiredPageToken"), error(410, "resyncRequired")] {
        let (bench, report) = read_again(&[lost, page(&[member(3)], None)]).await;
        assert_eq!(report.completeness, Completeness::Proven);
        assert_eq!(report.stream("members").unwrap().restarts.len(), 1);
        assert_eq!(bench.query(DOCK), [id(1), id(3)]);
        assert_eq!(bench.query("SELECT count(*) FROM import_stage"), ["0"]);
        let first = bench.script.sent();
        assert!(first.contains(&members_path(9)), "{first:?}");
    }
}

/// The same in the answer of a batch: its first page.
#[tokio::test(start_paused = true)]
async fn an_item_of_a_batch_that_is_no_list_leaves_the_edges_that_were_known() {
    let foreign = page(&[member(3)], Some("nextLink=https://evil.example/v1.0/groups"));
    for (what, broken) in [
        ("an error", error(500, "InternalServerError")),
        ("an error with 200", raw(200, r#"{"error":{"code":"UnknownError","message":"m"}}"#)),
        ("no body", raw(200, "null")),
        ("no list", raw(200, r#"{"value":null}"#)),
        ("a link to another host", foreign),
        ("404", error(404, "Request_ResourceNotFound")),
        ("410", error(410, "syncStateNotFound")),
    ] {
        let bench = Bench::new(small());
        bench.run().await;
        round(&bench, &[group(8, "Crew"), group(9, "Dock")]);
        bench.script.forget(&members_path(9)).on(&members_path(9), broken);
        bench.script.members(8, &[1]);
        let report = bench.run().await;
        assert_eq!(report.status, RunStatus::Partial, "{what}");
        assert_eq!(report.stream("members").unwrap().holdings.waiting.queued, 1, "{what}");
        assert_eq!((bench.query(DOCK), bench.query(CREW)), (vec![id(2)], vec![id(1)]), "{what}");
        bench.script.members(9, &[3]);
        assert_eq!(bench.run().await.completeness, Completeness::Proven, "{what}");
        assert_eq!(bench.query(DOCK), [id(3)], "{what}");
    }
}

/// D13: entries are applied one by one; what a page both adds and takes away only the list knows.
#[tokio::test(start_paused = true)]
async fn an_entry_that_is_added_and_taken_away_on_one_page_is_read_as_a_list() {
    let away = |n| removed(n, "deleted");
    for (entries, listed, expected) in [
        // Exact: 2 goes, 5 comes; nothing is asked.
        (vec![away(2), member(5)], None, vec![id(1), id(5)]),
        (vec![member(5), away(2)], None, vec![id(1), id(5)]),
        // Of 2 it is not known what came last.
        (vec![away(2), member(2)], Some(vec![1]), vec![id(1)]),
        (vec![member(2), away(2)], Some(vec![1, 2]), vec![id(1), id(2)]),
        (vec![away(2), member(5), member(2)], Some(vec![1, 5]), vec![id(1), id(5)]),
    ] {
        let bench = Bench::new(small());
        bench.run().await;
        bench.script.requests();
        let what = format!("{entries:?}");
        round(&bench, &[json!({"id": id(8), "displayName": "Crew", "members@delta": entries})]);
        match &listed {
            Some(members) => bench.script.members(8, members),
            None => bench.script.forget(&members_path(8)),
        };
        let known = [crate::script::user(5, "Eve")];
        let end = "deltaLink=/v1.0/users/delta?$deltatoken=u3";
        let users = "/v1.0/users/delta?$deltatoken=u3";
        bench.script.forget(users).on(users, page(&known, Some(end)));
        let holders = format!("/beta/users/{}/memberOf?$select=id", id(5));
        let of = if expected.contains(&id(5)) { vec![group(8, "Crew")] } else { Vec::new() };
        bench.script.on(&holders, page(&of, None));
        let report = bench.run().await;
        assert_eq!(report.completeness, Completeness::Proven, "{what}: {report:?}");
        assert_eq!(bench.query(CREW), expected, "{what}");
        let asked = bench.script.requests().iter().any(|path| path.trim() == members_path(8));
        assert_eq!(asked, listed.is_some(), "{what}");
    }
}

/// D13, B3: one entry a page: the later page decides.
#[tokio::test(start_paused = true)]
async fn of_entries_on_two_pages_the_later_one_counts() {
    let (delta, next) = ("/v1.0/groups/delta?$deltatoken=g2", "/v1.0/groups/delta?$skiptoken=n");
    for (first, second, expected) in [
        (removed(2, "deleted"), member(2), vec![id(1), id(2)]),
        (member(2), removed(2, "deleted"), vec![id(1)]),
    ] {
        let bench = Bench::new(small());
        bench.run().await;
        let crew = |entry| json!({"id": id(8), "displayName": "Crew", "members@delta": [entry]});
        round(&bench, &[]);
        let end = "deltaLink=/v1.0/groups/delta?$deltatoken=g3";
        let one = page(&[crew(first)], Some(&format!("nextLink={next}")));
        bench.script.forget(delta).on(delta, one).on(next, page(&[crew(second)], Some(end)));
        // A list would say the same.
        bench.script.members(8, &if expected.len() == 2 { vec![1, 2] } else { vec![1] });
        assert_eq!(bench.run().await.completeness, Completeness::Proven);
        assert_eq!(bench.query(CREW), expected);
    }
}

/// F5: a permission that is lost takes no edge away.
#[tokio::test(start_paused = true)]
async fn edges_stay_when_the_permission_for_their_lists_is_lost() {
    let bench = Bench::new(small());
    bench.run().await;
    round(&bench, &[group(8, "Crew"), group(9, "Dock")]);
    for n in [8, 9] {
        let path = members_path(n);
        bench.script.forget(&path).on(&path, error(403, "Authorization_RequestDenied"));
    }
    let report = bench.run().await;
    let members = report.stream("members").unwrap();
    let lost = StreamOutcome::PermissionLost("Directory.Read.All".into());
    assert_eq!((&members.outcome, members.holdings.waiting.queued), (&lost, 2));
    assert_eq!(report.status, RunStatus::Failed);
    assert_eq!((bench.query(CREW), bench.query(DOCK)), (vec![id(1), id(2)], vec![id(2)]));
    assert_eq!(bench.query(CLOSED), ["0"]);
    // F6
    bench.script.members(8, &[1]).members(9, &[]);
    assert_eq!(bench.run().await.completeness, Completeness::Proven);
    assert_eq!((bench.query(CREW), bench.query(DOCK)), (vec![id(1)], vec![]));
}

/// D9: with the permission to see them, an empty list of a hidden membership has no members.
#[tokio::test(start_paused = true)]
async fn who_may_see_hidden_members_sees_that_there_are_none() {
    for sees in [false, true] {
        let bench = Bench::new(small());
        let run = async || {
            let importer = bench.importer(SqliteStore::new(bench.path()));
            importer.reads_hidden_members(sees).run(&(), &Stop::new()).await.unwrap()
        };
        run().await;
        let hidden = json!({"id": id(9), "displayName": "Dock", "visibility": "HiddenMembership", "members@delta": []});
        round(&bench, &[hidden]);
        bench.script.members(9, &[]);
        let report = run().await;
        assert_eq!(report.completeness == Completeness::Proven, sees, "{report:?}");
        assert_eq!(bench.query(DOCK), if sees { vec![] } else { vec![id(2)] });
    }
}

/// D2, D5, D13, D17, I7: a group of more than 100,000 members is a hundred pages of a list, of which nothing
/// counts before the last; its changes come in slices, on consecutive pages of the delta query (facts:
/// graph-protocol 5.5), and cost no list.
#[tokio::test(start_paused = true)]
async fn a_group_of_more_than_a_hundred_thousand_members_is_read_whole_and_changed_by_slices() {
    const ALL: u32 = 100_500;
    let count = |bench: &Bench| bench.query("SELECT count(*) FROM edge_members").remove(0);
    let list = |bench: &Bench, upto: u32, broken: bool| {
        for first in (1..=upto).step_by(999) {
            let path = if first == 1 { members_path(9) } else { rest(first) };
            let (last, next) = ((first + 998).min(upto), first + 999);
            let members: Vec<Value> = (first..=last).map(member).collect();
            let link = (next <= upto).then(|| format!("nextLink={}", rest(next)));
            let reply = page(&members, link.as_deref());
            let breaks_off = broken && first > 60_000;
            let reply = if breaks_off { error(500, "InternalServerError") } else { reply };
            bench.script.forget(&path).on(&path, reply);
        }
    };
    let bench = Bench::new(small());
    let import = async |full: bool| {
        let plans = crate::store::plans().into_iter().filter(|plan| plan.name != "users");
        let store = SqliteStore::new(bench.path());
        let client = bench.script.client();
        let importer = Importer::new(client, crate::script::tenant(), plans, store).unwrap();
        importer.full(full).run(&(), &Stop::new()).await.unwrap()
    };
    list(&bench, ALL, false);
    assert_eq!(import(false).await.completeness, Completeness::Proven);
    assert_eq!(count(&bench), (ALL + 2).to_string());
    list(&bench, ALL - 10, true);
    assert!(matches!(import(true).await.completeness, Completeness::Partial(_)));
    assert_eq!(count(&bench), (ALL + 2).to_string(), "a list that breaks off takes nobody away");
    list(&bench, ALL - 10, false);
    assert_eq!(import(false).await.completeness, Completeness::Proven);
    assert_eq!(count(&bench), (ALL - 8).to_string());
    let slice =
        |changes: Vec<Value>| json!({"id": id(9), "displayName": "Dock", "members@delta": changes});
    let slices = [
        slice((ALL - 9..=ALL - 5).map(member).collect()),
        slice((1..=5).map(|n| removed(n, "deleted")).collect()),
        slice(vec![member(ALL - 4), removed(6, "deleted")]),
    ];
    let delta = |n: usize| format!("/v1.0/groups/delta?$deltatoken=g{n}");
    for (n, slice) in (2..).zip(&slices) {
        let kind = if n < 4 { "nextLink" } else { "deltaLink" };
        let link = format!("{kind}={}", delta(n + 1));
        bench
            .script
            .forget(&delta(n))
            .on(&delta(n), page(std::slice::from_ref(slice), Some(&link)));
    }
    bench.script.requests();
    let report = import(false).await;
    let members = report.stream("members").unwrap();
    assert_eq!((members.applied.edges_added, members.applied.edges_removed), (6, 6));
    assert_eq!(
        (&report.completeness, count(&bench)),
        (&Completeness::Proven, (ALL - 8).to_string())
    );
    let asked = bench.script.requests();
    assert!(!asked.iter().any(|it| it.contains("/members")), "{asked:?}");
}
