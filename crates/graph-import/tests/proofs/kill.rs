//! `kill -9` in every phase: an importing process of its own ends right after its nth commit, the next
//! one goes on from the file that it left, and is killed as well (cases: A1, A2, A4, A8, A10, I2, I3, I5).
//!
//! The process is this test binary once more. The tenant is a function of its seed and moment, so that
//! every process reads the same one; and what it reads when, the commits alone decide. `graph-cli` kills
//! real imports over a network, at any instant.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, SystemTime};

use graph_dsl::{StreamPlan, Window};
use graph_import::{Importer, SqliteStore, Stop, StreamState};
use graph_simulator::Simulator;
use graph_transport::Clock;

use crate::imports::{Graph, client, in_virtual_time, tenant};
use crate::invariants::{Steady, assert_sound};
use crate::place::{Place, rows};
use crate::stores::Disturbed;
use crate::truth;

/// What a process is to do, in its working directory.
const ORDER: &str = "order";
/// Where one process after the other is killed, if it gets there: right after a commit while a stream is
/// in a phase, or after so many commits. Partitions, lists of several pages and plain collections
/// begin again in a new process, so that some must get further than that.
type Stage = (u64, bool, &'static [&'static str]);
const STAGES: [Stage; 3] = [
    (
        1,
        false,
        &[
            "audits full",
            "managers full",
            "users fence",
            "users scan",
            "users scan",
            "users catch_up",
            "users verify",
            "users idle",
            "groups verify",
            "members full",
        ],
    ),
    (13, false, &["users changes", "users idle", "members idle"]),
    (
        19,
        true,
        &[
            "users full",
            "users fence",
            "users scan",
            "users catch_up",
            "users verify",
            "users idle",
            "members idle",
        ],
    ),
];
const AFTER: [&str; 6] = ["3", "5", "8", "13", "7", "21"];
const FEWEST_KILLS: usize = 40;

/// Where a kill must have found a stream: its kind, the phase that the store says it is in, whether
/// readers see a generation of it, and whether objects wait to be read.
const EVERYWHERE: [&str; 16] = [
    "objects full, first",
    "objects fence, first",
    "objects scan, first",
    "objects catch_up, first",
    "objects verify, first",
    "objects idle, published",
    "objects changes, published",
    "objects full, published",
    "objects fence, published",
    "objects scan, published",
    "objects catch_up, published",
    "objects verify, published",
    "edges full, first, waiting",
    "edges idle, published, waiting",
    "links full, first",
    "window full, first",
];

fn graph() -> Graph {
    Graph { page_size: 7, scan_from: 1, ..Graph::small(5, 150) }
}

/// Users and groups by handover, lists, links out of a delta query, a plain collection and a log.
fn streams() -> Vec<StreamPlan> {
    const NAMES: [&str; 5] = ["users", "groups", "members", "managers", "organization"];
    let mut streams = graph_import::streams().unwrap();
    streams.retain(|plan| NAMES.contains(&plan.name.as_str()));
    for plan in streams.iter_mut().filter(|plan| plan.scan.is_some()) {
        plan.page_size = Some(7);
    }
    let mut log = Window::over("activityDateTime");
    let day = Duration::from_secs(86_400);
    (log.retention, log.slice) = (12 * day, day);
    let mut audits = StreamPlan::window("audits", "audit", "/auditLogs/directoryAudits", log);
    audits.page_size = Some(20);
    streams.push(audits);
    streams
}

/// Twenty-one minutes after the last entry of the tenant's log.
#[derive(Debug)]
struct Afterwards(SystemTime);

impl Afterwards {
    fn of(simulator: &Simulator) -> Self {
        let mut last = jiff::Timestamp::UNIX_EPOCH;
        let known = simulator.truth().each_entity("auditLogs/directoryAudits", |entry| {
            last = last.max(entry["activityDateTime"].as_str().unwrap().parse().unwrap());
        });
        assert!(known && last > jiff::Timestamp::UNIX_EPOCH, "the tenant has a log");
        Self(SystemTime::from(last) + Duration::from_secs(21 * 60))
    }
}

impl Clock for Afterwards {
    fn now(&self) -> SystemTime {
        self.0
    }
}

/// Imports the tenant at a moment, and ends itself where it is told to.
fn import(store: &Path, moment: u64, full: bool, place: &str) {
    let simulator = graph().well(moment);
    let (place, path, mut commits) = (place.to_owned(), store.to_owned(), 0);
    let kill = move |_: &StreamState, _: &StreamState| {
        commits += 1;
        let reader = graph_import::sqlite::read_only(&path).unwrap();
        let standing = rows(&reader, "SELECT stream || ' ' || phase FROM import_stream");
        if standing.contains(&place) || place == commits.to_string() {
            let id = std::process::id().to_string();
            Command::new("kill").args(["-KILL", &id]).status().unwrap();
            loop {
                std::thread::park();
            }
        }
    };
    let store = Disturbed::watched(SqliteStore::new(store), kill);
    let importer = Importer::new(client(&simulator), tenant(&simulator), streams(), store).unwrap();
    let importer = importer.reads_hidden_members(true).scan_from(1).full(full);
    let report = in_virtual_time(importer.clock(Afterwards::of(&simulator)).run(&(), &Stop::new()));
    assert_eq!(report.unwrap().completeness.to_string(), "proven");
}

#[test]
#[ignore = "the process that is killed"]
fn child() {
    let Ok(order) = std::fs::read_to_string(ORDER) else { return };
    let words: Vec<&str> = order.splitn(3, ' ').collect();
    let [moment, full, place] = words[..] else { panic!("{order}") };
    import(Path::new("graph.db"), moment.parse().unwrap(), full == "full", place);
}

/// One process; whether it was killed.
fn run(place: &Place, moment: u64, full: bool, end: &str) -> bool {
    let directory = place.path().parent().unwrap().to_owned();
    let full = if full { "full" } else { "changes" };
    std::fs::write(directory.join(ORDER), format!("{moment} {full} {end}")).unwrap();
    let this = std::env::current_exe().unwrap();
    let child = Command::new(this)
        .args(["--ignored", "--exact", "kill::child"])
        .current_dir(directory)
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let killed = std::os::unix::process::ExitStatusExt::signal(&child.status) == Some(9);
    assert!(killed || child.status.success(), "{}", String::from_utf8_lossy(&child.stdout));
    killed
}

/// Where each stream stands.
fn standing(place: &Place) -> Vec<String> {
    let kinds = streams();
    let kind = |stream: &str| {
        let plan = kinds.iter().find(|plan| plan.name == stream).unwrap();
        match (plan.window.is_some(), plan.is_edges(), plan.is_delta()) {
            (true, ..) => "window",
            (_, true, true) => "links",
            (_, true, false) => "edges",
            (_, false, true) => "objects",
            _ => "plain",
        }
    };
    let sql = "SELECT s.stream, s.phase || iif(s.published IS NULL, ', first', ', published')
        || iif(EXISTS (SELECT 1 FROM import_queue q WHERE q.stream = s.stream), ', waiting', '')
        FROM import_stream s";
    let rows = place.pairs(sql).into_iter();
    rows.map(|(stream, stands)| format!("{} {stands}", kind(&stream))).collect()
}

/// What a reader sees of each stream of objects is nothing, or the tenant as it was or as it is.
fn assert_whole(place: &Place, moments: [u64; 2], what: &str) {
    for plan in streams().iter().filter(|plan| !plan.is_edges() && plan.window.is_none()) {
        let seen = place.pairs(&format!("SELECT id, raw FROM {}", plan.name));
        let changes = format!("SELECT phase FROM import_stream WHERE stream = '{}'", plan.name);
        if seen.is_empty() || place.query(&changes) == ["changes"] {
            continue; // changes are written page by page
        }
        let seen: BTreeMap<String, serde_json::Value> =
            seen.into_iter().map(|(id, raw)| (id, serde_json::from_str(&raw).unwrap())).collect();
        let whole = moments.into_iter().any(|moment| {
            let truth = truth::objects(&graph().well(moment), plan).into_iter();
            truth.map(|(id, object)| (id, object.into())).eq(seen.clone())
        });
        assert!(whole, "I5: {what}: readers see {} objects of {}", seen.len(), plan.name);
    }
}

#[test]
fn a_kill_in_every_phase_costs_nothing() {
    let (place, mut steady) = (Place::new(), Steady::default());
    let (mut found, mut kills, mut before) = (BTreeSet::new(), 0, 0);
    let further = (25..).step_by(6).map(|moment| (moment, false, &["users changes"][..]));
    for (nth, (moment, full, ends)) in STAGES.into_iter().chain(further).enumerate() {
        if nth >= STAGES.len() && kills >= FEWEST_KILLS {
            break;
        }
        steady.until(&graph(), moment);
        let named = ends.len();
        let ends = ends.iter().chain(AFTER.iter().cycle());
        for (nth, end) in ends.enumerate() {
            // A generation that is open is gone on with.
            if !run(&place, moment, full && nth == 0, end) {
                assert!(nth >= named, "moment {moment}: no process has come to {end}");
                break;
            }
            kills += 1;
            let what = format!("kill {kills}, {end} at moment {moment}");
            assert_sound(&place, &what);
            steady.assert_not_buried(&place, &what);
            assert_whole(&place, [before, moment], &what);
            found.extend(standing(&place));
            assert!(kills < 200, "no process gets any further: {:?}", standing(&place));
        }
        let kept = streams().into_iter().filter(|plan| plan.window.is_none()).collect::<Vec<_>>();
        truth::assert_equal_in(&place, &graph().well(moment), &kept, "after all kills");
        before = moment;
    }
    let missed: Vec<_> = EVERYWHERE.iter().filter(|at| !found.contains(**at)).collect();
    assert!(missed.is_empty(), "no kill found {missed:?}; {kills} kills found {found:#?}");
}
