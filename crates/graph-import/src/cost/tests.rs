//! The cost model against the facts.

use super::*;

fn groups() -> StreamPlan {
    StreamPlan::delta("groups", "group", "/groups/delta").relation("members")
}

fn members() -> StreamPlan {
    let mut members = StreamPlan::edges("members", "member", "/groups/{id}/members", "groups");
    members.page_size = Some(999);
    members
}

fn of(strategy: EdgeStrategy, counts: EdgeCounts) -> Estimate {
    Conditions::default().edges(strategy, &groups(), &members(), counts)
}

/// facts: graph-protocol 3.2: 10,000 groups of one page each at 2 RU are 20,000 RU, 25 s of the budget
/// of a large tenant.
#[test]
fn ten_thousand_groups_cost_twenty_thousand_units_and_twenty_five_seconds() {
    let estimate = of(EdgeStrategy::Batched, EdgeCounts::new(10_000, 0, 0));
    assert_eq!((estimate.requests, estimate.resource_units), (500, 20_000));
    assert!((estimate.seconds() - 25.0).abs() < 1e-9, "{estimate:?}");
    assert_eq!(estimate.binding(), BindingLimit::Budget);
}

#[test]
fn lists_longer_than_a_page_cost_a_request_for_each_further_one() {
    let of = |edges| of(EdgeStrategy::Batched, EdgeCounts::new(100, edges, 0));
    assert_eq!((of(99_900).requests, of(99_900).resource_units), (5, 200), "999 each");
    assert_eq!((of(100_000).requests, of(100_000).resource_units), (105, 400), "1,000 each");
}

#[test]
fn a_short_page_first_is_cheaper_while_few_lists_go_on() {
    let two_tier = |long| of(EdgeStrategy::TwoTier, EdgeCounts::new(10_000, 0, long));
    assert_eq!(two_tier(0).resource_units, 10_000);
    assert_eq!(two_tier(2_000).resource_units, 14_000);
    assert!(EdgeCounts::are_two_tiers_cheaper(&members(), 100, 49));
    assert!(!EdgeCounts::are_two_tiers_cheaper(&members(), 100, 50));
    // Owners cost one unit whatever is asked for, so that a second request never pays.
    let owners = StreamPlan::edges("owners", "owner", "/groups/{id}/owners", "groups");
    assert!(!EdgeCounts::are_two_tiers_cheaper(&owners, 100, 1));
}

#[test]
fn small_tenants_take_lists_and_large_ones_what_saves_their_budget() {
    let choose = |owners, long| {
        let counts = EdgeCounts::new(owners, owners * 50, long);
        Conditions::default().choose(&groups(), &members(), counts).strategy
    };
    assert_eq!(choose(2, 0), EdgeStrategy::Batched);
    assert_eq!(choose(2_000, 1_900), EdgeStrategy::Batched);
    assert_eq!(choose(2_000, 500), EdgeStrategy::TwoTier);
    assert_eq!(choose(60_000, 30_000), EdgeStrategy::DeltaShards);
    let mut listed = groups();
    "/groups".clone_into(&mut listed.endpoint);
    let counts = EdgeCounts::new(60_000, 3_000_000, 59_000);
    let choice = Conditions::default().choose(&listed, &members(), counts);
    assert_eq!(choice.strategy, EdgeStrategy::Batched, "no delta, no shards");
}

#[test]
fn a_serial_walk_is_bound_by_latency() {
    let conditions = Conditions::default();
    let cost = RequestCost::of(&Method::GET, "/users/delta?$select=id");
    let serial = conditions.requests(cost, 1_500, 1_500, true);
    assert!((serial.seconds() - 450.0).abs() < 1e-6, "{serial:?}");
    assert_eq!(serial.binding(), BindingLimit::Latency);
    let parallel = conditions.requests(cost, 1_500, 1_500, false);
    assert!(parallel.seconds() < 15.0);
}

/// facts: graph-protocol 3.3: counted in requests, not in resource units.
#[test]
fn a_lane_that_counts_requests_binds_by_them() {
    let cost = RequestCost::of(&Method::GET, "/auditLogs/signIns");
    let estimate = Conditions::default().requests(cost, 100, 100, false);
    assert!((estimate.seconds() - 200.0).abs() < 1e-9, "{estimate:?}");
}

/// The pages of the longest list come one after the other, however many requests are under way.
#[test]
fn a_group_of_everybody_lasts_as_long_as_its_pages() {
    let counts = EdgeCounts::new(60_000, 3_000_000, 24_000).longest(300_000);
    let seconds = |strategy| of(strategy, counts).latency_seconds;
    assert!((seconds(EdgeStrategy::Batched) - 90.0).abs() < 1.0, "300 pages of 300 ms");
    assert!((45.0..47.0).contains(&seconds(EdgeStrategy::DeltaShards)), "150 pages");
}
