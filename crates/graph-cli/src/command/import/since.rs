//! `--since`: what changed since a run or an instant, out of the store's change feed.

use std::collections::BTreeMap;
use std::path::Path;

use graph_import::sqlite::{Moment, StoreReader};

use super::unusable;
use crate::command::query;
use crate::failure::Failure;

/// Changes of one stream.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Counts {
    pub(crate) new: u64,
    pub(crate) changed: u64,
    pub(crate) gone: u64,
}

/// The run whose end the moment is.
pub(crate) fn run(path: &Path, moment: &Moment) -> Result<u64, Failure> {
    if !path.exists() {
        return Err(Failure::usage(format!(
            "there is no store at `{}`, so nothing has changed since {moment}",
            path.display()
        ))
        .hint("leave --since out of a first import"));
    }
    let reader = StoreReader::open(path).map_err(|error| unusable(&error))?;
    let run = reader.run(moment).map_err(|error| unusable(&error))?;
    if reader.keeps_changes_since(run).map_err(|error| unusable(&error))? {
        return Ok(run);
    }
    Err(Failure::usage(format!("the changes since run {run} are no longer kept"))
        .hint("take a later moment; `graphctl import diff` compares states, which are kept longer"))
}

/// The changes by stream, of all runs after this one.
pub(crate) fn changes(path: &Path, run: u64) -> Result<BTreeMap<String, Counts>, Failure> {
    let sql = format!(
        "select stream, operation, count(*) from import_change
         where run > {run} and coalesce(cause, '') not in ('left_scope', 'entered_scope') group by 1, 2"
    );
    let mut found: BTreeMap<String, Counts> = BTreeMap::new();
    for row in query::rows(&query::open(path)?, &sql)?.rows {
        let [stream, operation, count] = row.as_slice() else { continue };
        let counts = found.entry(stream.as_str().unwrap_or_default().to_owned()).or_default();
        let count = count.as_u64().unwrap_or(0);
        match operation.as_str() {
            Some("created" | "restored" | "added") => counts.new += count,
            Some("updated") => counts.changed += count,
            Some("deleted" | "removed") => counts.gone += count,
            _ => {}
        }
    }
    Ok(found)
}
