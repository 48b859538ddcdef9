//! Random tenants, faults, churn and crashes: whatever fails, once it stops failing one run ends
//! with the truth, and at no time does the store say anything that is not so.
//!
//! A failing case prints its input. A longer search is `cargo test -p graph-import --test proofs --
//! --ignored thousands`.

use graph_import::{EdgeStrategy, ImportError, Report, SqliteStore, Stop};
use graph_simulator::{DeltaLiberties, Fault, FaultRule, Simulator};
use proptest::prelude::*;
use proptest::test_runner::FileFailurePersistence;

use crate::imports::{Graph, assert_proven, import_well, in_virtual_time};
use crate::invariants::{Reader, Steady, assert_honest, assert_sound};
use crate::place::Place;
use crate::stores::{Disturbed, Moment};
use crate::trouble::{Ending, Trouble, graph, trouble};
use crate::{logs, truth};

/// Random histories in one run of the suite: about half a minute.
const CASES: u32 = 48;

fn config(cases: u32) -> ProptestConfig {
    let failure_persistence = Some(Box::new(FileFailurePersistence::Off) as Box<_>);
    ProptestConfig { cases, failure_persistence, max_shrink_iters: 60, ..ProptestConfig::default() }
}

fn survive(graph: &Graph, troubles: &[Trouble]) {
    logs::listen();
    let (place, mut steady, mut moment) = (Place::new(), Steady::default(), 0);
    for (n, trouble) in troubles.iter().enumerate() {
        let (result, simulator) = trouble.happen(graph, moment, &place);
        moment = simulator.moment();
        steady.until(graph, moment);
        let what = format!("after trouble {n}");
        assert_sound(&place, &what);
        steady.assert_not_buried(&place, &what);
        if trouble.stands_still() {
            assert_certificates(&place, &simulator, result.as_ref(), &what);
        }
    }
    import_well(graph, moment, &place, "I1: after the faults");
    steady.assert_not_buried(&place, "after the faults");
    assert_idempotent(graph, moment, &place);
    logs::assert_no_leak();
}

/// I6: what a run claims to be proven is so.
fn assert_certificates(
    place: &Place,
    simulator: &Simulator,
    result: Option<&Result<Report, ImportError>>,
    what: &str,
) {
    if let Some(Ok(report)) = result {
        assert_honest(place, simulator, (report, &crate::imports::streams()), what);
    }
}

/// I4: another round, and reading everything again, change nothing about what lives; and what they
/// say about the dead they say once, even in the history.
fn assert_idempotent(graph: &Graph, moment: u64, place: &Place) {
    let live = place.live();
    read_again(graph, moment, place);
    assert_same(&live, &place.live(), "I4: reading again");
    let facts = place.facts();
    read_again(graph, moment, place);
    assert_same(&facts, &place.facts(), "I4: reading once more");
}

/// An idle round, and a full one.
fn read_again(graph: &Graph, moment: u64, place: &Place) {
    import_well(graph, moment, place, "an idle round");
    let again = graph.well(moment);
    let importer = graph.importer(&again, SqliteStore::new(place.path())).full(true);
    let report = in_virtual_time(importer.run(&(), &Stop::new()));
    assert_proven(&report.unwrap(), "a full round of what is known");
}

fn assert_same(before: &[String], after: &[String], what: &str) {
    let news: Vec<_> = after.iter().filter(|row| !before.contains(row)).take(3).collect();
    let lost: Vec<_> = before.iter().filter(|row| !after.contains(row)).take(3).collect();
    assert!(news.is_empty() && lost.is_empty(), "{what} adds {news:#?} and takes away {lost:#?}");
    assert_eq!(before.len(), after.len(), "{what} repeats rows");
}

proptest! {
    #![proptest_config(config(CASES))]

    /// I1, I2, I3, I4, I6, I8
    #[test]
    fn whatever_happened_one_run_ends_with_the_truth(
        graph in graph(),
        troubles in prop::collection::vec(trouble(), 1..5),
    ) {
        survive(&graph, &troubles);
    }
}

proptest! {
    #![proptest_config(config(CASES * 100))]

    #[test]
    #[ignore = "thousands of histories: an hour"]
    fn whatever_happened_in_thousands_of_histories(
        graph in graph(),
        troubles in prop::collection::vec(trouble(), 1..5),
    ) {
        survive(&graph, &troubles);
    }
}

/// Histories that once ended with less than the truth.
#[test]
fn what_went_wrong_once_does_not_any_more() {
    let liberties =
        DeltaLiberties { replay_moments: 2, repeat_one_in: 9, removed_in_first_round: true };
    let graph = Graph { page_size: 8, delta_page: (6, 47), liberties, ..Graph::small(1508, 82) };
    let crashed = Trouble::of(2, Some(EdgeStrategy::TwoTier), Ending::Crash(9, Moment::Before));
    survive(&graph, &[crashed, Trouble::of(9, None, Ending::Full)]);
    let graph = Graph { page_size: 2, delta_page: (20, 10), ..Graph::small(5380, 3) };
    let crash = Ending::Crash(24, Moment::Before);
    let crashed = Trouble::of(4, Some(EdgeStrategy::OwnerDelta), crash).budget(198);
    let expired = FaultRule::new(Fault::expired_page_token()).path("/*/delta");
    let expired =
        Trouble::of(8, None, Ending::Itself).rule(expired.probability(0.160_882_594_322_017_49));
    survive(&graph, &[Trouble::of(1, None, Ending::Itself), crashed, expired]);
    let liberties =
        DeltaLiberties { replay_moments: 1, repeat_one_in: 2, removed_in_first_round: true };
    let graph = Graph {
        page_size: 7,
        delta_page: (23, 78),
        liberties,
        membership_reports: (true, true),
        ..Graph::small(4967, 31)
    };
    let (batched, shards) = (Some(EdgeStrategy::Batched), Some(EdgeStrategy::DeltaShards));
    let fault = |fault: Fault, path: &str| FaultRule::new(fault).path(path);
    let foreign = "https://evil.example/v1.0/users/delta?$deltatoken=x".to_owned();
    let length = Fault::WrongContentLength { difference: 3 };
    let troubles = [
        Trouble::of(2, batched, Ending::Full).rule(fault(length.clone(), "/groups/**").nth(1)),
        Trouble::of(11, shards, Ending::Itself)
            .rule(fault(length, "/*/delta").probability(0.048_051_274_510_566_434))
            .rule(
                fault(Fault::GoneTo { location: foreign }, "/*/delta")
                    .probability(0.191_434_248_013_841_24),
            )
            .rule(fault(Fault::LinkVersion, "/*/*/*").probability(0.055_112_779_050_466_736)),
        Trouble::of(9, shards, Ending::Cancelled(62))
            .rule(
                fault(Fault::error(410, "resyncRequired"), "/users/**")
                    .probability(0.190_836_692_379_836_55),
            )
            .rule(fault(Fault::throttled("2"), "/groups/**").times(2)),
        Trouble::of(9, Some(EdgeStrategy::TwoTier), Ending::Crash(2, Moment::Before))
            .churn(6)
            .budget(336),
    ];
    survive(&graph, &troubles);
}

/// The same with handovers: a catch-up that had begun in the run before.
#[test]
fn what_went_wrong_with_handovers_once_does_not_any_more() {
    let liberties = DeltaLiberties { replay_moments: 2, ..DeltaLiberties::default() };
    let small = Graph { page_size: 14, delta_page: (11, 2), liberties, ..Graph::small(4527, 4) };
    let graph = Graph { scan_from: 1, ..small };
    let cut = FaultRule::new(Fault::Truncate { after: 0 }).path("/**");
    let throttled = FaultRule::new(Fault::throttled("0.249")).path("/**");
    let trouble = Trouble::of(4, None, Ending::Full)
        .rule(cut.probability(0.174_288_515_135_359_28))
        .rule(throttled.probability(0.115_548_983_365_060_9))
        .churn(21);
    survive(&graph, &[trouble]);
    let small = Graph { page_size: 2, delta_page: (3, 2), ..Graph::small(4689, 82) };
    let graph = Graph { membership_reports: (true, false), scan_from: 1, ..small };
    let owner_delta = Some(EdgeStrategy::OwnerDelta);
    let fenced = Trouble::of(11, owner_delta, Ending::Crash(7, Moment::After)).budget(26);
    let moves = Trouble::of(5, None, Ending::Cancelled(123)).churn(21);
    survive(&graph, &[fenced, moves]);
}

proptest! {
    #![proptest_config(config(CASES / 8))]

    /// I5: a reader that looks between any two commits.
    #[test]
    fn a_reader_sees_whole_generations(graph in graph(), moments in 1u64..20) {
        let place = Place::new();
        for (n, full) in [false, false, true].into_iter().enumerate() {
            let simulator = graph.well(moments * n as u64);
            let mut reader = Reader::new(&place);
            let store = Disturbed::watched(SqliteStore::new(place.path()), move |before, after| {
                reader.look(before, after);
            });
            let importer = graph.importer(&simulator, store).full(full);
            let report = in_virtual_time(importer.run(&(), &Stop::new()));
            assert_proven(&report.unwrap(), "undisturbed");
            truth::assert_equal(&place, &simulator, "undisturbed");
        }
    }
}
