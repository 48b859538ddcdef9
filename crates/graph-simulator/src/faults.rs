//! Faults as data: what happens to which request.

mod check;
mod matching;
mod plan;
mod transform;

pub use check::{FaultPlanError, PlanProblem};
pub use plan::{Fault, FaultPlan, FaultRule, HeaderValues};

pub(crate) use check::check_path;
pub(crate) use matching::{Faults, path_fits};
pub(crate) use transform::{Transport, apply, instead};
