//! What came of a compound command, step by step.

use graph_dsl::{Envelope, Outcome, Withheld};
use graph_transport::Disposition;
use serde::Serialize;
use serde_json::Value;

use crate::AdminError;

/// One step.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct Step {
    /// What it does, for people: `remove from the group Sales`.
    pub step: String,
    /// The command that does it; `None` when there was nothing to do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub command: Option<&'static str>,
    /// What came of it; `None` in a plan.
    pub outcome: Option<Outcome>,
    /// Why it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// Graph's id of the request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    #[serde(skip)]
    pub(super) disposition: Option<Disposition>,
}

/// What came of a compound command. Serializes without its secrets.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct Steps {
    /// The command, `user.offboard`.
    pub command: &'static str,
    /// The steps in their order.
    pub steps: Vec<Step>,
    /// What it found or made, without secrets.
    pub data: Value,
    /// Why it stopped before its end.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "as_text")]
    pub halted: Option<Halt>,
    /// New secrets, such as a client secret or a temporary access pass.
    #[serde(skip)]
    pub secrets: Vec<Withheld>,
}

/// Why a compound command stopped before its end.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Halt {
    /// Graph refused a read or a step that the others build on.
    #[error("{what}: {error}")]
    Refused {
        /// What was being done.
        what: String,
        /// Graph's words, or why no answer came.
        error: String,
        /// How the transport classifies it.
        disposition: Option<Disposition>,
    },
    /// A name that several objects, or none, have; never resolved by taking the first.
    #[error("{name}: {}", candidates(.found))]
    Ambiguous {
        /// The name.
        name: String,
        /// The objects that have it, as `id displayName`.
        found: Vec<String>,
    },
    /// It would do more than was asked for, or lacks something.
    #[error("{0}")]
    Unsafe(String),
}

fn candidates(found: &[String]) -> String {
    match found {
        [] => "nothing has this name".to_owned(),
        found => format!("{} objects have this name: {}", found.len(), found.join("; ")),
    }
}

#[expect(clippy::ref_option, reason = "serde calls it so")]
fn as_text<S: serde::Serializer>(halted: &Option<Halt>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&halted.as_ref().map(ToString::to_string).unwrap_or_default())
}

impl Step {
    /// Whether it did not fail; a planned step has not.
    pub fn is_success(&self) -> bool {
        self.outcome.is_none_or(Outcome::is_success)
    }

    /// How the transport classifies the failure.
    pub fn disposition(&self) -> Option<Disposition> {
        self.disposition
    }
}

impl Steps {
    /// Whether it came to its end and every step succeeded.
    pub fn is_success(&self) -> bool {
        self.halted.is_none() && self.steps.iter().all(Step::is_success)
    }

    /// All steps in one word: `updated`, `ok` where nothing was left to do, or `failed`; a repeat does
    /// what is left.
    pub fn outcome(&self) -> Outcome {
        match (self.is_success(), self.changed()) {
            (false, _) => Outcome::Failed,
            (true, true) => Outcome::Updated,
            (true, false) => Outcome::Ok,
        }
    }

    /// Whether the tenant is different afterwards, as far as the answers say.
    pub fn changed(&self) -> bool {
        self.steps.iter().any(|step| step.outcome.is_some_and(Outcome::changed))
    }
}

impl Halt {
    pub(super) fn refused(what: impl Into<String>, envelope: &Envelope) -> Self {
        let error = envelope.reason().unwrap_or_else(|| envelope.outcome().to_string());
        Self::Refused { what: what.into(), error, disposition: envelope.disposition() }
    }
}

impl From<AdminError> for Halt {
    fn from(error: AdminError) -> Self {
        Self::Unsafe(format!("failed to {error}"))
    }
}
