//! Connections in memory and in virtual time: reuse, retirement, stalled uploads (cases D, O, R23).

use std::io;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use http::header::HeaderValue;
use http::{Method, StatusCode};
use hyper::rt::{Read, ReadBufCursor};
use hyper_util::client::legacy::connect::Connected;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream, duplex};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};

use super::*;
use crate::error::{Error, TimeoutPhase};
use crate::{Cloud, CustomCloud, GraphClient, GraphRequest, RetryConfig, StaticBearer};

mod pool;

type Serving = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Makes connections whose far end is a function of their number.
#[derive(Clone)]
struct Memory {
    serve: Arc<dyn Fn(usize, DuplexStream) -> Serving + Send + Sync>,
    connections: Arc<AtomicUsize>,
    serving: Arc<Mutex<JoinSet<()>>>,
}

impl Memory {
    fn new(serve: impl Fn(usize, DuplexStream) -> Serving + Send + Sync + 'static) -> Self {
        let (connections, serving) = (Arc::default(), Arc::default());
        Self { serve: Arc::new(serve), connections, serving }
    }

    fn client(&self, timeouts: Timeouts) -> GraphClient {
        client(pooled(self.clone(), HttpVersion::Negotiated, &timeouts), timeouts)
    }

    fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }
}

fn client(wire: Wire, timeouts: Timeouts) -> GraphClient {
    let root = "http://127.0.0.1:9".to_owned();
    let cloud = Cloud::custom(CustomCloud {
        graph_root: root.clone(),
        authority: root,
        ca_bundle: None,
        allow_insecure_loopback: true,
    });
    let retry = RetryConfig { jitter: Duration::ZERO, ..RetryConfig::default() };
    GraphClient::builder(cloud.unwrap(), StaticBearer::new("t".into()))
        .wire(wire)
        .timeouts(timeouts)
        .retry(retry)
        .build()
        .unwrap()
}

impl Service<Uri> for Memory {
    type Response = MemoryStream;
    type Error = io::Error;
    type Future = std::future::Ready<io::Result<MemoryStream>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Uri) -> Self::Future {
        let (near, far) = duplex(4_096);
        let number = self.connections.fetch_add(1, Ordering::SeqCst);
        self.serving.lock().unwrap().spawn((self.serve)(number, far));
        std::future::ready(Ok(MemoryStream(TokioIo::new(near))))
    }
}

struct MemoryStream(TokioIo<DuplexStream>);

impl hyper_util::client::legacy::connect::Connection for MemoryStream {
    fn connected(&self) -> Connected {
        Connected::new()
    }
}

impl Read for MemoryStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(cx, buffer)
    }
}

impl hyper::rt::Write for MemoryStream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(cx)
    }
}

/// Reads a request's head and body, so many bytes at a time with a pause before each; false at the end.
async fn request(stream: &mut DuplexStream, pause: Duration) -> bool {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        match stream.read_u8().await {
            Ok(byte) => head.push(byte),
            Err(_) => return false,
        }
    }
    let head = String::from_utf8(head).unwrap().to_ascii_lowercase();
    let length = head.split_once("content-length: ").map_or("0", |(_, rest)| rest);
    let mut left: usize = length.lines().next().unwrap().parse().unwrap();
    while left > 0 {
        sleep(pause).await;
        let mut piece = vec![0; left.min(8_192)];
        stream.read_exact(&mut piece).await.unwrap();
        left -= piece.len();
    }
    true
}

async fn answer(stream: &mut DuplexStream, status: u16) {
    let text = format!("HTTP/1.1 {status} X\r\ncontent-length: 2\r\n\r\n{{}}");
    stream.write_all(text.as_bytes()).await.unwrap();
}

fn get(client: &GraphClient) -> GraphRequest {
    GraphRequest::get(client.cloud().link("/v1.0/users").unwrap())
}

fn upload(client: &GraphClient, bytes: usize) -> GraphRequest {
    GraphRequest::new(Method::POST, client.cloud().link("/v1.0/users").unwrap())
        .body(vec![0; bytes].into(), HeaderValue::from_static("application/octet-stream"))
        .deadline(None)
}

/// A server that answers with these statuses, over all connections.
fn statuses(statuses: &[u16]) -> Memory {
    let left = Arc::new(Mutex::new(statuses.to_vec()));
    Memory::new(move |_, mut stream| {
        let left = Arc::clone(&left);
        Box::pin(async move {
            while request(&mut stream, Duration::ZERO).await {
                let status = left.lock().unwrap().remove(0);
                answer(&mut stream, status).await;
            }
        })
    })
}

/// D13, D14: the connection of a success and of a refusal is used again, that of a 503 is not.
#[tokio::test(start_paused = true)]
async fn a_retry_after_503_uses_a_new_connection() {
    let memory = statuses(&[200, 404, 200, 503, 200]);
    let client = memory.client(Timeouts::default());
    for _ in 0..3 {
        client.send(get(&client)).await.unwrap();
    }
    assert_eq!(memory.connections(), 1);
    let answer = client.send(get(&client)).await.unwrap();
    assert_eq!((answer.status(), answer.attempts().len()), (StatusCode::OK, 2));
    assert_eq!(memory.connections(), 2);
}

/// D13: nor is one that hung.
#[tokio::test(start_paused = true)]
async fn a_retry_after_a_timeout_uses_a_new_connection() {
    let memory = Memory::new(|number, mut stream| {
        Box::pin(async move {
            while request(&mut stream, Duration::ZERO).await {
                if number == 0 {
                    sleep(Duration::from_secs(1_000)).await;
                }
                answer(&mut stream, 200).await;
            }
        })
    });
    let client = memory.client(Timeouts::default());
    let answer = client.send(get(&client).deadline(None)).await.unwrap();
    assert_eq!((answer.attempts().len(), memory.connections()), (2, 2));
}

/// R23: a connection that the server closed while it was idle costs no attempt, not even of a POST.
#[tokio::test(start_paused = true)]
async fn a_pooled_connection_closed_by_the_server_is_replaced() {
    let memory = Memory::new(|_, mut stream| {
        Box::pin(async move {
            request(&mut stream, Duration::ZERO).await;
            answer(&mut stream, 200).await;
        })
    });
    let client = memory.client(Timeouts::default());
    for expected in 1..=3 {
        let answer = client.send(upload(&client, 10)).await.unwrap();
        assert_eq!((answer.attempts().len(), memory.connections()), (1, expected));
        sleep(Duration::from_secs(1)).await;
    }
}

/// A connection that is too old finishes what it does and is replaced; an idle one is closed.
#[tokio::test(start_paused = true)]
async fn old_and_idle_connections_are_replaced() {
    let memory = statuses(&[200; 8]);
    let age = Some(Duration::from_secs(60));
    let client = memory.client(Timeouts { connection_age: age, ..Timeouts::default() });
    for _ in 0..3 {
        client.send(get(&client)).await.unwrap();
        sleep(Duration::from_secs(31)).await;
    }
    assert_eq!(memory.connections(), 1);
    client.send(get(&client)).await.unwrap();
    assert_eq!(memory.connections(), 2);
    sleep(Duration::from_secs(51)).await;
    client.send(get(&client)).await.unwrap();
    assert_eq!(memory.connections(), 3);
}

/// O10: a server that reads nothing ends the upload after the write timeout.
#[tokio::test(start_paused = true)]
async fn a_stalled_upload_is_ended() {
    let memory = Memory::new(|_, stream| {
        Box::pin(async move {
            sleep(Duration::from_secs(10_000)).await;
            drop(stream);
        })
    });
    let client = memory.client(Timeouts::default());
    let began = Instant::now();
    let error = client.send(upload(&client, 1 << 20)).await.unwrap_err();
    assert!(matches!(error, Error::Timeout { phase: TimeoutPhase::Write, .. }), "{error:?}");
    assert!(error.may_have_happened() && error.attempts().len() == 1);
    assert_eq!(began.elapsed().as_secs(), 30);
}

/// O10: a slow upload is none, and the read timeout begins with its last byte. O11: a request
/// without a body may wait as long for its answer.
#[tokio::test(start_paused = true)]
async fn a_slow_upload_and_a_late_answer_are_no_stall() {
    let memory = Memory::new(|_, mut stream| {
        Box::pin(async move {
            while request(&mut stream, Duration::from_secs(20)).await {
                sleep(Duration::from_secs(90)).await;
                answer(&mut stream, 200).await;
            }
        })
    });
    let client = memory.client(Timeouts::default());
    let began = Instant::now();
    let answer = client.send(upload(&client, 64 << 10)).await.unwrap();
    assert_eq!((answer.attempts().len(), began.elapsed().as_secs()), (1, 8 * 20 + 90));
    assert!(client.send(get(&client).deadline(None)).await.is_ok());
    assert_eq!(memory.connections(), 1);
}

/// D9, Z20: a refusal stands although its body breaks off, never ends, or is huge; its connection does not.
#[tokio::test(start_paused = true)]
async fn a_refusal_stands_whatever_becomes_of_its_body() {
    let bodies = ["content-length: 99\r\n\r\n{\"error\":", "content-length: 9999999\r\n\r\n<html>"];
    for (number, body) in bodies.into_iter().enumerate() {
        let memory = Memory::new(move |_, mut stream| {
            Box::pin(async move {
                while request(&mut stream, Duration::ZERO).await {
                    let text = format!("HTTP/1.1 403 Forbidden\r\nrequest-id: r1\r\n{body}");
                    stream.write_all(text.as_bytes()).await.unwrap();
                    if number == 0 {
                        return;
                    }
                    sleep(Duration::from_secs(10_000)).await;
                }
            })
        });
        let client = memory.client(Timeouts::default());
        let began = Instant::now();
        let answer = client.send(get(&client)).await.unwrap();
        assert_eq!((answer.status(), answer.request_id()), (StatusCode::FORBIDDEN, Some("r1")));
        assert!(began.elapsed() <= Duration::from_secs(10));
        client.send(get(&client)).await.unwrap();
        assert_eq!(memory.connections(), 2);
    }
}
