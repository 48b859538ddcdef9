//! The authorization-code flow with PKCE: a person signs in with a browser on this machine.

mod loopback;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::timeout;

use self::loopback::Loopback;
use super::app::{App, Proof, names_app, takes_client_secret, takes_scope};
use super::random::{code_challenge, random_text};
use super::renewal::{Renewal, stores_refresh_tokens};
use super::{AccessToken, BoxFuture, Credential, CredentialError, TokenRequest};
use crate::error::BoxError;
use crate::secret::Secret;

/// How long the person has, unless set.
const PATIENCE: Duration = Duration::from_secs(300);

type Open = Arc<dyn Fn(&str) -> Result<(), BoxError> + Send + Sync>;

/// Signs a person in with the browser of this machine: authorization code, PKCE (S256) and a redirect
/// to a listener of our own on 127.0.0.1 (RFC 8252, RFC 7636, facts: graph-protocol 2.4).
///
/// The app registration needs `http://localhost` among its mobile and desktop redirect URIs. Later
/// tokens come from the refresh token, as long as the tenant's policies allow it.
#[derive(Clone)]
pub struct AuthorizationCode {
    app: App,
    secret: Option<Secret>,
    open: Open,
    port: u16,
    patience: Duration,
    renewal: Renewal,
}

impl AuthorizationCode {
    /// `open` shows a URL to the person, usually by starting their browser; it must return at once.
    /// `tenant` is a GUID, a verified domain or `organizations`.
    pub fn new(
        tenant: impl Into<String>,
        client_id: impl Into<String>,
        open: impl Fn(&str) -> Result<(), BoxError> + Send + Sync + 'static,
    ) -> Self {
        Self {
            app: App::new(tenant, client_id),
            secret: None,
            open: Arc::new(open),
            port: 0,
            patience: PATIENCE,
            renewal: Renewal::default(),
        }
    }

    takes_client_secret!();

    /// The port of the redirect, where the app registration names one; default any free port.
    #[must_use]
    pub fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// How long the person has; default five minutes.
    #[must_use]
    pub fn patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    stores_refresh_tokens!();

    takes_scope! {
        /// Asks for another scope than the cloud's own; `offline_access` is added.
    }

    async fn ask_the_person(
        &self,
        request: &TokenRequest<'_>,
    ) -> Result<AccessToken, CredentialError> {
        let unheard = |source: std::io::Error| {
            CredentialError::source("the redirect on 127.0.0.1".to_owned(), source.into())
        };
        let loopback = Loopback::bind(self.port).await.map_err(unheard)?;
        let redirect_uri = loopback.redirect_uri();
        let scope = self.app.scope_offline(request);
        let (state, verifier) = (random_text(), Secret::new(random_text()));
        let challenge = code_challenge(verifier.expose());
        let mut url =
            request.cloud().authority_url(&self.app.tenant, &["oauth2", "v2.0", "authorize"]);
        url.query_pairs_mut()
            .extend_pairs([
                ("client_id", self.app.client_id.as_str()),
                ("response_type", "code"),
                ("response_mode", "query"),
                ("redirect_uri", &redirect_uri),
                ("scope", &scope),
                ("state", &state),
                ("code_challenge", &challenge),
                ("code_challenge_method", "S256"),
            ])
            .extend_pairs(request.claims().map(|claims| ("claims", claims)));
        (self.open)(url.as_str())
            .map_err(|source| CredentialError::source("the browser".to_owned(), source))?;
        let code = timeout(self.patience, loopback.code(&state)).await.map_err(|_| {
            CredentialError::Person(format!("nobody signed in within {:?}", self.patience))
        })??;
        let mut form = vec![
            ("grant_type", "authorization_code"),
            ("client_id", self.app.client_id.as_str()),
            ("scope", scope.as_str()),
            ("redirect_uri", redirect_uri.as_str()),
            ("code", code.expose()),
            ("code_verifier", verifier.expose()),
        ];
        form.extend(self.secret.as_ref().map(Proof::Secret).iter().flat_map(Proof::fields));
        request.post_form(&self.app.tenant, &form).await
    }
}

impl Credential for AuthorizationCode {
    names_app!();

    fn token<'a>(
        &'a self,
        request: &'a TokenRequest<'a>,
    ) -> BoxFuture<'a, Result<AccessToken, CredentialError>> {
        Box::pin(async move {
            let proof = self.secret.as_ref().map(Proof::Secret);
            let ask = self.ask_the_person(request);
            self.renewal.token_or(&self.app, proof, request, ask).await
        })
    }

    fn time_limit(&self) -> Option<Duration> {
        None
    }
}

impl fmt::Debug for AuthorizationCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AuthorizationCode").field("app", &self.app).finish_non_exhaustive()
    }
}
