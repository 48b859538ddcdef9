//! `streams`: what an import reads.

mod names;

use super::Reading;
use super::fields::{Fields, mapping, text, wrong_type};
use super::tuning::choice;
use crate::ApiVersion;
use crate::diagnostic::{Code, Finding, suggest};
use crate::source::{Entry, Plain, Span, Spanned};
use crate::stream::{ColumnKind, StreamKind, StreamPlan};

pub(super) const KEYS: &[&str] = &[
    "columns",
    "endpoint",
    "entity",
    "kind",
    "of",
    "page_size",
    "permission",
    "relations",
    "required",
    "scan",
    "select",
    "summary",
    "version",
];
pub(super) const COLUMN_KEYS: &[&str] = &["property", "type"];
pub(super) const SCAN_KEYS: &[&str] = &["endpoint", "partition"];
/// Most items that Graph puts on a page of directory objects (facts: graph-protocol 4.2).
const MAX_PAGE: u64 = 999;

/// Reads the `streams` block in the order of the file. `inherited` are the base's streams, which
/// edges of this file may belong to.
pub(crate) fn read_streams(
    entry: &Entry,
    inherited: &[StreamPlan],
    reading: &mut Reading<'_>,
) -> Vec<StreamPlan> {
    let entries = mapping(&entry.value, reading).map_or(&[][..], |mapping| &mapping.entries);
    let mut streams = Vec::new();
    let mut owners: Vec<Spanned<String>> = Vec::new();
    for entry in entries {
        let found = read_stream(entry, &mut owners, reading);
        streams.extend(found);
    }
    let own = |name: &str| entries.iter().any(|entry| entry.key.value == name);
    let inherited = inherited.iter().filter(|plan| !own(&plan.name));
    let edges: Vec<&str> = inherited
        .clone()
        .chain(&streams)
        .filter(|plan| matches!(plan.kind, StreamKind::Edges { .. }))
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

fn read_stream(
    entry: &Entry,
    owners: &mut Vec<Spanned<String>>,
    reading: &mut Reading<'_>,
) -> Option<StreamPlan> {
    let name = &entry.key;
    let before = reading.report.errors();
    reading.report.extend(names::stream_issue(name));
    let what = format!("stream `{}`", name.value);
    let fields = Fields::read(what, name.span, &entry.value, KEYS, reading);
    fields.require("endpoint", reading);
    let endpoint = fields.text("endpoint", reading);
    let kind = read_kind(&fields, owners, reading);
    if !matches!(kind, Some(StreamKind::Edges { .. })) {
        fields.require("entity", reading);
    }
    let entity = fields.text("entity", reading);
    reading.report.extend(entity.as_ref().and_then(|entity| names::issue("entity", entity)));
    let entity = entity.map_or_else(|| singular(&name.value), |text| text.value);
    let mut plan =
        StreamPlan::delta(&name.value, &entity, endpoint.as_ref().map_or("", |text| &text.value));
    plan.kind = kind.unwrap_or(StreamKind::Delta);
    plan.version = match choice(&fields, "version", &["v1.0", "beta"], reading).as_deref() {
        Some("beta") => ApiVersion::Beta,
        _ => ApiVersion::V1_0,
    };
    plan.page_size = read_page_size(&fields, reading);
    plan.permission = fields.text("permission", reading).map(|text| text.value);
    plan.required = fields.boolean("required", reading).is_none_or(|flag| flag.value);
    for column in fields.entries("columns", reading) {
        if let Some((property, kind)) = read_column(column, reading) {
            plan = plan.column(&column.key.value, &property, kind);
        }
    }
    for property in fields.texts("select", reading) {
        plan.select_property(&property.value);
    }
    for relation in fields.texts("relations", reading) {
        plan = plan.relation(&relation.value);
    }
    plan = with_scan(plan, &fields, reading);
    check_relations(&plan, &fields, reading);
    if let Some(endpoint) = &endpoint {
        check_endpoint(&plan, endpoint.span, reading);
    }
    (reading.report.errors() == before && endpoint.is_some()).then_some(plan)
}

fn read_kind(
    fields: &Fields<'_>,
    owners: &mut Vec<Spanned<String>>,
    reading: &mut Reading<'_>,
) -> Option<StreamKind> {
    fields.require("kind", reading);
    match choice(fields, "kind", &["delta", "full", "edges"], reading)?.as_str() {
        "edges" => {
            fields.require("of", reading);
            let of = fields.text("of", reading)?;
            owners.push(of.clone());
            Some(StreamKind::Edges { of: of.value })
        }
        "full" => Some(StreamKind::Full),
        _ => Some(StreamKind::Delta),
    }
}

/// Reads `scan`. GD0801: only a delta stream has one, and it reads a collection.
fn with_scan(plan: StreamPlan, fields: &Fields<'_>, reading: &mut Reading<'_>) -> StreamPlan {
    let Some(entry) = fields.get("scan") else { return plan };
    let scan = Fields::read("`scan`", entry.key.span, &entry.value, SCAN_KEYS, reading);
    scan.require("endpoint", reading);
    let Some(endpoint) = scan.text("endpoint", reading) else { return plan };
    let partition = scan.text("partition", reading);
    let path = &endpoint.value;
    let problem = if plan.kind != StreamKind::Delta {
        Some((entry.key.span, "only a delta stream has a scan: it stands in for the first round"))
    } else if !is_path(path) || path.contains('{') || path.ends_with("/delta") {
        Some((endpoint.span, "a scan reads a collection such as `/users`"))
    } else {
        None
    };
    if let Some((span, message)) = problem {
        reading.report.add(Finding::new(Code::InvalidStream, span, message));
    }
    plan.scan(path, partition.as_ref().map(|text| text.value.as_str()))
}

/// GD0801: only a delta query tracks relations.
fn check_relations(plan: &StreamPlan, fields: &Fields<'_>, reading: &mut Reading<'_>) {
    let entry = fields.get("relations").filter(|_| plan.kind != StreamKind::Delta);
    let Some(entry) = entry else { return };
    let message = "only a delta stream tracks relations";
    let finding = Finding::new(Code::InvalidStream, entry.key.span, message);
    reading.report.add(finding.help("read them with a stream of `kind: edges`"));
}

fn read_page_size(fields: &Fields<'_>, reading: &mut Reading<'_>) -> Option<u16> {
    let node = &fields.get("page_size")?.value;
    let size = node.scalar().map(Plain::of).and_then(|plain| match plain {
        Plain::Number(number) => number.as_u64().filter(|size| (1..=MAX_PAGE).contains(size)),
        _ => None,
    });
    if size.is_none() {
        wrong_type(node, "a whole number from 1 to 999", reading);
    }
    size.and_then(|size| u16::try_from(size).ok())
}

fn read_column(entry: &Entry, reading: &mut Reading<'_>) -> Option<(String, ColumnKind)> {
    reading.report.extend(names::column_issue(&entry.key));
    if entry.value.scalar().is_some() {
        return text(&entry.value, reading).map(|property| (property.value, ColumnKind::Text));
    }
    let what = format!("column `{}`", entry.key.value);
    let fields = Fields::read(what, entry.key.span, &entry.value, COLUMN_KEYS, reading);
    fields.require("property", reading);
    let property = fields.text("property", reading)?.value;
    let names = ColumnKind::ALL.map(ColumnKind::as_str);
    let kind = match choice(&fields, "type", &names, reading) {
        Some(name) => ColumnKind::ALL.into_iter().find(|kind| kind.as_str() == name)?,
        None => ColumnKind::Text,
    };
    Some((property, kind))
}

/// GD0801: a path below the version; edges have exactly one placeholder, others none.
fn check_endpoint(plan: &StreamPlan, span: Span, reading: &mut Reading<'_>) {
    let path = &plan.endpoint;
    let placeholders = path.matches('{').count();
    let message = match &plan.kind {
        _ if !is_path(path) => "a stream's endpoint is a path such as `/users/delta`",
        StreamKind::Edges { .. } if placeholders != 1 || !path.contains("{id}") => {
            "the endpoint of edges has one placeholder, `{id}`"
        }
        StreamKind::Delta | StreamKind::Full if placeholders > 0 => "only edges have a placeholder",
        StreamKind::Delta if !path.ends_with("/delta") => {
            "a delta stream's endpoint ends in `/delta`"
        }
        _ => return,
    };
    reading.report.add(Finding::new(Code::InvalidStream, span, message));
}

fn is_path(path: &str) -> bool {
    path.starts_with('/') && !path.contains(['?', '#', ' '])
}

fn singular(name: &str) -> String {
    name.strip_suffix('s').unwrap_or(name).to_owned()
}
