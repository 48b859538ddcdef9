//! Requests to Graph: fault, authorization, budget, permission, answer, in this order.

use http::{HeaderName, StatusCode};

use super::{Core, Single, UNPOISONED};
use crate::cloud::absent;
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
use crate::replication::Source;
use crate::throttle::Charged;

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
        let read = absent::path(self.identity.cloud, &single.path)
            .map_or_else(|| resource::resolve(&single.path), Err);
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
            Some(Fault::LateVisibility { reads }) => {
                self.faults.hide(&reply, reads);
                (reply, None)
            }
            Some(fault) => faults::apply(&fault, reply, &asked(single)),
            None => (reply, None),
        }
    }

    pub(super) fn execute(
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
        absent::properties(self.identity.cloud, &single.path, &query)?;
        let cost = cost::cost(&resource, single.method, &query);
        let used = self.charge(single, roles, cost)?;
        if let Resource::Set(target) = &resource {
            routes::authorize(single.method, &target.template(), roles)?;
        }
        self.permit(single, roles, &resource)?;
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
            let source = Source::of(call, resource);
            return self
                .read_from(source, |directory| router::answer_read(call, directory, resource));
        }
        let mut overlay = self.overlay.write().expect(UNPOISONED);
        let mut writer = Writer {
            tenant: &self.tenant,
            overlay: &mut overlay,
            moment: self.moment(),
            now: call.now,
        };
        let answer = router::answer_write(call, &mut writer, resource);
        self.replication.lock().expect(UNPOISONED).note(self.moment(), &overlay);
        answer
    }

    /// Whether the bearer may do this (facts: graph-protocol 8.3): the token needs a permission, and
    /// a user who writes anything but the own account needs a directory role.
    fn permit(
        &self,
        single: &Single<'_>,
        roles: &Roles,
        resource: &Resource,
    ) -> Result<(), Refusal> {
        let needed = permissions::needed(resource, single.method);
        let own = single.own && roles.has_any(permissions::own(resource, single.method));
        if !needed.is_empty() && !own && !roles.has_any(needed) {
            return Err(Refusal::forbidden());
        }
        match roles.user() {
            Some(user) if !single.own && router::writes(resource, single.method) => {
                self.permit_user(user)
            }
            _ => Ok(()),
        }
    }

    fn charge(
        &self,
        single: &Single<'_>,
        roles: &Roles,
        cost: Cost,
    ) -> Result<Option<f64>, Refusal> {
        let Some(limiter) = &self.limiter else { return Ok(None) };
        let charged = Charged {
            tenant: &self.identity.tenant.to_string(),
            application: roles.application(),
            path: &single.path.raw,
            query: single.target.split_once('?').map_or("", |(_, query)| query),
            cost,
        };
        let charged = limiter.lock().expect(UNPOISONED).charge(&charged, self.clock.now());
        charged.map_err(|throttled| {
            let mut refusal = Refusal::new(
                StatusCode::TOO_MANY_REQUESTS,
                "TooManyRequests",
                "Too many requests. Please retry later.",
            );
            refusal.headers = super::throttle_headers(&throttled);
            refusal
        })
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
