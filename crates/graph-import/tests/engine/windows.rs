//! A log, read by spans of time.

use std::time::{Duration, SystemTime};

use graph_dsl::{ColumnKind, StreamPlan, Window};
use graph_import::{Completeness, Importer, Report, Source, SqliteStore, Stop, Store};
use serde_json::{Value, json};

use crate::generations::Set;
use crate::script::{Script, error, page, tenant};
use crate::store::Bench;
use crate::stores::{Disturbed, Moment};

const HOUR: u64 = 3_600;
/// 2026-01-01T00:00:00Z, the moment of the first import.
const START: u64 = 1_767_225_600;

fn plan() -> StreamPlan {
    let mut window = Window::over("activityDateTime");
    (window.slice, window.retention) =
        (Duration::from_secs(HOUR), Duration::from_secs(2 * HOUR + 20 * 60));
    let mut plan = StreamPlan::window("audits", "audit", "/auditLogs/directoryAudits", window)
        .column("at", "activityDateTime", ColumnKind::DateTime);
    plan.page_size = Some(2);
    plan
}

fn span(from: &str, until: &str) -> String {
    format!(
        "/v1.0/auditLogs/directoryAudits?$filter=activityDateTime%20ge%202026-01-01T{from}Z%20and%20activityDateTime%20le%202026-01-01T{until}Z&$top=2"
    )
    .replace("01-01T2", "2025-12-31T2")
    .replace("2026-2025-12-31", "2025-12-31")
}

fn entry(n: u32, at: &str) -> Value {
    json!({"id": format!("Directory_{n}"), "activityDateTime": format!("2025-12-31T{at}Z")})
}

fn clock() -> Set {
    let clock = Set::new();
    clock.set(SystemTime::UNIX_EPOCH + Duration::from_secs(START));
    clock
}

fn importer<S: Store>(bench: &Bench, clock: &Set, store: S) -> Importer<S> {
    let importer = Importer::new(bench.script.client(), tenant(), [plan()], store).unwrap();
    importer.clock(clock.clone())
}

async fn run(bench: &Bench, clock: &Set) -> Report {
    importer(bench, clock, SqliteStore::new(bench.path())).run(&(), &Stop::new()).await.unwrap()
}

/// Two closed hours before the delay of twenty minutes; the second has two pages.
fn script() -> Script {
    let script = Script::default();
    for reached in ["2025-12-31T23:40:00Z", "2026-01-01T00:40:00Z", "2026-01-01T23:40:00Z"] {
        let log = "/v1.0/auditLogs/directoryAudits?$filter=activityDateTime";
        script.on(&format!("{log}%20ge%20{reached}&$top=2"), page(&[], None));
    }
    script.on(&span("23:10:00", "23:40:00"), page(&[], None));
    script.on(&span("21:40:00", "22:40:00"), page(&[entry(1, "22:00:00")], None));
    let next = "/v1.0/auditLogs/directoryAudits?$skiptoken=2";
    let first =
        page(&[entry(2, "23:00:00"), entry(3, "23:10:00")], Some(&format!("nextLink={next}")));
    script.on(&span("22:40:00", "23:40:00"), first);
    script.on(next, page(&[entry(4, "23:20:00")], None));
    script
}

#[tokio::test(start_paused = true)]
async fn closed_spans_are_read_and_the_next_import_goes_on_after_them() {
    let (bench, clock) = (Bench::new(script()), clock());
    let report = run(&bench, &clock).await;
    assert_eq!(report.completeness, Completeness::Proven, "{report:?}");
    assert_eq!(report.stream("audits").unwrap().source, Some(Source::Window));
    assert_eq!(bench.query("SELECT count(*) FROM audits"), ["4"]);
    // An hour later: half an hour is looked at again, twice because it has news, then the new hour.
    clock.pass(Duration::from_secs(HOUR));
    let late = entry(5, "23:30:00");
    let again = page(&[entry(4, "23:20:00"), late], None);
    bench.script.forget(&span("23:10:00", "23:40:00")).on(&span("23:10:00", "23:40:00"), again);
    bench.script.on(&span("22:40:00", "23:10:00"), page(&[entry(2, "23:00:00")], None));
    bench.script.on(&span("23:40:00", "00:40:00"), page(&[entry(6, "23:50:00")], None));
    let report = run(&bench, &clock).await;
    assert_eq!(report.completeness, Completeness::Proven, "{report:?}");
    assert_eq!(report.stream("audits").unwrap().applied.inserted, 2);
    assert_eq!(bench.query("SELECT count(*) FROM audits"), ["6"]);
}

/// A log forgets; the store does not.
#[tokio::test(start_paused = true)]
async fn what_the_log_has_forgotten_stays_also_in_a_full_round() {
    let (bench, clock) = (Bench::new(script()), clock());
    run(&bench, &clock).await;
    bench
        .script
        .forget(&span("21:40:00", "22:40:00"))
        .on(&span("21:40:00", "22:40:00"), page(&[], None));
    let store = SqliteStore::new(bench.path());
    importer(&bench, &clock, store).full(true).run(&(), &Stop::new()).await.unwrap();
    assert_eq!(bench.query("SELECT count(*) FROM audits"), ["4"]);
    assert_eq!(bench.query("SELECT count(*) FROM deleted_audits"), ["0"]);
}

/// Logs I3: a restart costs one span.
#[tokio::test(start_paused = true)]
async fn an_interrupted_import_begins_again_at_its_span() {
    for moment in [Moment::Before, Moment::After] {
        for n in 1..=3 {
            let (bench, clock) = (Bench::new(script()), clock());
            let store = Disturbed::crashing(SqliteStore::new(bench.path()), Some((n, moment)));
            let crashed = importer(&bench, &clock, store).run(&(), &Stop::new()).await;
            assert!(crashed.is_err(), "{moment:?} {n}");
            bench.script.requests();
            assert_eq!(run(&bench, &clock).await.completeness, Completeness::Proven);
            assert_eq!(bench.query("SELECT count(*) FROM audits"), ["4"], "{moment:?} {n}");
        }
    }
}

/// Logs I4, and spans that are too much for Graph.
#[tokio::test(start_paused = true)]
async fn a_lost_page_token_restarts_the_span_and_a_span_too_long_is_cut() {
    let script = script();
    let next = "/v1.0/auditLogs/directoryAudits?$skiptoken=2";
    script
        .forget(next)
        .on(next, error(400, "BadRequest"))
        .on(next, page(&[entry(4, "23:20:00")], None));
    let long = span("21:40:00", "22:40:00");
    script.forget(&long).on(&long, error(504, "UnknownError"));
    script.on(&span("21:40:00", "22:10:00"), page(&[entry(1, "22:00:00")], None));
    script.on(&span("22:10:00", "22:40:00"), page(&[], None));
    script.on(
        &span("22:40:00", "23:10:00"),
        page(&[entry(2, "23:00:00"), entry(3, "23:10:00")], None),
    );
    let half = page(&[entry(3, "23:10:00")], Some(&format!("nextLink={next}")));
    script.forget(&span("23:10:00", "23:40:00")).on(&span("23:10:00", "23:40:00"), half);
    let (bench, clock) = (Bench::new(script), clock());
    let report = run(&bench, &clock).await;
    assert_eq!(report.completeness, Completeness::Proven, "{report:?}");
    assert_eq!(report.stream("audits").unwrap().restarts.len(), 2);
    assert_eq!(bench.query("SELECT count(*) FROM audits"), ["4"]);
}

/// Retention: what was not read in time is lost, and said.
#[tokio::test(start_paused = true)]
async fn a_gap_that_the_log_has_forgotten_is_told() {
    let (bench, clock) = (Bench::new(script()), clock());
    run(&bench, &clock).await;
    clock.pass(Duration::from_secs(24 * HOUR));
    let report = run(&bench, &clock).await;
    let audits = report.stream("audits").unwrap();
    assert!(
        audits.warnings[0].starts_with("Graph has forgotten what happened between"),
        "{audits:?}"
    );
}

/// The audits of a simulated tenant, which answers the filter by itself: every entry of the time that
/// was read, once.
#[tokio::test(start_paused = true)]
async fn the_audits_of_a_simulated_tenant_are_read_span_by_span() {
    let tenant = graph_simulator::Tenant::builder().users(40).build();
    let simulator = graph_simulator::Simulator::builder(tenant).build();
    let client = crate::handed_over::client(&simulator);
    let listed = |filter: &str| {
        let path = format!("/v1.0/auditLogs/directoryAudits?$top=999{filter}");
        let link = client.cloud().link(&path).unwrap();
        let client = client.clone();
        async move {
            let answer = client.send(graph_transport::GraphRequest::get(link)).await.unwrap();
            let page: Value = serde_json::from_slice(answer.body()).unwrap();
            let of = |item: &Value, name: &str| item[name].as_str().unwrap().to_owned();
            let items = page["value"].as_array().unwrap().iter();
            items.map(|it| (of(it, "activityDateTime"), of(it, "id"))).collect::<Vec<_>>()
        }
    };
    let mut all = listed("").await;
    all.sort();
    assert!(all.len() > 10, "{} entries", all.len());
    // The import happens twenty minutes after the last entry.
    let last: jiff::Timestamp = all.last().unwrap().0.parse().unwrap();
    let clock = Set::new();
    clock.set(SystemTime::from(last) + Duration::from_secs(21 * 60));
    let mut window = Window::over("activityDateTime");
    window.retention = Duration::from_secs(3_650 * 86_400);
    window.slice = Duration::from_secs(30 * 86_400);
    let mut plan =
        StreamPlan::window("audits", "audit", "/auditLogs/directoryAudits", window.clone()).column(
            "at",
            "activityDateTime",
            ColumnKind::DateTime,
        );
    plan.page_size = Some(5);
    let bench = Bench::new(Script::default());
    for round in ["first", "second"] {
        let id = graph_transport::TenantId::parse(&simulator.tenant_id()).unwrap();
        let store = SqliteStore::new(bench.path());
        let importer = Importer::new(client.clone(), id, [plan.clone()], store).unwrap();
        let report = importer.clock(clock.clone()).run(&(), &Stop::new()).await.unwrap();
        assert_eq!(report.completeness, Completeness::Proven, "{round}: {report:?}");
        let mut ids: Vec<String> = all.iter().map(|(_, id)| id.clone()).collect();
        ids.sort();
        assert_eq!(bench.query("SELECT external_id FROM audits ORDER BY 1"), ids, "{round}");
    }
}
