//! An earlier moment of the tenant, as the import that ended by then had left it.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use rusqlite::{Connection, params};

use super::ids::{signed, unsigned};
use super::names::{quoted, table};
use super::views::membership::closure;
use crate::store::StoreError;

/// A moment that a store can be read at: the end of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Moment {
    /// The end of the run of this number.
    Run(u64),
    /// The end of the last run that had ended by then.
    Time(Timestamp),
}

/// A text that names no moment.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("read `{0}` as a moment: take the number of a run, a date, or a time as in RFC 3339")]
pub struct BadMoment(String);

impl FromStr for Moment {
    type Err = BadMoment;

    /// Reads `17`, `2031-01-31` (its end, in UTC) or `2031-01-31T12:00:00Z`.
    fn from_str(text: &str) -> Result<Self, BadMoment> {
        let bad = || BadMoment(text.to_owned());
        if let Ok(run) = text.parse() {
            return Ok(Self::Run(run));
        }
        if let Ok(time) = text.parse() {
            return Ok(Self::Time(time));
        }
        let day: Date = text.parse().map_err(|_| bad())?;
        let end = day.tomorrow().and_then(|next| next.to_zoned(TimeZone::UTC));
        Ok(Self::Time(end.map_err(|_| bad())?.timestamp()))
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Run(run) => write!(f, "run {run}"),
            Self::Time(time) => write!(f, "{time}"),
        }
    }
}

/// The run whose end a moment is.
pub(super) fn run(connection: &Connection, moment: &Moment) -> Result<u64, Unresolved> {
    let found: Option<i64> = match moment {
        Moment::Run(run) => connection.query_row(
            "SELECT max(run) FROM import_run WHERE run = ?1 AND ended_at IS NOT NULL",
            [signed(*run)],
            |row| row.get(0),
        )?,
        Moment::Time(time) => connection.query_row(
            "SELECT max(run) FROM import_run WHERE ended_at <= ?1",
            [format!("{time:.3}")],
            |row| row.get(0),
        )?,
    };
    let none = || Unresolved::None(StoreError::NoRun { moment: moment.to_string() });
    found.map(unsigned).ok_or_else(none)
}

/// Why a moment has no run.
pub(super) enum Unresolved {
    None(StoreError),
    Database(rusqlite::Error),
}

impl From<rusqlite::Error> for Unresolved {
    fn from(error: rusqlite::Error) -> Self {
        Self::Database(error)
    }
}

/// Puts the state that a run has left under the names of the store's tables and views, for this
/// connection alone. Views of histories stay as they are.
pub(super) fn show(connection: &Connection, run: u64) -> rusqlite::Result<()> {
    connection.pragma_update(None, "temp_store", "memory")?;
    let run = signed(run);
    shadow(connection, "import_stream", &streams(connection, run)?)?;
    let mut known = connection
        .prepare("SELECT stream, CASE kind WHEN 'edges' THEN owner END FROM main.import_stream")?;
    let known = known.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    for (stream, owner) in known.collect::<Result<Vec<(String, Option<String>)>, _>>()? {
        let Some(owner) = owner else {
            let select = objects(connection, &stream, run)?;
            shadow(connection, &format!("object_{stream}"), &select)?;
            continue;
        };
        shadow(connection, &format!("edge_{stream}"), &edges(&stream, run))?;
        let nested = format!("nested_{stream}");
        if !columns(connection, &nested)?.is_empty() {
            shadow(connection, &nested, &closure(&stream, &owner))?;
        }
    }
    let sql = r"SELECT sql FROM main.sqlite_schema WHERE type = 'view'
        AND name NOT LIKE '%\_history' ESCAPE '\' AND name NOT LIKE 'import\_past\_%' ESCAPE '\'";
    let mut views = connection.prepare(sql)?;
    let views = views.query_map([], |row| row.get(0))?.collect::<Result<Vec<String>, _>>()?;
    for view in views {
        connection.execute_batch(&view.replacen("CREATE VIEW", "CREATE TEMP VIEW", 1))?;
    }
    Ok(())
}

fn shadow(connection: &Connection, name: &str, select: &str) -> rusqlite::Result<()> {
    connection.execute_batch(&format!("CREATE TEMP VIEW {} AS {select}", quoted(name)))
}

fn columns(connection: &Connection, of: &str) -> rusqlite::Result<Vec<String>> {
    let mut statement = connection.prepare("SELECT name FROM pragma_table_info(?1, 'main')")?;
    statement.query_map(params![of], |row| row.get(0))?.collect()
}

/// The streams: one that was first published later shows nothing.
fn streams(connection: &Connection, run: i64) -> rusqlite::Result<String> {
    let columns = columns(connection, "import_stream")?;
    let select = columns.iter().map(|column| match column.as_str() {
        "published" => {
            format!("CASE WHEN published_run <= {run} THEN published END AS published")
        }
        other => quoted(other),
    });
    Ok(format!("SELECT {} FROM main.import_stream", select.collect::<Vec<_>>().join(", ")))
}

/// Objects that were known, in the state that they were in, deleted ones included.
fn objects(connection: &Connection, stream: &str, run: i64) -> rusqlite::Result<String> {
    let now = columns(connection, &format!("object_{stream}"))?;
    let past = columns(connection, &format!("import_past_{stream}"))?;
    let kept = |column: &String| {
        let name = quoted(column);
        if past.contains(column) { name } else { format!("NULL AS {name}") }
    };
    let list = |each: &dyn Fn(&String) -> String| -> String {
        now.iter().map(each).collect::<Vec<_>>().join(", ")
    };
    Ok(format!(
        "SELECT {} FROM main.{} WHERE since_run <= {run}
         UNION ALL SELECT {} FROM main.{} WHERE since_run <= {run} AND until_run > {run}",
        list(&|column| quoted(column)),
        table("object", stream),
        list(&kept),
        table("import_past", stream),
    ))
}

fn edges(stream: &str, run: i64) -> String {
    format!(
        "SELECT source, target, type, since_run FROM main.{} WHERE since_run <= {run}
         UNION ALL SELECT source, target, type, since_run FROM main.{} WHERE since_run <= {run} AND until_run > {run}",
        table("edge", stream),
        table("closed", stream),
    )
}
