//! Rounds: the first, the next, the one after a token was lost.

use graph_import::{Completeness, Importer, RunStatus, SqliteStore, Stop, StreamOutcome};
use serde_json::json;

use crate::script::{
    GROUPS, Script, USERS, error, group, id, member, members_path, page, removed, tenant, user,
};
use crate::store::{Bench, plans};

/// Two users on two pages, two groups, three memberships.
pub(crate) fn small() -> Script {
    let script = Script::default();
    script.on(USERS, page(&[user(1, "Ada")], Some("nextLink=/v1.0/users/delta?$skiptoken=u2")));
    script.on(
        "/v1.0/users/delta?$skiptoken=u2",
        page(&[user(2, "Bo")], Some("deltaLink=/v1.0/users/delta?$deltatoken=u3")),
    );
    script.on(
        GROUPS,
        page(
            &[group(8, "Crew"), group(9, "Dock")],
            Some("deltaLink=/v1.0/groups/delta?$deltatoken=g2"),
        ),
    );
    script.on(
        "/v1.0/users/delta?$deltatoken=u3",
        page(&[], Some("deltaLink=/v1.0/users/delta?$deltatoken=u3")),
    );
    script.on(
        "/v1.0/groups/delta?$deltatoken=g2",
        page(&[], Some("deltaLink=/v1.0/groups/delta?$deltatoken=g2")),
    );
    script.members(8, &[1, 2]).members(9, &[2]);
    script
}

/// facts: graph-protocol 3.2: a tenant's budget follows from its users. The first run counts them, the
/// next one knows them from the store.
#[tokio::test(start_paused = true)]
async fn the_transport_is_told_how_many_users_there_are() {
    for (users, budget) in [(49, 3_500.0), (60, 5_000.0), (501, 8_000.0)] {
        let script = small();
        let all: Vec<_> = (100..100 + users).map(|n| user(n, "Ada")).collect();
        let end = Some("deltaLink=/v1.0/users/delta?$deltatoken=u3");
        script.forget(USERS).on(USERS, page(&all, end));
        let bench = Bench::new(script);
        for run in ["first", "next"] {
            let client = bench.script.client();
            let store = SqliteStore::new(bench.path());
            let importer = Importer::new(client.clone(), tenant(), plans(), store).unwrap();
            importer.run(&(), &Stop::new()).await.unwrap();
            let lanes = client.lanes().snapshot();
            let lane = lanes.iter().find(|lane| lane.lane == "directory").unwrap();
            let capacity = lane.budget.unwrap().capacity;
            assert!((capacity - budget).abs() < 1e-6, "{users} users, {run} run: {capacity}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_first_import_reads_everything_and_the_next_one_nothing() {
    let bench = Bench::new(small());
    let report = bench.run().await;
    assert_eq!(
        (report.status, &report.completeness),
        (RunStatus::Completed, &Completeness::Proven)
    );
    assert_eq!(
        bench.query("SELECT display_name, account_enabled FROM users ORDER BY 1"),
        ["Ada|1", "Bo|1"]
    );
    let members = bench.query("SELECT group_name, member_name FROM group_members ORDER BY 1, 2");
    assert_eq!(members, ["Crew|Ada", "Crew|Bo", "Dock|Bo"]);
    assert_eq!(bench.script.sent().len(), 4, "two pages of users, one of groups, one batch");
    assert_eq!(report.requests, 4);

    let report = bench.run().await;
    let sent = bench.script.sent();
    assert_eq!(sent.len(), 2, "one request per delta stream: {sent:?}");
    assert_eq!((report.requests, &report.completeness), (2, &Completeness::Proven));
    assert!(!report.stream("users").unwrap().full);
}

#[tokio::test(start_paused = true)]
async fn later_only_reported_groups_are_read() {
    let bench = Bench::new(small());
    bench.run().await;
    bench.script.requests();
    bench.script.forget("/v1.0/groups/delta?$deltatoken=g2");
    bench.script.on(
        "/v1.0/groups/delta?$deltatoken=g2",
        page(&[group(9, "Dock")], Some("deltaLink=/v1.0/groups/delta?$deltatoken=g3")),
    );
    bench.script.on(
        "/v1.0/groups/delta?$deltatoken=g3",
        page(&[], Some("deltaLink=/v1.0/groups/delta?$deltatoken=g3")),
    );
    bench.script.members(9, &[1]);
    let report = bench.run().await;
    let requests = bench.script.requests();
    let lists: Vec<_> = requests
        .iter()
        .filter(|request| request.contains("/members"))
        .map(|request| request.trim())
        .collect();
    assert_eq!(lists, [members_path(9)]);
    assert_eq!(report.stream("members").unwrap().applied.edges_added, 1);
    let members = bench.query("SELECT group_name, member_name FROM group_members ORDER BY 1, 2");
    assert_eq!(members, ["Crew|Ada", "Crew|Bo", "Dock|Ada"]);
}

/// B16: a full round in a new generation; what it proves to be gone is swept, the rest stays.
#[tokio::test(start_paused = true)]
async fn gone_restarts_from_a_full_round() {
    let bench = Bench::new(small());
    bench.run().await;
    bench.script.requests();
    bench
        .script
        .forget("/v1.0/users/delta?$deltatoken=u3")
        .on("/v1.0/users/delta?$deltatoken=u3", error(410, "syncStateNotFound"));
    bench.script.forget("/v1.0/users/delta?$skiptoken=u2").on(
        "/v1.0/users/delta?$skiptoken=u2",
        page(&[user(3, "Cy")], Some("deltaLink=/v1.0/users/delta?$deltatoken=u4")),
    );
    bench.script.on(
        "/v1.0/users/delta?$deltatoken=u4",
        page(&[], Some("deltaLink=/v1.0/users/delta?$deltatoken=u4")),
    );
    let report = bench.run().await;
    let users = report.stream("users").unwrap();
    assert_eq!(
        (users.generation, users.full, users.applied.swept, users.restarts.len()),
        (2, true, 1, 1)
    );
    assert_eq!(
        (&users.outcome, &users.completeness),
        (&StreamOutcome::Granted, &Completeness::Proven)
    );
    assert_eq!(bench.query("SELECT display_name FROM users ORDER BY 1"), ["Ada", "Cy"]);
    assert_eq!(bench.query("SELECT display_name, deletion FROM deleted_users"), ["Bo|hard"]);
    assert_eq!(bench.script.sent().iter().filter(|request| request.contains("users")).count(), 3);
    assert_eq!(bench.run().await.requests, 2);
}

/// B16: one automatic resync in a run, not an endless one.
#[tokio::test(start_paused = true)]
async fn a_token_that_is_always_gone_fails_the_stream_and_not_the_others() {
    let script = small();
    script
        .forget("/v1.0/users/delta?$skiptoken=u2")
        .on("/v1.0/users/delta?$skiptoken=u2", error(410, "resyncRequired"));
    let bench = Bench::new(script);
    let report = bench.run().await;
    assert_eq!(report.status, RunStatus::Failed);
    assert_eq!(report.stream("users").unwrap().outcome, StreamOutcome::Failed);
    assert_eq!(report.stream("groups").unwrap().outcome, StreamOutcome::Granted);
    assert!(bench.script.sent().len() < 10);
    let words = report.error().and_then(|error| error.graph()).unwrap();
    assert_eq!(words.code, "resyncRequired", "Graph's words are not lost");
    assert_eq!(
        bench.query("SELECT display_name FROM object_users"),
        ["Ada"],
        "what was read stays, unpublished"
    );
    assert_eq!(bench.query("SELECT display_name FROM users"), [""; 0], "I5");
}

/// B17 and facts 5.7: a page token that expired in a delta round costs that round, not a full one.
#[tokio::test(start_paused = true)]
async fn an_expired_page_token_rewinds_to_the_watermark() {
    let bench = Bench::new(small());
    bench.run().await;
    let (delta, next) = ("/v1.0/users/delta?$deltatoken=u3", "/v1.0/users/delta?$skiptoken=c2");
    bench.script.forget(delta).on(delta, page(&[user(3, "Cy")], Some(&format!("nextLink={next}"))));
    bench.script.on(next, error(400, "Directory_ExpiredPageToken"));
    bench.script.on(
        next,
        page(&[removed(1, "changed")], Some("deltaLink=/v1.0/users/delta?$deltatoken=u4")),
    );
    let report = bench.run().await;
    let users = report.stream("users").unwrap();
    assert_eq!((users.generation, users.full, users.rounds), (1, false, 2));
    assert_eq!(bench.query("SELECT display_name FROM users ORDER BY 1"), ["Bo", "Cy"]);
}

/// B3: a page that both states and removes an object says nothing about which came last.
#[tokio::test(start_paused = true)]
async fn an_ambiguous_object_is_read_on_its_own() {
    for (there, removal_first) in [(true, false), (true, true), (false, false), (false, true)] {
        let bench = Bench::new(small());
        bench.run().await;
        let delta = "/v1.0/users/delta?$deltatoken=u3";
        let mut items = [user(1, "Ada"), removed(1, "changed")];
        if removal_first {
            items.reverse();
        }
        let link = Some("deltaLink=/v1.0/users/delta?$deltatoken=u4");
        bench.script.forget(delta).on(delta, page(&items, link));
        if there {
            bench.script.on(&ambiguous(), crate::script::ok(&user(1, "Ada 2")));
        }
        let report = bench.run().await;
        assert_eq!(report.completeness, Completeness::Proven);
        let expected = if there { vec!["Ada 2", "Bo"] } else { vec!["Bo"] };
        assert_eq!(bench.query("SELECT display_name FROM users ORDER BY 1"), expected);
        let deleted = if there { vec![] } else { vec!["Ada|soft"] };
        assert_eq!(bench.query("SELECT display_name, deletion FROM deleted_users"), deleted);
        assert_eq!(bench.query("SELECT count(*) FROM import_queue"), ["0"]);
    }
}

/// B33: an answer of success that does not state the object says nothing, and settles nothing.
#[tokio::test(start_paused = true)]
async fn an_object_whose_answer_says_nothing_waits_to_be_read_again() {
    let other = user(2, "Bo").to_string();
    for body in ["", "null", "{}", "[]", r#"{"error":{"code":"UnknownError"}}"#, &other] {
        let bench = Bench::new(small());
        bench.run().await;
        let delta = "/v1.0/users/delta?$deltatoken=u3";
        let items = [user(1, "Ada"), removed(1, "changed")];
        let link = Some("deltaLink=/v1.0/users/delta?$deltatoken=u4");
        bench.script.forget(delta).on(delta, page(&items, link));
        bench.script.on("/v1.0/users/delta?$deltatoken=u4", page(&[], link));
        bench.script.on(&ambiguous(), crate::script::raw(200, body));
        let report = bench.run().await;
        let users = report.stream("users").unwrap();
        assert_eq!(report.status, RunStatus::Partial, "{body}");
        assert_eq!((users.holdings.waiting.queued, users.spoiled), (1, 0), "{body}");
        let stated = crate::script::ok(&user(1, "Ada 2"));
        bench.script.forget(&ambiguous()).on(&ambiguous(), stated);
        assert_eq!(bench.run().await.completeness, Completeness::Proven, "{body}");
        assert_eq!(bench.query("SELECT display_name FROM users ORDER BY 1"), ["Ada 2", "Bo"]);
    }
}

/// The read of user 1 on its own.
fn ambiguous() -> String {
    format!("/v1.0/users/{}?$select=id,displayName,accountEnabled", id(1))
}

/// A9: also while objects are read on their own and Graph asks to wait.
#[tokio::test(start_paused = true)]
async fn a_stop_is_heard_while_objects_are_read_again() {
    let bench = Bench::new(small());
    bench.run().await;
    let delta = "/v1.0/users/delta?$deltatoken=u3";
    let items = [user(1, "Ada"), removed(1, "changed")];
    let link = Some("deltaLink=/v1.0/users/delta?$deltatoken=u4");
    bench.script.forget(delta).on(delta, page(&items, link));
    let mut throttled = error(429, "TooManyRequests");
    throttled.headers.push(("Retry-After", "600".to_owned()));
    bench.script.on("/v1.0/$batch", throttled);
    let (began, stop) = (tokio::time::Instant::now(), Stop::new());
    let importer = bench.importer(SqliteStore::new(bench.path()));
    let asked = async {
        tokio::time::sleep(std::time::Duration::from_secs(5)).await;
        stop.stop();
    };
    let (report, ()) = tokio::join!(importer.run(&(), &stop), asked);
    assert_eq!(report.unwrap().status, RunStatus::Interrupted);
    assert!(began.elapsed() < std::time::Duration::from_secs(60));
    assert_eq!(bench.query("SELECT count(*) FROM import_queue"), ["1"]);
}

#[tokio::test(start_paused = true)]
async fn a_full_import_reads_everything_again_and_changes_nothing() {
    let bench = Bench::new(small());
    bench.run().await;
    let before = bench.content();
    let report = bench.run_full().await;
    assert!(report.stream("users").unwrap().full);
    assert_eq!(report.stream("users").unwrap().applied.unchanged, 2);
    assert_eq!(report.stream("members").unwrap().applied.edges_unchanged, 3);
    assert_eq!(bench.content(), before);
}

/// B18, D6: what a membership is to, whatever it is.
#[tokio::test(start_paused = true)]
async fn members_without_a_type_or_of_an_unknown_one_are_kept() {
    let script = small();
    let mut odd = member(77);
    odd["@odata.type"] = "#microsoft.graph.newIn2031".into();
    let bare = serde_json::json!({"id": id(78)});
    script.forget(&members_path(9)).on(&members_path(9), page(&[odd, bare], None));
    let bench = Bench::new(script);
    assert_eq!(bench.run().await.completeness, Completeness::Proven);
    let members = bench.query(
        "SELECT member_type FROM group_members WHERE group_name = 'Dock' ORDER BY member_id",
    );
    assert_eq!(members, ["newIn2031", "unknown"]);
}

/// A9
#[tokio::test(start_paused = true)]
async fn a_stop_finishes_the_page_in_hand_and_the_next_run_goes_on() {
    struct StopAtFirstPage(Stop);
    impl graph_import::Observer for StopAtFirstPage {
        fn observe(&self, event: &graph_import::Event<'_>) {
            if matches!(event, graph_import::Event::Page { .. }) {
                self.0.stop();
            }
        }
    }
    let bench = Bench::new(small());
    let stop = Stop::new();
    let report = bench
        .importer(SqliteStore::new(bench.path()))
        .run(&StopAtFirstPage(stop.clone()), &stop)
        .await
        .unwrap();
    assert_eq!(report.status, RunStatus::Interrupted);
    assert_eq!(bench.query("SELECT status FROM import_runs"), ["interrupted"]);
    assert_eq!(bench.run().await.completeness, Completeness::Proven);
    let undisturbed = Bench::new(small());
    undisturbed.run().await;
    assert_eq!(bench.content(), undisturbed.content());
}

/// B16, I3: a `Location` that asks for changes since a token would end in a round that has not seen
/// everybody, and the rest would be swept.
#[tokio::test(start_paused = true)]
async fn a_location_with_a_token_is_not_taken_for_a_full_round() {
    let bench = Bench::new(small());
    bench.run().await;
    bench.script.requests();
    let elsewhere = format!("{USERS}&$deltatoken=abc");
    let mut gone = error(410, "syncStateNotFound");
    gone.headers.push(("Location", format!("https://graph.microsoft.com{elsewhere}")));
    let delta = "/v1.0/users/delta?$deltatoken=u3";
    bench.script.forget(delta).on(delta, gone);
    let nothing = page(&[], Some("deltaLink=/v1.0/users/delta?$deltatoken=u4"));
    bench.script.on(&elsewhere, nothing);
    let report = bench.run().await;
    let users = report.stream("users").unwrap();
    assert_eq!((users.generation, users.applied.swept, users.holdings.live), (2, 0, 2));
    let sent = bench.script.sent();
    assert!(sent.iter().any(|path| path == USERS), "{sent:?}");
    assert!(!sent.contains(&elsewhere), "{sent:?}");
}

/// I6: whichever stream's page has told of an edge, it is counted where edges are, so that a report adds
/// up; and who was never seen is not counted as gone.
#[tokio::test(start_paused = true)]
async fn a_report_counts_edges_by_their_own_stream() {
    let bench = Bench::new(small());
    bench.run().await;
    let dock = json!({"id": id(9), "displayName": "Dock", "members@delta": [member(1)]});
    let (groups, users) = ("/v1.0/groups/delta?$deltatoken=g2", "/v1.0/users/delta?$deltatoken=u3");
    bench.script.forget(groups).on(groups, page(&[dock], Some(&format!("deltaLink={groups}"))));
    let gone = [removed(2, "deleted"), removed(7, "deleted")];
    bench.script.forget(users).on(users, page(&gone, Some(&format!("deltaLink={users}"))));
    let report = bench.run().await;
    let applied = |stream: &str| report.stream(stream).unwrap().applied;
    let (groups, users, members) = (applied("groups"), applied("users"), applied("members"));
    assert_eq!((groups.edges_added, users.edges_removed), (0, 0), "{groups:?} {users:?}");
    assert_eq!((members.edges_added, members.edges_removed), (1, 2), "{members:?}");
    assert_eq!((users.hard_deleted, users.tombstones), (1, 1), "{users:?}");
    assert_eq!(bench.query("SELECT count(*) FROM group_members"), ["2"]);
}
