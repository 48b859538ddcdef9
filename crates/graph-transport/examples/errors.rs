//! What a failure tells: kind, place, Graph's own words, what was tried, what to do next.
//!
//! `cargo run -p graph-transport --example errors`

#![expect(clippy::print_stdout, reason = "an example shows what it reads")]

use std::error::Error;

use graph_simulator::{Fault, FaultPlan, FaultRule, Simulator, Tenant};
use graph_transport::{ClientSecret, Cloud, CloudName, GraphClient, GraphRequest, Secret};

fn client(simulator: &Simulator, secret: &str) -> Result<GraphClient, Box<dyn Error>> {
    let secret = Secret::new(secret);
    let credential = ClientSecret::new(simulator.tenant_id(), simulator.client_id(), secret);
    let cloud = Cloud::named(CloudName::Global).expect("global has fixed hosts");
    Ok(GraphClient::builder(cloud, credential).wire(simulator.service()).build()?)
}

/// Prints the chain once, then the next step: the shape that every error of the crate is made for.
fn explain(error: &graph_transport::Error) {
    println!("failed to {error}");
    let mut source = error.source();
    while let Some(error) = source {
        println!("  caused by: {error}");
        source = error.source();
    }
    for attempt in error.attempts() {
        let request_id = attempt.request_id.as_deref().unwrap_or("none");
        println!(
            "  tried: {}, request-id {request_id}, then waited {:?}",
            attempt.reason, attempt.wait
        );
    }
    println!("  kind: {:?}, may have happened: {}", error.disposition(), error.may_have_happened());
    println!("  hint: {}", error.next_step().unwrap_or_default());
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    // Every request for users is throttled.
    let throttled = FaultRule::new(Fault::throttled("0.05")).path("/users").times(99);
    let faults = FaultPlan::new(1).rule(throttled);
    let tenant = Tenant::builder().seed(7).users(10).build();
    let simulator = Simulator::builder(tenant).faults(faults).build();

    let good = client(&simulator, simulator.client_secret())?;
    let request =
        |path: &str| Ok::<_, graph_transport::Error>(GraphRequest::get(good.cloud().link(path)?));
    let missing = "/v1.0/groups/00000000-0000-4000-8000-000000000000";
    for path in [missing, "/v1.0/users"] {
        let answer = good.send(request(path)?.max_attempts(2)).await?;
        explain(&answer.into_success().expect_err("this is an example of errors"));
    }
    let bad = client(&simulator, "not-the-secret")?;
    explain(&bad.send(request("/v1.0/users")?).await.expect_err("the secret is wrong"));
    explain(&graph_transport::Error::from(
        good.cloud()
            .accept("https://graph.microsoft.com.evil.example/v1.0/users")
            .expect_err("it is elsewhere"),
    ));
    Ok(())
}
