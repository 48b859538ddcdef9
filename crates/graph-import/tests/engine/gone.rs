//! A delta link or a page token that Graph has given up, wherever that happens (cases: B16, B17, I3, I5).

use graph_dsl::StreamPlan;
use graph_import::{Completeness, Importer, Report, RunStatus, SqliteStore, Stop, StreamOutcome};
use serde_json::{Value, json};

use crate::handover::{self, counts, latest, person};
use crate::rounds::small;
use crate::script::{Reply, Script, USERS, error, id, member, page, raw, tenant, user};
use crate::store::{Bench, plans};

const SECOND: &str = "/v1.0/users/delta?$skiptoken=u2";
const DELTA: &str = "/v1.0/users/delta?$deltatoken=u3";
const ROOT: &str = "https://graph.microsoft.com";
const NAMES: &str = "SELECT display_name FROM users ORDER BY 1";
const STATE: &str =
    "SELECT phase, generation, published, watermark FROM import_stream WHERE stream = 'users'";

fn moved(location: &str) -> Reply {
    let mut gone = raw(410, "");
    gone.headers.push(("Location", location.to_owned()));
    gone
}

/// Every way in which Graph may say that a token is lost (facts: graph-protocol 4.4, 5.7).
fn ways() -> Vec<(&'static str, Reply)> {
    let inner = |code: &str| {
        let words = json!({"code": "BadRequest", "message": "m", "innerError": {"code": code}});
        raw(400, &json!({ "error": words }).to_string())
    };
    vec![
        ("410 syncStateNotFound", error(410, "syncStateNotFound")),
        ("410 resyncRequired", error(410, "resyncRequired")),
        ("410 without a word", raw(410, "")),
        ("410 as HTML", raw(410, "<html>gone</html>")),
        ("410 to the beginning", moved(&format!("{ROOT}{USERS}"))),
        ("410 to an empty token", moved(&format!("{ROOT}{USERS}&$deltatoken="))),
        ("410 to another host", moved("https://evil.example/v1.0/users/delta")),
        ("410 to nowhere", moved("not a link")),
        ("400 syncStateNotFound", error(400, "syncStateNotFound")),
        ("400 SyncStateNotFound", error(400, "SyncStateNotFound")),
        ("400 resyncRequired", error(400, "resyncRequired")),
        ("404 syncStateNotFound", error(404, "syncStateNotFound")),
        ("400 resyncApplyDifferences inside", inner("resyncApplyDifferences")),
        ("400 resyncUploadDifferences inside", inner("resyncUploadDifferences")),
    ]
}

/// From now on a full round finds user 1 and 3, and user 2 no more.
fn without_bo(script: &Script) {
    let end = format!("deltaLink={}", DELTA.replace("u3", "u4"));
    let idle = DELTA.replace("u3", "u4");
    script.forget(SECOND).on(SECOND, page(&[user(3, "Cy")], Some(&end)));
    script.on(&idle, page(&[], Some(&end)));
    let empty = format!("{USERS}&$deltatoken=");
    script.on(&empty, page(&[user(1, "Ada")], Some(&format!("nextLink={SECOND}"))));
}

/// B16
#[tokio::test(start_paused = true)]
async fn a_delta_link_that_is_lost_in_any_way_begins_a_new_generation() {
    for (way, reply) in ways() {
        let bench = Bench::new(small());
        bench.run().await;
        bench.script.forget(DELTA).on(DELTA, reply);
        without_bo(&bench.script);
        let report = bench.run().await;
        let users = report.stream("users").unwrap();
        assert_eq!(report.completeness, Completeness::Proven, "{way}: {users:?}");
        assert_eq!((users.generation, users.restarts.len()), (2, 1), "{way}");
        assert_eq!(bench.query(NAMES), ["Ada", "Cy"], "{way}");
        let expected = format!("idle|2|2|{}", DELTA.replace("u3", "u4"));
        assert_eq!(bench.query(STATE), [expected], "{way}");
        assert_eq!(bench.run().await.requests, 2, "{way}: one request a stream again");
    }
}

/// B17: nothing was published before, and what the first pages said does not outlive them.
#[tokio::test(start_paused = true)]
async fn a_token_that_is_lost_in_the_middle_of_a_first_read_begins_it_again() {
    for (way, reply) in ways() {
        let script = small();
        script.forget(SECOND).on(SECOND, reply);
        script.on(SECOND, page(&[user(3, "Cy")], Some(&format!("deltaLink={DELTA}"))));
        script.forget(USERS);
        script.on(USERS, page(&[user(2, "Bo")], Some(&format!("nextLink={SECOND}"))));
        let again = page(&[user(1, "Ada")], Some(&format!("nextLink={SECOND}")));
        script.on(USERS, again.clone()).on(&format!("{USERS}&$deltatoken="), again);
        let bench = Bench::new(script);
        let report = bench.run().await;
        let users = report.stream("users").unwrap();
        assert_eq!(report.completeness, Completeness::Proven, "{way}: {users:?}");
        assert_eq!(users.restarts.len(), 1, "{way}");
        assert_eq!(bench.query(NAMES), ["Ada", "Cy"], "{way}: user 2 went meanwhile");
    }
}

/// B17: what a round of changes had said stays said; the full round after it corrects it.
#[tokio::test(start_paused = true)]
async fn a_delta_round_that_loses_its_page_is_discarded() {
    let next = "/v1.0/users/delta?$skiptoken=c2";
    for (way, reply) in ways() {
        let bench = Bench::new(small());
        bench.run().await;
        let first = page(&[user(1, "Ada 2")], Some(&format!("nextLink={next}")));
        bench.script.forget(DELTA).on(DELTA, first);
        bench.script.on(next, reply);
        without_bo(&bench.script);
        let report = bench.run().await;
        let users = report.stream("users").unwrap();
        assert_eq!(report.completeness, Completeness::Proven, "{way}: {users:?}");
        // What is not 410 may be the page token alone: the round is tried once more from its watermark.
        let restarts = if way.starts_with("410") { 1 } else { 2 };
        assert_eq!((users.generation, users.restarts.len()), (2, restarts), "{way}");
        assert_eq!(bench.query(NAMES), ["Ada", "Cy"], "{way}");
    }
}

/// B16: twice in a row the stream fails, and readers keep what they had.
#[tokio::test(start_paused = true)]
async fn a_generation_that_cannot_even_begin_leaves_the_old_one_in_place() {
    for (way, reply) in ways() {
        let bench = Bench::new(small());
        bench.run().await;
        bench.script.forget(DELTA).on(DELTA, reply.clone());
        bench.script.forget(USERS).on(USERS, reply.clone());
        bench.script.on(&format!("{USERS}&$deltatoken="), reply);
        let report = bench.run().await;
        let users = report.stream("users").unwrap();
        assert_eq!(users.outcome, StreamOutcome::Failed, "{way}");
        assert!(matches!(users.completeness, Completeness::Partial(_)), "{way}");
        assert_eq!(report.status, RunStatus::Failed, "{way}");
        assert_eq!(bench.query(NAMES), ["Ada", "Bo"], "{way}");
        assert_eq!(bench.query("SELECT count(*) FROM deleted_users"), ["0"], "{way}");
        let begin = page(&[user(1, "Ada")], Some(&format!("nextLink={SECOND}")));
        bench.script.forget(USERS).on(USERS, begin);
        without_bo(&bench.script);
        assert_eq!(bench.run().await.completeness, Completeness::Proven, "{way}");
        assert_eq!(bench.query(NAMES), ["Ada", "Cy"], "{way}");
    }
}

fn managers() -> Vec<StreamPlan> {
    let of = StreamPlan::edges("managers", "manager", "/users/delta", "users");
    let mut plans = plans();
    plans.push(of.relation("manager"));
    plans
}

async fn run(bench: &Bench, plans: Vec<StreamPlan>) -> Report {
    let store = SqliteStore::new(bench.path());
    let importer = Importer::new(bench.script.client(), tenant(), plans, store).unwrap();
    importer.run(&(), &Stop::new()).await.unwrap()
}

/// What a delta query says of a user's manager.
fn managed(n: u32, entries: &[Value]) -> Value {
    json!({"id": id(n), "manager@delta": entries})
}

/// B16, B17: also of edges that come out of a delta query of their own.
#[tokio::test(start_paused = true)]
async fn edges_of_a_lost_delta_link_are_replaced_as_a_whole() {
    let first = "/v1.0/users/delta?$select=id,manager";
    let second = "/v1.0/users/delta?$skiptoken=m2";
    let delta = "/v1.0/users/delta?$deltatoken=m3";
    let shown = "SELECT user_id, manager_id FROM user_managers ORDER BY 1";
    for (way, reply) in ways().into_iter().filter(|(way, _)| !way.contains("to ")) {
        for in_the_middle in [false, true] {
            let what = format!("{way}, in the middle: {in_the_middle}");
            let script = small();
            script
                .on(first, page(&[managed(1, &[member(2)])], Some(&format!("nextLink={second}"))));
            let end = format!("deltaLink={delta}");
            script.on(second, page(&[managed(2, &[member(1)])], Some(&end)));
            script.on(delta, page(&[], Some(&end)));
            let bench = Bench::new(script);
            assert_eq!(run(&bench, managers()).await.completeness, Completeness::Proven);
            let both = [format!("{}|{}", id(1), id(2)), format!("{}|{}", id(2), id(1))];
            assert_eq!(bench.query(shown), both);
            if in_the_middle {
                let more = "/v1.0/users/delta?$skiptoken=m4";
                let page = page(&[], Some(&format!("nextLink={more}")));
                bench.script.forget(delta).on(delta, page).on(more, reply.clone());
            } else {
                bench.script.forget(delta).on(delta, reply.clone());
            }
            // User 1 has another manager meanwhile, and user 2 has none.
            let again = "/v1.0/users/delta?$deltatoken=m5";
            let end = format!("deltaLink={again}");
            bench.script.forget(second).on(second, page(&[managed(1, &[member(1)])], Some(&end)));
            bench.script.on(again, page(&[], Some(&end)));
            let report = run(&bench, managers()).await;
            assert_eq!(report.completeness, Completeness::Proven, "{what}: {report:?}");
            assert_eq!(report.stream("managers").unwrap().generation, 2, "{what}");
            assert_eq!(bench.query(shown), [format!("{}|{}", id(1), id(1))], "{what}");
            assert_eq!(run(&bench, managers()).await.requests, 3, "{what}");
        }
    }
}

/// B16, C1: in the middle of a handover over a generation that readers see, nothing of it shows and
/// nothing is swept; another way is found.
#[tokio::test(start_paused = true)]
async fn a_handover_over_an_old_generation_that_loses_its_link_leaves_that_in_place() {
    let idle = "/v1.0/users/delta?$deltatoken=d1";
    let (baseline, end) = ("/v1.0/users/delta?$deltatoken=d2", format!("deltaLink={idle}"));
    let first = "/v1.0/users/delta?$select=id,displayName,userPrincipalName";
    for (way, reply) in ways() {
        let script = handover::script();
        counts(&script, "30", "3");
        let bench = Bench::new(script);
        assert_eq!(handover::run(&bench).await.completeness, Completeness::Proven);
        // The next generation takes another link, which works once and is lost then.
        let link = format!("deltaLink={baseline}");
        bench.script.forget(&latest()).on(&latest(), page(&[], Some(&link)));
        bench.script.on(baseline, page(&[], Some(&end))).on(baseline, reply);
        bench.script.on(first, page(&[person(1, "ann")], Some(&end)));
        counts(&bench.script, "30", "1");
        let importer = handover::importer(&bench, SqliteStore::new(bench.path()));
        let report = importer.full(true).run(&(), &Stop::new()).await.unwrap();
        let users = report.stream("users").unwrap();
        assert_eq!(users.completeness, Completeness::Proven, "{way}: {users:?}");
        let fallback = users.fallback.as_deref().unwrap();
        assert!(fallback.starts_with("the delta link of the handover was lost"), "{fallback}");
        assert_eq!(bench.query(NAMES), ["ann"], "{way}");
        assert_eq!(handover::run(&bench).await.requests, 1, "{way}");
    }
}
