//! `graphctl import compact`: forgets what is older than its retention.

use std::io::{self, Write as _};
use std::time::Duration;

use graph_import::SqliteStore;
use graph_import::sqlite::Retention;
use graph_transport::{Clock as _, SystemClock};
use jiff::Timestamp;

use super::unusable;
use crate::args::{CompactArgs, Globals};
use crate::command::query::closed;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::notice::Notice;
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
    let report = serde_json::to_value(compacted).expect("numbers are JSON");
    writeln!(io::stdout(), "{report:#}").map_err(closed)?;
    Ok(Exit::Done)
}

fn days(number: u32) -> Duration {
    Duration::from_secs(u64::from(number) * 24 * 60 * 60)
}
