//! Bodies of requests, compressed where that is asked for.

use std::io::Write as _;
use std::task::{Context, Poll};

use flate2::Compression;
use flate2::write::GzEncoder;
use http::Request;
use http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_RANGE, HeaderValue};
use tower::{Layer, Service};

use crate::body::Body;

/// Makes [`Gzip`].
#[derive(Clone, Copy, Debug)]
pub struct GzipLayer {
    pub(crate) on: bool,
}

impl<S> Layer<S> for GzipLayer {
    type Service = Gzip<S>;

    fn layer(&self, inner: S) -> Gzip<S> {
        Gzip { inner, on: self.on }
    }
}

/// Compresses the bodies of requests, where that is on.
#[derive(Clone, Debug)]
pub struct Gzip<S> {
    inner: S,
    on: bool,
}

impl<S> Service<Request<Body>> for Gzip<S>
where
    S: Service<Request<Body>>,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<Body>) -> S::Future {
        self.inner.call(if self.on { compress(request) } else { request })
    }
}

/// Compresses a body (C11), unless it is empty (C15), encoded already (C13) or a piece of something
/// larger, whose range counts its bytes (C12).
fn compress(request: Request<Body>) -> Request<Body> {
    let as_it_is = [CONTENT_ENCODING, CONTENT_RANGE];
    let plain = request.body().bytes().clone();
    if plain.is_empty() || as_it_is.iter().any(|name| request.headers().contains_key(name)) {
        return request;
    }
    let mut encoder = GzEncoder::new(Vec::with_capacity(plain.len() / 2), Compression::default());
    let written = encoder.write_all(&plain).and_then(|()| encoder.finish());
    let smaller = written.expect("writing to memory does not fail");
    let (mut parts, _) = request.into_parts();
    parts.headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    // The length of what is sent; hyper counts a body whose header is absent.
    parts.headers.remove(CONTENT_LENGTH);
    Request::from_parts(parts, Body::from(bytes::Bytes::from(smaller)))
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use http::Method;
    use http::header::HeaderName;

    use crate::fake::{Asked, Fake};
    use crate::script::reply;
    use crate::{GraphClient, GraphRequest};

    fn client(fake: &Fake) -> GraphClient {
        fake.client().compress_requests(true).build().unwrap()
    }

    async fn send(client: &GraphClient, body: &str, header: Option<(&'static str, &'static str)>) {
        let link = client.cloud().link("/v1.0/users").unwrap();
        let mut request = GraphRequest::new(Method::POST, link)
            .body(body.to_owned().into(), "application/json".parse().unwrap());
        if let Some((name, value)) = header {
            request = request.header(HeaderName::from_static(name), value.parse().unwrap());
        }
        client.send(request).await.unwrap();
    }

    fn unzipped(asked: &Asked) -> String {
        let mut text = String::new();
        flate2::read::GzDecoder::new(asked.body.as_ref()).read_to_string(&mut text).unwrap();
        text
    }

    /// C11, C12, C13, C15
    #[tokio::test]
    async fn bodies_are_compressed_where_that_is_asked_for_and_possible() {
        let fake = Fake::new(|_| reply(200, &[], "{}"));
        let body = format!("{{\"text\":\"{}\"}}", "ab".repeat(5_000));
        let client = client(&fake);
        send(&client, &body, None).await;
        send(&client, &body, Some(("content-range", "bytes 0-9/100"))).await;
        send(&client, &body, Some(("content-encoding", "br"))).await;
        send(&client, "", None).await;
        let plain = fake.client().build().unwrap();
        send(&plain, &body, None).await;
        let asked = fake.asked();
        assert_eq!(asked[0].headers["content-encoding"], "gzip");
        assert!(asked[0].body.len() < 1_000 && !asked[0].headers.contains_key("content-length"));
        assert_eq!(unzipped(&asked[0]), body);
        assert!(asked[1..].iter().all(|it| it.body == body || it.body.is_empty()));
        assert_eq!(asked[2].headers["content-encoding"], "br");
        assert!(!asked[3].headers.contains_key("content-encoding"));
        assert!(!asked[4].headers.contains_key("content-encoding"), "not asked for");
    }

    /// D2, R36: what goes out again is what went out, compressed once.
    #[tokio::test(start_paused = true)]
    async fn a_repeat_carries_the_same_headers_and_body() {
        let fake = Fake::new(|asked| match asked.earlier {
            0 => reply(429, &[("retry-after", "1")], ""),
            _ => reply(200, &[], "{}"),
        });
        send(&client(&fake), "{\"a\":1}", Some(("consistencylevel", "eventual"))).await;
        let asked = fake.asked();
        assert_eq!(asked.len(), 2);
        for name in ["content-type", "consistencylevel", "content-encoding"] {
            assert_eq!(asked[0].headers[name], asked[1].headers[name], "{name}");
        }
        assert_eq!(unzipped(&asked[0]), unzipped(&asked[1]));
    }
}
