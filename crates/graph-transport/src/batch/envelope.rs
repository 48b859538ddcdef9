//! The wire form of a batch: written from items, read into answers that share its buffer.

use std::collections::HashMap;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use http::{HeaderMap, Method, StatusCode};
use serde::de::Error as _;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::BatchItem;
use super::pack::Chunk;
use crate::answer::Answer;

#[derive(Serialize)]
struct Requests<'a> {
    requests: Vec<Request<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Request<'a> {
    id: &'a str,
    method: &'a str,
    url: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    depends_on: Option<[&'a str; 1]>,
    #[serde(skip_serializing_if = "HashMap::is_empty")]
    headers: HashMap<&'a str, &'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    body: Option<&'a RawValue>,
}

impl<'a> Request<'a> {
    fn of(item: &'a BatchItem, after: Option<&'a str>) -> Self {
        let mut headers: HashMap<&str, &str> = item
            .headers
            .iter()
            .filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?)))
            .collect();
        let body = item.body.as_deref().or_else(|| empty_body(&item.method));
        if body.is_some() {
            // An item with a body is refused without it (facts: graph-protocol 7).
            headers.entry(CONTENT_TYPE.as_str()).or_insert("application/json");
        }
        let (id, method, url) = (item.id.as_str(), item.method.as_str(), item.url.as_str());
        Self { id, method, url, depends_on: after.map(|id| [id]), headers, body }
    }
}

/// A POST without a payload still wants `"body": {}` (facts: graph-protocol 7).
fn empty_body(method: &Method) -> Option<&'static RawValue> {
    let empty = || serde_json::from_str("{}").expect("an object is JSON");
    (method == Method::POST).then(empty)
}

/// How many bytes an item takes in an envelope.
pub(super) fn size(item: &BatchItem) -> usize {
    let parent = item.depends_on.iter().map(String::len).max().unwrap_or(0);
    let bytes = serde_json::to_vec(&Request::of(item, None)).expect("text and JSON serialize");
    bytes.len() + parent + r#","dependsOn":[""]"#.len()
}

/// The body of one batch (N1, N10).
pub(super) fn write<'a>(item: impl Fn(usize) -> &'a BatchItem, chunk: &Chunk) -> Vec<u8> {
    let requests = chunk.iter().map(|placed| {
        Request::of(item(placed.place), placed.after.map(|parent| item(parent).id.as_str()))
    });
    serde_json::to_vec(&Requests { requests: requests.collect() })
        .expect("text and checked JSON serialize")
}

#[derive(Deserialize)]
struct Responses<'a> {
    #[serde(borrow)]
    responses: Vec<Response<'a>>,
}

#[derive(Deserialize)]
struct Response<'a> {
    id: String,
    status: u16,
    #[serde(default)]
    headers: Option<HashMap<String, serde_json::Value>>,
    #[serde(borrow, default)]
    body: Option<&'a RawValue>,
}

/// One answer for each item of the chunk, in its order; `None` where the envelope has none.
pub(super) fn read(
    outer: &Answer,
    ids: &[String],
) -> Result<Vec<Option<Answer>>, serde_json::Error> {
    if !outer.body.trim_ascii_start().starts_with(b"{") {
        // Serde takes an array for a struct, too.
        return Err(serde_json::Error::custom("the envelope is no object"));
    }
    let responses: Responses<'_> = serde_json::from_slice(&outer.body)?;
    let mut answers: Vec<Option<Answer>> = ids.iter().map(|_| None).collect();
    for response in responses.responses {
        let place = ids.iter().position(|id| id.eq_ignore_ascii_case(&response.id));
        let status = StatusCode::from_u16(response.status).ok().filter(|it| it.as_u16() >= 200);
        // An id that nobody asked for, or a status that is none, answers nothing (N19).
        let (Some(place), Some(status)) = (place, status) else { continue };
        answers[place].get_or_insert_with(|| Answer {
            status,
            headers: response.headers.map(header_map).unwrap_or_default(),
            body: response
                .body
                .map_or_else(Bytes::new, |raw| outer.body.slice_ref(raw.get().as_bytes())),
            tried: outer.tried.clone(),
            token_replaced: false,
        });
    }
    Ok(answers)
}

/// Header names come in any casing, and some values as numbers.
fn header_map(headers: HashMap<String, serde_json::Value>) -> HeaderMap {
    let pairs = headers.into_iter().filter_map(|(name, value)| {
        let value = match value {
            serde_json::Value::String(text) => text,
            serde_json::Value::Number(number) => number.to_string(),
            _ => return None,
        };
        Some((HeaderName::try_from(name).ok()?, HeaderValue::try_from(value).ok()?))
    });
    pairs.collect()
}
