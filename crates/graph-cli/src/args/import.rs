//! The command line of `graphctl import`.

use std::num::NonZeroUsize;
use std::time::Duration;

use clap::{Args, Subcommand, ValueEnum};
use graph_import::sqlite::Moment;

use super::reading::moment;
use super::simulate::duration;
use super::{CompactArgs, DiffArgs, SimulationArgs};

#[derive(Args, Debug)]
#[command(
    args_conflicts_with_subcommands = true,
    after_help = "A run that was stopped or killed is continued by the next one. Exits with 0 where the \
                  certificate is proven or provisional, with 6 where something is missing."
)]
pub(crate) struct ImportArgs {
    #[command(subcommand)]
    pub(crate) action: Option<ImportAction>,
    #[command(flatten)]
    pub(crate) simulation: SimulationArgs,
    /// Read everything again instead of only what changed
    #[arg(long)]
    pub(crate) full: bool,
    /// Carry out deletions however many there are, those too that an import has withheld because
    /// nothing proved them
    #[arg(long)]
    pub(crate) accept_deletions: bool,
    #[command(flatten)]
    pub(crate) choice: ChoiceArgs,
    /// Count what is new, changed and gone since this run (its number) or instant (RFC 3339)
    /// instead of in this run only
    #[arg(long, value_name = "RUN|INSTANT", value_parser = moment)]
    pub(crate) since: Option<Moment>,
    /// Read so many objects, or owners of edges, of each stream again and compare before the
    /// certificate is written; 0 for none [default: 20 of each stream that is read as a whole]
    #[arg(long, value_name = "N")]
    pub(crate) sample: Option<usize>,
    /// How long a change may take to show wherever Graph is read: lists are read no sooner after the
    /// report that they changed [default: 10s; 0s for a simulated tenant]
    #[arg(long, env = "GRAPHCTL_REPLICATION_MARGIN", value_name = "TIME", value_parser = duration)]
    pub(crate) replication_margin: Option<Duration>,
    /// Begin although the disk seems to have too little space
    #[arg(long)]
    pub(crate) skip_space_check: bool,
    /// How to tell the progress, on stderr
    #[arg(long, value_enum, value_name = "STYLE", default_value_t = ProgressStyle::Auto)]
    pub(crate) progress: ProgressStyle,
    /// How to print the report
    #[arg(long, short, value_enum, default_value_t = ReportFormat::Text)]
    pub(crate) output: ReportFormat,
}

/// How an import tells how far it is.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum ProgressStyle {
    /// Bars on a terminal, lines elsewhere
    Auto,
    /// A line every few seconds
    Lines,
    /// The same as JSON lines
    Json,
    /// Nothing
    None,
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
    /// Read these groups and their members only, as an OData filter: "startswith(displayName,'IM-')";
    /// other groups stay in the store as they are, out of scope
    #[arg(long, value_name = "FILTER")]
    pub(crate) group_filter: Option<String>,
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
#[command(
    after_help = "Asks Graph for counts, and for one object where nothing else tells whether a stream may be read. \
                  Writes nothing. Exits with 4 if a required stream is refused."
)]
pub(crate) struct ImportPlanArgs {
    #[command(flatten)]
    pub(crate) simulation: SimulationArgs,
    /// Plan to read everything again instead of only what changed
    #[arg(long)]
    pub(crate) full: bool,
    #[command(flatten)]
    pub(crate) choice: ChoiceArgs,
    /// Plan to read so many objects, or owners of edges, of each stream again; 0 for none
    /// [default: 20 of each stream that is read as a whole]
    #[arg(long, value_name = "N")]
    pub(crate) sample: Option<usize>,
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
    #[arg(long, value_name = "N", default_value = "100")]
    pub(crate) sample: NonZeroUsize,
    /// Which ones: the same seed draws the same sample
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub(crate) seed: u64,
    /// Streams to compare; all of the store by default
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    pub(crate) streams: Vec<String>,
    /// How to tell the progress, on stderr
    #[arg(long, value_enum, value_name = "STYLE", default_value_t = ProgressStyle::Auto)]
    pub(crate) progress: ProgressStyle,
    /// How to print the result
    #[arg(long, short, value_enum, default_value_t = ReportFormat::Text)]
    pub(crate) output: ReportFormat,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum ReportFormat {
    Text,
    Json,
}
