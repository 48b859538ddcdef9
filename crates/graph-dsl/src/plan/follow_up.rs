//! `ensure` and `wait_for`: the reads that make a command an idempotent verb.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Map, Value};

use super::body::BodyContext;
use super::{ArgumentError, ArgumentKind, Arguments, BodyTemplate, CommandPlan};
use crate::mapping::{JsonPath, Pipeline};

/// A read before the write: what is there already is compared, and only a difference is written.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Ensure {
    /// The command that reads what may be there: one object by its key, or a collection of which
    /// at most one object fits.
    pub read: Arc<CommandPlan>,
    /// The command that changes what is there to what is wanted. Needed by a POST only.
    pub update: Option<Arc<CommandPlan>>,
    /// The properties of the body that are compared; all that are not secret when absent.
    pub compare: Option<Vec<String>>,
    pub(crate) params: Option<Arc<BodyTemplate>>,
}

/// A bounded wait after the command, until a read shows what is expected.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct WaitFor {
    /// The command that is repeated; without one, the monitor that a 202 names in `Location`.
    pub read: Option<Arc<CommandPlan>>,
    /// What ends the wait.
    pub until: Condition,
    /// What says that it will never end well.
    pub failed_when: Option<Condition>,
    /// Pause between two reads.
    pub every: Duration,
    /// The longest wait, reads included.
    pub max: Duration,
    /// Most reads; as many as fit into `max` when absent.
    pub attempts: Option<u32>,
    pub(crate) params: Option<Arc<BodyTemplate>>,
}

/// What a read must show. Everything that is given must hold.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Condition {
    /// HTTP statuses; any success when empty and there is no path.
    pub statuses: Vec<u16>,
    pub(crate) path: Option<(JsonPath, Pipeline)>,
    /// The value at the path; any but null when absent.
    pub equals: Option<Value>,
}

/// What a bound request carries for the reads around it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct FollowUps {
    /// Arguments of `ensure.read`.
    pub(crate) ensure: Arguments,
    /// Arguments of `wait_for.read`, as far as they are known before the answer.
    pub(crate) wait_for: Arguments,
    /// The command's own, in their normal form.
    pub(crate) own: Arguments,
    /// Properties of the body to compare.
    pub(crate) compare: Vec<String>,
}

impl Condition {
    /// Whether an answer fits.
    pub fn holds(&self, status: u16, body: &Value) -> bool {
        let status_fits = match self.statuses.as_slice() {
            [] => (200..300).contains(&status),
            statuses => statuses.contains(&status),
        };
        let value_fits = self.seen(body).is_none_or(|seen| match &self.equals {
            Some(wanted) => seen == *wanted,
            None => !seen.is_null(),
        });
        status_fits && value_fits
    }

    /// What is at the path.
    pub fn seen(&self, body: &Value) -> Option<Value> {
        let (path, pipeline) = self.path.as_ref()?;
        Some(pipeline.apply(path.read(body, false)).unwrap_or_default())
    }
}

impl FollowUps {
    /// What the blocks of a command need of its arguments; `None` when it has no block.
    pub(super) fn bind(
        plan: &CommandPlan,
        own: &Map<String, Value>,
        body: Option<&Value>,
        context: &BodyContext<'_>,
        errors: &mut Vec<ArgumentError>,
    ) -> Option<Box<Self>> {
        if plan.ensure.is_none() && plan.wait_for.is_none() {
            return None;
        }
        let mut arguments = |read: &CommandPlan, params: Option<&BodyTemplate>, place| {
            let mut given = shared(read, own);
            if let Some(Value::Object(params)) =
                params.and_then(|params| params.bind(context, place, errors))
            {
                given.extend(params);
            }
            Arguments::from(given)
        };
        let ensure = plan.ensure.as_ref();
        let wait = plan.wait_for.as_ref();
        Some(Box::new(Self {
            ensure: ensure
                .map(|it| arguments(&it.read, it.params.as_deref(), "ensure"))
                .unwrap_or_default(),
            wait_for: wait
                .and_then(|it| Some(arguments(it.read.as_ref()?, it.params.as_deref(), "wait_for")))
                .unwrap_or_default(),
            own: Arguments::from(own.clone()),
            compare: ensure.map(|it| compared(plan, it, own, body)).unwrap_or_default(),
        }))
    }
}

/// The arguments that a command shares with another, by name.
fn shared(command: &CommandPlan, own: &Map<String, Value>) -> Map<String, Value> {
    let known = own.iter().filter(|(name, _)| command.signature.get(name).is_some());
    known.map(|(name, value)| (name.clone(), value.clone())).collect()
}

/// The properties of the body that a read can show: no annotations, nothing that holds a secret.
fn compared(
    plan: &CommandPlan,
    ensure: &Ensure,
    own: &Map<String, Value>,
    body: Option<&Value>,
) -> Vec<String> {
    let Some(Value::Object(body)) = body else { return Vec::new() };
    let secrets: Vec<&str> = plan
        .signature
        .arguments
        .iter()
        .filter(|argument| argument.kind == ArgumentKind::Secret)
        .filter_map(|argument| own.get(&argument.name)?.as_str())
        .filter(|secret| !secret.is_empty())
        .collect();
    let listed = |name: &str| match &ensure.compare {
        Some(names) => names.iter().any(|each| each == name),
        None => !name.contains('@'),
    };
    let readable = body.iter().filter(|(name, value)| listed(name) && !holds(value, &secrets));
    readable.map(|(name, _)| name.clone()).collect()
}

fn holds(value: &Value, secrets: &[&str]) -> bool {
    match value {
        Value::String(text) => secrets.iter().any(|secret| text.contains(secret)),
        Value::Array(items) => items.iter().any(|item| holds(item, secrets)),
        Value::Object(object) => object.values().any(|item| holds(item, secrets)),
        _ => false,
    }
}
