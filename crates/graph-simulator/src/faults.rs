//! Faults as data: what happens to which request.

mod matching;
mod plan;
mod transform;

pub use plan::{Fault, FaultPlan, FaultRule};

pub(crate) use matching::Faults;
pub(crate) use transform::{Transport, apply, instead};
