//! Sign-in with a refresh token that somebody stored.

use super::app::{App, Proof, names_app};
use super::renewal::Renewal;
use super::{AccessToken, BoxFuture, Credential, CredentialError, TokenRequest};
use crate::secret::Secret;

/// The refresh-token grant: delegated tokens without the person (facts: graph-protocol 2.4).
///
/// Every use replaces the refresh token; [`RefreshToken::on_rotation`] hands the new one over to be
/// stored instead of the old one.
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

    /// The secret of a confidential client; a public client has none.
    #[must_use]
    pub fn client_secret(mut self, secret: Secret) -> Self {
        self.secret = Some(secret);
        self
    }

    /// Called with each new refresh token, before the access token is used.
    #[must_use]
    pub fn on_rotation(mut self, store: impl Fn(&Secret) + Send + Sync + 'static) -> Self {
        self.renewal.on_rotation(store);
        self
    }

    /// Asks for another scope than the cloud's own; `offline_access` is added.
    #[must_use]
    pub fn scope(mut self, scope: impl Into<String>) -> Self {
        self.app.scope = Some(scope.into());
        self
    }
}

impl Credential for RefreshToken {
    names_app!();

    fn token<'a>(
        &'a self,
        request: &'a TokenRequest<'a>,
    ) -> BoxFuture<'a, Result<AccessToken, CredentialError>> {
        Box::pin(async move {
            let token = self.renewal.current().expect("it is made with a refresh token");
            let proof = self.secret.as_ref().map(Proof::Secret);
            self.renewal.refresh(&token, &self.app, proof, request).await
        })
    }
}
