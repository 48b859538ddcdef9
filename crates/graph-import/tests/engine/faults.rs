//! Answers that cannot be used.

use graph_import::{Completeness, ImportError, RunStatus, StreamOutcome};
use graph_transport::{Error, PageError};
use serde_json::json;

use crate::rounds::small;
use crate::script::{GROUPS, Script, USERS, error, id, page, raw, user};
use crate::store::Bench;

const SECOND: &str = "/v1.0/users/delta?$skiptoken=u2";

/// The second page of users answers like this, the first time or always.
fn second_page(replies: &[crate::script::Reply]) -> Bench {
    let script = small();
    script.forget(SECOND);
    for reply in replies {
        script.on(SECOND, reply.clone());
    }
    Bench::new(script)
}

fn good() -> crate::script::Reply {
    page(&[user(2, "Bo")], Some("deltaLink=/v1.0/users/delta?$deltatoken=u3"))
}

/// A3, B33: the round stays open at the failed page, and the next run goes on there.
async fn fails_and_recovers(bad: crate::script::Reply) {
    let bench = second_page(&[bad.clone(), bad.clone(), bad.clone(), bad.clone(), bad]);
    let report = bench.run().await;
    let users = report.stream("users").unwrap();
    assert_eq!((report.status, &users.outcome), (RunStatus::Failed, &StreamOutcome::Failed));
    assert!(matches!(users.completeness, Completeness::Partial(_)));
    assert!(report.error().is_some());
    let state = "SELECT phase, cursor, watermark FROM import_stream WHERE stream = 'users'";
    assert_eq!(bench.query(state), [format!("full|{SECOND}|null")]);
    bench.script.forget(SECOND).on(SECOND, good());
    bench.script.requests();
    let report = bench.run().await;
    assert_eq!(report.completeness, Completeness::Proven);
    assert!(
        !bench.script.requests().contains(&USERS.to_owned()),
        "the first page is not read again"
    );
}

/// B14
#[tokio::test(start_paused = true)]
async fn a_delta_page_without_a_link() {
    let without = page(&[user(2, "Bo")], None);
    let bench = second_page(std::slice::from_ref(&without));
    let report = bench.run().await;
    assert!(matches!(report.error(), Some(Error::Page(PageError::NoLink))), "{report:?}");
    fails_and_recovers(without).await;
}

fn both_links() -> crate::script::Reply {
    let root = "https://graph.microsoft.com/v1.0/users/delta";
    let both = json!({"value": [], "@odata.nextLink": format!("{root}?$skiptoken=x"), "@odata.deltaLink": format!("{root}?$deltatoken=y")});
    crate::script::ok(&both)
}

/// B14
#[tokio::test(start_paused = true)]
async fn a_page_with_both_links() {
    fails_and_recovers(both_links()).await;
}

/// B33
#[tokio::test(start_paused = true)]
async fn html_instead_of_a_page() {
    fails_and_recovers(raw(200, "<html><h1>Proxy</h1></html>")).await;
}

/// Answers of status 200 that are no page.
const NO_PAGES: [&str; 10] = [
    "",
    "null",
    "[]",
    "{}",
    "<html>",
    r#"{"value":null}"#,
    r#"{"value":{}}"#,
    r#"{"value":"none"}"#,
    r#"{"error":{"code":"UnknownError","message":"m"}}"#,
    r#"[[{"id":"00000000-0000-4000-8000-000000000002"}],null,null]"#,
];

/// B33: an error in the clothes of a success, or nothing at all.
#[tokio::test(start_paused = true)]
async fn what_is_no_page_is_not_read_leniently() {
    for body in NO_PAGES {
        fails_and_recovers(raw(200, body)).await;
    }
}

/// B14, B33: once more, before the round is given up.
#[tokio::test(start_paused = true)]
async fn a_page_that_came_broken_once_is_asked_for_once_more() {
    let without = page(&[user(2, "Bo")], None);
    for bad in NO_PAGES.map(|body| raw(200, body)).into_iter().chain([without, both_links()]) {
        let bench = second_page(&[bad, good()]);
        let report = bench.run().await;
        assert_eq!(report.completeness, Completeness::Proven);
        assert_eq!(report.stream("users").unwrap().generation, 1);
        assert_eq!(bench.query("SELECT display_name FROM users ORDER BY 1"), ["Ada", "Bo"]);
        let asked = bench.script.sent().iter().filter(|path| *path == SECOND).count();
        assert_eq!(asked, 2);
    }
}

/// B22: the token never leaves for another host; the script asserts that.
#[tokio::test(start_paused = true)]
async fn a_foreign_next_link() {
    for url in [
        "https://evil.example/v1.0/users",
        "http://graph.microsoft.com/v1.0/users",
        "https://graph.microsoft.com@evil.example/v1.0/users",
    ] {
        fails_and_recovers(page(&[], Some(&format!("nextLink={url}")))).await;
    }
}

/// B22: a delta link that leads elsewhere is not stored, at the end of a first round or of a later one.
#[tokio::test(start_paused = true)]
async fn a_foreign_delta_link() {
    for url in [
        "https://evil.example/v1.0/users/delta?$deltatoken=x",
        "http://graph.microsoft.com/v1.0/users/delta?$deltatoken=x",
        "https://graph.microsoft.com:8443/v1.0/users/delta?$deltatoken=x",
        "https://graph.microsoft.us/v1.0/users/delta?$deltatoken=x",
    ] {
        let foreign = page(&[user(2, "Bo")], Some(&format!("deltaLink={url}")));
        fails_and_recovers(foreign).await;
        let bench = Bench::new(small());
        bench.run().await;
        let delta = "/v1.0/groups/delta?$deltatoken=g2";
        let crew = json!({"id": id(8), "displayName": "Crew 2"});
        let news =
            |link: &str| page(std::slice::from_ref(&crew), Some(&format!("deltaLink={link}")));
        bench.script.forget(delta).on(delta, news(url));
        assert_eq!(bench.run().await.stream("groups").unwrap().outcome, StreamOutcome::Failed);
        let watermark = "SELECT watermark FROM import_stream WHERE stream = 'groups'";
        assert_eq!(bench.query(watermark), [delta], "{url}");
        bench.script.forget(delta).on(delta, news(delta));
        assert_eq!(bench.run().await.completeness, Completeness::Proven);
        assert_eq!(bench.query("SELECT display_name FROM groups ORDER BY 1"), ["Crew 2", "Dock"]);
    }
}

/// B22: whoever can write the store cannot have the token sent elsewhere.
#[tokio::test(start_paused = true)]
async fn a_stored_link_to_another_host_is_not_followed() {
    for (column, phase) in [("watermark", "idle"), ("cursor", "full"), ("cursor", "changes")] {
        let bench = Bench::new(small());
        bench.run().await;
        let store = rusqlite::Connection::open(bench.path()).unwrap();
        let sql = format!(
            "UPDATE import_stream SET {column} = 'https://evil.example/v1.0/users', phase = '{phase}'
             WHERE stream = 'groups'"
        );
        store.execute(&sql, []).unwrap();
        drop(store);
        let report = bench.run().await;
        assert_eq!(report.stream("groups").unwrap().outcome, StreamOutcome::Failed, "{column}");
        assert_eq!(bench.query("SELECT count(*) FROM groups"), ["2"]);
    }
}

/// E6: a page that was cut off is never half applied; the second answer is whole.
#[tokio::test(start_paused = true)]
async fn a_truncated_page_is_asked_for_again() {
    let bench = second_page(&[raw(200, r#"{"value":[{"id":"#), good()]);
    assert_eq!(bench.run().await.completeness, Completeness::Proven);
    assert_eq!(bench.query("SELECT display_name FROM users ORDER BY 1"), ["Ada", "Bo"]);
}

/// E1
#[tokio::test(start_paused = true)]
async fn throttling_is_waited_out() {
    let mut throttled = error(429, "TooManyRequests");
    throttled.headers.push(("retry-after", "2.5".to_owned()));
    let bench = second_page(&[throttled.clone(), throttled, good()]);
    let report = bench.run().await;
    assert_eq!(report.completeness, Completeness::Proven);
    assert_eq!(report.stream("users").unwrap().requests, 4, "repeats are counted");
}

/// B15: circles of one page and of two.
#[tokio::test(start_paused = true)]
async fn a_loop_of_links_ends_the_round_and_not_the_machine() {
    for target in [SECOND, "/v1.0/users/delta?$skiptoken=u3"] {
        let bench = second_page(&[page(&[user(2, "Bo")], Some(&format!("nextLink={target}")))]);
        bench
            .script
            .on("/v1.0/users/delta?$skiptoken=u3", page(&[], Some(&format!("nextLink={SECOND}"))));
        let report = bench.run().await;
        assert_eq!(report.stream("users").unwrap().outcome, StreamOutcome::Failed);
        assert!(bench.script.sent().len() < 12);
        // Nothing was swept, and the next run does not begin inside the circle.
        assert_eq!(bench.query("SELECT count(*) FROM deleted_users"), ["0"]);
        bench.script.forget(SECOND).on(SECOND, good());
        assert_eq!(bench.run().await.completeness, Completeness::Proven);
    }
}

/// B15: links that are new each time and lead to what was read already, or to nothing.
#[tokio::test(start_paused = true)]
async fn a_round_that_goes_on_without_an_end_is_given_up() {
    for items in [vec![user(2, "Bo")], Vec::new()] {
        let script = small();
        let bench = Bench::new(script);
        bench.run().await;
        let link = |n: u32| format!("/v1.0/users/delta?$skiptoken=e{n}");
        let delta = "/v1.0/users/delta?$deltatoken=u3";
        bench.script.forget(delta).on(delta, page(&items, Some(&format!("nextLink={}", link(0)))));
        for n in 0..1_500 {
            let next = format!("nextLink={}", link(n + 1));
            bench.script.on(&link(n), page(&items, Some(&next)));
        }
        bench.script.requests();
        let report = bench.run().await;
        let users = report.stream("users").unwrap();
        // A full round is tried as well: it is well here.
        assert_eq!((&users.outcome, users.generation), (&StreamOutcome::Granted, 2), "{users:?}");
        assert_eq!(users.restarts, ["page loop", "page loop"]);
        let sent = bench.script.sent().len();
        assert!((1_000..2_100).contains(&sent), "{sent} requests");
        assert_eq!(bench.query("SELECT display_name FROM users ORDER BY 1"), ["Ada", "Bo"]);
    }
}

/// One bad item spoils itself; the loss stays visible until a clean full round.
#[tokio::test(start_paused = true)]
async fn a_bad_item_is_left_out_counted_and_never_forgotten() {
    let bad = page(
        &[json!({"displayName": "no id"}), json!(7), user(2, "Bo")],
        Some("deltaLink=/v1.0/users/delta?$deltatoken=u3"),
    );
    let bench = second_page(&[bad]);
    let report = bench.run().await;
    assert_eq!(report.status, RunStatus::Partial);
    let users = report.stream("users").unwrap();
    assert_eq!(
        (users.spoiled, users.completeness.to_string().as_str()),
        (2, "partial(2 items could not be read)")
    );
    assert_eq!(bench.query("SELECT display_name FROM users ORDER BY 1"), ["Ada", "Bo"]);
    assert_eq!(bench.run().await.status, RunStatus::Partial);
    bench.script.forget(SECOND).on(SECOND, good());
    assert_eq!(bench.run_full().await.completeness, Completeness::Proven);
}

/// E8: one object that no reader of JSON would read is left out, and spoils no query.
#[tokio::test(start_paused = true)]
async fn an_object_that_is_nested_too_deep_is_left_out_and_counted() {
    let deep: String = "[".repeat(20_000) + &"]".repeat(20_000);
    let item = format!(r#"{{"id":"{}","displayName":"Cy","businessPhones":{deep}}}"#, id(3));
    let link = "https://graph.microsoft.com/v1.0/users/delta?$deltatoken=u3";
    let body = format!(r#"{{"value":[{},{item}],"@odata.deltaLink":"{link}"}}"#, user(2, "Bo"));
    let bench = second_page(&[raw(200, &body)]);
    let report = bench.run().await;
    let users = report.stream("users").unwrap();
    assert_eq!(users.completeness.to_string(), "partial(1 items could not be read)");
    assert_eq!(bench.query("SELECT display_name FROM users ORDER BY 1"), ["Ada", "Bo"]);
    assert_eq!(bench.query("SELECT count(json(raw)) FROM users"), ["2"]);
}

/// E8: a page that is larger than any page of Graph ends its stream with a reason, and nothing of it
/// is kept.
#[tokio::test(start_paused = true)]
async fn a_page_without_measure_fails_its_stream_alone() {
    let bench = second_page(&[raw(200, &" ".repeat(65 << 20))]);
    let report = bench.run().await;
    let users = report.stream("users").unwrap();
    assert_eq!(users.outcome, StreamOutcome::Failed);
    assert_eq!(report.stream("groups").unwrap().outcome, StreamOutcome::Granted);
    let error: &dyn std::error::Error = report.error().unwrap();
    let mut said = std::iter::successors(Some(error), |error| error.source());
    assert!(said.any(|error| error.to_string().contains("67108864")), "{error:?}");
    bench.script.forget(SECOND).on(SECOND, good());
    assert_eq!(bench.run().await.completeness, Completeness::Proven);
}

/// F4, F5: rows are kept, nothing is swept, the permission is named.
#[tokio::test(start_paused = true)]
async fn a_lost_permission_is_an_outcome_that_names_it() {
    let bench = Bench::new(small());
    bench.run().await;
    let delta = "/v1.0/groups/delta?$deltatoken=g2";
    bench.script.forget(delta).on(delta, error(403, "Authorization_RequestDenied"));
    let report = bench.run().await;
    assert_eq!(report.status, RunStatus::Failed);
    let groups = report.stream("groups").unwrap();
    assert_eq!(groups.outcome, StreamOutcome::PermissionLost("Directory.Read.All".into()));
    assert_eq!(groups.outcome.to_string(), "permission_lost(Directory.Read.All)");
    assert_eq!(
        report.stream("members").unwrap().outcome,
        StreamOutcome::OwnerNotRead("groups".into())
    );
    assert_eq!(report.stream("users").unwrap().completeness, Completeness::Proven);
    assert_eq!(bench.query("SELECT count(*) FROM groups"), ["2"]);
    assert_eq!(bench.query("SELECT count(*) FROM group_members"), ["3"]);
}

/// DESIGN 11: a wrong secret, an unreachable host: the store is as it was.
#[tokio::test(start_paused = true)]
async fn without_a_first_answer_the_store_is_not_touched() {
    let script = Script::default();
    script
        .on(USERS, error(401, "InvalidAuthenticationToken"))
        .on(GROUPS, error(401, "InvalidAuthenticationToken"));
    let bench = Bench::new(script);
    let error = bench.try_run().await.unwrap_err();
    assert!(
        matches!(&error, ImportError::FirstAnswer { stream, .. } if stream == "users"),
        "{error:?}"
    );
    assert!(!bench.path().exists());
    bench
        .script
        .forget(USERS)
        .on(USERS, page(&[], Some("deltaLink=/v1.0/users/delta?$deltatoken=u3")));
    bench
        .script
        .forget(GROUPS)
        .on(GROUPS, page(&[], Some("deltaLink=/v1.0/groups/delta?$deltatoken=g2")));
    bench.run().await;
    let before = std::fs::read(bench.path()).unwrap();
    bench.script.on("/v1.0/users/delta?$deltatoken=u3", raw(401, ""));
    bench.try_run().await.unwrap_err();
    assert_eq!(std::fs::read(bench.path()).unwrap(), before);
}
