//! Credentials: what an access token is asked for with.

mod app;
#[cfg(feature = "tls")]
mod authorization_code;
mod azure_cli;
mod bearer;
#[cfg(feature = "tls")]
mod certificate;
mod challenge;
#[cfg(feature = "tls")]
mod client_certificate;
mod client_secret;
mod device_code;
mod error;
mod jwt;
mod managed_identity;
#[cfg(feature = "tls")]
mod random;
mod refresh_token;
mod renewal;
mod request;
mod token_store;
mod workload_identity;

use std::fmt::Debug;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

#[cfg(feature = "tls")]
pub use self::authorization_code::AuthorizationCode;
pub use self::azure_cli::AzureCli;
pub use self::bearer::StaticBearer;
#[cfg(feature = "tls")]
pub use self::certificate::{Certificate, CertificateError};
pub(crate) use self::challenge::{claims_challenge, requested_claims};
#[cfg(feature = "tls")]
pub use self::client_certificate::ClientCertificate;
pub use self::client_secret::ClientSecret;
pub use self::device_code::{DeviceCode, DevicePrompt};
pub use self::error::{AuthorityRefusal, CredentialError};
pub(crate) use self::jwt::Claims;
pub use self::managed_identity::{ManagedIdentity, UserAssigned};
pub use self::refresh_token::RefreshToken;
pub use self::request::TokenRequest;
pub use self::token_store::{RefreshTokenFile, RefreshTokenStore};
pub use self::workload_identity::WorkloadIdentity;
use crate::secret::Secret;

/// A boxed future; credentials are asked rarely enough for the allocation not to matter.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// How long a token may take that no person has to act for (U18).
const TIME_LIMIT: Duration = Duration::from_secs(90);

/// A way to obtain access tokens. Implementations do not cache: the client does, once for all callers.
pub trait Credential: Debug + Send + Sync + 'static {
    /// The tenant that tokens are for, a GUID or a verified domain, where the credential names one.
    fn tenant(&self) -> Option<&str>;

    /// The application that signs in; `None` where the credential does not know it. Applications have
    /// budgets of their own.
    fn client_id(&self) -> Option<&str> {
        None
    }

    /// Asks for a new token. The future may be dropped at any await when the client is.
    fn token<'a>(
        &'a self,
        request: &'a TokenRequest<'a>,
    ) -> BoxFuture<'a, Result<AccessToken, CredentialError>>;

    /// Whether asking again can bring another token; `false` makes a 401 final.
    fn can_renew(&self) -> bool {
        true
    }

    /// How long [`Credential::token`] may take; `None` for a sign-in with a person, which ends by
    /// itself. Default 90 s.
    fn time_limit(&self) -> Option<Duration> {
        Some(TIME_LIMIT)
    }

    /// Who signs in and how, without any secret: clients with one [`TokenCache`](crate::TokenCache)
    /// share the tokens of credentials with equal keys. `None`, the default, shares nothing.
    fn cache_key(&self) -> Option<String> {
        None
    }
}

impl<T: Credential + ?Sized> Credential for Arc<T> {
    fn tenant(&self) -> Option<&str> {
        (**self).tenant()
    }

    fn client_id(&self) -> Option<&str> {
        (**self).client_id()
    }

    fn token<'a>(
        &'a self,
        request: &'a TokenRequest<'a>,
    ) -> BoxFuture<'a, Result<AccessToken, CredentialError>> {
        (**self).token(request)
    }

    fn can_renew(&self) -> bool {
        (**self).can_renew()
    }

    fn time_limit(&self) -> Option<Duration> {
        (**self).time_limit()
    }

    fn cache_key(&self) -> Option<String> {
        (**self).cache_key()
    }
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
    /// For getting the next token without the person; only sign-ins with a person have one.
    pub refresh_token: Option<Secret>,
}

impl AccessToken {
    /// A token of known life.
    pub fn new(secret: Secret, expires_in: Duration) -> Self {
        Self { expires_in: Some(expires_in), ..Self::of_unknown_life(secret) }
    }

    /// A token that is used until Graph refuses it.
    pub fn of_unknown_life(secret: Secret) -> Self {
        Self { secret, expires_in: None, refresh_in: None, refresh_token: None }
    }
}
