//! A client without cleverness: it sends one request and reads one answer.

use bytes::Bytes;
use graph_simulator::{Simulator, SimulatorService};
use http::{HeaderMap, Method, Request, StatusCode};
use http_body_util::{BodyExt, Full};
use serde_json::Value;
use tower::ServiceExt;

/// A client of a simulator in process.
#[derive(Clone)]
pub(crate) struct Client {
    service: SimulatorService,
    token: String,
}

/// An answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) bytes: Bytes,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes)
            .unwrap_or_else(|error| panic!("{error}: {:?}", self.bytes))
    }

    pub(crate) fn code(&self) -> String {
        self.json()["error"]["code"].as_str().unwrap_or_default().to_owned()
    }

    pub(crate) fn message(&self) -> String {
        self.json()["error"]["message"].as_str().unwrap_or_default().to_owned()
    }
}

impl Client {
    pub(crate) fn new(simulator: &Simulator) -> Self {
        Self { service: simulator.service(), token: simulator.access_token() }
    }

    pub(crate) fn with_token(&self, token: &str) -> Self {
        Self { token: token.to_owned(), ..self.clone() }
    }

    /// Sends a request to a path such as `/v1.0/users`, or to an absolute link.
    pub(crate) async fn send(
        &self,
        method: Method,
        target: &str,
        headers: &[(&str, &str)],
        body: Option<Value>,
    ) -> Answer {
        let uri = target.replace(' ', "%20").replace('"', "%22");
        let mut request = Request::builder().method(method).uri(uri);
        if !target.contains("://") {
            request = request.header("host", "127.0.0.1:1");
        }
        if !self.token.is_empty() {
            request = request.header("authorization", format!("Bearer {}", self.token));
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let bytes = body.map_or_else(Bytes::new, |body| Bytes::from(body.to_string()));
        if !bytes.is_empty() {
            request = request.header("content-type", "application/json");
        }
        let response =
            self.service.clone().oneshot(request.body(Full::new(bytes)).unwrap()).await.unwrap();
        let (parts, body) = response.into_parts();
        Answer {
            status: parts.status,
            headers: parts.headers,
            bytes: body.collect().await.unwrap().to_bytes(),
        }
    }

    pub(crate) async fn get(&self, target: &str) -> Answer {
        self.send(Method::GET, target, &[], None).await
    }

    /// GET in the advanced mode; the target must hold `$count=true`.
    pub(crate) async fn eventual(&self, target: &str) -> Answer {
        self.send(Method::GET, target, &[("ConsistencyLevel", "eventual")], None).await
    }

    pub(crate) async fn post(&self, target: &str, body: Value) -> Answer {
        self.send(Method::POST, target, &[], Some(body)).await
    }

    pub(crate) async fn patch(&self, target: &str, body: Value) -> Answer {
        self.send(Method::PATCH, target, &[], Some(body)).await
    }

    pub(crate) async fn delete(&self, target: &str) -> Answer {
        self.send(Method::DELETE, target, &[], None).await
    }

    /// Every item of a list, page by page.
    pub(crate) async fn all(&self, target: &str) -> Vec<Value> {
        let mut items = Vec::new();
        let mut next = Some(target.to_owned());
        while let Some(target) = next {
            let answer = self.get(&target).await;
            assert_eq!(answer.status, 200, "{target}: {:?}", answer.bytes);
            let mut page = answer.json();
            items.append(page["value"].as_array_mut().unwrap());
            next = page["@odata.nextLink"].as_str().map(str::to_owned);
        }
        items
    }
}
