//! The token endpoint: every grant that leads to a token (facts: graph-protocol 2.1, 2.3, 2.4).

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::StatusCode;
use serde_json::{Map, Value, json};

use super::access_token::{SignedIn, Wanted};
use super::client_authentication::{Proof, prove};
use super::error::OAuthError;
use super::form::Form;
use super::scope::Scopes;
use super::sign_in::{Code, RefreshToken, Session};
use super::{AuthorityRequest, Identity, Named, json_reply};
use crate::app_registration::AppRegistration;
use crate::core::Core;
use crate::protocol::reply::Reply;
use crate::site::Site;

const DEVICE_CODE: &str = "urn:ietf:params:oauth:grant-type:device_code";

/// A token request whose application is known.
struct Asked<'a> {
    core: &'a Core,
    app: &'a AppRegistration,
    proof: Proof,
    wanted: Wanted,
    form: &'a Form,
    base: &'a str,
}

impl Site {
    /// Issues a token.
    pub(super) fn token(
        &self,
        tenant: &str,
        request: &AuthorityRequest<'_>,
    ) -> Result<Reply, OAuthError> {
        let form = Form::of_body(request)?;
        let grant = form.require("grant_type")?;
        let (client_id, secret) = form.client(request)?;
        if !matches!(
            grant,
            "client_credentials" | "refresh_token" | "authorization_code" | DEVICE_CODE
        ) {
            return Err(OAuthError::grant_type(grant));
        }
        let named = self.named(tenant)?;
        // The grant of a user names the tenant in which the user signed in.
        let session = match grant {
            "client_credentials" => None,
            grant => Some(self.session(grant, &form, &client_id)?),
        };
        let core = match (named, &session) {
            (Named::One(core), _) => core,
            (Named::Home, Some((session, _))) => self
                .core_named(&session.tenant)
                .ok_or_else(|| OAuthError::no_tenant(&session.tenant))?,
            (Named::Home, None) => return Err(OAuthError::common(tenant)),
        };
        let app = core.identity.app(&client_id)?;
        let proof = prove(&core.identity, app, secret.as_deref(), &form, request)?;
        let wanted = Wanted {
            capabilities: capabilities(form.get("claims"))?,
            proof: proof.code(),
            ..Wanted::default()
        };
        let asked = Asked { core, app, proof, wanted, form: &form, base: request.base };
        match session {
            None => asked.for_application(),
            Some((session, redeemed)) => asked.for_user(session, redeemed.as_ref(), self),
        }
    }

    /// The session that a grant stands for, and the code if it came from one.
    fn session(
        &self,
        grant: &str,
        form: &Form,
        client_id: &str,
    ) -> Result<(Session, Option<Code>), OAuthError> {
        let now = self.clock.unix_seconds();
        let (session, code) = match grant {
            "refresh_token" => {
                (RefreshToken::read(form.require("refresh_token")?, now)?.refresh, None)
            }
            "authorization_code" => {
                let (text, redirect) = (form.require("code")?, form.require("redirect_uri")?);
                let verifier = form.get("code_verifier");
                let code = Code::read(text, redirect, verifier, now)?;
                (code.session.clone(), Some(code))
            }
            _ => (self.poll_device(form.require("device_code")?, client_id)?, None),
        };
        if !session.client.eq_ignore_ascii_case(client_id) {
            return Err(OAuthError::grant(
                700_005,
                "The provided code or refresh token was issued to another application.",
            ));
        }
        Ok((session, code))
    }
}

impl Asked<'_> {
    fn for_application(mut self) -> Result<Reply, OAuthError> {
        if self.proof == Proof::Nothing {
            return Err(OAuthError::no_credential());
        }
        let identity = &self.core.identity;
        let tenant = identity.tenant.to_string();
        let scope = self.form.require("scope")?;
        let scopes = Scopes::for_application(identity.cloud, &tenant, scope)?;
        self.wanted.audience = scopes.audience;
        let token = identity.sign_for_application(self.app, &self.wanted);
        Ok(json_reply(
            StatusCode::OK,
            &json!({
                "token_type": "Bearer",
                "expires_in": identity.token_life,
                "ext_expires_in": identity.token_life,
                "access_token": token,
            }),
        ))
    }

    fn for_user(
        mut self,
        mut session: Session,
        code: Option<&Code>,
        site: &Site,
    ) -> Result<Reply, OAuthError> {
        let identity = &self.core.identity;
        if session.tenant != identity.tenant.to_string() {
            let message = format!(
                "User account from identity provider does not exist in tenant '{}' and cannot access the application '{}' in that tenant.",
                identity.tenant, self.app.id
            );
            return Err(OAuthError::grant(50_020, message));
        }
        self.check_proof(code)?;
        if let Some(code) = code {
            code.redeem(&site.sign_ins, site.clock.unix_seconds())?;
        }
        if let Some(scope) = self.form.get("scope") {
            let scopes = Scopes::read(identity.cloud, &session.tenant, scope)?;
            if scopes.default || !scopes.names.is_empty() {
                session.scopes = scopes.granted(self.app)?;
                session.audience = scopes.audience;
            }
        }
        let user = self.core.user_still_signed_in(&session.user, session.since)?;
        self.wanted.audience.clone_from(&session.audience);
        let mut answer = self.answer(&session, &user);
        if session.openid.iter().any(|name| name == "offline_access") {
            let (number, issued) = (site.next_number(), site.clock.unix_seconds());
            let token = RefreshToken { number, refresh: session.clone(), issued };
            answer.insert("refresh_token".into(), token.seal().into());
        }
        if session.openid.iter().any(|name| name == "openid") {
            let nonce = code.and_then(|code| code.nonce.as_deref());
            let token = id_token(identity, &self.app.id, &user, self.base, nonce);
            answer.insert("id_token".into(), token.into());
        }
        Ok(json_reply(StatusCode::OK, &Value::Object(answer)))
    }

    fn answer(&self, session: &Session, user: &SignedIn) -> Map<String, Value> {
        let identity = &self.core.identity;
        let scopes = session.scopes.join(" ");
        let openid = session.openid.iter().filter(|name| *name != "offline_access");
        let all: Vec<&str> = std::iter::once(scopes.as_str())
            .chain(openid.map(String::as_str))
            .filter(|text| !text.is_empty())
            .collect();
        let mut answer = Map::new();
        answer.insert("token_type".into(), "Bearer".into());
        answer.insert("scope".into(), all.join(" ").into());
        answer.insert("expires_in".into(), identity.token_life.into());
        answer.insert("ext_expires_in".into(), identity.token_life.into());
        let token = identity.sign_for_user(&self.app.id, user, &scopes, &self.wanted);
        answer.insert("access_token".into(), token.into());
        if self.form.get("client_info").is_some() {
            let info = json!({ "uid": user.id, "utid": identity.tenant.to_string() });
            answer.insert("client_info".into(), URL_SAFE_NO_PAD.encode(info.to_string()).into());
        }
        answer
    }

    /// Codes of web applications need a credential, and those of public clients must not have one.
    fn check_proof(&self, code: Option<&Code>) -> Result<(), OAuthError> {
        let public = match code {
            Some(code) => !self.app.web_redirects.contains(&code.redirect),
            None => self.app.public_flows,
        };
        match (code, public, self.proof) {
            (Some(_), true, Proof::Secret | Proof::Assertion) => Err(OAuthError::public_client()),
            (_, false, Proof::Nothing) => Err(OAuthError::no_credential()),
            _ => Ok(()),
        }
    }
}

fn id_token(
    identity: &Identity,
    client: &str,
    user: &SignedIn,
    base: &str,
    nonce: Option<&str>,
) -> String {
    let now = identity.clock.unix_seconds();
    let mut claims = json!({
        "aud": client,
        "iss": format!("{base}/{}/v2.0", identity.tenant),
        "iat": now,
        "nbf": now,
        "exp": now + identity.token_life,
        "oid": user.id,
        "sub": user.id,
        "preferred_username": user.name,
        "tid": identity.tenant.to_string(),
        "ver": "2.0",
    });
    if let Some(nonce) = nonce {
        claims["nonce"] = nonce.into();
    }
    identity.signer.sign(&claims)
}

/// What a client says in `claims` that it can do (facts: graph-protocol 2.6).
fn capabilities(claims: Option<&str>) -> Result<Vec<String>, OAuthError> {
    let Some(claims) = claims else { return Ok(Vec::new()) };
    let claims: Value = serde_json::from_str(claims)
        .ok()
        .filter(Value::is_object)
        .ok_or_else(|| OAuthError::parameter("claims"))?;
    let values = claims["access_token"]["xms_cc"]["values"].as_array();
    let values = values.into_iter().flatten().filter_map(Value::as_str);
    Ok(values.map(str::to_owned).collect())
}
