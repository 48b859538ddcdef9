//! Refresh tokens: how a person who has signed in once is not asked again.

use std::fmt;
use std::sync::{Arc, Mutex};

use tracing::warn;

use super::app::{App, Proof};
use super::token_store::RefreshTokenStore;
use super::{AccessToken, CredentialError, TokenRequest};
use crate::secret::Secret;

/// The refresh tokens of a sign-in: the one in hand, the one that was stored, the one it began with.
#[derive(Clone, Default)]
pub(super) struct Renewal {
    current: Arc<Mutex<Option<Secret>>>,
    store: Option<Arc<dyn RefreshTokenStore>>,
    given: Option<Secret>,
}

/// What became of the refresh tokens.
pub(super) enum Renewed {
    Token(AccessToken),
    /// There was none, or the authority says that the person has to sign in again.
    AskThePerson(Option<CredentialError>),
}

/// The builder method of every sign-in that brings refresh tokens.
macro_rules! stores_refresh_tokens {
    () => {
        /// Keeps the refresh token there, and takes it from there instead of asking the person.
        #[must_use]
        pub fn token_store(
            mut self,
            store: impl $crate::credential::token_store::RefreshTokenStore,
        ) -> Self {
            self.renewal.keep_in(store);
            self
        }
    };
}
pub(super) use stores_refresh_tokens;

impl Renewal {
    pub(super) fn with(token: Secret) -> Self {
        Self { given: Some(token), ..Self::default() }
    }

    pub(super) fn keep_in(&mut self, store: impl RefreshTokenStore) {
        self.store = Some(Arc::new(store));
    }

    /// A token for one of the refresh tokens, or else from the person that `ask` asks.
    pub(super) async fn token_or(
        &self,
        app: &App,
        proof: Option<Proof<'_>>,
        request: &TokenRequest<'_>,
        ask: impl Future<Output = Result<AccessToken, CredentialError>>,
    ) -> Result<AccessToken, CredentialError> {
        if let Renewed::Token(token) = self.renew(app, proof, request).await? {
            return Ok(token);
        }
        let token = ask.await?;
        self.keep(&token).await;
        Ok(token)
    }

    /// A token for one of the refresh tokens, the latest first. Another process may have stored one
    /// since ours was refused, and the one it all began with may have been replaced by a person.
    pub(super) async fn renew(
        &self,
        app: &App,
        proof: Option<Proof<'_>>,
        request: &TokenRequest<'_>,
    ) -> Result<Renewed, CredentialError> {
        let (mut tried, mut refused) = (Vec::new(), None);
        for source in [Source::Current, Source::Store, Source::Given] {
            let Some(token) = self.stored(source).await?.filter(|it| !tried.contains(it)) else {
                continue;
            };
            match self.refresh(&token, app, proof.as_ref(), request).await {
                Err(error) if error.asks_for_a_person() => {
                    tried.push(token);
                    refused = Some(error);
                }
                result => return result.map(Renewed::Token),
            }
        }
        Ok(Renewed::AskThePerson(refused))
    }

    async fn stored(&self, source: Source) -> Result<Option<Secret>, CredentialError> {
        match (source, &self.store) {
            (Source::Current, _) => Ok(self.current()),
            (Source::Given, _) => Ok(self.given.clone()),
            (Source::Store, None) => Ok(None),
            (Source::Store, Some(store)) => {
                let unusable = |source| CredentialError::source(store.name(), source);
                store.load().await.map_err(unusable)
            }
        }
    }

    /// The refresh-token grant (facts: graph-protocol 2.4).
    async fn refresh(
        &self,
        token: &Secret,
        app: &App,
        proof: Option<&Proof<'_>>,
        request: &TokenRequest<'_>,
    ) -> Result<AccessToken, CredentialError> {
        let scope = app.scope_offline(request);
        let mut form = vec![
            ("grant_type", "refresh_token"),
            ("client_id", app.client_id.as_str()),
            ("scope", scope.as_str()),
            ("refresh_token", token.expose()),
        ];
        form.extend(proof.into_iter().flat_map(Proof::fields));
        let token = request.post_form(&app.tenant, &form).await?;
        self.keep(&token).await;
        Ok(token)
    }

    /// Takes over the refresh token that came with an access token.
    async fn keep(&self, token: &AccessToken) {
        let Some(new) = &token.refresh_token else { return };
        let old = self.lock().replace(new.clone());
        if old.as_ref() == Some(new) {
            return;
        }
        if let Some(store) = &self.store
            && let Err(error) = store.save(new).await
        {
            let name = store.name();
            warn!(store = name, error = %error, "could not store the sign-in; the next process asks again");
        }
    }

    fn current(&self) -> Option<Secret> {
        self.lock().clone()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<Secret>> {
        self.current.lock().expect("no panic while the lock is held")
    }
}

#[derive(Clone, Copy)]
enum Source {
    Current,
    Store,
    Given,
}

impl fmt::Debug for Renewal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Renewal")
            .field("has_token", &(self.current().is_some() || self.given.is_some()))
            .field("store", &self.store)
            .finish_non_exhaustive()
    }
}
