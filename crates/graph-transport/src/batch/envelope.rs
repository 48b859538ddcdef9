//! The wire form of a batch: written from items, read into answers that share its buffer.

use std::collections::HashMap;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use http::{HeaderMap, StatusCode};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::{BatchError, BatchItem};
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
    #[serde(skip_serializing_if = "Vec::is_empty")]
    depends_on: Vec<&'a str>,
    #[serde(skip_serializing_if = "HashMap::is_empty")]
    headers: HashMap<&'a str, &'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    body: Option<&'a RawValue>,
}

/// The body of one batch. A parent that is not in it has succeeded already, so it is not named.
pub(super) fn write(items: &[BatchItem], chunk: &[usize]) -> Vec<u8> {
    let here = |id: &&str| chunk.iter().any(|index| items[*index].id.eq_ignore_ascii_case(id));
    let requests = chunk.iter().map(|index| {
        let item = &items[*index];
        let mut headers: HashMap<&str, &str> = item
            .headers
            .iter()
            .filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?)))
            .collect();
        if item.body.is_some() {
            // An item with a body is refused without it (facts: graph-protocol 7).
            headers.entry(CONTENT_TYPE.as_str()).or_insert("application/json");
        }
        let depends_on = item.depends_on.iter().map(String::as_str).filter(here).collect();
        Request {
            id: &item.id,
            method: item.method.as_str(),
            url: &item.url,
            depends_on,
            headers,
            body: item.body.as_deref(),
        }
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
    headers: Option<HashMap<String, String>>,
    #[serde(borrow, default)]
    body: Option<&'a RawValue>,
}

/// One answer for each item of the chunk, in its order; `None` where the envelope has none.
pub(super) fn read(
    outer: &Answer,
    items: &[BatchItem],
    chunk: &[usize],
) -> Result<Vec<Option<Answer>>, BatchError> {
    let responses: Responses<'_> = serde_json::from_slice(&outer.body)?;
    let mut answers: Vec<Option<Answer>> = chunk.iter().map(|_| None).collect();
    for response in responses.responses {
        let place =
            chunk.iter().position(|index| items[*index].id.eq_ignore_ascii_case(&response.id));
        let status = StatusCode::from_u16(response.status).ok();
        // An id that nobody asked for, or a status that is none, answers nothing (N19).
        let (Some(place), Some(status)) = (place, status) else { continue };
        let body =
            response.body.map_or_else(Bytes::new, |raw| outer.body.slice_ref(raw.get().as_bytes()));
        answers[place] = Some(Answer {
            status,
            headers: response.headers.map(header_map).unwrap_or_default(),
            body,
            tried: outer.tried.clone(),
            token_replaced: false,
        });
    }
    Ok(answers)
}

/// Header names come in any casing.
fn header_map(headers: HashMap<String, String>) -> HeaderMap {
    let pairs = headers.into_iter().filter_map(|(name, value)| {
        Some((HeaderName::try_from(name).ok()?, HeaderValue::try_from(value).ok()?))
    });
    pairs.collect()
}
