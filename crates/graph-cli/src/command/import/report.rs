//! The report of a run and its certificates: a table for people, JSON for programs.

use std::collections::BTreeMap;
use std::io::{self, Write as _};

use graph_import::{Completeness, Report, StreamOutcome, StreamReport, Truncation};
use serde_json::{Value, json};

use super::since::Counts;
use crate::args::ReportFormat;
use crate::command::query::closed;
use crate::failure::Failure;
use crate::output::{Rows, print_table};
use crate::quantity::{number, of};
use crate::terminal::escape;

/// `edges` are the names of the streams that read edges; `since` counts what changed since another
/// moment than the beginning of this run.
pub(crate) fn print(
    report: &Report,
    edges: &[String],
    since: Option<&BTreeMap<String, Counts>>,
    format: ReportFormat,
) -> Result<(), Failure> {
    match format {
        ReportFormat::Json => {
            let mut value: Value = serde_json::from_str(&report.to_json()).unwrap_or_default();
            for (stream, counts) in since.into_iter().flatten() {
                let Counts { new, changed, gone } = counts;
                value["since"][stream] = json!({ "new": new, "changed": changed, "gone": gone });
            }
            writeln!(io::stdout(), "{value}").map_err(closed)
        }
        ReportFormat::Text => {
            print_table(rows(report, edges, since), &SPARE).map_err(closed)?;
            writeln!(io::stdout(), "{}", foot(report, edges).join("\n")).map_err(closed)
        }
    }
}

/// Columns that a narrow terminal does without; the JSON has all.
const SPARE: [&str; 5] = ["requests", "read again", "counted", "changed", "read by"];

fn rows(report: &Report, edges: &[String], since: Option<&BTreeMap<String, Counts>>) -> Rows {
    let columns = [
        "stream",
        "in the store",
        "new",
        "changed",
        "gone",
        "requests",
        "read by",
        "counted",
        "read again",
        "certificate",
    ];
    Rows {
        columns: columns.map(str::to_owned).to_vec(),
        rows: report
            .streams
            .iter()
            .map(|stream| {
                let counts = match since {
                    Some(since) => since.get(&stream.stream).copied().unwrap_or_default(),
                    None => counts(stream, edges.contains(&stream.stream)),
                };
                row(stream, counts)
            })
            .collect(),
    }
}

/// What this run changed.
fn counts(stream: &StreamReport, of_edges: bool) -> Counts {
    let applied = &stream.applied;
    // A deleted object closes its edges; those are counted where edges are.
    if of_edges {
        return Counts { new: applied.edges_added, changed: 0, gone: applied.edges_removed };
    }
    Counts {
        new: applied.inserted,
        changed: applied.updated + applied.restored,
        gone: applied.soft_deleted + applied.hard_deleted + applied.swept,
    }
}

fn row(stream: &StreamReport, counts: Counts) -> Vec<Value> {
    let Counts { new, changed, gone } = counts;
    let counted = stream.counts.and_then(|it| Some((it.distinct, it.at_end?)));
    let sample = stream.sample.filter(|it| it.reread > 0);
    let of = |(found, all): (u64, u64)| Value::from(format!("{found} of {all}"));
    vec![
        stream.stream.clone().into(),
        stream.holdings.live.into(),
        new.into(),
        changed.into(),
        gone.into(),
        stream.requests.into(),
        read_by(stream).into(),
        counted.map_or(Value::Null, of),
        sample.map_or(Value::Null, |it| of((it.equal + it.pending, it.reread))),
        verdict(stream).into(),
    ]
}

/// How the stream was read in this run.
fn read_by(stream: &StreamReport) -> &'static str {
    match (&stream.edges, stream.source) {
        (Some(edges), _) if stream.full => edges.strategy.as_str(),
        (_, Some(source)) if stream.full => source.as_str(),
        _ if stream.outcome == StreamOutcome::Granted => "changes",
        _ => "",
    }
}

/// One word; the reasons are below the table.
pub(super) fn verdict(stream: &StreamReport) -> &'static str {
    match (&stream.outcome, &stream.completeness) {
        (StreamOutcome::Granted, Completeness::Proven) => "proven",
        (StreamOutcome::Granted, Completeness::Provisional(_)) => "provisional",
        (StreamOutcome::OwnerNotRead(_), _) if !stream.required => "not read",
        (outcome, _) if outcome.is_refusal() && !stream.required => "not read",
        _ => "partial",
    }
}

/// Of edges; the owners' own reasons are told.
const OWNER_NOT_READ: &str = "the stream that owns them is not";

/// What the table leaves to be said, and the run as a whole.
fn foot(report: &Report, edges: &[String]) -> Vec<String> {
    let mut lines = Vec::new();
    for (reason, streams) in grouped(report, |stream| {
        let reason = match &stream.completeness {
            Completeness::Proven => return Vec::new(),
            _ if matches!(stream.outcome, StreamOutcome::OwnerNotRead(_)) => OWNER_NOT_READ,
            Completeness::Provisional(reason) | Completeness::Partial(reason) => &**reason,
        };
        vec![format!("{}: {reason}", verdict(stream))]
    }) {
        lines.push(format!("{} ({})", escape(&reason), streams.join(", ")));
    }
    for (warning, streams) in grouped(report, |stream| stream.warnings.clone()) {
        lines.push(format!("warning: {} ({})", escape(&warning), streams.join(", ")));
    }
    lines.extend(at_rest(report, edges));
    lines.extend(report.streams.iter().filter_map(scope));
    lines.push(format!("left out: {}", left_out(report)));
    let verdict = match &report.completeness {
        Completeness::Proven => ", proven",
        Completeness::Provisional(_) => ", provisional",
        Completeness::Partial(_) => "",
    };
    lines.push(format!(
        "run {} {}{verdict}: {}, {}, tenant {}",
        report.run,
        report.status.as_str(),
        of(report.requests, "request"),
        of(report.resource_units, "resource unit"),
        report.tenant
    ));
    lines
}

/// Edges that the store keeps and does not show: without them its numbers do not add up.
fn at_rest(report: &Report, edges: &[String]) -> Option<String> {
    let rests = |it: &&StreamReport| it.holdings.deleted > 0 && edges.contains(&it.stream);
    let resting = report.streams.iter().filter(rests);
    let all: Vec<String> =
        resting.map(|it| format!("{} of {}", number(it.holdings.deleted), it.stream)).collect();
    let why = "at rest, because one of their ends is in the recycle bin";
    (!all.is_empty()).then(|| format!("{why}: {}", all.join(", ")))
}

/// What a filter left to be read, and how many objects of the store it does not.
fn scope(stream: &StreamReport) -> Option<String> {
    let filter = stream.filter.as_deref()?;
    let others = match stream.holdings.out_of_scope {
        0 => String::new(),
        others => format!("; {} of the store are out of scope", number(others)),
    };
    Some(format!("read of {}: {}{others}", stream.stream, escape(filter)))
}

/// What streams say, each once, with the streams that say it.
fn grouped(
    report: &Report,
    say: impl Fn(&StreamReport) -> Vec<String>,
) -> Vec<(String, Vec<&str>)> {
    let mut said: Vec<(String, Vec<&str>)> = Vec::new();
    for stream in &report.streams {
        for text in say(stream) {
            match said.iter_mut().find(|(known, _)| *known == text) {
                Some((_, streams)) => streams.push(&stream.stream),
                None => said.push((text, vec![&stream.stream])),
            }
        }
    }
    said
}

fn left_out(report: &Report) -> String {
    // Of a stream that has ended early, what was read before stands.
    let (unread, cut): (Vec<&StreamReport>, Vec<&StreamReport>) = report
        .streams
        .iter()
        .filter(|it| it.outcome != StreamOutcome::Granted)
        .partition(|it| verdict(it) == "not read" || it.holdings.live == 0);
    let parts = |stream: &StreamReport| -> Vec<String> {
        let part = |it: &Truncation| {
            let count = it.count.map_or(String::new(), |count| format!("{} ", number(count)));
            let what = match it.what {
                "hidden_members" => "hidden lists".to_owned(),
                what => what.replace('_', " "),
            };
            format!("{count}{what} of {}", stream.stream)
        };
        stream.truncated.iter().map(part).collect()
    };
    let mut all: Vec<String> = report.streams.iter().flat_map(parts).collect();
    for (what, streams) in [("all", unread), ("the rest", cut)] {
        if !streams.is_empty() {
            let names: Vec<&str> = streams.iter().map(|it| it.stream.as_str()).collect();
            all.push(format!("{what} of {}", names.join(", ")));
        }
    }
    if all.is_empty() { "nothing".to_owned() } else { all.join("; ") }
}
