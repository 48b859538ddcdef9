//! `graphctl import verify`: a sample of the store, or all of it, held against Graph.

use std::io::{self, Write as _};

use graph_import::sqlite::StoreReader;
use graph_import::{
    FoundDifference, ObjectId, Stop, StreamVerification, Verification, VerifiedDifference, Verify,
};
use serde_json::{Value, json};

use super::progress::Progress;
use super::subject::Subject;
use super::{stopped, unusable};
use crate::args::{ChoiceArgs, Format, Globals, ImportVerifyArgs, ReportFormat, SimulationArgs};
use crate::command::query::closed;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::interrupt::Interrupts;
use crate::notice::Notice;
use crate::output::{Rows, print_rows, print_table, print_value};
use crate::quantity::{number, of};
use crate::store;

/// Ids of a difference that are shown to people.
const SHOWN: usize = 3;
/// Differences that are shown to people.
const LISTED: usize = 100;

pub(super) async fn run(
    args: &ImportVerifyArgs,
    globals: &Globals,
    notice: Notice,
    interrupts: &Interrupts,
) -> Result<Exit, Failure> {
    let path = store::to_read(globals, notice)?;
    let reader = StoreReader::open(&path).map_err(|error| unusable(&error))?;
    let known = reader.streams().map_err(|error| unusable(&error))?;
    if let Some(name) = args.streams.iter().find(|name| known.iter().all(|it| it.name != **name)) {
        return Err(store::no_stream(name, known.iter().map(|it| it.name.as_str())));
    }
    let simulation = SimulationArgs { simulate: args.simulate, users: None, seed: None };
    let chosen = ChoiceArgs::default();
    let subject = Subject::open(&simulation, &chosen, &path, (globals, notice), interrupts).await?;
    let mut what = Verify::default();
    what.sample = (!args.all).then_some(args.sample.get());
    what.seed = args.seed;
    what.streams.clone_from(&args.streams);
    let stop = Stop::new();
    let progress = Progress::new(notice, args.progress, subject.lanes.clone());
    let verification = {
        let verify = Box::pin(subject.importer.verify(reader, &what, &progress, &stop));
        super::watched(verify, (&progress, &stop), interrupts, || {}).await
    };
    subject.close().await;
    let verification = verification.map_err(|error| stopped(&error))?;
    match args.output {
        ReportFormat::Json => print_value(&json!(verification), Format::Json).map_err(closed)?,
        ReportFormat::Text => print(&verification).map_err(closed)?,
    }
    Ok(if verification.is_equal() { Exit::Done } else { Exit::Partial })
}

fn print(verification: &Verification) -> io::Result<()> {
    let columns =
        ["stream", "compared", "equal", "pending", "different", "unreadable", "compared with"];
    let row = |it: &StreamVerification| -> Vec<Value> {
        let numbers = [it.compared, it.equal, it.pending, it.different, it.unreadable];
        let numbers = numbers.map(Value::from);
        let with = if it.listed { "all of Graph" } else { "each by itself" };
        [vec![it.stream.clone().into()], numbers.to_vec(), vec![with.into()]].concat()
    };
    let rows = verification.streams.iter().map(row).collect();
    let rows = Rows { columns: columns.map(str::to_owned).to_vec(), rows };
    print_table(rows, &["compared with", "equal"])?;
    if !verification.differences.is_empty() {
        let columns = ["stream", "id", "what", "why"].map(str::to_owned).to_vec();
        // What is not explained comes first.
        let (explained, odd): (Vec<_>, Vec<_>) =
            verification.differences.iter().partition(|it| it.pending);
        let rows = odd.into_iter().chain(explained).take(LISTED).map(difference).collect();
        print_rows(Rows { columns, rows }, Format::Table)?;
    }
    let mut out = io::stdout().lock();
    let more = verification.differences.len().saturating_sub(LISTED) as u64;
    if more > 0 {
        writeln!(out, "and {} more; --output json has all", number(more))?;
    }
    writeln!(out, "{}", summary(verification))
}

fn summary(verification: &Verification) -> String {
    let sum = |count: fn(&StreamVerification) -> u64| -> u64 {
        verification.streams.iter().map(count).sum()
    };
    let mut parts =
        vec![format!("{} of {} equal", number(sum(|it| it.equal)), number(sum(|it| it.compared)))];
    for (count, what) in [
        (sum(|it| it.pending), "changed since the last import"),
        (sum(|it| it.different), "different"),
        (sum(|it| it.unreadable), "unreadable"),
    ] {
        if count > 0 {
            parts.push(format!("{} {what}", number(count)));
        }
    }
    parts.push(of(verification.requests, "request"));
    parts.join(", ")
}

fn difference(it: &VerifiedDifference) -> Vec<Value> {
    let what = match &it.what {
        FoundDifference::Missing => "the store does not have it".to_owned(),
        FoundDifference::Gone => "Graph does not know it".to_owned(),
        FoundDifference::Unreadable => "could not be read".to_owned(),
        FoundDifference::Properties(names) => format!("other values: {}", names.join(", ")),
        FoundDifference::Edges { missing, surplus } => {
            let parts = [("only in Graph", missing), ("only in the store", surplus)];
            let parts = parts.iter().filter(|(_, ids)| !ids.is_empty());
            parts
                .map(|(where_, ids)| format!("{where_}: {}", some(ids)))
                .collect::<Vec<_>>()
                .join("; ")
        }
        _ => "differs".to_owned(),
    };
    let why = match (&it.what, it.pending) {
        (_, true) => "the next import brings it",
        (FoundDifference::Unreadable, _) => "nothing is known of it",
        _ => "no delta reports it: `graphctl import --full`",
    };
    vec![it.stream.clone().into(), it.id.to_string().into(), what.into(), why.into()]
}

fn some(ids: &[ObjectId]) -> String {
    let mut text: Vec<String> = ids.iter().take(SHOWN).map(ToString::to_string).collect();
    if ids.len() > SHOWN {
        text.push(format!("and {} more", ids.len() - SHOWN));
    }
    text.join(", ")
}
