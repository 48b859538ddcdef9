//! Why no token could be had, and what to do about it.

use std::fmt;
use std::sync::Arc;

use http::StatusCode;
use serde::Deserialize;

use crate::answer::Answer;
use crate::error::Error;

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
}

impl fmt::Display for AuthorityRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.description)?;
        let ids = [("trace-id", &self.trace_id), ("correlation-id", &self.correlation_id)];
        let ids: Vec<String> = ids
            .into_iter()
            .filter_map(|(name, id)| Some(format!("{name} {}", id.as_ref()?)))
            .collect();
        if ids.is_empty() { Ok(()) } else { write!(f, " ({})", ids.join(", ")) }
    }
}

impl AuthorityRefusal {
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

/// AADSTS numbers and what to do (facts: graph-protocol 2.7). For people: control flow reads `error`.
const HINTS: [(&[u32], &str); 11] = [
    (&[7_000_215], "the client secret is wrong: paste the secret's value, not its id"),
    (&[7_000_222], "the client secret has expired: create a new one and update its reference"),
    (
        &[700_016, 700_011],
        "this app is not known in this tenant: check client id, tenant and cloud, and grant admin consent",
    ),
    (
        &[90_002, 90_038, 900_382, 900_432],
        "the tenant is unknown in this cloud: check `tenant_id` and `cloud`",
    ),
    (&[9_001_023], "name the tenant by its id or domain instead of `common`"),
    (&[500_011, 650_057], "Graph is not known under this scope: check `cloud` and `resource`"),
    (&[70_011, 28_002], "the scope is malformed: leave `resource` out to use the cloud's own"),
    (
        &[65_001, 650_052, 650_056, 90_094],
        "consent is missing: an administrator must grant the app's permissions",
    ),
    (
        &[53_000, 53_001, 53_002, 53_003, 53_004, 530_035],
        "blocked by a conditional-access policy of the tenant",
    ),
    (&[700_024], "the client assertion is outside its validity: check this machine's clock"),
    (&[90_055], "the tenant's sign-ins are throttled: try again later"),
];

/// What to do where no number says more (facts: graph-protocol 2.7, by `error`).
const OAUTH_HINTS: [(&str, &str); 5] = [
    (
        "invalid_client",
        "the authority does not accept the app: check `client_id` and `client_secret`",
    ),
    (
        "unauthorized_client",
        "the app may not sign in this way: check `client_id` and its registration",
    ),
    ("invalid_scope", "check `cloud` and `resource`"),
    ("invalid_resource", "check `cloud` and `resource`"),
    ("invalid_request", "check `tenant_id` and `cloud`"),
];

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
        let public = ["grant_type", "client_id", "scope", "client_assertion_type"];
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
            Self::Unreachable(_) => true,
            Self::Unusable(_) => false,
        }
    }

    /// What to do about it, where that is known.
    pub fn hint(&self) -> Option<&'static str> {
        let (Self::Refused(refusal) | Self::NoConfiguration(refusal)) = self else { return None };
        let by_number = |(numbers, _): &&(&[u32], &str)| {
            refusal.codes.iter().any(|code| numbers.contains(code))
        };
        let by_error = |(error, _): &&(&str, &str)| refusal.error == *error;
        let number = HINTS.iter().find(by_number).map(|(_, hint)| *hint);
        number.or_else(|| OAUTH_HINTS.iter().find(by_error).map(|(_, hint)| *hint))
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
