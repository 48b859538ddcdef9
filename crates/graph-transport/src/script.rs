//! For tests: a wire that answers from a script and remembers what it was sent.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::future::{Ready, ready};
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http::{HeaderMap, Method, Request, Response, Uri};
use http_body_util::Full;
use tower::Service;

use crate::body::Body;
use crate::client::{GraphClient, GraphClientBuilder};
use crate::cloud::{Cloud, CloudName};
use crate::credential::{AccessToken, BoxFuture, Credential, CredentialError, TokenRequest};
use crate::error::BoxError;
use crate::retry::RetryConfig;

pub(crate) type Reply = Result<Response<Full<Bytes>>, BoxError>;

/// What was sent.
#[derive(Clone, Debug)]
pub(crate) struct Sent {
    pub(crate) method: Method,
    pub(crate) uri: Uri,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Sent {
    /// The value of a form field, decoded; empty where there is none.
    pub(crate) fn field(&self, name: &str) -> String {
        let mut fields = url::form_urlencoded::parse(&self.body);
        fields.find(|(key, _)| key == name).map(|(_, value)| value.into_owned()).unwrap_or_default()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map(|value| value.to_str().unwrap()).unwrap_or_default()
    }
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Script {
    replies: Arc<Mutex<VecDeque<Reply>>>,
    sent: Arc<Mutex<Vec<Sent>>>,
}

impl Script {
    pub(crate) fn of(replies: impl IntoIterator<Item = Reply>) -> Self {
        Self { replies: Arc::new(Mutex::new(replies.into_iter().collect())), sent: Arc::default() }
    }

    pub(crate) fn sent(&self) -> Vec<Sent> {
        self.sent.lock().unwrap().clone()
    }

    /// Without jitter, so that waits are exact.
    pub(crate) fn client(&self) -> GraphClientBuilder {
        self.client_of(Counting::default())
    }

    pub(crate) fn client_of(&self, credential: impl Credential) -> GraphClientBuilder {
        let cloud = Cloud::named(CloudName::UsGovL4).unwrap();
        let retry = RetryConfig { jitter: std::time::Duration::ZERO, ..RetryConfig::default() };
        GraphClient::builder(cloud, credential).wire(self.clone()).retry(retry)
    }
}

#[expect(clippy::unnecessary_wraps, reason = "stands beside lost connections in a script")]
pub(crate) fn reply(status: u16, headers: &[(&str, &str)], body: &str) -> Reply {
    let mut response = Response::builder().status(status);
    for (name, value) in headers {
        response = response.header(*name, *value);
    }
    Ok(response.body(Full::from(body.to_owned())).unwrap())
}

impl Service<Request<Body>> for Script {
    type Response = Response<Full<Bytes>>;
    type Error = BoxError;
    type Future = Ready<Reply>;

    fn poll_ready(
        &mut self,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Result<(), BoxError>> {
        std::task::Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Ready<Reply> {
        let (parts, body) = request.into_parts();
        let (method, uri, headers) = (parts.method, parts.uri, parts.headers);
        self.sent.lock().unwrap().push(Sent { method, uri, headers, body: body.bytes().clone() });
        ready(self.replies.lock().unwrap().pop_front().expect("the script has an answer left"))
    }
}

/// Hands out `token-1`, `token-2`, …, one for each time it is asked.
#[derive(Debug, Default)]
pub(crate) struct Counting(Mutex<u32>);

impl Credential for Counting {
    fn tenant(&self) -> Option<&str> {
        Some("contoso")
    }

    fn token<'a>(
        &'a self,
        _: &'a TokenRequest<'a>,
    ) -> BoxFuture<'a, Result<AccessToken, CredentialError>> {
        let mut count = self.0.lock().unwrap();
        *count += 1;
        let token = AccessToken::new(
            format!("token-{count}").into(),
            std::time::Duration::from_secs(3_600),
        );
        Box::pin(async move { Ok::<_, Infallible>(token).map_err(|never| match never {}) })
    }
}
