//! How a simulated Graph behaves where the real one leaves room.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::directory::changes::MembershipReports;
use crate::replication::ReplicationLag;

/// What a delta round may do without being wrong (facts: graph-protocol 5.5, 5.6): a reader that
/// follows the documented rules ends with the same directory.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DeltaLiberties {
    /// Changes of so many moments before the reader's own are reported again.
    pub replay_moments: u64,
    /// One object in so many stands twice in a round; 0 for none.
    pub repeat_one_in: u64,
    /// The first round reports objects in the recycle bin and members of former times as removed.
    pub removed_in_first_round: bool,
}

/// Behaviour that a builder may change.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    /// The page size of lists without `$top`; the documented 100 if unset.
    pub(crate) page_size: Option<u64>,
    /// Objects on a page of a delta round: the server decides.
    pub(crate) delta_page_size: u64,
    /// Relationship entries on a page of a delta round.
    pub(crate) delta_page_edges: u64,
    /// How long a delta token lives: seven days are documented (facts: graph-protocol 5.7).
    pub(crate) delta_token_life: Option<Duration>,
    /// What `members@delta` says about members whose own stage changed (facts: graph-protocol 5.6).
    pub(crate) membership_reports: MembershipReports,
    /// Whether v1.0 member lists contain service principals (facts: graph-protocol 12, row 31).
    pub(crate) v1_service_principals: bool,
    /// How far behind reads are.
    pub(crate) replication_lag: ReplicationLag,
    /// Liberties that delta rounds take.
    pub(crate) delta_liberties: DeltaLiberties,
    /// How long an access token lives.
    pub(crate) access_token_life: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            page_size: None,
            delta_page_size: 200,
            delta_page_edges: 2_000,
            delta_token_life: Some(Duration::from_secs(7 * 86_400)),
            membership_reports: MembershipReports { restored: true, purged: false },
            v1_service_principals: false,
            replication_lag: ReplicationLag::default(),
            delta_liberties: DeltaLiberties::default(),
            access_token_life: Duration::from_secs(3_599),
        }
    }
}
