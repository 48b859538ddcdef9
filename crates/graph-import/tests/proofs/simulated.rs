//! Undisturbed imports of a simulated tenant.

use graph_import::RunStatus;
use graph_simulator::{Fault, FaultPlan, FaultRule};

use crate::imports::{Graph, import, import_everything};
use crate::place::Place;
use crate::truth;

/// What an idle round must ask for, and nothing else: one request for each delta query, and one for
/// each collection that has none.
fn idle_requests() -> u64 {
    let streams = crate::imports::streams();
    streams.iter().filter(|plan| plan.is_delta() || !plan.is_edges()).count() as u64
}

#[tokio::test(start_paused = true)]
async fn a_first_import_equals_the_tenant() {
    let (simulator, place) = (Graph::small(7, 300).well(0), Place::new());
    let report = import_everything(&simulator, &place).await;
    assert_eq!(report.status, RunStatus::Completed);
    let streams = graph_import::streams().unwrap();
    truth::assert_equal_in(&place, &simulator, &streams, "first import");
    assert_eq!(report.requests, simulator.statistics().requests, "every request is accounted for");
    let types = place.query("SELECT DISTINCT member_type FROM group_members");
    for expected in ["user", "group", "device", "servicePrincipal"] {
        assert!(types.iter().any(|found| found == expected), "D6, D8: {expected} in {types:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn later_imports_fetch_only_changes() {
    let (simulator, place) = (Graph::small(3, 300).well(0), Place::new());
    let first = import(&simulator, &place, "first").await;
    let idle = import(&simulator, &place, "idle").await;
    assert_eq!(idle.requests, idle_requests(), "one request per stream");
    for moments in [1, 1, 5, 40] {
        simulator.advance(moments);
        let report = import(&simulator, &place, "later").await;
        truth::assert_equal(&place, &simulator, &format!("{moments} moments later"));
        if moments == 1 {
            assert!(
                report.requests * 3 < first.requests,
                "{} of {}",
                report.requests,
                first.requests
            );
        }
    }
}

/// B16
#[tokio::test(start_paused = true)]
async fn a_lost_delta_token_is_answered_by_a_full_round() {
    let gone = |path: &str| FaultRule::new(Fault::Gone).path(path).query("deltatoken").times(1);
    let (graph, place) = (Graph::small(5, 200), Place::new());
    import(&graph.well(0), &place, "first").await;
    let simulator =
        graph.at(30, FaultPlan::new(1).rule(gone("/users/delta")).rule(gone("/groups/delta")));
    let report = import(&simulator, &place, "after 410").await;
    let resynced = report.streams.iter().filter(|stream| !stream.restarts.is_empty());
    assert_eq!(resynced.count(), 2, "two delta queries met the fault");
    truth::assert_equal(&place, &simulator, "after 410");
}
