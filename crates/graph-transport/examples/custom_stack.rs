//! The default layers, with one of one's own between them, over a wire of one's own.
//!
//! `cargo run -p graph-transport --example custom_stack`

#![expect(clippy::print_stdout, reason = "an example shows what it reads")]

use std::error::Error;

use graph_simulator::{Fault, FaultPlan, FaultRule, Simulator, Tenant};
use graph_transport::{ClientSecret, Cloud, CloudName, GraphClient, GraphRequest, Secret};
use http::{HeaderName, HeaderValue};
use tower::ServiceBuilder;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let throttled = FaultRule::new(Fault::throttled("0.05")).path("/users").nth(1);
    let tenant = Tenant::builder().seed(7).users(20).build();
    let simulator = Simulator::builder(tenant).faults(FaultPlan::new(1).rule(throttled)).build();
    let secret = Secret::new(simulator.client_secret());
    let credential = ClientSecret::new(simulator.tenant_id(), simulator.client_id(), secret);
    let cloud = Cloud::named(CloudName::Global).expect("global has fixed hosts");

    // The parts know each other: retry and lane read the same settings, authorize the same cache.
    let parts = GraphClient::builder(cloud, credential).wire(simulator.service()).parts()?;
    let stack = ServiceBuilder::new()
        .layer(parts.deadline())
        .layer(parts.operation())
        .layer(parts.retry())
        // Inside retry: seen once for each attempt, before it waits and gets a token.
        .map_request(|request: GraphRequest| {
            let attempt = HeaderValue::from(request.earlier_attempts() + 1);
            request.header(HeaderName::from_static("x-contoso-attempt"), attempt)
        })
        .layer(parts.lane())
        .layer(parts.authorize())
        .layer(parts.product())
        .layer(parts.follow())
        .layer(parts.attempt())
        .layer(parts.collect())
        .service(parts.wire());
    // Pages and batches go through it like everything else.
    let client = parts.client(stack);

    let link = client.cloud().link("/v1.0/users?$select=id")?;
    let answer = client.send(GraphRequest::get(link)).await?.into_success()?;
    let attempts = answer.attempts().len();
    println!("{} bytes after {attempts} attempts", answer.body().len());
    assert_eq!(attempts, 2);
    Ok(())
}
