//! Serves a simulated tenant until it is interrupted, and prints where as one line of JSON.
//!
//! `cargo run -p graph-simulator --features tls --example serve -- --users 1000 --tls ca.pem`.
//! With `--certificate cert.pem` the application `certified` signs in with that certificate.
#![expect(clippy::print_stdout, reason = "an example talks to people")]

use std::net::SocketAddr;

use graph_simulator::{AppRegistration, Simulator, Tenant};

/// The application that has a certificate instead of a secret.
const CERTIFIED: &str = "5e000000-0000-4000-8000-000000000001";

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let (mut users, mut port, mut bundle, mut certificate) = (1_000, 0, None, None);
    while let Some(name) = arguments.next() {
        let value = arguments.next().ok_or(format!("{name} needs a value"))?;
        match name.as_str() {
            "--users" => users = value.parse()?,
            "--port" => port = value.parse()?,
            "--tls" => bundle = Some(value),
            "--certificate" => certificate = Some(std::fs::read_to_string(value)?),
            other => return Err(format!("unknown argument {other}").into()),
        }
    }
    let mut builder = Simulator::builder(Tenant::builder().users(users).build());
    if let Some(pem) = certificate {
        builder = builder.application(AppRegistration::new(CERTIFIED).certificate(&pem)?);
    }
    let simulator = builder.build();
    let address = SocketAddr::from(([127, 0, 0, 1], port));
    let server = if let Some(path) = bundle {
        let server = listen_tls(&simulator, address).await?;
        std::fs::write(path, server.certificate_authority().unwrap_or_default())?;
        server
    } else {
        simulator.listen(address).await?
    };
    println!(
        r#"{{"url":"{}","tenant_id":"{}","client_id":"{}","client_secret":"{}","certified":"{CERTIFIED}","identity_header":"{}"}}"#,
        server.url(),
        simulator.tenant_id(),
        simulator.client_id(),
        simulator.client_secret(),
        simulator.identity_header(),
    );
    std::future::pending().await
}

#[cfg(feature = "tls")]
async fn listen_tls(
    simulator: &Simulator,
    address: SocketAddr,
) -> Result<graph_simulator::Server, Box<dyn std::error::Error>> {
    Ok(simulator.listen_tls(address).await?)
}

#[cfg(not(feature = "tls"))]
#[expect(clippy::unused_async, reason = "the same signature as with TLS")]
async fn listen_tls(
    _: &Simulator,
    _: SocketAddr,
) -> Result<graph_simulator::Server, Box<dyn std::error::Error>> {
    Err("built without the feature tls".into())
}
