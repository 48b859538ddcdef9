//! `graphctl export`: streams as files.

mod file;

use std::io::{self, Write};

use graph_import::sqlite::{StoreReader, StoredStream};
use rusqlite::types::ValueRef;
use serde_json::Value;

use self::file::Finished;
use crate::args::{ExportArgs, ExportFormat, Format, Globals};
use crate::command::import::unusable;
use crate::command::query::{self, closed, refused};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::halt::Halt;
use crate::notice::Notice;
use crate::output::RowWriter;
use crate::store;

pub(crate) fn run(
    args: &ExportArgs,
    globals: &Globals,
    notice: Notice,
    halt: &Halt,
) -> Result<Exit, Failure> {
    let path = store::to_read(globals, notice)?;
    // All streams are read in one transaction: they show one state of the tenant.
    let reader = query::reader(&path, args.as_of.as_ref())?;
    halt.covers(reader.connection())?;
    let views = views(args, &reader, notice)?;
    let Some(output) = &args.output else {
        one_file_only(args, &views)?;
        write(args.format, &reader, &views, io::stdout().lock())?;
        return Ok(Exit::Done);
    };
    if output.is_dir() {
        // Between two statements there is nothing to interrupt.
        for view in views.iter().take_while(|_| !halt.is_requested()) {
            let path = output.join(format!("{view}.{}", extension(args.format)));
            Finished::write(&path, |out| {
                write(args.format, &reader, std::slice::from_ref(view), out)
            })?;
        }
    } else {
        one_file_only(args, &views)?;
        Finished::write(output, |out| write(args.format, &reader, &views, out))?;
    }
    Ok(Exit::Done)
}

fn extension(format: ExportFormat) -> &'static str {
    match format {
        ExportFormat::Jsonl => "jsonl",
        ExportFormat::Csv => "csv",
    }
}

/// The views to write.
fn views(args: &ExportArgs, reader: &StoreReader, notice: Notice) -> Result<Vec<String>, Failure> {
    let streams = reader.streams().map_err(|error| unusable(&error))?;
    if args.streams.is_empty() {
        for stream in streams.iter().filter(|stream| !stream.published) {
            notice.say(&format!("`{}` has not been read to its end and is left out", stream.name));
        }
        let published = streams.into_iter().filter(|stream| stream.published);
        return Ok(published.map(|stream| stream.view).collect());
    }
    args.streams.iter().map(|name| named(name, &streams, reader)).collect()
}

fn named(name: &str, streams: &[StoredStream], reader: &StoreReader) -> Result<String, Failure> {
    match streams.iter().find(|stream| stream.name == name || stream.view == name) {
        Some(stream) if !stream.published => {
            Err(Failure::new(Exit::Failed, format!("`{name}` has not been read to its end"))
                .hint("`graphctl import status` shows where it stands, `graphctl import` goes on"))
        }
        Some(stream) => Ok(stream.view.clone()),
        None => {
            let sql = "SELECT count(*) FROM sqlite_schema WHERE type = 'view' AND name = ?1";
            let found: i64 = reader
                .connection()
                .query_row(sql, [name], |row| row.get(0))
                .map_err(|error| refused(&error))?;
            if found == 1 {
                return Ok(name.to_owned());
            }
            Err(store::no_stream(name, streams.iter().map(|stream| stream.view.as_str())))
        }
    }
}

/// CSV has one header.
fn one_file_only(args: &ExportArgs, views: &[String]) -> Result<(), Failure> {
    if args.format == ExportFormat::Jsonl || views.len() == 1 {
        return Ok(());
    }
    Err(Failure::usage(format!("a CSV file holds one stream, and these are {}", views.len()))
        .hint("name one with --streams, or a directory with --output"))
}

/// Writes all rows of the views as they come from the store.
fn write<W: Write>(
    format: ExportFormat,
    reader: &StoreReader,
    views: &[String],
    out: W,
) -> Result<(), Failure> {
    let mut out = io::BufWriter::new(out);
    for view in views {
        rows(format, reader, (view, views.len() > 1), &mut out)?;
    }
    out.flush().map_err(closed)
}

fn rows<W: Write>(
    format: ExportFormat,
    reader: &StoreReader,
    (view, tagged): (&str, bool),
    out: &mut W,
) -> Result<(), Failure> {
    let sql = format!("SELECT * FROM \"{}\"", view.replace('"', "\"\""));
    let mut statement = reader.connection().prepare(&sql).map_err(|error| refused(&error))?;
    let columns = columns(format, reader, view).map_err(|error| refused(&error))?;
    let kinds: Vec<Kind> = columns.iter().map(|(_, kind)| *kind).collect();
    let kept = columns.into_iter().filter(|(_, kind)| *kind != Kind::LeftOut);
    let tag = tagged.then(|| "stream".to_owned());
    let columns = tag.into_iter().chain(kept.map(|(name, _)| name)).collect();
    let format = match format {
        ExportFormat::Jsonl => Format::Jsonl,
        ExportFormat::Csv => Format::Csv,
    };
    let mut writer = RowWriter::new(out, columns, format).map_err(closed)?;
    let mut rows = statement.query([]).map_err(|error| refused(&error))?;
    while let Some(row) = rows.next().map_err(|error| refused(&error))? {
        let mut cells: Vec<Value> = tagged.then(|| view.into()).into_iter().collect();
        for (at, kind) in kinds.iter().enumerate().filter(|(_, kind)| **kind != Kind::LeftOut) {
            cells.push(kind.value(row.get_ref(at).map_err(|error| refused(&error))?));
        }
        writer.push(cells).map_err(closed)?;
    }
    writer.finish().map_err(closed)
}

/// The columns of a view, in their order.
fn columns(
    format: ExportFormat,
    reader: &StoreReader,
    view: &str,
) -> rusqlite::Result<Vec<(String, Kind)>> {
    // As they are declared, also where a past moment is shown under the same name.
    let sql = "SELECT name, type FROM pragma_table_info(?1, 'main')";
    let mut statement = reader.connection().prepare(sql)?;
    let column = |row: &rusqlite::Row<'_>| {
        let (name, declared): (String, String) = (row.get(0)?, row.get(1)?);
        let kind = Kind::of(format, &name, &declared);
        Ok((name, kind))
    };
    statement.query_map([view], column)?.collect()
}

/// How a column is written.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Plain,
    Boolean,
    /// JSON, embedded as what it is.
    Json,
    LeftOut,
}

impl Kind {
    fn of(format: ExportFormat, name: &str, declared: &str) -> Self {
        match (format, name) {
            (ExportFormat::Jsonl, "raw") => Self::Json,
            (ExportFormat::Csv, "raw") => Self::LeftOut,
            (ExportFormat::Jsonl, _) if declared == "JSON TEXT" => Self::Json,
            _ if declared == "BOOLEAN" => Self::Boolean,
            _ => Self::Plain,
        }
    }

    fn value(self, cell: ValueRef<'_>) -> Value {
        match (self, cell) {
            (Self::Boolean, ValueRef::Integer(number)) => (number != 0).into(),
            (Self::Json, ValueRef::Text(json)) => {
                serde_json::from_slice(json).unwrap_or_else(|_| query::value(cell))
            }
            _ => query::value(cell),
        }
    }
}
