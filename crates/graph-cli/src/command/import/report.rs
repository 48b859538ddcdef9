//! The report of a run: a table for people, JSON for programs.

use std::collections::BTreeMap;
use std::io::{self, Write as _};

use graph_import::{Report, StreamReport};
use serde_json::{Value, json};

use super::since::Counts;
use crate::args::{Format, ReportFormat};
use crate::command::query::closed;
use crate::failure::Failure;
use crate::output::{Rows, print_rows};

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
            print_rows(rows(report, edges, since), Format::Table).map_err(closed)?;
            writeln!(io::stdout(), "{}", line(report)).map_err(closed)
        }
    }
}

fn rows(report: &Report, edges: &[String], since: Option<&BTreeMap<String, Counts>>) -> Rows {
    let columns =
        ["stream", "in the store", "new", "changed", "gone", "requests", "outcome", "completeness"];
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
    vec![
        stream.stream.clone().into(),
        stream.holdings.live.into(),
        new.into(),
        changed.into(),
        gone.into(),
        stream.requests.into(),
        stream.outcome.to_string().into(),
        stream.completeness.to_string().into(),
    ]
}

fn line(report: &Report) -> String {
    format!(
        "run {} {}: {} requests, {} resource units, tenant {}",
        report.run,
        report.status.as_str(),
        report.requests,
        report.resource_units,
        report.tenant
    )
}
