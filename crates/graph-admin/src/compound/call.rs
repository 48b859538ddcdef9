//! A compound command with its arguments.

use graph_dsl::Arguments;

use super::{Compound, StepObserver, Steps};
use crate::{Admin, AdminError};

/// A compound command with its arguments, not carried out yet: [`CompoundCall::plan`] shows what is
/// left to do, [`CompoundCall::run`] does it.
///
/// ```no_run
/// # async fn example(admin: graph_admin::Admin) -> Result<(), graph_admin::AdminError> {
/// let leaver = admin.user().offboard("ada@contoso.com");
/// for step in leaver.plan().await?.steps {
///     println!("{}", step.step);
/// }
/// let steps = leaver.run().await?;
/// assert!(steps.is_success());
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
#[must_use = "nothing is sent before `run`"]
pub struct CompoundCall<'a> {
    admin: &'a Admin,
    compound: &'static Compound,
    arguments: Arguments,
    observer: StepObserver,
}

impl<'a> CompoundCall<'a> {
    pub(super) fn new(admin: &'a Admin, name: &str, arguments: Arguments) -> Self {
        let compound = Compound::named(name).expect("a test calls each by its name");
        Self { admin, compound, arguments, observer: StepObserver::default() }
    }

    /// Tells each step as it ends.
    pub fn observe(mut self, observer: StepObserver) -> Self {
        self.observer = observer;
        self
    }

    /// The steps that would be carried out now, found by reading alone.
    ///
    /// # Errors
    /// Arguments that do not fit.
    pub async fn plan(&self) -> Result<Steps, AdminError> {
        let planned = self.compound.plan(self.admin, &self.arguments).await;
        planned.map_err(AdminError::Arguments)
    }

    /// Carries the steps out. Refusals are in the result; a repeat does what is left.
    ///
    /// # Errors
    /// Arguments that do not fit; nothing was sent then.
    pub async fn run(&self) -> Result<Steps, AdminError> {
        let done = self.compound.run(self.admin, &self.arguments, self.observer.clone()).await;
        done.map_err(AdminError::Arguments)
    }

    /// The command.
    pub const fn compound(&self) -> &'static Compound {
        self.compound
    }

    /// Its arguments.
    pub const fn arguments(&self) -> &Arguments {
        &self.arguments
    }
}
