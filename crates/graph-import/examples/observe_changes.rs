//! Observes what imports change: a consumer of the change feed keeps its place in the store.

#![expect(clippy::print_stderr, reason = "an example tells what it has done")]

use std::error::Error;
use std::path::Path;
use std::time::Duration;

use graph_import::sqlite::ChangeConsumer;
use graph_import::{Change, Importer, SqliteStore, Stop};
use graph_simulator::{Simulator, Tenant};
use graph_transport::{Cloud, CustomCloud, GraphClient, Secret, StaticBearer, TenantId};

/// A simulated tenant in this process; with a real one this is `Cloud::Global` and its credential.
fn connect(simulator: &Simulator) -> Result<GraphClient, Box<dyn Error>> {
    let root = "http://127.0.0.1:1".to_owned();
    let cloud = Cloud::custom(CustomCloud {
        graph_root: root.clone(),
        authority: root,
        ca_bundle: None,
        allow_insecure_loopback: true,
    })?;
    let bearer = StaticBearer::new(Secret::new(simulator.access_token()));
    Ok(GraphClient::builder(cloud, bearer).wire(simulator.service()).build()?)
}

/// Imports as often as it is told, and gives every change to `deliver` after each import.
pub(crate) async fn run(
    simulator: &Simulator,
    path: &Path,
    imports: u32,
    mut deliver: impl FnMut(&Change) -> Result<(), Box<dyn Error>>,
) -> Result<(), Box<dyn Error>> {
    let tenant = TenantId::parse(&simulator.tenant_id()).ok_or("no tenant")?;
    let (client, store) = (connect(simulator)?, SqliteStore::new(path));
    let importer = Importer::new(client, tenant, graph_import::streams()?, store)?
        .replication_margin(Duration::ZERO); // a simulated tenant has no replicas that lag
    for _ in 0..imports {
        importer.run(&(), &Stop::new()).await?;
        simulator.advance(1);
        let mut consumer = ChangeConsumer::open(path, "observer")?;
        while let batch @ [.., last] = consumer.next(100)?.as_slice() {
            batch.iter().try_for_each(&mut deliver)?;
            consumer.acknowledge(last.number)?; // not before: at least once
        }
    }
    Ok(())
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let directory = tempfile::tempdir()?;
    let simulator = Simulator::builder(Tenant::builder().users(200).build()).build();
    let print = |change: &Change| {
        eprintln!("{} {} {:?} {:?}", change.number, change.operation, change.id, change.columns);
        Ok(())
    };
    run(&simulator, &directory.path().join("graph.db"), 3, print).await
}
