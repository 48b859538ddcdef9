//! The report of a run: a table for people, JSON for programs.

use std::io::{self, Write as _};

use graph_import::{Report, StreamReport};
use serde_json::Value;

use crate::args::{Format, ReportFormat};
use crate::command::query::closed;
use crate::failure::Failure;
use crate::output::{Rows, print_rows};

pub(crate) fn print(report: &Report, format: ReportFormat) -> Result<(), Failure> {
    match format {
        ReportFormat::Json => writeln!(io::stdout(), "{}", report.to_json()).map_err(closed),
        ReportFormat::Text => {
            print_rows(rows(report), Format::Table).map_err(closed)?;
            writeln!(io::stdout(), "{}", line(report)).map_err(closed)
        }
    }
}

fn rows(report: &Report) -> Rows {
    let columns =
        ["stream", "in the store", "new", "changed", "gone", "requests", "outcome", "completeness"];
    Rows {
        columns: columns.map(str::to_owned).to_vec(),
        rows: report.streams.iter().map(row).collect(),
    }
}

fn row(stream: &StreamReport) -> Vec<Value> {
    let applied = &stream.applied;
    vec![
        stream.stream.clone().into(),
        stream.holdings.live.into(),
        (applied.inserted + applied.edges_added).into(),
        (applied.updated + applied.restored).into(),
        (applied.soft_deleted + applied.hard_deleted + applied.swept + applied.edges_removed)
            .into(),
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
