//! The device-code flow: a person signs in on another device.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use serde::Deserialize;
use tokio::time::{Instant, sleep};

use super::app::{App, names_app, takes_scope};
use super::renewal::{Renewal, stores_refresh_tokens};
use super::{AccessToken, BoxFuture, Credential, CredentialError, TokenRequest};

const GRANT: &str = "urn:ietf:params:oauth:grant-type:device_code";

/// RFC 8628, 3.2 and 3.5: the default interval, and what `slow_down` adds to it.
const INTERVAL: Duration = Duration::from_secs(5);

/// The default life of a device code (facts: graph-protocol 2.3).
const LIFE: Duration = Duration::from_secs(900);

/// Signs a person in who opens a page on any device and enters a code (RFC 8628, facts: graph-protocol
/// 2.3). Later tokens come from the refresh token, as long as the tenant's policies allow it.
///
/// Dropping the client ends a sign-in that waits.
#[derive(Clone)]
pub struct DeviceCode {
    app: App,
    prompt: Arc<dyn Fn(&DevicePrompt) + Send + Sync>,
    renewal: Renewal,
}

/// What the person must be told.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct DevicePrompt {
    /// The code to enter.
    pub user_code: String,
    /// Where to enter it.
    pub verification_uri: String,
    /// The authority's own sentence with both, in its language.
    pub message: String,
    /// How long the code can be used.
    pub expires_in: Duration,
}

#[derive(Deserialize)]
struct Authorization {
    device_code: String,
    user_code: String,
    #[serde(alias = "verification_url")]
    verification_uri: String,
    #[serde(default)]
    message: String,
    expires_in: Option<u64>,
    interval: Option<u64>,
}

impl DeviceCode {
    /// `prompt` shows the code; it must return at once. `tenant` is a GUID, a verified domain or `organizations`.
    pub fn new(
        tenant: impl Into<String>,
        client_id: impl Into<String>,
        prompt: impl Fn(&DevicePrompt) + Send + Sync + 'static,
    ) -> Self {
        let app = App::new(tenant, client_id);
        Self { app, prompt: Arc::new(prompt), renewal: Renewal::default() }
    }

    stores_refresh_tokens!();

    takes_scope! {
        /// Asks for another scope than the cloud's own; `offline_access` is added.
    }

    async fn ask_the_person(
        &self,
        request: &TokenRequest<'_>,
    ) -> Result<AccessToken, CredentialError> {
        let scope = self.app.scope_offline(request);
        let form = [("client_id", self.app.client_id.as_str()), ("scope", scope.as_str())];
        let granted: Authorization = request.post(&self.app.tenant, "devicecode", &form).await?;
        let expires_in = granted.expires_in.map_or(LIFE, Duration::from_secs);
        let expires_at = Instant::now() + expires_in;
        (self.prompt)(&DevicePrompt {
            user_code: granted.user_code,
            verification_uri: granted.verification_uri,
            message: granted.message,
            expires_in,
        });
        let mut interval = granted.interval.map_or(INTERVAL, Duration::from_secs);
        let form = [
            ("grant_type", GRANT),
            ("client_id", self.app.client_id.as_str()),
            ("device_code", granted.device_code.as_str()),
        ];
        loop {
            sleep(interval).await;
            if Instant::now() >= expires_at {
                return Err(CredentialError::Person(format!(
                    "the code was not used within {} minutes",
                    expires_in.as_secs() / 60
                )));
            }
            match request.post_form(&self.app.tenant, &form).await {
                Err(error) if error.has_oauth_error("authorization_pending") => {}
                Err(error) if error.has_oauth_error("slow_down") => interval += INTERVAL,
                // RFC 8628, 3.5: a lost connection is a reason to poll less often, not to give up.
                Err(error) if error.is_transient() => interval = interval.saturating_mul(2),
                result => return result,
            }
        }
    }
}

impl Credential for DeviceCode {
    names_app!();

    fn token<'a>(
        &'a self,
        request: &'a TokenRequest<'a>,
    ) -> BoxFuture<'a, Result<AccessToken, CredentialError>> {
        Box::pin(async move {
            let ask = self.ask_the_person(request);
            self.renewal.token_or(&self.app, None, request, ask).await
        })
    }

    fn time_limit(&self) -> Option<Duration> {
        None
    }
}

impl fmt::Debug for DeviceCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DeviceCode").field("app", &self.app).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
