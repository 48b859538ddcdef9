//! Every stream there is, by handover and by delta: what a certificate calls proven is so, whatever
//! happened, and the first round without a fault ends with the truth of all.

use proptest::prelude::*;
use proptest::test_runner::FileFailurePersistence;

use crate::imports::{Graph, import_well};
use crate::invariants::{assert_honest, assert_sound};
use crate::place::Place;
use crate::trouble::{Trouble, graph, trouble};

/// A history of all streams takes many times longer than one of three.
const CASES: u32 = 8;

fn config(cases: u32) -> ProptestConfig {
    let failure_persistence = Some(Box::new(FileFailurePersistence::Off) as Box<_>);
    ProptestConfig { cases, failure_persistence, max_shrink_iters: 20, ..Default::default() }
}

fn survive(graph: &Graph, troubles: &[Trouble]) {
    let (place, mut moment) = (Place::new(), 0);
    for (n, trouble) in troubles.iter().enumerate() {
        let (result, simulator) = trouble.happen(graph, moment, &place);
        moment = simulator.moment();
        let what = format!("after trouble {n}");
        assert_sound(&place, &what);
        if let (Some(Ok(report)), true) = (result, trouble.stands_still()) {
            assert_honest(&place, &simulator, (&report, &graph.streams()), &what);
        }
    }
    import_well(graph, moment, &place, "after the faults");
}

proptest! {
    #![proptest_config(config(CASES))]

    /// I1, I6; C1 to C12 with a handover of every collection.
    #[test]
    fn what_is_proven_of_any_stream_is_so(
        graph in graph(),
        restored in any::<bool>(),
        troubles in prop::collection::vec(trouble(), 1..3),
    ) {
        survive(&of_all(&graph, restored), &troubles);
    }
}

proptest! {
    #![proptest_config(config(CASES * 100))]

    #[test]
    #[ignore = "hundreds of histories of all streams: hours"]
    fn what_is_proven_of_any_stream_is_so_in_thousands_of_histories(
        graph in graph(),
        restored in any::<bool>(),
        troubles in prop::collection::vec(trouble(), 1..4),
    ) {
        survive(&of_all(&graph, restored), &troubles);
    }
}

fn of_all(graph: &Graph, restored: bool) -> Graph {
    let (users, everything) = (graph.users.min(30), true);
    // With the streams of all members, nothing rests on their groups' word for it.
    let membership_reports = (restored, graph.membership_reports.1);
    Graph { users, membership_reports, everything, ..graph.clone() }
}
