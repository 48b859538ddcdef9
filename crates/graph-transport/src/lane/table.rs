//! The table of lanes (`systems/lanes.yaml`): which lane a path belongs to, and what a request costs.

use std::hash::{DefaultHasher, Hasher as _};
use std::sync::LazyLock;

use http::Method;

use super::demand::{Access, Demand, Demands, LaneId};
use super::generated::{LANES, MODIFIERS, ROUTES};

/// One service class.
pub(super) struct LaneSpec {
    pub(super) name: &'static str,
    pub(super) budgets: &'static [BudgetSpec],
}

/// What may be spent in one window.
#[derive(Clone, Copy, Debug)]
pub(super) struct BudgetSpec {
    pub(super) counts: Counts,
    pub(super) scope: Scope,
    /// For a small, medium and large tenant.
    pub(super) amounts: [u32; 3],
    pub(super) seconds: u32,
    pub(super) shape: Shape,
    /// The part of it that is ours.
    pub(super) share: f64,
}

/// What a budget counts.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Counts {
    ResourceUnits,
    Requests,
    Writes,
}

/// Who spends from a budget.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(super) enum Scope {
    AppAndTenant,
    Tenant,
    App,
}

/// How a budget is refilled.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Shape {
    /// Documented as a token bucket: all of it may be spent at once.
    Bucket,
    /// Counted in some window: spent evenly, so that no window, wherever it begins, holds more.
    Window,
}

/// How query options change a cost.
pub(super) struct Modifiers {
    pub(super) select: i8,
    pub(super) expand: i8,
    pub(super) small_top: i8,
    pub(super) small_top_below: u32,
    pub(super) least: u8,
}

/// What is known about one path.
pub(super) struct Route {
    pub(super) path: &'static str,
    /// The lane of the path and of everything below it.
    pub(super) lane: Option<u8>,
    pub(super) get: Option<u8>,
    /// The cost of a POST that only reads.
    pub(super) post: Option<u8>,
    pub(super) post_selected: Option<u8>,
    /// Further lanes, for queries that name a property.
    pub(super) also: &'static [(&'static str, u8)],
}

/// A row of the table.
pub(super) const fn route(
    path: &'static str,
    lane: Option<u8>,
    [get, post, post_selected]: [Option<u8>; 3],
    also: &'static [(&'static str, u8)],
) -> Route {
    Route { path, lane, get, post, post_selected, also }
}

/// A budget of the table.
#[expect(clippy::similar_names, reason = "the table's own words")]
pub(super) const fn budget(
    counts: Counts,
    scope: Scope,
    amounts: [u32; 3],
    seconds: u32,
    shape: Shape,
    share: f64,
) -> BudgetSpec {
    BudgetSpec { counts, scope, amounts, seconds, shape, share }
}

/// What a request asks of which lanes. Walks the segments once and allocates nothing, unless the
/// request feeds more than one lane.
pub(crate) fn demands(method: &Method, path: &str, query: &str) -> Demands {
    let found = TREE.find(path);
    let lane = found.lane.map_or_else(|| other(path), LaneId::Known);
    let reads = matches!(*method, Method::GET | Method::HEAD);
    let exact = found.exact;
    let demand = if reads {
        let base = exact.and_then(|route| route.get).unwrap_or(MODIFIERS.least);
        Demand::read(lane, modified(base, query))
    } else if let Some(base) =
        exact.and_then(|route| route.post).filter(|_| *method == Method::POST)
    {
        let selected = exact.and_then(|route| route.post_selected);
        let units = match selected {
            Some(units) if options(query).any(|(name, _)| name == "select") => u32::from(units),
            _ => modified(base, query),
        };
        Demand::read(lane, units)
    } else {
        Demand::write(lane, u32::from(MODIFIERS.least))
    };
    let mut demands = Demands::from(demand);
    for (property, further) in found.also {
        if demand.access == Access::Read && contains(query, property) {
            demands.add(Demand { units: 0, ..Demand::read(LaneId::Known(*further), 0) });
        }
    }
    demands
}

/// The name of a lane of the table.
pub(super) fn lane_name(index: u8) -> &'static str {
    LANES[usize::from(index)].name
}

/// A lane of the table by its name.
pub(crate) fn lane_named(name: &str) -> Option<LaneId> {
    let index = LANES.iter().position(|lane| lane.name == name)?;
    u8::try_from(index).ok().map(LaneId::Known)
}

/// A path that the table does not know shares a lane with everything under the same first segment.
fn other(path: &str) -> LaneId {
    let mut hasher = DefaultHasher::new();
    first_segment(path).bytes().for_each(|byte| hasher.write_u8(byte.to_ascii_lowercase()));
    LaneId::Other(hasher.finish())
}

/// `teams` of `/teams/{id}/channels`.
pub(super) fn first_segment(path: &str) -> &str {
    path.trim_start_matches('/').split(['/', '(']).next().unwrap_or_default()
}

/// `$select` −1, `$expand` +1, `$top` below 20 −1, never below 1.
fn modified(base: u8, query: &str) -> u32 {
    let mut cost = i32::from(base);
    for (name, value) in options(query) {
        let change = match name {
            "select" => MODIFIERS.select,
            "expand" => MODIFIERS.expand,
            "top" if value.parse::<u32>().is_ok_and(|top| top < MODIFIERS.small_top_below) => {
                MODIFIERS.small_top
            }
            _ => 0,
        };
        cost += i32::from(change);
    }
    u32::try_from(cost).unwrap_or_default().max(u32::from(MODIFIERS.least))
}

/// The query's options, without the `$`, which Graph does not insist on.
fn options(query: &str) -> impl Iterator<Item = (&str, &str)> {
    query.split('&').filter_map(|option| {
        let (name, value) = option.split_once('=')?;
        let name = name.strip_prefix('$').or_else(|| name.strip_prefix("%24")).unwrap_or(name);
        Some((name, value))
    })
}

fn contains(query: &str, property: &str) -> bool {
    query
        .as_bytes()
        .windows(property.len())
        .any(|part| part.eq_ignore_ascii_case(property.as_bytes()))
}

/// The routes as a tree of segments, built once.
static TREE: LazyLock<Tree> = LazyLock::new(Tree::build);

struct Tree(Vec<Node>);

#[derive(Default)]
struct Node {
    children: Vec<(&'static str, usize)>,
    any: Option<usize>,
    route: Option<&'static Route>,
}

#[derive(Default)]
struct Found {
    lane: Option<u8>,
    /// The route of exactly this path.
    exact: Option<&'static Route>,
    also: &'static [(&'static str, u8)],
}

impl Tree {
    fn build() -> Self {
        let mut nodes = vec![Node::default()];
        for route in ROUTES {
            let mut at = 0;
            for segment in route.path.split('/') {
                let known = match segment {
                    "{id}" => nodes[at].any,
                    _ => nodes[at].children.iter().find(|it| it.0 == segment).map(|it| it.1),
                };
                at = known.unwrap_or_else(|| {
                    let new = nodes.len();
                    nodes.push(Node::default());
                    match segment {
                        "{id}" => nodes[at].any = Some(new),
                        _ => nodes[at].children.push((segment, new)),
                    }
                    new
                });
            }
            nodes[at].route = Some(route);
        }
        Self(nodes)
    }

    fn find(&self, path: &str) -> Found {
        let mut found = Found::default();
        let mut at = Some(0);
        for segment in path.split('/').filter(|segment| !segment.is_empty()) {
            // `microsoft.graph.user` narrows the type; the path stays the same collection's.
            if segment.starts_with("microsoft.graph.") {
                continue;
            }
            let (name, key) = match segment.split_once('(') {
                Some((name, key)) => (name, !key.starts_with(')')),
                None => (segment, false),
            };
            at = at.and_then(|at| self.step(at, name, &mut found));
            if key {
                at = at.and_then(|at| Some(self.enter(self.0[at].any?, &mut found)));
            }
            if at.is_none() {
                found.exact = None;
                break;
            }
        }
        found
    }

    fn step(&self, at: usize, name: &str, found: &mut Found) -> Option<usize> {
        if at == 0 && name.eq_ignore_ascii_case("me") {
            let users = self.step(0, "users", found)?;
            return Some(self.enter(self.0[users].any?, found));
        }
        let node = &self.0[at];
        let child = node.children.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
        Some(self.enter(child.map(|child| child.1).or(node.any)?, found))
    }

    fn enter(&self, at: usize, found: &mut Found) -> usize {
        found.exact = self.0[at].route;
        if let Some(route) = found.exact {
            found.lane = route.lane.or(found.lane);
            if !route.also.is_empty() {
                found.also = route.also;
            }
        }
        at
    }
}

#[cfg(test)]
mod tests;
