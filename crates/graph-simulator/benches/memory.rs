//! The most memory that a tenant of a million users takes while all of it is read.
//!
//! Run with `cargo bench -p graph-simulator --bench memory` (Linux). The figure is printed, never asserted.
#![expect(clippy::print_stdout, reason = "a bench prints its figures")]

use graph_simulator::{Kind, Simulator, Tenant};
use http_body_util::{BodyExt, Empty};
use tokio::time::Instant;
use tower::ServiceExt;

const USERS: u64 = 1_000_000;

fn main() {
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let simulator = Simulator::builder(Tenant::builder().users(USERS).build()).build();
    println!("built: {} MiB at most", peak());
    runtime.block_on(async {
        for set in ["users?$top=999", "groups?$top=999", "users/delta", "groups/delta"] {
            let started = Instant::now();
            let (pages, bytes) = walk(&simulator, &format!("/v1.0/{set}")).await;
            println!(
                "{set}: {pages} pages, {} MB in {:?}; {} MiB at most",
                bytes / 1_000_000,
                started.elapsed(),
                peak()
            );
        }
    });
    let memberships = simulator.truth().memberships_hash().count;
    let users = simulator.truth().count(Kind::User);
    println!("{users} users, {memberships} memberships: {} MiB at most", peak());
}

/// Reads a list to its end: pages, and bytes of their bodies.
async fn walk(simulator: &Simulator, first: &str) -> (usize, usize) {
    let token = format!("Bearer {}", simulator.access_token());
    let (mut pages, mut bytes, mut next) = (0, 0, Some(first.to_owned()));
    while let Some(target) = next {
        let request = http::Request::get(target)
            .header("host", "127.0.0.1")
            .header("authorization", &token)
            .body(Empty::new())
            .expect("a request");
        let response = simulator.service().oneshot(request).await.expect("an answer");
        assert!(response.status().is_success(), "{}", response.status());
        let body = response.into_body().collect().await.expect("a body").to_bytes();
        let text = std::str::from_utf8(&body).expect("JSON");
        (pages, bytes) = (pages + 1, bytes + body.len());
        let link =
            text.rsplit_once("@odata.nextLink\":\"").and_then(|(_, rest)| rest.split_once('"'));
        next = link.map(|(link, _)| link.to_owned());
    }
    (pages, bytes)
}

/// `VmHWM` in MiB; 0 where the system does not tell.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmHWM:"));
    let kib = line.and_then(|line| line.split_whitespace().nth(1)?.parse::<u64>().ok());
    kib.unwrap_or_default() / 1_024
}
