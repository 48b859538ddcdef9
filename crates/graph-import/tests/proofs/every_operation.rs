//! A fault of every kind at operation 1, 2, 3, … until a run finishes untouched
//! (cases: A3, B14 to B22, B33, D2, D5, E1 to E6).

use graph_import::{SqliteStore, Stop};
use graph_simulator::{Fault, FaultPlan, FaultRule};

use crate::imports::{Graph, import_well, in_virtual_time};
use crate::invariants::{Steady, assert_honest, assert_sound};
use crate::logs;
use crate::place::Place;
use crate::trouble::faults;

/// The suite takes every so manyth operation, each kind of fault another one.
const STRIDE: u64 = 37;
/// The same of all streams, whose imports take many times longer.
const STRIDE_OF_ALL: u64 = 211;

/// Three streams, or all there are.
fn graph(everything: bool) -> Graph {
    Graph { page_size: 11, delta_page: (15, 40), everything, ..Graph::small(11, 24) }
}

/// What the import that meets the fault begins with.
struct Beginning {
    place: Option<Place>,
    moment: u64,
}

impl Beginning {
    /// A first import.
    fn nothing() -> Self {
        Self { place: None, moment: 6 }
    }

    /// A delta round after a first import.
    fn imported(graph: &Graph) -> Self {
        let place = Place::new();
        import_well(graph, 0, &place, "the beginning");
        Self { place: Some(place), moment: 6 }
    }

    fn place(&self) -> Place {
        self.place.as_ref().map_or_else(Place::new, Place::copy)
    }
}

/// One fault at one operation, and a run that meets no fault after it. False if the first run ended
/// before that operation.
fn survive(graph: &Graph, beginning: &Beginning, what: (&Steady, &str, &Fault), nth: u64) -> bool {
    let ((steady, name, fault), place) = (what, beginning.place());
    let what = format!("{name} at operation {nth}");
    let plan = FaultPlan::new(1).rule(FaultRule::new(fault.clone()).nth(nth));
    let faulty = graph.at(beginning.moment, plan);
    let importer = graph.importer(&faulty, SqliteStore::new(place.path()));
    let result = in_virtual_time(importer.run(&(), &Stop::new()));
    drop(importer);
    assert_sound(&place, &what);
    steady.assert_not_buried(&place, &what);
    if let Ok(report) = &result {
        assert_honest(&place, &faulty, (report, &graph.streams()), &what);
    }
    import_well(graph, beginning.moment, &place, &format!("after {what}"));
    let statistics = faulty.statistics();
    statistics.requests + statistics.batch_items >= nth
}

fn every(graph: &Graph, stride: u64) {
    logs::listen();
    let mut steady = Steady::default();
    steady.until(graph, 6);
    for beginning in [Beginning::nothing(), Beginning::imported(graph)] {
        for (first, (name, fault)) in (0u64..).zip(faults(graph)) {
            let mut operations = (1 + first % stride..).step_by(usize::try_from(stride).unwrap());
            let what = (&steady, name, &fault);
            let untouched = operations.find(|nth| !survive(graph, &beginning, what, *nth));
            assert!(untouched.is_some_and(|nth| nth > 3), "{name}: {untouched:?} operations");
        }
    }
    logs::assert_no_leak();
}

#[test]
fn a_fault_at_every_operation_costs_nothing_that_one_run_does_not_bring_back() {
    every(&graph(false), STRIDE);
}

#[test]
#[ignore = "imports of all streams: minutes"]
fn a_fault_at_operations_of_all_streams_costs_nothing_either() {
    every(&graph(true), STRIDE_OF_ALL);
}

#[test]
#[ignore = "every operation and every fault: half an hour"]
fn a_fault_at_every_operation_without_exception() {
    every(&graph(false), 1);
}

#[test]
#[ignore = "the same of all streams: hours"]
fn a_fault_at_every_operation_of_all_streams_without_exception() {
    every(&graph(true), 5);
}
