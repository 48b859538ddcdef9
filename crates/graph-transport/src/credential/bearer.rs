//! A token that somebody else obtained.

use super::{AccessToken, BoxFuture, Credential, CredentialError, TokenRequest};
use crate::secret::Secret;

/// A static bearer token, for tests and for callers with a token service of their own.
#[derive(Debug)]
pub struct StaticBearer {
    token: Secret,
    tenant: Option<String>,
}

impl StaticBearer {
    /// Takes the token; its `tid` claim serves as a hint which tenant it is for.
    pub fn new(token: Secret) -> Self {
        let tenant = tenant_claim(token.expose());
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
        let token = AccessToken { secret: self.token.clone(), expires_in: None, refresh_in: None };
        Box::pin(async move { Ok(token) })
    }

    fn can_renew(&self) -> bool {
        false
    }
}

/// The unverified `tid` claim. It only ever hints: the tenant is pinned by the authority's issuer.
fn tenant_claim(token: &str) -> Option<String> {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;

    let payload = token.split('.').nth(1)?;
    let bytes = URL_SAFE_NO_PAD.decode(payload.trim_end_matches('=')).ok()?;
    let claims: serde_json::Value = serde_json::from_slice(&bytes).ok()?;
    claims.get("tid")?.as_str().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tenant_claim_is_read_from_any_token_without_panic() {
        assert_eq!(tenant_claim("e30.eyJ0aWQiOiJ0MSJ9.sig").as_deref(), Some("t1"));
        for opaque in ["", "opaque", "a.b", "a.!!.c", "e30.e30.x", "EwB…"] {
            assert_eq!(tenant_claim(opaque), None);
        }
    }
}
