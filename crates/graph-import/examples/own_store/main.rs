//! An import into a store of one's own, here in memory: the engine needs no more than the trait.

#![expect(clippy::print_stderr, reason = "an example tells what it has done")]

pub(crate) mod memory;

use std::error::Error;

use graph_import::{Importer, Stop, Verify};
use graph_simulator::{Simulator, Tenant};
use graph_transport::{Cloud, CustomCloud, GraphClient, Secret, StaticBearer, TenantId};

use memory::MemoryStore;

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

/// Imports groups and their members twice, holds all of it against Graph, and says how many users
/// there are.
pub(crate) async fn run(simulator: &Simulator) -> Result<usize, Box<dyn Error>> {
    let tenant = TenantId::parse(&simulator.tenant_id()).ok_or("no tenant")?;
    // Members, and everything that is one: what is deleted, its own stream says.
    let names = ["users", "devices", "service_principals", "contacts", "groups", "members"];
    let streams = graph_import::streams()?.into_iter();
    let streams = streams.filter(|plan| names.contains(&plan.name.as_str()));
    let store = MemoryStore::default();
    let importer = Importer::new(connect(simulator)?, tenant, streams, store.another())?;
    // A simulated tenant has no replicas that lag.
    let importer = importer.replication_margin(std::time::Duration::ZERO);
    let first = importer.run(&(), &Stop::new()).await?;
    simulator.advance(1);
    let next = importer.run(&(), &Stop::new()).await?;
    assert!(next.requests < first.requests, "the second run reads changes only");
    let mut everything = Verify::default();
    everything.sample = None;
    let found = importer.verify(store.reader(), &everything, &(), &Stop::new()).await?;
    assert!(found.differences.is_empty(), "{:?}", found.differences);
    Ok(store.objects("users").len())
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let simulator = Simulator::builder(Tenant::builder().users(200).build()).build();
    let users = run(&simulator).await?;
    eprintln!("{users} users in memory");
    Ok(())
}
