//! Every stream there is, by handover and by delta: what a certificate calls proven is so, whatever
//! happened, and a full round ends with the truth of all.

use graph_import::{Completeness, Report, SqliteStore, Stop, StreamReport};
use graph_simulator::Simulator;
use proptest::prelude::*;
use proptest::test_runner::FileFailurePersistence;

use crate::imports::{Graph, in_virtual_time};
use crate::invariants::assert_sound;
use crate::place::Place;
use crate::trouble::{Trouble, graph, trouble};
use crate::truth;

/// A history of all streams takes many times longer than one of three.
const CASES: u32 = 8;

fn config() -> ProptestConfig {
    let failure_persistence = Some(Box::new(FileFailurePersistence::Off) as Box<_>);
    ProptestConfig { cases: CASES, failure_persistence, max_shrink_iters: 20, ..Default::default() }
}

/// I6: every stream that is called proven equals the tenant.
fn assert_honest(place: &Place, simulator: &Simulator, report: &Report, what: &str) {
    let proven = |stream: &str| {
        let mut reports = report.streams.iter();
        reports.any(|it| it.stream == stream && it.completeness == Completeness::Proven)
    };
    let streams = graph_import::streams().unwrap();
    truth::assert_equal_of(place, simulator, (&streams, &proven), &format!("I6: {what}"));
}

fn survive(graph: &Graph, troubles: &[Trouble]) {
    let (place, mut moment) = (Place::new(), 0);
    for (n, trouble) in troubles.iter().enumerate() {
        let (result, simulator) = trouble.happen(graph, moment, &place);
        moment = simulator.moment();
        let what = format!("after trouble {n}");
        assert_sound(&place, &what);
        if let (Some(Ok(report)), true) = (result, trouble.stands_still()) {
            assert_honest(&place, &simulator, &report, &what);
        }
    }
    for full in [false, true] {
        let well = graph.well(moment);
        let importer = graph.importer(&well, SqliteStore::new(place.path())).full(full);
        let report = in_virtual_time(importer.run(&(), &Stop::new())).unwrap();
        let what = format!("after the faults, full: {full}");
        assert_honest(&place, &well, &report, &what);
        let doubtful = |it: &&StreamReport| it.completeness != Completeness::Proven;
        let doubtful: Vec<_> = report.streams.iter().filter(doubtful).collect();
        // What was in doubt stays so until everything is read again, and not longer.
        let provisional =
            |it: &&StreamReport| matches!(it.completeness, Completeness::Provisional(_));
        assert!(doubtful.iter().all(|it| !full && provisional(it)), "{what}: {doubtful:#?}");
    }
}

proptest! {
    #![proptest_config(config())]

    /// I1, I6; C1 to C12 with a handover of every collection.
    #[test]
    fn what_is_proven_of_any_stream_is_so(
        graph in graph(),
        scan_from in prop::sample::select(vec![1, 5_000]),
        troubles in prop::collection::vec(trouble(), 1..3),
    ) {
        let users = graph.users.min(30);
        survive(&Graph { users, everything: true, scan_from, ..graph }, &troubles);
    }
}
