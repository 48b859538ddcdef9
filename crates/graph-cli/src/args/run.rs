//! The command line of what is sent: `run`, `apply` and `call`.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum};

use super::{Format, SimulationArgs, path};
use crate::command::Ended;
use crate::completion;

#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
#[derive(Args, Debug, Default)]
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
            plan: args.plan,
            offline: true,
            yes: args.yes,
            writing: args.writing,
            simulation: args.simulation,
            output: args.output,
            query: args.query,
            ..Self::default()
        }
    }

    /// The call that a plan describes.
    pub(crate) fn of_plan(args: ApplyArgs, command: String) -> Self {
        Self {
            command,
            arguments: args.arguments,
            yes: args.yes,
            writing: args.writing,
            simulation: args.simulation,
            output: args.output,
            reveal: args.reveal,
            secret_out: args.secret_out,
            ..Self::default()
        }
    }
}

/// How writes are guarded and recorded.
#[derive(Args, Clone, Debug, Default)]
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
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, ValueEnum)]
pub(crate) enum Mode {
    /// Only commands that read
    ReadOnly,
    /// Every write asks first, or needs --yes
    Safe,
    /// Destructive commands ask first, or need --yes
    #[default]
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
