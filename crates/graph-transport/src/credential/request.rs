//! What a credential is given to get a token with: the cloud, the way to its authority, the claims.

use std::time::{Duration, SystemTime};

use http::HeaderMap;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use url::Url;

use super::{AccessToken, CredentialError};
use crate::answer::Answer;
use crate::authority::Authority;
use crate::cloud::Cloud;

/// What a token is needed for, and the way to the authority.
#[derive(Debug)]
pub struct TokenRequest<'a> {
    pub(crate) cloud: &'a Cloud,
    pub(crate) authority: &'a Authority,
    pub(crate) claims: Option<&'a str>,
}

/// The token endpoint's answer; numbers may be strings (facts: graph-protocol 2.2, 2.5).
#[derive(Deserialize)]
pub(super) struct TokenAnswer {
    access_token: String,
    expires_in: Option<serde_json::Value>,
    expires_on: Option<serde_json::Value>,
    refresh_in: Option<serde_json::Value>,
    refresh_token: Option<String>,
}

impl TokenAnswer {
    pub(super) fn into_token(self, now: SystemTime) -> AccessToken {
        let until = |at: Duration| {
            SystemTime::UNIX_EPOCH
                .checked_add(at)
                .map(|at| at.duration_since(now).unwrap_or_default())
        };
        let expires_in = seconds(self.expires_in.as_ref())
            .or_else(|| seconds(self.expires_on.as_ref()).and_then(until));
        AccessToken {
            secret: self.access_token.into(),
            expires_in,
            refresh_in: seconds(self.refresh_in.as_ref()),
            refresh_token: self.refresh_token.map(Into::into),
        }
    }
}

/// Seconds as a number or as text.
fn seconds(value: Option<&serde_json::Value>) -> Option<Duration> {
    let value = value?;
    let seconds = value.as_u64().or_else(|| value.as_str()?.trim().parse().ok())?;
    Some(Duration::from_secs(seconds))
}

/// Reads JSON of the shape that OAuth 2.0 describes.
pub(super) fn read<T: DeserializeOwned>(answer: &Answer) -> Result<T, CredentialError> {
    serde_json::from_slice(answer.body()).map_err(|_| {
        CredentialError::Unusable(
            "the token endpoint's answer is not the JSON that OAuth 2.0 describes",
        )
    })
}

impl TokenRequest<'_> {
    /// The cloud that the token is for.
    pub fn cloud(&self) -> &Cloud {
        self.cloud
    }

    /// The `claims` parameter as JSON text: a challenge's, and the client's capabilities.
    pub fn claims(&self) -> Option<&str> {
        self.claims
    }

    /// The time of day by the authority's clock, as far as it has shown it: what an assertion is dated with.
    pub fn now(&self) -> SystemTime {
        self.authority.now()
    }

    /// Posts a form to the tenant's token endpoint, through retry, timeouts and the masked log.
    ///
    /// # Errors
    /// [`CredentialError`], with Entra's own words where it refused.
    pub async fn post_form(
        &self,
        tenant: &str,
        form: &[(&str, &str)],
    ) -> Result<AccessToken, CredentialError> {
        let claims = self.claims.map(|claims| ("claims", claims));
        let form: Vec<_> = form.iter().copied().chain(claims).collect();
        let answer: TokenAnswer = self.post(tenant, "token", &form).await?;
        Ok(answer.into_token(self.now()))
    }

    /// Posts a form to an endpoint beside the token endpoint: `devicecode`, for example.
    pub(super) async fn post<T: DeserializeOwned>(
        &self,
        tenant: &str,
        endpoint: &str,
        form: &[(&str, &str)],
    ) -> Result<T, CredentialError> {
        let url = self.cloud.authority_url(tenant, &["oauth2", "v2.0", endpoint]);
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
        let answer =
            self.authority.post_form(&url, body).await.map_err(CredentialError::unreachable)?;
        if !answer.status().is_success() {
            return Err(self.refused(&answer).without(form));
        }
        read(&answer)
    }

    /// The tenant's token endpoint: also the audience of assertions for it.
    #[cfg(feature = "tls")]
    pub(super) fn token_endpoint(&self, tenant: &str) -> Url {
        self.cloud.authority_url(tenant, &["oauth2", "v2.0", "token"])
    }

    /// Asks a managed-identity endpoint; the answer may have any status.
    pub(super) async fn get_metadata(
        &self,
        url: &Url,
        headers: HeaderMap,
        what: &'static str,
    ) -> Result<Answer, CredentialError> {
        self.authority.get_metadata(url, headers).await.map_err(|error| CredentialError::NotHere {
            what,
            reason: format!("failed to {error}"),
        })
    }

    /// By how many seconds the authority's clock is ahead of this machine's.
    pub(super) fn clock_skew(&self) -> i64 {
        self.authority.skew_seconds()
    }

    /// A refusal with the wait that it asks for, and the clocks' difference where that may be the cause.
    pub(super) fn refused(&self, answer: &Answer) -> CredentialError {
        let mut error = CredentialError::refused(answer);
        if let CredentialError::Refused(refusal) = &mut error {
            refusal.retry_after = self.authority.asked_wait(answer);
            refusal.clock_skew = Some(self.clock_skew())
                .filter(|skew| skew.unsigned_abs() > 300 && refusal.is_about_time());
        }
        error
    }
}
