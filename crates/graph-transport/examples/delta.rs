//! Reads what changed: a first round, a stored cursor, a second round.
//!
//! `cargo run -p graph-transport --example delta`

#![expect(clippy::print_stdout, reason = "an example shows what it reads")]

use std::error::Error;

use graph_simulator::{Simulator, Tenant};
use graph_transport::{
    ClientSecret, Cloud, CloudName, Disposition, GraphClient, GraphRequest, Proof, Secret,
};

/// Reads one round from a cursor, which is path and query below the Graph root.
async fn round(client: &GraphClient, cursor: &str) -> Result<Proof, graph_transport::Error> {
    let mut pages = client.pages(GraphRequest::get(client.cloud().link(cursor)?));
    while let Some(page) = pages.next().await {
        for item in page?.items().filter(|item| item.contains("\"@removed\"")) {
            println!("removed: {item}");
        }
    }
    Ok(pages.proof().expect("the walk ended without an error"))
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let simulator = Simulator::builder(Tenant::builder().seed(7).users(2_000).build()).build();
    let secret = Secret::new(simulator.client_secret());
    let credential = ClientSecret::new(simulator.tenant_id(), simulator.client_id(), secret);
    let cloud = Cloud::named(CloudName::Global).expect("global has fixed hosts");
    let client = GraphClient::builder(cloud, credential).wire(simulator.service()).build()?;

    let mut cursor = "/v1.0/users/delta?$select=displayName,accountEnabled".to_owned();
    for name in ["first", "idle", "changed"] {
        if name == "changed" {
            simulator.advance(1);
        }
        match round(&client, &cursor).await {
            Ok(proof) => {
                println!("{name} round: {} items on {} pages", proof.items, proof.pages);
                let link = proof.delta_link.ok_or("a delta round ends with a delta link")?;
                // This is what a store keeps: no host, so it cannot lead a token astray later.
                link.path_and_query().clone_into(&mut cursor);
            }
            // The cursor is too old: Graph asks for a full round.
            Err(error) if error.disposition() == Disposition::Gone => {
                "/v1.0/users/delta?$select=displayName,accountEnabled".clone_into(&mut cursor);
            }
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}
