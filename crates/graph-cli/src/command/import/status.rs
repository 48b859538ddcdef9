//! `graphctl import status`: what a store holds and how its last runs ended.

use std::io::{self, Write as _};

use serde_json::{Value, json};

use crate::args::{Format, Globals, ReportFormat};
use crate::command::query::{self, closed};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::notice::Notice;
use crate::output::{Rows, print_rows, print_value};
use crate::store;

const STREAMS: &str = "select stream, phase, generation, pages, items, committed_at from import_stream order by stream";
const RUNS: &str =
    "select run, status, started_at, ended_at, requests, resource_units from import_runs limit 10";

pub(crate) fn run(
    output: ReportFormat,
    globals: &Globals,
    notice: Notice,
) -> Result<Exit, Failure> {
    let path = store::to_read(globals, notice)?;
    let connection = query::open(&path)?;
    let (streams, runs) = (query::rows(&connection, STREAMS)?, query::rows(&connection, RUNS)?);
    match output {
        ReportFormat::Json => {
            let value = json!({"store": path, "streams": objects(streams), "runs": objects(runs)});
            print_value(&value, Format::Json).map_err(closed)?;
        }
        ReportFormat::Text => {
            print_rows(streams, Format::Table).map_err(closed)?;
            print_rows(runs, Format::Table).map_err(closed)?;
            writeln!(io::stdout(), "store {}", path.display()).map_err(closed)?;
        }
    }
    Ok(Exit::Done)
}

fn objects(rows: Rows) -> Vec<Value> {
    let Rows { columns, rows } = rows;
    rows.into_iter().map(|row| columns.iter().cloned().zip(row).collect()).collect()
}
