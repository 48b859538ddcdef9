//! `graphctl import plan`: what the next import would ask of Graph, before it asks.

use std::io::{self, Write as _};

use graph_import::{BindingLimit, ImportPlan, StreamForecast, StreamOutcome};
use serde_json::{Value, json};

use super::subject::Subject;
use crate::args::{Format, Globals, ImportPlanArgs, ReportFormat};
use crate::command::query::closed;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::interrupt::Interrupts;
use crate::notice::Notice;
use crate::output::{Rows, print_table, print_value};
use crate::quantity::{number, of, size, time};
use crate::store;

pub(super) async fn run(
    args: &ImportPlanArgs,
    globals: &Globals,
    notice: Notice,
    interrupts: &Interrupts,
) -> Result<Exit, Failure> {
    let path = store::to_write(globals, args.simulation.simulate)?;
    let (simulation, chosen) = (&args.simulation, &args.choice);
    let mut subject =
        Subject::open(simulation, chosen, &path, (globals, notice), interrupts).await?;
    subject.importer = super::sampling(subject.importer.full(args.full), args.sample);
    let plan = tokio::select! {
        plan = subject.importer.plan_and_probe(subject.granted.as_ref()) => plan,
        () = interrupts.nth(1) => return Err(Failure::interrupted()),
    };
    subject.close().await;
    let plan = plan.map_err(|error| super::stopped(&error))?;
    match args.output {
        ReportFormat::Json => print_value(&json!(plan), Format::Json).map_err(closed)?,
        ReportFormat::Text => print(&plan).map_err(closed)?,
    }
    if !plan.missing_permissions.is_empty() {
        notice.say(&format!("not granted: {}", plan.missing_permissions.join(", ")));
    }
    Ok(if plan.is_refused() { Exit::Refused } else { Exit::Done })
}

fn print(plan: &ImportPlan) -> io::Result<()> {
    let columns = [
        "stream",
        "source",
        "strategy",
        "objects",
        "requests",
        "resource units",
        "time",
        "limited by",
        "outcome",
    ];
    let rows = plan.streams.iter().map(row).collect();
    let rows = Rows { columns: columns.map(str::to_owned).to_vec(), rows };
    print_table(rows, &["limited by", "time", "strategy", "resource units"])?;
    let total = &plan.total;
    let round = if plan.incremental { "the next round" } else { "the first import" };
    let sample = plan.sample.requests;
    let sample = (sample > 0).then(|| format!(" ({} for the sample)", number(sample)));
    let sample = sample.unwrap_or_default();
    let line = format!(
        "{round}: about {}{sample}, {}, {}, limited by {}",
        of(total.requests, "request"),
        of(total.resource_units, "resource unit"),
        time(total.seconds()),
        limit(plan.binding)
    );
    let growth = plan.store_bytes.filter(|bytes| *bytes > 0 && !plan.incremental);
    let growth = growth.map(|bytes| format!("; the store grows by about {}", size(bytes)));
    writeln!(io::stdout(), "{line}{}", growth.unwrap_or_default())?;
    let mut notes: Vec<(&str, Vec<&str>)> = Vec::new();
    for it in plan.streams.iter().filter(|it| is_open(it)) {
        let Some(note) = it.note else { continue };
        match notes.iter_mut().find(|(known, _)| *known == note) {
            Some((_, streams)) => streams.push(&it.stream),
            None => notes.push((note, vec![&it.stream])),
        }
    }
    for (note, streams) in notes {
        writeln!(io::stdout(), "{note}: {}", streams.join(", "))?;
    }
    Ok(())
}

fn row(it: &StreamForecast) -> Vec<Value> {
    let open = is_open(it);
    let cost = |value: Value| if open { value } else { Value::Null };
    vec![
        it.stream.clone().into(),
        it.source.into(),
        it.strategy.map_or(Value::Null, |strategy| strategy.as_str().into()),
        it.count.map_or(Value::Null, Value::from),
        cost(it.estimate.requests.into()),
        cost(it.estimate.resource_units.into()),
        cost(time(it.estimate.seconds()).into()),
        cost(limit(it.binding).into()),
        it.outcome.to_string().into(),
    ]
}

/// Whether the run would read it.
fn is_open(it: &StreamForecast) -> bool {
    it.outcome == StreamOutcome::Granted
}

const fn limit(binding: BindingLimit) -> &'static str {
    match binding {
        BindingLimit::Budget => "Graph's budget",
        _ => "latency",
    }
}
