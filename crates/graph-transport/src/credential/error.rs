//! Why no token could be had, and what to do about it.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use http::StatusCode;
use serde::Deserialize;

use crate::answer::Answer;
use crate::error::{BoxError, Error};

/// A failed sign-in. Cloneable, because every waiting caller gets it (U19).
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CredentialError {
    /// The authority refused.
    #[error("get a token: {0}")]
    Refused(Box<AuthorityRefusal>),
    /// The authority could not be reached or answered with a failure of its own.
    #[error("reach the login authority")]
    Unreachable(#[source] Arc<Error>),
    /// A token or an answer that cannot be used.
    #[error("use what the authority answered: {0}")]
    Unusable(&'static str),
    /// A file, a vault or a program that the credential reads.
    #[error("read {what}")]
    Source {
        /// What it is called, without its content.
        what: String,
        /// Why.
        source: Arc<dyn std::error::Error + Send + Sync>,
    },
    /// A token for another tenant or another Graph than the connection's (SEC-D07).
    #[error("use the token: its `{claim}` is `{found}`, the connection is for `{expected}`")]
    ForeignToken {
        /// `aud` or `tid`.
        claim: &'static str,
        /// What the token says.
        found: String,
        /// What the connection needs.
        expected: String,
    },
    /// The credential gave no token in time (U18).
    #[error("get a token within {0:?}")]
    TimedOut(Duration),
    /// A sign-in with a person that did not come to its end.
    #[error("sign in with a person: {0}")]
    Person(String),
    /// What the credential relies on is not on this machine.
    #[error("get a token from {what}: {reason}")]
    NotHere {
        /// A service or a program.
        what: &'static str,
        /// How that showed.
        reason: String,
    },
    /// The authority has no OpenID configuration for the tenant.
    #[error("read the tenant's OpenID configuration: {0}")]
    NoConfiguration(Box<AuthorityRefusal>),
}

/// The authority's own words, with the ids that Microsoft's support asks for.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct AuthorityRefusal {
    /// The HTTP status.
    pub status: StatusCode,
    /// The OAuth `error`: what control flow may use.
    pub error: String,
    /// The first line of `error_description`, with the AADSTS number.
    pub description: String,
    /// The AADSTS numbers: for people and for hints.
    pub codes: Vec<u32>,
    /// For Microsoft's support.
    pub trace_id: Option<String>,
    /// For Microsoft's support.
    pub correlation_id: Option<String>,
    /// How long the authority asks to wait (U24).
    pub retry_after: Option<Duration>,
    /// By how many seconds the authority's clock is ahead of this machine's, where that may be the cause.
    pub clock_skew: Option<i64>,
}

impl fmt::Display for AuthorityRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.description)?;
        if let Some(skew) = self.clock_skew {
            let side = if skew < 0 { "ahead of" } else { "behind" };
            write!(
                f,
                "; this machine's clock is {} s {side} the authority's",
                skew.unsigned_abs()
            )?;
        }
        let ids = [("trace-id", &self.trace_id), ("correlation-id", &self.correlation_id)];
        let ids: Vec<String> = ids
            .into_iter()
            .filter_map(|(name, id)| Some(format!("{name} {}", id.as_ref()?)))
            .collect();
        if ids.is_empty() { Ok(()) } else { write!(f, " ({})", ids.join(", ")) }
    }
}

impl AuthorityRefusal {
    /// AADSTS700024, 500133: an assertion that is not valid now.
    pub(super) fn is_about_time(&self) -> bool {
        self.codes.iter().any(|code| [700_024, 500_133].contains(code))
    }

    fn read(answer: &Answer) -> Self {
        let refusal: Refusal = serde_json::from_slice(answer.body()).unwrap_or_default();
        let line = refusal.error_description.lines().next().unwrap_or_default().trim();
        let description = match (line, refusal.error.as_str()) {
            ("", "") => format!("the authority answered {}", answer.status()),
            ("", error) => error.to_owned(),
            (line, _) => line.to_owned(),
        };
        let named = number_in(&description).into_iter();
        let codes =
            if refusal.error_codes.is_empty() { named.collect() } else { refusal.error_codes };
        Self {
            status: answer.status(),
            error: refusal.error,
            description,
            codes,
            trace_id: refusal.trace_id,
            correlation_id: refusal.correlation_id,
            retry_after: None,
            clock_skew: None,
        }
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Refusal {
    error: String,
    error_description: String,
    error_codes: Vec<u32>,
    trace_id: Option<String>,
    correlation_id: Option<String>,
}

/// The next step for a refusal; a missing tab ends a comment.
const HINTS: &str = include_str!("aadsts.tsv");

/// The next step for any of `keys`, which are AADSTS numbers or an OAuth error.
fn hint_for(mut wanted: impl FnMut(&str) -> bool) -> Option<&'static str> {
    let rows = HINTS.lines().filter(|line| !line.starts_with('#'));
    let mut rows = rows.filter_map(|line| line.split_once('\t'));
    rows.find(|(keys, _)| keys.split(',').any(&mut wanted)).map(|(_, hint)| hint)
}

/// The number in a description, where `error_codes` is missing: `AADSTS7000215: …`.
fn number_in(description: &str) -> Option<u32> {
    let digits = description.split_once("AADSTS")?.1;
    digits[..digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len())].parse().ok()
}

impl CredentialError {
    pub(crate) fn refused(answer: &Answer) -> Self {
        Self::Refused(Box::new(AuthorityRefusal::read(answer)))
    }

    pub(crate) fn no_configuration(answer: &Answer) -> Self {
        Self::NoConfiguration(Box::new(AuthorityRefusal::read(answer)))
    }

    /// Takes the values of a form out of the authority's words: a proxy that echoes what it was sent
    /// must not put a secret on a screen.
    pub(super) fn without(mut self, form: &[(&str, &str)]) -> Self {
        let public = ["grant_type", "client_id", "scope", "client_assertion_type", "redirect_uri"];
        if let Self::Refused(refusal) = &mut self {
            for (_, value) in
                form.iter().filter(|(name, value)| !public.contains(name) && !value.is_empty())
            {
                let encoded: String =
                    url::form_urlencoded::byte_serialize(value.as_bytes()).collect();
                for text in [&mut refusal.description, &mut refusal.error] {
                    *text = text.replace(value, "***").replace(&encoded, "***");
                }
            }
        }
        self
    }

    pub(crate) fn source(what: String, source: BoxError) -> Self {
        Self::Source { what, source: source.into() }
    }

    /// A refusal of the app's secret or assertion, after which another one may be accepted.
    pub(super) fn is_invalid_client(&self) -> bool {
        matches!(self, Self::Refused(refusal) if refusal.error == "invalid_client")
    }

    /// Whether the authority answered with this OAuth error.
    pub(super) fn has_oauth_error(&self, error: &str) -> bool {
        matches!(self, Self::Refused(refusal) if refusal.error == error)
    }

    /// A refusal of an assertion that is not valid now, by the authority's clock.
    #[cfg(feature = "tls")]
    pub(super) fn is_about_time(&self) -> bool {
        matches!(self, Self::Refused(refusal) if refusal.is_about_time())
    }

    /// A refresh token that no longer stands for the person (facts: graph-protocol 2.7).
    pub(super) fn asks_for_a_person(&self) -> bool {
        self.has_oauth_error("invalid_grant") || self.has_oauth_error("interaction_required")
    }

    /// How long the authority asks not to be asked again.
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Refused(refusal) => refusal.retry_after,
            Self::Unreachable(error) => match &**error {
                Error::Throttled { wait, .. } => Some(*wait),
                _ => None,
            },
            _ => None,
        }
    }

    pub(crate) fn unreachable(error: Error) -> Self {
        Self::Unreachable(Arc::new(error))
    }

    /// Whether trying later may help: an authority that is down, not one that says no.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Refused(refusal) | Self::NoConfiguration(refusal) => {
                let status = refusal.status;
                let overloaded =
                    status == StatusCode::TOO_MANY_REQUESTS || status.is_server_error();
                overloaded || refusal.error == "temporarily_unavailable"
            }
            Self::Unreachable(_) | Self::TimedOut(_) => true,
            Self::Unusable(_)
            | Self::Source { .. }
            | Self::ForeignToken { .. }
            | Self::Person(_)
            | Self::NotHere { .. } => false,
        }
    }

    /// What to do about it, where that is known.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Refused(refusal) | Self::NoConfiguration(refusal) => {
                let coded = |key: &str| key.parse().is_ok_and(|code| refusal.codes.contains(&code));
                hint_for(coded).or_else(|| hint_for(|key| key == refusal.error))
            }
            Self::ForeignToken { .. } => {
                Some("check `tenant_id` and `cloud`, or get a token for this connection")
            }
            Self::Person(_) => Some("begin the sign-in again"),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(body: &'static str) -> CredentialError {
        let answer = http::Response::builder().status(401).body(body.into()).unwrap();
        CredentialError::refused(&Answer::from_parts(answer))
    }

    #[test]
    fn the_next_step_follows_the_number_or_else_the_error() {
        let hint = |body| refusal(body).hint().unwrap();
        assert!(hint(r#"{"error":"invalid_client","error_codes":[7000222]}"#).contains("expired"));
        let described =
            r#"{"error":"invalid_client","error_description":"AADSTS7000215: no\r\nTrace"}"#;
        assert!(hint(described).contains("value, not its id"));
        assert!(hint(r#"{"error":"invalid_client"}"#).contains("client_secret"));
        assert!(refusal("<html>").hint().is_none());
    }

    /// Every row has keys of one kind and a next step; no number is in two rows.
    #[test]
    fn the_table_of_next_steps_is_well_formed() {
        let mut seen = std::collections::BTreeSet::new();
        for row in HINTS.lines().filter(|line| !line.starts_with('#')) {
            let (keys, hint) = row.split_once('\t').unwrap_or_else(|| panic!("{row}"));
            assert!(!hint.is_empty() && !hint.contains('\t') && !hint.ends_with('.'), "{row}");
            assert!(keys.split(',').all(|key| seen.insert(key)), "{row}");
        }
        assert!(hint_for(|key| key == "90055").unwrap().contains("throttled"));
        assert_eq!(hint_for(|key| key == "1"), None);
    }

    /// SEC-S2: an authority, or a proxy before it, that echoes the form.
    #[test]
    fn an_echoed_secret_is_not_shown() {
        let body = r#"{"error":"invalid_request","error_description":"got client_secret=a%2Bb%7Ec and a+b~c for app-1"}"#;
        let answer = http::Response::builder().status(400).body(body.into()).unwrap();
        let error = CredentialError::refused(&Answer::from_parts(answer));
        let shown =
            error.without(&[("client_id", "app-1"), ("client_secret", "a+b~c")]).to_string();
        assert!(!shown.contains("a+b~c") && !shown.contains("a%2Bb"), "{shown}");
        assert!(shown.contains("app-1"), "{shown}");
    }
}
