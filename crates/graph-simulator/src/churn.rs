//! A churn script: how the tenant moves on while it is read, as data.

use std::collections::BTreeMap;
use std::sync::Mutex;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::time::Instant;

use crate::core::Incoming;
use crate::faults::{PlanProblem, check_path, path_fits};
use crate::site::Site;

/// Steps that happen while the tenant is read; each happens once, or again and again.
///
/// ```
/// use graph_simulator::Churn;
///
/// let churn = Churn::from_yaml("
/// steps:
///   - { at_request: 3, path: /users/delta, do: { advance: 1 } }
///   - { every_requests: 100, do: { advance: 1 } }
///   - { after_millis: 60000, do: { revoke_tokens: true } }
/// ").unwrap();
/// assert_eq!(churn.steps.len(), 3);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Churn {
    /// The steps, in the order in which they are looked at before each request.
    pub steps: Vec<ChurnStep>,
}

/// One step: when, and what.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChurnStep {
    /// Before the nth request, from 1 on, that the pattern fits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_request: Option<u64>,
    /// Before every nth request that the pattern fits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub every_requests: Option<u64>,
    /// Before the first request that arrives so many milliseconds after the start.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after_millis: Option<u64>,
    /// Which requests count: a pattern of the path below the version; all if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// The tenant, by GUID or domain; the first if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tenant: Option<String>,
    /// What happens.
    #[serde(rename = "do")]
    pub action: ChurnAction,
}

/// What happens in a step: any of these, in this order.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ChurnAction {
    /// Moments by which the tenant moves on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub advance: Option<u64>,
    /// Writes, sent as the first application with all its permissions.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub writes: Vec<ChurnWrite>,
    /// Whether every token issued so far is revoked.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub revoke_tokens: bool,
    /// Permissions that are withdrawn from every token.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub withdraw_permissions: Vec<String>,
    /// Permissions that are given back.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub grant_permissions: Vec<String>,
}

/// A write to the directory.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChurnWrite {
    /// The method.
    pub method: String,
    /// The path below the version, such as `/groups/{id}`.
    pub path: String,
    /// The body.
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub body: Value,
}

/// A script that is refused.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ChurnError {
    /// The text is not a script; the source names line, column and key.
    #[error("read the churn script")]
    Syntax(#[source] serde_yaml::Error),
    /// Values that cannot be meant.
    #[error("use the churn script: {}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Values(Vec<PlanProblem>),
}

impl Churn {
    /// Reads a script from YAML, of which JSON is a part, and checks it.
    ///
    /// # Errors
    ///
    /// The text is not a script, or a value in it cannot be meant.
    pub fn from_yaml(text: &str) -> Result<Self, ChurnError> {
        let churn: Self = serde_yaml::from_str(text).map_err(ChurnError::Syntax)?;
        churn.check()?;
        Ok(churn)
    }

    /// Checks the values of a script, all of them.
    ///
    /// # Errors
    ///
    /// Lists every value that cannot be meant.
    pub fn check(&self) -> Result<(), ChurnError> {
        let mut problems = Vec::new();
        for (index, step) in self.steps.iter().enumerate() {
            let mut note = |field: &str, help: String| {
                problems.push(PlanProblem { place: format!("steps[{index}].{field}"), help });
            };
            check_step(step, &mut note);
        }
        if problems.is_empty() { Ok(()) } else { Err(ChurnError::Values(problems)) }
    }
}

fn check_step(step: &ChurnStep, note: &mut dyn FnMut(&str, String)) {
    let times = [step.at_request, step.every_requests, step.after_millis];
    if times.iter().flatten().count() != 1 {
        note("at_request", "write one of at_request, every_requests and after_millis".into());
    }
    for (name, value) in [("at_request", step.at_request), ("every_requests", step.every_requests)]
    {
        if value == Some(0) {
            note(name, "requests count from 1: write 1 or more".into());
        }
    }
    if let Some(Err(help)) = step.path.as_deref().map(check_path) {
        note("path", help);
    }
    if step.action == ChurnAction::default() {
        note(
            "do",
            "write advance, writes, revoke_tokens, withdraw_permissions or grant_permissions"
                .into(),
        );
    }
    for (number, write) in step.action.writes.iter().enumerate() {
        if !matches!(write.method.as_str(), "POST" | "PATCH" | "PUT" | "DELETE") {
            note(
                &format!("do.writes[{number}].method"),
                format!("`{}` does not write: use POST, PATCH, PUT or DELETE", write.method),
            );
        }
        if let Err(help) = check_path(&write.path) {
            note(&format!("do.writes[{number}].path"), help);
        }
    }
}

/// A script with what has happened so far.
#[derive(Debug)]
pub(crate) struct Churning {
    churn: Churn,
    started: Instant,
    /// Requests counted by each step; those after their time are done.
    seen: Mutex<BTreeMap<usize, u64>>,
}

impl Churning {
    pub(crate) fn new(churn: Churn) -> Self {
        Self { churn, started: Instant::now(), seen: Mutex::default() }
    }

    /// Takes the steps whose time has come; called before each request is answered.
    pub(crate) fn step(&self, site: &Site, path: &str) {
        if self.churn.steps.is_empty() {
            return;
        }
        let below = path.trim_start_matches('/').split_once('/');
        let path = match below {
            Some(("v1.0" | "beta", rest)) => rest,
            _ => path,
        };
        for action in self.due(path) {
            act(site, action);
        }
    }

    fn due(&self, path: &str) -> Vec<&ChurnStep> {
        let elapsed = self.started.elapsed().as_millis();
        let mut seen = self.seen.lock().expect("no code panics while it holds this lock");
        let mut due = Vec::new();
        for (index, step) in self.churn.steps.iter().enumerate() {
            if step.path.as_ref().is_some_and(|pattern| !path_fits(pattern, path)) {
                continue;
            }
            let count = seen.entry(index).or_default();
            let now = match (step.at_request, step.every_requests, step.after_millis) {
                (Some(nth), ..) => *count + 1 == nth,
                (_, Some(every), _) => (*count + 1).is_multiple_of(every.max(1)),
                (.., Some(millis)) if elapsed < u128::from(millis) => continue,
                _ => *count == 0,
            };
            *count += 1;
            due.extend(now.then_some(step));
        }
        due
    }
}

fn act(site: &Site, step: &ChurnStep) {
    let named = step.tenant.as_deref().and_then(|name| site.core_named(name));
    let core = named.unwrap_or_else(|| site.first());
    let action = &step.action;
    if let Some(moments) = action.advance {
        core.set_moment(core.moment().saturating_add(moments));
    }
    for write in &action.writes {
        let body = if write.body.is_null() { String::new() } else { write.body.to_string() };
        let mut headers = HeaderMap::new();
        headers.insert(http::header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        let method = Method::from_bytes(write.method.as_bytes()).unwrap_or(Method::POST);
        let incoming = Incoming {
            method,
            target: format!("/v1.0/{}", write.path.trim_start_matches('/')),
            headers,
            body: Bytes::from(body),
            base: site.cloud.graph_root(),
        };
        let status = core.answer_own(&incoming);
        if !status.is_success() {
            tracing::warn!(%status, path = write.path, "a write of the churn script was refused");
        }
    }
    if action.revoke_tokens {
        core.revoke_tokens();
    }
    for permission in &action.withdraw_permissions {
        core.withdraw_permission(permission, true);
    }
    for permission in &action.grant_permissions {
        core.withdraw_permission(permission, false);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_meant_is_refused_with_its_place() {
        for (text, words) in [
            ("steps: [{ do: { advance: 1 } }]", "steps[0].at_request: write one of"),
            ("steps: [{ at_request: 0, do: { advance: 1 } }]", "requests count from 1"),
            ("steps: [{ at_request: 1, do: {} }]", "steps[0].do: write advance"),
            ("steps: [{ at_request: 1, do: { explode: 1 } }]", "explode"),
            (
                "steps: [{ at_request: 1, do: { writes: [{ method: GET, path: /users }] } }]",
                "`GET` does not write",
            ),
            (
                "steps: [{ at_request: 1, path: /beta/users, do: { advance: 1 } }]",
                "names a version",
            ),
        ] {
            let error = Churn::from_yaml(text).unwrap_err();
            let source = std::error::Error::source(&error).map(ToString::to_string);
            let words_found = format!("{error}: {}", source.unwrap_or_default());
            assert!(words_found.contains(words), "{text}: {words_found}");
        }
    }
}
