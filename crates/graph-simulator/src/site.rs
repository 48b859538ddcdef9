//! The whole of a simulator: one cloud, its authority, and the tenants in it.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use http::StatusCode;

use crate::churn::Churning;
use crate::clock::Clock;
use crate::cloud::{Cloud, Host};
use crate::core::{Core, Incoming, Outgoing, throttle_headers};
use crate::faults::{self, Fault, Faults, Transport};
use crate::identity::{AuthorityRequest, SignIns, Signer, bearer};
use crate::managed_identity::Machine;
use crate::protocol::cost::Cost;
use crate::protocol::errors::{Refusal, RequestIds};
use crate::protocol::reply::Reply;
use crate::throttle::{Charged, Limiter};

/// Everything that the tenants of a simulator share.
#[derive(Debug)]
pub(crate) struct Site {
    pub(crate) cores: Vec<Arc<Core>>,
    pub(crate) cloud: Cloud,
    pub(crate) signer: Arc<Signer>,
    pub(crate) sign_ins: SignIns,
    pub(crate) machine: Machine,
    /// The key that the agent of Azure Arc asked for.
    pub(crate) arc_key: Mutex<Option<String>>,
    pub(crate) device_life: u64,
    pub(crate) device_interval: u64,
    pub(crate) limiter: Option<Arc<Mutex<Limiter>>>,
    pub(crate) faults: Arc<Faults>,
    pub(crate) churn: Churning,
    pub(crate) clock: Clock,
    pub(crate) numbers: Arc<AtomicU64>,
}

impl Site {
    /// The first tenant.
    pub(crate) fn first(&self) -> &Arc<Core> {
        &self.cores[0]
    }

    /// The tenant with a GUID or a verified domain.
    pub(crate) fn core_named(&self, name: &str) -> Option<&Arc<Core>> {
        self.cores.iter().find(|core| core.is_named(name))
    }

    /// The tenant in whose domains a principal name lies.
    pub(crate) fn home_of(&self, principal_name: &str) -> Option<&Arc<Core>> {
        self.core_named(principal_name.rsplit_once('@')?.1)
    }

    pub(crate) fn next_number(&self) -> u64 {
        self.numbers.fetch_add(1, Ordering::Relaxed)
    }

    /// Answers a request to the authority or to Graph.
    pub(crate) fn answer(&self, incoming: &Incoming) -> Outgoing {
        let (path, query) = incoming.target.split_once('?').unwrap_or((&incoming.target, ""));
        let host = incoming.base.split_once("://").map_or("", |(_, host)| host);
        let host = self.cloud.host(host);
        self.churn.step(self, path);
        if host == Host::Foreign {
            return self.misdirected(incoming);
        }
        if host != Host::Graph
            && let Some(outgoing) = self.authority(incoming, path, query)
        {
            return outgoing;
        }
        if matches!(host, Host::Login | Host::Metadata) {
            return self.refuse(incoming, Refusal::no_segment(path.trim_start_matches('/')));
        }
        self.core_of(incoming).answer(incoming)
    }

    /// The tenant that the bearer's token names; the first one if it names none of them.
    fn core_of(&self, incoming: &Incoming) -> &Arc<Core> {
        if let [only] = self.cores.as_slice() {
            return only;
        }
        let token = bearer(incoming.headers.get(http::header::AUTHORIZATION));
        let claims = token.and_then(|token| self.signer.verify(token).ok());
        claims
            .and_then(|claims| self.cores.iter().find(|core| core.is_named(claims.tenant())))
            .unwrap_or_else(|| self.first())
    }

    /// A simulator answers in the name of a loopback address or of its own cloud's hosts, nobody else's.
    fn misdirected(&self, incoming: &Incoming) -> Outgoing {
        let message = format!(
            "This simulator answers on loopback addresses and as {} or {}: not as {}.",
            self.cloud.graph_host(),
            self.cloud.login_host(),
            incoming.base,
        );
        self.refuse(
            incoming,
            Refusal::new(StatusCode::MISDIRECTED_REQUEST, "MisdirectedRequest", message),
        )
    }

    fn refuse(&self, incoming: &Incoming, refusal: Refusal) -> Outgoing {
        let core = self.first();
        let ids = core.ids(&incoming.headers);
        let reply = Reply::refusal(refusal, &ids);
        core.record(&incoming.method, &incoming.target, "unknown", &reply, false, 0);
        Outgoing { reply, ids, transport: None }
    }

    fn authority(&self, incoming: &Incoming, path: &str, query: &str) -> Option<Outgoing> {
        let core = self.first();
        let ids = core.ids(&incoming.headers);
        let segments: Vec<&str> = path.trim_start_matches('/').split('/').collect();
        let request = AuthorityRequest {
            method: &incoming.method,
            segments: &segments,
            query,
            headers: &incoming.headers,
            body: &incoming.body,
            base: &incoming.base,
            trace_id: &ids.request_id,
        };
        if !is_authority(&segments) {
            return None;
        }
        let fault = self.faults.decide(&incoming.method, path, query);
        let kind = format!("/{{tenant}}/{}", segments[1..].join("/"));
        let (reply, transport) = match fault {
            Some(Fault::ResetBeforeHead) => (Reply::no_content(), Some(Transport::Close)),
            fault => self.authority_disturbed(fault.as_ref(), incoming, &request, &ids)?,
        };
        core.record(&incoming.method, &incoming.target, &kind, &reply, false, 0);
        Some(Outgoing { reply, ids, transport })
    }

    fn authority_disturbed(
        &self,
        fault: Option<&Fault>,
        incoming: &Incoming,
        request: &AuthorityRequest<'_>,
        ids: &RequestIds,
    ) -> Option<(Reply, Option<Transport>)> {
        let instead = fault.and_then(|fault| {
            self.authority_fault(fault, request).or_else(|| faults::instead(fault, ids))
        });
        if let Some(reply) = instead {
            return Some((reply, None));
        }
        let reply = match self.charge_token(incoming, request) {
            Some(refused) => refused,
            None => self.answer_authority(request)?,
        };
        Some(match fault {
            Some(fault) => {
                faults::apply(fault, reply, &format!("{}{}", incoming.base, incoming.target))
            }
            None => (reply, None),
        })
    }

    /// Charges a token request to the tenant's budget of them, if there is one.
    fn charge_token(&self, incoming: &Incoming, request: &AuthorityRequest<'_>) -> Option<Reply> {
        let limiter = self.limiter.as_ref()?;
        let path = incoming.target.split('?').next().unwrap_or_default();
        let tenant = request.segments.first().copied().unwrap_or_default();
        let charged = Charged {
            tenant,
            application: "",
            path,
            query: "",
            cost: Cost { resource_units: 0, writes: 0 },
        };
        if !path.ends_with("/oauth2/v2.0/token") {
            return None;
        }
        let mut limiter = limiter.lock().expect("no code panics while it holds this lock");
        let refused = limiter.charge(&charged, self.clock.now()).err()?;
        Some(self.authority_throttled(request, throttle_headers(&refused)))
    }
}

/// Whether a path is one of the authority or of a metadata endpoint, so that faults meant for Graph
/// are not spent on a look at it.
fn is_authority(segments: &[&str]) -> bool {
    match segments {
        ["metadata", ..] | ["msi", "token"] => true,
        [_, rest @ ..] => matches!(
            rest,
            ["oauth2", "v2.0", "token" | "devicecode" | "authorize"]
                | ["v2.0" | "", ".well-known", "openid-configuration"]
                | [".well-known", "openid-configuration"]
                | ["discovery", "v2.0", "keys"]
                | ["discovery", "keys" | "instance"]
        ),
        [] => false,
    }
}
