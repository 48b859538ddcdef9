//! A fault of every kind at operation 1, 2, 3, … until a run finishes untouched
//! (cases: A3, B14 to B22, B33, D2, D5, E1 to E6).

use graph_import::SqliteStore;
use graph_simulator::{Fault, FaultPlan, FaultRule};

use crate::imports::{Graph, import, import_into, in_virtual_time};
use crate::invariants::{Steady, assert_honest, assert_sound};
use crate::place::Place;
use crate::trouble::faults;
use crate::{logs, truth};

/// The suite takes every so manyth operation, each kind of fault another one.
const STRIDE: u64 = 37;

fn graph() -> Graph {
    Graph { page_size: 11, delta_page: (15, 40), ..Graph::small(11, 24) }
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
    fn imported() -> Self {
        let place = Place::new();
        in_virtual_time(import(&graph().well(0), &place, "the beginning"));
        Self { place: Some(place), moment: 6 }
    }

    fn place(&self) -> Place {
        self.place.as_ref().map_or_else(Place::new, Place::copy)
    }
}

/// One fault at one operation, and a run that meets no fault after it. False if the first run ended
/// before that operation.
fn survive(beginning: &Beginning, steady: &Steady, name: &str, fault: &Fault, nth: u64) -> bool {
    let (graph, place) = (graph(), beginning.place());
    let what = format!("{name} at operation {nth}");
    let plan = FaultPlan::new(1).rule(FaultRule::new(fault.clone()).nth(nth));
    let faulty = graph.at(beginning.moment, plan);
    let result = in_virtual_time(import_into(&faulty, SqliteStore::new(place.path())));
    assert_sound(&place, &what);
    steady.assert_not_buried(&place, &what);
    if let Ok(report) = &result {
        assert_honest(&place, &faulty, &report.completeness, &what);
    }
    let well = graph.well(beginning.moment);
    in_virtual_time(import(&well, &place, &format!("after {what}")));
    truth::assert_equal(&place, &well, &format!("after {what}"));
    let statistics = faulty.statistics();
    statistics.requests + statistics.batch_items >= nth
}

fn every(stride: u64) {
    logs::listen();
    let mut steady = Steady::default();
    steady.until(&graph(), 6);
    for beginning in [Beginning::nothing(), Beginning::imported()] {
        for (first, (name, fault)) in (0u64..).zip(faults(&graph())) {
            let mut operations = (1 + first % stride..).step_by(usize::try_from(stride).unwrap());
            let untouched =
                operations.find(|nth| !survive(&beginning, &steady, name, &fault, *nth));
            assert!(untouched.is_some_and(|nth| nth > 3), "{name}: {untouched:?} operations");
        }
    }
    logs::assert_no_leak();
}

#[test]
fn a_fault_at_every_operation_costs_nothing_that_one_run_does_not_bring_back() {
    every(STRIDE);
}

#[test]
#[ignore = "every operation and every fault: half an hour"]
fn a_fault_at_every_operation_without_exception() {
    every(1);
}
