//! `streams`: what an import reads.

mod column;
mod names;
mod reading;
mod window;

use super::Reading;
use super::fields::{Fields, mapping};
use super::tuning::choice;
use crate::ApiVersion;
use crate::definition::command::read_clouds;
use crate::diagnostic::{Code, Finding, suggest};
use crate::source::{Entry, Spanned};
use crate::stream::{StreamKind, StreamPlan};

pub(super) const KEYS: &[&str] = &[
    "clouds",
    "column_sets",
    "columns",
    "enabled",
    "endpoint",
    "entity",
    "external_id",
    "filter",
    "include",
    "key",
    "kind",
    "of",
    "of_type",
    "page_size",
    "per_cloud",
    "permission",
    "relations",
    "required",
    "scan",
    "select",
    "summary",
    "version",
    "window",
];
pub(super) const COLUMN_KEYS: &[&str] =
    &["clouds", "ignore_case", "permission", "property", "type"];
pub(super) const SCAN_KEYS: &[&str] = &["endpoint", "partition"];
pub(super) const WINDOW_KEYS: &[&str] =
    &["delay", "overlap", "property", "retention_days", "slice"];
pub(super) const VARIANT_KEYS: &[&str] = &["endpoint", "kind"];

/// Reads the `streams` block in the order of the file. `inherited` are the base's streams: edges of
/// this file may belong to them, and a stream of the same name is laid over its base's.
pub(crate) fn read_streams(
    entry: &Entry,
    inherited: &[StreamPlan],
    reading: &mut Reading<'_>,
) -> Vec<StreamPlan> {
    let entries = mapping(&entry.value, reading).map_or(&[][..], |mapping| &mapping.entries);
    let mut streams = Vec::new();
    let mut owners: Vec<Spanned<String>> = Vec::new();
    for entry in entries {
        let base = inherited.iter().find(|plan| plan.name == entry.key.value);
        let found = read_stream(entry, base, &mut owners, reading);
        streams.extend(found);
    }
    let own = |name: &str| entries.iter().any(|entry| entry.key.value == name);
    let inherited = inherited.iter().filter(|plan| !own(&plan.name));
    let edges: Vec<&str> = inherited
        .clone()
        .chain(&streams)
        .filter(|plan| plan.is_edges())
        .map(|plan| plan.name.as_str())
        .collect();
    let names = entries.iter().map(|entry| entry.key.value.as_str());
    let known: Vec<&str> = names.chain(inherited.map(|plan| plan.name.as_str())).collect();
    for of in owners {
        check_owner(&of, &known, &edges, reading);
    }
    streams
}

/// GD0802: edges belong to a stream of objects, of this file or of the base.
fn check_owner(of: &Spanned<String>, known: &[&str], edges: &[&str], reading: &mut Reading<'_>) {
    let name = of.value.as_str();
    if edges.contains(&name) {
        let message = format!("`{name}` reads edges itself: it has no objects to own any");
        let finding = Finding::new(Code::UnknownStream, of.span, message);
        reading.report.add(finding.help("`of` names a stream of objects"));
    } else if !known.contains(&name) && !reading.truncated {
        let finding =
            Finding::new(Code::UnknownStream, of.span, format!("unknown stream `{name}`"));
        let owners = known.iter().copied().filter(|known| !edges.contains(known));
        reading.report.add(match suggest(name, owners) {
            found @ Some(_) => finding.did_you_mean(of.span, found),
            None => finding.help("`of` names a stream of this file or of the system it extends"),
        });
    }
}

/// Reads one stream, over `base` where the file extends one of that name: there every key is
/// optional, and what is written replaces or adds.
fn read_stream(
    entry: &Entry,
    base: Option<&StreamPlan>,
    owners: &mut Vec<Spanned<String>>,
    reading: &mut Reading<'_>,
) -> Option<StreamPlan> {
    let name = &entry.key;
    let before = reading.report.errors();
    reading.report.extend(names::stream_issue(name));
    let what = format!("stream `{}`", name.value);
    let fields = Fields::read(what, name.span, &entry.value, KEYS, reading);
    let mut plan =
        base.cloned().unwrap_or_else(|| StreamPlan::delta(&name.value, &singular(&name.value), ""));
    if base.is_none() {
        fields.require("endpoint", reading);
        fields.require("kind", reading);
    }
    if let Some(endpoint) = fields.text("endpoint", reading) {
        plan.endpoint = endpoint.value;
    }
    let kind = reading::kind(&fields, owners, reading);
    if base.is_none() && !matches!(kind, Some(StreamKind::Edges { .. })) {
        fields.require("entity", reading);
    }
    plan.kind = kind.unwrap_or(plan.kind);
    if let Some(entity) = fields.text("entity", reading) {
        reading.report.extend(names::issue("entity", &entity));
        plan.entity = entity.value;
    }
    read_settings(&mut plan, &fields, reading);
    column::read(&mut plan, &fields, base.is_none(), reading);
    for relation in fields.texts("relations", reading) {
        plan = plan.relation(&relation.value);
    }
    plan = reading::scan(plan, &fields, reading);
    window::read(&mut plan, &fields, reading);
    reading::filter(&mut plan, &fields, reading);
    reading::check(&plan, &fields, reading);
    (reading.report.errors() == before && !plan.endpoint.is_empty()).then_some(plan)
}

/// The keys that stand alone.
fn read_settings(plan: &mut StreamPlan, fields: &Fields<'_>, reading: &mut Reading<'_>) {
    match choice(fields, "version", &["v1.0", "beta"], reading).as_deref() {
        Some("beta") => plan.version = ApiVersion::Beta,
        Some(_) => plan.version = ApiVersion::V1_0,
        None => {}
    }
    let mut text = |key: &str| fields.text(key, reading).map(|text| text.value);
    plan.summary = text("summary").unwrap_or_else(|| std::mem::take(&mut plan.summary));
    plan.permission = text("permission").or_else(|| plan.permission.take());
    plan.of_type = text("of_type").or_else(|| plan.of_type.take());
    let mut flag =
        |key: &str, before: bool| fields.boolean(key, reading).map_or(before, |flag| flag.value);
    plan.required = flag("required", plan.required);
    plan.enabled = flag("enabled", plan.enabled);
    if let Some(size) = reading::page_size(fields, reading) {
        plan.page_size = Some(size);
    }
    if fields.get("clouds").is_some() {
        plan.unavailable_in = read_clouds(fields, reading);
    }
    reading::per_cloud(plan, fields, reading);
}

fn singular(name: &str) -> String {
    name.strip_suffix('s').unwrap_or(name).to_owned()
}
