//! The result of one row: what was asked, what came of it; fit to be run again.

use std::str::FromStr;

use graph_admin::Steps;
use graph_dsl::{ArgumentKind, Arguments, Envelope, Outcome, Signature};
use serde_json::{Map, Value, json};

use super::Callee;
use super::rows::Row;

/// How a row ended, as `--only` names it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Ended {
    /// Every outcome that is no success, except `unknown`: what may have happened is repeated only by name.
    Failed,
    /// Not begun: the run was stopped before.
    Unstarted,
    /// Exactly this outcome.
    As(Outcome),
}

impl Ended {
    /// Whether `--only self` takes a row that ended as `other`.
    pub(super) fn includes(self, other: Self) -> bool {
        match (self, other) {
            (Self::Failed, Self::As(Outcome::Unknown)) => false,
            (Self::Failed, Self::As(outcome)) => !outcome.is_success(),
            _ => self == other,
        }
    }
}

impl FromStr for Ended {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "failed" => Ok(Self::Failed),
            "unstarted" => Ok(Self::Unstarted),
            _ => text.parse().map(Self::As).map_err(|_| {
                let known: Vec<&str> = Outcome::ALL.iter().map(|it| it.as_str()).collect();
                format!("expected failed, unstarted or an outcome ({})", known.join(", "))
            }),
        }
    }
}

/// One line of a results file.
#[derive(Debug)]
pub(super) struct RowResult {
    pub(super) command: String,
    pub(super) row: u64,
    pub(super) arguments: Arguments,
    pub(super) ended: Ended,
}

impl RowResult {
    /// A line that [`answered`] or [`unstarted`] wrote.
    pub(super) fn read(object: &Map<String, Value>) -> Option<Self> {
        let outcome = object.get("outcome")?.as_str()?;
        let ended = match outcome {
            "unstarted" => Ended::Unstarted,
            // As an outcome here, not as the group that `--only failed` means.
            other => Ended::As(other.parse().ok()?),
        };
        Some(Self {
            command: object.get("command")?.as_str()?.to_owned(),
            row: object.get("row")?.as_u64()?,
            arguments: object.get("arguments")?.as_object()?.clone().into(),
            ended,
        })
    }
}

/// The line of a row that was not begun.
pub(super) fn unstarted(callee: &Callee, row: &Row) -> Value {
    line(callee, row, "unstarted")
}

/// The line of a row that is being sent: until its answer is written it may have happened.
pub(super) fn begun(callee: &Callee, row: &Row) -> Value {
    line(callee, row, if callee.safety.reads { "unstarted" } else { Outcome::Unknown.as_str() })
}

/// The line of a row with its answer.
pub(super) fn answered(callee: &Callee, row: &Row, envelope: &Envelope) -> Value {
    let outcome = envelope.outcome();
    let mut line = line(callee, row, outcome.as_str());
    line["changed"] = outcome.changed().into();
    line["status"] = envelope.status_code.into();
    line["error"] = envelope.reason().into();
    line["request_id"] = envelope.meta.request_ids.last().cloned().into();
    line["data"] = envelope.data.clone();
    line
}

/// The line of a row whose steps are over.
pub(super) fn stepped(callee: &Callee, row: &Row, steps: &Steps) -> Value {
    let mut line = line(callee, row, steps.outcome().as_str());
    let failed = steps.steps.iter().find(|step| !step.is_success());
    let why = steps.halted.as_ref().map(ToString::to_string);
    let why = why.or_else(|| Some(format!("{}: {}", failed?.step, failed?.error.as_deref()?)));
    line["changed"] = steps.changed().into();
    line["error"] = why.into();
    line["request_id"] = failed.and_then(|step| step.request_id.clone()).into();
    line["data"] = json!({ "steps": steps.steps, "data": steps.data });
    line
}

fn line(callee: &Callee, row: &Row, outcome: &str) -> Value {
    json!({
        "command": callee.name,
        "row": row.number,
        "arguments": shown(&callee.signature, &row.arguments),
        "outcome": outcome,
    })
}

/// Arguments without the values of secrets: a row that has one is run again from its first file.
pub(crate) fn shown(signature: &Signature, arguments: &Arguments) -> Value {
    let shown = |(name, value): (&str, &Value)| {
        let value = if is_secret(signature, name) { MASK.into() } else { value.clone() };
        (name.to_owned(), value)
    };
    Value::Object(arguments.iter().map(shown).collect())
}

/// What stands in place of a secret.
pub(crate) const MASK: &str = "***";

/// Whether an argument's value must be shown nowhere.
pub(crate) fn is_secret(signature: &Signature, name: &str) -> bool {
    signature.get(name).is_some_and(|it| it.kind == ArgumentKind::Secret)
}
