//! The command line, as clap reads it.

mod reading;
mod simulate;

pub(crate) use reading::{
    CompactArgs, DiffArgs, DiffFormat, ExportArgs, ExportFormat, QueryArgs, WatchArgs,
};
pub(crate) use simulate::{SimulateArgs, ThrottleChoice};

use std::ffi::OsString;
use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use clap::builder::{OsStringValueParser, TypedValueParser};
use clap::{Args, CommandFactory as _, FromArgMatches as _, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

use crate::command::Ended;
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
#[derive(Args, Debug, Default)]
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
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct ImportArgs {
    #[command(subcommand)]
    pub(crate) action: Option<ImportAction>,
    #[command(flatten)]
    pub(crate) simulation: SimulationArgs,
    /// Read everything again instead of only what changed
    #[arg(long)]
    pub(crate) full: bool,
    #[command(flatten)]
    pub(crate) choice: ChoiceArgs,
    /// Count what is new, changed and gone since this run (its number) or instant (RFC 3339)
    /// instead of in this run only
    #[arg(long, value_name = "RUN|INSTANT")]
    pub(crate) since: Option<String>,
    /// How to print the report
    #[arg(long, short, value_enum, default_value_t = ReportFormat::Text)]
    pub(crate) output: ReportFormat,
}

/// Which streams of the system are read, and what is different about them.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct ChoiceArgs {
    /// Read these streams only; edges bring the stream that owns them
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    pub(crate) streams: Vec<String>,
    /// Do not read these streams, nor the edges that they own
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    pub(crate) without: Vec<String>,
    /// Add columns: a set of the system file (`users.extension_attributes`) or a property
    /// (`users.badge=extension_1a2b_badge`)
    #[arg(long, value_name = "STREAM.SET|STREAM.NAME=PROPERTY")]
    pub(crate) columns: Vec<String>,
    /// Objects on a page
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=999))]
    pub(crate) page_size: Option<u16>,
    /// The property of users that is shown as `external_id` [default: id]
    #[arg(long, value_name = "PROPERTY")]
    pub(crate) external_id: Option<String>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ImportAction {
    /// Compare the tenant at two moments, field by field
    Diff(DiffArgs),
    /// Forget history and changes that are older than their retention
    Compact(CompactArgs),
    /// Show what the store holds and how its last runs ended
    Status {
        /// How to print it
        #[arg(long, short, value_enum, default_value_t = ReportFormat::Text)]
        output: ReportFormat,
    },
    /// Show what the next import would ask of Graph: requests, resource units, time, permissions
    Plan(ImportPlanArgs),
    /// Read a sample of the store, or all of it, again from Graph and compare
    Verify(ImportVerifyArgs),
}

#[derive(Args, Debug)]
#[command(after_help = "Asks Graph for counts alone and writes nothing.")]
pub(crate) struct ImportPlanArgs {
    #[command(flatten)]
    pub(crate) simulation: SimulationArgs,
    /// Plan to read everything again instead of only what changed
    #[arg(long)]
    pub(crate) full: bool,
    /// How to print the plan
    #[arg(long, short, value_enum, default_value_t = ReportFormat::Text)]
    pub(crate) output: ReportFormat,
}

#[derive(Args, Debug)]
#[command(after_help = "Exits with 6 if anything differs that the next import would not bring.")]
pub(crate) struct ImportVerifyArgs {
    /// Hold the store of a simulated tenant against that tenant
    #[arg(long)]
    pub(crate) simulate: bool,
    /// Compare everything
    #[arg(long, conflicts_with_all = ["sample", "seed"])]
    pub(crate) all: bool,
    /// Objects, or owners of edges, of each stream
    #[arg(long, value_name = "N", default_value_t = 100)]
    pub(crate) sample: usize,
    /// Which ones: the same seed draws the same sample
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub(crate) seed: u64,
    /// Streams to compare; all of the store by default
    #[arg(long, value_name = "STREAM", value_delimiter = ',')]
    pub(crate) streams: Vec<String>,
    /// How to print the result
    #[arg(long, short, value_enum, default_value_t = ReportFormat::Text)]
    pub(crate) output: ReportFormat,
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

#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
#[derive(Args, Debug)]
#[command(after_help = "`graphctl run user.get --help` tells of that command.\n\n\
                        Rows: a CSV header names arguments, an empty cell is an absent one; JSON lines and lists hold \
                        one object a row. Writes over rows are planned unless --yes is given. Repeat what failed with \
                        --from RESULTS --only failed,unstarted.")]
pub(crate) struct RunArgs {
    /// OBJECT.COMMAND, for example user.get; see `graphctl catalogue`
    #[arg(add = completion::commands())]
    pub(crate) command: String,
    /// key=text, key:=json, key=@file or key=@- for stdin; with --from they belong to every row
    #[arg(value_name = "KEY=VALUE", add = completion::arguments())]
    pub(crate) arguments: Vec<String>,
    /// Show what would be sent and, by reading, what it changes; write nothing
    #[arg(long)]
    pub(crate) plan: bool,
    /// With --plan: do not even read
    #[arg(long, requires = "plan")]
    pub(crate) offline: bool,
    /// Go ahead without asking
    #[arg(long, short)]
    pub(crate) yes: bool,
    /// Run once for each row of a .csv, .jsonl, .json or .yaml file; - reads JSON lines from stdin
    #[arg(long, value_name = "FILE", help_heading = "Rows")]
    pub(crate) from: Option<PathBuf>,
    /// Of earlier results only rows that ended so: failed, unstarted, or an outcome
    #[arg(
        long,
        value_name = "ENDED",
        requires = "from",
        value_delimiter = ',',
        help_heading = "Rows"
    )]
    pub(crate) only: Vec<Ended>,
    /// Keep one line a row in a new file, also when the run is killed; fit for --from
    #[arg(long, value_name = "FILE", requires = "from", help_heading = "Rows")]
    pub(crate) results: Option<PathBuf>,
    /// Refuse a file with more rows
    #[arg(long, value_name = "N", requires = "from", help_heading = "Rows")]
    pub(crate) max: Option<u64>,
    #[command(flatten)]
    pub(crate) writing: WritingArgs,
    #[command(flatten)]
    pub(crate) simulation: SimulationArgs,
    /// json and yaml print the whole envelope, the others its data [default: json; jsonl for rows]
    #[arg(long, short, value_enum)]
    pub(crate) output: Option<Format>,
    /// JMESPath over the data, before columns are chosen: 'value[].id'
    #[arg(long, value_name = "EXPRESSION", conflicts_with = "from")]
    pub(crate) query: Option<String>,
    /// Print secrets that the answer holds, such as a new client secret, instead of masking them
    #[arg(long)]
    pub(crate) reveal: bool,
    /// Write them to a new file that only its owner can read
    #[arg(long, value_name = "FILE", conflicts_with_all = ["reveal", "from"])]
    pub(crate) secret_out: Option<PathBuf>,
    /// Write a binary answer, such as a photo, to a new file
    #[arg(long, value_name = "FILE", conflicts_with_all = ["from", "query"])]
    pub(crate) out: Option<PathBuf>,
}

#[derive(Args, Debug)]
pub(crate) struct ApplyArgs {
    /// A plan: graphctl run COMMAND … --plan > plan.json
    pub(crate) file: PathBuf,
    /// The secrets that the plan left out: key=@file
    #[arg(value_name = "KEY=@FILE")]
    pub(crate) arguments: Vec<String>,
    /// Go ahead without asking
    #[arg(long, short)]
    pub(crate) yes: bool,
    /// Refuse a plan that is older, such as 30m or 2h
    #[arg(long, value_name = "TIME", default_value = "1h", value_parser = duration)]
    pub(crate) max_age: Duration,
    #[command(flatten)]
    pub(crate) writing: WritingArgs,
    #[command(flatten)]
    pub(crate) simulation: SimulationArgs,
    /// Print secrets that the answer holds instead of masking them
    #[arg(long)]
    pub(crate) reveal: bool,
    /// Write them to a new file that only its owner can read
    #[arg(long, value_name = "FILE", conflicts_with = "reveal")]
    pub(crate) secret_out: Option<PathBuf>,
    /// json and yaml print the whole envelope, the others its data [default: json]
    #[arg(long, short, value_enum)]
    pub(crate) output: Option<Format>,
}

#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
#[derive(Args, Debug)]
pub(crate) struct CallArgs {
    /// GET, POST, PATCH, PUT or DELETE
    pub(crate) method: String,
    /// Path and query below the API version: '/users?$select=id'
    pub(crate) path: String,
    /// JSON, @file, or @- for stdin
    #[arg(long, short)]
    pub(crate) body: Option<String>,
    /// A header, such as 'Prefer: return=minimal'
    #[arg(long, short = 'H', value_name = "NAME: VALUE", value_parser = header)]
    pub(crate) header: Vec<(String, String)>,
    /// Call the beta version
    #[arg(long)]
    pub(crate) beta: bool,
    /// Send a path that the metadata does not know
    #[arg(long)]
    pub(crate) unchecked: bool,
    /// With DELETE: the object itself is meant, not the link to it
    #[arg(long, value_name = "WHAT", value_parser = ["object"])]
    pub(crate) delete_target: Option<String>,
    /// Show what would be sent, and send nothing
    #[arg(long)]
    pub(crate) plan: bool,
    /// Go ahead without asking
    #[arg(long, short)]
    pub(crate) yes: bool,
    #[command(flatten)]
    pub(crate) writing: WritingArgs,
    #[command(flatten)]
    pub(crate) simulation: SimulationArgs,
    /// json and yaml print the whole envelope, the others its data [default: json]
    #[arg(long, short, value_enum)]
    pub(crate) output: Option<Format>,
    /// JMESPath over the data, before columns are chosen: 'value[].id'
    #[arg(long, value_name = "EXPRESSION")]
    pub(crate) query: Option<String>,
}

fn header(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once(':').ok_or("a header is written `NAME: VALUE`")?;
    Ok((name.trim().to_owned(), value.trim().to_owned()))
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

/// `90s`, `30m`, `2h`, `1h 30m`
fn duration(text: &str) -> Result<Duration, String> {
    let span: jiff::SignedDuration = text.parse().map_err(|error| format!("{error}"))?;
    span.try_into().map_err(|_| "a time is not negative".to_owned())
}

impl RunArgs {
    /// The request of `call`.
    pub(crate) fn of_call(args: CallArgs) -> Self {
        Self {
            command: "graph.request".to_owned(),
            arguments: Vec::new(),
            plan: args.plan,
            offline: true,
            yes: args.yes,
            from: None,
            only: Vec::new(),
            results: None,
            max: None,
            writing: args.writing,
            simulation: args.simulation,
            output: args.output,
            query: args.query,
            reveal: false,
            secret_out: None,
            out: None,
        }
    }

    /// The call that a plan describes.
    pub(crate) fn of_plan(args: ApplyArgs, command: String) -> Self {
        Self {
            command,
            arguments: args.arguments,
            plan: false,
            offline: false,
            yes: args.yes,
            from: None,
            only: Vec::new(),
            results: None,
            max: None,
            writing: args.writing,
            simulation: args.simulation,
            output: args.output,
            query: None,
            reveal: args.reveal,
            secret_out: args.secret_out,
            out: None,
        }
    }
}

/// How writes are guarded and recorded.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Writes")]
pub(crate) struct WritingArgs {
    /// What is allowed, and what asks first
    #[arg(long, value_enum, env = "GRAPHCTL_MODE", default_value_t = Mode::DeleteSafe)]
    pub(crate) mode: Mode,
    /// Append every write to this file [default: graphctl/audit.jsonl in the state directory]
    #[arg(long, env = "GRAPHCTL_AUDIT", value_name = "FILE", value_parser = path())]
    pub(crate) audit: Option<PathBuf>,
}

/// What may be sent.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum Mode {
    /// Only commands that read
    ReadOnly,
    /// Every write asks first, or needs --yes
    Safe,
    /// Destructive commands ask first, or need --yes
    DeleteSafe,
    /// Nothing asks
    Full,
}

impl fmt::Display for Mode {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let value = self.to_possible_value().expect("no mode is skipped");
        formatter.write_str(value.get_name())
    }
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
