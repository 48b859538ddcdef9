//! Replicas that are behind (cases: B21; facts: graph-protocol 5.5, 6, 8.4): what a round is told and a
//! list does not show yet is not lost, because lists are read once every replica must show it.

use std::time::{Duration, SystemTime};

use graph_import::{Completeness, Report, SqliteStore, Stop};
use graph_simulator::{ReplicationLag, Simulator};
use graph_transport::Clock;
use tokio::time::Instant;

use crate::imports::{Graph, assert_proven};
use crate::place::Place;
use crate::truth;

/// Less than the margin that the engine waits for.
const LAG: Duration = Duration::from_secs(9);

fn lags() -> [(&'static str, ReplicationLag); 6] {
    let none = ReplicationLag::default();
    [
        ("deltas", ReplicationLag { deltas: LAG, ..none }),
        ("lists", ReplicationLag { lists: LAG, ..none }),
        ("objects", ReplicationLag { objects: LAG, ..none }),
        ("the index", ReplicationLag { index: LAG, ..none }),
        ("everything", ReplicationLag::from(LAG)),
        (
            "everything but deltas, by chance",
            ReplicationLag { deltas: Duration::ZERO, spread: true, ..LAG.into() },
        ),
    ]
}

/// A clock that goes as the test's time does.
#[derive(Clone, Copy, Debug)]
struct Virtual(Instant);

impl Clock for Virtual {
    fn now(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(1_900_000_000) + self.0.elapsed()
    }
}

struct Behind<'a> {
    graph: &'a Graph,
    simulator: Simulator,
    place: Place,
    margin: Duration,
    clock: Virtual,
}

impl<'a> Behind<'a> {
    fn new(graph: &'a Graph, simulator: Simulator, margin: Duration) -> Self {
        Self { graph, simulator, place: Place::new(), margin, clock: Virtual(Instant::now()) }
    }

    async fn run(&self, full: bool) -> Report {
        let store = SqliteStore::new(self.place.path());
        let importer = self.graph.importer(&self.simulator, store).full(full);
        importer
            .clock(self.clock)
            .replication_margin(self.margin)
            .run(&(), &Stop::new())
            .await
            .unwrap()
    }
}

/// Imports while the tenant moves on, each time at once, and once more when everything has caught up.
async fn follow(graph: &Graph, lag: ReplicationLag, margin: Duration) -> (Behind<'_>, Report) {
    let simulator = graph.builder().replication_lag(lag).build();
    let behind = Behind::new(graph, simulator, margin);
    for (n, moments) in [0, 1, 3, 1, 12, 2, 1].into_iter().enumerate() {
        behind.simulator.advance(moments);
        behind.run(n == 4).await;
    }
    tokio::time::sleep(LAG).await;
    let report = behind.run(false).await;
    (behind, report)
}

/// What a count that lags has brought into doubt stays in doubt (cases: C11); nothing else does.
fn assert_nothing_else_doubted(report: &Report, what: &str) {
    let counted = |it: &Completeness| matches!(it, Completeness::Provisional(reason) if reason.contains("where Graph counts"));
    if !report.streams.iter().any(|stream| counted(&stream.completeness)) {
        assert_proven(report, what);
    }
}

/// B21
#[tokio::test(start_paused = true)]
async fn whatever_lags_the_round_after_it_ends_with_the_truth() {
    for (seed, (name, lag)) in (3..).zip(lags()) {
        let graph = Graph { everything: true, ..Graph::small(seed, 40) };
        let (behind, report) = follow(&graph, lag, Duration::from_secs(10)).await;
        assert_nothing_else_doubted(&report, name);
        let streams = graph.streams();
        truth::assert_equal_in(&behind.place, &behind.simulator, &streams, name);
    }
}

/// The same by handovers.
#[tokio::test(start_paused = true)]
async fn a_handover_is_not_misled_by_replicas_that_lag() {
    let graph = Graph { scan_from: 3, ..Graph::small(5, 80) };
    for (name, lag) in lags() {
        let (behind, report) = follow(&graph, lag, Duration::from_secs(10)).await;
        assert_nothing_else_doubted(&report, name);
        truth::assert_equal(&behind.place, &behind.simulator, name);
    }
}

/// Without the margin the same histories end with less: it is the margin that keeps them.
#[test]
fn without_the_margin_edges_are_lost_and_called_proven() {
    let lists = ReplicationLag { lists: LAG, ..ReplicationLag::default() };
    let lost = (0..20).any(|seed| {
        let graph = Graph::small(seed, 60);
        crate::imports::in_virtual_time(async {
            let (behind, report) = follow(&graph, lists, Duration::ZERO).await;
            report.completeness == Completeness::Proven
                && truth::lacks_members(&behind.place, &behind.simulator)
        })
    });
    assert!(lost, "the histories no longer show what the margin is for");
}

/// An idle round waits for nothing.
#[tokio::test(start_paused = true)]
async fn a_round_in_which_nothing_is_reported_waits_for_nothing() {
    let graph = Graph { everything: true, ..Graph::small(7, 60) };
    let behind = Behind::new(&graph, graph.well(0), Duration::from_secs(10));
    behind.run(false).await;
    let begun = Instant::now();
    behind.run(false).await;
    assert_eq!(begun.elapsed(), Duration::ZERO);
}

/// Behind a handover the lists of owners that did not change meanwhile have waited already.
#[tokio::test(start_paused = true)]
async fn a_first_import_by_handovers_waits_once() {
    let graph = Graph { scan_from: 3, ..Graph::small(7, 60) };
    let behind = Behind::new(&graph, graph.well(0), Duration::from_secs(10));
    let begun = Instant::now();
    behind.run(false).await;
    assert_eq!(begun.elapsed().as_secs(), 10);
}
