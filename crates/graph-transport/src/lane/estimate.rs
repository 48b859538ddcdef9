//! What requests will cost, and what may be spent: the table of lanes for those who plan ahead.

use std::time::Duration;

use http::Method;

use super::demand::LaneId;
use super::generated::{LANES, MODIFIERS};
use super::registry::TenantSize;
use super::table::{self, Counts, Scope};

/// What one request costs by the table of lanes (facts: graph-protocol 3.2). Graph says in
/// `x-ms-resource-unit` what it really charged.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct RequestCost {
    /// The service class whose budget pays; `None` for a path that the table does not know.
    pub lane: Option<&'static str>,
    /// Resource units.
    pub resource_units: u32,
}

impl RequestCost {
    /// The cost of a request to this path below the API version, with its query.
    ///
    /// ```
    /// # use graph_transport::RequestCost;
    /// let list = "/groups/0b1f0000-0000-4000-8000-000000000001/members?$select=id&$top=999";
    /// let cost = RequestCost::of(&http::Method::GET, list);
    /// assert_eq!((cost.lane, cost.resource_units), (Some("directory"), 2));
    /// ```
    pub fn of(method: &Method, path_and_query: &str) -> Self {
        let (path, query) = path_and_query.split_once('?').unwrap_or((path_and_query, ""));
        let demands = table::demands(method, path, query);
        let resource_units = demands.iter().map(|demand| demand.units).max().unwrap_or_default();
        let lanes = demands.iter().filter_map(|demand| match demand.lane {
            LaneId::Known(lane) => Some(table::lane_name(lane)),
            LaneId::Other(_) => None,
        });
        // Of several lanes the narrowest decides when the request may go.
        let lane = lanes.min_by(|one, other| {
            let rate = |lane| LaneBudget::requests_per_second(lane).unwrap_or(f64::INFINITY);
            rate(one).total_cmp(&rate(other))
        });
        Self { lane, resource_units }
    }
}

/// Below this `$top` makes a request cheaper (facts: graph-protocol 3.2).
pub const SMALL_TOP_BELOW: u32 = MODIFIERS.small_top_below;

/// One budget of a lane, for one application in one tenant.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct LaneBudget {
    /// What is counted.
    pub counts: BudgetCounts,
    /// How much of it may be spent in `per`, our share of what several applications spend from.
    pub amount: f64,
    /// The window.
    pub per: Duration,
}

/// What a [`LaneBudget`] counts.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum BudgetCounts {
    /// Resource units.
    ResourceUnits,
    /// Requests, the items of a batch each on its own.
    Requests,
    /// Writes.
    Writes,
}

impl LaneBudget {
    /// The budgets of a lane of the table in a tenant of that size; none for a lane it does not
    /// know. Budgets of an application over all its tenants are left out: one import is not what
    /// spends them.
    pub fn of(lane: &str, size: TenantSize) -> impl Iterator<Item = Self> {
        let specs = LANES.iter().find(|known| known.name == lane).map_or(&[][..], |it| it.budgets);
        specs.iter().filter(|spec| spec.scope != Scope::App).map(move |spec| Self {
            counts: match spec.counts {
                Counts::ResourceUnits => BudgetCounts::ResourceUnits,
                Counts::Requests => BudgetCounts::Requests,
                Counts::Writes => BudgetCounts::Writes,
            },
            amount: f64::from(spec.amounts[size as usize]) * spec.share,
            per: Duration::from_secs(u64::from(spec.seconds)),
        })
    }

    /// What flows in each second.
    pub fn per_second(&self) -> f64 {
        self.amount / self.per.as_secs_f64()
    }

    fn requests_per_second(lane: &str) -> Option<f64> {
        Self::of(lane, TenantSize::Large)
            .filter(|budget| budget.counts == BudgetCounts::Requests)
            .map(|budget| budget.per_second())
            .min_by(f64::total_cmp)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn units(path: &str) -> u32 {
        RequestCost::of(&Method::GET, path).resource_units
    }

    /// facts: graph-protocol 3.2, the worked example's two resource units, and the cheaper small page.
    #[test]
    fn a_list_of_members_costs_two_and_a_small_one_costs_one() {
        assert_eq!(units("/groups/x/members?$select=id&$top=999"), 2);
        assert_eq!(units(&format!("/groups/x/members?$select=id&$top={}", SMALL_TOP_BELOW - 1)), 1);
        assert_eq!(units("/groups/delta?$select=id,members"), 1);
        let ids = RequestCost::of(&Method::POST, "/directoryObjects/getByIds?$select=id");
        assert_eq!((ids.lane, ids.resource_units), (Some("directory"), 2));
    }

    /// facts: graph-protocol 3.2
    #[test]
    fn a_large_tenant_spends_eight_thousand_units_in_ten_seconds() {
        let per_second = |size| {
            LaneBudget::of("directory", size)
                .find(|budget| budget.counts == BudgetCounts::ResourceUnits)
                .map(|budget| budget.per_second())
        };
        assert_eq!(per_second(TenantSize::Large), Some(800.0));
        assert_eq!(per_second(TenantSize::Small), Some(350.0));
        assert_eq!(LaneBudget::of("no such lane", TenantSize::Large).count(), 0);
    }

    /// facts: graph-protocol 3.3
    #[test]
    fn a_request_that_feeds_two_lanes_is_paced_by_the_narrower() {
        let slow = RequestCost::of(&Method::GET, "/users?$select=id,signInActivity");
        assert_eq!(slow.lane, Some("sign_in_activity"));
        assert_eq!(RequestCost::of(&Method::GET, "/teams").lane, None);
    }
}
