//! Why a lane takes a request not even into its line.

use super::demand::Access;

/// A request that its lane refuses at once.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum LaneError {
    /// As many wait already as may (Q7).
    #[error(
        "wait for the lane `{lane}`: {waiting} requests wait already; send fewer at once, or raise the backlog of `Lanes`"
    )]
    Full {
        /// The lane.
        lane: String,
        /// How many wait.
        waiting: usize,
    },
    /// More than the documented budget ever holds: no wait would be long enough (Q16).
    #[error(
        "spend {asked} at once in the lane `{lane}`, whose whole budget is {capacity}; send fewer items in one batch"
    )]
    OverCapacity {
        /// The lane.
        lane: String,
        /// Reads or writes.
        access: Access,
        /// What the request costs.
        asked: u64,
        /// What Graph allows in one window.
        capacity: u64,
    },
    /// A partition that the client's [`Lanes`](crate::Lanes) do not have.
    #[error("find the partition `{0}` in the settings of `Lanes`")]
    UnknownPartition(String),
    /// A lane that the table does not have.
    #[error("find the lane `{0}` in the table of lanes")]
    UnknownLane(String),
}
