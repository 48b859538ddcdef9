//! Access tokens: signed, self-contained, and valid in every process with the same tenant.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};

use super::Identity;
use super::signer::BadToken;
use crate::app_registration::AppRegistration;
use crate::protocol::errors::Refusal;
use crate::protocol::permissions;
use crate::tenant::ObjectId;

/// The application id of Microsoft Graph, another name for the resource.
pub(super) const GRAPH_APP_ID: &str = "00000003-0000-0000-c000-000000000000";

/// Who sends a request, and what the token lets them do.
#[derive(Clone, Debug)]
pub(crate) struct Roles {
    claims: Arc<Claims>,
    withdrawn: Arc<BTreeSet<String>>,
}

impl Roles {
    /// Whether one of several permissions is there.
    pub(crate) fn has_any(&self, wanted: &[&str]) -> bool {
        let granted = |name: &str| match &self.claims.scp {
            Some(scopes) => scopes.split(' ').any(|scope| scope == name),
            None => self.claims.roles.iter().any(|role| role == name),
        };
        wanted.iter().any(|name| granted(name) && !self.withdrawn.contains(*name))
    }

    /// Every permission, for what the simulator itself does.
    pub(crate) fn everything(tenant: ObjectId) -> Self {
        let claims = Claims {
            aud: String::new(),
            iss: String::new(),
            iat: 0,
            nbf: 0,
            exp: 0,
            appid: "simulator".into(),
            appidacr: String::new(),
            idtyp: "app".into(),
            oid: String::new(),
            roles: permissions::all().map(str::to_owned).collect(),
            scp: None,
            sub: String::new(),
            tid: tenant.to_string(),
            upn: None,
            ver: String::new(),
            xms_cc: Vec::new(),
        };
        Self { claims: Arc::new(claims), withdrawn: Arc::default() }
    }

    /// The user in whose name the application acts; none if it acts in its own.
    pub(crate) fn user(&self) -> Option<ObjectId> {
        self.claims.scp.as_ref().and_then(|_| self.claims.oid.parse().ok())
    }

    /// The application.
    pub(crate) fn application(&self) -> &str {
        &self.claims.appid
    }
}

/// What a token says.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Claims {
    pub(super) aud: String,
    pub(super) iss: String,
    pub(super) iat: u64,
    pub(super) nbf: u64,
    pub(super) exp: u64,
    pub(super) appid: String,
    /// `0` for public clients, `1` with a secret, `2` with an assertion.
    pub(super) appidacr: String,
    pub(super) idtyp: String,
    #[serde(default)]
    pub(super) oid: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) roles: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) scp: Option<String>,
    pub(super) sub: String,
    pub(super) tid: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) upn: Option<String>,
    pub(super) ver: String,
    /// What the client says it can do, such as `cp1`: it takes claims challenges.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) xms_cc: Vec<String>,
}

impl Claims {
    /// The tenant that the token names.
    pub(crate) fn tenant(&self) -> &str {
        &self.tid
    }
}

/// A user who signed in.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct SignedIn {
    pub(super) id: String,
    pub(super) name: String,
}

/// What a token is asked for.
#[derive(Clone, Debug, Default)]
pub(super) struct Wanted {
    /// The resource; Microsoft Graph in this cloud if empty.
    pub(super) audience: String,
    /// The client's capabilities.
    pub(super) capabilities: Vec<String>,
    /// How the client proved itself: `0`, `1` or `2`.
    pub(super) proof: &'static str,
}

impl Identity {
    /// A token for an application in its own name.
    pub(super) fn sign_for_application(&self, app: &AppRegistration, wanted: &Wanted) -> String {
        let object = self.object_of(&app.id);
        let claims = Claims {
            idtyp: "app".into(),
            roles: app.roles.clone(),
            oid: object.clone(),
            sub: object,
            ..self.claims(&app.id, wanted)
        };
        self.signer.sign(&claims)
    }

    /// A token for an application in the name of a user.
    pub(super) fn sign_for_user(
        &self,
        app: &str,
        user: &SignedIn,
        scopes: &str,
        wanted: &Wanted,
    ) -> String {
        let claims = Claims {
            idtyp: "user".into(),
            scp: Some(scopes.to_owned()),
            oid: user.id.clone(),
            sub: user.id.clone(),
            upn: Some(user.name.clone()),
            ..self.claims(app, wanted)
        };
        self.signer.sign(&claims)
    }

    pub(super) fn claims(&self, app: &str, wanted: &Wanted) -> Claims {
        let now = self.clock.unix_seconds();
        let audience = match wanted.audience.as_str() {
            "" => self.cloud.graph_root(),
            audience => audience.to_owned(),
        };
        let proof = if wanted.proof.is_empty() { "1" } else { wanted.proof };
        Claims {
            aud: audience,
            iss: format!("https://sts.windows.net/{}/", self.tenant),
            iat: now,
            nbf: now,
            exp: now + self.token_life,
            appid: app.to_owned(),
            appidacr: proof.to_owned(),
            idtyp: String::new(),
            oid: String::new(),
            roles: Vec::new(),
            scp: None,
            sub: String::new(),
            tid: self.tenant.to_string(),
            upn: None,
            ver: "1.0".into(),
            xms_cc: wanted.capabilities.clone(),
        }
    }

    /// The bearer of an `Authorization` header (facts: graph-protocol 2.6).
    pub(crate) fn authorize(&self, header: Option<&http::HeaderValue>) -> Result<Roles, Refusal> {
        let Some(token) = bearer(header) else {
            return Err(Refusal::unauthenticated("Access token is empty."));
        };
        let claims = self.signer.verify(token).map_err(|error| {
            Refusal::unauthenticated(match error {
                BadToken::Malformed => "IDX14100: JWT is not well formed, there are no dots (.).",
                BadToken::Signature => "Access token validation failure. Invalid signature.",
            })
        })?;
        let now = self.clock.unix_seconds();
        if claims.tid != self.tenant.to_string() {
            return Err(Refusal::unauthenticated(
                "Access token validation failure. Invalid tenant.",
            ));
        }
        if claims.aud != self.cloud.graph_root() && claims.aud != GRAPH_APP_ID {
            return Err(Refusal::unauthenticated(
                "Access token validation failure. Invalid audience.",
            ));
        }
        if claims.exp <= now {
            return Err(Refusal::unauthenticated(
                "Lifetime validation failed, the token is expired.",
            ));
        }
        let revoked = self.revoked.load(Ordering::Acquire);
        if claims.iat <= revoked {
            return Err(self.revocation(&claims, revoked));
        }
        let withdrawn = self.withdrawn.read().expect("no code panics while it holds this lock");
        Ok(Roles { claims, withdrawn: Arc::clone(&withdrawn) })
    }

    /// 401; with a claims challenge, that only a token issued later meets, for clients which said
    /// that they take one (facts: graph-protocol 2.6).
    fn revocation(&self, claims: &Claims, revoked: u64) -> Refusal {
        let refusal = Refusal::unauthenticated(
            "Continuous access evaluation resulted in challenge with result: InteractionRequired and code: TokenIssuedBeforeRevocationTimestamp",
        );
        if !claims.xms_cc.iter().any(|capability| capability.eq_ignore_ascii_case("cp1")) {
            return refusal;
        }
        let claims =
            format!(r#"{{"access_token":{{"nbf":{{"essential":true,"value":"{revoked}"}}}}}}"#);
        let (claims, login) = (STANDARD.encode(claims), self.cloud.login_host());
        let header = format!(
            r#"Bearer realm="", authorization_uri="https://{login}/common/oauth2/authorize", error="insufficient_claims", claims="{claims}""#
        );
        refusal.header(http::header::WWW_AUTHENTICATE, &header)
    }
}

/// The token of an `Authorization` header.
pub(crate) fn bearer(header: Option<&http::HeaderValue>) -> Option<&str> {
    let header = header.and_then(|value| value.to_str().ok())?;
    let (scheme, token) = header.split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then_some(token)
}
