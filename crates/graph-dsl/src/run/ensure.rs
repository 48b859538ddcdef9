//! `ensure`: read, compare, and write only what differs.

use std::time::Duration;

use graph_transport::Disposition;
use serde_json::Value;

use super::difference::differences;
use super::envelope::{Detail, Envelope, Meta};
use super::failure;
use super::look::{Found, accepted, completed, select};
use super::runner::{RunOptions, Runner};
use crate::plan::{CommandPlan, Ensure, FollowUps, Method, Outcome, Request};

/// Pauses before each look for a write whose answer was lost: a read need not see at once what was
/// written (facts: graph-protocol 8.4 and 9.4).
const LOOKS: [Duration; 4] = [
    Duration::from_secs(1),
    Duration::from_secs(2),
    Duration::from_secs(4),
    Duration::from_secs(8),
];

/// One call of a command that has an `ensure` block.
pub(super) struct Ensuring<'a> {
    pub(super) runner: &'a Runner,
    pub(super) plan: &'a CommandPlan,
    pub(super) ensure: &'a Ensure,
    pub(super) request: &'a Request,
    pub(super) follow_ups: &'a FollowUps,
    pub(super) options: &'a RunOptions,
}

impl Ensuring<'_> {
    pub(super) async fn run(&self) -> Envelope {
        let found = match self.look().await {
            Ok(found) => found,
            Err(envelope) => return self.unseen(*envelope),
        };
        match (self.plan.method, found) {
            (_, Found::Several(count)) => self.ambiguous(count),
            (Method::Delete, Found::Nothing) => self.done(Outcome::Absent, Value::Null),
            (Method::Delete, Found::One(_)) => self.write(self.request, Vec::new()).await,
            (_, Found::Nothing) => self.create().await,
            (_, Found::One(there)) => self.mend(there).await,
        }
    }

    async fn look(&self) -> Result<Found, Box<Envelope>> {
        let read = &self.ensure.read;
        let mut request = match read.bind(&self.follow_ups.ensure, &self.runner.root()) {
            Ok(request) => request,
            Err(errors) => {
                let meta = Meta::new(self.plan.full_name());
                return Err(Box::new(failure::arguments(read, &errors, meta)));
            }
        };
        select(&mut request, &self.needed());
        self.runner.look(read, &request, self.options).await.found()
    }

    /// The properties that the read must show.
    fn needed(&self) -> Vec<&str> {
        let mut names: Vec<&str> = Vec::new();
        let compare = self.follow_ups.compare.iter().map(String::as_str);
        let update = self.ensure.update.iter().flat_map(|update| update.signature.names());
        let update = update.filter(|name| self.plan.signature.get(name).is_none());
        let id = (self.plan.method == Method::Post && !self.follow_ups.compare.is_empty())
            .then_some("id");
        for name in id.into_iter().chain(update).chain(compare) {
            if !names.contains(&name) {
                names.push(name);
            }
        }
        names
    }

    fn differences(&self, there: &Value) -> Vec<String> {
        let wanted = self.request.body.as_ref().unwrap_or(&Value::Null);
        differences(wanted, there, &self.follow_ups.compare)
    }

    /// Nothing is there. Somebody else may create it meanwhile.
    async fn create(&self) -> Envelope {
        let envelope = self.write(self.request, Vec::new()).await;
        if envelope.outcome() != Outcome::Conflict || self.plan.method != Method::Post {
            return envelope;
        }
        match self.look().await {
            Ok(Found::One(there)) => self.mend(there).await,
            _ => envelope,
        }
    }

    /// Something is there: nothing is sent, or what differs.
    async fn mend(&self, there: Value) -> Envelope {
        let changes = self.differences(&there);
        if changes.is_empty() {
            return self.done(Outcome::Present, there);
        }
        match (self.plan.method, &self.ensure.update) {
            (Method::Post, Some(update)) => self.update(update, &there, changes).await,
            (Method::Post, None) => self.differs(changes),
            (Method::Patch, _) => {
                let mut request = self.request.clone();
                keep(&mut request, &changes);
                self.write(&request, changes).await
            }
            _ => self.write(self.request, changes).await,
        }
    }

    async fn update(&self, update: &CommandPlan, there: &Value, changes: Vec<String>) -> Envelope {
        let own = accepted(&self.follow_ups.own, &update.signature);
        let arguments = completed(&own, &update.signature, there);
        let mut request = match update.bind(&arguments, &self.runner.root()) {
            Ok(request) => request,
            Err(errors) => {
                return failure::arguments(update, &errors, Meta::new(self.plan.full_name()));
            }
        };
        let body = request.body.as_ref();
        if changes.iter().any(|name| body.and_then(|body| body.get(name)).is_none()) {
            return self.differs(changes);
        }
        if update.method == Method::Patch {
            keep(&mut request, &changes);
        }
        let mut envelope = self.runner.single(update, &request, self.options).await;
        envelope.meta.command = self.plan.full_name();
        if envelope.outcome() == Outcome::Ok {
            envelope.meta.outcome = Outcome::Updated;
        }
        self.settled(envelope, changes).await
    }

    async fn write(&self, request: &Request, changes: Vec<String>) -> Envelope {
        let envelope = self.runner.single(self.plan, request, self.options).await;
        self.settled(envelope, changes).await
    }

    /// A write whose fate is unknown is looked for, never repeated.
    async fn settled(&self, mut envelope: Envelope, changes: Vec<String>) -> Envelope {
        let usual = match self.plan.method {
            Method::Delete => Outcome::Deleted,
            _ if changes.is_empty() => Outcome::Created,
            _ => Outcome::Updated,
        };
        envelope.meta.changes = changes;
        if envelope.outcome() != Outcome::Unknown {
            return envelope;
        }
        for pause in LOOKS {
            tokio::time::sleep(pause).await;
            let there = match (self.look().await, self.plan.method) {
                (Ok(Found::Nothing), Method::Delete) => Value::Null,
                (Ok(Found::One(there)), Method::Post | Method::Patch | Method::Put)
                    if self.differences(&there).is_empty() =>
                {
                    there
                }
                _ => continue,
            };
            let meta = Meta { outcome: usual, complete: true, defined_at: None, ..envelope.meta };
            return Envelope::success(there, meta);
        }
        if let Some(detail) = &mut envelope.detail {
            let looks = LOOKS.len();
            detail.error =
                format!("{}; looked for it {looks} times and did not see it", detail.error);
        }
        envelope
    }

    fn done(&self, outcome: Outcome, data: Value) -> Envelope {
        let meta = Meta { outcome, complete: true, ..Meta::new(self.plan.full_name()) };
        Envelope::success(data, meta)
    }

    /// The read failed: nothing was written.
    fn unseen(&self, mut envelope: Envelope) -> Envelope {
        envelope.meta.command = self.plan.full_name();
        if let Some(detail) = &mut envelope.detail {
            let read = self.ensure.read.full_name();
            detail.error = format!("failed to look with `{read}` before writing: {}", detail.error);
        }
        envelope
    }

    fn ambiguous(&self, count: usize) -> Envelope {
        let read = self.ensure.read.full_name();
        self.conflict(
            format!("`{read}` finds {count} objects, `ensure` needs one that is meant"),
            Vec::new(),
        )
    }

    fn differs(&self, changes: Vec<String>) -> Envelope {
        let what = changes.join(", ");
        self.conflict(format!("it is there, and nothing can change its {what}"), changes)
    }

    fn conflict(&self, error: String, changes: Vec<String>) -> Envelope {
        let meta = Meta { outcome: Outcome::Conflict, changes, ..Meta::new(self.plan.full_name()) };
        let detail = Detail { error, upstream: None, arguments: Vec::new() };
        failure::failed(self.plan, meta, None, detail, Some(Disposition::Conflict))
    }
}

/// Leaves only these properties in the body, and the annotations that belong to them.
fn keep(request: &mut Request, names: &[String]) {
    if let Some(Value::Object(body)) = &mut request.body {
        body.retain(|name, _| match name.split_once('@') {
            Some((of, _)) => of.is_empty() || names.iter().any(|kept| kept == of),
            None => names.contains(name),
        });
    }
}
