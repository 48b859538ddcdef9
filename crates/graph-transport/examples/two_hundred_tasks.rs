//! 200 tasks share one lane against a Graph with a budget, for two minutes of virtual time:
//! `cargo run -p graph-transport --example two_hundred_tasks`.
#![expect(clippy::print_stdout, reason = "an example shows its figures")]

use std::error::Error;
use std::time::Duration;

use graph_simulator::{Latency, Simulator, Tenant, Throttle};
use graph_transport::{Cloud, CloudName, Concurrency, GraphClient, GraphRequest, StaticBearer};
use tokio::time::{Instant, timeout_at};

#[tokio::main(flavor = "current_thread", start_paused = true)]
async fn main() -> Result<(), Box<dyn Error>> {
    // 1,000 units in 10 s: less than the table of lanes knows of any tenant.
    let throttle = Throttle { resource_units: 1_000, ..Throttle::default() };
    let simulator = Simulator::builder(Tenant::builder().users(300).build()).throttle(throttle);
    let simulator = simulator.latency(Latency { millis: 50, jitter_millis: 20 }).build();
    let cloud = Cloud::named(CloudName::Global).expect("global has fixed hosts");
    let token = StaticBearer::new(simulator.access_token().into());
    let client = GraphClient::builder(cloud, token).wire(simulator.service());
    let client = client.max_concurrent_requests(Concurrency::Auto).build()?;
    let users = GraphRequest::get(client.cloud().link("/v1.0/users?$top=5")?).deadline(None);
    let (began, time) = (Instant::now(), Duration::from_secs(120));
    let task = |_| {
        let (client, users) = (client.clone(), users.clone());
        async move {
            while let Ok(Ok(_)) = timeout_at(began + time, client.send(users.clone())).await {}
        }
    };
    (0..200).map(task).collect::<tokio::task::JoinSet<()>>().join_all().await;

    let sent = simulator.statistics();
    let refused = sent.by_status.get(&429).unwrap_or(&0);
    let used = 100 * sent.resource_units / (1_000 + 100 * time.as_secs());
    println!("{} requests, {refused} of them refused, {used} % of the budget used", sent.requests);
    for lane in client.lanes().snapshot() {
        println!("lane {}: {:?}", lane.lane, lane.budget);
    }
    Ok(())
}
