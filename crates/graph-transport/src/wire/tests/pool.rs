//! What the pool answers for: sharing, racing, closing what is idle, answers that are dropped.

use std::sync::atomic::AtomicBool;

use http_body_util::Full;
use hyper_util::rt::TokioExecutor;
use tokio::time::timeout;

use super::*;

/// A connector that takes its time.
#[derive(Clone)]
struct Slow(Memory, Duration);

impl Service<Uri> for Slow {
    type Response = MemoryStream;
    type Error = io::Error;
    type Future = Pin<Box<dyn Future<Output = io::Result<MemoryStream>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        let (mut memory, time) = (self.0.clone(), self.1);
        Box::pin(async move {
            sleep(time).await;
            memory.call(uri).await
        })
    }
}

/// Answers each request after a second.
fn patient() -> Memory {
    Memory::new(|_, mut stream| {
        Box::pin(async move {
            while request(&mut stream, Duration::ZERO).await {
                sleep(Duration::from_secs(1)).await;
                answer(&mut stream, 200).await;
            }
        })
    })
}

/// The handshake that lost the race is not wasted: its connection is kept.
#[tokio::test(start_paused = true)]
async fn a_connection_that_becomes_free_serves_whoever_waits_for_one() {
    let memory = patient();
    let slow = Slow(memory.clone(), Duration::from_secs(5));
    let client =
        client(pooled(slow, HttpVersion::Negotiated, &Timeouts::default()), Timeouts::default());
    client.send(get(&client)).await.unwrap();
    let began = Instant::now();
    let (first, second) = tokio::join!(client.send(get(&client)), client.send(get(&client)));
    assert!(first.is_ok() && second.is_ok());
    assert_eq!((began.elapsed().as_secs(), memory.connections()), (2, 1));
    sleep(Duration::from_secs(5)).await;
    assert_eq!(memory.connections(), 2);
    let began = Instant::now();
    let both = tokio::join!(client.send(get(&client)), client.send(get(&client)));
    assert!(both.0.is_ok() && both.1.is_ok());
    assert_eq!((began.elapsed().as_secs(), memory.connections()), (1, 2));
}

/// Z5: one HTTP/2 connection carries all requests of a host, and a refusal of it is replaced as any other.
#[tokio::test(start_paused = true)]
async fn requests_share_an_http2_connection() {
    let memory = Memory::new(|_, stream| {
        Box::pin(async move {
            let status = |request: Request<Incoming>| async move {
                sleep(Duration::from_secs(1)).await;
                let busy = request.uri().path().ends_with("busy");
                let mut response = Response::new(Full::new(Bytes::from_static(b"{}")));
                *response.status_mut() =
                    StatusCode::from_u16(if busy { 503 } else { 200 }).unwrap();
                Ok::<_, std::convert::Infallible>(response)
            };
            let builder = hyper::server::conn::http2::Builder::new(TokioExecutor::new());
            let service = hyper::service::service_fn(status);
            drop(builder.serve_connection(TokioIo::new(stream), service).await);
        })
    });
    let wire = pooled(memory.clone(), HttpVersion::Http2, &Timeouts::default());
    let client = client(wire, Timeouts::default());
    client.send(get(&client)).await.unwrap();
    let began = Instant::now();
    let all = (0..4).map(|_| client.send(get(&client)));
    let all = futures_util::future::join_all(all).await;
    assert!(all.iter().all(Result::is_ok));
    assert_eq!((began.elapsed().as_secs(), memory.connections()), (1, 1));
    let busy = client.cloud().link("/v1.0/busy").unwrap();
    let answer = client.send(GraphRequest::get(busy)).await.unwrap();
    assert_eq!(answer.attempts().len(), memory.connections(), "each repeat a new one (D13)");
}

/// D9: whoever leaves in the middle of an answer leaves no connection to those who come after.
#[tokio::test(start_paused = true)]
async fn a_dropped_answer_closes_its_connection() {
    let memory = Memory::new(|number, mut stream| {
        Box::pin(async move {
            while request(&mut stream, Duration::ZERO).await {
                if number == 0 {
                    let part = b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{";
                    stream.write_all(part).await.unwrap();
                    sleep(Duration::from_secs(1_000)).await;
                }
                answer(&mut stream, 200).await;
            }
        })
    });
    let client = memory.client(Timeouts::default());
    assert!(timeout(Duration::from_secs(1), client.send(get(&client))).await.is_err());
    client.send(get(&client)).await.unwrap();
    client.send(get(&client)).await.unwrap();
    assert_eq!(memory.connections(), 2);
}

#[tokio::test(start_paused = true)]
async fn an_idle_connection_is_closed_although_no_request_comes() {
    let closed = Arc::new(AtomicBool::new(false));
    let told = Arc::clone(&closed);
    let memory = Memory::new(move |_, mut stream| {
        let told = Arc::clone(&told);
        Box::pin(async move {
            while request(&mut stream, Duration::ZERO).await {
                answer(&mut stream, 200).await;
            }
            told.store(true, Ordering::SeqCst);
        })
    });
    let client = memory.client(Timeouts::default());
    client.send(get(&client)).await.unwrap();
    sleep(Duration::from_secs(49)).await;
    assert!(!closed.load(Ordering::SeqCst));
    sleep(Duration::from_secs(52)).await;
    assert!(closed.load(Ordering::SeqCst), "within twice the time that it may be idle");
}
