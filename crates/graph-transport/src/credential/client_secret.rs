//! App-only sign-in with a client secret.

use super::app::{App, Proof, names_app, takes_scope};
use super::{AccessToken, BoxFuture, Credential, CredentialError, TokenRequest};
use crate::secret::Secret;
use crate::secret_source::{Held, SecretSource};

/// The OAuth 2.0 client-credentials grant with a secret (facts: graph-protocol 2.1).
#[derive(Debug)]
pub struct ClientSecret {
    app: App,
    secret: Held,
}

impl ClientSecret {
    /// `tenant` is a GUID or a verified domain, never `common`; the scope is the cloud's `/.default`.
    pub fn new(tenant: impl Into<String>, client_id: impl Into<String>, secret: Secret) -> Self {
        Self::from_source(tenant, client_id, secret)
    }

    /// A secret that may change: it is read late, kept for at most five minutes, and read once more
    /// after the authority refused it (SEC-D05).
    pub fn from_source(
        tenant: impl Into<String>,
        client_id: impl Into<String>,
        source: impl SecretSource,
    ) -> Self {
        Self { app: App::new(tenant, client_id), secret: Held::new(source) }
    }

    takes_scope! {
        /// Asks for another scope than the cloud's own, as the `resource` of the seeds does.
    }
}

impl Credential for ClientSecret {
    names_app!();

    fn token<'a>(
        &'a self,
        request: &'a TokenRequest<'a>,
    ) -> BoxFuture<'a, Result<AccessToken, CredentialError>> {
        Box::pin(async move {
            let secret = self.secret.current().await?;
            let result = self.app.client_credentials(request, Proof::Secret(&secret)).await;
            if !result.as_ref().is_err_and(CredentialError::is_invalid_client) {
                return result;
            }
            let other = self.secret.reread().await?;
            if other == secret {
                return result;
            }
            self.app.client_credentials(request, Proof::Secret(&other)).await
        })
    }

    fn cache_key(&self) -> Option<String> {
        Some(self.app.cache_key("client secret"))
    }
}
