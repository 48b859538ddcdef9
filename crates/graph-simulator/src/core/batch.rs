//! Batches: every item is a request of its own.

use std::sync::atomic::Ordering;

use http::Method;

use super::{Core, Incoming, Single};
use crate::faults::{self, Transport};
use crate::identity::Roles;
use crate::protocol::batch::{self, Item};
use crate::protocol::errors::{Refusal, RequestIds};
use crate::protocol::path::{ApiVersion, Path};
use crate::protocol::reply::Reply;

impl Core {
    /// Answers `$batch`: every item is a request of its own.
    pub(super) fn answer_batch(
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
        let (reply, transport) = Self::disturb(fault.as_ref(), reply, incoming, ids);
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
        let mut path = match Path::relative(version, path) {
            Ok(path) if path.texts() == ["$batch"] => {
                return Reply::refusal(
                    Refusal::malformed("A batch request cannot be nested in a batch."),
                    &ids,
                );
            }
            Ok(path) => path,
            Err(refusal) => return Reply::refusal(refusal, &ids),
        };
        let own = super::own(&mut path, || roles.user());
        let single = Single {
            method: &item.method,
            target,
            path,
            headers: &item.headers,
            body: &item.body,
            base: &incoming.base,
            in_batch: true,
            own,
        };
        let (reply, _) = self.answer_single(&single, Some(roles), &ids);
        reply.header(http::HeaderName::from_static("request-id"), &ids.request_id)
    }
}
