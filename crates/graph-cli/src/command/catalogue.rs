//! `graphctl catalogue`: what can be run, with its request and the permission it needs.

use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::process::ExitCode;

use clap::error::ErrorKind;
use graph_admin::Compound;
use graph_dsl::{Argument, ArgumentKind, Catalogue, CommandPlan};
use serde_json::{Value, json};

use crate::args::{CatalogueArgs, Format, Globals};
use crate::command::query::closed;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::{Rows, print_rows, print_value};
use crate::system;

pub(crate) fn run(args: &CatalogueArgs, globals: &Globals) -> Result<Exit, Failure> {
    let loaded = system::load(globals)?;
    let catalogue = &loaded.system.catalogue;
    let described = args.pattern.as_deref().and_then(|name| catalogue.get(name));
    let compound = args.pattern.as_deref().and_then(Compound::named);
    if let (None, Some(compound)) = (described, compound) {
        if args.output == Format::Table {
            io::stdout().write_all(describe_compound(compound).as_bytes()).map_err(closed)?;
        } else {
            print_value(&compound_as_value(compound), args.output).map_err(closed)?;
        }
        return Ok(Exit::Done);
    }
    match described {
        Some(plan) if args.output == Format::Table => {
            io::stdout().write_all(describe(plan).as_bytes()).map_err(closed)?;
        }
        Some(plan) => print_value(&as_value(plan), args.output).map_err(closed)?,
        None => {
            print_rows(listed(catalogue, args.pattern.as_deref())?, args.output).map_err(closed)?;
        }
    }
    Ok(Exit::Done)
}

/// `graphctl run user.get --help`: the help of that command instead of that of `run`.
pub(crate) fn help(error: &clap::Error) -> Option<ExitCode> {
    if error.kind() != ErrorKind::DisplayHelp {
        return None;
    }
    let words = std::env::args().skip_while(|word| word != "run").skip(1);
    let words: Vec<String> = words.filter(|word| !word.starts_with('-')).collect();
    if words.is_empty() {
        return None; // nothing is compiled to print flags
    }
    let loaded = system::load(&Globals::of_line(std::env::args_os())).ok()?;
    let text = words.iter().find_map(|word| {
        let plan = loaded.system.catalogue.get(word).map(describe);
        plan.or_else(|| Compound::named(word).map(describe_compound))
    })?;
    let more = "\nThe options of every command: graphctl run --help\n";
    // A reader that has seen enough is no failure of help.
    let _ = io::stdout().write_all(format!("{text}{more}").as_bytes());
    Some(ExitCode::SUCCESS)
}

fn listed(catalogue: &Catalogue, part: Option<&str>) -> Result<Rows, Failure> {
    let wanted = |plan: &&CommandPlan| part.is_none_or(|part| plan.full_name().contains(part));
    let plans: Vec<&CommandPlan> = catalogue.iter().filter(wanted).collect();
    let compounds: Vec<&Compound> = Compound::all()
        .iter()
        .filter(|it| part.is_none_or(|part| it.name.contains(part)))
        .collect();
    if let (true, true, Some(part)) = (plans.is_empty(), compounds.is_empty(), part) {
        return Err(unknown(catalogue, part));
    }
    let columns =
        ["command", "method", "endpoint", "permission", "summary"].map(str::to_owned).to_vec();
    let row = |plan: &CommandPlan| {
        vec![
            plan.full_name().into(),
            plan.method.to_string().into(),
            plan.endpoint.clone().into(),
            plan.permission.to_string().into(),
            plan.summary.clone().unwrap_or_default().into(),
        ]
    };
    let steps = |it: &Compound| {
        let (method, endpoint) = (Value::Null, "several steps".into());
        vec![it.name.into(), method, endpoint, it.permissions.join(" + ").into(), it.summary.into()]
    };
    let mut rows: Vec<Vec<Value>> = plans.into_iter().map(row).collect();
    rows.extend(compounds.into_iter().map(steps));
    rows.sort_by(|one, other| one[0].as_str().cmp(&other[0].as_str()));
    Ok(Rows { columns, rows })
}

/// No command of this name; says which was probably meant.
pub(crate) fn unknown(catalogue: &Catalogue, name: &str) -> Failure {
    let failure = Failure::usage(format!("there is no command `{name}`"));
    let compounds = || Compound::all().iter().map(|it| it.name);
    let near = |it: &&str| strsim::damerau_levenshtein(it, name) <= 3;
    match catalogue.suggest(name).or_else(|| compounds().find(near)) {
        Some(known) => failure.hint(format!("did you mean `{known}`?")),
        None => failure.hint("`graphctl catalogue` lists them"),
    }
}

/// The help of one command (E16).
fn describe(plan: &CommandPlan) -> String {
    let mut text = format!("{}\n", plan.full_name());
    if let Some(summary) = &plan.summary {
        let _ = writeln!(text, "  {summary}");
    }
    if let Some(instead) = &plan.deprecated {
        let _ = writeln!(text, "  deprecated: {instead}");
    }
    let _ = writeln!(text, "\n  request     {} /{}{}", plan.method, plan.version, plan.endpoint);
    let _ = writeln!(text, "  permission  {}", plan.permission);
    let effect = match (plan.safety.destructive, plan.safety.reads) {
        (true, _) => "destructive: asks first, or takes --yes",
        (_, true) => "only reads",
        _ => "changes the tenant",
    };
    let _ = writeln!(text, "  effect      {effect}");
    if !plan.aliases.is_empty() {
        let _ = writeln!(text, "  aliases     {}", plan.aliases.join(", "));
    }
    if !plan.secrets.is_empty() {
        let secrets = plan.secrets.join(", ");
        let _ = writeln!(text, "  secrets     {secrets} in the answer: masked, unless --reveal");
    }
    if !plan.requires.is_empty() {
        let _ = writeln!(text, "  requires    {}", plan.requires.join("; "));
    }
    if !plan.unavailable_in.is_empty() {
        let _ = writeln!(text, "  not in      {}", plan.unavailable_in.join(", "));
    }
    if !plan.signature.arguments.is_empty() {
        text.push_str("\n  arguments\n");
    }
    for argument in &plan.signature.arguments {
        let _ = writeln!(text, "{}", described_argument(argument));
    }
    let _ = writeln!(text, "\n  example\n    {}", example(plan));
    let _ = writeln!(text, "\n  defined at {}", plan.defined_at);
    text
}

/// The help of a command of several steps.
fn describe_compound(compound: &Compound) -> String {
    let mut text = format!("{}\n  {}\n", compound.name, compound.summary);
    let _ = writeln!(text, "\n  request     several steps; --plan shows those that are left");
    let _ = writeln!(text, "  permission  {}", compound.permissions.join(" + "));
    let effect = match (compound.destructive, compound.reads) {
        (true, _) => "destructive: asks first, or takes --yes",
        (_, true) => "only reads",
        _ => "changes the tenant",
    };
    let _ = writeln!(text, "  effect      {effect}\n\n  arguments");
    for argument in &compound.signature().arguments {
        let _ = writeln!(text, "{}", described_argument(argument));
    }
    let _ = writeln!(text, "\n  example\n    {}", compound_example(compound));
    text
}

fn described_argument(argument: &Argument) -> String {
    let need = if argument.required { "required" } else { "optional" };
    let summary = argument.summary.as_deref().map(|it| format!(": {it}")).unwrap_or_default();
    format!("    {:<20} {}, {need}{summary}", argument.name, argument.kind.name())
}

fn compound_as_value(compound: &Compound) -> Value {
    json!({
        "command": compound.name,
        "summary": compound.summary,
        "permission": {"application": compound.permissions},
        "reads": compound.reads,
        "destructive": compound.destructive,
        "arguments": compound.signature().arguments.iter().map(argument_as_value).collect::<Vec<_>>(),
        "example": compound_example(compound),
    })
}

fn argument_as_value(it: &Argument) -> Value {
    json!({"name": it.name, "type": it.kind.name(), "required": it.required, "summary": it.summary, "default": it.default})
}

/// An example call of a command of several steps.
pub(crate) fn compound_example(compound: &Compound) -> String {
    let words = compound.example.iter().map(|(name, value)| quoted(&format!("{name}={value}")));
    words.fold(format!("graphctl run {}", compound.name), |line, word| format!("{line} {word}"))
}

/// The first example as a command line; without one, made from the arguments.
pub(crate) fn example(plan: &CommandPlan) -> String {
    let mut line = format!("graphctl run {}", plan.full_name());
    let words: Vec<String> = match plan.examples.first() {
        Some(example) => example.params.iter().map(|(name, value)| word(name, value)).collect(),
        None => plan.signature.arguments.iter().filter(|it| it.required).map(sample).collect(),
    };
    for word in words {
        line.push(' ');
        line.push_str(&quoted(&word));
    }
    line
}

fn word(name: &str, value: &Value) -> String {
    match value {
        Value::String(text) => format!("{name}={text}"),
        other => format!("{name}:={other}"),
    }
}

/// A secret never stands on a command line, so its sample names a file.
fn sample(argument: &Argument) -> String {
    let name = &argument.name;
    match argument.kind {
        ArgumentKind::Secret => format!("{name}=@{name}.txt"),
        ArgumentKind::Binary => format!("{name}=@{name}.bin"),
        _ => format!("{name}={}", argument.example()),
    }
}

/// A word as a POSIX shell reads it.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "@%+=:,./_-".contains(c);
    if word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', "'\\''"))
    }
}

fn as_value(plan: &CommandPlan) -> Value {
    let arguments: Vec<Value> = plan.signature.arguments.iter().map(argument_as_value).collect();
    json!({
        "command": plan.full_name(),
        "summary": plan.summary,
        "method": plan.method.to_string(),
        "endpoint": plan.endpoint,
        "version": plan.version.to_string(),
        "permission": {"application": plan.permission.application, "delegated": plan.permission.delegated},
        "reads": plan.safety.reads,
        "destructive": plan.safety.destructive,
        "aliases": plan.aliases,
        "not_in": plan.unavailable_in,
        "requires": plan.requires,
        "secrets": plan.secrets,
        "arguments": arguments,
        "example": example(plan),
        "defined_at": plan.defined_at.to_string(),
    })
}
