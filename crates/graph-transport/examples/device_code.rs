//! Signs a person in with a code that is entered on another device, and later without the person.
//!
//! `cargo run -p graph-transport --example device_code`: the person is simulated, and approves at once.

#![expect(clippy::print_stdout, reason = "an example shows what it reads")]

use std::error::Error;
use std::sync::Arc;

use graph_simulator::{AppRegistration, Simulator, Tenant};
use graph_transport::{
    Cloud, CloudName, Credential, DeviceCode, GraphClient, GraphRequest, RefreshTokenFile,
};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let tenant = Tenant::builder().seed(7).users(20).build();
    let app = AppRegistration::new("desk");
    let simulator = Arc::new(Simulator::builder(tenant).application(app).build());
    let folder = tempfile::tempdir()?;

    // The next start of the program finds what the first one stored, and asks nobody.
    for start in 1..=2 {
        let person = Arc::clone(&simulator);
        let credential = DeviceCode::new(simulator.tenant_id(), "desk", move |prompt| {
            println!("open {} and enter {}", prompt.verification_uri, prompt.user_code);
            person.approve_device(&prompt.user_code, None).expect("the code is a moment old");
        })
        .token_store(RefreshTokenFile::new(folder.path().join("desk")));
        println!("start {start}");
        read_users(&simulator, credential).await?;
    }
    Ok(())
}

async fn read_users(
    simulator: &Simulator,
    credential: impl Credential,
) -> Result<(), Box<dyn Error>> {
    let cloud = Cloud::named(CloudName::Global).expect("global has fixed hosts");
    let client = GraphClient::builder(cloud, credential).wire(simulator.service()).build()?;
    let link = client.cloud().link("/v1.0/users?$top=5&$select=displayName")?;
    let answer = client.send(GraphRequest::get(link)).await?.into_success()?;
    println!("read {} bytes", answer.body().len());
    Ok(())
}
