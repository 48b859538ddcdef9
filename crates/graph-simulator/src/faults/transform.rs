//! What a fault makes of an answer.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderName, HeaderValue, StatusCode};
use percent_encoding::percent_decode_str;
use serde_json::Value;

use super::plan::{Fault, HeaderValues};
use crate::protocol::errors::{Refusal, RequestIds};
use crate::protocol::reply::Reply;

/// What a fault does to the connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Transport {
    /// Close it before the head.
    Close,
    /// Break it after so many bytes of the body.
    Break(u64),
    /// End the body after so many bytes, in a well-formed message.
    Truncate(u64),
    /// Announce a length that differs.
    Length(i64),
    /// Wait before the head.
    Wait(Duration),
    /// Pause within the body.
    Pause { after: u64, wait: Duration },
    /// Send the body in pieces.
    Trickle { chunk: u64, wait: Duration },
}

/// An answer that replaces the execution of the request, if the fault is of that kind.
pub(crate) fn instead(fault: &Fault, ids: &RequestIds) -> Option<Reply> {
    match fault {
        Fault::Status { status, headers, code, body } => {
            Some(status_reply(*status, headers, code.clone(), body.as_deref(), ids))
        }
        Fault::Html { status } => {
            let mut reply = Reply::text("<!DOCTYPE html><html><head><title>Gateway</title></head><body><h1>Our services aren't available right now</h1></body></html>".into());
            reply.status = StatusCode::from_u16(*status).unwrap_or(StatusCode::BAD_GATEWAY);
            reply.content_type = "text/html";
            Some(reply)
        }
        Fault::GoneTo { location } => {
            let gone = Refusal::new(
                StatusCode::GONE,
                "syncStateNotFound",
                "The sync state generation is not found; continue with the Location.",
            );
            Some(Reply::refusal(gone.header(http::header::LOCATION, location), ids))
        }
        _ => None,
    }
}

fn status_reply(
    status: u16,
    headers: &BTreeMap<String, HeaderValues>,
    given: Option<String>,
    body: Option<&str>,
    ids: &RequestIds,
) -> Reply {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut reply = match body {
        Some(body) => {
            let mut reply = Reply::text(body.to_owned());
            reply.content_type = "application/json";
            reply
        }
        None => Reply::refusal(
            Refusal::new(
                status,
                given.map_or(Cow::Borrowed(code(status)), Cow::Owned),
                "The service answered as its fault plan told it to.",
            ),
            ids,
        ),
    };
    reply.status = status;
    for (name, values) in headers {
        for value in values.iter() {
            let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value))
            else {
                continue;
            };
            // The response's own type gives way to the plan's.
            if name == http::header::CONTENT_TYPE {
                reply.content_type = "";
            }
            reply.headers.push((name, value));
        }
    }
    reply
}

/// The code that goes with a status (facts: graph-protocol 8.3).
const fn code(status: StatusCode) -> &'static str {
    match status.as_u16() {
        401 => "InvalidAuthenticationToken",
        403 => "Authorization_RequestDenied",
        404 => "Request_ResourceNotFound",
        409 => "Directory_ConcurrencyViolation",
        410 => "syncStateNotFound",
        429 => "TooManyRequests",
        500 => "Service_InternalServerError",
        502 | 504 => "UnknownError",
        503 => "serviceNotAvailable",
        _ => "generalException",
    }
}

/// What a fault makes of a reply, and of the connection that carries it.
pub(crate) fn apply(fault: &Fault, reply: Reply, asked: &str) -> (Reply, Option<Transport>) {
    let millis = |millis: &u64| Duration::from_millis(*millis);
    let transport = match fault {
        Fault::ResetBeforeHead | Fault::LostAnswer => Transport::Close,
        Fault::ResetMidBody { after } => Transport::Break(*after),
        Fault::Truncate { after } => Transport::Truncate(*after),
        Fault::WrongContentLength { difference } => Transport::Length(*difference),
        Fault::Stall { millis: wait } => Transport::Wait(millis(wait)),
        Fault::StallMidBody { after, millis: wait } => {
            Transport::Pause { after: *after, wait: millis(wait) }
        }
        Fault::SlowBody { chunk, millis: wait } => {
            Transport::Trickle { chunk: *chunk, wait: millis(wait) }
        }
        Fault::InvalidUtf8 => return (spoil(reply), None),
        Fault::Relabel { status } => {
            let status = StatusCode::from_u16(*status).unwrap_or(reply.status);
            return (Reply { status, ..reply }, None);
        }
        fault => return (rewrite(fault, reply, asked), None),
    };
    (reply, Some(transport))
}

/// Puts a byte that is not UTF-8 into the first text of the body.
fn spoil(mut reply: Reply) -> Reply {
    let mut bytes = reply.body.to_vec();
    if let Some(at) = bytes.iter().position(u8::is_ascii_alphabetic) {
        bytes[at] = 0xff;
    }
    reply.body = Bytes::from(bytes);
    reply
}

/// Changes a page; answers that are no pages stay as they are.
fn rewrite(fault: &Fault, mut reply: Reply, asked: &str) -> Reply {
    let Ok(Value::Object(mut page)) = serde_json::from_slice::<Value>(&reply.body) else {
        return reply;
    };
    if page.contains_key("error") {
        return reply;
    }
    let link = |page: &mut serde_json::Map<String, Value>, url: String| {
        page.remove("@odata.deltaLink");
        page.insert("@odata.nextLink".into(), Value::String(url));
    };
    let list = |page: &mut serde_json::Map<String, Value>,
                name: &str,
                change: &dyn Fn(&mut Vec<Value>)| {
        if let Some(Value::Array(items)) = page.get_mut(name) {
            change(items);
        }
    };
    match fault {
        Fault::LoopLink => link(&mut page, asked.to_owned()),
        Fault::EmptyPage => {
            list(&mut page, "value", &Vec::clear);
            let separator = if asked.contains('?') { '&' } else { '?' };
            link(&mut page, format!("{asked}{separator}page=again"));
        }
        Fault::Link { url } => link(&mut page, url.clone()),
        Fault::LinkVersion => relink(&mut page, |url| url.replacen("/v1.0/", "/v2/", 1)),
        Fault::UnescapedLink => {
            relink(&mut page, |url| percent_decode_str(url).decode_utf8_lossy().into_owned());
        }
        Fault::NoLink => {
            page.remove("@odata.nextLink");
            page.remove("@odata.deltaLink");
        }
        Fault::DuplicateItem => {
            list(&mut page, "value", &|items| items.extend(items.first().cloned()));
        }
        Fault::Shuffle => list(&mut page, "value", &|items| items.reverse()),
        Fault::MissingBatchItem => list(&mut page, "responses", &|items| drop(items.pop())),
        _ => return reply,
    }
    reply.body = Value::Object(page).to_string().into();
    reply
}

/// Changes the page's link, whichever it is.
fn relink(page: &mut serde_json::Map<String, Value>, change: impl Fn(&str) -> String) {
    for name in ["@odata.nextLink", "@odata.deltaLink"] {
        if let Some(Value::String(url)) = page.get_mut(name) {
            *url = change(url);
        }
    }
}
