//! Access tokens: signed, self-contained, and valid in every process with the same tenant.

use std::collections::BTreeSet;
use std::sync::atomic::Ordering;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use sha2::Sha256;

use super::Identity;
use crate::protocol::errors::Refusal;

/// The application roles of a token.
#[derive(Clone, Debug, Default)]
pub(crate) struct Roles(BTreeSet<String>);

impl Roles {
    /// Whether one of several roles is there.
    pub(crate) fn has_any(&self, wanted: &[&str]) -> bool {
        wanted.iter().any(|role| self.0.contains(*role))
    }
}

/// What a token says.
#[derive(Debug, Serialize, Deserialize)]
struct Claims {
    aud: String,
    iss: String,
    iat: u64,
    nbf: u64,
    exp: u64,
    appid: String,
    idtyp: String,
    roles: Vec<String>,
    tid: String,
    ver: String,
}

/// `{"typ":"JWT","alg":"HS256"}`.
const HEADER: &str = r#"{"typ":"JWT","alg":"HS256"}"#;

impl Identity {
    /// A token for an application.
    pub(crate) fn sign(&self, client: &str, roles: &[String]) -> String {
        let now = self.clock.unix_seconds();
        let claims = Claims {
            aud: "https://graph.microsoft.com".into(),
            iss: format!("https://sts.windows.net/{}/", self.tenant),
            iat: now,
            nbf: now,
            exp: now + self.token_life,
            appid: client.to_owned(),
            idtyp: "app".into(),
            roles: roles.to_vec(),
            tid: self.tenant.to_string(),
            ver: "1.0".into(),
        };
        let payload = serde_json::to_vec(&claims).expect("claims have string keys");
        let signed =
            format!("{}.{}", URL_SAFE_NO_PAD.encode(HEADER), URL_SAFE_NO_PAD.encode(payload));
        let signature = self.mac(signed.as_bytes()).finalize().into_bytes();
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
    }

    /// The roles of the bearer of an `Authorization` header (facts: graph-protocol 2.6).
    pub(crate) fn authorize(&self, header: Option<&http::HeaderValue>) -> Result<Roles, Refusal> {
        let header = header.and_then(|value| value.to_str().ok()).unwrap_or_default();
        let (scheme, token) = header.split_once(' ').unwrap_or((header, ""));
        if !scheme.eq_ignore_ascii_case("bearer") || token.trim().is_empty() {
            return Err(Refusal::unauthenticated("Access token is empty."));
        }
        let claims = self.verify(token.trim())?;
        if claims.tid != self.tenant.to_string() {
            return Err(Refusal::unauthenticated(
                "Access token validation failure. Invalid tenant.",
            ));
        }
        let now = self.clock.unix_seconds();
        if claims.exp <= now {
            return Err(Refusal::unauthenticated(
                "Lifetime validation failed, the token is expired.",
            ));
        }
        let revoked = self.revoked.load(Ordering::Acquire);
        if claims.iat <= revoked {
            return Err(challenge(revoked));
        }
        let withdrawn = self.withdrawn.read().expect("no code panics while it holds this lock");
        Ok(Roles(claims.roles.into_iter().filter(|role| !withdrawn.contains(role)).collect()))
    }

    fn verify(&self, token: &str) -> Result<Claims, Refusal> {
        let malformed =
            || Refusal::unauthenticated("IDX14100: JWT is not well formed, there are no dots (.).");
        let (signed, signature) = token.rsplit_once('.').ok_or_else(malformed)?;
        let (_, payload) = signed.split_once('.').ok_or_else(malformed)?;
        let signature = URL_SAFE_NO_PAD.decode(signature).map_err(|_| malformed())?;
        let payload = URL_SAFE_NO_PAD.decode(payload).map_err(|_| malformed())?;
        let forged =
            || Refusal::unauthenticated("Access token validation failure. Invalid signature.");
        self.mac(signed.as_bytes()).verify_slice(&signature).map_err(|_| forged())?;
        serde_json::from_slice(&payload).map_err(|_| malformed())
    }

    fn mac(&self, signed: &[u8]) -> Hmac<Sha256> {
        let mut mac =
            Hmac::<Sha256>::new_from_slice(&self.key).expect("HMAC takes keys of any length");
        mac.update(signed);
        mac
    }
}

/// 401 with a claims challenge: only a token issued later will do (facts: graph-protocol 2.6).
fn challenge(revoked: u64) -> Refusal {
    let claims =
        format!(r#"{{"access_token":{{"nbf":{{"essential":true,"value":"{revoked}"}}}}}}"#);
    let claims = STANDARD.encode(claims);
    let header = format!(
        r#"Bearer realm="", authorization_uri="https://login.microsoftonline.com/common/oauth2/authorize", error="insufficient_claims", claims="{claims}""#
    );
    Refusal::unauthenticated("Continuous access evaluation resulted in challenge with result: InteractionRequired and code: TokenIssuedBeforeRevocationTimestamp")
        .header(http::header::WWW_AUTHENTICATE, &header)
}
