//! Outcomes: what an answer means, in sixteen words.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::MessagePattern;

/// What came of a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Done; nothing else to say.
    Ok,
    /// Something new exists.
    Created,
    /// Something was changed.
    Updated,
    /// Something was removed.
    Deleted,
    /// It was there already; nothing changed.
    Present,
    /// It was gone already; nothing changed.
    Absent,
    /// Graph works on it.
    Accepted,
    /// What was asked for does not exist.
    NotFound,
    /// It clashes with what exists.
    Conflict,
    /// The token may not.
    Forbidden,
    /// The token was refused.
    Unauthenticated,
    /// The tenant lacks a licence.
    NotLicensed,
    /// This cloud does not offer it.
    NotInCloud,
    /// Graph asked to wait, and the waiting ran out.
    Throttled,
    /// A write that may have happened.
    Unknown,
    /// Anything else that went wrong.
    Failed,
}

/// The text is no outcome.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown outcome `{0}`")]
pub struct UnknownOutcome(pub String);

/// One entry of `expect`: an answer that fits every condition has this outcome.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct OutcomeRule {
    /// Statuses it applies to; empty applies to all.
    pub statuses: Vec<u16>,
    /// Graph's error code, compared without letter case, inner codes included.
    pub code: Option<String>,
    /// Part of Graph's error message, compared without letter case.
    pub message: Option<MessagePattern>,
    /// What such an answer means.
    pub outcome: Outcome,
}

impl Outcome {
    /// Every outcome, in the order of the documentation.
    pub const ALL: [Self; 16] = [
        Self::Ok,
        Self::Created,
        Self::Updated,
        Self::Deleted,
        Self::Present,
        Self::Absent,
        Self::Accepted,
        Self::NotFound,
        Self::Conflict,
        Self::Forbidden,
        Self::Unauthenticated,
        Self::NotLicensed,
        Self::NotInCloud,
        Self::Throttled,
        Self::Unknown,
        Self::Failed,
    ];

    /// Their spellings, in the same order.
    pub(crate) const NAMES: [&'static str; 16] = {
        let mut names = [""; 16];
        let mut at = 0;
        while at < names.len() {
            names[at] = Self::ALL[at].as_str();
            at += 1;
        }
        names
    };

    /// The spelling in system files, envelopes and reports.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Created => "created",
            Self::Updated => "updated",
            Self::Deleted => "deleted",
            Self::Present => "present",
            Self::Absent => "absent",
            Self::Accepted => "accepted",
            Self::NotFound => "not_found",
            Self::Conflict => "conflict",
            Self::Forbidden => "forbidden",
            Self::Unauthenticated => "unauthenticated",
            Self::NotLicensed => "not_licensed",
            Self::NotInCloud => "not_in_cloud",
            Self::Throttled => "throttled",
            Self::Unknown => "unknown",
            Self::Failed => "failed",
        }
    }

    /// Whether the command achieved what it is for.
    pub const fn is_success(self) -> bool {
        matches!(
            self,
            Self::Ok
                | Self::Created
                | Self::Updated
                | Self::Deleted
                | Self::Present
                | Self::Absent
                | Self::Accepted
        )
    }

    /// Whether the tenant is different afterwards, as far as the answer says.
    pub const fn changed(self) -> bool {
        matches!(self, Self::Created | Self::Updated | Self::Deleted | Self::Accepted)
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

impl FromStr for Outcome {
    type Err = UnknownOutcome;

    fn from_str(text: &str) -> Result<Self, UnknownOutcome> {
        let found = Self::ALL.into_iter().find(|outcome| outcome.as_str() == text);
        found.ok_or_else(|| UnknownOutcome(text.to_owned()))
    }
}

impl OutcomeRule {
    /// Whether an answer fits: its status, Graph's codes (outer and inner) and message.
    pub fn matches(&self, status: u16, codes: &[&str], message: &str) -> bool {
        let status_fits = self.statuses.is_empty() || self.statuses.contains(&status);
        let code_fits = self
            .code
            .as_ref()
            .is_none_or(|wanted| codes.iter().any(|code| code.eq_ignore_ascii_case(wanted)));
        let message_fits = self.message.as_ref().is_none_or(|pattern| pattern.is_in(message));
        status_fits && code_fits && message_fits
    }

    /// Whether everything the other rule matches is matched by this one.
    pub(crate) fn covers(&self, other: &Self) -> bool {
        let status = self.statuses.is_empty()
            || (!other.statuses.is_empty()
                && other.statuses.iter().all(|status| self.statuses.contains(status)));
        let code = self.code.is_none() || self.code == other.code;
        let message = self.message.is_none() || self.message == other.message;
        status && code && message
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_are_the_same_in_text_and_json() {
        for outcome in Outcome::ALL {
            assert_eq!(outcome.as_str().parse(), Ok(outcome));
            assert_eq!(serde_json::to_string(&outcome).unwrap(), format!("\"{outcome}\""));
        }
    }

    #[test]
    fn a_message_rule_fits_in_any_letter_case() {
        let rule = OutcomeRule {
            statuses: vec![400],
            code: None,
            message: Some("already exist".parse().expect("a pattern")),
            outcome: Outcome::Present,
        };
        assert!(rule.matches(400, &[], "One or more added object references Already Exist for …"));
        assert!(!rule.matches(404, &[], "already exist"));
    }
}
