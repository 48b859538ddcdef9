//! Sends many requests in few: `$batch`, each item with its own answer.
//!
//! `cargo run -p graph-transport --example batch`

#![expect(clippy::print_stdout, reason = "an example shows what it reads")]

use std::error::Error;

use graph_simulator::{Kind, Simulator, Tenant};
use graph_transport::{ApiVersion, BatchItem, ClientSecret, Cloud, CloudName, GraphClient, Secret};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let simulator =
        Simulator::builder(Tenant::builder().seed(7).users(50).groups(45).build()).build();
    let secret = Secret::new(simulator.client_secret());
    let credential = ClientSecret::new(simulator.tenant_id(), simulator.client_id(), secret);
    let cloud = Cloud::named(CloudName::Global).expect("global has fixed hosts");
    let client = GraphClient::builder(cloud, credential).wire(simulator.service()).build()?;

    // Any number of items: they go out in batches of at most 20.
    let groups = simulator.truth().ids(Kind::Group);
    let items = groups.iter().enumerate().map(|(index, id)| {
        BatchItem::get(format!("m{index}"), format!("/groups/{id}/members?$select=id&$top=999"))
    });
    let answers = client.batch(ApiVersion::V1_0, items.collect()).await?;
    let mut members = 0;
    for answer in answers {
        let id = answer.id.clone();
        // An item's nextLink is checked like any other link and can be walked with `pages`.
        let page = answer.into_page(&client)?;
        let more = if page.next_link().is_some() { ", and more" } else { "" };
        println!("{id}: {} members{more}", page.items().len());
        members += page.items().len();
    }
    println!("{members} members of {} groups", groups.len());
    Ok(())
}
