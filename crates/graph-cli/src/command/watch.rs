//! `graphctl watch`: the change feed, as JSON lines.

use std::io::{self, Write as _};
use std::path::Path;
use std::time::Duration;

use graph_import::sqlite::{ChangeConsumer, StoreReader};
use graph_import::{Change, StoreError};

use crate::args::{Globals, WatchArgs};
use crate::command::import::unusable;
use crate::command::query::{self, closed};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::interrupt::Interrupts;
use crate::notice::Notice;
use crate::store;

/// Changes that are read at once.
const BATCH: usize = 500;
/// How long to wait before looking for more.
const PAUSE: Duration = Duration::from_millis(500);

pub(crate) async fn run(
    args: WatchArgs,
    globals: &Globals,
    notice: Notice,
    interrupts: &Interrupts,
) -> Result<Exit, Failure> {
    let path = store::to_read(globals, notice)?;
    if let Some(name) = args.consumer.as_ref().filter(|_| args.forget) {
        return forget(&path, name);
    }
    known(&path, &args.streams)?;
    let mut place = Place::new(&args, &path).map_err(|error| unusable(&error))?;
    loop {
        let batch = place.next(&path).map_err(|error| unusable(&error))?;
        let Some(last) = batch.last().map(|change| change.number) else {
            if args.once {
                return Ok(Exit::Done);
            }
            tokio::select! {
                () = tokio::time::sleep(PAUSE) => continue,
                () = interrupts.nth(1) => return Ok(Exit::Done),
            }
        };
        print(&batch, &args.streams).map_err(closed)?;
        // Only what has left this process counts as delivered.
        place.reached(last).map_err(|error| unusable(&error))?;
        // A long feed must not keep a request to stop from being heard.
        tokio::task::yield_now().await;
        if interrupts.count() > 0 {
            return Ok(Exit::Done);
        }
    }
}

/// Refuses a stream that no import has brought.
fn known(path: &Path, streams: &[String]) -> Result<(), Failure> {
    let reader = StoreReader::open(path).map_err(|error| unusable(&error))?;
    let known = reader.streams().map_err(|error| unusable(&error))?;
    let unknown = |name: &&String| known.iter().all(|it| it.name != **name);
    match streams.iter().find(unknown) {
        Some(name) => Err(store::no_stream(name, known.iter().map(|it| it.name.as_str()))),
        None => Ok(()),
    }
}

fn forget(path: &Path, name: &str) -> Result<Exit, Failure> {
    let consumers = query::rows(&query::open(path)?, "select name from import_consumers")?;
    let mut known: Vec<String> = consumers
        .rows
        .into_iter()
        .flatten()
        .filter_map(|it| Some(it.as_str()?.to_owned()))
        .collect();
    if !known.iter().any(|it| it == name) {
        let failure = Failure::usage(format!("there is no consumer `{name}`"));
        known.sort();
        return Err(if known.is_empty() {
            failure.hint("the store has none")
        } else {
            failure.hint(format!("the store has {}", known.join(", ")))
        });
    }
    let forgotten = ChangeConsumer::open(path, name).and_then(ChangeConsumer::forget);
    forgotten.map(|()| Exit::Done).map_err(|error| unusable(&error))
}

/// Where the watch stands: in the store, or in this process alone.
enum Place {
    Consumer(ChangeConsumer),
    After(u64),
}

impl Place {
    fn new(args: &WatchArgs, path: &Path) -> Result<Self, StoreError> {
        if let Some(name) = &args.consumer {
            return ChangeConsumer::open(path, name).map(Self::Consumer);
        }
        Ok(Self::After(match args.from {
            Some(first) => first.saturating_sub(1),
            None => StoreReader::open(path)?.oldest_change()?.saturating_sub(1),
        }))
    }

    fn next(&self, path: &Path) -> Result<Vec<Change>, StoreError> {
        match self {
            Self::Consumer(consumer) => consumer.next(BATCH),
            // Opened anew each time: a reader shows one state, and keeps the store's log from ending.
            Self::After(number) => StoreReader::open(path)?.changes(*number, BATCH),
        }
    }

    fn reached(&mut self, number: u64) -> Result<(), StoreError> {
        match self {
            Self::Consumer(consumer) => consumer.acknowledge(number),
            Self::After(last) => {
                *last = number;
                Ok(())
            }
        }
    }
}

fn print(batch: &[Change], streams: &[String]) -> io::Result<()> {
    let mut out = io::BufWriter::new(io::stdout().lock());
    for change in batch.iter().filter(|it| streams.is_empty() || streams.contains(&it.stream)) {
        serde_json::to_writer(&mut out, change)?;
        writeln!(out)?;
    }
    out.flush()
}
