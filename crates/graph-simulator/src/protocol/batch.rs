//! `$batch`: up to twenty requests in one (facts: graph-protocol 7).

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use super::errors::Refusal;
use super::json::Json;
use super::reply::Reply;
use crate::tenant::mix::mix2;

/// Items of one batch.
const MOST_ITEMS: usize = 20;

#[derive(Deserialize)]
struct Envelope<'a> {
    #[serde(borrow)]
    requests: Vec<RawItem<'a>>,
}

#[derive(Deserialize)]
struct RawItem<'a> {
    id: Option<String>,
    method: Option<String>,
    url: Option<String>,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    #[serde(borrow)]
    body: Option<&'a RawValue>,
    #[serde(default, rename = "dependsOn")]
    depends_on: Option<Vec<String>>,
}

/// One request of a batch.
#[derive(Debug)]
pub(crate) struct Item {
    id: String,
    pub(crate) method: Method,
    /// Path and query below the version.
    pub(crate) url: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    depends_on: Vec<String>,
}

/// Reads the body of a batch; what is wrong with the envelope fails all of it.
pub(crate) fn parse(body: &Bytes) -> Result<Vec<Item>, Refusal> {
    let envelope: Envelope<'_> = serde_json::from_slice(body)
        .map_err(|_| Refusal::malformed("Invalid batch payload format."))?;
    if envelope.requests.is_empty() {
        return Err(Refusal::malformed("Invalid batch payload format: it holds no requests."));
    }
    if envelope.requests.len() > MOST_ITEMS {
        return Err(Refusal::malformed(format!(
            "Number of batch request steps exceeds the maximum value of {MOST_ITEMS}."
        )));
    }
    let mut items: Vec<Item> = Vec::with_capacity(envelope.requests.len());
    for raw in envelope.requests {
        let item = read_item(raw)?;
        if items.iter().any(|other| other.id.eq_ignore_ascii_case(&item.id)) {
            return Err(Refusal::malformed(format!(
                "Duplicate id '{}' in batch request steps.",
                item.id
            )));
        }
        items.push(item);
    }
    check_dependencies(&items)?;
    Ok(items)
}

fn read_item(raw: RawItem<'_>) -> Result<Item, Refusal> {
    let missing = |name: &str| {
        Refusal::malformed(format!("Invalid batch payload format: a request step has no '{name}'."))
    };
    let id = raw.id.filter(|id| !id.is_empty()).ok_or_else(|| missing("id"))?;
    let method = raw.method.ok_or_else(|| missing("method"))?;
    let method = Method::from_bytes(method.to_ascii_uppercase().as_bytes())
        .map_err(|_| missing("method"))?;
    let url = raw.url.filter(|url| !url.is_empty()).ok_or_else(|| missing("url"))?;
    let mut headers = HeaderMap::new();
    for (name, value) in raw.headers {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            headers.append(name, value);
        }
    }
    if raw.body.is_some() && !headers.contains_key(http::header::CONTENT_TYPE) {
        return Err(Refusal::malformed(format!(
            "Write request id : {id} does not contain Content-Type header or body."
        )));
    }
    let body =
        raw.body.map_or_else(Bytes::new, |body| Bytes::copy_from_slice(body.get().as_bytes()));
    Ok(Item { id, method, url, headers, body, depends_on: raw.depends_on.unwrap_or_default() })
}

/// A prerequisite must be an earlier request of the same batch.
fn check_dependencies(items: &[Item]) -> Result<(), Refusal> {
    for (index, item) in items.iter().enumerate() {
        for wanted in &item.depends_on {
            if !items[..index].iter().any(|other| other.id.eq_ignore_ascii_case(wanted)) {
                return Err(Refusal::malformed(format!(
                    "Invalid batch payload format: request step '{}' depends on '{wanted}', which is no earlier step.",
                    item.id
                )));
            }
        }
    }
    Ok(())
}

/// Answers every item through `answer`, dependants of failures with 424; answers come in an order of their own.
pub(crate) fn run(items: &[Item], shuffle: u64, mut answer: impl FnMut(&Item) -> Reply) -> Reply {
    let mut replies: Vec<(&str, Reply)> = Vec::with_capacity(items.len());
    for item in items {
        let failed = item.depends_on.iter().any(|wanted| {
            replies
                .iter()
                .any(|(id, reply)| id.eq_ignore_ascii_case(wanted) && reply.status.as_u16() >= 400)
        });
        let reply = if failed { failed_dependency() } else { answer(item) };
        replies.push((&item.id, reply));
    }
    replies
        .sort_by_key(|(id, _)| id.bytes().fold(shuffle, |hash, byte| mix2(hash, u64::from(byte))));
    let mut json = Json::with_capacity(
        256 + replies.iter().map(|(_, reply)| reply.body.len() + 256).sum::<usize>(),
    );
    json.begin_object();
    json.key("responses");
    json.begin_array();
    for (id, reply) in &replies {
        write_reply(id, reply, &mut json);
    }
    json.end_array();
    json.end_object();
    Reply::ok(json)
}

fn failed_dependency() -> Reply {
    let mut json = Json::with_capacity(128);
    json.raw(br#"{"error":{"code":"FailedDependency","message":"The request failed because a request it depends on failed."}}"#);
    Reply::json(StatusCode::FAILED_DEPENDENCY, json)
}

fn write_reply(id: &str, reply: &Reply, json: &mut Json) {
    json.begin_object();
    json.key("id");
    json.string(id);
    json.key("status");
    json.number(u64::from(reply.status.as_u16()));
    json.key("headers");
    json.begin_object();
    json.key("Cache-Control");
    json.string("no-cache");
    for (name, value) in &reply.headers {
        json.key(&title_case(name));
        json.string(value.to_str().unwrap_or_default());
    }
    if !reply.content_type.is_empty() {
        json.key("Content-Type");
        json.string(reply.content_type);
    }
    json.end_object();
    json.key("body");
    write_body(reply, json);
    json.end_object();
}

fn write_body(reply: &Reply, json: &mut Json) {
    if reply.body.is_empty() {
        json.null();
    } else if reply.content_type.starts_with("application/json")
        || reply.content_type == "text/html"
    {
        // HTML, which only a fault brings, stands there raw (facts: graph-protocol 12, row 15).
        json.raw(&reply.body);
    } else if reply.content_type.starts_with("text/plain") {
        match serde_json::from_slice::<Value>(&reply.body) {
            Ok(number) => json.value(&number),
            Err(_) => json.string(&String::from_utf8_lossy(&reply.body)),
        }
    } else {
        json.string(&STANDARD.encode(&reply.body));
    }
}

/// Header names in the casing that Graph writes.
fn title_case(name: &HeaderName) -> String {
    let mut text = String::new();
    let keep = name.as_str().starts_with("x-ms-") || name.as_str().ends_with("request-id");
    for (index, part) in name.as_str().split('-').enumerate() {
        if index > 0 {
            text.push('-');
        }
        let mut letters = part.chars();
        match letters.next() {
            Some(first) if !keep => text.push(first.to_ascii_uppercase()),
            Some(first) => text.push(first),
            None => {}
        }
        text.push_str(letters.as_str());
    }
    text
}
