//! The command line, as clap reads it.

mod import;
mod reading;
mod run;
mod simulate;

pub(crate) use import::{
    ChoiceArgs, ImportAction, ImportArgs, ImportPlanArgs, ImportVerifyArgs, ProgressStyle,
    ReportFormat,
};
pub(crate) use reading::{
    CompactArgs, DiffArgs, DiffFormat, ExportArgs, ExportFormat, QueryArgs, WatchArgs,
};
pub(crate) use run::{ApplyArgs, CallArgs, Mode, RunArgs, WritingArgs};
pub(crate) use simulate::{SimulateArgs, ThrottleChoice};

use std::ffi::OsString;
use std::path::PathBuf;

use clap::builder::{OsStringValueParser, TypedValueParser};
use clap::{Args, CommandFactory as _, FromArgMatches as _, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

use crate::completion;

/// Microsoft Entra ID from a shell: the tenant in a database, and every admin action.
#[derive(Debug, Parser)]
#[command(
    name = "graphctl",
    version,
    arg_required_else_help = true,
    after_help = "No tenant at hand? `graphctl import --simulate` starts one in this process.\n\
                  Exit codes: 0 done, 1 failed, 2 usage or configuration, 3 local files, 4 refused by Graph, \
                  5 unreachable or throttled out, 6 partial, 130 interrupted."
)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) globals: Globals,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// The variables that flags read.
pub(crate) fn variables() -> Vec<String> {
    fn of(command: &clap::Command, found: &mut Vec<String>) {
        let named = command.get_arguments().filter_map(|it| it.get_env()?.to_str());
        found.extend(named.map(str::to_owned));
        command.get_subcommands().for_each(|it| of(it, found));
    }
    let mut found = Vec::new();
    of(&Cli::command(), &mut found);
    found.push(completion::VARIABLE.to_owned());
    found.sort_unstable();
    found.dedup();
    found
}

/// Flags that every command takes.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Global options")]
pub(crate) struct Globals {
    /// System file; else ./graphctl.yaml, else the embedded `entra`
    #[arg(long, short = 's', env = "GRAPHCTL_SYSTEM", global = true, value_name = "FILE", value_parser = path())]
    pub(crate) system: Option<PathBuf>,
    /// Store; default ./graph.db, with --simulate ./simulated.db
    #[arg(long, env = "GRAPHCTL_STORE", global = true, value_name = "FILE", value_parser = path())]
    pub(crate) store: Option<PathBuf>,
    /// Where the sign-ins of people are kept; `none` keeps nothing [default: graphctl/sign-ins in the
    /// person's configuration directory]
    #[arg(long, env = "GRAPHCTL_TOKEN_STORE", global = true, value_name = "DIRECTORY", value_parser = path())]
    pub(crate) token_store: Option<PathBuf>,
    /// Log to stderr what is sent and decided; twice for every layer
    #[arg(long, short, global = true, action = clap::ArgAction::Count)]
    pub(crate) verbose: u8,
    /// No progress and no hints
    #[arg(long, short, global = true)]
    pub(crate) quiet: bool,
}

impl Globals {
    /// Those of a line that need not parse as a whole: one that is still written, or asks for help.
    pub(crate) fn of_line(words: impl Iterator<Item = OsString>) -> Self {
        let words = words.filter(|word| word != "--help" && word != "-h");
        let read = Cli::command().ignore_errors(true).try_get_matches_from(words);
        read.and_then(|matches| Self::from_arg_matches(&matches)).unwrap_or_default()
    }
}

/// A path that may be empty: an empty variable means that it is not set.
fn path() -> impl TypedValueParser<Value = PathBuf> {
    OsStringValueParser::new().map(PathBuf::from)
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Import the tenant into a database: all of it at first, only changes later
    Import(ImportArgs),
    /// Ask the imported tenant with SQL (read-only)
    Query(QueryArgs),
    /// Write the imported tenant, or a part of it, as JSON lines or CSV
    Export(ExportArgs),
    /// Follow what imports change, as JSON lines
    Watch(WatchArgs),
    /// Run a command of the catalogue: `run user.get id=ada@contoso.com`
    Run(Box<RunArgs>),
    /// Send what `run --plan` showed, if it would be the same today
    Apply(ApplyArgs),
    /// Send any request through the same checks: `call GET /users/ada@contoso.com`
    Call(Box<CallArgs>),
    /// Show what commands need, and compare it with what the token was granted
    Permissions(PermissionsArgs),
    /// List the commands, or describe one
    #[command(visible_alias = "catalog")]
    Catalogue(CatalogueArgs),
    /// Sign in now, and stay signed in: for connections of a person (device code, browser)
    Login,
    /// Forget the sign-in of this connection
    Logout(LogoutArgs),
    /// Check system files without sending anything
    Validate(ValidateArgs),
    /// Explain a diagnostic code such as GD0201
    Explain(ExplainArgs),
    /// Serve a simulated tenant on a loopback port until interrupted
    Simulate(SimulateArgs),
    /// Check the set-up: variables, system file, connection, store, audit file
    Doctor(DoctorArgs),
    /// Print a completion script for a shell
    Completions(CompletionsArgs),
    /// Print the manual page, or write one for each command into a directory
    Man(ManArgs),
}

#[derive(Args, Debug)]
#[command(
    after_help = "Tokens that were given out live on until they expire; `graphctl run user.revoke_sign_in_sessions` ends them."
)]
pub(crate) struct LogoutArgs {
    /// Forget every sign-in in the store, of all connections
    #[arg(long)]
    pub(crate) all: bool,
}

/// The simulated tenant; its seed, size and moment are kept beside the store.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct SimulationArgs {
    /// Use a simulated tenant in this process instead of a real one
    #[arg(long)]
    pub(crate) simulate: bool,
    /// Users of a new simulated tenant, 10 to 1,000,000 [default: 1000]
    #[arg(long, requires = "simulate", value_name = "N", value_parser = clap::value_parser!(u64).range(10..=1_000_000))]
    pub(crate) users: Option<u64>,
    /// Seed of a new simulated tenant [default: 1]
    #[arg(long, requires = "simulate", value_name = "N")]
    pub(crate) seed: Option<u64>,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum Format {
    Table,
    Json,
    Jsonl,
    Yaml,
    Csv,
    Text,
}

#[derive(Args, Debug)]
pub(crate) struct PermissionsArgs {
    /// Commands, object types or patterns such as user.* [default: all]
    pub(crate) commands: Vec<String>,
    /// Sign in and tell which are granted; exit 4 when one is missing
    #[arg(long)]
    pub(crate) check: bool,
    /// Print a shell script that grants the least of them
    #[arg(long, conflicts_with = "check")]
    pub(crate) grant_script: bool,
    /// How to print them
    #[arg(long, short, value_enum, default_value_t = Format::Table)]
    pub(crate) output: Format,
}

#[derive(Args, Debug)]
pub(crate) struct CatalogueArgs {
    /// A command to describe, or a part of names to list
    #[arg(add = completion::commands())]
    pub(crate) pattern: Option<String>,
    /// How to print it
    #[arg(long, short, value_enum, default_value_t = Format::Table)]
    pub(crate) output: Format,
}

#[derive(Args, Debug)]
pub(crate) struct ValidateArgs {
    /// System files; default the one that other commands would use
    pub(crate) files: Vec<PathBuf>,
    /// How to print diagnostics
    #[arg(long, value_enum, default_value_t = DiagnosticFormat::Human)]
    pub(crate) format: DiagnosticFormat,
    /// Check for this cloud instead of those that the files claim; may be repeated
    #[arg(long = "cloud", value_name = "CLOUD", value_parser = graph_dsl::CLOUD_NAMES)]
    pub(crate) clouds: Vec<String>,
    /// The same file as released last: commands that scripts rely on may not disappear
    #[arg(long, value_name = "FILE")]
    pub(crate) released: Option<PathBuf>,
    /// Treat warnings as errors
    #[arg(long, value_enum, value_name = "WHAT")]
    pub(crate) deny: Option<Deny>,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum DiagnosticFormat {
    Human,
    Short,
    Json,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum Deny {
    Warnings,
}

#[derive(Args, Debug)]
pub(crate) struct ExplainArgs {
    /// For example GD0201
    #[arg(add = completion::codes())]
    pub(crate) code: String,
}

#[derive(Args, Debug)]
pub(crate) struct DoctorArgs {
    /// Sign in and read the organization as well
    #[arg(long)]
    pub(crate) network: bool,
    #[command(flatten)]
    pub(crate) writing: WritingArgs,
    /// How to print the checks
    #[arg(long, short, value_enum, default_value_t = Format::Table)]
    pub(crate) output: Format,
}

#[derive(Args, Debug)]
pub(crate) struct ManArgs {
    /// Write graphctl.1 and one page for each command here
    #[arg(value_name = "DIRECTORY")]
    pub(crate) directory: Option<PathBuf>,
}

#[derive(Args, Debug)]
#[command(after_help = "In ~/.bashrc:  source <(graphctl completions bash)\n\
                        In ~/.zshrc:   source <(graphctl completions zsh)\n\
                        The script asks graphctl itself, so commands and arguments of your own system files are offered too.")]
pub(crate) struct CompletionsArgs {
    /// bash, zsh, fish, elvish or powershell
    pub(crate) shell: Shell,
}
