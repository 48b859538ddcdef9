//! Which tenant a connection is for, as its authority says.

use std::fmt;

use serde::Deserialize;

use crate::client::GraphClient;
use crate::credential::CredentialError;
use crate::error::Error;

/// The GUID of a tenant, lower case: what a store is pinned to.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct TenantId(String);

impl TenantId {
    /// Reads a GUID in any casing; `None` for anything else.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let shape = text.len() == 36
            && text.char_indices().all(|(index, c)| match index {
                8 | 13 | 18 | 23 => c == '-',
                _ => c.is_ascii_hexdigit(),
            });
        shape.then(|| Self(text.to_ascii_lowercase()))
    }

    /// The GUID.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for TenantId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[derive(Deserialize)]
struct OpenIdConfiguration {
    issuer: String,
}

impl GraphClient {
    /// The GUID in the `issuer` of the authority's OpenID configuration for this tenant.
    ///
    /// # Errors
    /// A credential that names no tenant, an authority that cannot be reached or does not know the
    /// tenant, or an issuer without a GUID.
    pub async fn tenant_id(&self) -> Result<TenantId, Error> {
        let unusable = |reason| Error::Credential(CredentialError::Unusable(reason));
        let tenant =
            self.configured_tenant().ok_or_else(|| unusable("the credential names no tenant"))?;
        let url =
            self.cloud().authority_url(tenant, &["v2.0", ".well-known", "openid-configuration"]);
        let answer = self.authority().get(&url).await.map_err(CredentialError::unreachable)?;
        if !answer.status().is_success() {
            return Err(CredentialError::no_configuration(&answer).into());
        }
        let configuration: OpenIdConfiguration = serde_json::from_slice(answer.body())
            .map_err(|_| unusable("its OpenID configuration names no issuer"))?;
        let mut segments = configuration.issuer.split('/');
        segments
            .find_map(TenantId::parse)
            .ok_or_else(|| unusable("the issuer in its OpenID configuration holds no GUID"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_guids_are_tenant_ids() {
        let guid = "11111111-AAAA-4111-8111-111111111111";
        assert_eq!(TenantId::parse(guid).unwrap().as_str(), guid.to_ascii_lowercase());
        for text in [
            "",
            "contoso.onmicrosoft.com",
            "11111111-aaaa-4111-8111-11111111111",
            "11111111aaaaa4111-8111-111111111111",
        ] {
            assert_eq!(TenantId::parse(text), None, "{text}");
        }
    }
}
