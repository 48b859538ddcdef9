//! The examples, run against the simulator.

use std::collections::BTreeSet;

use graph_import::ChangeOperation;
use graph_simulator::{Kind, Simulator, Tenant};

use crate::{observe_changes, own_store};

fn simulator() -> Simulator {
    Simulator::builder(Tenant::builder().seed(3).users(120).build()).build()
}

#[tokio::test]
async fn an_import_into_a_store_of_ones_own_holds_the_tenant() {
    let simulator = simulator();
    let users = own_store::run(&simulator).await.unwrap();
    assert_eq!(users as u64, simulator.truth().count(Kind::User));
}

#[tokio::test]
async fn a_consumer_is_told_every_change_once_unless_it_fails() {
    let (simulator, directory) = (simulator(), tempfile::tempdir().unwrap());
    let mut seen = Vec::new();
    let path = directory.path().join("graph.db");
    let deliver = |change: &graph_import::Change| {
        seen.push((change.number, change.operation));
        Ok(())
    };
    observe_changes::run(&simulator, &path, 4, deliver).await.unwrap();
    let numbers: BTreeSet<_> = seen.iter().map(|(number, _)| *number).collect();
    assert_eq!(numbers.len(), seen.len());
    assert!(seen.iter().any(|(_, operation)| *operation == ChangeOperation::Loaded));
    assert!(seen.iter().any(|(_, operation)| *operation == ChangeOperation::Updated));
    // What could not be delivered comes again.
    simulator.advance(5);
    let fail = |_: &graph_import::Change| Err("the sink is down".into());
    assert!(observe_changes::run(&simulator, &path, 1, fail).await.is_err());
    let mut again = 0;
    let count = |_: &graph_import::Change| {
        again += 1;
        Ok(())
    };
    observe_changes::run(&simulator, &path, 1, count).await.unwrap();
    assert!(again > 0);
}
