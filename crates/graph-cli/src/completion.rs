//! What a shell is offered after TAB: the commands of the catalogue in use, their arguments, the codes.

use std::ffi::{OsStr, OsString};

use clap::CommandFactory as _;
use clap_complete::CompleteEnv;
use clap_complete::engine::{ArgValueCompleter, CompletionCandidate};
use graph_admin::Compound;
use graph_dsl::{Argument, ArgumentKind, Code};

use crate::args::{Cli, Globals};
use crate::system;

/// The variable by which a shell asks; the scripts of `graphctl completions` set it.
pub(crate) const VARIABLE: &str = "GRAPHCTL_COMPLETE";

/// Answers a shell that asks for candidates, and ends the process then.
pub(crate) fn answer() {
    CompleteEnv::with_factory(Cli::command).var(VARIABLE).complete();
}

/// Names of commands, as `run` takes them.
pub(crate) fn commands() -> ArgValueCompleter {
    ArgValueCompleter::new(|current: &OsStr| {
        let Ok(loaded) = system::load(&Globals::of_line(words())) else { return Vec::new() };
        let plans = loaded.system.catalogue.iter();
        let plans = plans.map(|plan| (plan.full_name(), plan.summary.clone().unwrap_or_default()));
        let compounds = Compound::all().iter().map(|it| (it.name.to_owned(), it.summary.into()));
        let named = plans.chain(compounds).map(|(name, summary)| candidate(name, &summary));
        beginning_with(current, named)
    })
}

/// `name=` of the arguments that the command on the line takes, and the values of those that list them.
pub(crate) fn arguments() -> ArgValueCompleter {
    ArgValueCompleter::new(|current: &OsStr| {
        let Ok(loaded) = system::load(&Globals::of_line(words())) else { return Vec::new() };
        let catalogue = &loaded.system.catalogue;
        let signature = words().filter_map(|word| word.into_string().ok()).find_map(|word| {
            let plan = catalogue.get(&word).map(|plan| plan.signature.arguments.clone());
            plan.or_else(|| Some(Compound::named(&word)?.signature().arguments.clone()))
        });
        let offered = signature.unwrap_or_default().into_iter().flat_map(candidates);
        beginning_with(current, offered)
    })
}

/// Diagnostic codes, as `explain` takes them.
pub(crate) fn codes() -> ArgValueCompleter {
    ArgValueCompleter::new(|current: &OsStr| {
        let codes = Code::ALL.iter().map(|code| candidate(code.to_string(), code.title()));
        beginning_with(current, codes)
    })
}

/// `name=`, or a whole word for each value that there is.
fn candidates(argument: Argument) -> Vec<CompletionCandidate> {
    let Argument { name, kind, summary, .. } = argument;
    let summary = summary.unwrap_or_else(|| kind.name().to_string());
    let values = match kind {
        ArgumentKind::Enum(values) => values,
        ArgumentKind::Bool => vec!["true".to_owned(), "false".to_owned()],
        _ => return vec![candidate(format!("{name}="), &summary)],
    };
    values.into_iter().map(|value| candidate(format!("{name}={value}"), &summary)).collect()
}

fn candidate(word: String, summary: &str) -> CompletionCandidate {
    CompletionCandidate::new(word).help(Some(summary.to_owned().into()))
}

fn beginning_with(
    current: &OsStr,
    candidates: impl Iterator<Item = CompletionCandidate>,
) -> Vec<CompletionCandidate> {
    let current = current.to_string_lossy().into_owned();
    candidates.filter(|it| it.get_value().to_string_lossy().starts_with(&current)).collect()
}

/// The line as far as it is written, `graphctl` first: the shell passes it after `--`.
fn words() -> impl Iterator<Item = OsString> {
    std::env::args_os().skip_while(|word| word != "--").skip(1)
}
