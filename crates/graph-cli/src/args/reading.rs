//! The command line of what reads a store.

use std::path::PathBuf;

use clap::builder::NonEmptyStringValueParser;
use clap::{Args, ValueEnum};
use graph_import::sqlite::Moment;

use super::{Format, ReportFormat};

/// Reads a moment; what went wrong is told after the name of the argument.
pub(super) fn moment(text: &str) -> Result<Moment, &'static str> {
    text.parse().map_err(|_| "take the number of a run, a date, or a time as in RFC 3339")
}

#[derive(Args, Debug)]
pub(crate) struct QueryArgs {
    /// One statement, for example: select mail from users limit 5; `-` reads it from stdin
    #[arg(required_unless_present = "tables")]
    pub(crate) sql: Option<String>,
    /// List what can be asked, with its columns
    #[arg(long, conflicts_with = "sql")]
    pub(crate) tables: bool,
    /// Ask the tenant as it was: the number of a run, a date or a time
    #[arg(long, value_name = "MOMENT", value_parser = moment)]
    pub(crate) as_of: Option<Moment>,
    /// How to print the rows
    #[arg(long, short, value_enum, default_value_t = Format::Table)]
    pub(crate) output: Format,
}

#[derive(Args, Debug)]
#[command(
    after_help = "A file is written beside its place and moved there when it is whole. Spreadsheets run no cell \
                        of the CSV as a formula. jsonl holds the raw object too, and `stream` where there are several."
)]
pub(crate) struct ExportArgs {
    /// What to write
    #[arg(value_enum)]
    pub(crate) format: ExportFormat,
    /// Streams or views, separated by commas [default: every stream]
    #[arg(long, alias = "stream", value_name = "NAMES", value_delimiter = ',')]
    pub(crate) streams: Vec<String>,
    /// The tenant as it was: the number of a run, a date or a time
    #[arg(long, value_name = "MOMENT", value_parser = moment)]
    pub(crate) as_of: Option<Moment>,
    /// File, or directory for one file a stream [default: stdout]
    #[arg(long, short, value_name = "PATH")]
    pub(crate) output: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum ExportFormat {
    /// One JSON object a line
    Jsonl,
    /// Comma-separated values with a header
    Csv,
}

#[derive(Args, Debug)]
#[command(
    after_help = "One JSON object a line: number, run, at, stream, operation (loaded, created, updated, deleted, \
                        restored, added, removed), id, target_id, columns. A consumer is told a change at least once: \
                        the number tells one that it has seen."
)]
pub(crate) struct WatchArgs {
    /// Begin with the change of this number [default: the oldest that is kept]
    #[arg(long, value_name = "NUMBER", conflicts_with = "consumer")]
    pub(crate) from: Option<u64>,
    /// Keep this name's place in the store, and continue there the next time
    #[arg(long, value_name = "NAME", value_parser = NonEmptyStringValueParser::new())]
    pub(crate) consumer: Option<String>,
    /// Only changes of these streams
    #[arg(long, alias = "stream", value_name = "NAMES", value_delimiter = ',')]
    pub(crate) streams: Vec<String>,
    /// Print what there is and end, instead of waiting for more
    #[arg(long)]
    pub(crate) once: bool,
    /// Forget the consumer, so that changes are kept for it no longer
    #[arg(long, requires = "consumer", conflicts_with = "once")]
    pub(crate) forget: bool,
}

#[derive(Args, Clone, Debug)]
pub(crate) struct DiffArgs {
    /// The number of a run, a date or a time [default: the run before the last]
    #[arg(value_parser = moment)]
    pub(crate) from: Option<Moment>,
    /// The later moment [default: the last run]
    #[arg(value_parser = moment)]
    pub(crate) to: Option<Moment>,
    /// Only these streams
    #[arg(long, alias = "stream", value_name = "NAMES", value_delimiter = ',')]
    pub(crate) streams: Vec<String>,
    /// How to print the differences
    #[arg(long, short, value_enum, default_value_t = DiffFormat::Text)]
    pub(crate) output: DiffFormat,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum DiffFormat {
    Text,
    Json,
    Jsonl,
    Csv,
}

#[derive(Args, Clone, Debug)]
#[command(
    after_help = "The present, the ids of what is gone, and the runs with their certificates are kept for ever; the \
                        content of deleted objects for 45 days at least."
)]
pub(crate) struct CompactArgs {
    /// Days to keep previous states and removed edges
    #[arg(long, value_name = "DAYS", default_value_t = 365)]
    pub(crate) history: u32,
    /// Days to keep changes that every consumer has seen; others are kept three times as long
    #[arg(long, value_name = "DAYS", default_value_t = 30)]
    pub(crate) changes: u32,
    /// Days to keep the content of deleted objects
    #[arg(long, value_name = "DAYS", default_value_t = 90)]
    pub(crate) tombstones: u32,
    /// Give the space back to the file system: rewrites the whole store
    #[arg(long)]
    pub(crate) vacuum: bool,
    /// How to print what is gone
    #[arg(long, short, value_enum, default_value_t = ReportFormat::Text)]
    pub(crate) output: ReportFormat,
}
