//! A token that somebody else obtained.

use super::{AccessToken, BoxFuture, Claims, Credential, CredentialError, TokenRequest};
use crate::secret::Secret;

/// A static bearer token, for tests and for callers with a token service of their own.
#[derive(Debug)]
pub struct StaticBearer {
    token: Secret,
    tenant: Option<String>,
}

impl StaticBearer {
    /// Takes the token; its unverified `tid` claim serves as a hint which tenant it is for. The tenant
    /// is pinned by the authority's issuer.
    pub fn new(token: Secret) -> Self {
        let tenant = Claims::of(&token).tid;
        Self { token, tenant }
    }
}

impl Credential for StaticBearer {
    fn tenant(&self) -> Option<&str> {
        self.tenant.as_deref()
    }

    fn token<'a>(
        &'a self,
        _: &'a TokenRequest<'a>,
    ) -> BoxFuture<'a, Result<AccessToken, CredentialError>> {
        let token = AccessToken::of_unknown_life(self.token.clone());
        Box::pin(async move { Ok(token) })
    }

    fn can_renew(&self) -> bool {
        false
    }
}
