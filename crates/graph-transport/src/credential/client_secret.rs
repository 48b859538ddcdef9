//! App-only sign-in with a client secret.

use super::{AccessToken, BoxFuture, Credential, CredentialError, TokenRequest};
use crate::secret::Secret;

/// The OAuth 2.0 client-credentials grant with a secret (facts: graph-protocol 2.1).
#[derive(Debug)]
pub struct ClientSecret {
    tenant: String,
    client_id: String,
    secret: Secret,
    scope: Option<String>,
}

impl ClientSecret {
    /// `tenant` is a GUID or a verified domain, never `common`; the scope is the cloud's `/.default`.
    pub fn new(tenant: impl Into<String>, client_id: impl Into<String>, secret: Secret) -> Self {
        Self { tenant: tenant.into(), client_id: client_id.into(), secret, scope: None }
    }

    /// Asks for another scope than the cloud's own, as the `resource` of the seeds does.
    #[must_use]
    pub fn scope(mut self, scope: impl Into<String>) -> Self {
        self.scope = Some(scope.into());
        self
    }
}

impl Credential for ClientSecret {
    fn tenant(&self) -> Option<&str> {
        Some(&self.tenant)
    }

    fn token<'a>(
        &'a self,
        request: &'a TokenRequest<'a>,
    ) -> BoxFuture<'a, Result<AccessToken, CredentialError>> {
        Box::pin(async move {
            let scope = self.scope.clone().unwrap_or_else(|| request.cloud().default_scope());
            let form = [
                ("grant_type", "client_credentials"),
                ("client_id", &self.client_id),
                ("scope", &scope),
                ("client_secret", self.secret.expose()),
            ];
            request.post_form(&self.tenant, &form).await
        })
    }
}
