//! A handover that is interrupted while its delta link waits.

use std::time::Duration;

use graph_import::{SqliteStore, Stop};
use tokio::time::Instant;

use crate::generations::Set;
use crate::handover::{self, counts, importer, latest, part, person, script};
use crate::script::page;
use crate::store::Bench;
use crate::stores::{Disturbed, Moment};

const BASELINE: &str = "/v1.0/users/delta?$deltatoken=d0";
const IDLE: &str = "/v1.0/users/delta?$deltatoken=d1";

/// Runs until the `n`th commit has happened.
async fn crash_after(bench: &Bench, clock: &Set, n: u32) {
    let store = Disturbed::crashing(SqliteStore::new(bench.path()), Some((n, Moment::After)));
    let crashed = importer(bench, store).clock(clock.clone()).run(&(), &Stop::new()).await;
    assert!(crashed.is_err());
}

/// The margin is counted from the delta link on: a new process waits for what is left of it and takes
/// no other link.
#[tokio::test(start_paused = true)]
async fn a_restart_inside_the_margin_waits_for_the_rest_of_it() {
    for (passed, left) in [(4, 6), (60, 0)] {
        let (bench, clock) = (Bench::new(script()), Set::new());
        counts(&bench.script, "30", "3");
        crash_after(&bench, &clock, 1).await;
        assert_eq!(
            bench.query("SELECT phase, baseline FROM import_stream"),
            [format!("fence|{BASELINE}")]
        );
        clock.pass(Duration::from_secs(passed));
        bench.script.requests();
        let started = Instant::now();
        let store = SqliteStore::new(bench.path());
        let report = importer(&bench, store).clock(clock).run(&(), &Stop::new()).await.unwrap();
        assert_eq!(started.elapsed().as_secs(), left, "{passed} s had passed");
        assert_eq!(report.completeness.to_string(), "proven");
        assert!(!bench.script.sent().contains(&latest()), "the link of before is the one");
    }
}

/// C1: the first answer of a run that goes on with a scan is older than what the scan sees: the changes
/// are asked for again when it is over.
#[tokio::test(start_paused = true)]
async fn changes_are_asked_for_after_the_scan_and_not_before() {
    let end = format!("deltaLink={IDLE}");
    for commits in [1, 3, 9] {
        let script = script();
        let (bench, clock) = (Bench::new(script.clone()), Set::new());
        // That the link works; the first answer of the second run; what the catch-up must ask for.
        script.forget(BASELINE).on(BASELINE, page(&[], Some(&end)));
        script.on(BASELINE, page(&[], Some(&end)));
        script.on(BASELINE, page(&[person(1, "ann")], Some(&end)));
        counts(&script, "30", "3");
        crash_after(&bench, &clock, commits).await;
        bench.script.requests();
        let report = handover::run(&bench).await;
        assert_eq!(report.completeness.to_string(), "proven");
        assert_eq!(bench.query("SELECT display_name FROM users ORDER BY 1"), ["ann", "bo", "cy"]);
        let sent = bench.script.sent();
        let last = |path: &str| sent.iter().rposition(|sent| sent == path).unwrap();
        assert!(last(BASELINE) > last(&part("z")), "after {commits} commits: {sent:?}");
    }
}

/// A4: page tokens of a plain list outlive no process, so that a partition which was interrupted begins
/// again, and nothing has to be looked for afterwards.
#[tokio::test(start_paused = true)]
async fn a_partition_that_was_interrupted_is_read_from_its_beginning() {
    let second = "/v1.0/users?$skiptoken=a2";
    for commits in 3..80 {
        let script = script();
        counts(&script, "30", "5");
        let link = format!("nextLink={second}");
        let first = page(&[person(1, "ada"), person(4, "abe")], Some(&link));
        script.forget(&part("a")).on(&part("a"), first);
        script.on(second, page(&[person(5, "amy")], None));
        let bench = Bench::new(script);
        crash_after(&bench, &Set::new(), commits).await;
        let begun = "SELECT count(*) FROM import_partition WHERE state = 'open' AND items > 0";
        if bench.query(begun) == ["0"] {
            continue;
        }
        bench.script.requests();
        let report = handover::run(&bench).await;
        let users = report.stream("users").unwrap();
        assert_eq!((users.completeness.to_string().as_str(), &users.fallback), ("proven", &None));
        let names = bench.query("SELECT display_name FROM users ORDER BY 1");
        assert_eq!(names, ["abe", "ada", "amy", "bo", "cy"]);
        let sent = bench.script.sent();
        assert!(sent.contains(&part("a")) && sent.contains(&second.to_owned()), "{sent:?}");
        return;
    }
    panic!("no partition was interrupted");
}

/// E13: a clock that was set back meanwhile makes nobody wait longer than the margin.
#[tokio::test(start_paused = true)]
async fn a_clock_that_was_set_back_costs_no_more_than_the_margin() {
    let (bench, clock) = (Bench::new(script()), Set::new());
    counts(&bench.script, "30", "3");
    let before = graph_transport::Clock::now(&clock);
    crash_after(&bench, &clock, 1).await;
    clock.set(before - Duration::from_secs(400 * 86_400));
    let started = Instant::now();
    let store = SqliteStore::new(bench.path());
    let report = importer(&bench, store).clock(clock).run(&(), &Stop::new()).await.unwrap();
    assert_eq!(report.completeness.to_string(), "proven");
    assert_eq!(started.elapsed().as_secs(), 10, "the margin");
}

/// I1, A4: a catch-up that an earlier run began shows the tenant of that time; what has happened since
/// then this run brings.
#[tokio::test(start_paused = true)]
async fn a_catch_up_that_was_interrupted_is_followed_by_what_happened_since() {
    let next = "/v1.0/users/delta?$skiptoken=c2";
    let mut met = [0, 0];
    for commits in 1..80 {
        let script = script();
        counts(&script, "30", "3");
        let first = page(&[person(1, "ann")], Some(&format!("nextLink={next}")));
        script.forget(BASELINE).on(BASELINE, first);
        script.on(next, page(&[], Some(&format!("deltaLink={IDLE}"))));
        let (bench, clock) = (Bench::new(script), Set::new());
        let store = SqliteStore::new(bench.path());
        let store = Disturbed::crashing(store, Some((commits, Moment::After)));
        let importer = importer(&bench, store).clock(clock.clone());
        if importer.run(&(), &Stop::new()).await.is_ok() {
            break;
        }
        drop(importer);
        match &*bench.query("SELECT phase, cursor IS NULL FROM import_stream")[0] {
            "catch_up|0" => met[0] += 1,
            "verify|1" => met[1] += 1,
            _ => continue,
        }
        let later = "/v1.0/users/delta?$deltatoken=d2";
        let end = format!("deltaLink={later}");
        bench.script.forget(IDLE).on(IDLE, page(&[person(2, "ben")], Some(&end)));
        bench.script.on(later, page(&[], Some(&end)));
        counts(&bench.script, "3", "3");
        let report = handover::run(&bench).await;
        assert_eq!(report.completeness.to_string(), "proven");
        assert_eq!(bench.query("SELECT display_name FROM users ORDER BY 1"), ["ann", "ben", "cy"]);
    }
    assert_eq!(met, [1, 1], "each was met");
}

/// C12: a scan that outlives a day does not outlive its delta link.
#[tokio::test(start_paused = true)]
async fn a_delta_link_that_waits_long_for_its_scan_is_moved_on_meanwhile() {
    let script = script();
    counts(&script, "30", "3");
    // The first answer is that the link works; the second are the changes of a day.
    let changes = page(&[person(1, "ann")], Some(&format!("deltaLink={IDLE}")));
    script.on(BASELINE, changes);
    let (bench, clock) = (Bench::new(script), Set::new());
    crash_after(&bench, &clock, 3).await;
    assert_eq!(bench.query("SELECT phase FROM import_stream"), ["scan"]);
    clock.pass(Duration::from_secs(86_400));
    bench.script.requests();
    let store = SqliteStore::new(bench.path());
    let report = importer(&bench, store).clock(clock).run(&(), &Stop::new()).await.unwrap();
    assert_eq!(report.completeness.to_string(), "proven");
    let sent = bench.script.sent();
    let place = |link: &str| sent.iter().rposition(|path| path == link).unwrap();
    assert!(place(BASELINE) < place(&part("z")), "moved on while the scan went on: {sent:?}");
    assert!(place(IDLE) > place(&part("z")), "and caught up from there: {sent:?}");
    assert_eq!(bench.query("SELECT display_name FROM users ORDER BY 1"), ["ann", "bo", "cy"]);
}
