//! The simulator's heart: answers one request at a time, without a network.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, RwLock};

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, StatusCode};

use crate::clock::Clock;
use crate::directory::{Directory, Overlay};
use crate::faults::{self, Fault, Faults, Transport};
use crate::identity::{AuthorityRequest, Identity, Roles};
use crate::protocol::batch::{self, Item};
use crate::protocol::call::Call;
use crate::protocol::cost::{self, Cost};
use crate::protocol::errors::{Refusal, RequestIds};
use crate::protocol::path::{ApiVersion, Path};
use crate::protocol::query::Query;
use crate::protocol::reply::Reply;
use crate::protocol::resource::{self, Resource};
use crate::protocol::write::Writer;
use crate::protocol::{permissions, router};
use crate::recorder::{Record, Recorder};
use crate::settings::Settings;
use crate::tenant::view::timestamp;
use crate::tenant::{MAX_MOMENT, Tenant};
use crate::throttle::{Limiter, Throttled};

/// A request as it arrived.
pub(crate) struct Incoming {
    pub(crate) method: Method,
    /// Path and query.
    pub(crate) target: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    /// Scheme and authority that were asked.
    pub(crate) base: String,
}

/// A reply, its identifiers, and what happens to the connection.
pub(crate) struct Outgoing {
    pub(crate) reply: Reply,
    pub(crate) ids: RequestIds,
    pub(crate) transport: Option<Transport>,
}

/// Everything that lives as long as the simulator.
#[derive(Debug)]
pub(crate) struct Core {
    pub(crate) tenant: Tenant,
    pub(crate) moment: AtomicU64,
    pub(crate) overlay: RwLock<Overlay>,
    pub(crate) settings: Settings,
    pub(crate) identity: Identity,
    pub(crate) limiter: Option<Mutex<Limiter>>,
    pub(crate) faults: Faults,
    pub(crate) recorder: Recorder,
    pub(crate) clock: Clock,
    pub(crate) numbers: AtomicU64,
}

/// One request of a batch or on its own, before its address is read.
struct Single<'a> {
    method: &'a Method,
    target: &'a str,
    path: Path,
    headers: &'a HeaderMap,
    body: &'a Bytes,
    base: &'a str,
    in_batch: bool,
}

const UNPOISONED: &str = "no code panics while it holds this lock";

impl Core {
    /// Calls `with` with the directory as it stands.
    pub(crate) fn read<T>(&self, with: impl FnOnce(Directory<'_>) -> T) -> T {
        let overlay = self.overlay.read().expect(UNPOISONED);
        with(Directory { tenant: &self.tenant, overlay: &overlay, moment: self.moment() })
    }

    pub(crate) fn moment(&self) -> u64 {
        self.moment.load(Ordering::Acquire)
    }

    pub(crate) fn set_moment(&self, moment: u64) {
        self.moment.store(moment.min(MAX_MOMENT), Ordering::Release);
    }

    /// Answers a request.
    pub(crate) fn answer(&self, incoming: &Incoming) -> Outgoing {
        let ids = self.ids(&incoming.headers);
        let (path, query) = incoming.target.split_once('?').unwrap_or((&incoming.target, ""));
        if let Some(outgoing) = self.answer_authority(incoming, path, query, &ids) {
            return outgoing;
        }
        let (reply, transport) = match Path::parse(path) {
            Ok(path) if path.texts() == ["$batch"] => {
                self.answer_batch(incoming, path.version, &ids)
            }
            Ok(path) => self.answer_single(
                Single {
                    method: &incoming.method,
                    target: &incoming.target,
                    path,
                    headers: &incoming.headers,
                    body: &incoming.body,
                    base: &incoming.base,
                    in_batch: false,
                },
                None,
                &ids,
            ),
            Err(refusal) => {
                let reply = Reply::refusal(refusal, &ids);
                self.record(&incoming.method, &incoming.target, "unknown", &reply, false, 0);
                (reply, None)
            }
        };
        Outgoing { reply, ids, transport }
    }

    fn answer_authority(
        &self,
        incoming: &Incoming,
        path: &str,
        query: &str,
        ids: &RequestIds,
    ) -> Option<Outgoing> {
        let segments: Vec<&str> = path.trim_start_matches('/').split('/').collect();
        let request = AuthorityRequest {
            method: &incoming.method,
            segments: &segments,
            headers: &incoming.headers,
            body: &incoming.body,
            base: &incoming.base,
            trace_id: &ids.request_id,
        };
        let reply = self.identity.answer(&request)?;
        let kind = format!("/{{tenant}}/{}", segments[1..].join("/"));
        let fault = self.faults.decide(&incoming.method, path, query);
        let (reply, transport) = self.disturb(fault.as_ref(), reply, incoming, ids);
        self.record(&incoming.method, &incoming.target, &kind, &reply, false, 0);
        Some(Outgoing { reply, ids: ids.clone(), transport })
    }

    fn disturb(
        &self,
        fault: Option<&Fault>,
        reply: Reply,
        incoming: &Incoming,
        ids: &RequestIds,
    ) -> (Reply, Option<Transport>) {
        match fault {
            None => (reply, None),
            Some(fault) => match faults::instead(fault, ids) {
                Some(reply) => (reply, None),
                None => {
                    faults::apply(fault, reply, &format!("{}{}", incoming.base, incoming.target))
                }
            },
        }
    }

    /// Answers `$batch`: every item is a request of its own.
    fn answer_batch(
        &self,
        incoming: &Incoming,
        version: ApiVersion,
        ids: &RequestIds,
    ) -> (Reply, Option<Transport>) {
        let fault = self.faults.decide(&incoming.method, "/$batch", "");
        if let Some(reply) = fault.as_ref().and_then(|fault| faults::instead(fault, ids)) {
            self.record(&incoming.method, &incoming.target, "/$batch", &reply, false, 0);
            return (reply, None);
        }
        let reply = self
            .run_batch(incoming, version, ids)
            .unwrap_or_else(|refusal| Reply::refusal(refusal, ids));
        let (reply, transport) = self.disturb(fault.as_ref(), reply, incoming, ids);
        self.record(&incoming.method, &incoming.target, "/$batch", &reply, false, 0);
        (reply, transport)
    }

    fn run_batch(
        &self,
        incoming: &Incoming,
        version: ApiVersion,
        ids: &RequestIds,
    ) -> Result<Reply, Refusal> {
        let roles = self.identity.authorize(incoming.headers.get(http::header::AUTHORIZATION))?;
        if incoming.method != Method::POST {
            return Err(Refusal::method_not_allowed());
        }
        let items = batch::parse(&incoming.body)?;
        let number = self.numbers.load(Ordering::Relaxed);
        Ok(batch::run(&items, number, |item| {
            self.answer_item(incoming, version, item, &roles, ids)
        }))
    }

    fn answer_item(
        &self,
        incoming: &Incoming,
        version: ApiVersion,
        item: &Item,
        roles: &Roles,
        ids: &RequestIds,
    ) -> Reply {
        let ids = RequestIds { request_id: self.ids(&item.headers).request_id, ..ids.clone() };
        let target = item.url.as_str();
        let (path, _) = target.split_once('?').unwrap_or((target, ""));
        let path = match Path::relative(version, path) {
            Ok(path) if path.texts() == ["$batch"] => {
                return Reply::refusal(
                    Refusal::malformed("A batch request cannot be nested in a batch."),
                    &ids,
                );
            }
            Ok(path) => path,
            Err(refusal) => return Reply::refusal(refusal, &ids),
        };
        let single = Single {
            method: &item.method,
            target,
            path,
            headers: &item.headers,
            body: &item.body,
            base: &incoming.base,
            in_batch: true,
        };
        let (reply, _) = self.answer_single(single, Some(roles), &ids);
        reply.header(http::HeaderName::from_static("request-id"), &ids.request_id)
    }

    /// Answers a request to Graph; the items of a batch bring the roles of the batch.
    fn answer_single(
        &self,
        single: Single<'_>,
        roles: Option<&Roles>,
        ids: &RequestIds,
    ) -> (Reply, Option<Transport>) {
        let query = single.target.split_once('?').map_or("", |(_, query)| query);
        let fault = self.faults.decide(single.method, &single.path.raw, query);
        if let Some(Fault::ResetBeforeHead) = fault {
            let reply = Reply::no_content();
            self.record(single.method, single.target, "reset", &reply, single.in_batch, 0);
            return (reply, Some(Transport::Close));
        }
        let read = resource::resolve(&single.path);
        let kind = read.as_ref().map_or_else(|_| "unknown".to_owned(), |_| template(&single.path));
        let (mut reply, units) = match fault.as_ref().and_then(|fault| faults::instead(fault, ids))
        {
            Some(reply) => (reply, 0),
            None => match self.execute(&single, read, query, roles, fault.as_ref()) {
                Ok((reply, units)) => (reply, units),
                Err(refusal) => (Reply::refusal(refusal, ids), 0),
            },
        };
        if units > 0 {
            reply = reply
                .header(http::HeaderName::from_static("x-ms-resource-unit"), &units.to_string());
        }
        self.record(single.method, single.target, &kind, &reply, single.in_batch, units);
        match fault {
            Some(fault) => faults::apply(&fault, reply, &asked(&single)),
            None => (reply, None),
        }
    }

    fn execute(
        &self,
        single: &Single<'_>,
        resource: Result<Resource, Refusal>,
        query: &str,
        roles: Option<&Roles>,
        fault: Option<&Fault>,
    ) -> Result<(Reply, u32), Refusal> {
        let own = match roles {
            Some(_) => None,
            None => Some(self.identity.authorize(single.headers.get(http::header::AUTHORIZATION))?),
        };
        let roles = roles.or(own.as_ref()).ok_or_else(Refusal::forbidden)?;
        let (resource, query) = (resource?, Query::parse(query)?);
        let cost = cost::cost(&resource, single.method, &query);
        let used = self.charge(cost)?;
        let needed = permissions::needed(&resource, single.method);
        if !needed.is_empty() && !roles.has_any(needed) {
            return Err(Refusal::forbidden());
        }
        let call = Call {
            method: single.method,
            path: &single.path,
            query: &query,
            headers: single.headers,
            body: single.body,
            base: single.base,
            roles,
            settings: &self.settings,
            now: self.clock.unix_seconds(),
        };
        if let (Some(Fault::Gone), Resource::Delta(kind)) = (fault, &resource) {
            return Err(crate::protocol::delta::gone(&call, *kind, query.select.as_deref()));
        }
        let reply = self.route(&call, &resource)?;
        let reply = match used {
            Some(used) => reply.header(
                http::HeaderName::from_static("x-ms-throttle-limit-percentage"),
                &format!("{used:.2}"),
            ),
            None => reply,
        };
        Ok((reply, cost.resource_units))
    }

    fn route(&self, call: &Call<'_>, resource: &Resource) -> Result<Reply, Refusal> {
        if !router::writes(resource, call.method) {
            return self.read(|directory| router::answer_read(call, directory, resource));
        }
        let mut overlay = self.overlay.write().expect(UNPOISONED);
        let mut writer =
            Writer { tenant: &self.tenant, overlay: &mut overlay, moment: self.moment() };
        router::answer_write(call, &mut writer, resource)
    }

    fn charge(&self, cost: Cost) -> Result<Option<f64>, Refusal> {
        let Some(limiter) = &self.limiter else { return Ok(None) };
        let charged = limiter.lock().expect(UNPOISONED).charge(cost, self.clock.now());
        charged.map_err(|throttled| self.throttled(&throttled))
    }

    fn throttled(&self, throttled: &Throttled) -> Refusal {
        let client = self.identity.clients.first().map_or("", |client| client.id.as_str());
        let scope =
            format!("Tenant_Application/{}/{client}/{}", throttled.limit, self.identity.tenant);
        let refusal = Refusal::new(
            StatusCode::TOO_MANY_REQUESTS,
            "TooManyRequests",
            "Too many requests. Please retry later.",
        )
        .header(http::HeaderName::from_static("x-ms-throttle-scope"), &scope)
        .header(http::HeaderName::from_static("x-ms-throttle-information"), throttled.information);
        match &throttled.retry_after {
            Some(wait) => refusal.header(http::header::RETRY_AFTER, wait),
            None => refusal,
        }
    }

    pub(crate) fn ids(&self, headers: &HeaderMap) -> RequestIds {
        let number = self.numbers.fetch_add(1, Ordering::Relaxed);
        let request_id = self.tenant.draw_guid(b'Q', number).to_string();
        let client =
            headers.get("client-request-id").and_then(|value: &HeaderValue| value.to_str().ok());
        let date = timestamp(self.clock.unix_seconds());
        RequestIds {
            client_request_id: client.unwrap_or(&request_id).to_owned(),
            request_id,
            date: date.trim_end_matches('Z').to_owned(),
        }
    }

    fn record(
        &self,
        method: &Method,
        target: &str,
        kind: &str,
        reply: &Reply,
        in_batch: bool,
        units: u32,
    ) {
        self.recorder.record(&Record {
            method: method.as_str(),
            path_and_query: target,
            kind,
            status: reply.status.as_u16(),
            in_batch,
            resource_units: units,
            body_bytes: reply.body.len(),
        });
    }
}

/// The absolute address of a request.
fn asked(single: &Single<'_>) -> String {
    let query =
        single.target.split_once('?').map_or_else(String::new, |(_, query)| format!("?{query}"));
    format!("{}/{}{}{query}", single.base, single.path.version.as_str(), single.path.raw)
}

/// The path with its keys replaced.
fn template(path: &Path) -> String {
    let mut template = String::new();
    for (index, text) in path.texts().into_iter().enumerate() {
        let name = text.starts_with('$')
            || text.starts_with("microsoft.graph.")
            || (index != 1 && text.chars().all(|c| c.is_ascii_alphabetic()))
            || matches!(text, "delta" | "getByIds" | "deletedItems");
        template.push('/');
        template.push_str(if name { text } else { "{id}" });
    }
    template
}
