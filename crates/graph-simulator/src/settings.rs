//! How a simulated Graph behaves where the real one leaves room.

use std::time::Duration;

use crate::directory::changes::MembershipReports;

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
    /// Seconds an access token lives.
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
            access_token_life: Duration::from_secs(3_599),
        }
    }
}
