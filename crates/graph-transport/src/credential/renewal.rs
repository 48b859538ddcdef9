//! Refresh tokens: how a person who has signed in once is not asked again.

use std::fmt;
use std::sync::{Arc, Mutex};

use super::app::{App, Proof};
use super::{AccessToken, CredentialError, TokenRequest};
use crate::secret::Secret;

/// Stores a refresh token: each use brings another one, and the old one is to be deleted.
type Store = Arc<dyn Fn(&Secret) + Send + Sync>;

/// The refresh token of a sign-in, and who wants to know when it changes.
#[derive(Clone, Default)]
pub(super) struct Renewal {
    current: Arc<Mutex<Option<Secret>>>,
    store: Option<Store>,
}

impl Renewal {
    pub(super) fn with(token: Secret) -> Self {
        Self { current: Arc::new(Mutex::new(Some(token))), store: None }
    }

    pub(super) fn on_rotation(&mut self, store: impl Fn(&Secret) + Send + Sync + 'static) {
        self.store = Some(Arc::new(store));
    }

    /// A token for the refresh token in hand; `None` where there is none, or where the authority says
    /// that the person has to sign in again.
    pub(super) async fn renew(
        &self,
        app: &App,
        proof: Option<Proof<'_>>,
        request: &TokenRequest<'_>,
    ) -> Result<Option<AccessToken>, CredentialError> {
        let Some(token) = self.current() else { return Ok(None) };
        match self.refresh(&token, app, proof, request).await {
            Err(error) if error.asks_for_a_person() => Ok(None),
            result => result.map(Some),
        }
    }

    /// The refresh-token grant (facts: graph-protocol 2.4).
    pub(super) async fn refresh(
        &self,
        token: &Secret,
        app: &App,
        proof: Option<Proof<'_>>,
        request: &TokenRequest<'_>,
    ) -> Result<AccessToken, CredentialError> {
        let scope = app.scope_offline(request);
        let mut form = vec![
            ("grant_type", "refresh_token"),
            ("client_id", app.client_id.as_str()),
            ("scope", scope.as_str()),
            ("refresh_token", token.expose()),
        ];
        form.extend(proof.iter().flat_map(Proof::fields));
        let token = request.post_form(&app.tenant, &form).await?;
        self.keep(&token);
        Ok(token)
    }

    /// Takes over the refresh token that came with an access token.
    pub(super) fn keep(&self, token: &AccessToken) {
        let Some(new) = &token.refresh_token else { return };
        let mut current = self.current.lock().expect("no panic while the lock is held");
        if current.as_ref() == Some(new) {
            return;
        }
        *current = Some(new.clone());
        drop(current);
        if let Some(store) = &self.store {
            store(new);
        }
    }

    pub(super) fn current(&self) -> Option<Secret> {
        self.current.lock().expect("no panic while the lock is held").clone()
    }
}

impl fmt::Debug for Renewal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Renewal")
            .field("has_token", &self.current().is_some())
            .finish_non_exhaustive()
    }
}
