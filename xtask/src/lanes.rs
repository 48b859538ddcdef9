//! `systems/lanes.yaml`: read strictly, checked, and written as the table that graph-transport embeds.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use serde::Deserialize;

/// Where the data lies.
pub(crate) const FILE: &str = "lanes.yaml";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    modifiers: Modifiers,
    every_request: EveryRequest,
    lanes: BTreeMap<String, Lane>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Modifiers {
    source: String,
    select: i8,
    expand: i8,
    small_top: i8,
    small_top_below: u32,
    least: u8,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct EveryRequest {
    source: String,
    budgets: Vec<Budget>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Lane {
    source: String,
    #[serde(default)]
    paths: Vec<String>,
    budgets: Vec<Budget>,
    #[serde(default)]
    costs: BTreeMap<u8, Vec<String>>,
    #[serde(default)]
    selected: BTreeMap<u8, Vec<String>>,
    #[serde(default)]
    also: Vec<Also>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Budget {
    counts: Counts,
    scope: Scope,
    amount: Option<u32>,
    small: Option<u32>,
    medium: Option<u32>,
    large: Option<u32>,
    per: String,
    #[serde(default)]
    shape: Shape,
    share: Option<f64>,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Counts {
    ResourceUnits,
    Requests,
    Writes,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Scope {
    AppAndTenant,
    Tenant,
    App,
}

#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Shape {
    Bucket,
    #[default]
    Window,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Also {
    path: String,
    query: String,
    lane: String,
}

/// What is known about one path.
#[derive(Default)]
struct Route {
    lane: Option<usize>,
    get: Option<u8>,
    post: Option<u8>,
    post_selected: Option<u8>,
    also: Vec<(String, usize)>,
}

/// The table as Rust, or everything that is wrong with the file.
pub(crate) fn rust(root: &Path) -> Result<String, String> {
    let path = root.join("systems").join(FILE);
    let text = fs::read_to_string(&path)
        .map_err(|error| format!("could not read `systems/{FILE}`: {error}"))?;
    let table: Table =
        serde_yaml::from_str(&text).map_err(|error| format!("systems/{FILE}: {error}"))?;
    let mut problems = Vec::new();
    let routes = routes(&table, &mut problems);
    let rust = write(&table, &routes, &mut problems);
    match problems.as_slice() {
        [] => Ok(rust),
        problems => {
            Err(format!("systems/{FILE}: {}", problems.join(&format!("\nsystems/{FILE}: "))))
        }
    }
}

fn routes(table: &Table, problems: &mut Vec<String>) -> BTreeMap<String, Route> {
    let mut routes: BTreeMap<String, Route> = BTreeMap::new();
    for (index, (name, lane)) in table.lanes.iter().enumerate() {
        for path in &lane.paths {
            if path.starts_with('/') || path.ends_with('/') || path.contains("//") {
                problems.push(format!("`{path}`: write paths without slashes at their ends"));
            }
            if routes.entry(path.clone()).or_default().lane.replace(index).is_some() {
                problems.push(format!("`{path}` stands in two lanes, one of them `{name}`"));
            }
        }
    }
    for lane in table.lanes.values() {
        costs(lane, &mut routes, problems);
        for also in &lane.also {
            let Some(index) = table.lanes.keys().position(|name| *name == also.lane) else {
                problems.push(format!("`also` of `{}`: no lane `{}`", also.path, also.lane));
                continue;
            };
            let route = routes.entry(also.path.clone()).or_default();
            route.also.push((also.query.clone(), index));
        }
    }
    routes
}

fn costs(lane: &Lane, routes: &mut BTreeMap<String, Route>, problems: &mut Vec<String>) {
    let plain = lane.costs.iter().map(|entry| (entry, false));
    let selected = lane.selected.iter().map(|entry| (entry, true));
    for ((cost, requests), selected) in plain.chain(selected) {
        for request in requests {
            let Some((method, path)) = request.split_once(' ') else {
                problems.push(format!("`{request}`: write a method and a path"));
                continue;
            };
            let route = routes.entry(path.to_owned()).or_default();
            let place = match (method, selected) {
                ("GET", false) => &mut route.get,
                ("POST", false) => &mut route.post,
                ("POST", true) => &mut route.post_selected,
                _ => {
                    problems.push(format!("`{request}`: only GET and POST have costs here"));
                    continue;
                }
            };
            if place.replace(*cost).is_some() {
                problems.push(format!("`{request}` has two costs"));
            }
        }
    }
}

fn write(table: &Table, routes: &BTreeMap<String, Route>, problems: &mut Vec<String>) -> String {
    let mut text = String::from(
        "//! Generated by `cargo xtask codegen` from `systems/lanes.yaml`; do not edit.\n\n#![expect(clippy::unreadable_literal, reason = \"numbers as the data writes them\")]\n\n\
         use super::table::Counts::{Requests, ResourceUnits, Writes};\nuse super::table::Scope::{App, AppAndTenant, Tenant};\nuse super::table::Shape::{Bucket, Window};\nuse super::table::{BudgetSpec, LaneSpec, Modifiers, Route, budget, route};\n\n",
    );
    let Modifiers { source, select, expand, small_top, small_top_below, least } = &table.modifiers;
    let _ = write!(
        text,
        "/// facts: graph-protocol {source}\npub(super) const MODIFIERS: Modifiers = Modifiers {{ \
         select: {select}, expand: {expand}, small_top: {small_top}, small_top_below: \
         {small_top_below}, least: {least} }};\n\n"
    );
    let every = budgets("every_request", &table.every_request.budgets, problems);
    let source = &table.every_request.source;
    let _ = write!(
        text,
        "/// facts: graph-protocol {source}\npub(super) static EVERY_REQUEST: &[BudgetSpec] = &[{every}];\n\n"
    );
    text.push_str("pub(super) static LANES: &[LaneSpec] = &[\n");
    for (name, lane) in &table.lanes {
        let budgets = budgets(name, &lane.budgets, problems);
        let source = &lane.source;
        let _ = write!(
            text,
            "// facts: graph-protocol {source}\nLaneSpec {{ name: {name:?}, budgets: &[{budgets}] }},\n"
        );
    }
    text.push_str("];\n\npub(super) static ROUTES: &[Route] = &[\n");
    for (path, route) in routes {
        let Route { lane, get, post, post_selected, also } = route;
        let also: String = also
            .iter()
            .map(|(query, lane)| format!("({query:?}, {lane})"))
            .collect::<Vec<_>>()
            .join(", ");
        let _ = writeln!(
            text,
            "route({path:?}, {lane:?}, [{get:?}, {post:?}, {post_selected:?}], &[{also}]),"
        );
    }
    text.push_str("];\n");
    text
}

fn budgets(lane: &str, budgets: &[Budget], problems: &mut Vec<String>) -> String {
    let mut text = String::new();
    for budget in budgets {
        let amounts = match (budget.amount, budget.small, budget.medium, budget.large) {
            (Some(amount), None, None, None) => [amount; 3],
            (None, Some(small), Some(medium), Some(large)) => [small, medium, large],
            _ => {
                problems.push(format!("`{lane}`: give `amount`, or all of small, medium, large"));
                continue;
            }
        };
        let seconds = budget.per.strip_suffix('s').and_then(|text| text.parse::<u32>().ok());
        let Some(seconds) = seconds.filter(|seconds| *seconds > 0) else {
            problems.push(format!("`{lane}`: `per` is a number of seconds, as in `10s`"));
            continue;
        };
        let share = budget.share.unwrap_or(1.0);
        if amounts.contains(&0) || !(share > 0.0 && share <= 1.0) {
            problems.push(format!("`{lane}`: amounts are above 0, shares above 0 and at most 1"));
        }
        let Budget { counts, scope, shape, .. } = budget;
        let _ = write!(
            text,
            "budget({counts:?}, {scope:?}, {amounts:?}, {seconds}, {shape:?}, {share:?}),"
        );
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problems_of(text: &str) -> Vec<String> {
        let table: Table = serde_yaml::from_str(text).unwrap();
        let mut problems = Vec::new();
        let routes = routes(&table, &mut problems);
        write(&table, &routes, &mut problems);
        problems
    }

    const FRAME: &str = "modifiers: { source: '3.2', select: -1, expand: 1, small_top: -1, small_top_below: 20, least: 1 }\nevery_request: { source: '3.1', budgets: [] }\nlanes:\n";

    #[test]
    fn mistakes_in_the_table_are_all_named() {
        let text = "  a: { source: x, paths: [users, /groups], budgets: [{ counts: requests, scope: app, amount: 0, per: 10s }], also: [{ path: users, query: q, lane: nowhere }] }
  b: { source: x, paths: [users], budgets: [{ counts: requests, scope: app, small: 1, per: 10s }, { counts: writes, scope: tenant, amount: 1, per: 10m }], costs: { 2: [DELETE users, GET users], 3: [GET users] } }\n";
        let problems = problems_of(&format!("{FRAME}{text}")).join("\n");
        for part in [
            "slashes",
            "two lanes",
            "nowhere",
            "above 0",
            "all of small",
            "`per`",
            "only GET",
            "two costs",
        ] {
            assert!(problems.contains(part), "{part}: {problems}");
        }
        assert!(serde_yaml::from_str::<Table>(&format!("{FRAME}  a: {{ sauce: x }}\n")).is_err());
    }
}
