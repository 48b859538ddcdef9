//! How an application proves itself: a secret, an assertion, or, as a public client, nothing.

use super::error::OAuthError;
use super::form::Form;
use super::{AuthorityRequest, Identity, assertion};
use crate::app_registration::AppRegistration;

/// What an application proved itself with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Proof {
    Nothing,
    Secret,
    Assertion,
}

impl Proof {
    /// The value of the claim `appidacr`.
    pub(super) const fn code(self) -> &'static str {
        match self {
            Self::Nothing => "0",
            Self::Secret => "1",
            Self::Assertion => "2",
        }
    }
}

/// Checks the credential of a request; an application may send none.
pub(super) fn prove(
    identity: &Identity,
    app: &AppRegistration,
    secret: Option<&str>,
    form: &Form,
    request: &AuthorityRequest<'_>,
) -> Result<Proof, OAuthError> {
    if let Some(text) = form.get("client_assertion") {
        assertion::check(identity, app, form.get("client_assertion_type"), text, request)?;
        return Ok(Proof::Assertion);
    }
    let Some(secret) = secret else { return Ok(Proof::Nothing) };
    match app.secrets.iter().find(|known| known.value == secret) {
        Some(known) if known.expired => Err(OAuthError::secret_expired(&app.id)),
        Some(_) => Ok(Proof::Secret),
        None => Err(OAuthError::wrong_secret(&app.id)),
    }
}
