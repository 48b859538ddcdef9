//! The command line, as clap reads it.

use std::path::PathBuf;

use clap::builder::{OsStringValueParser, TypedValueParser};
use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

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

/// Flags that every command takes.
#[derive(Args, Debug)]
#[command(next_help_heading = "Global options")]
pub(crate) struct Globals {
    /// System file; else ./graphctl.yaml, else the embedded `entra`
    #[arg(long, short = 's', env = "GRAPHCTL_SYSTEM", global = true, value_name = "FILE", value_parser = path())]
    pub(crate) system: Option<PathBuf>,
    /// Store; default ./graph.db, with --simulate ./simulated.db
    #[arg(long, env = "GRAPHCTL_STORE", global = true, value_name = "FILE", value_parser = path())]
    pub(crate) store: Option<PathBuf>,
    /// Log to stderr what is sent and decided; twice for every layer
    #[arg(long, short, global = true, action = clap::ArgAction::Count)]
    pub(crate) verbose: u8,
    /// No progress and no hints
    #[arg(long, short, global = true)]
    pub(crate) quiet: bool,
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
    /// Run a command of the catalogue: `run user.get id=ada@contoso.com`
    Run(RunArgs),
    /// List the commands, or describe one
    #[command(visible_alias = "catalog")]
    Catalogue(CatalogueArgs),
    /// Check system files without sending anything
    Validate(ValidateArgs),
    /// Explain a diagnostic code such as GD0201
    Explain(ExplainArgs),
    /// Serve a simulated tenant on a loopback port until interrupted
    Simulate(SimulateArgs),
    /// Print a completion script for a shell
    Completions(CompletionsArgs),
}

#[derive(Args, Debug)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct ImportArgs {
    #[command(subcommand)]
    pub(crate) action: Option<ImportAction>,
    #[command(flatten)]
    pub(crate) simulation: SimulationArgs,
    /// Read everything again instead of only what changed
    #[arg(long)]
    pub(crate) full: bool,
    /// How to print the report
    #[arg(long, short, value_enum, default_value_t = ReportFormat::Text)]
    pub(crate) output: ReportFormat,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ImportAction {
    /// Show what the store holds and how its last runs ended
    Status {
        /// How to print it
        #[arg(long, short, value_enum, default_value_t = ReportFormat::Text)]
        output: ReportFormat,
    },
}

/// The simulated tenant; its seed, size and moment are kept beside the store.
#[derive(Args, Clone, Debug)]
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
pub(crate) enum ReportFormat {
    Text,
    Json,
}

#[derive(Args, Debug)]
pub(crate) struct QueryArgs {
    /// One statement, for example: select mail from users limit 5
    #[arg(required_unless_present = "tables")]
    pub(crate) sql: Option<String>,
    /// List the tables and views with their columns
    #[arg(long, conflicts_with = "sql")]
    pub(crate) tables: bool,
    /// How to print the rows
    #[arg(long, short, value_enum, default_value_t = Format::Table)]
    pub(crate) output: Format,
}

#[derive(Args, Debug)]
pub(crate) struct RunArgs {
    /// OBJECT.COMMAND, for example user.get; see `graphctl catalogue`
    pub(crate) command: String,
    /// key=text, key:=json, key=@file or key=@- for stdin
    #[arg(value_name = "KEY=VALUE")]
    pub(crate) arguments: Vec<String>,
    /// Show the request that would be sent, and send nothing
    #[arg(long)]
    pub(crate) plan: bool,
    /// Do not ask before a destructive command
    #[arg(long, short)]
    pub(crate) yes: bool,
    #[command(flatten)]
    pub(crate) simulation: SimulationArgs,
    /// json and yaml print the whole envelope, the others its data
    #[arg(long, short, value_enum, default_value_t = Format::Json)]
    pub(crate) output: Format,
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
pub(crate) struct CatalogueArgs {
    /// A command to describe, or a part of names to list
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
    pub(crate) code: String,
}

#[derive(Args, Debug)]
pub(crate) struct SimulateArgs {
    /// Loopback port; 0 takes a free one
    #[arg(long, default_value_t = 0)]
    pub(crate) port: u16,
    /// Users of the tenant
    #[arg(long, default_value_t = 1_000, value_name = "N", value_parser = clap::value_parser!(u64).range(10..=1_000_000))]
    pub(crate) users: u64,
    /// The same seed, size and moment make the same tenant
    #[arg(long, default_value_t = 1, value_name = "N")]
    pub(crate) seed: u64,
    /// How often the tenant has moved on
    #[arg(long, default_value_t = 0, value_name = "N")]
    pub(crate) moment: u64,
}

#[derive(Args, Debug)]
pub(crate) struct CompletionsArgs {
    /// bash, zsh, fish, elvish or powershell
    pub(crate) shell: Shell,
}
