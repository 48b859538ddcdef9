//! The simulator's heart: answers one request at a time, without a network.

mod batch;
mod graph;

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, RwLock};

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};

use crate::clock::Clock;
use crate::directory::changes::StageEdgeCache;
use crate::directory::{Directory, Overlay};
use crate::faults::{self, Fault, Faults, Transport};
use crate::identity::{Identity, Roles};
use crate::protocol::errors::{Refusal, RequestIds};
use crate::protocol::path::{Path, Segment};
use crate::protocol::reply::Reply;
use crate::protocol::resource;
use crate::recorder::{Record, Recorder};
use crate::replication::{Replica, Replication, Source};
use crate::settings::Settings;
use crate::tenant::view::timestamp;
use crate::tenant::{Kind, MAX_MOMENT, ObjectId, Tenant};
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

/// One tenant, and everything that lives as long as the simulator.
#[derive(Debug)]
pub(crate) struct Core {
    pub(crate) tenant: Tenant,
    pub(crate) moment: AtomicU64,
    pub(crate) overlay: RwLock<Overlay>,
    pub(crate) replication: Mutex<Replication>,
    pub(crate) settings: Settings,
    pub(crate) stage_edges: StageEdgeCache,
    pub(crate) identity: Identity,
    pub(crate) limiter: Option<Arc<Mutex<Limiter>>>,
    pub(crate) faults: Arc<Faults>,
    pub(crate) recorder: Arc<Recorder>,
    pub(crate) clock: Clock,
    pub(crate) numbers: Arc<AtomicU64>,
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
    /// Whether the path begins with `me` and the bearer is a user.
    own: bool,
}

const UNPOISONED: &str = "no code panics while it holds this lock";

impl Core {
    /// Calls `with` with the directory as it stands.
    pub(crate) fn read<T>(&self, with: impl FnOnce(Directory<'_>) -> T) -> T {
        let overlay = self.overlay.read().expect(UNPOISONED);
        let (moment, now) = (self.moment(), self.clock.unix_seconds());
        with(Directory { tenant: &self.tenant, overlay: &overlay, moment, now })
    }

    /// Calls `with` with the directory as what answers a read has it.
    fn read_from<T>(&self, source: Source, with: impl FnOnce(Directory<'_>) -> T) -> T {
        let replica = self.replication.lock().expect(UNPOISONED).replica(source);
        let Some(Replica { moment, overlay }) = replica else { return self.read(with) };
        let now = self.clock.unix_seconds();
        with(Directory { tenant: &self.tenant, overlay: &overlay, moment, now })
    }

    pub(crate) fn moment(&self) -> u64 {
        self.moment.load(Ordering::Acquire)
    }

    pub(crate) fn set_moment(&self, moment: u64) {
        let overlay = self.overlay.read().expect(UNPOISONED);
        let moment = moment.min(MAX_MOMENT);
        self.moment.store(moment, Ordering::Release);
        self.replication.lock().expect(UNPOISONED).note(moment, &overlay);
    }

    /// Whether a name, a GUID or a verified domain, is this tenant's.
    pub(crate) fn is_named(&self, name: &str) -> bool {
        self.identity.is_named(name)
    }

    /// Answers a request to Graph.
    pub(crate) fn answer(&self, incoming: &Incoming) -> Outgoing {
        let ids = self.ids(&incoming.headers);
        let path = incoming.target.split('?').next().unwrap_or_default();
        let (reply, transport) = match Path::parse(path) {
            Ok(path) if path.texts() == ["$batch"] => {
                self.answer_batch(incoming, path.version, &ids)
            }
            Ok(mut path) => {
                let own = own(&mut path, || {
                    let bearer = incoming.headers.get(http::header::AUTHORIZATION);
                    self.identity.authorize(bearer).ok()?.user()
                });
                let single = Single {
                    method: &incoming.method,
                    target: &incoming.target,
                    path,
                    headers: &incoming.headers,
                    body: &incoming.body,
                    base: &incoming.base,
                    in_batch: false,
                    own,
                };
                self.answer_single(&single, None, &ids)
            }
            Err(refusal) => {
                let reply = Reply::refusal(refusal, &ids);
                self.record(&incoming.method, &incoming.target, "unknown", &reply, false, 0);
                (reply, None)
            }
        };
        Outgoing { reply, ids, transport }
    }

    /// Answers a request of the simulator's own making: no fault, nothing recorded.
    pub(crate) fn answer_own(&self, incoming: &Incoming) -> StatusCode {
        let (path, query) = incoming.target.split_once('?').unwrap_or((&incoming.target, ""));
        let answer = Path::parse(path).and_then(|path| {
            let resource = resource::resolve(&path);
            let single = Single {
                method: &incoming.method,
                target: &incoming.target,
                path,
                headers: &incoming.headers,
                body: &incoming.body,
                base: &incoming.base,
                in_batch: false,
                own: false,
            };
            let roles = Roles::everything(self.identity.tenant);
            self.execute(&single, resource, query, Some(&roles), None)
        });
        match answer {
            Ok((reply, _)) => reply.status,
            Err(refusal) => refusal.status,
        }
    }

    /// Refuses every token issued up to now, to the second.
    pub(crate) fn revoke_tokens(&self) {
        self.identity.revoked.store(self.clock.unix_seconds(), Ordering::Release);
    }

    /// Takes a permission from every token, or gives it back.
    pub(crate) fn withdraw_permission(&self, permission: &str, withdrawn: bool) {
        let mut all = self.identity.withdrawn.write().expect(UNPOISONED);
        let changed = Arc::make_mut(&mut all);
        if withdrawn {
            changed.insert(permission.to_owned());
        } else {
            changed.remove(permission);
        }
    }

    /// A user who writes must hold a directory role.
    fn permit_user(&self, user: ObjectId) -> Result<(), Refusal> {
        let administers = self.read(|directory| {
            directory.live(user).is_some_and(|user| {
                let held = directory.units_and_roles_of(user.handle());
                held.iter().any(|handle| handle.kind == Kind::DirectoryRole)
            })
        });
        if administers { Ok(()) } else { Err(Refusal::forbidden()) }
    }

    fn disturb(
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

    pub(crate) fn record(
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

/// `me` in the path of a user's request stands for the user: whether it was there. Links keep it.
fn own(path: &mut Path, user: impl FnOnce() -> Option<ObjectId>) -> bool {
    let me = matches!(path.segments.first(), Some(Segment::Plain(first)) if first == "me");
    let Some(user) = me.then(user).flatten() else { return false };
    let user = Segment::Plain(user.to_string());
    path.segments.splice(0..1, [Segment::Plain("users".into()), user]);
    true
}

/// The headers of a 429 (facts: graph-protocol 3.4).
pub(crate) fn throttle_headers(throttled: &Throttled) -> Vec<(HeaderName, HeaderValue)> {
    let used = format!("{:.2}", throttled.used);
    let mut headers = vec![
        ("x-ms-throttle-scope", throttled.scope.as_str()),
        ("x-ms-throttle-information", throttled.information),
    ];
    if throttled.used > 0.8 {
        headers.push(("x-ms-throttle-limit-percentage", &used));
    }
    headers.extend(throttled.retry_after.as_ref().map(|(name, value)| (*name, value.as_str())));
    let header = |(name, value): (&'static str, &str)| {
        Some((HeaderName::from_static(name), HeaderValue::from_str(value).ok()?))
    };
    headers.into_iter().filter_map(header).collect()
}
