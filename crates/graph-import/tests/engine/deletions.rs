//! Deletions that only the absence from a generation tells of: few are believed, many are proved first
//! (cases: I3).

use std::time::Duration;

use graph_dsl::{ColumnKind, StreamPlan};
use graph_import::{Completeness, DeletionThreshold, Importer, Report, SqliteStore, Stop};
use serde_json::{Value, json};

use crate::generations::Set;
use crate::script::{Script, USERS, id, ok, page, raw, removed, tenant, user};
use crate::store::{Bench, plans};

const DELTA: &str = "deltaLink=/v1.0/users/delta?$deltatoken=u3";
const CHANGES: &str = "/v1.0/users/delta?$deltatoken=u3";

fn users(numbers: impl Iterator<Item = u32>) -> Vec<Value> {
    numbers.map(|n| user(n, "Ada")).collect()
}

fn single(n: u32) -> String {
    format!("/v1.0/users/{}?$select=id,displayName,accountEnabled", id(n))
}

/// A tenant of so many users, each of whom can be asked for.
fn tenant_of(count: u32) -> Bench {
    let script = Script::default();
    script.on(USERS, page(&users(1..=count), Some(DELTA))).on(CHANGES, page(&[], Some(DELTA)));
    for n in 1..=count {
        script.on(&single(n), ok(&user(n, "Ada")));
    }
    Bench::new(script)
}

/// Users that are there no more; whether the list says so is another matter.
fn delete(bench: &Bench, gone: impl Iterator<Item = u32>) {
    for n in gone {
        bench.script.forget(&single(n));
    }
}

fn list(bench: &Bench, users: &[Value]) {
    bench.script.forget(USERS).on(USERS, page(users, Some(DELTA)));
}

/// The users alone.
fn importer(bench: &Bench) -> Importer<SqliteStore> {
    let store = SqliteStore::new(bench.path());
    Importer::new(bench.script.client(), tenant(), [plans().remove(0)], store).unwrap()
}

async fn run(bench: &Bench, full: bool) -> Report {
    importer(bench).full(full).run(&(), &Stop::new()).await.unwrap()
}

fn completeness(report: &Report) -> String {
    report.completeness.to_string()
}

fn live(bench: &Bench) -> String {
    bench.query("SELECT count(*) FROM users").remove(0)
}

/// I3: 200 and no error, and nothing in it.
#[tokio::test(start_paused = true)]
async fn an_empty_answer_takes_nobody_away_who_is_there() {
    for count in [1, 3, 30, 250] {
        let bench = tenant_of(count);
        run(&bench, false).await;
        list(&bench, &[]);
        let report = run(&bench, true).await;
        let users = report.stream("users").unwrap();
        assert_eq!((users.applied.swept, live(&bench)), (0, count.to_string()), "{count}");
        // Up to a hundred are read one by one; of more only a sample, so that some may be out of date.
        let expected = if count <= 100 {
            format!("provisional({count} that are there were missing from what was read)")
        } else {
            assert!(users.warnings[0].ends_with("100 of 100 that were asked for are there"));
            assert_eq!(users.truncated[0].what, "withheld_deletions");
            format!(
                "partial({count} deletions are withheld: they were not seen and may be there; --accept-deletions carries them out)"
            )
        };
        assert_eq!(completeness(&report), expected);
        // By itself, once: the next run reads it again.
        list(&bench, &self::users(1..=count));
        let report = run(&bench, false).await;
        let users = report.stream("users").unwrap();
        assert_eq!((&report.completeness, users.full), (&Completeness::Proven, true), "{count}");
        assert_eq!(live(&bench), count.to_string());
        assert_eq!(run(&bench, false).await.requests, 1, "and then it is over");
    }
}

/// I1: what is gone is gone in the same run, however much it is.
#[tokio::test(start_paused = true)]
async fn a_tenant_that_was_emptied_is_empty_after_one_run() {
    for (count, left) in [(3, 0), (30, 5), (250, 0), (250, 10)] {
        let bench = tenant_of(count);
        run(&bench, false).await;
        delete(&bench, left + 1..=count);
        list(&bench, &users(1..=left));
        let report = run(&bench, true).await;
        let swept = report.stream("users").unwrap().applied.swept;
        assert_eq!((swept, live(&bench)), (u64::from(count - left), left.to_string()));
        assert_eq!(report.completeness, Completeness::Proven, "{count} to {left}");
        let told = "SELECT count(*) FROM import_change WHERE operation = 'deleted'";
        assert!(bench.query(told)[0].parse::<u32>().unwrap() >= count - left);
        assert_eq!(run(&bench, false).await.requests, 1);
    }
}

/// Small tenants lose a part of their users every day.
#[tokio::test(start_paused = true)]
async fn a_few_deletions_are_believed_at_once() {
    let bench = tenant_of(3);
    run(&bench, false).await;
    list(&bench, &users(1..=1));
    bench.script.requests();
    let report = run(&bench, true).await;
    assert_eq!((&report.completeness, live(&bench)), (&Completeness::Proven, "1".to_owned()));
    let asked = bench.script.requests();
    assert!(!asked.iter().any(|it| it.contains("displayName") && it.starts_with(' ')), "{asked:?}");
}

/// A list that was cut off: who lives is read, who does not is gone, and more may be missing.
#[tokio::test(start_paused = true)]
async fn of_some_that_are_missing_each_is_settled_by_itself() {
    let bench = tenant_of(60);
    run(&bench, false).await;
    delete(&bench, 50..=60);
    bench.script.forget(&single(30)).on(&single(30), ok(&user(30, "Anna")));
    list(&bench, &users(1..=29));
    let report = run(&bench, true).await;
    assert_eq!(report.stream("users").unwrap().applied.swept, 11);
    assert_eq!(live(&bench), "49");
    assert_eq!(bench.query("SELECT count(*) FROM users WHERE display_name = 'Anna'"), ["1"]);
    let expected = "provisional(20 that are there were missing from what was read)";
    assert_eq!(completeness(&report), expected);
}

/// Nobody who may not ask is told that somebody is gone; somebody who knows says so.
#[tokio::test(start_paused = true)]
async fn deletions_that_cannot_be_proved_wait_for_a_second_generation_or_for_somebody_who_knows() {
    for accept in [false, true] {
        let bench = tenant_of(30);
        run(&bench, false).await;
        for n in 1..=30 {
            let refused = crate::script::error(403, "Authorization_RequestDenied");
            bench.script.forget(&single(n)).on(&single(n), refused);
        }
        list(&bench, &[]);
        let report = run(&bench, true).await;
        assert!(completeness(&report).starts_with("partial(30 deletions are withheld"));
        assert_eq!(live(&bench), "30");
        let none = DeletionThreshold::NONE;
        let threshold = if accept { none } else { DeletionThreshold::default() };
        let importer = importer(&bench).deletion_threshold(threshold);
        let report = importer.run(&(), &Stop::new()).await.unwrap();
        let users = report.stream("users").unwrap();
        assert_eq!((&report.completeness, live(&bench)), (&Completeness::Proven, "0".to_owned()));
        assert_eq!(users.full, !accept, "the second generation says the same, or nobody asks it");
    }
}

/// What is said twice is said of the same objects.
#[tokio::test(start_paused = true)]
async fn a_second_generation_that_lacks_others_proves_nothing() {
    let bench = tenant_of(60);
    run(&bench, false).await;
    for n in 1..=60 {
        let refused = crate::script::error(403, "Authorization_RequestDenied");
        bench.script.forget(&single(n)).on(&single(n), refused);
    }
    list(&bench, &users(1..=30));
    assert!(completeness(&run(&bench, true).await).starts_with("partial(30 deletions"));
    list(&bench, &users(31..=60));
    assert!(completeness(&run(&bench, false).await).starts_with("partial(30 deletions"));
    assert_eq!(live(&bench), "60");
}

/// A whole tenant is not read again every quarter of an hour because of what will not go away.
#[tokio::test(start_paused = true)]
async fn a_doubt_that_stays_is_read_again_ever_more_seldom() {
    let (bench, clock) = (tenant_of(250), Set::new());
    let run_at = async |full: bool| {
        let importer = importer(&bench).clock(clock.clone()).full(full);
        importer.run(&(), &Stop::new()).await.unwrap().stream("users").unwrap().full
    };
    run_at(false).await;
    list(&bench, &[]);
    assert!(run_at(true).await);
    let mut read_again = Vec::new();
    for quarter in 0..64_u32 {
        if run_at(false).await {
            read_again.push(quarter);
        }
        clock.pass(Duration::from_secs(900));
    }
    assert_eq!(read_again, [0, 4, 12, 28, 60], "after 0, 1, 2, 4, 8 hours");
}

/// Of links the owners are asked, and those of the others stay as they are.
#[tokio::test(start_paused = true)]
async fn managers_that_an_empty_answer_lacks_are_asked_for() {
    let managers = "/v1.0/users/delta?$select=id,manager";
    let end = Some("deltaLink=/v1.0/users/delta?$deltatoken=m2");
    for there in [true, false] {
        let bench = tenant_of(40);
        let manager = |n: &u32| format!("/v1.0/users/{}/manager?$select=id", id(*n));
        let link = |n| json!({"id": id(n), "manager@delta": [{"@odata.type": "#microsoft.graph.user", "id": id(1)}]});
        let links: Vec<Value> = (2..=40).map(link).collect();
        bench.script.on(managers, page(&links, end));
        bench.script.on("/v1.0/users/delta?$deltatoken=m2", page(&[], end));
        let plan = StreamPlan::edges("managers", "manager", "/users/delta", "users");
        let import = async |full: bool| {
            let plans = [plans().remove(0), plan.clone().relation("manager")];
            let store = SqliteStore::new(bench.path());
            let importer = Importer::new(bench.script.client(), tenant(), plans, store).unwrap();
            importer.full(full).run(&(), &Stop::new()).await.unwrap()
        };
        let edges = || bench.query("SELECT count(*) FROM edge_managers").remove(0);
        import(false).await;
        assert_eq!(edges(), "39");
        bench.script.forget(managers).on(managers, page(&links[..3], end));
        if there {
            for n in 2..=40 {
                bench.script.on(&manager(&n), ok(&json!({"id": id(1)})));
            }
        }
        let report = import(true).await;
        assert_eq!(edges(), if there { "39" } else { "3" });
        let report = report.stream("managers").unwrap();
        assert_eq!(report.completeness == Completeness::Proven, !there, "{report:?}");
        bench.script.forget(managers).on(managers, page(&links, end));
        let report = import(!there).await;
        assert_eq!((edges(), report.completeness), ("39".to_owned(), Completeness::Proven));
    }
}

/// What Graph says to be gone, one by one, is gone; that it is many is told.
#[tokio::test(start_paused = true)]
async fn a_mass_of_reported_deletions_is_carried_out_and_told() {
    let bench = tenant_of(60);
    run(&bench, false).await;
    let all: Vec<Value> = (1..=50).map(|n| removed(n, "changed")).collect();
    bench.script.forget(CHANGES).on(CHANGES, page(&all, Some(DELTA)));
    let report = run(&bench, false).await;
    let users = report.stream("users").unwrap();
    assert_eq!((users.applied.soft_deleted, live(&bench)), (50, "10".to_owned()));
    assert_eq!(users.warnings, ["Graph reports that 50 of 60 were deleted"]);
    assert_eq!(report.completeness, Completeness::Proven);
}

/// Streams that are read as a whole every time are no exception.
#[tokio::test(start_paused = true)]
async fn an_empty_collection_takes_nothing_away_that_is_there() {
    let script = Script::default();
    let (all, one) =
        ("/v1.0/domains?$select=id,isVerified", "/v1.0/domains/a.example?$select=id,isVerified");
    let domain = json!({"id": "a.example", "isVerified": true});
    script.on(all, page(std::slice::from_ref(&domain), None)).on(one, ok(&domain));
    let bench = Bench::new(script);
    let import = async || {
        let domains = StreamPlan::full("domains", "domain", "/domains");
        let plan = domains.column("is_verified", "isVerified", ColumnKind::Boolean);
        let store = SqliteStore::new(bench.path());
        let importer = Importer::new(bench.script.client(), tenant(), [plan], store).unwrap();
        importer.run(&(), &Stop::new()).await.unwrap().completeness
    };
    let live = || bench.query("SELECT id FROM domains");
    assert_eq!(import().await, Completeness::Proven);
    bench.script.forget(all).on(all, page(&[], None));
    assert!(matches!(import().await, Completeness::Provisional(_)));
    assert_eq!(live(), ["a.example"]);
    bench.script.forget(one).on(one, raw(404, r#"{"error":{"code":"Request_ResourceNotFound"}}"#));
    assert_eq!(import().await, Completeness::Proven);
    assert!(live().is_empty());
}

/// A group of so many members, next to the small ones.
fn crowd(members: std::ops::RangeInclusive<u32>) -> Vec<Value> {
    members.map(crate::script::member).collect()
}

const MEMBERS: &str = "SELECT count(*) FROM group_members WHERE group_name = 'Dock'";

/// D5, I3: a list that came back empty, or cut off, with 200 counts only if it does so again after the
/// margin; of few members it counts at once.
#[tokio::test(start_paused = true)]
async fn a_list_that_lacks_most_of_its_members_is_asked_for_again() {
    for (before, first, second, asked, left) in [
        (30, 0, 30, 2, "30"),
        (30, 0, 0, 2, "0"),
        (30, 14, 30, 2, "30"),
        (30, 15, 15, 1, "15"),
        (10, 0, 0, 1, "0"),
    ] {
        for pages in [1, 2] {
            let what = format!("{before} to {first}, then {second}, on {pages} pages");
            let script = crate::rounds::small();
            let path = crate::script::members_path(9);
            let next = format!("{path}&$skiptoken=x");
            let list = |upto: u32| match pages {
                1 => vec![page(&crowd(1..=upto), None)],
                _ => {
                    vec![page(&[], Some(&format!("nextLink={next}"))), page(&crowd(1..=upto), None)]
                }
            };
            let on = |script: &Script, upto: u32| {
                let mut replies = list(upto).into_iter();
                script.on(&path, replies.next().unwrap());
                replies.for_each(|reply| {
                    script.on(&next, reply);
                });
            };
            script.forget(&path);
            on(&script, before);
            let bench = Bench::new(script);
            bench.run().await;
            bench.script.forget(&path).forget(&next);
            on(&bench.script, first);
            on(&bench.script, second);
            bench.script.requests();
            let began = tokio::time::Instant::now();
            let report = bench.run_full().await;
            assert_eq!(report.completeness, Completeness::Proven, "{what}");
            assert_eq!(bench.query(MEMBERS), [left], "{what}");
            let requests = bench.script.requests();
            assert_eq!(requests.iter().filter(|it| it.trim() == path).count(), asked, "{what}");
            assert!(asked == 1 || began.elapsed() >= Duration::from_secs(10), "{what}");
            assert_eq!(bench.query("SELECT count(*) FROM import_withheld"), ["0"], "{what}");
        }
    }
}

/// What is known of users does not depend on whether they are read in this run.
#[tokio::test(start_paused = true)]
async fn edges_of_users_that_are_gone_are_no_others_where_users_are_not_read() {
    let bench = Bench::new(crate::rounds::small());
    bench.run().await;
    let changes = [removed(1, "changed"), removed(2, "deleted")];
    bench.script.forget(CHANGES).on(CHANGES, page(&changes, Some(DELTA)));
    let both = bench.run().await;
    bench.script.forget(CHANGES).on(CHANGES, page(&[], Some(DELTA)));
    let plans = || plans().into_iter().filter(|plan| plan.name != "users");
    let store = SqliteStore::new(bench.path());
    let importer = Importer::new(bench.script.client(), tenant(), plans(), store).unwrap();
    let held = |report: &Report| report.stream("members").unwrap().holdings;
    assert_eq!((held(&both).live, held(&both).deleted), (0, 1));
    let some = importer.run(&(), &Stop::new()).await.unwrap();
    assert_eq!(held(&some), held(&both));
    // A list that still names the one who is gone for ever brings no edge.
    let store = SqliteStore::new(bench.path());
    let importer = Importer::new(bench.script.client(), tenant(), plans(), store).unwrap();
    let some = importer.full(true).run(&(), &Stop::new()).await.unwrap();
    assert_eq!((held(&some), some.stream("members").unwrap().applied.ghosts), (held(&both), 2));
    assert!(bench.query("SELECT * FROM group_members").is_empty());
}

/// B21, I3: two readings within the margin may come from replicas that do not agree yet. What the second
/// one lacks is asked for once every replica shows it; later it is believed.
#[tokio::test(start_paused = true)]
async fn what_a_reading_lacks_that_follows_at_once_is_asked_for() {
    let all = "/v1.0/domains?$select=id,isVerified";
    let domain = |n: u32| json!({"id": format!("{n}.example"), "isVerified": true});
    for (passes, is_there) in [(0, true), (0, false), (11, true)] {
        let script = Script::default();
        script.on(all, page(&[domain(1), domain(2)], None));
        if is_there {
            script.on("/v1.0/domains/2.example?$select=id,isVerified", ok(&domain(2)));
        }
        let (bench, clock) = (Bench::new(script), Set::new());
        let run_at = async || {
            let domains = StreamPlan::full("domains", "domain", "/domains");
            let plan = domains.column("is_verified", "isVerified", ColumnKind::Boolean);
            let store = SqliteStore::new(bench.path());
            let importer = Importer::new(bench.script.client(), tenant(), [plan], store).unwrap();
            importer.clock(clock.clone()).run(&(), &Stop::new()).await.unwrap().completeness
        };
        run_at().await;
        clock.pass(Duration::from_secs(passes));
        bench.script.forget(all).on(all, page(&[domain(1)], None));
        let began = tokio::time::Instant::now();
        let completeness = run_at().await;
        let is_soon = passes == 0;
        assert_eq!(began.elapsed() >= Duration::from_secs(10), is_soon);
        let left = if is_soon && is_there { 2 } else { 1 };
        assert_eq!(bench.query("SELECT count(*) FROM domains"), [left.to_string()]);
        assert_eq!(completeness == Completeness::Proven, left == 1, "{completeness}");
    }
}
