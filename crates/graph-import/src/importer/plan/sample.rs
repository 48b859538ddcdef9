//! What it costs to read a sample again before the certificate is written.

use graph_dsl::{StreamKind, StreamPlan};
use graph_transport::{Batch, RequestCost};
use http::Method;

use super::forecast::Forecast;
use crate::cost::Estimate;
use crate::importer::links;
use crate::importer::verify::is_read_as_one;

/// Any id costs the same.
const ID: &str = "00000000-0000-0000-0000-000000000000";

impl Forecast<'_> {
    /// How many objects, or owners of edges, of a stream are read again, and what that costs; `count`
    /// are those that Graph has counted.
    pub(super) fn sample(
        &self,
        plan: &StreamPlan,
        goes_on: bool,
        count: Option<u64>,
    ) -> (u64, Estimate) {
        let left_out = is_read_as_one(plan)
            || plan.kind == StreamKind::Window
            || (goes_on && !self.sampling.every_round);
        if left_out {
            return (0, Estimate::default());
        }
        let most = self.sampling.objects as u64;
        let objects = count.map_or(most, |count| count.min(most));
        let cost = RequestCost::of(&Method::GET, &self.one(plan));
        let messages = objects.div_ceil(Batch::MOST_ITEMS as u64);
        (objects, self.conditions.requests(cost, objects, messages, true))
    }

    /// The path that reads one of them.
    fn one(&self, plan: &StreamPlan) -> String {
        let StreamKind::Edges { of } = &plan.kind else { return links::object(plan, ID) };
        let owner = self.streams.iter().map(|(owner, ..)| *owner).find(|owner| owner.name == *of);
        match (owner, plan.relations.first()) {
            (Some(owner), Some(relation)) if plan.is_delta() => links::related(owner, ID, relation),
            _ => links::owner(plan, ID, plan.page_size),
        }
    }
}
