//! `graphctl import status`: where each stream of a store stands, what its rows can be relied on
//! for, and how the last runs ended. Reads the store alone.

mod standing;

use std::io::{self, Write as _};

use graph_transport::{Clock as _, SystemClock};
use jiff::Timestamp;
use serde_json::{Value, json};

use self::standing::Standing;
use crate::args::{Format, Globals, ReportFormat};
use crate::command::query::{self, closed};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::notice::Notice;
use crate::output::{Rows, print_table, print_value};
use crate::store;

const RUNS: &str = "select run, status, started_at, ended_at, requests, resource_units as \"resource units\" \
     from import_runs limit 10";

pub(crate) fn run(
    output: ReportFormat,
    globals: &Globals,
    notice: Notice,
) -> Result<Exit, Failure> {
    let path = store::to_read(globals, notice)?;
    let connection = query::open(&path)?;
    let now = Timestamp::try_from(SystemClock.now()).unwrap_or(Timestamp::UNIX_EPOCH);
    let streams = standing::read(&connection, now)?;
    let mut runs = query::rows(&connection, RUNS)?;
    if !graph_import::sqlite::is_being_written(&path) {
        killed(&mut runs);
    }
    let tenant = query::rows(&connection, "select value from import_meta where key = 'tenant_id'")?;
    let tenant = tenant.rows.into_iter().flatten().next().unwrap_or_default();
    match output {
        ReportFormat::Json => {
            let streams: Vec<Value> = streams.iter().map(Standing::json).collect();
            let value = json!({
                "store": path, "tenant": tenant, "streams": streams, "runs": objects(runs),
            });
            print_value(&value, Format::Json).map_err(closed)?;
        }
        ReportFormat::Text => {
            print(&streams, runs).map_err(closed)?;
            let tenant = tenant.as_str().unwrap_or_default();
            writeln!(io::stdout(), "store {}, tenant {tenant}", path.display()).map_err(closed)?;
        }
    }
    Ok(Exit::Done)
}

fn print(streams: &[Standing], runs: Rows) -> io::Result<()> {
    let columns =
        ["stream", "objects", "generation", "last read", "run", "certificate", "delta link"];
    let rows = streams.iter().map(Standing::row).collect();
    let rows = Rows { columns: columns.map(str::to_owned).to_vec(), rows };
    print_table(rows, &["run", "generation", "last read"])?;
    let mut out = io::stdout().lock();
    for (text, names) in standing::remarks(streams) {
        writeln!(out, "{text} ({})", names.join(", "))?;
    }
    writeln!(out)?;
    drop(out);
    print_table(runs, &["resource units", "requests", "ended_at"])
}

/// Calls a run by what has become of it: its process is not there any more, and the next one will note it.
fn killed(runs: &mut Rows) {
    for status in runs.rows.iter_mut().filter_map(|row| row.get_mut(1)) {
        if status == "running" {
            *status = "killed".into();
        }
    }
}

fn objects(rows: Rows) -> Vec<Value> {
    let Rows { columns, rows } = rows;
    let name = |column: &String| column.replace(' ', "_");
    rows.into_iter().map(|row| columns.iter().map(name).zip(row).collect()).collect()
}
