//! `graphctl query`: read-only SQL over a store.

mod refusal;

use std::fmt::Write as _;
use std::io::{self, Read as _, Write as _};
use std::path::Path;

use graph_import::sqlite::{self, Moment, StoreReader};
use rusqlite::types::ValueRef;
use rusqlite::{Connection, Row};
use serde_json::Value;

use crate::args::{Globals, QueryArgs};
use crate::command::import;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::halt::Halt;
use crate::notice::Notice;
use crate::output::{RowWriter, Rows};
use crate::store;

/// Everything that people are meant to query, with its columns. The other tables are the store's own.
const TABLES: &str = "select t.name as name, t.type as kind, group_concat(c.name, ', ') as columns \
     from sqlite_schema t join pragma_table_info(t.name) c \
     where (t.type = 'view' and t.name not like 'import\\_past\\_%' escape '\\') or t.name = 'import_change' \
     group by t.name, t.type order by t.name";

pub(crate) fn run(
    args: &QueryArgs,
    globals: &Globals,
    notice: Notice,
    halt: &Halt,
) -> Result<Exit, Failure> {
    let path = store::to_read(globals, notice)?;
    let reader = reader(&path, args.as_of.as_ref())?;
    let connection = reader.connection();
    halt.covers(connection)?;
    let sql = statement(args)?;
    if refusal::begins_to_write(&sql) {
        return Err(refusal::writes());
    }
    let misread = |error| refusal::misread(connection, &sql, &error);
    let mut statement = connection.prepare(&sql).map_err(misread)?;
    if !statement.readonly() {
        return Err(refusal::writes());
    }
    let columns = statement.column_names().map(str::to_owned).collect();
    let rows = statement.query([]).map_err(misread)?;
    let mut writer = RowWriter::new(io::BufWriter::new(io::stdout().lock()), columns, args.output)
        .map_err(closed)?;
    print(rows, &mut writer, misread)?;
    writer.finish().map_err(closed)?;
    Ok(Exit::Done)
}

/// The statement of the command line, of stdin, or our own.
fn statement(args: &QueryArgs) -> Result<String, Failure> {
    match args.sql.as_deref() {
        None => Ok(TABLES.to_owned()),
        Some("-") => {
            let mut sql = String::new();
            let read = io::stdin().lock().read_to_string(&mut sql);
            let failed = "could not read the query from stdin";
            read.map_err(|error| Failure::new(Exit::LocalIo, failed).because(&error))?;
            Ok(sql)
        }
        Some(sql) => Ok(sql.to_owned()),
    }
}

/// Opens the store as it is or was.
pub(crate) fn reader(path: &Path, as_of: Option<&Moment>) -> Result<StoreReader, Failure> {
    let reader = match as_of {
        Some(moment) => StoreReader::as_of(path, moment),
        None => StoreReader::open(path),
    };
    reader.map_err(|error| import::unusable(&error))
}

/// Opens the store without the right to change it.
pub(crate) fn open(path: &Path) -> Result<Connection, Failure> {
    sqlite::read_only(path).map_err(|error| import::unusable(&error))
}

/// All rows of one of our own statements.
pub(crate) fn rows(connection: &Connection, sql: &str) -> Result<Rows, Failure> {
    let mut statement = connection.prepare(sql).map_err(|error| refused(&error))?;
    let columns = statement.column_names().map(str::to_owned).collect();
    let rows = statement.query_map([], values).map_err(|error| refused(&error))?;
    let rows = rows.collect::<Result<_, _>>().map_err(|error| refused(&error))?;
    Ok(Rows { columns, rows })
}

fn print<W: io::Write>(
    mut rows: rusqlite::Rows<'_>,
    writer: &mut RowWriter<W>,
    refused: impl Fn(rusqlite::Error) -> Failure,
) -> Result<(), Failure> {
    while let Some(row) = rows.next().map_err(&refused)? {
        writer.push(values(row).map_err(&refused)?).map_err(closed)?;
    }
    Ok(())
}

fn values(row: &Row<'_>) -> rusqlite::Result<Vec<Value>> {
    let columns = row.as_ref().column_count();
    (0..columns).map(|index| row.get_ref(index).map(value)).collect()
}

pub(crate) fn value(cell: ValueRef<'_>) -> Value {
    match cell {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(number) => number.into(),
        ValueRef::Real(number) => number.into(),
        ValueRef::Text(text) => String::from_utf8_lossy(text).into(),
        ValueRef::Blob(bytes) => hexadecimal(bytes).into(),
    }
}

fn hexadecimal(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(2 * bytes.len());
    for byte in bytes {
        let _ = write!(text, "{byte:02x}");
    }
    text
}

pub(crate) fn refused(error: &rusqlite::Error) -> Failure {
    Failure::usage("the query was not understood")
        .because_of(error)
        .hint("`graphctl query --tables` lists tables and columns")
}

/// A reader that closed the pipe has seen enough; anything else is a failure of its own.
#[expect(clippy::needless_pass_by_value, reason = "so that it fits `map_err`")]
pub(crate) fn closed(error: io::Error) -> Failure {
    if error.kind() == io::ErrorKind::BrokenPipe {
        let _ = io::stdout().flush();
        return Failure::quiet();
    }
    Failure::new(Exit::LocalIo, "could not write to stdout").because(&error)
}
