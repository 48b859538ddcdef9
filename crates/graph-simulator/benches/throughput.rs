//! How fast requests are answered and pages are written over loopback, beside a bare hyper server that
//! answers a constant of the same length in the same run.
//!
//! Run with `cargo bench -p graph-simulator`. Figures are printed, never asserted.
#![expect(clippy::print_stdout, reason = "a bench prints its figures")]

use std::convert::Infallible;
use std::net::SocketAddr;

use bytes::Bytes;
use graph_simulator::{Kind, Simulator, Tenant};
use http_body_util::{BodyExt, Full};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
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
        let (address, token) = (server.address(), simulator.access_token());
        let user = simulator.truth().objects(Kind::User).nth(77).expect("a user").id;
        let group = simulator.truth().objects(Kind::Group).next().expect("a group").id;
        let each = Figure {
            name: "small GETs",
            target: format!("/v1.0/users/{user}?$select=id"),
            times: 10_000,
        };
        each.measure(address, &token).await;
        for (name, target) in [
            ("pages of 999 users", "/v1.0/users?$top=999".to_owned()),
            ("pages of 999 members", format!("/v1.0/groups/{group}/members?$top=999")),
            ("delta pages", "/v1.0/users/delta".to_owned()),
        ] {
            Figure { name, target, times: 300 }.measure(address, &token).await;
        }
        rounds(&simulator).await;
        server.shutdown().await;
    });
}

/// A request that is measured.
struct Figure {
    name: &'static str,
    target: String,
    /// How often each connection sends it.
    times: usize,
}

impl Figure {
    async fn measure(&self, address: SocketAddr, token: &str) {
        let request = format!(
            "GET {} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {token}\r\n\r\n",
            self.target
        );
        // Once to warm up, and to learn how long the answer is.
        let length = run(address, &request, 1).await / CONNECTIONS;
        let (requests, megabytes) = self.rate(address, &request).await;
        let (listening, mut serving) = constant(length).await;
        let (bare, bare_megabytes) = self.rate(listening, &request).await;
        serving.abort_all();
        println!(
            "{}: {requests:.0} requests/s, {megabytes:.0} MB/s of bodies; {:.2} of a bare hyper server ({bare:.0}/s, {bare_megabytes:.0} MB/s)",
            self.name,
            requests / bare,
        );
    }

    /// Requests and megabytes of bodies in a second.
    async fn rate(&self, address: SocketAddr, request: &str) -> (f64, f64) {
        let started = Instant::now();
        let bytes = run(address, request, self.times).await;
        let seconds = started.elapsed().as_secs_f64();
        let number = |count: usize| f64::from(u32::try_from(count).expect("a count"));
        (number(self.times * CONNECTIONS) / seconds, number(bytes / 1_000) / 1_000.0 / seconds)
    }
}

/// A hyper server that answers everything with as many bytes: the most that the machine can do.
async fn constant(length: usize) -> (SocketAddr, JoinSet<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let body = Bytes::from(vec![b'x'; length]);
    let mut tasks = JoinSet::new();
    tasks.spawn(async move {
        let mut connections = JoinSet::new();
        while let Ok((stream, _)) = listener.accept().await {
            stream.set_nodelay(true).expect("a socket");
            let body = body.clone();
            connections.spawn(async move {
                let answer = service_fn(move |_| {
                    let body = Full::new(body.clone());
                    async move { Ok::<_, Infallible>(http::Response::new(body)) }
                });
                let builder = hyper_util::server::conn::auto::Builder::new(TokioExecutor::new());
                builder.serve_connection(TokioIo::new(stream), answer).await.ok();
            });
        }
    });
    (address, tasks)
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

/// Sends the request `each` times on every connection and returns the bytes of all bodies.
async fn run(address: SocketAddr, request: &str, each: usize) -> usize {
    let mut tasks = JoinSet::new();
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
    let text = std::str::from_utf8(&bytes[..end]).ok()?;
    assert!(text.starts_with("HTTP/1.1 200 "), "{text}");
    let text = text.to_ascii_lowercase();
    let line = text.lines().find(|line| line.starts_with("content-length:"))?;
    Some((end, line.split_once(':')?.1.trim().parse().ok()?))
}
