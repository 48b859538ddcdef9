//! The authority: who may sign in, and what its tokens say.

mod access_token;
mod assertion;
mod authorize;
mod client_authentication;
mod device_code;
mod error;
mod form;
mod managed;
mod openid;
mod scope;
mod sign_in;
mod signer;
mod token_endpoint;
mod user;

pub(crate) use access_token::{Roles, bearer};
pub(crate) use device_code::Decision;
pub(crate) use sign_in::SignIns;
pub(crate) use signer::Signer;

use std::collections::BTreeSet;
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, RwLock};

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};

use crate::app_registration::AppRegistration;
use crate::clock::Clock;
use crate::cloud::Cloud;
use crate::core::Core;
use crate::faults::Fault;
use crate::protocol::reply::Reply;
use crate::site::Site;
use crate::tenant::ObjectId;
use access_token::Wanted;
use error::OAuthError;

/// What signs in to one tenant, and what tokens it has issued.
#[derive(Debug)]
pub(crate) struct Identity {
    pub(crate) tenant: ObjectId,
    /// The verified domains, the initial one first.
    pub(crate) domains: Vec<String>,
    pub(crate) apps: Vec<AppRegistration>,
    /// The object ids of the service principals of applications, by client id in lower case.
    pub(crate) objects: Vec<(String, String)>,
    pub(crate) token_life: u64,
    /// Tokens issued up to this Unix second are refused with a challenge.
    pub(crate) revoked: AtomicU64,
    /// Permissions that were withdrawn: no token carries them any more.
    pub(crate) withdrawn: RwLock<Arc<BTreeSet<String>>>,
    pub(crate) clock: Clock,
    pub(crate) cloud: Cloud,
    pub(crate) signer: Arc<Signer>,
}

/// A request to the authority.
pub(crate) struct AuthorityRequest<'a> {
    pub(crate) method: &'a Method,
    /// The segments of the path.
    pub(crate) segments: &'a [&'a str],
    pub(crate) query: &'a str,
    pub(crate) headers: &'a HeaderMap,
    pub(crate) body: &'a Bytes,
    pub(crate) base: &'a str,
    pub(crate) trace_id: &'a str,
}

impl Identity {
    /// Whether a name in a path, a GUID or a verified domain, names this tenant.
    pub(crate) fn is_named(&self, name: &str) -> bool {
        name.parse() == Ok(self.tenant)
            || self.domains.iter().any(|domain| domain.eq_ignore_ascii_case(name))
    }

    /// The object id of an application's service principal; the client id where there is none.
    fn object_of(&self, client_id: &str) -> String {
        let known = self.objects.iter().find(|(id, _)| id.eq_ignore_ascii_case(client_id));
        known.map_or_else(|| client_id.to_owned(), |(_, object)| object.clone())
    }

    fn app(&self, id: &str) -> Result<&AppRegistration, OAuthError> {
        let known = self.apps.iter().find(|app| app.id.eq_ignore_ascii_case(id));
        known.ok_or_else(|| OAuthError::no_application(id, &self.tenant.to_string()))
    }

    /// A token for one of the applications, as the token endpoint would issue it.
    pub(crate) fn token_of(&self, client_id: &str) -> Option<String> {
        let wanted = Wanted { proof: "1", ..Wanted::default() };
        self.app(client_id).ok().map(|app| self.sign_for_application(app, &wanted))
    }
}

/// The tenant that an address of the authority names.
#[derive(Clone, Copy)]
pub(super) enum Named<'a> {
    /// By GUID or domain.
    One(&'a Arc<Core>),
    /// `common` or `organizations`: the user's own.
    Home,
}

impl Site {
    /// Answers a request to the authority; none if the path is not one of its own.
    pub(crate) fn answer_authority(&self, request: &AuthorityRequest<'_>) -> Option<Reply> {
        if let Some(reply) = self.answer_machine(request) {
            return Some(reply);
        }
        let (tenant, rest) = request.segments.split_first()?;
        let answer = match rest {
            ["oauth2", "v2.0", "token"] => post(request, || self.token(tenant, request)),
            ["oauth2", "v2.0", "devicecode"] => post(request, || self.device_code(tenant, request)),
            ["oauth2", "v2.0", "authorize"] => return Some(self.authorize(tenant, request)),
            ["v2.0" | "", ".well-known", "openid-configuration"]
            | [".well-known", "openid-configuration"] => self.configuration(tenant, request),
            ["discovery", "v2.0", "keys"] | ["discovery", "keys"] => {
                self.named(tenant).map(|_| json_reply(StatusCode::OK, &self.signer.key_set()))
            }
            ["discovery", "instance"] => Ok(self.instance(request)),
            _ => return None,
        };
        Some(answer.unwrap_or_else(|error| error.reply(request, &self.clock)))
    }

    /// A tenant is named by its GUID or by a verified domain.
    fn named(&self, name: &str) -> Result<Named<'_>, OAuthError> {
        match name.to_ascii_lowercase().as_str() {
            "common" | "organizations" => Ok(Named::Home),
            "consumers" => Err(OAuthError::common(name)),
            _ => self.core_named(name).map(Named::One).ok_or_else(|| OAuthError::no_tenant(name)),
        }
    }

    /// What the authority answers where a fault plan gives a status without a body.
    pub(crate) fn authority_fault(
        &self,
        fault: &Fault,
        request: &AuthorityRequest<'_>,
    ) -> Option<Reply> {
        let Fault::Status { status, headers, code, body: None } = fault else { return None };
        let status = StatusCode::from_u16(*status).ok()?;
        let mut reply = OAuthError::of_status(status, code.as_deref()).reply(request, &self.clock);
        for (name, values) in headers {
            for value in values.iter() {
                if let (Ok(name), Ok(value)) =
                    (HeaderName::try_from(name), HeaderValue::try_from(value))
                {
                    reply.headers.push((name, value));
                }
            }
        }
        Some(reply)
    }

    /// The refusal of a token request for which the tenant's budget is spent.
    pub(crate) fn authority_throttled(
        &self,
        request: &AuthorityRequest<'_>,
        headers: Vec<(HeaderName, HeaderValue)>,
    ) -> Reply {
        let mut reply = OAuthError::throttled().reply(request, &self.clock);
        reply.headers.extend(headers);
        reply
    }
}

fn post(
    request: &AuthorityRequest<'_>,
    answer: impl FnOnce() -> Result<Reply, OAuthError>,
) -> Result<Reply, OAuthError> {
    if request.method == Method::POST { answer() } else { Err(OAuthError::method()) }
}

/// A JSON answer of the authority.
fn json_reply(status: StatusCode, body: &serde_json::Value) -> Reply {
    let mut reply = Reply::text(body.to_string());
    reply.status = status;
    reply.content_type = "application/json; charset=utf-8";
    reply.header(http::header::CACHE_CONTROL, "no-store, no-cache")
}

/// A page for people.
fn html_reply(status: StatusCode, title: &str, body: &str) -> Reply {
    let mut reply = Reply::text(format!(
        "<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>{title}</title></head><body><h1>{title}</h1>{body}</body></html>"
    ));
    reply.status = status;
    reply.content_type = "text/html; charset=utf-8";
    reply.header(http::header::CACHE_CONTROL, "no-store, no-cache")
}
