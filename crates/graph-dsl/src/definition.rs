//! The typed source: a file's tree as the things it describes, every problem reported.

mod argument;
mod blocks;
mod command;
mod connection;
mod credentials;
mod fields;
mod follow_up;
mod mapping;
mod outcome;
mod setting;
mod stream;
mod system;
mod tuning;

pub(crate) use argument::ArgumentSource;
pub(crate) use blocks::{Block, Content, FIXED_CLOUDS, blocks};
pub(crate) use command::{CommandSource, ExampleSource};
pub(crate) use connection::read_connection;
pub(crate) use credentials::credential_keys;
pub(crate) use fields::json_of;
pub(crate) use follow_up::{EnsureSource, WaitSource};
pub(crate) use outcome::RuleSource;
pub(crate) use stream::read_streams;
pub(crate) use system::{ObjectSource, SystemSource, read_system};

use crate::diagnostic::Report;
use crate::source::SourceText;

/// What every reading step is handed: the text for exact places, and where to report.
pub(crate) struct Reading<'a> {
    pub(crate) file: &'a str,
    pub(crate) text: &'a SourceText,
    pub(crate) report: &'a mut Report,
    /// A syntax error cut the file short: absence proves nothing.
    pub(crate) truncated: bool,
}
