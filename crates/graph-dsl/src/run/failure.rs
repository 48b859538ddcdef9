//! Failures in an envelope: what went wrong, in whose words, where.

use graph_transport::{Answer, Disposition, Error, GraphLink, TimeoutPhase};
use serde_json::{Value, json};

use super::envelope::{Detail, Envelope, Meta, Upstream};
use super::judge::outcome_of_error;
use super::send::SendError;
use crate::plan::{ArgumentError, CommandPlan, Outcome};

/// How many bytes of an unusable body an envelope shows.
const EXCERPT: usize = 512;

/// How many other sets of permissions a refusal names.
const OTHERS: usize = 4;

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
    let disposition = match answer.disposition() {
        // A rule of the command calls this success a failure.
        Disposition::Ok => Disposition::Fatal,
        disposition => disposition,
    };
    failed(
        plan,
        meta,
        Some(status),
        Detail { error, upstream: Some(upstream), arguments: Vec::new() },
        Some(disposition),
    )
}

/// A success whose body is not JSON: the page of a proxy, or JSON that breaks off.
///
/// What reads has failed; what writes may have happened, so its outcome is unknown.
pub(super) fn not_json(
    plan: &CommandPlan,
    answer: &Answer,
    link: &GraphLink,
    cause: &serde_json::Error,
    mut meta: Meta,
) -> Envelope {
    meta.outcome = if plan.safety.mutates() { Outcome::Unknown } else { Outcome::Failed };
    let content_type = answer.headers().get(http::header::CONTENT_TYPE);
    let content_type = content_type.and_then(|value| value.to_str().ok()).unwrap_or("untyped");
    let error = format!("failed to read the answer ({content_type}) as JSON: {cause}");
    // What breaks off may hold the secret already.
    let shown = if plan.secrets.is_empty() { excerpt(answer.body()) } else { Value::Null };
    let upstream = Upstream { url: link.to_string(), detail: shown };
    failed(
        plan,
        meta,
        Some(answer.status().as_u16()),
        Detail { error, upstream: Some(upstream), arguments: Vec::new() },
        Some(Disposition::Fatal),
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
    meta.attempts += error.attempts().len() + usize::from(was_cut_short(error));
    let graph = error.graph();
    let detail =
        graph.map(|graph| json!({ "error": { "code": graph.code, "message": graph.message } }));
    let upstream = Some(Upstream { url: link.to_string(), detail: detail.unwrap_or(Value::Null) });
    let status = graph.map(|graph| graph.status.as_u16());
    let text = match status {
        Some(status) => format!("HTTP Error {status}"),
        None => words(error),
    };
    let detail = Detail { error: text, upstream, arguments: Vec::new() };
    failed(plan, meta, status, detail, Some(error.disposition()))
}

/// A request that the transport's types refuse.
pub(super) fn unsendable(plan: &CommandPlan, error: &SendError, meta: Meta) -> Envelope {
    let error = chain(format!("failed to {error}"), error);
    let detail = Detail { error, upstream: None, arguments: Vec::new() };
    failed(plan, meta, None, detail, Some(Disposition::Fatal))
}

/// Arguments that do not fit: nothing was sent.
pub(super) fn arguments(plan: &CommandPlan, errors: &[ArgumentError], meta: Meta) -> Envelope {
    let arguments: Vec<String> = errors.iter().map(ToString::to_string).collect();
    let error = format!("invalid arguments for {}", plan.full_name());
    failed(plan, meta, None, Detail { error, upstream: None, arguments }, None)
}

pub(super) fn failed(
    plan: &CommandPlan,
    mut meta: Meta,
    status_code: Option<u16>,
    detail: Detail,
    disposition: Option<Disposition>,
) -> Envelope {
    meta.complete = false;
    meta.defined_at = Some(plan.defined_at.to_string());
    if matches!(meta.outcome, Outcome::Forbidden) {
        let known = !plan.permission.is_unknown();
        meta.needs_permission = known.then(|| plan.permission.to_string());
        let other = |set: &&Vec<String>| **set != plan.permission.application;
        let others = plan.needs.application.iter().filter(other).take(OTHERS);
        meta.other_permissions = others.map(|set| set.join(" + ")).collect();
    }
    let detail = Some(detail);
    Envelope { status_code, detail, disposition, ..Envelope::success(Value::Null, meta) }
}

/// Whether the operation's deadline ended an attempt, which is not among the recorded ones then.
fn was_cut_short(error: &Error) -> bool {
    matches!(error, Error::Timeout { phase: TimeoutPhase::Operation, .. })
}

/// The error and its causes as one sentence.
fn words(error: &Error) -> String {
    let text = match error {
        // A wait is asked for in whole seconds; what is left of it by now is not.
        Error::Throttled { wait, tried, .. } => {
            let seconds = wait.as_secs_f64().round().max(1.0);
            let attempts = match tried.attempts.len() {
                0 | 1 => String::new(),
                count => format!(" after {count} attempts"),
            };
            format!(
                "failed to wait {seconds} s as Graph asks: the operation's deadline is earlier{attempts}"
            )
        }
        _ => format!("failed to {error}"),
    };
    chain(text, error)
}

/// `failed to sign in: reach the login authority: …`: a cause that repeats what is said already is left out.
fn chain(mut text: String, error: &(dyn std::error::Error + 'static)) -> String {
    let mut source = error.source();
    while let Some(cause) = source {
        let said = cause.to_string();
        if !text.contains(&said) {
            text.push_str(": ");
            text.push_str(&said);
        }
        source = cause.source();
    }
    text
}

/// A body as JSON, null when it is empty.
pub(super) fn json(body: &[u8]) -> Result<Value, serde_json::Error> {
    const BOM: &[u8] = "\u{feff}".as_bytes();
    let body = body.strip_prefix(BOM).unwrap_or(body);
    if body.trim_ascii().is_empty() {
        return Ok(Value::Null);
    }
    serde_json::from_slice(body)
}

/// The same for a body that need not be JSON: as text then.
pub(super) fn json_or_text(body: &[u8]) -> Value {
    json(body).unwrap_or_else(|_| Value::String(String::from_utf8_lossy(body).into_owned()))
}

/// The beginning of a body as text.
fn excerpt(body: &[u8]) -> Value {
    let text = String::from_utf8_lossy(&body[..body.len().min(EXCERPT)]);
    let more = if body.len() > EXCERPT { "…" } else { "" };
    Value::String(format!("{text}{more}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bare_values_and_blank_bodies_are_json() {
        assert_eq!(json(b"50").unwrap(), json!(50));
        assert_eq!(json("\u{feff}50".as_bytes()).unwrap(), json!(50));
        assert_eq!(json(b"\r\n").unwrap(), Value::Null);
        assert!(json(b"<html>").is_err() && json(br#"{"value":["#).is_err());
    }

    #[test]
    fn an_excerpt_is_bounded_and_survives_a_cut_letter() {
        let text = excerpt("é".repeat(EXCERPT).as_bytes());
        let text = text.as_str().unwrap();
        assert!(text.len() <= EXCERPT + 8 && text.ends_with('…'), "{text}");
        assert_eq!(excerpt(b"<html>"), json!("<html>"));
    }
}
