//! The report of a run: a table for people, JSON for programs.

use std::io::{self, Write as _};

use graph_import::{Report, StreamReport};
use serde_json::Value;

use crate::args::{Format, ReportFormat};
use crate::command::query::closed;
use crate::failure::Failure;
use crate::output::{Rows, print_rows};

/// `edges` are the names of the streams that read edges.
pub(crate) fn print(
    report: &Report,
    edges: &[String],
    format: ReportFormat,
) -> Result<(), Failure> {
    match format {
        ReportFormat::Json => writeln!(io::stdout(), "{}", report.to_json()).map_err(closed),
        ReportFormat::Text => {
            print_rows(rows(report, edges), Format::Table).map_err(closed)?;
            writeln!(io::stdout(), "{}", line(report)).map_err(closed)
        }
    }
}

fn rows(report: &Report, edges: &[String]) -> Rows {
    let columns =
        ["stream", "in the store", "new", "changed", "gone", "requests", "outcome", "completeness"];
    Rows {
        columns: columns.map(str::to_owned).to_vec(),
        rows: report
            .streams
            .iter()
            .map(|stream| row(stream, edges.contains(&stream.stream)))
            .collect(),
    }
}

fn row(stream: &StreamReport, of_edges: bool) -> Vec<Value> {
    let applied = &stream.applied;
    // A deleted object closes its edges; those are counted where edges are.
    let [new, changed, gone] = if of_edges {
        [applied.edges_added, 0, applied.edges_removed]
    } else {
        let gone = applied.soft_deleted + applied.hard_deleted + applied.swept;
        [applied.inserted, applied.updated + applied.restored, gone]
    };
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
