//! Columns that the application may not read (cases: F7).

use graph_dsl::{Column, ColumnKind, StreamPlan};
use graph_import::sqlite::StoreReader;
use graph_import::{Completeness, Importer, Report, SqliteStore, Stop, StreamOutcome, Verify};
use serde_json::json;

use crate::script::{Script, error, id, ok, page, tenant};
use crate::store::Bench;

const WITH: &str = "/v1.0/users/delta?$select=id,displayName,signInActivity";
const WITHOUT: &str = "/v1.0/users/delta?$select=id,displayName";
const END: Option<&str> = Some("deltaLink=/v1.0/users/delta?$deltatoken=d1");
const ROWS: &str = "SELECT display_name, sign_in FROM users";

fn plan() -> StreamPlan {
    let mut users = StreamPlan::delta("users", "user", "/users/delta").column(
        "display_name",
        "displayName",
        ColumnKind::Text,
    );
    let mut sign_in = Column::new("sign_in", "signInActivity", ColumnKind::Text);
    sign_in.permission = Some("AuditLog.Read.All".to_owned());
    users.put_column(sign_in);
    users
}

fn importer(bench: &Bench) -> Importer<SqliteStore> {
    let store = SqliteStore::new(bench.path());
    Importer::new(bench.script.client(), tenant(), [plan()], store).unwrap()
}

async fn run(bench: &Bench) -> Report {
    importer(bench).run(&(), &Stop::new()).await.unwrap()
}

fn denied() -> crate::script::Reply {
    error(403, "Authentication_RequestFromNonPremiumTenantOrB2CTenant")
}

fn alone(property: &str) -> String {
    format!("/v1.0/users?$select={property}")
}

fn script(readable: bool) -> Script {
    let script = Script::default();
    let person = json!({"id": id(1), "displayName": "Ada", "signInActivity": "monday"});
    let known = page(&[json!({"id": id(1), "displayName": "Ada B"})], END);
    script.on(&alone("id"), page(&[], None)).on(&alone("displayName"), page(&[], None));
    script.on(WITHOUT, known);
    if readable {
        script.on(WITH, page(&[person], END)).on(&alone("signInActivity"), page(&[], None));
    } else {
        script.on(WITH, denied()).on(&alone("signInActivity"), denied());
    }
    script.on("/v1.0/users/delta?$deltatoken=d1", page(&[], END));
    script
}

#[tokio::test(start_paused = true)]
async fn a_denied_column_is_left_out_and_named() {
    let bench = Bench::new(script(false));
    let report = run(&bench).await;
    let users = report.stream("users").unwrap();
    assert_eq!(users.outcome, StreamOutcome::Granted);
    assert_eq!(
        users.completeness.to_string(),
        "provisional(columns cannot be read: sign_in (AuditLog.Read.All))"
    );
    assert_eq!(users.unreadable[0].property, "signInActivity");
    assert_eq!(bench.query(ROWS), ["Ada B|null"]);
    // The next round asks whether it opens, and goes on at its link.
    bench.script.requests();
    let report = run(&bench).await;
    assert_eq!(report.stream("users").unwrap().unreadable.len(), 1);
    assert!(!bench.script.requests().contains(&WITHOUT.to_owned()), "no new generation");
}

#[tokio::test(start_paused = true)]
async fn a_column_that_is_lost_keeps_its_values_and_is_read_again_when_it_opens() {
    let bench = Bench::new(script(true));
    assert_eq!(run(&bench).await.completeness.to_string(), "proven");
    assert_eq!(bench.query(ROWS), ["Ada|monday"]);
    let link = "/v1.0/users/delta?$deltatoken=d1";
    bench.script.forget(link).on(link, denied()).on(link, page(&[], END));
    bench.script.forget(&alone("signInActivity")).on(&alone("signInActivity"), denied());
    let report = run(&bench).await;
    assert_eq!(bench.query(ROWS), ["Ada B|monday"], "{report:?}");
    assert_eq!(report.stream("users").unwrap().unreadable.len(), 1);
    // What cannot be asked for cannot differ.
    let by_id = format!("/v1.0/users/{}?$select=id,displayName", id(1));
    bench.script.on(&by_id, ok(&json!({"id": id(1), "displayName": "Ada B"})));
    let (store, what) = (StoreReader::open(&bench.path()).unwrap(), Verify::default());
    let found = importer(&bench).verify(store, &what, &(), &Stop::new()).await.unwrap();
    assert_eq!((found.streams[0].equal, found.differences.len()), (1, 0), "{found:?}");
    let open = &alone("signInActivity");
    bench.script.forget(open).on(open, page(&[], None));
    let tuesday = json!({"id": id(1), "displayName": "Ada", "signInActivity": "tuesday"});
    bench.script.forget(WITH).on(WITH, page(&[tuesday], END));
    assert_eq!(run(&bench).await.completeness.to_string(), "proven");
    assert_eq!(bench.query(ROWS), ["Ada|tuesday"]);
}

/// F7: in every shape in which Graph refuses a column (facts: graph-protocol 8.3, 10.9).
#[tokio::test(start_paused = true)]
async fn a_column_is_left_out_in_whatever_words_it_is_denied() {
    for code in [
        "Authentication_MSGraphPermissionMissing",
        "Authentication_RequestFromUnsupportedUserRole",
        "Authorization_RequestDenied",
        "UnknownError",
        "Forbidden",
    ] {
        for lost in [false, true] {
            let what = format!("{code}, later: {lost}");
            let bench = Bench::new(script(lost));
            if lost {
                run(&bench).await;
                let link = "/v1.0/users/delta?$deltatoken=d1";
                bench.script.forget(link).on(link, error(403, code)).on(link, page(&[], END));
            } else {
                bench.script.forget(WITH).on(WITH, error(403, code));
            }
            bench.script.forget(&alone("signInActivity"));
            bench.script.on(&alone("signInActivity"), error(403, code));
            let report = run(&bench).await;
            let users = report.stream("users").unwrap();
            assert_eq!(users.outcome, StreamOutcome::Granted, "{what}");
            assert!(matches!(users.completeness, Completeness::Provisional(_)), "{what}");
            assert_eq!(users.unreadable.len(), 1, "{what}");
            let kept = if lost { "Ada B|monday" } else { "Ada B|null" };
            assert_eq!(bench.query(ROWS), [kept], "{what}");
        }
    }
}

/// F4: where the ids are refused too, it is the stream's permission that is missing.
#[tokio::test(start_paused = true)]
async fn a_denied_stream_is_not_taken_for_a_denied_column() {
    let script = script(false);
    let refused = || error(403, "Authorization_RequestDenied");
    for property in ["id", "displayName", "signInActivity"] {
        script.forget(&alone(property)).on(&alone(property), refused());
    }
    script.forget(WITH).on(WITH, refused());
    let bench = Bench::new(script);
    let report = run(&bench).await;
    let users = report.stream("users").unwrap();
    assert!(matches!(users.outcome, StreamOutcome::MissingPermission(_)), "{:?}", users.outcome);
}

/// Twelve people, each with what they signed in at.
fn people(sign_in: impl Fn(u32) -> serde_json::Value) -> Vec<serde_json::Value> {
    let person = |n| json!({"id": id(n), "displayName": "Ada", "signInActivity": sign_in(n)});
    (1..=12).map(person).collect()
}

const SIGN_INS: &str = "SELECT count(sign_in), min(sign_in) FROM users";

/// F7, without a word of Graph: what an application may not read any more is null in every object.
#[tokio::test(start_paused = true)]
async fn a_column_that_comes_back_empty_keeps_its_values_and_is_told() {
    let bench = Bench::new(Script::default());
    let full = async |people: &[serde_json::Value]| {
        bench.script.forget(WITH).on(WITH, page(people, END));
        importer(&bench).full(true).run(&(), &Stop::new()).await.unwrap()
    };
    let delta = "/v1.0/users/delta?$deltatoken=d1";
    bench.script.on(delta, page(&[], END));
    full(&people(|_| "monday".into())).await;
    for empty in [json!(null), json!([]), json!("")] {
        let report = full(&people(|_| empty.clone())).await;
        let users = report.stream("users").unwrap();
        let (what, columns) = (users.completeness.to_string(), &users.emptied);
        assert!(what.starts_with("provisional(columns came back empty"), "{what}");
        assert!(what.contains("sign_in (AuditLog.Read.All)"), "{what}");
        assert_eq!((columns.len(), users.applied.updated), (1, 0));
        assert_eq!(bench.query(SIGN_INS), ["12|monday"]);
    }
    // In a round of changes Graph says which object it means.
    let changes = people(|n| if n == 1 { "tuesday".into() } else { json!(null) });
    bench.script.forget(delta).on(delta, page(&changes[..2], END)).on(delta, page(&[], END));
    let report = run(&bench).await;
    assert!(report.completeness.to_string().contains("came back empty"), "still");
    assert_eq!(bench.query(SIGN_INS), ["11|monday"]);
    // It can be read again.
    let report = full(&people(|n| if n > 6 { "friday".into() } else { json!(null) })).await;
    assert_eq!(report.completeness.to_string(), "proven");
    assert_eq!(bench.query(SIGN_INS), ["6|friday"]);
}

/// Few values may well be gone, and values of objects that are gone say nothing.
#[tokio::test(start_paused = true)]
async fn a_column_of_few_values_may_come_back_empty() {
    let bench = Bench::new(Script::default());
    let full = async |people: &[serde_json::Value]| {
        bench.script.forget(WITH).on(WITH, page(people, END));
        importer(&bench).full(true).run(&(), &Stop::new()).await.unwrap()
    };
    bench.script.on("/v1.0/users/delta?$deltatoken=d1", page(&[], END));
    full(&people(|n| if n < 10 { "monday".into() } else { json!(null) })).await;
    assert_eq!(full(&people(|_| json!(null))).await.completeness.to_string(), "proven");
    assert_eq!(bench.query(SIGN_INS), ["0|null"]);
    // An empty list never was a value.
    full(&people(|_| json!([]))).await;
    assert_eq!(full(&people(|_| json!([]))).await.completeness.to_string(), "proven");
    full(&people(|_| "monday".into())).await;
    assert_eq!(full(&people(|_| json!(null))[..3]).await.completeness.to_string(), "proven");
    assert_eq!(bench.query(SIGN_INS), ["0|null"]);
}

/// F7: a permission that is lost between two rounds shows as nulls of one column in whatever changes. They
/// are written, because a null is a change, and doubted; a value among them says that it can be read.
#[tokio::test(start_paused = true)]
async fn nulls_that_come_with_all_changes_of_a_round_are_doubted() {
    const CHANGES: &str = "/v1.0/users/delta?$deltatoken=d1";
    for (changed, but_one, doubted) in [(12, false, true), (9, false, false), (12, true, false)] {
        let person = |n: u32, day: Option<&str>| json!({"id": id(n), "displayName": "Ada", "signInActivity": day});
        let script = Script::default();
        let all: Vec<_> = (1..=30).map(|n| person(n, Some("monday"))).collect();
        script.on(WITH, page(&all, END)).on(CHANGES, page(&[], END));
        let bench = Bench::new(script);
        run(&bench).await;
        let mut changes: Vec<_> = (1..=changed).map(|n| person(n, None)).collect();
        changes.extend(but_one.then(|| person(20, Some("friday"))));
        bench.script.forget(CHANGES).on(CHANGES, page(&changes, END));
        let report = run(&bench).await;
        let users = report.stream("users").unwrap();
        let said = "provisional(came back empty in all objects that changed: sign_in)";
        assert_eq!(users.completeness.to_string(), if doubted { said } else { "proven" });
        assert_eq!(users.warnings.len(), usize::from(doubted), "{:?}", users.warnings);
        let empty = bench.query("SELECT count(*) FROM users WHERE sign_in IS NULL");
        assert_eq!(empty, [changed.to_string()]);
        let before =
            "SELECT count(*) FROM users_history WHERE valid_to IS NOT NULL AND sign_in = 'monday'";
        assert_eq!(bench.query(before), [(changed + u32::from(but_one)).to_string()]);
        bench.script.forget(CHANGES).on(CHANGES, page(&[], END));
        assert_eq!(run(&bench).await.completeness, Completeness::Proven);
    }
}
