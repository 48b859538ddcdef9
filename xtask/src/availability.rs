//! `docs/reference/permissions.md`: in which cloud each command and stream exists, and what opens it.

use std::fmt::Write as _;

use graph_dsl::graph_index::{GraphIndex, PathSegment, PermissionSet};
use graph_dsl::{ApiVersion, CLOUD_NAMES, CommandPlan, StreamPlan, System};

const COLUMNS: usize = CLOUD_NAMES.len() - 1;
/// How many other sets of permissions a row names.
const OTHERS: usize = 3;

/// The page for the catalogue and the streams of the import.
pub(crate) fn page(system: &System, streams: &[StreamPlan]) -> String {
    let index = GraphIndex::embedded();
    let clouds = &CLOUD_NAMES[..COLUMNS];
    let mut text = format!(
        "# Clouds and permissions\n\nWritten by `cargo xtask codegen` from `systems/` and the Graph \
         index ({}); do not edit. A cloud is marked where its v1.0 metadata has the call. Of \
         several permissions joined by `+` all are needed; of the others each is enough. *Signed-in \
         user only*: Graph offers no application permission.\n",
        index.data().source
    );
    heading(&mut text, "Commands", "command", clouds);
    for plan in system.catalogue.iter() {
        let offered = |cloud: &str| plan.is_offered_in(cloud);
        let needs = &plan.needs;
        let others = others(&needs.application, &plan.permission.application);
        let only = plan.permission.is_delegated_only() || needs.is_delegated_only();
        let permission = plan.permission.to_string();
        row(&mut text, &plan.full_name(), &permission, &others, only, clouds, offered);
    }
    heading(&mut text, "Streams", "stream", clouds);
    for plan in streams {
        stream(&mut text, plan, index, clouds);
    }
    let _ = write!(
        text,
        "\n## Repairs\n\nWhere Microsoft's permission map is not followed, and why.\n\n"
    );
    for plan in system.catalogue.iter() {
        repair(&mut text, plan);
    }
    text
}

fn heading(text: &mut String, title: &str, what: &str, clouds: &[&str]) {
    let _ = write!(
        text,
        "\n## {title}\n\n| {what} | application permission | or | signed-in user only | {} |\n|---|---|---|---|{}\n",
        clouds.join(" | "),
        "---|".repeat(clouds.len()),
    );
}

fn row(
    text: &mut String,
    name: &str,
    permission: &str,
    others: &str,
    delegated_only: bool,
    clouds: &[&str],
    offered: impl Fn(&str) -> bool,
) {
    let marks: Vec<&str> =
        clouds.iter().map(|cloud| if offered(cloud) { "✓" } else { "–" }).collect();
    let only = if delegated_only { "yes" } else { "" };
    let _ =
        writeln!(text, "| `{name}` | {permission} | {others} | {only} | {} |", marks.join(" | "));
}

fn stream(text: &mut String, plan: &StreamPlan, index: &GraphIndex<'_>, clouds: &[&str]) {
    let segments = PathSegment::split(&plan.endpoint);
    let offered = |name: &str| {
        let cloud = graph_dsl::graph_index::metadata_of(name).and_then(|it| index.cloud(it));
        cloud.is_some_and(|cloud| index.resolve(&segments, cloud).whole().is_some())
    };
    let all = index.resolve(&segments, index.all_clouds());
    let needs = all.whole().map(|place| index.needs("GET", &place.path)).unwrap_or_default();
    let declared: Vec<String> = plan.permission.iter().cloned().collect();
    let permission = plan.permission.as_deref().unwrap_or("-");
    let beta = if plan.version == ApiVersion::Beta { " (beta)" } else { "" };
    let name = format!("{}{beta}", plan.name);
    row(
        text,
        &name,
        permission,
        &others(&needs.application, &declared),
        needs.is_delegated_only(),
        clouds,
        offered,
    );
}

fn others(sets: &[PermissionSet], declared: &[String]) -> String {
    let other = |set: &&PermissionSet| set.as_slice() != declared;
    let names: Vec<String> =
        sets.iter().filter(other).take(OTHERS).map(|set| set.join(" + ")).collect();
    let more = if sets.iter().filter(other).count() > OTHERS { ", …" } else { "" };
    format!("{}{more}", names.join(", "))
}

fn repair(text: &mut String, plan: &CommandPlan) {
    if let Some(reason) = &plan.needs.reason {
        let _ = writeln!(text, "- `{}`: {}", plan.full_name(), reason.trim_end());
    }
}
