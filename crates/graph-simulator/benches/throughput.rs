//! How fast pages are written and requests answered over loopback, on as many threads as there are cores.
//!
//! Run with `cargo bench -p graph-simulator`. Figures are printed, never asserted.
#![expect(clippy::print_stdout, reason = "a bench prints its figures")]

use std::net::SocketAddr;

use graph_simulator::{Kind, Simulator, Tenant};
use http_body_util::BodyExt;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::Instant;
use tower::ServiceExt;

const CONNECTIONS: usize = 8;

fn main() {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let simulator = Simulator::builder(Tenant::builder().users(100_000).build()).build();
        let server =
            simulator.listen("127.0.0.1:0".parse().expect("an address")).await.expect("a port");
        let address = server.address();
        let token = simulator.access_token();
        let user = simulator.truth().objects(Kind::User).nth(77).expect("a user").id;
        small_gets(address, &token, &user.to_string()).await;
        let group = simulator.truth().objects(Kind::Group).next().expect("a group").id;
        pages(address, &token, "pages of 999 users", "/v1.0/users?$top=999").await;
        pages(
            address,
            &token,
            "pages of 999 members",
            &format!("/v1.0/groups/{group}/members?$top=999"),
        )
        .await;
        pages(address, &token, "delta pages", "/v1.0/users/delta").await;
        rounds(&simulator).await;
        million();
        server.shutdown().await;
    });
}

async fn small_gets(address: SocketAddr, token: &str, user: &str) {
    let each = 10_000;
    let request = format!(
        "GET /v1.0/users/{user}?$select=id HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {token}\r\n\r\n"
    );
    let started = Instant::now();
    let bytes = run(address, &request, each).await;
    let seconds = started.elapsed().as_secs_f64();
    let count = f64::from(u32::try_from(each * CONNECTIONS).expect("a count"));
    println!("small GETs: {:.0} requests/s ({bytes} bytes of bodies)", count / seconds);
}

async fn pages(address: SocketAddr, token: &str, name: &str, path: &str) {
    let each = 300;
    let request =
        format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {token}\r\n\r\n");
    let started = Instant::now();
    let bytes = run(address, &request, each).await;
    let seconds = started.elapsed().as_secs_f64();
    let megabytes = f64::from(u32::try_from(bytes / 1_000_000).expect("megabytes"));
    println!("{name}: {:.0} MB/s of bodies", megabytes / seconds);
}

/// Whole delta rounds, in process: the first one, and one after the tenant moved on.
async fn rounds(simulator: &Simulator) {
    for name in ["first round", "incremental round"] {
        for set in ["users", "groups"] {
            let started = Instant::now();
            let since = if name == "first round" { "" } else { "?$deltatoken=latest" };
            let mut next = format!("/v1.0/{set}/delta{since}");
            if !since.is_empty() {
                next = page(simulator, &next).await.1;
                simulator.advance(1);
            }
            let (mut pages, mut bytes) = (0, 0);
            while !(next.is_empty() || (pages > 0 && next.contains("$deltatoken="))) {
                let (length, link) = page(simulator, &next).await;
                (pages, bytes, next) = (pages + 1, bytes + length, link);
            }
            println!("{name} of {set}: {pages} pages, {bytes} bytes in {:?}", started.elapsed());
        }
    }
}

/// The length of a page and its link.
async fn page(simulator: &Simulator, target: &str) -> (usize, String) {
    let request = http::Request::get(target)
        .header("host", "127.0.0.1")
        .header("authorization", format!("Bearer {}", simulator.access_token()))
        .body(http_body_util::Empty::new())
        .expect("a request");
    let response = simulator.service().oneshot(request).await.expect("an answer");
    let body = response.into_body().collect().await.expect("a body").to_bytes();
    let text = std::str::from_utf8(&body).expect("JSON");
    let link = text.rsplit_once("Link\":\"").and_then(|(_, rest)| rest.split_once('"'));
    (body.len(), link.map_or_else(String::new, |(link, _)| link.to_owned()))
}

/// A tenant of a million users is built and asked without growing.
fn million() {
    let started = Instant::now();
    let simulator = Simulator::builder(Tenant::builder().users(1_000_000).build()).build();
    println!("a million users: built in {:?}", started.elapsed());
    let started = Instant::now();
    println!(
        "a million users: {} counted in {:?}",
        simulator.truth().count(Kind::User),
        started.elapsed()
    );
}

/// Sends the request `each` times on every connection and returns the bytes of all bodies.
async fn run(address: SocketAddr, request: &str, each: usize) -> usize {
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..CONNECTIONS {
        let request = request.to_owned();
        tasks.spawn(async move { connection(address, &request, each).await });
    }
    tasks.join_all().await.into_iter().sum()
}

async fn connection(address: SocketAddr, request: &str, each: usize) -> usize {
    let mut stream = TcpStream::connect(address).await.expect("a listening server");
    let mut buffer = vec![0; 1 << 20];
    let mut total = 0;
    for _ in 0..each {
        stream.write_all(request.as_bytes()).await.expect("an open connection");
        let mut filled = 0;
        let (head, length) = loop {
            filled += stream.read(&mut buffer[filled..]).await.expect("an open connection");
            if let Some(found) = head(&buffer[..filled]) {
                break found;
            }
        };
        let mut rest = head + length - filled;
        while rest > 0 {
            let most = rest.min(buffer.len());
            rest -= stream.read(&mut buffer[..most]).await.expect("an open connection");
        }
        total += length;
    }
    total
}

/// Where the head ends, and the length it announces.
fn head(bytes: &[u8]) -> Option<(usize, usize)> {
    let end = bytes.windows(4).position(|window| window == b"\r\n\r\n")? + 4;
    let text = std::str::from_utf8(&bytes[..end]).ok()?.to_ascii_lowercase();
    let line = text.lines().find(|line| line.starts_with("content-length:"))?;
    Some((end, line.split_once(':')?.1.trim().parse().ok()?))
}
