//! Failures in an envelope: what went wrong, in whose words, where.

use graph_transport::{Answer, Error, GraphLink};
use serde_json::{Value, json};

use super::envelope::{Detail, Envelope, Meta, Upstream};
use super::judge::outcome_of_error;
use super::send::SendError;
use crate::plan::{ArgumentError, CommandPlan, Outcome};

/// An answer that is no success.
pub(super) fn refused(
    plan: &CommandPlan,
    answer: &Answer,
    link: &GraphLink,
    meta: Meta,
) -> Envelope {
    let status = answer.status().as_u16();
    let upstream = Upstream { url: link.to_string(), detail: json_or_text(answer.body()) };
    let error = format!("HTTP Error {status}");
    failed(
        plan,
        meta,
        Some(status),
        Detail { error, upstream: Some(upstream), arguments: Vec::new() },
    )
}

/// No usable answer, or a page that failed later.
pub(super) fn broken(
    plan: &CommandPlan,
    error: &Error,
    link: &GraphLink,
    mut meta: Meta,
) -> Envelope {
    meta.outcome = outcome_of_error(plan, error);
    for attempt in error.attempts() {
        meta.request_ids.extend(attempt.request_id.clone());
        meta.client_request_ids.push(attempt.client_request_id.clone());
    }
    meta.attempts += error.attempts().len();
    let graph = error.graph();
    let detail =
        graph.map(|graph| json!({ "error": { "code": graph.code, "message": graph.message } }));
    let upstream = Some(Upstream { url: link.to_string(), detail: detail.unwrap_or(Value::Null) });
    let status = graph.map(|graph| graph.status.as_u16());
    let error = match status {
        Some(status) => format!("HTTP Error {status}"),
        None => chain(error),
    };
    failed(plan, meta, status, Detail { error, upstream, arguments: Vec::new() })
}

/// A request that the transport's types refuse.
pub(super) fn unsendable(plan: &CommandPlan, error: &SendError, meta: Meta) -> Envelope {
    let error = chain(error);
    failed(plan, meta, None, Detail { error, upstream: None, arguments: Vec::new() })
}

/// Arguments that do not fit: nothing was sent.
pub(super) fn arguments(plan: &CommandPlan, errors: &[ArgumentError], meta: Meta) -> Envelope {
    let arguments: Vec<String> = errors.iter().map(ToString::to_string).collect();
    let error = format!("invalid arguments for {}", plan.full_name());
    failed(plan, meta, None, Detail { error, upstream: None, arguments })
}

pub(super) fn failed(
    plan: &CommandPlan,
    mut meta: Meta,
    status_code: Option<u16>,
    detail: Detail,
) -> Envelope {
    meta.defined_at = Some(plan.defined_at.to_string());
    let lacks = matches!(meta.outcome, Outcome::Forbidden) && !plan.permission.is_unknown();
    meta.needs_permission = lacks.then(|| plan.permission.to_string());
    Envelope { data: Value::Null, meta, status_code, detail: Some(detail), content: None }
}

/// `cannot sign in: …: …`, each error of the chain once.
fn chain(error: &(dyn std::error::Error + 'static)) -> String {
    let mut text = format!("failed to {error}");
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}

/// A body as JSON, as text when it is none, null when it is empty.
pub(super) fn json_or_text(body: &[u8]) -> Value {
    const BOM: &[u8] = "\u{feff}".as_bytes();
    let body = body.strip_prefix(BOM).unwrap_or(body);
    if body.is_empty() {
        return Value::Null;
    }
    serde_json::from_slice(body)
        .unwrap_or_else(|_| Value::String(String::from_utf8_lossy(body).into_owned()))
}
