//! What an import will cost: counts in, requests, resource units and time out. Pure.
//!
//! What a request costs and what may be spent is the transport's table of lanes
//! ([`RequestCost`], [`LaneBudget`]); page sizes are those of the streams. Only what Graph documents
//! nowhere is assumed here, each in one place ([`Conditions`], [`EdgeCounts::guessed`]).

use std::time::Duration;

use graph_dsl::StreamPlan;
use graph_transport::{Batch, BudgetCounts, LaneBudget, RequestCost, SMALL_TOP_BELOW, TenantSize};
use http::Method;
use serde::Serialize;

use crate::importer::links;
use crate::store::relation;

/// Ids in the filter of a delta query (facts: graph-protocol 5.2).
pub(crate) const MOST_SHARD_IDS: usize = 50;

/// The page size of the cheap first tier: the largest for which Graph charges less.
#[expect(clippy::cast_possible_truncation, reason = "the table's 20")]
pub(crate) const SMALL_TOP: u16 = SMALL_TOP_BELOW as u16 - 1;

/// How the edges of many owners are read. All end in the same rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum EdgeStrategy {
    /// Whole lists, twenty owners in a `$batch`.
    Batched,
    /// A page of 19 first, which costs less; whole lists, by `$batch` too, where there is more.
    TwoTier,
    /// The entries of the owners' own first delta round. Where that round is read, they are in it.
    OwnerDelta,
    /// Delta rounds over fifty owners each, where the tenant proves to list every edge in them.
    DeltaShards,
}

impl EdgeStrategy {
    /// Every strategy; those that rest on the least come first.
    pub const ALL: [Self; 4] = [Self::Batched, Self::TwoTier, Self::OwnerDelta, Self::DeltaShards];

    /// The spelling in reports and flags.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Batched => "batched",
            Self::TwoTier => "two_tier",
            Self::OwnerDelta => "owner_delta",
            Self::DeltaShards => "delta_shards",
        }
    }

    /// Whether it reads the lists that Graph documents, as opposed to what a delta says of them.
    const fn reads_lists(self) -> bool {
        matches!(self, Self::Batched | Self::TwoTier)
    }
}

impl std::fmt::Display for EdgeStrategy {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What an import meets.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Conditions {
    /// Decides the budgets.
    pub tenant: TenantSize,
    /// From a request to its answer.
    pub latency: Duration,
    /// Requests under way at once.
    pub concurrency: u32,
    /// Objects and relationship entries on a page of a delta round. The server decides (facts:
    /// graph-protocol 4.2), so this is a guess.
    pub delta_page: (u64, u64),
}

impl Default for Conditions {
    /// A large tenant, 300 ms, 32 requests at once, delta pages of 200 objects or 2,000 entries.
    fn default() -> Self {
        let latency = Duration::from_millis(300);
        Self { tenant: TenantSize::Large, latency, concurrency: 32, delta_page: (200, 2_000) }
    }
}

/// How much there is to read of an edge stream.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct EdgeCounts {
    /// Owners whose edges are to be read.
    pub owners: u64,
    /// Their edges.
    pub edges: u64,
    /// Owners with more edges than a short page holds.
    pub long: u64,
    /// The edges of the owner with most of them: the pages of one list come one after the other.
    pub longest: u64,
}

impl EdgeCounts {
    /// So many owners with so many edges, of whom so many have more than a short page holds.
    pub const fn new(owners: u64, edges: u64, long: u64) -> Self {
        Self { owners, edges, long, longest: 0 }
    }

    /// One owner has so many, a group of everybody for example.
    #[must_use]
    pub const fn longest(self, longest: u64) -> Self {
        Self { longest, ..self }
    }

    /// Where nothing but the owners is known: fifty edges each, two lists of five longer than a
    /// short page. A guess; the two tiers are weighed again by what comes.
    pub const fn guessed(owners: u64) -> Self {
        Self::new(owners, owners * 50, owners * 2 / 5)
    }

    /// Whether a short page first costs less than whole lists at once.
    pub(crate) fn are_two_tiers_cheaper(plan: &StreamPlan, owners: u64, long: u64) -> bool {
        let (small, whole) = (list_cost(plan, Some(SMALL_TOP)), list_cost(plan, plan.page_size));
        let units = |cost: RequestCost| u64::from(cost.resource_units);
        owners * units(small) + long * units(whole) < owners * units(whole)
    }
}

/// What a part of an import will cost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Estimate {
    /// Requests on the wire; a `$batch` is one.
    pub requests: u64,
    /// Resource units.
    pub resource_units: u64,
    /// How long the budget makes it last, in seconds.
    pub budget_seconds: f64,
    /// How long answers take to come, in seconds.
    pub latency_seconds: f64,
}

/// What makes it last as long as it does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum BindingLimit {
    /// The budget that Graph grants.
    Budget,
    /// The way to Graph and back.
    Latency,
}

impl Estimate {
    /// How long it lasts: as long as the tighter of its two limits.
    pub fn seconds(&self) -> f64 {
        self.budget_seconds.max(self.latency_seconds)
    }

    /// Which limit that is.
    pub fn binding(&self) -> BindingLimit {
        if self.budget_seconds > self.latency_seconds {
            BindingLimit::Budget
        } else {
            BindingLimit::Latency
        }
    }

    /// Both, side by side, from one budget.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            requests: self.requests + other.requests,
            resource_units: self.resource_units + other.resource_units,
            budget_seconds: self.budget_seconds + other.budget_seconds,
            latency_seconds: self.latency_seconds.max(other.latency_seconds),
        }
    }

    /// One after the other.
    #[must_use]
    pub fn then(self, other: Self) -> Self {
        let latency_seconds = self.latency_seconds + other.latency_seconds;
        Self { latency_seconds, ..self.and(other) }
    }
}

/// A strategy and what it will cost.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Choice {
    /// The strategy.
    pub strategy: EdgeStrategy,
    /// Its cost.
    pub estimate: Estimate,
}

/// Seconds that a strategy which rests on more than Graph documents must save to be worth it.
const WORTH: f64 = 10.0;

impl Conditions {
    /// So many requests of one cost each, that travel in so many messages.
    pub fn requests(&self, cost: RequestCost, count: u64, messages: u64, serial: bool) -> Estimate {
        let resource_units = count * u64::from(cost.resource_units);
        let budgets = cost.lane.into_iter().flat_map(|lane| LaneBudget::of(lane, self.tenant));
        let budget_seconds = budgets.map(|budget| {
            let spent = match budget.counts {
                BudgetCounts::ResourceUnits => resource_units,
                BudgetCounts::Requests => count,
                _ => 0,
            };
            as_f64(spent) / budget.per_second()
        });
        let turns = messages.div_ceil(if serial { 1 } else { u64::from(self.concurrency.max(1)) });
        Estimate {
            requests: messages,
            resource_units,
            budget_seconds: budget_seconds.fold(0.0, f64::max),
            latency_seconds: as_f64(turns) * self.latency.as_secs_f64(),
        }
    }

    /// What reading edges costs by a strategy.
    pub fn edges(
        &self,
        strategy: EdgeStrategy,
        owner: &StreamPlan,
        plan: &StreamPlan,
        counts: EdgeCounts,
    ) -> Estimate {
        let EdgeCounts { owners, edges, long, longest } = counts;
        // No more requests at once make one list come sooner.
        let at_least = |estimate: Estimate, page: u64| {
            let serial = as_f64(longest / page.max(1)) * self.latency.as_secs_f64();
            Estimate { latency_seconds: estimate.latency_seconds.max(serial), ..estimate }
        };
        let list_page = u64::from(plan.page_size.unwrap_or(100));
        let batches = |lists: u64| lists.div_ceil(Batch::MOST_ITEMS as u64);
        let whole = |lists: u64, edges: u64| {
            // Pages after the first one, for lists of equal length.
            let pages = edges.checked_div(lists).zip(plan.page_size).map_or(0, |(mean, size)| {
                lists * (mean.saturating_sub(1) / u64::from(size.max(1)))
            });
            let cost = list_cost(plan, plan.page_size);
            self.requests(cost, lists + pages, batches(lists) + pages, false)
        };
        match strategy {
            EdgeStrategy::Batched => at_least(whole(owners, edges), list_page),
            EdgeStrategy::TwoTier => {
                let small = list_cost(plan, Some(SMALL_TOP));
                let first = self.requests(small, owners, batches(owners), false);
                first.then(at_least(whole(long, edges), list_page))
            }
            // What its entries add to the owners' own round is read with it in any case.
            EdgeStrategy::OwnerDelta => Estimate::default(),
            EdgeStrategy::DeltaShards => {
                let shards = owners.div_ceil(MOST_SHARD_IDS as u64);
                let pages = shards + edges / self.delta_page.1.max(1);
                let cost = shard_cost(owner, plan);
                let proof = whole(owners.min(Batch::MOST_ITEMS as u64), 0);
                let first = self.requests(cost, shards.min(1), shards.min(1), false);
                let rest = pages.saturating_sub(1);
                let rest = self.requests(cost, rest, rest, false);
                first.then(proof).then(at_least(rest, self.delta_page.1))
            }
        }
    }

    /// The strategy that brings an edge stream up to date soonest, of those that are possible.
    ///
    /// Lists are documented to be complete; what is read from a delta rests on more, and has to save
    /// seconds that are worth it.
    pub fn choose(&self, owner: &StreamPlan, plan: &StreamPlan, counts: EdgeCounts) -> Choice {
        let choice =
            |strategy| Choice { strategy, estimate: self.edges(strategy, owner, plan, counts) };
        let mut best = choice(EdgeStrategy::Batched);
        for strategy in EdgeStrategy::ALL {
            let next = choice(strategy);
            let margin = if strategy.reads_lists() { 0.0 } else { WORTH };
            if is_possible(strategy, owner, plan)
                && next.estimate.seconds() + margin < best.estimate.seconds()
            {
                best = next;
            }
        }
        best
    }
}

/// Whether the streams allow a strategy. Entries of the owners' own round are not chosen here: they
/// are there, or they are not.
fn is_possible(strategy: EdgeStrategy, owner: &StreamPlan, plan: &StreamPlan) -> bool {
    match strategy {
        EdgeStrategy::Batched => true,
        EdgeStrategy::TwoTier => plan.page_size.is_some(),
        EdgeStrategy::OwnerDelta => false,
        EdgeStrategy::DeltaShards => {
            links::shard(owner, relation(plan), &[]).is_some()
                && owner.relations.iter().any(|tracked| *tracked == relation(plan))
        }
    }
}

fn list_cost(plan: &StreamPlan, page_size: Option<u16>) -> RequestCost {
    RequestCost::of(&Method::GET, &links::owner(plan, "{id}", page_size))
}

fn shard_cost(owner: &StreamPlan, plan: &StreamPlan) -> RequestCost {
    let path = links::shard(owner, relation(plan), &[]).unwrap_or_default();
    RequestCost::of(&Method::GET, &path)
}

#[expect(clippy::cast_precision_loss, reason = "an estimate of far fewer than 2^52")]
fn as_f64(number: u64) -> f64 {
    number as f64
}

#[cfg(test)]
mod tests;
