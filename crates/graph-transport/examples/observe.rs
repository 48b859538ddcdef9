//! Measures what a client does, with a receiver of one's own instead of a metrics library.
//!
//! `cargo run -p graph-transport --example observe`; with the feature `opentelemetry`,
//! `Observe::new().opentelemetry()` hands the same measurements to the global meter provider.

#![expect(clippy::print_stdout, reason = "an example shows what it measures")]

use std::collections::BTreeMap;
use std::error::Error;
use std::sync::{Arc, Mutex};

use graph_simulator::{RetryAfter, Simulator, Tenant, Throttle};
use graph_transport::observe::{InstrumentKind, Measurement, Metrics, Observe};
use graph_transport::{ClientSecret, Cloud, CloudName, GraphClient, GraphRequest, Secret};

/// Count and sum of each instrument.
#[derive(Clone, Debug, Default)]
struct Table(Arc<Mutex<BTreeMap<&'static str, (u64, f64)>>>);

impl Metrics for Table {
    fn record(&self, measurement: &Measurement<'_>) {
        let mut table = self.0.lock().expect("no panic while the lock is held");
        let row = table.entry(measurement.instrument.name()).or_default();
        row.0 += 1;
        row.1 = match measurement.instrument.kind() {
            InstrumentKind::Gauge => measurement.value,
            _ => row.1 + measurement.value,
        };
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let budget = Throttle {
        resource_units: 4,
        window_ms: 200,
        retry_after: RetryAfter::Fractional,
        ..Throttle::default()
    };
    let tenant = Tenant::builder().seed(7).users(300).build();
    let simulator = Simulator::builder(tenant).throttle(budget).build();
    let secret = Secret::new(simulator.client_secret());
    let credential = ClientSecret::new(simulator.tenant_id(), simulator.client_id(), secret);
    let cloud = Cloud::named(CloudName::Global).expect("global has fixed hosts");
    let table = Table::default();
    let client = GraphClient::builder(cloud, credential)
        .wire(simulator.service())
        .observe(Observe::new().metrics(table.clone()))
        .build()?;

    let link = client.cloud().link("/v1.0/users?$select=id&$top=25")?;
    let mut pages = client.pages(GraphRequest::get(link).action("user.list").max_attempts(20));
    while let Some(page) = pages.next().await {
        page?;
    }
    for (name, (count, sum)) in &*table.0.lock().expect("no panic while the lock is held") {
        println!("{name:<34} {count:>4} values, {sum:>8.3} in all");
    }
    Ok(())
}
