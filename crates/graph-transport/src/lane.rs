//! Lanes: what Graph's limits are per service class, shared by everybody who spends from them.
//!
//! Each lane of an account (one application in one tenant) has a gate, a concurrency limit and
//! budgets, for reads and writes apart. The table of lanes is data (`systems/lanes.yaml`).

mod account;
mod bucket;
mod demand;
mod error;
mod estimate;
mod feedback;
mod gate;
mod generated;
mod last_look;
mod limit;
mod line;
mod permit;
mod registry;
mod service;
mod snapshot;
mod state;
mod table;

use std::sync::Arc;

use http::header::HeaderName;

pub(crate) use self::account::Account;
pub use self::demand::Access;
pub use self::error::LaneError;
pub use self::estimate::{BudgetCounts, LaneBudget, RequestCost, SMALL_TOP_BELOW};
pub use self::gate::ClosedLane;
pub(crate) use self::last_look::LastLookLayer;
pub use self::limit::Concurrency;
pub use self::line::Partition;
pub(crate) use self::permit::Passages;
pub(crate) use self::registry::{Budgets, Identity};
pub use self::registry::{LaneSettings, Lanes, TenantSize};
pub use self::service::{LaneLayer, LaneService};
pub use self::snapshot::{LaneSnapshot, Remaining};
use crate::clock::Clock;

/// How the time of a refusal is read.
#[derive(Clone, Debug)]
pub(crate) struct Throttle {
    pub(crate) headers: Vec<HeaderName>,
    pub(crate) clock: Arc<dyn Clock>,
}

#[cfg(test)]
mod tests;
