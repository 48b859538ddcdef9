//! The endpoints from which a machine in Azure gets tokens (facts: graph-protocol 2.2).

use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderName, Method, StatusCode};
use serde_json::json;

use super::access_token::{Claims, GRAPH_APP_ID, Wanted};
use super::form::Form;
use super::scope::audience;
use super::{AuthorityRequest, json_reply};
use crate::managed_identity::ManagedIdentity;
use crate::protocol::reply::Reply;
use crate::site::Site;
use crate::tenant::mix::mix2;

/// The versions in which the agent of Azure Arc is asked.
const ARC_VERSIONS: [&str; 2] = ["2020-06-01", "2021-02-01"];

/// A request that no token is given for.
struct Refused(StatusCode, &'static str, &'static str);

impl Site {
    /// Answers a request to a metadata endpoint; none if the path is not one of them.
    pub(super) fn answer_machine(&self, request: &AuthorityRequest<'_>) -> Option<Reply> {
        let form = Form::of_text(request.query);
        let version = form.get("api-version").unwrap_or_default();
        let answer = match request.segments {
            ["metadata", "identity", "oauth2", "token"] => match &self.machine.arc_keys {
                Some(keys) if ARC_VERSIONS.contains(&version) => {
                    match self.check_arc(keys, request) {
                        Ok(()) => self.managed_token(request, &form, true),
                        Err(reply) => return Some(reply),
                    }
                }
                _ => required(request, "metadata", "true")
                    .and_then(|()| self.managed_token(request, &form, true)),
            },
            ["msi", "token"] => required(request, "x-identity-header", &self.machine.header)
                .and_then(|()| self.managed_token(request, &form, false)),
            _ => return None,
        };
        Some(answer.unwrap_or_else(|Refused(status, error, text)| {
            json_reply(status, &json!({ "error": error, "error_description": text }))
        }))
    }

    fn managed_token(
        &self,
        request: &AuthorityRequest<'_>,
        form: &Form,
        expires_in: bool,
    ) -> Result<Reply, Refused> {
        const BAD: StatusCode = StatusCode::BAD_REQUEST;
        if *request.method != Method::GET {
            return Err(Refused(
                StatusCode::METHOD_NOT_ALLOWED,
                "method_not_allowed",
                "Only GET is allowed",
            ));
        }
        if form.get("api-version").is_none() {
            return Err(Refused(
                BAD,
                "invalid_request",
                "Required query variable 'api-version' is missing",
            ));
        }
        let Some(resource) = form.get("resource") else {
            return Err(Refused(
                BAD,
                "invalid_request",
                "Required query variable 'resource' is missing",
            ));
        };
        let found = self.machine.identities.iter().find(|it| is_wanted(it, form));
        let found = found.ok_or(Refused(BAD, "invalid_request", "Identity not found"))?;
        let known = if resource == self.cloud.token_exchange_audience() {
            Some(resource.to_owned())
        } else {
            audience(self.cloud, resource)
        };
        let Some(audience) = known else {
            return Err(Refused(
                BAD,
                "invalid_resource",
                "AADSTS500011: The resource principal named in the request was not found in the tenant.",
            ));
        };
        Ok(self.hand_out(found, resource, audience, expires_in))
    }

    /// A token for an identity.
    fn hand_out(
        &self,
        found: &ManagedIdentity,
        resource: &str,
        audience: String,
        expires_in: bool,
    ) -> Reply {
        let identity = &self.first().identity;
        let roles = match audience.as_str() {
            "" | GRAPH_APP_ID => found.roles.clone(),
            _ => Vec::new(),
        };
        let wanted = Wanted { audience, proof: "2", ..Wanted::default() };
        let claims = Claims {
            idtyp: "app".into(),
            oid: found.object_id.clone(),
            sub: found.object_id.clone(),
            roles,
            ..identity.claims(&found.client_id, &wanted)
        };
        let mut body = json!({
            "access_token": identity.signer.sign(&claims),
            "client_id": found.client_id,
            "expires_on": claims.exp.to_string(),
            "resource": resource,
            "token_type": "Bearer",
        });
        if expires_in {
            body["expires_in"] = identity.token_life.to_string().into();
            body["not_before"] = claims.nbf.to_string().into();
        }
        json_reply(StatusCode::OK, &body)
    }

    /// The agent of Azure Arc first names a file that only privileged processes can read, then asks
    /// for what it holds.
    fn check_arc(&self, keys: &Path, request: &AuthorityRequest<'_>) -> Result<(), Reply> {
        if let Err(Refused(status, error, text)) = required(request, "metadata", "true") {
            return Err(json_reply(status, &json!({ "error": error, "error_description": text })));
        }
        let sent = request.headers.get(http::header::AUTHORIZATION);
        let sent = sent.and_then(|value| value.to_str().ok()).unwrap_or_default();
        let mut kept = self.arc_key.lock().expect("no code panics while it holds this lock");
        if sent.strip_prefix("Basic ").is_some_and(|sent| kept.as_deref() == Some(sent)) {
            *kept = None;
            return Ok(());
        }
        let (path, secret) = self.new_arc_key(keys);
        if let Err(error) = std::fs::write(&path, &secret) {
            tracing::warn!(%error, path = %path.display(), "write the key of the Arc agent");
            return Err(json_reply(
                StatusCode::SERVICE_UNAVAILABLE,
                &json!({ "error": "temporarily_unavailable", "error_description": "the key file cannot be written" }),
            ));
        }
        *kept = Some(secret);
        let reply = json_reply(
            StatusCode::UNAUTHORIZED,
            &json!({ "error": "unauthorized_client", "error_description": "Missing Basic Authorization header" }),
        );
        let realm = format!("Basic realm={}", path.display());
        Err(reply.header(http::header::WWW_AUTHENTICATE, &realm))
    }

    fn new_arc_key(&self, keys: &Path) -> (PathBuf, String) {
        let number = self.next_number();
        let secret = mix2(self.first().tenant.seed(), number).to_be_bytes();
        (keys.join(format!("{number:08x}.key")), STANDARD.encode(secret))
    }
}

fn is_wanted(identity: &ManagedIdentity, form: &Form) -> bool {
    let named = |name: &str, own: &str| form.get(name).map(|id| id.eq_ignore_ascii_case(own));
    let resource = identity.resource_id.as_deref().unwrap_or_default();
    let by_resource = named("msi_res_id", resource).or_else(|| named("mi_res_id", resource));
    let by_resource = by_resource.map(|fits| fits && !resource.is_empty());
    named("client_id", &identity.client_id)
        .or_else(|| named("object_id", &identity.object_id))
        .or_else(|| named("principal_id", &identity.object_id))
        .or(by_resource)
        .unwrap_or(identity.system_assigned)
}

fn required(
    request: &AuthorityRequest<'_>,
    name: &'static str,
    value: &str,
) -> Result<(), Refused> {
    let sent = request.headers.get(HeaderName::from_static(name));
    if sent.is_some_and(|sent| sent.as_bytes().eq_ignore_ascii_case(value.as_bytes())) {
        return Ok(());
    }
    Err(Refused(
        StatusCode::BAD_REQUEST,
        "invalid_request",
        "Required metadata header not specified",
    ))
}
