//! What every way to sign an app in has in common.

use super::{AccessToken, CredentialError, TokenRequest};
use crate::secret::Secret;

/// Whose client assertion is a signed token (facts: graph-protocol 2.1).
const JWT_BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// An app in a tenant, and the scope that it asks for.
#[derive(Clone, Debug)]
pub(super) struct App {
    pub(super) tenant: String,
    pub(super) client_id: String,
    pub(super) scope: Option<String>,
}

/// What every credential with an `app` says of itself.
macro_rules! names_app {
    () => {
        fn tenant(&self) -> Option<&str> {
            Some(&self.app.tenant)
        }

        fn client_id(&self) -> Option<&str> {
            Some(&self.app.client_id)
        }
    };
}
pub(super) use names_app;

/// The builder method for another scope, described by the caller.
macro_rules! takes_scope {
    ($(#[$description:meta])+) => {
        $(#[$description])+
        #[must_use]
        pub fn scope(mut self, scope: impl Into<String>) -> Self {
            self.app.scope = Some(scope.into());
            self
        }
    };
}
pub(super) use takes_scope;

/// The builder method of a client that may have a secret.
macro_rules! takes_client_secret {
    () => {
        /// The secret of a confidential client; a public client has none.
        #[must_use]
        pub fn client_secret(mut self, secret: Secret) -> Self {
            self.secret = Some(secret);
            self
        }
    };
}
pub(super) use takes_client_secret;

/// How an app proves that it is the one: `client_secret` or `client_assertion`.
pub(super) enum Proof<'a> {
    Secret(&'a Secret),
    Assertion(&'a Secret),
}

impl<'a> Proof<'a> {
    pub(super) fn fields(&self) -> Vec<(&'static str, &'a str)> {
        match self {
            Self::Secret(secret) => vec![("client_secret", secret.expose())],
            Self::Assertion(assertion) => vec![
                ("client_assertion_type", JWT_BEARER),
                ("client_assertion", assertion.expose()),
            ],
        }
    }
}

impl App {
    pub(super) fn new(tenant: impl Into<String>, client_id: impl Into<String>) -> Self {
        Self { tenant: tenant.into(), client_id: client_id.into(), scope: None }
    }

    pub(super) fn scope(&self, request: &TokenRequest<'_>) -> String {
        self.scope.clone().unwrap_or_else(|| request.cloud().default_scope())
    }

    /// The scope of a sign-in with a person: also a refresh token, so that the person is asked once.
    pub(super) fn scope_offline(&self, request: &TokenRequest<'_>) -> String {
        let scope = self.scope(request);
        if scope.split(' ').any(|name| name == "offline_access") {
            return scope;
        }
        format!("{scope} offline_access")
    }

    /// The OAuth 2.0 client-credentials grant.
    pub(super) async fn client_credentials(
        &self,
        request: &TokenRequest<'_>,
        proof: Proof<'_>,
    ) -> Result<AccessToken, CredentialError> {
        let scope = self.scope(request);
        let mut form = vec![
            ("grant_type", "client_credentials"),
            ("client_id", self.client_id.as_str()),
            ("scope", scope.as_str()),
        ];
        form.extend(proof.fields());
        request.post_form(&self.tenant, &form).await
    }

    pub(super) fn cache_key(&self, kind: &str) -> String {
        let scope = self.scope.as_deref().unwrap_or_default();
        format!("{kind} {} {} {scope}", self.tenant, self.client_id)
    }
}
