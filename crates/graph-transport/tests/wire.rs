//! The real wire against a server that breaks off, lies about lengths or answers HTML (cases R, D, P).

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

use std::sync::{Arc, Mutex};

use graph_transport::{
    Answer, Cloud, CustomCloud, Error, GraphClient, GraphRequest, PageError, StaticBearer,
};
use http::Method;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

/// Answers each connection with the next piece of raw text and closes it; keeps the requests it saw.
/// A reply that begins like JSON gets a head; `{root}` is the server's own address.
struct RawServer {
    address: std::net::SocketAddr,
    seen: Arc<Mutex<Vec<String>>>,
    _serving: tokio::task::JoinSet<()>,
}

impl RawServer {
    async fn answering(replies: &[&str]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let seen = Arc::<Mutex<Vec<String>>>::default();
        let mut serving = tokio::task::JoinSet::new();
        let root = format!("http://{address}");
        let replies: Vec<String> =
            replies.iter().map(|reply| raw(&reply.replace("{root}", &root))).collect();
        let log = Arc::clone(&seen);
        serving.spawn(async move {
            for reply in replies {
                let (mut stream, _) = listener.accept().await.unwrap();
                let mut head = Vec::new();
                let mut byte = [0];
                while !head.ends_with(b"\r\n\r\n") && stream.read(&mut byte).await.unwrap_or(0) > 0
                {
                    head.push(byte[0]);
                }
                log.lock().unwrap().push(String::from_utf8(head).unwrap());
                stream.write_all(reply.as_bytes()).await.unwrap();
                stream.shutdown().await.unwrap();
            }
            // Stay, so that a further connection is refused by nobody and a test would notice.
            let _ = listener.accept().await;
            log.lock().unwrap().push("unexpected".to_owned());
        });
        Self { address, seen, _serving: serving }
    }

    fn client(&self) -> GraphClient {
        client(&format!("http://{}", self.address))
    }

    fn requests(&self) -> Vec<String> {
        self.seen.lock().unwrap().clone()
    }
}

fn client(root: &str) -> GraphClient {
    let cloud = Cloud::custom(CustomCloud {
        graph_root: root.to_owned(),
        authority: root.to_owned(),
        ca_bundle: None,
        allow_insecure_loopback: true,
    });
    let mut retry = graph_transport::RetryConfig::default();
    (retry.max_attempts, retry.jitter) = (2, std::time::Duration::ZERO);
    retry.backoff = graph_transport::Backoff::exponential(std::time::Duration::ZERO, 1.0);
    GraphClient::builder(cloud.unwrap(), StaticBearer::new("t".into()))
        .retry(retry)
        .build()
        .unwrap()
}

fn raw(reply: &str) -> String {
    if reply.starts_with('{') { whole(reply) } else { reply.to_owned() }
}

fn whole(body: &str) -> String {
    format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}", body.len())
}

async fn send(client: &GraphClient, method: Method) -> Result<Answer, Error> {
    client.send(GraphRequest::new(method, client.cloud().link("/v1.0/users").unwrap())).await
}

/// R21, R22, D11: an answer that breaks off anywhere repeats a GET and ends a POST.
#[tokio::test]
async fn a_broken_answer_is_never_taken_for_a_whole_one() {
    let broken = [
        "",
        "HTTP/1.1 200",
        "HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n{\"value\":[]}",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\n{\"val",
        "not http at all\r\n\r\n",
    ];
    for reply in broken {
        let server = RawServer::answering(&[reply, &whole("{}")]).await;
        let answer = send(&server.client(), Method::GET).await.unwrap();
        assert_eq!(
            (answer.body().as_ref(), answer.attempts().len()),
            (b"{}".as_slice(), 2),
            "{reply:?}"
        );

        let server = RawServer::answering(&[reply, &whole("{}")]).await;
        let error = send(&server.client(), Method::POST).await.unwrap_err();
        assert!(error.may_have_happened(), "{reply:?}: {error}");
        assert_eq!(server.requests().len(), 1, "a POST that may have landed was sent twice");
    }
}

/// R19, E12
#[tokio::test]
async fn a_refused_connection_says_so_with_its_cause() {
    let free = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let root = format!("http://{}", free.local_addr().unwrap());
    drop(free);
    let error = send(&client(&root), Method::POST).await.unwrap_err();
    assert!(matches!(&error, Error::Unreachable { .. }), "{error:?}");
    assert_eq!(error.attempts().len(), 2, "nothing was sent, so even a POST may repeat");
    assert!(std::error::Error::source(&error).is_some());
}

/// P29, B33: a page that is not whole JSON ends the walk with an error and proves nothing.
#[tokio::test]
async fn a_page_that_is_html_or_truncated_json_fails_the_walk() {
    for body in ["<html>captive portal</html>", "{\"value\":[{\"id\":\"1\"}", "{\"error\":{}}"] {
        let server = RawServer::answering(&[&whole(body)]).await;
        let client = server.client();
        let mut pages =
            client.pages(GraphRequest::get(client.cloud().link("/v1.0/users").unwrap()));
        assert!(matches!(pages.next().await, Some(Err(Error::Page(_)))), "{body}");
        assert!(pages.next().await.is_none());
        assert_eq!(pages.proof(), None);
    }
}

/// P1, P4, P16, P30, U4: pages in order, headers carried, the token on each, a proof at the end.
#[tokio::test]
async fn a_walk_follows_empty_pages_to_its_proof() {
    let page = |items: &str, link: &str| format!("{{\"value\":[{items}]{link}}}");
    let next = |n: u8| format!(",\"@odata.nextLink\":\"{{root}}/v1.0/users?$skiptoken={n}\"");
    let replies =
        [page("{\"id\":\"1\"}", &next(1)), page("", &next(2)), page("{\"id\":\"2\"}", "")];
    let server = RawServer::answering(&replies.each_ref().map(String::as_str)).await;
    let client = server.client();
    let name = http::HeaderName::from_static("consistencylevel");
    let first = GraphRequest::get(client.cloud().link("/v1.0/users").unwrap());
    let mut pages = client.pages(first.header(name, "eventual".parse().unwrap()));
    let mut items = Vec::new();
    while let Some(page) = pages.next().await {
        items.extend(page.unwrap().items().map(str::to_owned));
    }
    assert_eq!(items, ["{\"id\":\"1\"}", "{\"id\":\"2\"}"]);
    let proof = pages.proof().unwrap();
    assert_eq!((proof.pages, proof.items, proof.delta_link), (3, 2, None));
    let requests = server.requests();
    assert_eq!(requests.len(), 3);
    for request in requests {
        assert!(request.contains("consistencylevel: eventual\r\n"), "{request}");
        assert!(request.contains("authorization: Bearer t\r\n"), "{request}");
    }
}

/// B15: a page that links to itself would never end.
#[tokio::test]
async fn a_loop_of_links_is_found() {
    let page = "{\"value\":[],\"@odata.nextLink\":\"{root}/v1.0/users\"}";
    let server = RawServer::answering(&[page]).await;
    let client = server.client();
    let mut pages = client.pages(GraphRequest::get(client.cloud().link("/v1.0/users").unwrap()));
    assert!(pages.next().await.unwrap().is_ok());
    let error = pages.next().await.unwrap().unwrap_err();
    assert!(matches!(error, Error::Page(PageError::Loop { pages: 1 })), "{error:?}");
    assert_eq!(server.requests().len(), 1);
}

/// P9: a link elsewhere is refused before anything is sent.
#[tokio::test]
async fn a_foreign_link_ends_the_walk() {
    let foreign = whole("{\"value\":[],\"@odata.nextLink\":\"http://127.0.0.1:1/v1.0/users\"}");
    let server = RawServer::answering(&[&foreign]).await;
    let client = server.client();
    let mut pages = client.pages(GraphRequest::get(client.cloud().link("/v1.0/users").unwrap()));
    let error = pages.next().await.unwrap().unwrap_err();
    assert!(matches!(error, Error::Page(PageError::Link(_))), "{error:?}");
    assert_eq!(server.requests().len(), 1);
}
