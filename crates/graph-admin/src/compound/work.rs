//! A compound command at work: it reads, and its steps are sent or only planned.

use std::fmt;
use std::sync::Arc;
use std::time::SystemTime;

use graph_dsl::{Arguments, Envelope, Outcome, Withheld};
use graph_transport::{Clock as _, GraphClient, SystemClock};
use serde_json::{Value, json};

use super::steps::{Halt, Step, Steps};
use crate::Admin;

/// Told each step as it ends; the default tells nobody.
#[derive(Clone, Default)]
pub struct StepObserver(Option<Arc<Tell>>);

type Tell = dyn Fn(&Step) + Send + Sync;

impl StepObserver {
    /// Calls `tell` with each step.
    pub fn new(tell: impl Fn(&Step) + Send + Sync + 'static) -> Self {
        Self(Some(Arc::new(tell)))
    }
}

impl fmt::Debug for StepObserver {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("StepObserver")
    }
}

/// What became of a step, for those that build on it.
pub(super) enum Stepped {
    /// Not sent: this is a plan.
    Planned,
    Done(Box<Envelope>),
    Failed(Outcome),
}

/// The steps so far.
pub(super) struct Work {
    admin: Admin,
    is_plan: bool,
    observer: StepObserver,
    began: SystemTime,
    steps: Vec<Step>,
    secrets: Vec<Withheld>,
}

impl Work {
    pub(super) fn new(admin: Admin, is_plan: bool, observer: StepObserver) -> Self {
        let began = SystemClock.now();
        Self { admin, is_plan, observer, began, steps: Vec::new(), secrets: Vec::new() }
    }

    pub(super) fn client(&self) -> &GraphClient {
        self.admin.client()
    }

    /// When the command began.
    pub(super) const fn now(&self) -> SystemTime {
        self.began
    }

    /// The data of a read that must succeed.
    pub(super) async fn read(
        &self,
        command: &'static str,
        arguments: Arguments,
    ) -> Result<Value, Halt> {
        let envelope = self.admin.run(command, arguments).await?;
        if envelope.is_success() {
            Ok(envelope.data)
        } else {
            Err(Halt::refused(command, &envelope))
        }
    }

    /// The data of a read, nothing when there is no such object.
    pub(super) async fn find(
        &self,
        command: &'static str,
        arguments: Arguments,
    ) -> Result<Option<Value>, Halt> {
        let envelope = self.admin.run(command, arguments).await?;
        match envelope.outcome() {
            Outcome::NotFound => Ok(None),
            _ if envelope.is_success() => Ok(Some(envelope.data).filter(|data| !data.is_null())),
            _ => Err(Halt::refused(command, &envelope)),
        }
    }

    /// All objects of a collection.
    pub(super) async fn list(
        &self,
        command: &'static str,
        arguments: Arguments,
    ) -> Result<Vec<Value>, Halt> {
        match self.read(command, arguments).await?.get_mut("value").map(Value::take) {
            Some(Value::Array(items)) => Ok(items),
            _ => Ok(Vec::new()),
        }
    }

    /// Sends a step, or only notes it in a plan.
    pub(super) async fn step(
        &mut self,
        step: impl Into<String>,
        command: &'static str,
        arguments: Arguments,
    ) -> Result<Stepped, Halt> {
        let step = step.into();
        if self.is_plan {
            self.note(step, Some(command), None);
            return Ok(Stepped::Planned);
        }
        let mut envelope = self.admin.run(command, arguments).await?;
        let outcome = envelope.outcome();
        self.secrets.append(&mut envelope.secrets);
        self.tell(Step {
            step,
            command: Some(command),
            outcome: Some(outcome),
            error: envelope.reason(),
            request_id: envelope.meta.request_ids.last().cloned(),
            disposition: envelope.disposition(),
        });
        let done = envelope.is_success();
        Ok(if done { Stepped::Done(Box::new(envelope)) } else { Stepped::Failed(outcome) })
    }

    /// A step that may fail without harm, because another way follows; then it leaves no trace.
    pub(super) async fn try_step(
        &mut self,
        step: impl Into<String>,
        command: &'static str,
        arguments: Arguments,
    ) -> Result<Stepped, Halt> {
        if self.is_plan {
            return self.step(step, command, arguments).await;
        }
        let envelope = self.admin.run(command, arguments).await?;
        let outcome = envelope.outcome();
        if !envelope.is_success() {
            return Ok(Stepped::Failed(outcome));
        }
        self.note(step.into(), Some(command), Some(outcome));
        Ok(Stepped::Done(Box::new(envelope)))
    }

    /// A step that the following ones build on.
    pub(super) async fn must(
        &mut self,
        step: impl Into<String>,
        command: &'static str,
        arguments: Arguments,
    ) -> Result<Value, Halt> {
        let step = step.into();
        match self.step(step.clone(), command, arguments).await? {
            Stepped::Done(envelope) => Ok(envelope.data),
            Stepped::Planned => Ok(json!({})),
            Stepped::Failed(outcome) => {
                let last = self.steps.last();
                let error =
                    last.and_then(|it| it.error.clone()).unwrap_or_else(|| outcome.to_string());
                let disposition = last.and_then(Step::disposition);
                Err(Halt::Refused { what: step, error, disposition })
            }
        }
    }

    /// Nothing is left to do.
    pub(super) fn already(&mut self, step: impl Into<String>) {
        self.note(step.into(), None, Some(Outcome::Present));
    }

    fn note(&mut self, step: String, command: Option<&'static str>, outcome: Option<Outcome>) {
        let (error, request_id, disposition) = (None, None, None);
        self.tell(Step { step, command, outcome, error, request_id, disposition });
    }

    fn tell(&mut self, step: Step) {
        if let Some(tell) = &self.observer.0 {
            tell(&step);
        }
        self.steps.push(step);
    }

    /// The last secret that a step's answer held.
    pub(super) fn secret(&self) -> Option<&Withheld> {
        self.secrets.last()
    }

    pub(super) const fn is_plan(&self) -> bool {
        self.is_plan
    }

    pub(super) fn into_steps(self, command: &'static str, ended: Result<Value, Halt>) -> Steps {
        let (data, halted) = match ended {
            Ok(data) => (data, None),
            Err(halt) => (Value::Null, Some(halt)),
        };
        Steps { command, steps: self.steps, data, halted, secrets: self.secrets }
    }
}
