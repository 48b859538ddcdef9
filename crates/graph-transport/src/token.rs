//! The token cache: one request at a time, early refresh in the background, replacement after a 401.

mod cache;

use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use bytes::Bytes;
use http::header::HeaderValue;
use tokio::sync::broadcast;
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout};
use tracing::instrument::WithSubscriber as _;
use tracing::{Instrument as _, debug, warn};
use zeroize::Zeroizing;

pub use self::cache::TokenCache;
use crate::authority::Authority;
use crate::cloud::Cloud;
use crate::credential::{
    AccessToken, Claims, Credential, CredentialError, TokenRequest, requested_claims,
};

/// A token with less life than this counts as about to expire (facts: graph-protocol 2.5).
const REFRESH_WINDOW: Duration = Duration::from_secs(300);

/// How long a failure answers for everybody, so that 500 workers do not hammer the authority. An
/// authority that names a time itself is believed (U24).
const FAILURE_HOLDS: Duration = Duration::from_secs(2);

/// How long a failed early refresh waits before the next, while the old token lives.
const REFRESH_PAUSE: Duration = Duration::from_secs(30);

/// The tokens of one credential for one cloud.
///
/// The request for a token is a task of its own, a flight: it goes on when the caller that began it is
/// dropped, everybody else waits for its landing, and it ends when the cache is dropped.
#[derive(Debug)]
pub(crate) struct Tokens {
    shared: Arc<Shared>,
    flights: Mutex<JoinSet<()>>,
}

#[derive(Debug)]
struct Shared {
    credential: Arc<dyn Credential>,
    cloud: Cloud,
    authority: Authority,
    /// Whether tokens may be revoked at once, and live longer for it.
    continuous_access_evaluation: bool,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    current: Option<Current>,
    /// Until when everybody gets this error instead of a request of their own.
    failure: Option<(Instant, CredentialError)>,
    /// What Graph asked for when it refused the last token.
    challenge: Option<String>,
    /// Dead when its task panicked, or when its runtime is gone.
    flight: Option<broadcast::WeakSender<Landing>>,
    /// A flight that began before the last challenge has the wrong claims: its token is not taken.
    epoch: u64,
}

#[derive(Debug)]
struct Current {
    /// `Bearer …`, made once for all requests that carry it.
    authorization: HeaderValue,
    /// `None`: of unknown life, used until it is refused.
    expires_at: Option<Instant>,
    refresh_at: Option<Instant>,
}

/// How a flight ended.
#[derive(Clone, Debug)]
pub(crate) enum Landing {
    Landed(Result<HeaderValue, CredentialError>),
    /// Graph has asked for other claims meanwhile.
    Diverted,
}

/// What a caller is to do.
pub(crate) enum Next {
    Take(Result<HeaderValue, CredentialError>),
    Wait(broadcast::Receiver<Landing>),
}

impl Tokens {
    pub(crate) fn new(
        credential: Arc<dyn Credential>,
        cloud: Cloud,
        authority: Authority,
        continuous_access_evaluation: bool,
    ) -> Self {
        let state = Mutex::default();
        let shared = Shared { credential, cloud, authority, continuous_access_evaluation, state };
        Self { shared: Arc::new(shared), flights: Mutex::default() }
    }

    /// Waits for the header of a live token; callers without one share a single request for it (U16,
    /// SEC-D06).
    pub(crate) async fn live(&self, mut next: Next) -> Result<HeaderValue, CredentialError> {
        loop {
            let mut flight = match next {
                Next::Take(result) => return result,
                Next::Wait(flight) => flight,
            };
            match flight.recv().await {
                Ok(Landing::Landed(result)) => return result,
                Ok(Landing::Diverted) => next = self.next(),
                Err(_) => {
                    return Err(CredentialError::Unusable("the credential gave up without a word"));
                }
            }
        }
    }

    /// The header of a live token where one is at hand, or what to wait for.
    pub(crate) fn next(&self) -> Next {
        let now = Instant::now();
        let mut state = self.shared.state();
        let flight = state.flight.as_ref().and_then(broadcast::WeakSender::upgrade);
        if let Some(current) = state.current.take_if(|it| it.expires_at.is_some_and(|at| at <= now))
        {
            debug!(refresh_at = ?current.refresh_at, "the access token has expired");
        }
        if let Some(current) = &state.current {
            let authorization = current.authorization.clone();
            let due = current.refresh_at.is_some_and(|at| at <= now);
            if due && flight.is_none() {
                self.depart(&mut state); // U23: nobody waits for it
            }
            return Next::Take(Ok(authorization));
        }
        if let Some(flight) = flight {
            return Next::Wait(flight.subscribe()); // in the order of asking
        }
        match &state.failure {
            Some((until, error)) if now < *until => Next::Take(Err(error.clone())),
            _ => Next::Wait(self.depart(&mut state)),
        }
    }

    fn depart(&self, state: &mut State) -> broadcast::Receiver<Landing> {
        let (tower, flight) = broadcast::channel(1);
        let (shared, epoch) = (Arc::clone(&self.shared), state.epoch);
        let challenge = state.challenge.clone();
        let mut flights = self.flights.lock().expect("no panic while the lock is held");
        while flights.try_join_next().is_some() {} // forget those that have landed
        state.flight = Some(tower.downgrade());
        let flying = async move {
            let result = shared.ask(challenge.as_deref()).await;
            // After an early refresh nobody may be waiting.
            let _ = tower.send(shared.land(result, epoch));
        };
        // The request is observed inside the operation that needs it.
        flights.spawn(flying.in_current_span().with_current_subscriber());
        flight
    }

    /// Forgets a token that Graph refused, if it is still the current one; whether a repeat makes sense.
    pub(crate) fn reject(&self, refused: &HeaderValue, challenge: Option<String>) -> bool {
        if !self.shared.credential.can_renew() {
            return false;
        }
        let mut state = self.shared.state();
        if state.current.take_if(|current| current.authorization == *refused).is_some()
            && challenge.is_some()
        {
            state.challenge = challenge;
            state.epoch += 1;
            state.flight = None;
        }
        true
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("no panic while the lock is held")
    }

    async fn ask(&self, challenge: Option<&str>) -> Result<Current, CredentialError> {
        let claims = self.continuous_access_evaluation.then(|| requested_claims(challenge));
        let request = TokenRequest {
            cloud: &self.cloud,
            authority: &self.authority,
            claims: claims.as_deref().or(challenge),
        };
        let token = self.credential.token(&request);
        let token = match self.credential.time_limit() {
            None => token.await?,
            Some(limit) => {
                timeout(limit, token).await.map_err(|_| CredentialError::TimedOut(limit))??
            }
        };
        Claims::of(&token.secret).check(&self.cloud, self.credential.tenant())?;
        debug!(expires_in_s = token.expires_in.map(|life| life.as_secs()), "got an access token");
        Current::new(&token, Instant::now())
    }

    fn land(&self, result: Result<Current, CredentialError>, epoch: u64) -> Landing {
        let now = Instant::now();
        let mut state = self.state();
        if state.epoch != epoch {
            return Landing::Diverted;
        }
        state.flight = None;
        Landing::Landed(match result {
            Ok(current) => {
                let authorization = current.authorization.clone();
                state.current = Some(current);
                (state.failure, state.challenge) = (None, None);
                Ok(authorization)
            }
            Err(error) => {
                let asked = error.retry_after().unwrap_or_default();
                let until = |least: Duration| now.checked_add(asked.max(least));
                if let Some(current) = &mut state.current {
                    warn!(error = %error, "could not refresh the access token early; the old one is still alive");
                    current.refresh_at = until(REFRESH_PAUSE);
                }
                state.failure = until(FAILURE_HOLDS).map(|until| (until, error.clone()));
                Err(error)
            }
        })
    }
}

impl Current {
    fn new(token: &AccessToken, now: Instant) -> Result<Self, CredentialError> {
        let refresh_in = token.expires_in.map(|life| {
            // A token that lives no longer than the window would be replaced at every request.
            let window = if life > REFRESH_WINDOW { REFRESH_WINDOW } else { life / 2 };
            let latest = life.saturating_sub(window);
            token.refresh_in.map_or(latest, |early| early.min(latest))
        });
        let at = |life: Option<Duration>| life.and_then(|life| now.checked_add(life));
        let (expires_at, refresh_at) = (at(token.expires_in), at(refresh_in));
        Ok(Self { authorization: authorization(token)?, expires_at, refresh_at })
    }
}

/// A header whose clones share one buffer, which is wiped after the last of them.
fn authorization(token: &AccessToken) -> Result<HeaderValue, CredentialError> {
    let text = Zeroizing::new(format!("Bearer {}", token.secret.expose()));
    let mut value = HeaderValue::from_maybe_shared(Bytes::from_owner(text)).map_err(|_| {
        CredentialError::Unusable("the access token holds characters that no header may carry")
    })?;
    value.set_sensitive(true);
    Ok(value)
}

#[cfg(test)]
mod tests;
