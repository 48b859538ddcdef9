//! What a token says about itself, unverified: it may refuse and hint, never prove.

use std::time::{Duration, SystemTime};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;

use super::CredentialError;
use crate::cloud::{Cloud, CloudName};
use crate::openid::TenantId;
use crate::secret::Secret;

/// Graph's application id, the audience of tokens in the v1 form in every cloud.
const GRAPH_APP_ID: &str = "00000003-0000-0000-c000-000000000000";

/// The claims that are read. A token is opaque by contract, so every one may be missing.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Claims {
    pub(crate) aud: Option<String>,
    pub(crate) tid: Option<String>,
    exp: Option<u64>,
}

impl Claims {
    /// Reads a JWT's payload; all empty for an opaque token.
    pub(crate) fn of(token: &Secret) -> Self {
        let read = || {
            let payload = token.expose().split('.').nth(1)?;
            let bytes = URL_SAFE_NO_PAD.decode(payload.trim_end_matches('=')).ok()?;
            serde_json::from_slice(&bytes).ok()
        };
        read().unwrap_or_default()
    }

    /// The life that is left, where the token names an end.
    pub(crate) fn expires_in(&self, now: SystemTime) -> Option<Duration> {
        let end = SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(self.exp?))?;
        Some(end.duration_since(now).unwrap_or_default())
    }

    /// SEC-D07: a token of another tenant or another cloud is refused before use. An emulator's
    /// audience is its own affair, so a custom cloud is held to the tenant alone.
    pub(crate) fn check(&self, cloud: &Cloud, tenant: Option<&str>) -> Result<(), CredentialError> {
        let foreign = |claim, found: &str, expected: &str| CredentialError::ForeignToken {
            claim,
            found: found.to_owned(),
            expected: expected.to_owned(),
        };
        let root = cloud.graph_root();
        if let Some(audience) = self.aud.as_deref()
            && cloud.name() != CloudName::Custom
            && audience.trim_end_matches('/') != root
            && audience != GRAPH_APP_ID
        {
            return Err(foreign("aud", audience, root));
        }
        let expected = tenant.and_then(TenantId::parse);
        let found = self.tid.as_deref().and_then(TenantId::parse);
        match (found, expected) {
            (Some(found), Some(expected)) if found != expected => {
                Err(foreign("tid", found.as_str(), expected.as_str()))
            }
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(claims: &str) -> Secret {
        Secret::new(format!("e30.{}.sig", URL_SAFE_NO_PAD.encode(claims)))
    }

    fn check(claims: &str, tenant: &str) -> Result<(), CredentialError> {
        let cloud = Cloud::named(CloudName::UsGovL4).unwrap();
        Claims::of(&token(claims)).check(&cloud, Some(tenant))
    }

    /// SEC-D07
    #[test]
    fn a_token_of_another_tenant_or_cloud_is_refused() {
        let (ours, theirs) =
            ("11111111-1111-4111-8111-111111111111", "22222222-2222-4222-8222-222222222222");
        assert!(check(r#"{"aud":"https://graph.microsoft.us/"}"#, ours).is_ok());
        assert!(check(&format!(r#"{{"aud":"{GRAPH_APP_ID}","tid":"{ours}"}}"#), ours).is_ok());
        let error = check(r#"{"aud":"https://graph.microsoft.com"}"#, ours).unwrap_err();
        insta::assert_snapshot!(error, @"use the token: its `aud` is `https://graph.microsoft.com`, the connection is for `https://graph.microsoft.us`");
        let error = check(&format!(r#"{{"tid":"{theirs}"}}"#), ours).unwrap_err();
        assert!(matches!(error, CredentialError::ForeignToken { claim: "tid", .. }));
        // A domain cannot be compared with a GUID; an opaque token says nothing.
        assert!(check(&format!(r#"{{"tid":"{theirs}"}}"#), "contoso.com").is_ok());
        let cloud = Cloud::named(CloudName::Global).unwrap();
        assert!(Claims::of(&Secret::new("EwB4A8l6")).check(&cloud, Some(ours)).is_ok());
    }

    #[test]
    fn claims_are_read_from_any_token_without_panic() {
        assert_eq!(Claims::of(&token(r#"{"tid":"t1","exp":60}"#)).tid.as_deref(), Some("t1"));
        for opaque in ["", "opaque", "a.b", "a.!!.c", "e30.e30.x", "EwB…", "a.W10.c"] {
            assert_eq!(Claims::of(&Secret::new(opaque)).tid, None, "{opaque}");
        }
        let at = |seconds| SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
        let claims = Claims::of(&token(r#"{"exp":60}"#));
        assert_eq!(claims.expires_in(at(20)), Some(Duration::from_secs(40)));
        assert_eq!(claims.expires_in(at(90)), Some(Duration::ZERO));
    }
}
