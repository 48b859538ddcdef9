//! Results on stdout, one row each.

use std::io;

use serde_json::Value;

use super::super::Callee;
use super::super::rows::Row;
use crate::args::{Format, RunArgs};
use crate::command::query::closed;
use crate::failure::Failure;
use crate::output::RowWriter;

/// A result as programs read it: what a results file holds.
const WHOLE: [&str; 9] =
    ["command", "row", "arguments", "outcome", "changed", "status", "error", "request_id", "data"];

/// A result as people read it, after the row and its arguments.
const ENDED: [&str; 4] = ["outcome", "status", "error", "request_id"];

type Out = io::BufWriter<io::StdoutLock<'static>>;

pub(super) struct Printer<'a> {
    writer: RowWriter<Out>,
    /// The arguments that rows give, where each has a column of its own.
    names: Option<Vec<&'a str>>,
}

impl<'a> Printer<'a> {
    pub(super) fn new(callee: &'a Callee, args: &RunArgs, rows: &[Row]) -> Result<Self, Failure> {
        let format = args.output.unwrap_or(Format::Jsonl);
        let given = |name: &&str| rows.iter().any(|row| row.arguments.get(name).is_some());
        let names =
            is_flat(format).then(|| callee.signature.names().filter(given).collect::<Vec<_>>());
        let columns = match &names {
            Some(names) => {
                std::iter::once("row").chain(names.iter().copied()).chain(ENDED).collect()
            }
            None => WHOLE.to_vec(),
        };
        Ok(Self { writer: writer(&columns, format)?, names })
    }

    pub(super) fn print(&mut self, line: &Value) -> Result<(), Failure> {
        let cell = |name: &str| line.get(name).cloned().unwrap_or_default();
        let cells = match &self.names {
            Some(names) => {
                let argument =
                    |name: &&str| line["arguments"].get(name).cloned().unwrap_or_default();
                std::iter::once(cell("row"))
                    .chain(names.iter().map(argument))
                    .chain(ENDED.map(cell))
                    .collect()
            }
            None => WHOLE.map(cell).to_vec(),
        };
        self.writer.push(cells).map_err(closed)
    }

    pub(super) fn finish(self) -> Result<(), Failure> {
        self.writer.finish().map_err(closed)
    }
}

/// Rows of these columns on stdout.
pub(super) fn writer(columns: &[&str], format: Format) -> Result<RowWriter<Out>, Failure> {
    let columns = columns.iter().map(|&name| name.to_owned()).collect();
    let out = io::BufWriter::new(io::stdout().lock());
    RowWriter::new(out, columns, format).map_err(closed)
}

const fn is_flat(format: Format) -> bool {
    matches!(format, Format::Table | Format::Csv | Format::Text)
}
