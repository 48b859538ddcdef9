//! The permissions that a token carries: they explain a refusal, and decide nothing.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use graph_transport::{AccessToken, BoxFuture, Credential, CredentialError, TokenRequest};
use serde_json::Value;

/// What the last token was granted; empty until one was asked for, or when it cannot be read.
#[derive(Clone, Debug, Default)]
pub(super) struct Granted(Arc<Mutex<Vec<String>>>);

impl Granted {
    pub(super) fn names(&self) -> Vec<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The credential, with an eye on the tokens that it brings.
    pub(super) fn watch<C: Credential>(&self, credential: C) -> Watched<C> {
        Watched { credential, granted: self.clone() }
    }

    fn note(&self, token: &AccessToken) {
        let names = permissions(token.secret.expose()).unwrap_or_default();
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = names;
    }
}

/// A credential whose tokens are looked at.
pub(super) struct Watched<C> {
    credential: C,
    granted: Granted,
}

impl<C: Credential> Credential for Watched<C> {
    fn tenant(&self) -> Option<&str> {
        self.credential.tenant()
    }

    fn token<'a>(
        &'a self,
        request: &'a TokenRequest<'a>,
    ) -> BoxFuture<'a, Result<AccessToken, CredentialError>> {
        Box::pin(async move {
            let token = self.credential.token(request).await?;
            self.granted.note(&token);
            Ok(token)
        })
    }

    fn client_id(&self) -> Option<&str> {
        self.credential.client_id()
    }

    fn can_renew(&self) -> bool {
        self.credential.can_renew()
    }

    fn time_limit(&self) -> Option<Duration> {
        self.credential.time_limit()
    }
}

impl<C: Credential> fmt::Debug for Watched<C> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.credential.fmt(formatter)
    }
}

/// The claims `roles` (application) and `scp` (signed-in user) of a JWT.
///
/// Graph's tokens are documented as opaque to clients: one of another form says nothing.
fn permissions(token: &str) -> Option<Vec<String>> {
    let payload = token.split('.').nth(1)?;
    let claims: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).ok()?).ok()?;
    let roles = claims["roles"].as_array().into_iter().flatten().filter_map(Value::as_str);
    let scopes = claims["scp"].as_str().unwrap_or_default().split_whitespace();
    let mut names: Vec<String> = roles.chain(scopes).map(str::to_owned).collect();
    names.sort_unstable();
    names.dedup();
    Some(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(claims: &str) -> String {
        format!("e30.{}.sig", URL_SAFE_NO_PAD.encode(claims))
    }

    #[test]
    fn roles_and_scopes_are_what_a_token_grants() {
        let roles = token(r#"{"roles":["User.Read.All","Group.Read.All"]}"#);
        assert_eq!(permissions(&roles).unwrap(), ["Group.Read.All", "User.Read.All"]);
        assert_eq!(
            permissions(&token(r#"{"scp":"openid User.Read"}"#)).unwrap(),
            ["User.Read", "openid"]
        );
        assert!(permissions(&token("{}")).unwrap().is_empty());
        for opaque in ["", "opaque", "a.b.c", "a.!.c"] {
            assert_eq!(permissions(opaque), None, "{opaque}");
        }
    }
}
