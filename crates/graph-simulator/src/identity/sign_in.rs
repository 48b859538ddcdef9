//! What stands for a user's sign-in between two requests: authorization codes and refresh tokens.

use std::collections::BTreeMap;
use std::sync::Mutex;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::device_code::DeviceFlow;
use super::error::OAuthError;
use crate::protocol::token;

const UNPOISONED: &str = "no code panics while it holds this lock";
/// Seconds in which an authorization code must be redeemed.
const CODE_LIFE: u64 = 600;
/// Seconds a refresh token lives (facts: graph-protocol 2.4).
const REFRESH_LIFE: u64 = 90 * 86_400;

/// Sign-ins under way. Codes and tokens carry what they mean; only what must happen once is kept.
#[derive(Debug, Default)]
pub(crate) struct SignIns {
    /// Redeemed codes, with the second at which they would have expired.
    redeemed: Mutex<BTreeMap<u64, u64>>,
    pub(super) devices: Mutex<BTreeMap<String, DeviceFlow>>,
}

/// A user who signed in to an application.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Session {
    /// The tenant.
    pub(super) tenant: String,
    /// The application.
    pub(super) client: String,
    /// The user's object id.
    pub(super) user: String,
    /// The delegated permissions.
    pub(super) scopes: Vec<String>,
    /// What of OpenID was asked for.
    pub(super) openid: Vec<String>,
    pub(super) audience: String,
    /// When the user signed in, in Unix seconds.
    pub(super) since: u64,
}

/// An authorization code.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Code {
    /// Different in every code.
    pub(super) number: u64,
    pub(super) session: Session,
    pub(super) redirect: String,
    /// `code_challenge`, and whether it is a hash.
    pub(super) challenge: Option<(String, bool)>,
    pub(super) nonce: Option<String>,
    pub(super) issued: u64,
}

/// A refresh token: good for its user and application, in whatever tenant and for whatever resource.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct RefreshToken {
    /// Different in every token, also within a second.
    pub(super) number: u64,
    pub(super) refresh: Session,
    pub(super) issued: u64,
}

impl Code {
    pub(super) fn seal(&self) -> String {
        format!("1.{}", token::seal(self))
    }

    /// Reads a code and checks what it is sent with.
    pub(super) fn read(
        text: &str,
        redirect: &str,
        verifier: Option<&str>,
        now: u64,
    ) -> Result<Self, OAuthError> {
        let malformed =
            || OAuthError::grant(9_002_313, "Invalid request. Request is malformed or invalid.");
        let sealed = text.strip_prefix("1.").ok_or_else(malformed)?;
        let code: Self = token::open(sealed).map_err(|_| malformed())?;
        if now > code.issued + CODE_LIFE {
            return Err(OAuthError::grant(
                70_008,
                "The provided authorization code or refresh token has expired due to inactivity. Send a new interactive authorization request for this user and resource.",
            ));
        }
        if code.redirect != redirect {
            return Err(OAuthError::grant(
                500_112,
                "The reply address does not match the reply address provided when requesting Authorization code.",
            ));
        }
        code.check_verifier(verifier)?;
        Ok(code)
    }

    /// Uses the code up: it is good once.
    pub(super) fn redeem(&self, sign_ins: &SignIns, now: u64) -> Result<(), OAuthError> {
        let mut redeemed = sign_ins.redeemed.lock().expect(UNPOISONED);
        redeemed.retain(|_, expires| *expires >= now);
        if redeemed.insert(self.number, self.issued + CODE_LIFE).is_some() {
            return Err(OAuthError::grant(
                54_005,
                "OAuth2 Authorization code was already redeemed, please retry with a new valid code or use an existing refresh token.",
            ));
        }
        Ok(())
    }

    fn check_verifier(&self, verifier: Option<&str>) -> Result<(), OAuthError> {
        let fits = match (&self.challenge, verifier) {
            (None, None) => true,
            (Some((challenge, true)), Some(verifier)) => {
                *challenge == URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.as_bytes()))
            }
            (Some((challenge, false)), Some(verifier)) => challenge == verifier,
            _ => false,
        };
        if fits {
            return Ok(());
        }
        Err(OAuthError::grant(
            501_481,
            "The Code_Verifier does not match the code_challenge supplied in the authorization request.",
        ))
    }
}

impl RefreshToken {
    pub(super) fn seal(&self) -> String {
        format!("1.{}", token::seal(self))
    }

    pub(super) fn read(text: &str, now: u64) -> Result<Self, OAuthError> {
        let malformed =
            || OAuthError::grant(9_002_313, "Invalid request. Request is malformed or invalid.");
        let sealed = text.strip_prefix("1.").ok_or_else(malformed)?;
        let token: Self = token::open(sealed).map_err(|_| malformed())?;
        if now > token.issued + REFRESH_LIFE {
            return Err(OAuthError::grant(
                700_082,
                "The refresh token has expired due to inactivity.",
            ));
        }
        Ok(token)
    }
}
