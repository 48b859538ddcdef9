//! Requests to Graph: fault, authorization, budget, permission, answer, in this order.

use http::{HeaderName, StatusCode};

use super::{Core, Single, UNPOISONED};
use crate::faults::{self, Fault, Transport};
use crate::identity::Roles;
use crate::protocol::call::Call;
use crate::protocol::cost::{self, Cost};
use crate::protocol::delta;
use crate::protocol::errors::{Refusal, RequestIds};
use crate::protocol::path::Path;
use crate::protocol::query::Query;
use crate::protocol::reply::Reply;
use crate::protocol::resource::{self, Resource};
use crate::protocol::sets::routes;
use crate::protocol::write::Writer;
use crate::protocol::{permissions, router};
use crate::throttle::Throttled;

impl Core {
    /// Answers a request to Graph; the items of a batch bring the roles of the batch.
    pub(super) fn answer_single(
        &self,
        single: &Single<'_>,
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
            None => match self.execute(single, read, query, roles, fault.as_ref()) {
                Ok((reply, units)) => (reply, units),
                Err(refusal) => (Reply::refusal(refusal, ids), 0),
            },
        };
        if units > 0 {
            reply = reply.header(HeaderName::from_static("x-ms-resource-unit"), &units.to_string());
        }
        self.record(single.method, single.target, &kind, &reply, single.in_batch, units);
        match fault {
            Some(fault) => faults::apply(&fault, reply, &asked(single)),
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
        if let Resource::Set(target) = &resource {
            routes::authorize(single.method, &target.template(), roles)?;
        }
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
            stage_edges: &self.stage_edges,
            now: self.clock.unix_seconds(),
        };
        if let (Some(Fault::Gone), Resource::Delta(kind)) = (fault, &resource) {
            let subject = delta::Subject::of(*kind);
            return Err(delta::gone(&call, &subject, query.select.as_deref()));
        }
        let reply = self.route(&call, &resource)?;
        let reply = match used {
            Some(used) => reply.header(
                HeaderName::from_static("x-ms-throttle-limit-percentage"),
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
        let mut writer = Writer {
            tenant: &self.tenant,
            overlay: &mut overlay,
            moment: self.moment(),
            now: call.now,
        };
        let answer = router::answer_write(call, &mut writer, resource);
        self.replication.lock().expect(UNPOISONED).written(overlay.sequence());
        answer
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
        .header(HeaderName::from_static("x-ms-throttle-scope"), &scope)
        .header(HeaderName::from_static("x-ms-throttle-information"), throttled.information);
        match &throttled.retry_after {
            Some(wait) => refusal.header(http::header::RETRY_AFTER, wait),
            None => refusal,
        }
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
