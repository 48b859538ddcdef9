//! Credentials: what an access token is asked for with.

mod bearer;
mod client_secret;
mod error;

use std::fmt::Debug;
use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use serde::Deserialize;

pub use self::bearer::StaticBearer;
pub use self::client_secret::ClientSecret;
pub use self::error::{AuthorityRefusal, CredentialError};
use crate::cloud::Cloud;
use crate::secret::Secret;
use crate::stack::Authority;

/// A boxed future; credentials are asked rarely enough for the allocation not to matter.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// A way to obtain access tokens. Implementations do not cache: the client does, once for all callers.
pub trait Credential: Debug + Send + Sync + 'static {
    /// The tenant that tokens are for, a GUID or a verified domain, where the credential names one.
    fn tenant(&self) -> Option<&str>;

    /// Asks for a new token.
    fn token<'a>(
        &'a self,
        request: &'a TokenRequest<'a>,
    ) -> BoxFuture<'a, Result<AccessToken, CredentialError>>;

    /// Whether asking again can bring another token; `false` makes a 401 final.
    fn can_renew(&self) -> bool {
        true
    }
}

/// What a token is needed for, and the way to the authority.
#[derive(Debug)]
pub struct TokenRequest<'a> {
    pub(crate) cloud: &'a Cloud,
    pub(crate) authority: &'a Authority,
    pub(crate) claims: Option<&'a str>,
}

/// An access token and how long it lives.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct AccessToken {
    /// The token.
    pub secret: Secret,
    /// From now; `None` for a token of unknown life, which is used until Graph refuses it.
    pub expires_in: Option<Duration>,
    /// When to look for a new one, earlier than `expires_in`.
    pub refresh_in: Option<Duration>,
}

impl AccessToken {
    /// A token of known life.
    pub fn new(secret: Secret, expires_in: Duration) -> Self {
        Self { secret, expires_in: Some(expires_in), refresh_in: None }
    }
}

/// The token endpoint's answer; numbers may be strings (facts: graph-protocol 2.2, 2.5).
#[derive(Deserialize)]
struct TokenAnswer {
    access_token: String,
    expires_in: Option<serde_json::Value>,
    refresh_in: Option<serde_json::Value>,
}

impl TokenRequest<'_> {
    /// The cloud that the token is for.
    pub fn cloud(&self) -> &Cloud {
        self.cloud
    }

    /// The `claims` parameter of a challenge, as JSON text.
    pub fn claims(&self) -> Option<&str> {
        self.claims
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
        let url = self.cloud.authority_url(tenant, &["oauth2", "v2.0", "token"]);
        let claims = self.claims.map(|claims| ("claims", claims));
        let body = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(form)
            .extend_pairs(claims)
            .finish();
        let answer =
            self.authority.post_form(&url, body).await.map_err(CredentialError::unreachable)?;
        if !answer.status().is_success() {
            return Err(CredentialError::refused(&answer).without(form));
        }
        let answer: TokenAnswer = serde_json::from_slice(answer.body()).map_err(|_| {
            CredentialError::Unusable(
                "the token endpoint's answer is not the JSON that OAuth 2.0 describes",
            )
        })?;
        Ok(AccessToken {
            secret: answer.access_token.into(),
            expires_in: seconds(answer.expires_in.as_ref()),
            refresh_in: seconds(answer.refresh_in.as_ref()),
        })
    }
}

fn seconds(value: Option<&serde_json::Value>) -> Option<Duration> {
    let value = value?;
    let seconds = value.as_u64().or_else(|| value.as_str()?.parse().ok())?;
    Some(Duration::from_secs(seconds))
}
