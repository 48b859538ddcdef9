//! An import that nothing holds back: no throttle, no latency, answers that are there already.

use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::{StreamExt, stream};
use graph_import::{Event, Observer};
use graph_simulator::{Kind, Simulator};
use graph_transport::{ApiVersion, BatchItem, GraphClient, GraphRequest};
use tokio::time::Instant;

use crate::Row;
use crate::bare::{self, Transactions};
use crate::tape::Tape;
use crate::tenant::{client, importer, run, tenant};

const USERS: u64 = 100_000;
const GROUPS: u64 = 10_000;
const MEMBERSHIPS: u64 = 1_000_000;
/// The median of so many rounds counts.
const ROUNDS: usize = 3;

pub(crate) fn bench() -> Vec<Row> {
    let mut runtime = tokio::runtime::Builder::new_multi_thread();
    runtime.enable_all().build().unwrap().block_on(measure())
}

async fn measure() -> Vec<Row> {
    let simulator = tenant(USERS, GROUPS, MEMBERSHIPS).build();
    let tape = Tape::new(simulator.service());
    let directory = tempfile::tempdir().unwrap();
    // Once to fill the tape.
    unhindered(&simulator, &tape, &directory.path().join("0")).await;
    let lists = lists(&simulator);
    fetch(&client(&simulator, tape.clone(), false), &lists).await;
    let (made, mut rounds) = (tape.len(), Vec::new());
    for round in 1..=ROUNDS {
        let (store, copy) =
            (directory.path().join(format!("{round}")), directory.path().join("bare"));
        let spent = || cpu_seconds() - tape.cpu_seconds();
        let (started, cpu) = (Instant::now(), spent());
        let transactions = unhindered(&simulator, &tape, &store).await;
        let imported = started.elapsed();
        let import_cpu = spent() - cpu;
        let started = Instant::now();
        fetch(&client(&simulator, tape.clone(), false), &lists).await;
        let fetched = started.elapsed();
        let (rows, inserted, bare_cpu) =
            tokio::task::block_in_place(|| bare::copy(&store, &copy, transactions));
        rounds.push(Round { imported, import_cpu, fetched, inserted, bare_cpu, rows });
        std::fs::remove_file(copy).unwrap();
    }
    rounds.sort_by(|left, right| left.ratio().total_cmp(&right.ratio()));
    let median = &rounds[ROUNDS / 2];
    let Round { imported, import_cpu, fetched, inserted, bare_cpu, rows } = *median;
    let rate = |time: Duration| format!("{:.0} rows/s", rows as f64 / time.as_secs_f64());
    let new = tape.len() - made;
    vec![Row {
        what: format!("{USERS} users, {GROUPS} groups, {rows} rows, no throttle"),
        measured: format!(
            "{} ({:.1} s, {import_cpu:.1} s of CPU)",
            rate(imported),
            imported.as_secs_f64()
        ),
        baseline: format!(
            "bare rusqlite {} ({:.1} s, {bare_cpu:.1} s of CPU); fetch and discard {:.1} s; {new} answers made meanwhile",
            rate(inserted),
            inserted.as_secs_f64(),
            fetched.as_secs_f64()
        ),
        reached: format!(
            "{:.0} % by the clock, {:.0} % in CPU of all threads",
            100.0 * median.ratio(),
            100.0 * bare_cpu / import_cpu
        ),
        reach: "≥ 60 %",
    }]
}

/// An import that does not wait for the replicas of a Graph that has none: there is no latency here.
async fn unhindered(simulator: &Simulator, tape: &Tape, store: &Path) -> Transactions {
    let client = client(simulator, tape.clone(), false);
    let importer = importer(client, &simulator.tenant_id(), store);
    let commits = Commits::default();
    run(&importer.replication_margin(Duration::ZERO), &commits).await;
    commits.mean()
}

/// Commits of an import and the rows in them, of pages and of lists.
#[derive(Default)]
struct Commits([[AtomicUsize; 2]; 2]);

impl Commits {
    fn mean(&self) -> Transactions {
        let [objects, edges] = &self.0;
        let mean = |[rows, commits]: &[AtomicUsize; 2]| {
            rows.load(Ordering::Relaxed).div_ceil(commits.load(Ordering::Relaxed).max(1)).max(1)
        };
        Transactions { objects: mean(objects), edges: mean(edges) }
    }
}

impl Observer for Commits {
    fn observe(&self, event: &Event<'_>) {
        let (of, rows) = match event {
            Event::Page { applied, .. } => (0, applied.inserted),
            Event::Edges { applied, .. } => (1, applied.edges_added),
            _ => return,
        };
        if rows > 0 {
            self.0[of][0].fetch_add(usize::try_from(rows).unwrap(), Ordering::Relaxed);
            self.0[of][1].fetch_add(1, Ordering::Relaxed);
        }
    }
}

/// How long each took.
struct Round {
    imported: Duration,
    import_cpu: f64,
    fetched: Duration,
    inserted: Duration,
    bare_cpu: f64,
    rows: u64,
}

impl Round {
    fn ratio(&self) -> f64 {
        self.inserted.as_secs_f64() / self.imported.as_secs_f64()
    }
}

/// Seconds that all threads of this process have computed so far (Linux); 0 elsewhere. On a machine
/// that others use as well this says more than the clock.
pub(crate) fn cpu_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields = stat.rsplit_once(')').map_or("", |(_, rest)| rest).split_whitespace();
    // User and system time, in hundredths of a second.
    fields.skip(11).take(2).filter_map(|field| field.parse::<f64>().ok()).sum::<f64>() / 100.0
}

/// The lists of all groups, twenty in a batch.
fn lists(simulator: &Simulator) -> Vec<Vec<String>> {
    let path = |id| format!("/groups/{id}/members?$select=id&$top=999");
    let paths: Vec<String> = simulator.truth().ids(Kind::Group).into_iter().map(path).collect();
    paths.chunks(20).map(<[String]>::to_vec).collect()
}

/// Reads all pages and all lists, and keeps nothing.
async fn fetch(client: &GraphClient, lists: &[Vec<String>]) {
    let plans = crate::tenant::streams();
    for plan in plans.iter().filter(|plan| matches!(plan.kind, graph_dsl::StreamKind::Delta)) {
        let first = format!("/v1.0{}?$select={}", plan.endpoint, plan.select.join(","));
        let link = client.cloud().link(&first).unwrap();
        let mut pages = client.pages(GraphRequest::get(link).deadline(None));
        while let Some(page) = pages.next().await {
            page.unwrap();
        }
    }
    let batch = |paths: &Vec<String>| {
        let item = |(at, path): (usize, &String)| BatchItem::get(format!("m{at}"), path.clone());
        let items = paths.iter().enumerate().map(item).collect();
        async move {
            for answer in client.batch(ApiVersion::Beta, items).await.unwrap() {
                answer.result.unwrap();
            }
        }
    };
    stream::iter(lists.iter().map(batch)).buffer_unordered(6).collect::<()>().await;
}
