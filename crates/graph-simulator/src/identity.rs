//! The authority: who may sign in, and what its tokens say.

mod access_token;
mod error;
mod openid;
mod token_endpoint;

pub(crate) use access_token::Roles;

use std::collections::BTreeSet;
use std::sync::RwLock;
use std::sync::atomic::AtomicU64;

use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode};

use crate::clock::Clock;
use crate::protocol::reply::Reply;
use crate::tenant::{ObjectId, Tenant};
use error::OAuthError;

/// An application that may sign in with a secret.
#[derive(Clone, Debug)]
pub(crate) struct Client {
    pub(crate) id: String,
    pub(crate) secret: String,
    /// The application roles its tokens carry.
    pub(crate) roles: Vec<String>,
}

/// The authority of one tenant.
#[derive(Debug)]
pub(crate) struct Identity {
    pub(crate) tenant: ObjectId,
    pub(crate) domain: String,
    pub(crate) clients: Vec<Client>,
    pub(crate) key: [u8; 32],
    pub(crate) token_life: u64,
    /// Tokens issued up to this Unix second are refused with a challenge.
    pub(crate) revoked: AtomicU64,
    /// Permissions that were withdrawn: no token carries them any more.
    pub(crate) withdrawn: RwLock<BTreeSet<String>>,
    pub(crate) clock: Clock,
}

/// A request to the authority.
pub(crate) struct AuthorityRequest<'a> {
    pub(crate) method: &'a Method,
    /// The segments of the path.
    pub(crate) segments: &'a [&'a str],
    pub(crate) headers: &'a HeaderMap,
    pub(crate) body: &'a Bytes,
    pub(crate) base: &'a str,
    pub(crate) trace_id: &'a str,
}

impl Identity {
    /// Answers a request to the authority; none if the path is not one of its own.
    pub(crate) fn answer(&self, request: &AuthorityRequest<'_>) -> Option<Reply> {
        let (tenant, rest) = request.segments.split_first()?;
        match rest {
            ["oauth2", "v2.0", "token"] => Some(self.token(tenant, request)),
            ["v2.0" | "", ".well-known", "openid-configuration"]
            | [".well-known", "openid-configuration"] => Some(self.discovery(tenant, request)),
            ["discovery", "v2.0", "keys"] | ["discovery", "keys"] => Some(openid::keys()),
            ["discovery", "instance"] => Some(openid::instance(request.base, self.tenant)),
            _ => None,
        }
    }

    fn token(&self, tenant: &str, request: &AuthorityRequest<'_>) -> Reply {
        if request.method != Method::POST {
            return OAuthError::method().reply(request, &self.clock);
        }
        self.issue(tenant, request).unwrap_or_else(|error| error.reply(request, &self.clock))
    }

    fn discovery(&self, tenant: &str, request: &AuthorityRequest<'_>) -> Reply {
        match self.check_tenant(tenant) {
            Ok(()) => openid::configuration(request.base, self.tenant),
            Err(error) => error.reply(request, &self.clock),
        }
    }

    /// A tenant is named by its GUID or its verified domain.
    fn check_tenant(&self, name: &str) -> Result<(), OAuthError> {
        let known = name.parse() == Ok(self.tenant) || name.eq_ignore_ascii_case(&self.domain);
        match name {
            _ if known => Ok(()),
            "common" | "organizations" | "consumers" => Err(OAuthError::common(name)),
            _ => Err(OAuthError::no_tenant(name)),
        }
    }

    /// The key that a tenant's tokens are signed with: every process with the same tenant has it.
    pub(crate) fn key_of(tenant: &Tenant) -> [u8; 32] {
        use sha2::Digest;
        let mut hash = sha2::Sha256::new();
        hash.update(b"graph-simulator access token 1");
        hash.update(tenant.seed().to_be_bytes());
        hash.update(tenant.id_of_tenant().to_text());
        hash.finalize().into()
    }
}

/// A JSON answer of the authority.
fn json_reply(status: StatusCode, body: &serde_json::Value) -> Reply {
    let mut reply = Reply::text(body.to_string());
    reply.status = status;
    reply.content_type = "application/json; charset=utf-8";
    reply.header(http::header::CACHE_CONTROL, "no-store, no-cache")
}
