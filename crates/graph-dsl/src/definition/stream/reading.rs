//! How a stream is read: kind, endpoint, scan, relations, pages, and what differs in a cloud.

use super::{SCAN_KEYS, VARIANT_KEYS};
use crate::connection::CLOUD_NAMES;
use crate::definition::Reading;
use crate::definition::fields::{Fields, wrong_type};
use crate::definition::tuning::choice;
use crate::diagnostic::{Code, Finding};
use crate::source::{Plain, Span, Spanned};
use crate::stream::{StreamKind, StreamPlan, Variant};

/// Most items that Graph puts on a page of directory objects (facts: graph-protocol 4.2).
const MAX_PAGE: u64 = 999;

/// Reads `kind` and, of edges, `of`, whose place is added to `owners`.
pub(super) fn kind(
    fields: &Fields<'_>,
    owners: &mut Vec<Spanned<String>>,
    reading: &mut Reading<'_>,
) -> Option<StreamKind> {
    match choice(fields, "kind", &["delta", "full", "window", "edges"], reading)?.as_str() {
        "edges" => {
            fields.require("of", reading);
            let of = fields.text("of", reading)?;
            owners.push(of.clone());
            Some(StreamKind::Edges { of: of.value })
        }
        "full" => Some(StreamKind::Full),
        "window" => Some(StreamKind::Window),
        _ => Some(StreamKind::Delta),
    }
}

/// Reads `filter`. GD0801: objects are filtered, and edges with the objects that own them; a log by
/// its window.
pub(super) fn filter(plan: &mut StreamPlan, fields: &Fields<'_>, reading: &mut Reading<'_>) {
    let Some(filter) = fields.text("filter", reading) else { return };
    let filtered = matches!(plan.kind, StreamKind::Delta | StreamKind::Full);
    if !filtered {
        let message = "only a stream of objects is filtered";
        let finding = Finding::new(Code::InvalidStream, filter.span, message);
        reading.report.add(finding.help("edges follow the stream that owns them"));
    } else if let Err(error) = plan.set_filter(&filter.value) {
        reading.report.add(Finding::new(Code::InvalidFilter, filter.span, error.message));
    }
}

pub(super) fn page_size(fields: &Fields<'_>, reading: &mut Reading<'_>) -> Option<u16> {
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

/// Reads `per_cloud`: another path, or another kind, in single clouds.
pub(super) fn per_cloud(plan: &mut StreamPlan, fields: &Fields<'_>, reading: &mut Reading<'_>) {
    let Some(entry) = fields.get("per_cloud") else { return };
    let known = &CLOUD_NAMES[..7];
    let clouds = Fields::read("`per_cloud`", entry.key.span, &entry.value, known, reading);
    for cloud in known {
        let Some(entry) = clouds.get(cloud) else { continue };
        let what = format!("`per_cloud.{cloud}`");
        let fields = Fields::read(what, entry.key.span, &entry.value, VARIANT_KEYS, reading);
        let kind = match choice(&fields, "kind", &["delta", "full"], reading).as_deref() {
            Some("full") => StreamKind::Full,
            Some(_) => StreamKind::Delta,
            None => plan.kind.clone(),
        };
        let written = fields.text("endpoint", reading);
        let span = written.as_ref().map_or(entry.key.span, |text| text.span);
        let endpoint = written.map_or_else(|| plan.endpoint.clone(), |text| text.value);
        let message = endpoint_issue(&endpoint, &kind, &plan.relations);
        reading
            .report
            .extend(message.map(|message| Finding::new(Code::InvalidStream, span, message)));
        plan.per_cloud.retain(|(name, _)| name != cloud);
        plan.per_cloud.push(((*cloud).to_owned(), Variant::new(&endpoint, kind)));
    }
}

/// Reads `scan`. GD0801: only a delta stream has one, and it reads a collection.
pub(super) fn scan(
    mut plan: StreamPlan,
    fields: &Fields<'_>,
    reading: &mut Reading<'_>,
) -> StreamPlan {
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
    plan = plan.scan(path, partition.as_ref().map(|text| text.value.as_str()));
    plan
}

/// GD0801: keys that do not go together.
pub(super) fn check(plan: &StreamPlan, fields: &Fields<'_>, reading: &mut Reading<'_>) {
    let written = |key: &str| fields.get(key);
    let mut add = |span: Span, message: &str, help: &str| {
        let finding = Finding::new(Code::InvalidStream, span, message);
        reading.report.add(if help.is_empty() { finding } else { finding.help(help) });
    };
    if let Some(entry) = written("endpoint")
        && let Some(message) = endpoint_issue(&plan.endpoint, &plan.kind, &plan.relations)
    {
        add(entry.value.span, message, "");
    }
    if let Some(entry) = written("relations").filter(|_| !plan.is_delta()) {
        let help = "read them with a stream of `kind: edges`";
        add(entry.key.span, "only a delta query tracks relations", help);
    }
    let has_key = matches!(plan.kind, StreamKind::Full | StreamKind::Window);
    if let Some(entry) = written("key").filter(|_| !has_key) {
        let help = "leave it out: Graph reports removals and links by `id`";
        add(entry.key.span, "only a full stream or a log has a key of its own", help);
    }
    if let Some(entry) = written("of_type").filter(|_| plan.kind != StreamKind::Delta) {
        add(entry.key.span, "only a delta stream reads one type of several", "");
    }
}

/// A path below the version; edges that are read per owner have one placeholder, others none.
fn endpoint_issue(path: &str, kind: &StreamKind, relations: &[String]) -> Option<&'static str> {
    let placeholders = path.matches('{').count();
    let delta = path.ends_with("/delta");
    match kind {
        _ if path.is_empty() => None, // reported as missing
        _ if !is_path(path) => Some("a stream's endpoint is a path such as `/users/delta`"),
        StreamKind::Edges { .. } if delta => (placeholders > 0 || relations.len() != 1)
            .then_some("edges out of a delta query name its one relation under `relations`"),
        StreamKind::Edges { .. } => (placeholders != 1 || !path.contains("{id}"))
            .then_some("the endpoint of edges has one placeholder, `{id}`"),
        _ if placeholders > 0 => Some("only edges have a placeholder"),
        StreamKind::Delta if !delta => Some("a delta stream's endpoint ends in `/delta`"),
        StreamKind::Full | StreamKind::Window if delta => {
            Some("a delta query is read by a stream of `kind: delta`")
        }
        _ => None,
    }
}

fn is_path(path: &str) -> bool {
    path.starts_with('/') && !path.contains(['?', '#', ' '])
}
