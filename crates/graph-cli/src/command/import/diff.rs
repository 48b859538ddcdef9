//! `graphctl import diff`: what differs between two moments.

use std::collections::BTreeMap;
use std::io::{self, Write};

use graph_import::ChangeOperation;
use graph_import::sqlite::{Difference, Moment, StoreReader};
use serde_json::{Value, json};

use super::unusable;
use crate::args::{DiffArgs, DiffFormat, Format, Globals};
use crate::command::query::{self, closed};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::halt::Halt;
use crate::notice::Notice;
use crate::output::RowWriter;
use crate::quantity::number;
use crate::store;
use crate::terminal::escape;

pub(crate) fn run(
    args: &DiffArgs,
    globals: &Globals,
    notice: Notice,
    halt: &Halt,
) -> Result<Exit, Failure> {
    let path = store::to_read(globals, notice)?;
    let reader = query::reader(&path, None)?;
    halt.covers(reader.connection())?;
    let (from, to) = moments(args, &reader)?;
    let known = reader.streams().map_err(|error| unusable(&error))?;
    let known: Vec<String> = known.into_iter().map(|stream| stream.name).collect();
    if let Some(unknown) = args.streams.iter().find(|name| !known.contains(name)) {
        return Err(store::no_stream(unknown, known.iter().map(String::as_str)));
    }
    notice.say(&format!("from the end of run {from} to that of run {to}"));
    let mut printer = Printer::new(args.output).map_err(closed)?;
    let mut result = Ok(());
    let mut each = |difference: Difference| {
        if args.streams.is_empty() || args.streams.contains(&difference.stream) {
            result = printer.push(&difference);
        }
        result.is_ok()
    };
    reader.differences(from, to, &mut each).map_err(|error| unusable(&error))?;
    result.and_then(|()| printer.finish()).map_err(closed)?;
    Ok(Exit::Done)
}

/// The runs at whose ends the two moments are.
fn moments(args: &DiffArgs, reader: &StoreReader) -> Result<(u64, u64), Failure> {
    let run = |moment: &Moment| reader.run(moment).map_err(|error| unusable(&error));
    let last = reader.ended_runs(2).map_err(|error| unusable(&error))?;
    let to = match (&args.to, last.first()) {
        (Some(moment), _) => run(moment)?,
        (None, Some(last)) => *last,
        (None, None) => return Err(Failure::usage("no import has ended in this store")),
    };
    let from = match (&args.from, last.get(1)) {
        (Some(moment), _) => run(moment)?,
        (None, Some(before)) => *before,
        (None, None) => {
            return Err(Failure::usage("there is one run only, and nothing to compare it with")
                .hint("`graphctl import` makes another one"));
        }
    };
    if from > to {
        return Err(Failure::usage(format!("run {from} is later than run {to}"))
            .hint("name the earlier moment first"));
    }
    Ok((from, to))
}

/// Writes differences as they come.
enum Printer {
    Text(Box<Text>),
    /// Whole differences.
    Rows(RowWriter<io::BufWriter<io::Stdout>>),
    /// A row a field.
    Fields(RowWriter<io::BufWriter<io::Stdout>>),
}

const COLUMNS: [&str; 9] = [
    "stream",
    "operation",
    "id",
    "name",
    "target_id",
    "target_type",
    "target_name",
    "fields",
    "count",
];
const FIELDS: [&str; 10] = [
    "stream",
    "operation",
    "id",
    "name",
    "target_id",
    "target_type",
    "target_name",
    "property",
    "before",
    "after",
];

impl Printer {
    fn new(format: DiffFormat) -> io::Result<Self> {
        let out = io::BufWriter::new(io::stdout());
        let columns = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
        Ok(match format {
            DiffFormat::Text => {
                Self::Text(Box::new(Text { out, stream: String::new(), counts: BTreeMap::new() }))
            }
            DiffFormat::Json => Self::Rows(RowWriter::new(out, columns(&COLUMNS), Format::Json)?),
            DiffFormat::Jsonl => Self::Rows(RowWriter::new(out, columns(&COLUMNS), Format::Jsonl)?),
            DiffFormat::Csv => Self::Fields(RowWriter::new(out, columns(&FIELDS), Format::Csv)?),
        })
    }

    fn push(&mut self, difference: &Difference) -> io::Result<()> {
        let value = json!(difference);
        let cells = |names: &[&str]| -> Vec<Value> {
            names.iter().map(|name| value.get(name).cloned().unwrap_or_default()).collect()
        };
        match self {
            Self::Text(text) => text.push(difference),
            Self::Rows(rows) => rows.push(cells(&COLUMNS)),
            Self::Fields(rows) if difference.fields.is_empty() => rows.push(cells(&FIELDS)),
            Self::Fields(rows) => difference.fields.iter().try_for_each(|field| {
                let mut row = cells(&FIELDS[..7]);
                row.extend([
                    field.property.as_str().into(),
                    field.before.clone(),
                    field.after.clone(),
                ]);
                rows.push(row)
            }),
        }
    }

    fn finish(self) -> io::Result<()> {
        match self {
            Self::Text(text) => text.finish(),
            Self::Rows(rows) | Self::Fields(rows) => rows.finish(),
        }
    }
}

/// Lines for people, a block a stream, and the counts at the end.
struct Text {
    out: io::BufWriter<io::Stdout>,
    stream: String,
    counts: BTreeMap<(String, &'static str), u64>,
}

impl Text {
    fn push(&mut self, difference: &Difference) -> io::Result<()> {
        if self.stream != difference.stream {
            self.stream.clone_from(&difference.stream);
            writeln!(self.out, "{}", difference.stream)?;
        }
        let key = (difference.stream.clone(), difference.operation.as_str());
        *self.counts.entry(key).or_default() += difference.count.unwrap_or(1);
        let id = difference.id.as_ref().map(ToString::to_string).unwrap_or_default();
        let sign = match difference.operation {
            ChangeOperation::Created | ChangeOperation::Added | ChangeOperation::Restored => '+',
            ChangeOperation::Deleted | ChangeOperation::Removed => '-',
            _ => '~',
        };
        if let Some(count) = difference.count {
            return writeln!(self.out, "  + {} read for the first time", number(count));
        }
        write!(self.out, "  {sign} {id}")?;
        if let Some(name) = &difference.name {
            write!(self.out, " {}", escape(name))?;
        }
        if let Some(target) = &difference.target_id {
            let name = difference.target_name.iter().map(|name| format!(" {}", escape(name)));
            let kind = difference.target_type.as_deref().unwrap_or_default();
            write!(self.out, " → {target}{} ({})", name.collect::<String>(), escape(kind))?;
        }
        if difference.operation == ChangeOperation::Restored {
            write!(self.out, " (restored)")?;
        }
        writeln!(self.out)?;
        difference.fields.iter().try_for_each(|field| {
            let (before, after) = (field.before.to_string(), field.after.to_string());
            let property = escape(&field.property);
            writeln!(self.out, "      {property}: {} → {}", escape(&before), escape(&after))
        })
    }

    fn finish(mut self) -> io::Result<()> {
        if self.counts.is_empty() {
            writeln!(self.out, "no differences")?;
        } else {
            writeln!(self.out)?;
        }
        let mut lines: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        for ((stream, operation), count) in &self.counts {
            lines.entry(stream).or_default().push(format!("{} {operation}", number(*count)));
        }
        for (stream, counts) in lines {
            writeln!(self.out, "{stream}: {}", counts.join(", "))?;
        }
        self.out.flush()
    }
}
