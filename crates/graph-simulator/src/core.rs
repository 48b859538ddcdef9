//! The simulator's heart: answers one request at a time, without a network.

mod batch;
mod graph;

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, RwLock};

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method};

use crate::clock::Clock;
use crate::directory::changes::StageEdgeCache;
use crate::directory::{Directory, Overlay};
use crate::faults::{self, Fault, Faults, Transport};
use crate::identity::{AuthorityRequest, Identity};
use crate::protocol::errors::RequestIds;
use crate::protocol::path::Path;
use crate::protocol::reply::Reply;
use crate::recorder::{Record, Recorder};
use crate::replication::Replication;
use crate::settings::Settings;
use crate::tenant::view::timestamp;
use crate::tenant::{MAX_MOMENT, Tenant};
use crate::throttle::Limiter;

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
    pub(crate) replication: Mutex<Replication>,
    pub(crate) settings: Settings,
    pub(crate) stage_edges: StageEdgeCache,
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
        let horizon = self.replication.lock().expect(UNPOISONED).horizon(overlay.sequence());
        let (moment, now) = (self.moment(), self.clock.unix_seconds());
        with(Directory { tenant: &self.tenant, overlay: &overlay, moment, horizon, now })
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
                &Single {
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
        let (reply, transport) = Self::disturb(fault.as_ref(), reply, incoming, ids);
        self.record(&incoming.method, &incoming.target, &kind, &reply, false, 0);
        Some(Outgoing { reply, ids: ids.clone(), transport })
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
