//! Generations: what readers see while another one is read, and how objects are gone.

use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use graph_import::{
    Completeness, Event, Importer, Observer, Report, RunStatus, SqliteStore, Stop, StreamOutcome,
};
use graph_transport::Clock;
use serde_json::json;

use crate::handover::{self, person};
use crate::rounds::small;
use crate::script::{USERS, error, id, ok, page, tenant, user};
use crate::store::{Bench, plans};

const DELTA: &str = "/v1.0/users/delta?$deltatoken=u3";

/// A clock that a test sets.
#[derive(Clone, Debug)]
pub(crate) struct Set(Arc<Mutex<SystemTime>>);

impl Set {
    pub(crate) fn new() -> Self {
        Self(Arc::new(Mutex::new(SystemTime::UNIX_EPOCH + Duration::from_secs(2_000_000_000))))
    }

    pub(crate) fn set(&self, time: SystemTime) {
        *self.0.lock().unwrap() = time;
    }

    pub(crate) fn pass(&self, time: Duration) {
        *self.0.lock().unwrap() += time;
    }
}

impl Clock for Set {
    fn now(&self) -> SystemTime {
        *self.0.lock().unwrap()
    }
}

async fn run_at(bench: &Bench, clock: &Set) -> Report {
    let store = SqliteStore::new(bench.path());
    let importer = Importer::new(bench.script.client(), tenant(), plans(), store).unwrap();
    importer.clock(clock.clone()).run(&(), &Stop::new()).await.unwrap()
}

/// Looks into the store at every event.
struct Reader<'a> {
    bench: &'a Bench,
    seen: Mutex<Vec<Vec<String>>>,
}

impl Observer for Reader<'_> {
    fn observe(&self, _: &Event<'_>) {
        if self.bench.path().exists() {
            let names = self.bench.query("SELECT display_name FROM users ORDER BY 1");
            let mut seen = self.seen.lock().unwrap();
            if seen.last() != Some(&names) {
                seen.push(names);
            }
        }
    }
}

/// I5, A8, B16: nothing, then the first generation, then the next one, and never a mixture.
#[tokio::test(start_paused = true)]
async fn a_reader_sees_one_generation_or_the_next() {
    for by_handover in [false, true] {
        let bench = Bench::new(if by_handover { handover::script() } else { small() });
        let reader = Reader { bench: &bench, seen: Mutex::default() };
        let run = async |full: bool| {
            let store = SqliteStore::new(bench.path());
            let plans = if by_handover { vec![handover::plan()] } else { plans() };
            let importer = Importer::new(bench.script.client(), tenant(), plans, store).unwrap();
            importer.scan_from(3).full(full).run(&reader, &Stop::new()).await.unwrap()
        };
        handover::counts(&bench.script, "30", "3");
        run(false).await;
        let (first, next): (&[_], &[_]) = if by_handover {
            handover::counts(&bench.script, "30", "2");
            handover::people(&bench.script, "a", &[person(7, "ava")]);
            handover::people(&bench.script, "b", &[]);
            handover::people(&bench.script, "c", &[person(3, "cleo")]);
            (&["ada", "bo", "cy"], &["ava", "cleo"])
        } else {
            bench.script.forget(USERS).on(
                USERS,
                page(&[user(1, "Ann")], Some("nextLink=/v1.0/users/delta?$skiptoken=u2")),
            );
            bench.script.forget("/v1.0/users/delta?$skiptoken=u2").on(
                "/v1.0/users/delta?$skiptoken=u2",
                page(&[user(3, "Cy")], Some(&format!("deltaLink={DELTA}"))),
            );
            (&["Ada", "Bo"], &["Ann", "Cy"])
        };
        let report = run(true).await;
        let users = report.stream("users").unwrap();
        assert_eq!(users.generation, 2);
        // What its pages wrote aside is nobody's news.
        assert_eq!((users.applied.inserted, users.applied.updated), (1, 1), "{by_handover}");
        let seen = reader.seen.lock().unwrap().clone();
        assert_eq!(seen, [&[] as &[&str], first, next], "{by_handover}");
    }
}

/// B16: once per cool-down; the generation before it goes on serving, and the next run tries again.
#[tokio::test(start_paused = true)]
async fn a_stream_begins_anew_by_itself_once_in_a_cool_down() {
    let (bench, clock) = (Bench::new(small()), Set::new());
    run_at(&bench, &clock).await;
    bench.script.forget(DELTA).on(DELTA, error(410, "syncStateNotFound"));
    clock.pass(Duration::from_secs(86_400));
    assert_eq!(run_at(&bench, &clock).await.stream("users").unwrap().generation, 2);
    clock.pass(Duration::from_secs(60));
    bench.script.requests();
    let report = run_at(&bench, &clock).await;
    let users = report.stream("users").unwrap();
    assert_eq!((&users.outcome, users.generation), (&StreamOutcome::Failed, 2));
    assert_eq!(users.warnings.len(), 1, "{:?}", users.warnings);
    assert!(!bench.script.sent().contains(&USERS.to_owned()));
    assert_eq!(bench.query("SELECT count(*) FROM users"), ["2"]);
    clock.pass(Duration::from_secs(3_600));
    assert_eq!(run_at(&bench, &clock).await.stream("users").unwrap().generation, 3);
}

/// C13: a generation that is open is the one that was asked for.
#[tokio::test(start_paused = true)]
async fn a_second_full_import_goes_on_with_the_first() {
    let bench = Bench::new(small());
    bench.run().await;
    let second = "/v1.0/users/delta?$skiptoken=u2";
    bench.script.forget(second).on(second, error(403, "Authorization_RequestDenied"));
    assert_eq!(bench.run_full().await.status, RunStatus::Failed);
    bench
        .script
        .forget(second)
        .on(second, page(&[user(2, "Bo")], Some(&format!("deltaLink={DELTA}"))));
    bench.script.requests();
    let report = bench.run_full().await;
    assert_eq!(report.completeness, Completeness::Proven);
    assert_eq!(report.stream("users").unwrap().generation, 2);
    assert!(!bench.script.sent().contains(&USERS.to_owned()), "the first page is not read again");
}

/// B19: tried whatever its age, and told from the fifth day on.
#[tokio::test(start_paused = true)]
async fn an_old_delta_link_is_tried_and_warned_of() {
    let (bench, clock) = (Bench::new(small()), Set::new());
    run_at(&bench, &clock).await;
    for (days, warned) in [(4, false), (5, true), (30, true)] {
        clock.pass(Duration::from_secs(days * 86_400 + 60));
        let report = run_at(&bench, &clock).await;
        let users = report.stream("users").unwrap();
        assert_eq!(users.completeness, Completeness::Proven);
        assert_eq!(users.delta_age_seconds, Some(days * 86_400 + 60));
        assert_eq!(!users.warnings.is_empty(), warned, "{days} days: {:?}", users.warnings);
    }
}

/// B4, B5, I3: a full round proves that objects are gone; the recycle bin knows how.
#[tokio::test(start_paused = true)]
async fn the_recycle_bin_tells_how_swept_objects_are_gone() {
    let script = small();
    let all = [user(1, "Ada"), user(2, "Bo"), user(3, "Cy"), user(4, "Di")];
    let link = format!("deltaLink={DELTA}");
    script.forget(USERS).on(USERS, page(&all, Some(&link)));
    let bench = Bench::new(script);
    bench.run().await;
    let bin = |n: u32| format!("/v1.0/directory/deletedItems/{}?$select=id,deletedDateTime", id(n));
    bench.script.forget(USERS).on(USERS, page(&[user(1, "Ada")], Some(&link)));
    let deleted = json!({"id": id(2), "deletedDateTime": "2031-02-03T04:05:06Z"});
    bench.script.on(&bin(2), ok(&deleted)).on(&bin(4), error(403, "Authorization_RequestDenied"));
    let report = bench.run_full().await;
    assert_eq!(report.stream("users").unwrap().applied.swept, 3);
    let gone = "SELECT display_name, deletion, deleted_at FROM deleted_users ORDER BY 1";
    let expected = ["Bo|soft|2031-02-03T04:05:06.000Z", "Cy|hard|null", "Di|absent|null"];
    assert_eq!(bench.query(gone), expected);
    bench.script.requests();
    assert_eq!(bench.run().await.requests, 2, "nobody asks again");
}

/// B4: also when the delta round said so; its silence about the date is no error.
#[tokio::test(start_paused = true)]
async fn a_soft_deletion_is_dated_by_the_recycle_bin() {
    let bench = Bench::new(small());
    bench.run().await;
    let removed = [crate::script::removed(1, "changed"), crate::script::removed(2, "changed")];
    bench.script.forget(DELTA).on(DELTA, page(&removed, Some(&format!("deltaLink={DELTA}"))));
    let bin = format!("/v1.0/directory/deletedItems/{}?$select=id,deletedDateTime", id(1));
    bench.script.on(&bin, ok(&json!({"id": id(1), "deletedDateTime": "2031-02-03T04:05:06Z"})));
    bench.run().await;
    let gone = "SELECT display_name, deletion, deleted_at FROM deleted_users ORDER BY 1";
    assert_eq!(bench.query(gone), ["Ada|soft|2031-02-03T04:05:06.000Z", "Bo|soft|null"]);
}

/// B33: an answer of success that is not about the object does not say that it can be restored.
#[tokio::test(start_paused = true)]
async fn a_recycle_bin_that_says_nothing_is_asked_again() {
    for body in ["", "null", "{}", r#"{"error":{"code":"UnknownError"}}"#, r#"{"value":[]}"#] {
        let bench = Bench::new(small());
        bench.run().await;
        let link = format!("deltaLink={DELTA}");
        bench.script.forget(USERS).on(USERS, page(&[user(1, "Ada")], Some(&link)));
        let bin = format!("/v1.0/directory/deletedItems/{}?$select=id,deletedDateTime", id(2));
        bench.script.on(&bin, crate::script::raw(200, body));
        bench.run_full().await;
        let gone = "SELECT deletion FROM deleted_users";
        assert_eq!(bench.query(gone), ["absent"], "{body}");
        let deleted = json!({"id": id(2), "deletedDateTime": "2031-02-03T04:05:06.000Z"});
        bench.script.forget(&bin).on(&bin, ok(&deleted));
        bench.run().await;
        assert_eq!(bench.query(gone), ["soft"], "{body}");
    }
}

/// E2: a stream that gets no answer ends alone.
#[tokio::test(start_paused = true)]
async fn a_stream_without_an_answer_ends_as_throttled_and_the_others_go_on() {
    let bench = Bench::new(small());
    bench.run().await;
    let mut throttled = error(503, "serviceNotAvailable");
    throttled.headers.push(("Retry-After", "86400".to_owned()));
    let next = "/v1.0/groups/delta?$deltatoken=g2";
    bench.script.forget(next).on(next, throttled);
    let began = tokio::time::Instant::now();
    let importer = bench.importer(SqliteStore::new(bench.path()));
    let report = importer.patience(Duration::from_secs(600)).run(&(), &Stop::new()).await.unwrap();
    assert!(began.elapsed() < Duration::from_secs(700), "{:?}", began.elapsed());
    assert_eq!(report.stream("groups").unwrap().outcome, StreamOutcome::Throttled);
    assert_eq!(report.stream("users").unwrap().outcome, StreamOutcome::Granted);
    assert_eq!(report.status, RunStatus::Failed);
}
