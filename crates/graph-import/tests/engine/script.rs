//! A Graph that answers from a script, in this process.

use std::collections::{HashMap, VecDeque};
use std::convert::Infallible;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use graph_transport::{Cloud, CloudName, GraphClient, Secret, StaticBearer, TenantId};
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use serde_json::{Value, json};

/// Answers by path and query, each list in turn, its last one for ever; anything else is a 404.
#[derive(Clone, Default)]
pub(crate) struct Script(Arc<Mutex<Inner>>);

#[derive(Default)]
struct Inner {
    answers: HashMap<String, VecDeque<Reply>>,
    requests: Vec<String>,
}

#[derive(Clone)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: String,
}

pub(crate) const USERS: &str = "/v1.0/users/delta?$select=id,displayName,accountEnabled";
pub(crate) const GROUPS: &str = "/v1.0/groups/delta?$select=id,displayName,visibility,members";
const ROOT: &str = "https://graph.microsoft.com";

impl Script {
    /// Adds an answer for a path and query.
    pub(crate) fn on(&self, path: &str, reply: Reply) -> &Self {
        self.0.lock().unwrap().answers.entry(path.to_owned()).or_default().push_back(reply);
        self
    }

    /// Forgets the answers for a path and query.
    pub(crate) fn forget(&self, path: &str) -> &Self {
        self.0.lock().unwrap().answers.remove(path);
        self
    }

    /// The members of a group, on one page.
    pub(crate) fn members(&self, group: u32, members: &[u32]) -> &Self {
        self.forget(&members_path(group)).on(
            &members_path(group),
            page(&members.iter().map(|n| member(*n)).collect::<Vec<_>>(), None),
        )
    }

    /// The requests since the last call; the items of a batch are indented.
    pub(crate) fn requests(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().unwrap().requests)
    }

    /// The same without the items of batches: what went over the wire.
    pub(crate) fn sent(&self) -> Vec<String> {
        self.requests().into_iter().filter(|request| !request.starts_with(' ')).collect()
    }

    fn answer(&self, path: &str, indent: &str) -> Reply {
        let mut inner = self.0.lock().unwrap();
        inner.requests.push(format!("{indent}{path}"));
        let Some(replies) = inner.answers.get_mut(path) else {
            return error(404, "Request_ResourceNotFound");
        };
        if replies.len() > 1 { replies.pop_front().unwrap() } else { replies[0].clone() }
    }

    fn batch(&self, version: &str, body: &[u8]) -> Reply {
        let whole = self.answer(&format!("/{version}/$batch"), "");
        if whole.status != 404 {
            return whole;
        }
        let batch: Value = serde_json::from_slice(body).unwrap();
        let items = batch["requests"].as_array().unwrap().iter().map(|item| {
            let reply = self.answer(&format!("/{version}{}", item["url"].as_str().unwrap()), "  ");
            let headers: serde_json::Map<String, Value> = reply
                .headers
                .iter()
                .map(|(name, value)| ((*name).to_owned(), value.clone().into()))
                .collect();
            let body: Value = serde_json::from_str(&reply.body).unwrap_or(Value::Null);
            json!({"id": item["id"], "status": reply.status, "headers": headers, "body": body})
        });
        let items: Vec<Value> = items.rev().collect(); // any order is allowed
        ok(&json!({"responses": items}))
    }

    async fn serve(
        self,
        request: Request<graph_transport::stack::Body>,
    ) -> Result<Response<Full<Bytes>>, Infallible> {
        let path = request.uri().path_and_query().unwrap().as_str().to_owned();
        assert_eq!(request.uri().host(), Some("graph.microsoft.com"), "the token went elsewhere");
        let body = request.into_body().collect().await.unwrap().to_bytes();
        let reply = match path.strip_suffix("/$batch") {
            Some(version) => self.batch(version.trim_start_matches('/'), &body),
            None => self.answer(&path, ""),
        };
        let mut response =
            Response::builder().status(reply.status).header("content-type", "application/json");
        for (name, value) in &reply.headers {
            response = response.header(*name, value);
        }
        Ok(response.body(Full::new(reply.body.into())).unwrap())
    }

    pub(crate) fn client(&self) -> GraphClient {
        let script = self.clone();
        let wire = tower::service_fn(move |request| script.clone().serve(request));
        let cloud = Cloud::named(CloudName::Global).unwrap();
        GraphClient::builder(cloud, StaticBearer::new(Secret::new("token")))
            .wire(wire)
            .build()
            .unwrap()
    }
}

pub(crate) fn tenant() -> TenantId {
    TenantId::parse("11111111-1111-4111-8111-111111111111").unwrap()
}

/// The id of object `n`.
pub(crate) fn id(n: u32) -> String {
    format!("00000000-0000-4000-8000-{n:012}")
}

pub(crate) fn members_path(group: u32) -> String {
    format!("/beta/groups/{}/members?$select=id&$top=999", id(group))
}

pub(crate) fn ok(body: &Value) -> Reply {
    raw(200, &body.to_string())
}

pub(crate) fn raw(status: u16, body: &str) -> Reply {
    Reply { status, headers: vec![("x-ms-resource-unit", "1".to_owned())], body: body.to_owned() }
}

pub(crate) fn error(status: u16, code: &str) -> Reply {
    raw(status, &json!({"error": {"code": code, "message": code}}).to_string())
}

/// A page; `link` is `nextLink=/path`, `deltaLink=/path`, or an absolute URL behind the `=`.
pub(crate) fn page(items: &[Value], link: Option<&str>) -> Reply {
    let mut body = json!({"value": items});
    if let Some((name, target)) = link.and_then(|link| link.split_once('=')) {
        let url =
            if target.starts_with('/') { format!("{ROOT}{target}") } else { target.to_owned() };
        body[format!("@odata.{name}")] = url.into();
    }
    ok(&body)
}

pub(crate) fn user(n: u32, name: &str) -> Value {
    json!({"id": id(n), "displayName": name, "accountEnabled": true})
}

/// A group that reports its members, as a group does when they changed.
pub(crate) fn group(n: u32, name: &str) -> Value {
    json!({"id": id(n), "displayName": name, "members@delta": []})
}

pub(crate) fn removed(n: u32, reason: &str) -> Value {
    json!({"id": id(n), "@removed": {"reason": reason}})
}

pub(crate) fn member(n: u32) -> Value {
    json!({"@odata.type": "#microsoft.graph.user", "id": id(n)})
}
