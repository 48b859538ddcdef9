//! The token cache of a client: one request at a time, early refresh, replacement after a 401.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Mutex;
use tokio::time::Instant;
use tracing::{debug, warn};

use crate::cloud::Cloud;
use crate::credential::{AccessToken, Credential, CredentialError, TokenRequest};
use crate::secret::Secret;
use crate::stack::Authority;

/// A token with less life than this counts as about to expire (facts: graph-protocol 2.5).
const REFRESH_WINDOW: Duration = Duration::from_secs(300);

/// How long a failure answers for the callers that queued behind it, so that 500 workers do not hammer the authority.
const FAILURE_HOLDS: Duration = Duration::from_secs(2);

/// How long a failed early refresh waits before the next, while the old token lives.
const REFRESH_PAUSE: Duration = Duration::from_secs(30);

/// The tokens of one credential for one cloud.
#[derive(Debug)]
pub(crate) struct Tokens {
    credential: Arc<dyn Credential>,
    cloud: Cloud,
    authority: Authority,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    current: Option<Current>,
    failure: Option<(Instant, CredentialError)>,
    claims: Option<String>,
}

#[derive(Debug)]
struct Current {
    secret: Secret,
    /// `None`: of unknown life, used until it is refused.
    expires_at: Option<Instant>,
    refresh_at: Option<Instant>,
}

impl Tokens {
    pub(crate) fn new(credential: Arc<dyn Credential>, cloud: Cloud, authority: Authority) -> Self {
        Self { credential, cloud, authority, state: Mutex::default() }
    }

    /// A live token. Callers queue on the lock while one of them asks the authority (U16).
    pub(crate) async fn live(&self) -> Result<Secret, CredentialError> {
        let mut state = self.state.lock().await;
        let now = Instant::now();
        let alive = |current: &&Current| current.expires_at.is_none_or(|at| now < at);
        let current = state.current.as_ref().filter(alive);
        let held = current.map(|current| current.secret.clone());
        if let Some(secret) = &held
            && current.is_some_and(|current| current.refresh_at.is_none_or(|at| now < at))
        {
            return Ok(secret.clone());
        }
        if let Some((at, error)) = &state.failure
            && held.is_none()
            && now < *at + FAILURE_HOLDS
        {
            return Err(error.clone());
        }
        match (self.fetch(&mut state).await, held) {
            (Ok(secret), _) => Ok(secret),
            (Err(error), Some(secret)) => {
                warn!(error = %error, "could not refresh the access token early; the old one is still alive");
                if let Some(current) = &mut state.current {
                    current.refresh_at = Some(Instant::now() + REFRESH_PAUSE);
                }
                Ok(secret)
            }
            (Err(error), None) => Err(error),
        }
    }

    async fn fetch(&self, state: &mut State) -> Result<Secret, CredentialError> {
        let request = TokenRequest {
            cloud: &self.cloud,
            authority: &self.authority,
            claims: state.claims.as_deref(),
        };
        let result = self.credential.token(&request).await;
        let now = Instant::now();
        match result {
            Ok(token) => {
                debug!(
                    expires_in_s = token.expires_in.map(|life| life.as_secs()),
                    "got an access token"
                );
                let secret = token.secret.clone();
                (state.current, state.failure, state.claims) =
                    (Some(Current::new(token, now)), None, None);
                Ok(secret)
            }
            Err(error) => {
                state.failure = Some((now, error.clone()));
                Err(error)
            }
        }
    }

    /// Forgets a token that Graph refused, if it is still the current one; whether a repeat makes sense.
    pub(crate) async fn reject(&self, refused: &Secret, claims: Option<String>) -> bool {
        if !self.credential.can_renew() {
            return false;
        }
        let mut state = self.state.lock().await;
        if state.current.as_ref().is_some_and(|current| current.secret == *refused) {
            state.current = None;
            state.claims = claims;
        }
        true
    }
}

impl Current {
    fn new(token: AccessToken, now: Instant) -> Self {
        let refresh_in = token.expires_in.map(|life| {
            // A token that lives no longer than the window would be replaced at every request.
            let window = if life > REFRESH_WINDOW { REFRESH_WINDOW } else { life / 2 };
            let latest = life.saturating_sub(window);
            token.refresh_in.map_or(latest, |early| early.min(latest))
        });
        let at = |life: Option<Duration>| life.and_then(|life| now.checked_add(life));
        Self { secret: token.secret, expires_at: at(token.expires_in), refresh_at: at(refresh_in) }
    }
}
