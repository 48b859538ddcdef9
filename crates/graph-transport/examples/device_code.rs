//! Signs a person in with a code that is entered on another device, and later without the person.
//!
//! `cargo run -p graph-transport --example device_code`: the person is simulated, and approves at once.

#![expect(clippy::print_stdout, reason = "an example shows what it reads")]

use std::error::Error;
use std::sync::{Arc, Mutex};

use graph_simulator::{AppRegistration, Simulator, Tenant};
use graph_transport::{
    Cloud, CloudName, Credential, DeviceCode, GraphClient, GraphRequest, RefreshToken, Secret,
};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let tenant = Tenant::builder().seed(7).users(20).build();
    let app = AppRegistration::new("desk");
    let simulator = Arc::new(Simulator::builder(tenant).application(app).build());
    let person = Arc::clone(&simulator);
    // A real program keeps it where only its person can read it; every use brings another one.
    let kept = Arc::<Mutex<Option<Secret>>>::default();
    let store = Arc::clone(&kept);

    let credential = DeviceCode::new(simulator.tenant_id(), "desk", move |prompt| {
        println!("open {} and enter {}", prompt.verification_uri, prompt.user_code);
        person.approve_device(&prompt.user_code, None).expect("the code is a moment old");
    })
    .on_rotation(move |token| *store.lock().expect("nobody panics") = Some(token.clone()));
    read_users(&simulator, credential).await?;

    // The next start of the program: nobody is asked.
    let token = kept.lock().expect("nobody panics").clone().ok_or("no refresh token came")?;
    read_users(&simulator, RefreshToken::new(simulator.tenant_id(), "desk", token)).await
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
