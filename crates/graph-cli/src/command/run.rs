//! `graphctl run`: one command of the catalogue.

mod arguments;
mod confirm;
mod plan;

use std::fmt::Write as _;
use std::io;

use graph_dsl::{ArgumentError, CommandPlan, Envelope, Outcome, Root, Runner};
use serde_json::Value;

use crate::args::{Format, Globals, RunArgs};
use crate::command::catalogue;
use crate::command::query::closed;
use crate::exit::Exit;
use crate::failure::{Failure, hint};
use crate::notice::{self, Notice};
use crate::output::print_value;
use crate::simulation::{Simulation, State};
use crate::terminal::escape;
use crate::{connect, store, system};

pub(crate) async fn run(args: RunArgs, globals: &Globals, notice: Notice) -> Result<Exit, Failure> {
    let loaded = system::load(globals)?;
    let known = &loaded.system.catalogue;
    let command =
        known.get(&args.command).ok_or_else(|| catalogue::unknown(known, &args.command))?;
    let values = arguments::read(command, &args.arguments)?;
    let simulation = simulation(&args, globals).await?;
    if args.plan {
        let root = match &simulation {
            Some(simulation) => root(&simulation.server.graph_root())?,
            None => root(connect::cloud(&loaded)?.graph_root())?,
        };
        let request = command.bind(&values, &root).map_err(|errors| misfit(command, &errors))?;
        print_value(&plan::shown(command, &request, &root, &values), plain(args.output))
            .map_err(closed)?;
        return Ok(Exit::Done);
    }
    let runner = match &simulation {
        Some(simulation) => Runner::new(simulation.client()?),
        None => connect::runner(&loaded)?,
    };
    let root = root(runner.client().cloud().graph_root())?;
    let request = command.bind(&values, &root).map_err(|errors| misfit(command, &errors))?;
    if command.safety.destructive && !args.yes {
        confirm::ask(command, &request, io::stdin().lock(), io::stderr().lock())?;
    }
    let envelope = runner.send(command, &request).await;
    report(&envelope, command, args.output, notice)
}

/// A simulated tenant as the store's last import saw it; what a command changes there ends with this process.
async fn simulation(args: &RunArgs, globals: &Globals) -> Result<Option<Simulation>, Failure> {
    if !args.simulation.simulate {
        return Ok(None);
    }
    let state = State::of_store(&store::to_write(globals, true)?, &args.simulation)?;
    state.start(0).await.map(Some)
}

fn root(text: &str) -> Result<Root, Failure> {
    Root::new(text).map_err(|error| {
        Failure::usage("the connection's Graph root cannot be used").because(&error)
    })
}

/// All wrong arguments at once, before anything is sent.
fn misfit(command: &CommandPlan, errors: &[ArgumentError]) -> Failure {
    let what = format!("the arguments do not fit `{}`", command.full_name());
    let failure = errors.iter().fold(Failure::usage(what), Failure::because_of);
    failure.hint(format!("for example: {}", catalogue::example(command)))
}

fn report(
    envelope: &Envelope,
    command: &CommandPlan,
    format: Format,
    notice: Notice,
) -> Result<Exit, Failure> {
    match format {
        Format::Json | Format::Yaml => {
            let value = serde_json::to_value(envelope).expect("an envelope is JSON already");
            print_value(&value, format).map_err(closed)?;
        }
        _ if envelope.is_success() && envelope.data != Value::Null => {
            print_value(&envelope.data, format).map_err(closed)?;
        }
        _ => {}
    }
    if envelope.is_success() {
        if envelope.data == Value::Null {
            notice.say(&format!("{}: {}", command.full_name(), envelope.outcome()));
        }
        return Ok(Exit::Done);
    }
    notice::error(&refusal(envelope, command));
    Ok(exit(envelope))
}

/// The failure in a few lines: what, where, what is needed, the ids.
fn refusal(envelope: &Envelope, command: &CommandPlan) -> String {
    let detail = envelope.detail.as_ref();
    let error = detail.map(|detail| detail.error.clone()).unwrap_or_default();
    let mut text =
        format!("error: {}: {}: {}\n", command.full_name(), envelope.outcome(), escape(&error));
    let upstream = detail.and_then(|detail| detail.upstream.as_ref());
    if let Some(upstream) = upstream {
        let said = &upstream.detail["error"];
        if let (Some(code), Some(message)) = (said["code"].as_str(), said["message"].as_str()) {
            let _ = writeln!(text, "  Graph says: {}: {}", escape(code), escape(message));
        }
        let _ = writeln!(text, "  request: {} {}", command.method, escape(&upstream.url));
    }
    if let Some(needed) = &envelope.meta.needs_permission {
        let _ = writeln!(text, "  needs: {needed}");
    }
    if let Some(place) = &envelope.meta.defined_at {
        let _ = writeln!(text, "  defined at: {place}");
    }
    if let Some(id) = envelope.meta.request_ids.last() {
        let _ = writeln!(text, "  request-id: {}", escape(id));
    }
    if let Some(hint) = envelope.disposition().and_then(hint) {
        let _ = writeln!(text, "  hint: {hint}");
    }
    text
}

/// By the transport's classification; a write that may have happened is unavailable, not refused.
fn exit(envelope: &Envelope) -> Exit {
    match (envelope.outcome(), envelope.disposition()) {
        (Outcome::Unknown, _) => Exit::Unavailable,
        (_, Some(disposition)) => disposition.into(),
        (_, None) => Exit::Failed,
    }
}

/// A plan is one document: rows of it make no sense.
fn plain(format: Format) -> Format {
    if format == Format::Yaml { Format::Yaml } else { Format::Json }
}
