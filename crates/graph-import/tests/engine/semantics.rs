//! What delta items, links and ids mean, beyond the plain round (cases: A6, B12, B19 to B23, D4, E2,
//! F6, F8, H4 to H6, H9).

use std::time::{Duration, SystemTime};

use graph_dsl::StreamPlan;
use graph_import::{Completeness, Importer, RunStatus, SqliteStore, Stop, StreamOutcome};
use graph_transport::Clock;
use serde_json::{Value, json};

use crate::rounds::small;
use crate::script::{error, group, id, page, removed, tenant, user};
use crate::store::{Bench, plans};

const NAMES: &str = "SELECT display_name FROM users ORDER BY 1";

/// A delta round of users or groups: at this token these items, then that token.
fn round(bench: &Bench, stream: &str, token: &str, items: &[Value], next: &str) {
    let path = format!("/v1.0/{stream}/delta?$deltatoken={token}");
    let link = format!("deltaLink=/v1.0/{stream}/delta?$deltatoken={next}");
    bench.script.forget(&path).on(&path, page(items, Some(&link)));
}

/// B20, B21: an empty round still brings a new link; what shows late is taken when it comes.
#[tokio::test(start_paused = true)]
async fn an_empty_round_moves_on_and_a_late_change_is_taken_when_it_comes() {
    let bench = Bench::new(small());
    bench.run().await;
    round(&bench, "users", "u3", &[], "u4");
    assert_eq!(bench.run().await.completeness, Completeness::Proven);
    bench.script.requests();
    round(&bench, "users", "u4", &[user(1, "Ada 2")], "u5");
    round(&bench, "users", "u5", &[], "u5");
    assert_eq!(bench.run().await.completeness, Completeness::Proven);
    let sent = bench.script.sent();
    assert!(sent.iter().any(|path| path.ends_with("=u4")), "{sent:?}");
    assert!(!sent.iter().any(|path| path.ends_with("=u3")), "{sent:?}");
    assert_eq!(bench.query(NAMES), ["Ada 2", "Bo"]);
}

/// A6, B23: a link is opaque; it is asked for as it came, also when the first attempt fails.
#[tokio::test(start_paused = true)]
async fn links_are_followed_as_they_came() {
    let bench = Bench::new(small());
    bench.run().await;
    let odd = "/v1.0/users/delta?$skiptoken=a%27b%2Bc%3D%3D&$select=id&x=%E2%82%AC";
    let delta = "/v1.0/users/delta?$deltatoken=u3";
    bench
        .script
        .forget(delta)
        .on(delta, page(&[user(1, "Ada 2")], Some(&format!("nextLink={odd}"))));
    bench.script.on(odd, error(503, "serviceNotAvailable"));
    bench.script.on(odd, page(&[], Some("deltaLink=/v1.0/users/delta?$deltatoken=u4")));
    bench.script.requests();
    assert_eq!(bench.run().await.completeness, Completeness::Proven);
    let sent = bench.script.sent();
    assert_eq!(sent.iter().filter(|path| *path == odd).count(), 2, "{sent:?}");
}

/// B12: what a later item leaves out stays, what it sets to null goes.
#[tokio::test(start_paused = true)]
async fn a_later_item_is_a_patch() {
    let bench = Bench::new(small());
    bench.run().await;
    let patches =
        [json!({"id": id(1), "accountEnabled": false}), json!({"id": id(2), "displayName": null})];
    round(&bench, "users", "u3", &patches, "u4");
    assert_eq!(bench.run().await.completeness, Completeness::Proven);
    let users = "SELECT display_name, account_enabled FROM users ORDER BY id";
    assert_eq!(bench.query(users), ["Ada|0", "null|1"]);
}

/// B10, B12: in a round of changes what an item leaves out is as it was; where everything is read anew
/// it was never set, or is not any more.
#[tokio::test(start_paused = true)]
async fn what_an_item_leaves_out_is_unchanged_in_a_delta_round_and_unset_in_a_full_one() {
    let users = "SELECT display_name, account_enabled FROM users ORDER BY id";
    let second = "/v1.0/users/delta?$skiptoken=u2";
    let bare = json!({"id": id(2), "accountEnabled": false});
    let link = |token: &str| format!("deltaLink=/v1.0/users/delta?$deltatoken={token}");
    let first = Bench::new(small());
    first.script.forget(second).on(second, page(std::slice::from_ref(&bare), Some(&link("u3"))));
    first.run().await;
    assert_eq!(first.query(users), ["Ada|1", "null|0"], "a first round");

    let bench = Bench::new(small());
    bench.run().await;
    round(&bench, "users", "u3", std::slice::from_ref(&bare), "u4");
    bench.run().await;
    assert_eq!(bench.query(users), ["Ada|1", "Bo|0"], "a round of changes");
    // The same item twice in a full round: the first states all, the second patches it.
    let again = json!({"id": id(2), "displayName": "Bob"});
    bench.script.forget(second).on(second, page(&[bare.clone(), again], Some(&link("u4"))));
    bench.run_full().await;
    assert_eq!(bench.query(users), ["Ada|1", "Bob|0"], "a page that says it in two items");
    bench.script.forget(second).on(second, page(&[bare], Some(&link("u4"))));
    let report = bench.run_full().await;
    assert_eq!(report.completeness, Completeness::Proven);
    assert_eq!(bench.query(users), ["Ada|1", "null|0"], "a full round");
}

/// B3: on different pages of a round, in the first one or a later one, the later page decides, and
/// nothing has to be asked.
#[tokio::test(start_paused = true)]
async fn of_a_removal_and_a_statement_on_two_pages_the_later_one_counts() {
    let next = "/v1.0/users/delta?$skiptoken=n";
    let deleted = "SELECT display_name, deletion FROM deleted_users";
    for (pages, live, gone) in [
        ([removed(1, "changed"), user(1, "Ada 2")], vec!["Ada 2", "Bo"], vec![]),
        ([user(1, "Ada 2"), removed(1, "changed")], vec!["Bo"], vec!["Ada 2|soft"]),
        ([user(1, "Ada 2"), removed(1, "deleted")], vec!["Bo"], vec!["Ada 2|hard"]),
        ([removed(1, "changed"), removed(1, "deleted")], vec!["Bo"], vec!["Ada|hard"]),
        ([removed(1, "deleted"), removed(1, "changed")], vec!["Bo"], vec!["Ada|hard"]),
    ] {
        for full in [false, true] {
            let what = format!("{pages:?}, in a full round: {full}");
            let bench = Bench::new(small());
            bench.run().await;
            let begin = if full {
                crate::script::USERS.to_owned()
            } else {
                "/v1.0/users/delta?$deltatoken=u3".to_owned()
            };
            let link = Some("deltaLink=/v1.0/users/delta?$deltatoken=u4");
            let first = page(&[user(2, "Bo"), pages[0].clone()], Some(&format!("nextLink={next}")));
            bench.script.forget(&begin).on(&begin, first);
            bench.script.forget(next).on(next, page(&[pages[1].clone()], link));
            bench.script.requests();
            let report = if full { bench.run_full().await } else { bench.run().await };
            assert_eq!(report.completeness, Completeness::Proven, "{what}");
            assert_eq!(bench.query(NAMES), live, "{what}");
            let found: Vec<String> = bench.query(deleted);
            let kinds = |rows: &[String]| -> Vec<String> {
                rows.iter().map(|row| row.split_once('|').unwrap().1.to_owned()).collect()
            };
            let gone: Vec<String> = gone.iter().map(ToString::to_string).collect();
            assert_eq!(kinds(&found), kinds(&gone), "{what}");
            let sent = bench.script.sent();
            assert!(!sent.iter().any(|path| path.contains(&id(1))), "{what}: {sent:?}");
        }
    }
}

/// A clock that stands so many days later.
#[derive(Debug)]
struct Later(u64);

impl Clock for Later {
    fn now(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(2_000_000_000 + self.0 * 86_400)
    }
}

/// B19: whether an old token is still good only Graph knows; it is tried.
#[tokio::test(start_paused = true)]
async fn a_token_of_three_weeks_ago_is_tried_first() {
    let bench = Bench::new(small());
    for days in [0, 21] {
        let importer = bench.importer(SqliteStore::new(bench.path())).clock(Later(days));
        let report = importer.run(&(), &Stop::new()).await.unwrap();
        assert_eq!(report.completeness, Completeness::Proven);
        assert_eq!(report.stream("users").unwrap().generation, 1, "after {days} days");
    }
}

/// E13: no decision rests on the host's clock; what waits is read whenever it was reported.
#[tokio::test(start_paused = true)]
async fn a_clock_that_jumps_neither_loses_nor_delays_anything() {
    let group_nine = crate::script::members_path(9);
    for (first, second) in [(9_000, 0), (0, 9_000), (9_000, 8_999)] {
        let bench = Bench::new(small());
        bench.script.forget(&group_nine);
        let run = async |day| {
            let importer = bench.importer(SqliteStore::new(bench.path())).clock(Later(day));
            importer.run(&(), &Stop::new()).await.unwrap()
        };
        assert_eq!(run(first).await.status, RunStatus::Partial);
        round(&bench, "users", "u3", &[user(1, "Ada 2"), removed(2, "changed")], "u4");
        bench.script.members(9, &[1]);
        let started = tokio::time::Instant::now();
        let report = run(second).await;
        let what = format!("day {first}, then day {second}: {report:?}");
        assert_eq!(report.completeness, Completeness::Proven, "{what}");
        let waited = started.elapsed();
        assert!(waited < Duration::from_secs(120), "{waited:?}: {what}");
        assert_eq!(bench.query(NAMES), ["Ada 2"], "{what}");
        assert_eq!(bench.query("SELECT count(*) FROM group_members"), ["2"], "{what}");
    }
}

/// D4: a group that was deleted and made again under its name is another group.
#[tokio::test(start_paused = true)]
async fn a_group_made_again_under_its_name_is_another_one() {
    let bench = Bench::new(small());
    bench.run().await;
    round(&bench, "groups", "g2", &[removed(9, "deleted"), group(10, "Dock")], "g3");
    bench.script.members(10, &[1]);
    assert_eq!(bench.run().await.completeness, Completeness::Proven);
    let members = "SELECT group_id, member_id FROM group_members WHERE group_name = 'Dock'";
    assert_eq!(bench.query(members), [format!("{}|{}", id(10), id(1))]);
    assert_eq!(bench.query("SELECT count(*) FROM deleted_groups"), ["1"]);
}

/// E2: a Graph that only ever throttles one stream fails that stream, after a bounded time.
#[tokio::test(start_paused = true)]
async fn endless_throttling_fails_one_stream_and_not_the_others() {
    let bench = Bench::new(small());
    bench.run().await;
    let mut throttled = error(429, "TooManyRequests");
    throttled.headers.push(("Retry-After", "7".to_owned()));
    let delta = "/v1.0/users/delta?$deltatoken=u3";
    bench.script.forget(delta).on(delta, throttled);
    round(&bench, "groups", "g2", &[group(9, "Dock 2")], "g3");
    let mut streams = plans();
    // The first stream of a run proves that Graph can be reached at all; that is another case.
    streams.rotate_left(1);
    let (client, store) = (bench.script.client(), SqliteStore::new(bench.path()));
    let importer = Importer::new(client, tenant(), streams, store).unwrap();
    let report = importer.run(&(), &Stop::new()).await.unwrap();
    assert_eq!(report.status, RunStatus::Failed);
    assert_eq!(report.stream("users").unwrap().outcome, StreamOutcome::Failed);
    assert_eq!(report.stream("groups").unwrap().outcome, StreamOutcome::Granted);
    assert_eq!(bench.query("SELECT count(*) FROM groups WHERE display_name = 'Dock 2'"), ["1"]);
    assert_eq!(bench.query("SELECT count(*) FROM users"), ["2"], "kept");
}

/// F6: with the permission back, the stream goes on at its link; F5 kept everything until then.
#[tokio::test(start_paused = true)]
async fn a_permission_that_comes_back_goes_on_at_the_link() {
    let bench = Bench::new(small());
    bench.run().await;
    let delta = "/v1.0/groups/delta?$deltatoken=g2";
    bench.script.forget(delta).on(delta, error(403, "Authorization_RequestDenied"));
    assert_eq!(bench.run().await.status, RunStatus::Failed);
    round(&bench, "groups", "g2", &[group(9, "Dock 2")], "g3");
    bench.script.requests();
    let report = bench.run().await;
    assert_eq!(report.completeness, Completeness::Proven);
    assert_eq!(report.stream("groups").unwrap().generation, 1);
    assert!(bench.script.sent().contains(&delta.to_owned()));
    assert_eq!(bench.query("SELECT count(*) FROM deleted_groups"), ["0"]);
}

/// F8: a licence that is missing is an outcome of its own; the rows stay.
#[tokio::test(start_paused = true)]
async fn a_missing_licence_is_told_apart_from_a_missing_permission() {
    let bench = Bench::new(small());
    bench.run().await;
    let delta = "/v1.0/groups/delta?$deltatoken=g2";
    let code = "Authentication_RequestFromNonPremiumTenantOrB2CTenant";
    bench.script.forget(delta).on(delta, error(403, code));
    let report = bench.run().await;
    assert_eq!(report.stream("groups").unwrap().outcome, StreamOutcome::NotLicensed);
    assert_eq!(bench.query("SELECT count(*) FROM groups"), ["2"]);
}

/// H4, H5, H6: an object is its id, in whatever case that is spelled; names are what they are.
#[tokio::test(start_paused = true)]
async fn an_object_is_its_id_and_not_its_name() {
    let bench = Bench::new(small());
    bench.run().await;
    let mut shouted = user(1, "Bo");
    shouted["id"] = id(1).to_uppercase().into();
    let odd = "=1+1\u{0}\u{202e}\"; DROP TABLE users --\r\n";
    let items = [shouted, user(2, ""), user(4, "Bo"), user(5, odd)];
    round(&bench, "users", "u3", &items, "u4");
    assert_eq!(bench.run().await.completeness, Completeness::Proven);
    assert_eq!(bench.query(NAMES), ["", odd, "Bo", "Bo"]);
}

/// H5: what Entra compares without regard to case is found in any, now and in the past, and shown as it
/// came.
#[tokio::test(start_paused = true)]
async fn a_name_that_ignores_case_is_found_in_any_and_shown_as_it_came() {
    let bench = Bench::new(small());
    let run = async |users: StreamPlan| {
        let store = SqliteStore::new(bench.path());
        let importer = Importer::new(bench.script.client(), tenant(), [users], store).unwrap();
        importer.run(&(), &Stop::new()).await.unwrap()
    };
    let with = |ignores_case| {
        let mut users = plans().swap_remove(0);
        for column in &mut users.columns {
            column.ignores_case = ignores_case;
        }
        users
    };
    run(with(true)).await;
    let found = |of: &str| {
        bench.query(&format!("SELECT display_name FROM {of} WHERE display_name = 'aDA' ORDER BY 1"))
    };
    assert_eq!((found("users"), found("users_history")), (vec!["Ada".into()], vec!["Ada".into()]));
    let grouped = "SELECT count(*) FROM (SELECT display_name FROM users UNION ALL SELECT 'ADA') GROUP BY display_name COLLATE NOCASE ORDER BY 1";
    assert_eq!(bench.query(grouped), ["1", "2"]);
    run(with(false)).await;
    assert!(found("users").is_empty());
}

/// H2: a value that is not of its column's type is null there and kept in the raw object; it is told,
/// once a run and column, and takes nothing from the proof.
#[tokio::test(start_paused = true)]
async fn a_value_of_another_type_is_told_and_kept_as_it_came() {
    let bench = Bench::new(small());
    bench.run().await;
    let drifted =
        |n: u32| json!({"id": id(n), "displayName": {"en": "Ada"}, "accountEnabled": "no"});
    round(&bench, "users", "u3", &[drifted(1), drifted(2)], "u4");
    let report = bench.run().await;
    assert_eq!(report.completeness, Completeness::Proven);
    let said = |column: &str| {
        format!(
            "column {column} holds a value of another type, of {} for one: it is null, and the raw \
             object keeps the value",
            id(1)
        )
    };
    let warnings = &report.stream("users").unwrap().warnings;
    assert_eq!(warnings, &[said("display_name"), said("account_enabled")]);
    let rows = "SELECT display_name, account_enabled, raw ->> '$.displayName.en', raw ->> 'accountEnabled' FROM users";
    assert_eq!(bench.query(rows), ["null|null|Ada|no", "null|null|Ada|no"]);
}

/// H4: a name that another object takes over; the history keeps whose it was.
#[tokio::test(start_paused = true)]
async fn a_name_may_go_from_one_object_to_another() {
    let bench = Bench::new(small());
    bench.run().await;
    // Ada gives her name to a new object, then Bo, who is deleted, to another one.
    let items = [user(1, "Ada 2"), user(4, "Ada"), removed(2, "changed"), user(5, "Bo")];
    round(&bench, "users", "u3", &items, "u4");
    let holders = |n| format!("/beta/users/{}/memberOf?$select=id", id(n));
    bench.script.on(&holders(4), page(&[], None)).on(&holders(5), page(&[], None));
    assert_eq!(bench.run().await.completeness, Completeness::Proven);
    assert_eq!(bench.query(NAMES), ["Ada", "Ada 2", "Bo"]);
    let owners = |name: &str| {
        let sql = format!(
            "SELECT id, valid_to IS NULL, deletion FROM users_history WHERE display_name = '{name}'
             ORDER BY id, valid_from, since_run"
        );
        bench.query(&sql)
    };
    assert_eq!(owners("Ada"), [format!("{}|0|null", id(1)), format!("{}|1|null", id(4))]);
    let of_bo = [(2, "0|null"), (2, "1|soft"), (5, "1|null")];
    assert_eq!(owners("Bo"), of_bo.map(|(n, rest)| format!("{}|{rest}", id(n))));
}

/// H9: a list of any length is kept whole.
#[tokio::test(start_paused = true)]
async fn a_very_long_list_is_kept_whole() {
    let bench = Bench::new(small());
    bench.run().await;
    let mut long = user(1, "Ada");
    let addresses: Vec<_> = (0..20_000).map(|n| format!("smtp:ada{n}@example.com")).collect();
    long["proxyAddresses"] = json!(addresses);
    round(&bench, "users", "u3", &[long], "u4");
    assert_eq!(bench.run().await.completeness, Completeness::Proven);
    let count =
        "SELECT json_array_length(raw, '$.proxyAddresses') FROM users WHERE display_name = 'Ada'";
    assert_eq!(bench.query(count), ["20000"]);
}
