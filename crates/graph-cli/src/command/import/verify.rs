//! `graphctl import verify`: a sample of the store, or all of it, held against Graph.

use std::io;

use graph_import::sqlite::StoreReader;
use graph_import::{FoundDifference, ObjectId, Stop, Verification, VerifiedDifference, Verify};
use serde_json::{Value, json};

use super::subject::Subject;
use super::{stopped, unusable};
use crate::args::{ChoiceArgs, Format, Globals, ImportVerifyArgs, ReportFormat, SimulationArgs};
use crate::command::query::closed;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::interrupt::Interrupts;
use crate::notice::Notice;
use crate::output::{Rows, print_rows, print_value};
use crate::store;

/// Ids of a difference that are shown to people.
const SHOWN: usize = 3;

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
        let names: Vec<&str> = known.iter().map(|it| it.name.as_str()).collect();
        return Err(Failure::usage(format!("the store has no stream `{name}`"))
            .hint(format!("it has {}", names.join(", "))));
    }
    let simulation = SimulationArgs { simulate: args.simulate, users: None, seed: None };
    let chosen = ChoiceArgs::default();
    let subject = Subject::open(&simulation, &chosen, &path, (globals, notice), interrupts).await?;
    let mut what = Verify::default();
    what.sample = (!args.all).then_some(args.sample);
    what.seed = args.seed;
    what.streams.clone_from(&args.streams);
    let stop = Stop::new();
    let verification = {
        let verify = subject.importer.verify(reader, &what, &stop);
        tokio::pin!(verify);
        tokio::select! {
            result = &mut verify => result,
            () = interrupts.nth(1) => {
                stop.stop();
                verify.await
            }
        }
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
    let columns = ["stream", "compared", "equal", "pending", "different", "unreadable"];
    let row = |it: &graph_import::StreamVerification| -> Vec<Value> {
        let numbers = [it.compared, it.equal, it.pending, it.different, it.unreadable];
        std::iter::once(it.stream.clone().into()).chain(numbers.map(Value::from)).collect()
    };
    let rows = verification.streams.iter().map(row).collect();
    print_rows(Rows { columns: columns.map(str::to_owned).to_vec(), rows }, Format::Table)?;
    if !verification.differences.is_empty() {
        let columns = ["stream", "id", "what", "why"].map(str::to_owned).to_vec();
        let rows = verification.differences.iter().map(difference).collect();
        print_rows(Rows { columns, rows }, Format::Table)?;
    }
    Ok(())
}

fn difference(it: &VerifiedDifference) -> Vec<Value> {
    let what = match &it.what {
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
        (_, true) => "changed since the last import, which the next one brings",
        (FoundDifference::Unreadable, _) => "nothing is known of it",
        _ => "not reported by the delta: `graphctl import --full` reads everything again",
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
