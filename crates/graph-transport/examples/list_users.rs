//! Lists the users of a tenant, page by page.
//!
//! `cargo run -p graph-transport --example list_users`: against a simulated tenant in this process.
//! For a real one leave `.wire(…)` out and give the credential your own ids and secret.

#![expect(clippy::print_stdout, reason = "an example shows what it reads")]

use std::error::Error;

use graph_simulator::{Simulator, Tenant};
use graph_transport::{ClientSecret, Cloud, CloudName, GraphClient, GraphRequest, Secret};
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct User<'a> {
    id: &'a str,
    display_name: Option<String>,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let simulator = Simulator::builder(Tenant::builder().seed(7).users(120).build()).build();
    let credential = ClientSecret::new(
        simulator.tenant_id(),
        simulator.client_id(),
        Secret::new(simulator.client_secret()),
    );
    let cloud = Cloud::named(CloudName::Global).expect("global has fixed hosts");
    let client = GraphClient::builder(cloud, credential).wire(simulator.service()).build()?;

    let link = client.cloud().link("/v1.0/users?$select=id,displayName&$top=50")?;
    let mut pages = client.pages(GraphRequest::get(link).action("user.list"));
    while let Some(page) = pages.next().await {
        // Items are slices of the page's one buffer: only what is kept is copied.
        for item in page?.items() {
            let user: User<'_> = serde_json::from_str(item)?;
            println!("{} {}", user.id, user.display_name.unwrap_or_default());
        }
    }
    // Only a walk that reached its end has a proof.
    let proof = pages.proof().ok_or("the walk ended early")?;
    println!("{} users on {} pages", proof.items, proof.pages);
    assert_eq!(proof.items, 120);
    Ok(())
}
