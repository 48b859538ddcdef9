//! The state of lanes, for metrics, errors and people.

use super::demand::Access;
use super::gate::ClosedLane;

/// One lane of one key at one moment.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct LaneSnapshot {
    /// Whose lane it is: the `rate_limit_key`, by default Graph root, tenant and application.
    pub key: String,
    /// The service class, or the first segment of a path that the table does not know.
    pub lane: String,
    /// Reads or writes.
    pub access: Access,
    /// Requests under way.
    pub in_flight: usize,
    /// How many may be; `None` for a lane that nothing has limited yet.
    pub limit: Option<usize>,
    /// Requests in line.
    pub waiting: usize,
    /// Why and until when nothing is sent (T14).
    pub closed: Option<ClosedLane>,
    /// Answers that closed the lane so far.
    pub refusals: u64,
    /// The budget; `None` while nothing is known of it.
    pub budget: Option<Remaining>,
}

/// A budget at one moment (Q18).
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Remaining {
    /// What may be spent at once, in resource units, requests or writes; below zero it is owed.
    pub left: f64,
    /// The most that is kept.
    pub capacity: f64,
    /// What flows in each second.
    pub per_second: f64,
}
