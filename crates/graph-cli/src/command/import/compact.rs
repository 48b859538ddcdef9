//! `graphctl import compact`: forgets what is older than its retention.

use std::io::{self, Write as _};
use std::time::Duration;

use graph_import::SqliteStore;
use graph_import::sqlite::{Compacted, Retention};
use graph_transport::{Clock as _, SystemClock};
use jiff::Timestamp;
use serde_json::json;

use super::unusable;
use crate::args::{CompactArgs, Format, Globals, ReportFormat};
use crate::command::query::closed;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::notice::Notice;
use crate::output::print_value;
use crate::quantity::{of, size};
use crate::store;

pub(crate) fn run(args: &CompactArgs, globals: &Globals, notice: Notice) -> Result<Exit, Failure> {
    let path = store::to_read(globals, notice)?;
    let retention = Retention {
        history: days(args.history),
        changes: days(args.changes),
        undelivered: 3 * days(args.changes),
        tombstones: days(args.tombstones),
        vacuum: args.vacuum,
    };
    let now = Timestamp::try_from(SystemClock.now())
        .map_err(|error| Failure::new(Exit::Failed, "the clock is wrong").because(&error))?;
    let compacted = SqliteStore::new(&path).compact(&retention, now);
    let compacted = compacted.map_err(|error| unusable(&error))?;
    match args.output {
        ReportFormat::Json => print_value(&json!(compacted), Format::Json),
        ReportFormat::Text => print(&compacted),
    }
    .map_err(closed)?;
    Ok(Exit::Done)
}

fn print(it: &Compacted) -> io::Result<()> {
    let gone = [
        (it.states, "previous state"),
        (it.edges, "removed edge"),
        (it.changes, "change"),
        (it.tombstones, "content of a deleted object"),
    ];
    let gone: Vec<String> = gone
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, what)| of(count, what))
        .collect();
    let gone = if gone.is_empty() { "nothing".to_owned() } else { gone.join(", ") };
    let (before, after) = (size(it.bytes_before), size(it.bytes_after));
    let file = if it.bytes_after < it.bytes_before {
        format!("the file went from {before} to {after}")
    } else {
        format!("the file has {after}; --vacuum gives free space back to the file system")
    };
    writeln!(io::stdout(), "forgotten: {gone}\n{file}")
}

fn days(number: u32) -> Duration {
    Duration::from_secs(u64::from(number) * 24 * 60 * 60)
}
