//! What the stack costs: the same requests through `GraphClient` and through a bare hyper client,
//! against the same loopback server in the same run (`cargo bench -p graph-transport`).
//!
//! The same requests: the bare client sends the headers that the stack sends, since no request to
//! Graph goes without them, and reads the body into one buffer.
//!
//! Rounds alternate, so that whatever else the machine does hits both; the ratio of a pair of
//! rounds is kept, and the median of the pairs is printed. DESIGN section 10: at least 90 %.
//!
//! The bare client is hyper's own with its pool. `CPU` compares the time that the client's thread spent on
//! its core, system calls included, which other programs on the machine hardly change (Linux alone).
//!
//! With `-- count layers|bare|stack N [TASKS]` it sends N small GETs in one way and nothing else, so that
//! the difference of two runs under `valgrind --tool=callgrind` is the instructions of a request.

#![expect(clippy::unwrap_used, reason = "a bench that cannot be set up fails")]
#![expect(clippy::print_stdout, reason = "the table is what a bench is for")]

use std::convert::Infallible;
use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;
use graph_transport::{
    Cloud, CloudName, Concurrency, CustomCloud, GraphClient, GraphClientBuilder, GraphRequest,
    Page, StaticBearer,
};
use http::header::{ACCEPT_ENCODING, AUTHORIZATION, USER_AGENT};
use http::{HeaderMap, HeaderName, HeaderValue, Request, Response};
use http_body_util::{BodyExt as _, Full};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use tokio::task::JoinSet;
use tokio::time::Instant;

type Bare = Client<HttpConnector, Full<Bytes>>;

/// Pairs of rounds after one that warms both up; the median of their ratios is what counts.
const PAIRS: usize = 15;

/// One kind of request, how many of them a round has, and how many tasks share them.
struct Workload {
    name: &'static str,
    path: &'static str,
    requests: usize,
    tasks: usize,
    /// Whether the answer is a page, assembled from its frames.
    page: bool,
}

const WORKLOADS: [Workload; 4] = [
    Workload {
        name: "small GET, 1 task",
        path: "/v1.0/me",
        requests: 4_000,
        tasks: 1,
        page: false,
    },
    Workload {
        name: "small GET, 4 tasks",
        path: "/v1.0/me",
        requests: 8_000,
        tasks: 4,
        page: false,
    },
    Workload {
        name: "small GET, 32 tasks",
        path: "/v1.0/me",
        requests: 8_000,
        tasks: 32,
        page: false,
    },
    Workload {
        name: "page of 999 users, 1 task",
        path: "/v1.0/users",
        requests: 300,
        tasks: 1,
        page: true,
    },
];

fn main() {
    // The server has a thread of its own, as far as the machine has one to give.
    let (tell, told) = std::sync::mpsc::channel();
    std::thread::spawn(move || serve(&tell));
    let address = told.recv().unwrap();
    let arguments: Vec<String> = std::env::args().collect();
    // `cargo test --benches` only asks whether it runs.
    let quick = !arguments.iter().any(|argument| argument == "--bench");
    let count = arguments.iter().position(|argument| argument == "count");
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
    runtime.unwrap().block_on(async {
        if let Some(count) = count {
            let requests = arguments[count + 2].parse().unwrap();
            let tasks = arguments.get(count + 3).map_or(1, |tasks| tasks.parse().unwrap());
            let workload = Workload { requests, tasks, ..WORKLOADS[0] };
            let what = arguments[count + 1].clone();
            JoinSet::from_iter([count_of(what, workload, address)]).join_all().await;
            return;
        }
        // On the worker, as the tasks of the other workloads are.
        JoinSet::from_iter([layers_alone(quick)]).join_all().await;
        read_page(quick);
        compare(address, quick).await;
    });
}

/// A fixed number of requests in one way.
async fn count_of(what: String, workload: Workload, address: SocketAddr) {
    match what.as_str() {
        "bare" => drop(run_bare(&workload, &bare_client(), address).await),
        "stack" => drop(run_graph(&workload, &graph_client(address)).await),
        _ => drop(run_graph(&workload, &client_without_network()).await),
    }
}

fn client_without_network() -> GraphClient {
    let answer =
        |_| async { Ok::<_, Infallible>(Response::new(Full::new(Bytes::from_static(b"{}")))) };
    builder("http://127.0.0.1:1").wire(tower::service_fn(answer)).build().unwrap()
}

/// The layers over a wire that answers at once: what they cost a request, without any network.
async fn layers_alone(quick: bool) {
    let client = client_without_network();
    let link = client.cloud().link("/v1.0/me").unwrap();
    // Short rounds: the best one met nobody else on its core.
    let (rounds, requests) = if quick { (1, 1) } else { (1_000, 200) };
    let mut best = Duration::MAX;
    for _ in 0..rounds {
        let began = Instant::now();
        for _ in 0..requests {
            client.send(GraphRequest::get(link.clone())).await.unwrap();
        }
        best = best.min(began.elapsed());
    }
    let micros = best.as_secs_f64() * 1e6 / f64::from(requests);
    println!("{:<28} {micros:>22.2} µs a request", "the layers alone");
}

async fn compare(address: SocketAddr, quick: bool) {
    println!("{:<28} {:>12} {:>12} {:>8} {:>8}", "workload", "bare /s", "stack /s", "ratio", "CPU");
    for workload in WORKLOADS {
        let requests = if quick { workload.tasks } else { workload.requests };
        let workload = Workload { requests, ..workload };
        let (bare, graph) = (bare_client(), graph_client(address));
        run_bare(&workload, &bare, address).await;
        run_graph(&workload, &graph).await;
        let (mut times, mut cores) = (Vec::new(), Vec::new());
        for pair in 0..if quick { 1 } else { PAIRS } {
            // Who goes first alternates too.
            let (plain, ours) = if pair % 2 == 0 {
                let plain = spent(run_bare(&workload, &bare, address)).await;
                (plain, spent(run_graph(&workload, &graph)).await)
            } else {
                let ours = spent(run_graph(&workload, &graph)).await;
                (spent(run_bare(&workload, &bare, address)).await, ours)
            };
            times.push((plain.0.as_secs_f64() / ours.0.as_secs_f64(), plain.0, ours.0));
            cores.push(plain.1.as_secs_f64() / ours.1.as_secs_f64());
        }
        times.sort_by(|a, b| a.0.total_cmp(&b.0));
        cores.sort_by(f64::total_cmp);
        let (ratio, plain, ours) = times[times.len() / 2];
        let rate = |time: Duration| {
            f64::from(u32::try_from(workload.requests).unwrap()) / time.as_secs_f64()
        };
        println!(
            "{:<28} {:>12.0} {:>12.0} {:>7.1}% {:>7.1}%",
            workload.name,
            rate(plain),
            rate(ours),
            ratio * 100.0,
            cores[cores.len() / 2] * 100.0
        );
    }
}

/// How long a round took, and how much of it the client's thread was on its core.
async fn spent(round: impl Future<Output = Duration>) -> (Duration, Duration) {
    let before = core_time().await;
    let time = round.await;
    (time, core_time().await.saturating_sub(before))
}

/// Of the runtime's one worker, which runs all tasks of a client and its connections; `proc(5)`.
async fn core_time() -> Duration {
    let read = async {
        let stat = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
        stat.split(' ')
            .next()
            .and_then(|it| it.parse().ok())
            .map_or(Duration::ZERO, Duration::from_nanos)
    };
    JoinSet::from_iter([read]).join_all().await[0]
}

/// Finding the items of an assembled page.
fn read_page(quick: bool) {
    let page = page_of_users();
    let cloud = Cloud::named(CloudName::Global).unwrap();
    let mut best = Duration::MAX;
    for _ in 0..if quick { 1 } else { 200 } {
        let began = Instant::now();
        assert_eq!(Page::read(page.clone(), &cloud).unwrap().items().len(), 999);
        best = best.min(began.elapsed());
    }
    let megabytes = f64::from(u32::try_from(page.len()).unwrap()) / 1e6;
    println!("{:<28} {:>22.0} MB/s", "reading a page", megabytes / best.as_secs_f64());
}

/// 999 users, each as long as one of Graph's with the properties of an import.
fn page_of_users() -> Bytes {
    let long = USER.replace('}', &format!(r#","officeLocation":"{}"}}"#, "x".repeat(440)));
    Bytes::from(format!("{{\"value\":[{}]}}", vec![long; 999].join(",")))
}

const USER: &str = r#"{"id":"11111111-1111-4111-8111-111111111111","displayName":"Ada Lovelace"}"#;

/// With the settings of a client that is kept: a pool that lets go of connections in time.
fn bare_client() -> Bare {
    let mut tcp = HttpConnector::new();
    tcp.set_nodelay(true);
    Client::builder(TokioExecutor::new())
        .pool_idle_timeout(Duration::from_secs(50))
        .pool_timer(TokioTimer::new())
        .timer(TokioTimer::new())
        .build(tcp)
}

/// What the stack adds to a request, as long as it is there.
fn headers() -> HeaderMap {
    let names = ["sdkversion", "client-request-id"].map(HeaderName::from_static);
    let names = [AUTHORIZATION, ACCEPT_ENCODING, USER_AGENT].into_iter().chain(names);
    let version = "graph-connector/0.1.0 (hostOS=linux; hostArchitecture=x86_64)";
    let id = "11111111-1111-4111-8111-111111111111";
    let values = ["Bearer token", "gzip", "graph-connector/0.1.0", version, id];
    names.zip(values.map(HeaderValue::from_static)).collect()
}

fn graph_client(address: SocketAddr) -> GraphClient {
    builder(&format!("http://{address}")).build().unwrap()
}

fn builder(root: &str) -> GraphClientBuilder {
    let cloud = Cloud::custom(CustomCloud {
        graph_root: root.to_owned(),
        authority: root.to_owned(),
        ca_bundle: None,
        allow_insecure_loopback: true,
    });
    GraphClient::builder(cloud.unwrap(), StaticBearer::new("token".into()))
        .max_concurrent_requests(Concurrency::Limit(64))
}

async fn run_bare(workload: &Workload, client: &Bare, address: SocketAddr) -> Duration {
    let began = Instant::now();
    let mut tasks = JoinSet::new();
    for _ in 0..workload.tasks {
        let (client, count, page) =
            (client.clone(), workload.requests / workload.tasks, workload.page);
        let headers = headers();
        let uri: http::Uri = format!("http://{address}{}", workload.path).parse().unwrap();
        tasks.spawn(async move {
            for _ in 0..count {
                let mut request = Request::new(Full::default());
                *request.uri_mut() = uri.clone();
                *request.headers_mut() = headers.clone();
                let body = client.request(request).await.unwrap().into_body();
                let body = body.collect().await.unwrap().to_bytes();
                if page {
                    assert!(body.len() > 100_000);
                }
            }
        });
    }
    tasks.join_all().await;
    began.elapsed()
}

async fn run_graph(workload: &Workload, client: &GraphClient) -> Duration {
    let began = Instant::now();
    let mut tasks = JoinSet::new();
    let link = client.cloud().link(workload.path).unwrap();
    for _ in 0..workload.tasks {
        let (client, count, page) =
            (client.clone(), workload.requests / workload.tasks, workload.page);
        let link = link.clone();
        tasks.spawn(async move {
            for _ in 0..count {
                let answer = client.send(GraphRequest::get(link.clone())).await.unwrap();
                if page {
                    // Finding 999 items is work that the bare client leaves to its caller.
                    assert!(answer.body().len() > 100_000);
                }
            }
        });
    }
    tasks.join_all().await;
    began.elapsed()
}

/// Answers two paths from memory, uncompressed, over HTTP/1.1 that stays open.
fn serve(tell: &std::sync::mpsc::Sender<SocketAddr>) {
    let small = Bytes::from_static(USER.as_bytes());
    let page = page_of_users();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        tell.send(listener.local_addr().unwrap()).unwrap();
        let mut connections = JoinSet::new();
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            stream.set_nodelay(true).unwrap();
            let (small, page) = (small.clone(), page.clone());
            let answer = move |request: Request<hyper::body::Incoming>| {
                let body = if request.uri().path().ends_with("users") { &page } else { &small };
                let response = Response::new(Full::new(body.clone()));
                async move { Ok::<_, Infallible>(response) }
            };
            connections.spawn(async move {
                let service = hyper::service::service_fn(answer);
                let builder = hyper::server::conn::http1::Builder::new();
                let _ = builder.serve_connection(TokioIo::new(stream), service).await;
            });
        }
    });
}
