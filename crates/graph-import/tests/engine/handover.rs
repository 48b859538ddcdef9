//! The handover: a delta link, a scan in partitions, the changes since the link.

use std::time::Duration;

use graph_dsl::{ColumnKind, StreamPlan};
use graph_import::{Importer, Report, SqliteStore, Stop, Store};
use serde_json::{Value, json};

use crate::script::{Script, error, id, ok, page, raw, removed, tenant};
use crate::store::Bench;
use crate::stores::{Disturbed, Moment};

const QUERY: &str = "$select=id,displayName,userPrincipalName";
/// The letters of the first partitions.
const LETTERS: &str = "abcdefghijklmnopqrstuvwxyz0123456789.-_'!#^~";
pub(crate) const COUNT: &str = "/v1.0/users/$count";
const BASELINE: &str = "/v1.0/users/delta?$deltatoken=d0";
const IDLE: &str = "/v1.0/users/delta?$deltatoken=d1";

pub(crate) fn latest() -> String {
    format!("/v1.0/users/delta?{QUERY}&$deltatoken=latest")
}

fn first() -> String {
    format!("/v1.0/users/delta?{QUERY}")
}

/// The first page of the partition with this prefix.
pub(crate) fn part(prefix: &str) -> String {
    sized(prefix, 2)
}

fn sized(prefix: &str, top: u16) -> String {
    let prefix = prefix.replace('\'', "''").replace('!', "%21").replace('#', "%23");
    let prefix = prefix.replace('é', "%C3%A9");
    let prefix = prefix.replace('^', "%5E").replace('@', "%40").replace(' ', "%20");
    let filter = match &*prefix {
        "" => String::new(),
        prefix => format!("&$filter=startswith(userPrincipalName,'{prefix}')"),
    };
    format!("/v1.0/users?{QUERY}&$top={top}{filter}")
}

pub(crate) fn person(n: u32, name: &str) -> Value {
    json!({"id": id(n), "displayName": name, "userPrincipalName": format!("{name}@x")})
}

/// Users `ada`, `bo`, `cy` in three partitions of a collection that Graph counts as thirty, and
/// nothing in the others.
pub(crate) fn script() -> Script {
    let script = Script::default();
    let link = format!("deltaLink={BASELINE}");
    script.on(&latest(), page(&[], Some(&link)));
    script.on(BASELINE, page(&[], Some(&format!("deltaLink={IDLE}"))));
    script.on(IDLE, page(&[], Some(&format!("deltaLink={IDLE}"))));
    script.on(COUNT, raw(200, "30"));
    for letter in LETTERS.chars() {
        script.on(&part(&letter.to_string()), page(&[], None));
    }
    for (n, name) in [(1, "ada"), (2, "bo"), (3, "cy")] {
        people(&script, &name[..1], &[person(n, name)]);
    }
    script
}

pub(crate) fn people(script: &Script, prefix: &str, people: &[Value]) {
    script.forget(&part(prefix)).on(&part(prefix), page(people, None));
}

/// What Graph counts, at the beginning and at the end.
pub(crate) fn counts(script: &Script, before: &str, after: &str) {
    script.forget(COUNT).on(COUNT, raw(200, before)).on(COUNT, raw(200, after));
}

pub(crate) fn plan() -> StreamPlan {
    let mut plan = StreamPlan::delta("users", "user", "/users/delta")
        .column("display_name", "displayName", ColumnKind::Text)
        .scan("/users", Some("userPrincipalName"));
    plan.page_size = Some(2);
    plan
}

pub(crate) fn importer<S: Store>(bench: &Bench, store: S) -> Importer<S> {
    let importer = Importer::new(bench.script.client(), tenant(), [plan()], store).unwrap();
    importer.scan_from(3)
}

pub(crate) async fn run(bench: &Bench) -> Report {
    let importer = importer(bench, SqliteStore::new(bench.path()));
    importer.run(&(), &Stop::new()).await.unwrap()
}

const NAMES: &str = "SELECT display_name FROM users ORDER BY 1";

/// What the report says about how the stream was read.
fn words(report: &Report) -> String {
    let users = report.stream("users").unwrap();
    let source = users.source.map_or("none", graph_import::Source::as_str);
    let fallback = users.fallback.as_deref().unwrap_or("-");
    format!("{source}; {fallback}; {}", users.completeness)
}

/// C1, C3: what happened since the link is laid over what was scanned.
#[tokio::test(start_paused = true)]
async fn a_scan_is_followed_by_what_changed_since_the_delta_link() {
    let script = script();
    // The first question after the link is whether it works; the next reads the changes.
    let changes = page(
        &[person(1, "ann"), person(4, "di"), removed(3, "deleted")],
        Some(&format!("deltaLink={IDLE}")),
    );
    script.on(BASELINE, changes);
    counts(&script, "30", "3");
    let bench = Bench::new(script);
    let report = run(&bench).await;
    assert_eq!(bench.query(NAMES), ["ann", "bo", "di"]);
    assert_eq!(words(&report), "handover; -; proven");
    let state = "SELECT phase, published, watermark, baseline FROM import_stream";
    assert_eq!(bench.query(state), [format!("idle|1|{IDLE}|null")]);
    assert_eq!(bench.query("SELECT count(*) FROM import_partition"), ["0"]);
    bench.script.requests();
    assert_eq!(run(&bench).await.requests, 1, "an idle round is one request");
    assert_eq!(bench.script.sent(), [IDLE]);
}

/// C1, C7: an object that delta has touched is not scanned back to an older state, and objects
/// outside all partitions are found.
#[tokio::test(start_paused = true)]
async fn missing_objects_cause_a_residual_scan_that_delta_still_wins_over() {
    let script = script();
    counts(&script, "30", "29");
    let changes = page(&[person(1, "ann")], Some(&format!("deltaLink={IDLE}")));
    script.on(BASELINE, changes);
    let odd = person(9, "écru");
    let all = [person(1, "ada"), person(2, "bo")];
    let rest = "/v1.0/users?$skiptoken=2";
    script.on(&part(""), page(&all, Some(&format!("nextLink={rest}"))));
    script.on(rest, page(&[person(3, "cy"), odd], None));
    let bench = Bench::new(script);
    let report = run(&bench).await;
    assert_eq!(bench.query(NAMES), ["ann", "bo", "cy", "écru"]);
    assert_eq!(
        words(&report),
        "handover; residual scan: 3 of 29 objects were in the partitions; \
         provisional(4 objects were found where Graph counts 29)"
    );
}

/// The index of counts is behind (facts: graph-protocol 6): once it has caught up, nothing is in doubt.
#[tokio::test(start_paused = true)]
async fn a_count_that_was_behind_is_asked_again_in_the_next_round() {
    let script = script();
    counts(&script, "30", "2");
    script.on(&part(""), page(&[person(1, "ada"), person(2, "bo"), person(3, "cy")], None));
    script.forget(COUNT).on(COUNT, raw(200, "5")).on(COUNT, raw(200, "5"));
    let bench = Bench::new(script);
    let doubted = "provisional(3 objects were found where Graph counts 5)";
    assert_eq!(run(&bench).await.completeness.to_string(), doubted);
    assert_eq!(run(&bench).await.completeness.to_string(), doubted);
    bench.script.forget(COUNT).on(COUNT, raw(200, "3"));
    assert_eq!(run(&bench).await.completeness.to_string(), "proven");
    bench.script.requests();
    assert_eq!(run(&bench).await.requests, 1, "and it is not asked any more");
}

/// C11
#[tokio::test(start_paused = true)]
async fn without_a_count_nothing_is_proven() {
    let script = script();
    script.forget(COUNT).on(COUNT, error(400, "Request_BadRequest"));
    script.on(&part(""), page(&[person(1, "ada")], None));
    let bench = Bench::new(script);
    let report = run(&bench).await;
    assert_eq!(words(&report), "handover; -; provisional(Graph does not count the collection)");
    assert_eq!(bench.query(NAMES), ["ada"]);
}

#[tokio::test(start_paused = true)]
async fn a_small_collection_is_read_by_its_delta_query() {
    let script = script();
    script.forget(COUNT).on(COUNT, raw(200, "1"));
    script.on(&first(), page(&[person(1, "ada")], Some(&format!("deltaLink={IDLE}"))));
    let bench = Bench::new(script);
    let report = run(&bench).await;
    assert_eq!(words(&report), "delta; the collection is small: 1 objects; proven");
    let counted = || COUNT.to_owned();
    assert_eq!(bench.script.sent(), [latest(), counted(), first(), counted()]);
}

/// facts: graph-protocol 10.0: nothing of this is verified, so each has its way out.
#[tokio::test(start_paused = true)]
async fn a_delta_link_that_cannot_be_relied_on_is_not_used() {
    let context = |properties: &str| {
        let url = format!("https://graph.microsoft.com/v1.0/$metadata#users{properties}");
        let link = format!("https://graph.microsoft.com{BASELINE}");
        ok(&json!({"@odata.context": url, "value": [], "@odata.deltaLink": link}))
    };
    let whole = "(displayName,userPrincipalName)";
    let refused = || error(400, "Request_BadRequest");
    let page_of_all = || page(&[person(1, "ada")], Some("nextLink=/v1.0/users/delta?$skiptoken=2"));
    for (latest_answer, check, reason) in [
        (refused(), context(""), "Graph gives no delta link of this moment: Request_BadRequest"),
        (page_of_all(), context(""), "Graph ignores $deltatoken=latest"),
        (
            context(whole),
            error(410, "syncStateNotFound"),
            "the delta link of this moment does not work: syncStateNotFound",
        ),
        (
            context(whole),
            context("(displayName)"),
            "the delta link of this moment does not keep the selection",
        ),
        (context(whole), context(""), "the delta link of this moment does not keep the selection"),
    ] {
        let script = script();
        counts(&script, "30", "1");
        script.forget(&latest()).on(&latest(), latest_answer);
        script.forget(BASELINE).on(BASELINE, check);
        script.on(&first(), page(&[person(1, "ada")], Some(&format!("deltaLink={IDLE}"))));
        let bench = Bench::new(script);
        let report = run(&bench).await;
        assert_eq!(words(&report), format!("delta; {reason}; proven"));
        assert_eq!(bench.query(NAMES), ["ada"]);
    }
}

/// C10, and a filter that Graph refuses.
#[tokio::test(start_paused = true)]
async fn a_filter_that_does_not_work_leads_to_a_serial_scan() {
    let everybody = || page(&[person(1, "ada"), person(2, "bo")], None);
    for (answer, reason) in [
        (everybody(), "serial scan: Graph ignores startswith(userPrincipalName,…)"),
        (
            error(400, "Request_UnsupportedQuery"),
            "serial scan: Graph refuses the filter: Request_UnsupportedQuery",
        ),
    ] {
        let script = script();
        counts(&script, "30", "2");
        for letter in LETTERS.chars() {
            let path = part(&letter.to_string());
            script.forget(&path).on(&path, answer.clone());
        }
        script.on(&part(""), everybody());
        let bench = Bench::new(script);
        let report = run(&bench).await;
        assert_eq!(words(&report), format!("handover; {reason}; proven"));
        assert_eq!(bench.query(NAMES), ["ada", "bo"]);
    }
}

/// C8, C9: a partition whose first page is full and that has more than its share is read in parts;
/// objects that come twice count once.
#[tokio::test(start_paused = true)]
async fn a_hot_partition_is_split() {
    let script = script();
    counts(&script, "30", "4");
    let next = "/v1.0/users?$skiptoken=never";
    let full = page(&[person(1, "ada"), person(4, "aéa")], Some(&format!("nextLink={next}")));
    script.forget(&part("a")).on(&part("a"), full);
    script.on(&format!("{COUNT}?$filter=startswith(userPrincipalName,'a')"), raw(200, "55"));
    for letter in format!("{LETTERS}@ ").chars() {
        script.on(&part(&format!("a{letter}")), page(&[], None));
    }
    script.forget(&part("ad")).on(&part("ad"), page(&[person(1, "ada")], None));
    let accented = part("a").replace("'a'", "'a%C3%A9'");
    script.on(&accented, page(&[person(4, "aéa")], None));
    let bench = Bench::new(script);
    let report = run(&bench).await;
    assert_eq!(words(&report), "handover; -; proven");
    assert_eq!(bench.query(NAMES), ["ada", "aéa", "bo", "cy"]);
    let sent = bench.script.sent();
    assert!(sent.contains(&accented) && !sent.contains(&next.to_owned()), "{sent:?}");
}

/// facts: graph-protocol 12, row 6
#[tokio::test(start_paused = true)]
async fn pages_that_graph_cannot_make_are_asked_for_smaller() {
    let script = script();
    counts(&script, "30000", "1");
    let mut plan = plan();
    plan.page_size = None;
    let filter = |prefix: &str| sized(prefix, 999);
    for letter in LETTERS.chars() {
        script.on(&filter(&letter.to_string()), page(&[], None));
    }
    script.forget(&filter("a")).on(&filter("a"), error(504, "UnknownError"));
    script.on(&sized("a", 499), error(503, "UnknownError"));
    script.on(&sized("a", 249), page(&[person(1, "ada")], None));
    let bench = Bench::new(script);
    let store = SqliteStore::new(bench.path());
    let importer = Importer::new(bench.script.client(), tenant(), [plan], store).unwrap();
    let report = importer.run(&(), &Stop::new()).await.unwrap();
    assert_eq!(bench.query("SELECT display_name FROM users"), ["ada"]);
    let restarts = &report.stream("users").unwrap().restarts;
    assert_eq!(restarts.len(), 2, "{restarts:?}");
    assert!(restarts[1].contains("$top=249"), "{restarts:?}");
}

/// The fence is waited out once, also over a restart.
#[tokio::test(start_paused = true)]
async fn the_scan_waits_for_the_replication_margin() {
    let bench = Bench::new(script());
    counts(&bench.script, "30", "3");
    let began = tokio::time::Instant::now();
    let importer = importer(&bench, SqliteStore::new(bench.path()));
    let margin = Duration::from_secs(77);
    importer.replication_margin(margin).run(&(), &Stop::new()).await.unwrap();
    let waited = began.elapsed();
    assert!(waited >= Duration::from_secs(70) && waited < margin * 2, "{waited:?}");
}

/// A lost baseline costs the handover, not the import.
#[tokio::test(start_paused = true)]
async fn a_delta_link_that_is_lost_meanwhile_leads_to_a_delta_round() {
    let script = script();
    counts(&script, "30", "1");
    script.on(BASELINE, error(410, "resyncRequired"));
    script.on(&first(), page(&[person(1, "ada")], Some(&format!("deltaLink={IDLE}"))));
    let bench = Bench::new(script);
    let report = run(&bench).await;
    let reason = "the delta link of the handover was lost: resyncRequired";
    assert_eq!(words(&report), format!("delta; {reason}; proven"));
    assert_eq!(bench.query(NAMES), ["ada"]);
    let gone = bench.query("SELECT deletion FROM deleted_users ORDER BY 1");
    assert_eq!(gone, ["hard", "hard"], "what the scan had seen and the round has not");
}

/// A1, A4, A8: killed before or after any commit of a handover with everything in it, the next run
/// goes on; finished partitions are not read again.
#[tokio::test(start_paused = true)]
async fn a_crash_at_any_commit_of_a_handover_costs_nothing() {
    fn eventful() -> Script {
        let script = script();
        script.forget(COUNT).on(COUNT, raw(200, "30"));
        script.forget(BASELINE).on(
            BASELINE,
            page(&[person(1, "ann"), removed(3, "changed")], Some(&format!("deltaLink={IDLE}"))),
        );
        script.on(&part(""), page(&[person(1, "ada"), person(2, "bo"), person(9, "écru")], None));
        script.on(&part("é"), page(&[person(9, "écru")], None));
        script
    }
    const CONTENT: &str = "SELECT id, display_name, raw FROM users
        UNION ALL SELECT id, deletion, raw FROM deleted_users
        UNION ALL SELECT phase, watermark, published - generation FROM import_stream
        UNION ALL SELECT 'left', count(*), (SELECT count(*) FROM import_partition) FROM import_touched
        ORDER BY 1";
    let undisturbed = Bench::new(eventful());
    run(&undisturbed).await;
    let expected = undisturbed.query(CONTENT);
    assert!(expected.iter().any(|row| row.contains("ann")), "{expected:?}");
    for moment in [Moment::Before, Moment::After] {
        for n in 1.. {
            let bench = Bench::new(eventful());
            let store = Disturbed::crashing(SqliteStore::new(bench.path()), Some((n, moment)));
            let crashed = importer(&bench, store).run(&(), &Stop::new()).await.is_err();
            bench.script.requests();
            // What was published in doubt, the next run reads again.
            let published = "SELECT count(published) FROM import_stream";
            let is_over = bench.path().exists() && bench.query(published) == ["1"];
            run(&bench).await;
            assert_eq!(bench.query(CONTENT), expected, "commit {n}, {moment:?}");
            let scanned = bench.script.sent().iter().filter(|path| path.contains("filter")).count();
            assert!(
                n < 20 || is_over || scanned < 30,
                "{scanned} partitions again after commit {n}"
            );
            if !crashed {
                assert!(n > 45, "only {n} commits");
                break;
            }
        }
    }
}

/// C2: an object that is renamed while it is scanned is met by two partitions, or by none; the delta
/// knows it.
#[tokio::test(start_paused = true)]
async fn an_object_that_changes_its_partition_meanwhile_is_there_once() {
    let renamed = |n: u32, old: &str, new: &str| (person(n, old), person(n, new));
    for (twice, (old, new), count) in [
        (false, renamed(5, "zed", "abe"), "4"),
        (true, renamed(5, "deb", "zed"), "4"),
        (true, renamed(1, "ada", "zoe"), "3"),
    ] {
        let script = script();
        counts(&script, "30", count);
        if twice {
            let letter = |person: &Value| person["displayName"].as_str().unwrap()[..1].to_owned();
            people(&script, &letter(&old), std::slice::from_ref(&old));
            people(&script, &letter(&new), std::slice::from_ref(&new));
        }
        let changes = page(std::slice::from_ref(&new), Some(&format!("deltaLink={IDLE}")));
        script.forget(BASELINE).on(BASELINE, changes);
        let bench = Bench::new(script);
        let report = run(&bench).await;
        let what = format!("{old} to {new}, seen twice: {twice}: {}", words(&report));
        assert!(report.completeness == graph_import::Completeness::Proven, "{what}");
        let one =
            format!("SELECT display_name FROM users WHERE id = '{}'", new["id"].as_str().unwrap());
        assert_eq!(bench.query(&one), [new["displayName"].as_str().unwrap()], "{what}");
        assert_eq!(bench.query("SELECT count(*) FROM users"), [count], "{what}");
    }
}

/// C11, C7, I3: an old generation is swept only by one that was counted, and that agrees; without
/// that what is missing is asked for by itself.
#[tokio::test(start_paused = true)]
async fn what_a_handover_lacks_is_swept_only_if_graph_counts_as_many() {
    let full = async |bench: &Bench| {
        let importer = importer(bench, SqliteStore::new(bench.path()));
        importer.full(true).run(&(), &Stop::new()).await.unwrap()
    };
    let deleted = "SELECT count(*) FROM deleted_users";
    let cy = format!("/v1.0/users/{}?{QUERY}", id(3));
    for (count, is_there, proven) in [
        (error(400, "Request_BadRequest"), true, false),
        (error(400, "Request_BadRequest"), false, false),
        (error(403, "Authorization_RequestDenied"), true, false),
        (raw(200, "3"), true, false),
        (raw(200, "3"), false, false),
        (raw(200, "\u{feff}2"), false, true),
    ] {
        let bench = Bench::new(script());
        if is_there {
            bench.script.on(&cy, ok(&person(3, "cy")));
        }
        counts(&bench.script, "30", "3");
        run(&bench).await;
        assert_eq!(bench.query(NAMES), ["ada", "bo", "cy"]);
        // User 3 is missing from every page of the next generation.
        people(&bench.script, "c", &[]);
        bench.script.on(&part(""), page(&[person(1, "ada"), person(2, "bo")], None));
        bench.script.forget(COUNT).on(COUNT, if proven { raw(200, "30") } else { count.clone() });
        bench.script.on(COUNT, count.clone());
        let report = full(&bench).await;
        let what = format!("{}: {}", count.body, words(&report));
        assert_eq!(report.completeness == graph_import::Completeness::Proven, proven, "{what}");
        assert_eq!(bench.query(deleted), [if is_there { "0" } else { "1" }], "{what}");
        let names: &[&str] = if is_there { &["ada", "bo", "cy"] } else { &["ada", "bo"] };
        assert_eq!(bench.query(NAMES), names, "{what}");
        assert_eq!(report.stream("users").unwrap().applied.swept, u64::from(!is_there), "{what}");
    }
}

/// C7: with what names begin one page of the collection shows, so that those which begin with an odd
/// letter have a partition of their own and wait for no residual scan.
#[tokio::test(start_paused = true)]
async fn odd_letters_that_a_page_shows_are_partitions() {
    let script = script();
    counts(&script, "30", "4");
    script.on(&part(""), page(&[person(1, "ada"), person(9, "écru")], None));
    script.on(&part("é"), page(&[person(9, "écru")], None));
    let bench = Bench::new(script);
    let report = run(&bench).await;
    assert_eq!(words(&report), "handover; -; proven");
    assert_eq!(bench.query(NAMES), ["ada", "bo", "cy", "écru"]);
    let whole = bench.script.sent().iter().filter(|path| **path == part("")).count();
    assert_eq!(whole, 1, "the page that shows the letters");
}
