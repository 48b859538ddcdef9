//! Sign-in with a refresh token that somebody stored.

use super::app::{App, Proof, names_app, takes_client_secret, takes_scope};
use super::renewal::{Renewal, Renewed, stores_refresh_tokens};
use super::{AccessToken, BoxFuture, Credential, CredentialError, TokenRequest};
use crate::secret::Secret;

/// The refresh-token grant: delegated tokens without the person (facts: graph-protocol 2.4).
///
/// Every use replaces the refresh token; [`RefreshToken::token_store`] keeps the new one, which a later
/// process then uses rather than the one that it is made with.
#[derive(Debug)]
pub struct RefreshToken {
    app: App,
    secret: Option<Secret>,
    renewal: Renewal,
}

impl RefreshToken {
    /// `tenant` is a GUID, a verified domain or `organizations`.
    pub fn new(tenant: impl Into<String>, client_id: impl Into<String>, token: Secret) -> Self {
        Self { app: App::new(tenant, client_id), secret: None, renewal: Renewal::with(token) }
    }

    takes_client_secret!();

    stores_refresh_tokens!();

    takes_scope! {
        /// Asks for another scope than the cloud's own; `offline_access` is added.
    }
}

impl Credential for RefreshToken {
    names_app!();

    fn token<'a>(
        &'a self,
        request: &'a TokenRequest<'a>,
    ) -> BoxFuture<'a, Result<AccessToken, CredentialError>> {
        Box::pin(async move {
            let proof = self.secret.as_ref().map(Proof::Secret);
            match self.renewal.renew(&self.app, proof, request).await? {
                Renewed::Token(token) => Ok(token),
                Renewed::AskThePerson(refused) => {
                    Err(refused.expect("the token that it is made with was tried"))
                }
            }
        })
    }
}
