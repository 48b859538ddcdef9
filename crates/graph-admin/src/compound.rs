//! Commands of several steps. Each looks first and does what is left, so a repeat is harmless and
//! continues where an earlier run stopped.

mod application;
mod assignment;
mod call;
mod device;
mod directory_object;
mod group;
mod invitation;
mod lookup;
mod mfa;
mod offboard;
mod pim;
mod service_principal;
mod steps;
mod table;
mod typed;
mod user;
mod work;

use std::fmt;
use std::future::Future;
use std::pin::Pin;

use graph_dsl::{Argument, ArgumentError, Arguments, Method, Safety, Signature};
use serde_json::Value;

use crate::Admin;

pub use call::CompoundCall;
pub use steps::{Halt, Step, Steps};
pub use typed::*;
pub use work::StepObserver;

use work::Work;

type Run = for<'a> fn(
    &'a mut Work,
    &'a Arguments,
) -> Pin<Box<dyn Future<Output = Result<Value, Halt>> + Send + 'a>>;

/// A command of several steps, such as `user.offboard`.
#[non_exhaustive]
pub struct Compound {
    /// `user.offboard`.
    pub name: &'static str,
    /// What it does, one sentence.
    pub summary: &'static str,
    /// Whether a step of it takes something away.
    pub destructive: bool,
    /// Whether no step changes anything.
    pub reads: bool,
    /// Application permissions that its steps need, all of them.
    pub permissions: &'static [&'static str],
    /// The arguments of an example call, as a command line writes them.
    pub example: &'static [(&'static str, &'static str)],
    arguments: fn() -> Vec<Argument>,
    run: Run,
}

impl Compound {
    /// Every compound command, sorted by name.
    pub fn all() -> &'static [Self] {
        table::COMPOUNDS
    }

    /// The compound command with this name.
    pub fn named(name: &str) -> Option<&'static Self> {
        Self::all().iter().find(|it| it.name == name)
    }

    /// What its steps do to the tenant.
    pub fn safety(&self) -> Safety {
        let mut safety = Safety::of(if self.reads { Method::Get } else { Method::Post });
        (safety.destructive, safety.idempotent) = (self.destructive, true);
        safety
    }

    /// The arguments that it takes.
    pub fn signature(&self) -> Signature {
        let mut signature = Signature::default();
        signature.arguments = (self.arguments)();
        signature
    }

    /// Carries the steps out, telling each as it ends. Refusals are in the result.
    ///
    /// # Errors
    /// Arguments that do not fit; nothing was sent then.
    pub async fn run(
        &self,
        admin: &Admin,
        arguments: &Arguments,
        observer: StepObserver,
    ) -> Result<Steps, Vec<ArgumentError>> {
        self.work(Work::new(admin.clone(), false, observer), arguments).await
    }

    /// The steps that would be carried out now, found by reading alone.
    ///
    /// # Errors
    /// Arguments that do not fit.
    pub async fn plan(
        &self,
        admin: &Admin,
        arguments: &Arguments,
    ) -> Result<Steps, Vec<ArgumentError>> {
        self.work(Work::new(admin.clone(), true, StepObserver::default()), arguments).await
    }

    async fn work(
        &self,
        mut work: Work,
        arguments: &Arguments,
    ) -> Result<Steps, Vec<ArgumentError>> {
        let arguments = self.signature().check(self.name, arguments)?.into();
        let ended = (self.run)(&mut work, &arguments).await;
        Ok(work.into_steps(self.name, ended))
    }
}

impl fmt::Debug for Compound {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Compound({})", self.name)
    }
}
