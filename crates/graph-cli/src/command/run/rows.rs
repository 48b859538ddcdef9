//! `--from`: the rows of a CSV, JSON, JSONL or YAML file, or of an earlier run's results.

use std::fs;
use std::io::{self, Read as _};
use std::path::Path;

use graph_dsl::Arguments;
use serde_json::{Map, Value};

use super::Callee;
use super::result::{Ended, RowResult};
use crate::failure::Failure;

/// One call of many.
#[derive(Debug)]
pub(super) struct Row {
    /// Counted from 1, as the file does; kept when a results file is run again.
    pub(super) number: u64,
    pub(super) arguments: Arguments,
}

/// Reads every row and refuses the file whole if one does not fit: nothing was sent by then.
/// `common` arguments belong to every row.
pub(super) fn read(
    callee: &Callee,
    path: &Path,
    only: &[Ended],
    common: &Arguments,
) -> Result<Vec<Row>, Failure> {
    let text = contents(path)?;
    let extension = path.extension().and_then(|it| it.to_str()).unwrap_or("jsonl");
    let rows = match extension.to_ascii_lowercase().as_str() {
        "csv" => csv_rows(callee, path, &text),
        "jsonl" | "ndjson" => json_lines(callee, path, &text, only),
        "json" => listed(path, serde_json::from_str(&text).map_err(|error| error.to_string())),
        "yaml" | "yml" => {
            listed(path, serde_yaml::from_str(&text).map_err(|error| error.to_string()))
        }
        other => Err(Failure::usage(format!("rows are not read from a `.{other}` file"))
            .hint("name a .csv, .jsonl, .json or .yaml file, or - for JSON lines on stdin")),
    }?;
    if !only.is_empty() && !matches!(extension, "jsonl" | "ndjson") {
        return Err(Failure::usage("--only needs the results of an earlier run")
            .hint("write them with --results results.jsonl"));
    }
    rows.into_iter().map(|row| with(row, common, path)).collect()
}

fn contents(path: &Path) -> Result<String, Failure> {
    let bytes = if path == Path::new("-") {
        let mut bytes = Vec::new();
        io::stdin().read_to_end(&mut bytes).map(|_| bytes)
    } else {
        fs::read(path)
    };
    let bytes = bytes.map_err(|error| Failure::file("read the rows of", path, &error))?;
    let text = String::from_utf8(bytes).map_err(|error| {
        let valid = error.utf8_error().valid_up_to();
        Failure::usage(format!("`{}` is not UTF-8 at byte {valid}", path.display()))
            .hint("save it as UTF-8")
    })?;
    Ok(text.strip_prefix('\u{feff}').map_or(text.clone(), str::to_owned))
}

/// E4: the header names arguments; an empty cell is an absent argument.
fn csv_rows(callee: &Callee, path: &Path, text: &str) -> Result<Vec<Row>, Failure> {
    let broken = |error: &csv::Error| {
        Failure::usage(format!("could not read `{}` as CSV", path.display())).because_of(error)
    };
    let mut reader =
        csv::ReaderBuilder::new().trim(csv::Trim::Headers).from_reader(text.as_bytes());
    let header = reader.headers().map_err(|error| broken(&error))?.clone();
    // Once for the whole file: an unknown or repeated column is no matter of rows.
    let columns = header.iter().map(|name| (name, ""));
    header_fits(callee, columns.map(|(name, _)| name))?;
    let (mut rows, mut misfits) = (Vec::new(), Vec::new());
    for (index, record) in reader.records().enumerate() {
        let record = record.map_err(|error| broken(&error))?;
        let number = index as u64 + 1;
        let cells = header.iter().zip(record.iter()).filter(|(_, cell)| !cell.is_empty());
        match callee.signature.read_text(&callee.name, cells) {
            Ok(arguments) => rows.push(Row { number, arguments }),
            Err(errors) => {
                misfits.extend(errors.into_iter().map(|error| (number, error.to_string())));
            }
        }
    }
    refuse(callee, path, &misfits)?;
    Ok(rows)
}

fn header_fits<'a>(callee: &Callee, names: impl Iterator<Item = &'a str>) -> Result<(), Failure> {
    let mut seen: Vec<&str> = Vec::new();
    for name in names {
        if seen.contains(&name) {
            return Err(Failure::usage(format!("the column `{name}` stands in the header twice")));
        }
        seen.push(name);
    }
    let unknown: Vec<_> = seen
        .into_iter()
        .filter(|name| callee.signature.get(name).is_none())
        .flat_map(|name| {
            callee.signature.read_text(&callee.name, [(name, "")]).err().unwrap_or_default()
        })
        .collect();
    if unknown.is_empty() { Ok(()) } else { Err(callee.misfit(&unknown)) }
}

/// One object a line: arguments, or results of an earlier run. Of several lines about one row the
/// last counts; a last line without its end was cut off when the run was killed, and counts as not
/// written.
fn json_lines(
    callee: &Callee,
    path: &Path,
    text: &str,
    only: &[Ended],
) -> Result<Vec<Row>, Failure> {
    let mut rows: Vec<(Row, Option<Ended>)> = Vec::new();
    let lines = text.split_inclusive('\n').enumerate().filter(|(_, line)| !line.trim().is_empty());
    for (index, line) in lines {
        let object: Map<String, Value> = match serde_json::from_str(line) {
            Ok(object) => object,
            Err(_) if !line.ends_with('\n') && rows.iter().any(|(_, ended)| ended.is_some()) => {
                break;
            }
            Err(error) => {
                let place = format!("line {} of `{}` is no JSON object", index + 1, path.display());
                return Err(Failure::usage(place).because(&error));
            }
        };
        match RowResult::read(&object) {
            Some(result) => {
                refuse_other_command(callee, path, &result)?;
                let row = Row { number: result.row, arguments: result.arguments };
                match rows
                    .iter_mut()
                    .find(|(known, ended)| ended.is_some() && known.number == row.number)
                {
                    Some(known) => *known = (row, Some(result.ended)),
                    None => rows.push((row, Some(result.ended))),
                }
            }
            None => rows.push((Row { number: index as u64 + 1, arguments: object.into() }, None)),
        }
    }
    if !only.is_empty() && rows.iter().any(|(_, ended)| ended.is_none()) {
        return Err(Failure::usage(format!("`{}` holds no results", path.display()))
            .hint("--only takes the results of an earlier run"));
    }
    let wanted = |ended: &Option<Ended>| {
        only.is_empty() || ended.is_some_and(|ended| only.iter().any(|it| it.includes(ended)))
    };
    Ok(rows.into_iter().filter(|(_, ended)| wanted(ended)).map(|(row, _)| row).collect())
}

fn refuse_other_command(callee: &Callee, path: &Path, result: &RowResult) -> Result<(), Failure> {
    let name = &callee.name;
    if result.command == *name {
        return Ok(());
    }
    let what =
        format!("`{}` holds results of `{}`, not of `{name}`", path.display(), result.command);
    Err(Failure::usage(what))
}

/// A list of objects in one document.
fn listed(path: &Path, parsed: Result<Value, String>) -> Result<Vec<Row>, Failure> {
    let unusable = |why: String| {
        Failure::usage(format!("`{}` is no list of rows: {why}", path.display()))
            .hint("write a list of objects, one a row: [{\"id\": …}, …]")
    };
    let Value::Array(items) = parsed.map_err(&unusable)? else {
        return Err(unusable("it holds something else".to_owned()));
    };
    let row = |(index, item)| match item {
        Value::Object(object) => Ok(Row { number: index as u64 + 1, arguments: object.into() }),
        _ => Err(unusable(format!("item {} is no object", index + 1))),
    };
    items.into_iter().enumerate().map(row).collect()
}

/// The row with the arguments of the command line; none may stand in both.
fn with(mut row: Row, common: &Arguments, path: &Path) -> Result<Row, Failure> {
    for (name, value) in common.iter() {
        let differs = row.arguments.get(name).is_some_and(|known| known != value);
        if differs {
            let number = row.number;
            return Err(Failure::usage(format!(
                "`{name}` is given on the command line and in row {number} of `{}`",
                path.display()
            )));
        }
        row.arguments.insert(name, value.clone());
    }
    Ok(row)
}

/// Every row that does not fit, the first few in words.
pub(super) fn refuse(
    callee: &Callee,
    path: &Path,
    misfits: &[(u64, String)],
) -> Result<(), Failure> {
    const SHOWN: usize = 10;
    if misfits.is_empty() {
        return Ok(());
    }
    let what = format!(
        "{} rows of `{}` do not fit `{}`; nothing was sent",
        misfits.len(),
        path.display(),
        callee.name
    );
    let mut failure = Failure::usage(what);
    for (number, why) in misfits.iter().take(SHOWN) {
        failure = failure.because_text(format!("row {number}: {why}"));
    }
    if misfits.len() > SHOWN {
        failure = failure.because_text(format!("and {} more", misfits.len() - SHOWN));
    }
    Err(failure)
}
