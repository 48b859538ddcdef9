//! Data for stdout, in every format.

use std::io::{self, Write};

use comfy_table::{
    CellAlignment, ContentArrangement, ContentLineStyle, LineStyle, Table, TableStyle,
};
use serde_json::Value;
use terminal_size::{Width, terminal_size_of};

use crate::args::Format;
use crate::terminal::escape;

/// Rows with named columns: what tables and CSV print.
#[derive(Debug, Default)]
pub(crate) struct Rows {
    pub(crate) columns: Vec<String>,
    pub(crate) rows: Vec<Vec<Value>>,
}

impl Rows {
    /// An object is one row, a list of objects many, a scalar one cell; columns in order of first appearance.
    pub(crate) fn of(data: &Value) -> Self {
        let items: Vec<&Value> = match data.get("value").unwrap_or(data) {
            Value::Array(items) => items.iter().collect(),
            Value::Null => Vec::new(),
            other => vec![other],
        };
        let mut columns: Vec<String> = Vec::new();
        for object in items.iter().filter_map(|item| item.as_object()) {
            let new = object
                .keys()
                .filter(|key| !columns.contains(key) && !key.starts_with("@odata.context"));
            columns.extend(new.cloned().collect::<Vec<_>>());
        }
        let scalars = items.iter().any(|item| !item.is_object());
        if scalars {
            columns.insert(0, "value".to_owned());
        }
        let rows = items.into_iter().map(|item| row(item, &columns, scalars)).collect();
        Self { columns, rows }
    }
}

fn row(item: &Value, columns: &[String], scalars: bool) -> Vec<Value> {
    match item {
        Value::Object(object) => {
            columns.iter().map(|name| object.get(name).cloned().unwrap_or_default()).collect()
        }
        scalar => columns
            .iter()
            .enumerate()
            .map(|(index, _)| if scalars && index == 0 { scalar.clone() } else { Value::Null })
            .collect(),
    }
}

/// Prints a whole value: `json` and `yaml` as it is, the others as rows.
pub(crate) fn print_value(value: &Value, format: Format) -> io::Result<()> {
    let mut out = io::stdout().lock();
    match format {
        Format::Json => {
            serde_json::to_writer_pretty(&mut out, value)?;
            writeln!(out)
        }
        Format::Yaml => write_yaml(&mut out, value),
        _ => print_rows(Rows::of(value), format),
    }
}

/// Prints rows in any format.
pub(crate) fn print_rows(rows: Rows, format: Format) -> io::Result<()> {
    let mut writer = RowWriter::new(io::stdout().lock(), rows.columns, format)?;
    rows.rows.into_iter().try_for_each(|row| writer.push(row))?;
    writer.finish()
}

/// Writes rows as they come; only a table and YAML must see them all first.
pub(crate) struct RowWriter<W: Write> {
    columns: Vec<String>,
    sink: Sink<W>,
    count: u64,
}

enum Sink<W: Write> {
    /// One object a line.
    Lines(W),
    /// One list of objects, a line each.
    List(W),
    Csv(csv::Writer<W>),
    /// Cells between tabs.
    Text(W),
    /// Kept until the end, with the columns that hold anything but numbers.
    Table(W, Table, Vec<bool>),
    Yaml(W, Vec<Value>),
}

impl<W: Write> RowWriter<W> {
    pub(crate) fn new(out: W, columns: Vec<String>, format: Format) -> io::Result<Self> {
        let sink = match format {
            Format::Jsonl => Sink::Lines(out),
            Format::Json => Sink::List(out),
            Format::Yaml => Sink::Yaml(out, Vec::new()),
            Format::Text => Sink::Text(out),
            Format::Table => Sink::Table(out, table(&columns), vec![false; columns.len()]),
            Format::Csv => {
                let mut writer = csv::Writer::from_writer(out);
                writer.write_record(&columns).map_err(unwrapped)?;
                Sink::Csv(writer)
            }
        };
        Ok(Self { columns, sink, count: 0 })
    }

    pub(crate) fn push(&mut self, row: Vec<Value>) -> io::Result<()> {
        self.count += 1;
        match &mut self.sink {
            Sink::Lines(out) => {
                serde_json::to_writer(&mut *out, &object(&self.columns, row))?;
                writeln!(out)
            }
            Sink::List(out) => {
                out.write_all(if self.count == 1 { b"[\n  " } else { b",\n  " })?;
                Ok(serde_json::to_writer(out, &object(&self.columns, row))?)
            }
            Sink::Yaml(_, rows) => {
                rows.push(object(&self.columns, row));
                Ok(())
            }
            Sink::Csv(writer) => {
                let cells = row.iter().map(|value| match value {
                    Value::String(text) => defused(text),
                    other => plain(other),
                });
                writer.write_record(cells).map_err(unwrapped)
            }
            Sink::Text(out) => {
                let cells: Vec<String> = row.iter().map(|value| escape(&plain(value))).collect();
                writeln!(out, "{}", cells.join("\t"))
            }
            Sink::Table(_, table, texts) => {
                for (text, value) in texts.iter_mut().zip(&row) {
                    *text |= !value.is_number() && !value.is_null();
                }
                table.add_row(row.iter().map(|value| escape(&plain(value))));
                Ok(())
            }
        }
    }

    pub(crate) fn finish(self) -> io::Result<()> {
        match self.sink {
            Sink::Lines(mut out) | Sink::Text(mut out) => out.flush(),
            Sink::List(mut out) => writeln!(out, "{}", if self.count == 0 { "[]" } else { "\n]" }),
            Sink::Csv(mut writer) => writer.flush(),
            Sink::Table(mut out, mut table, texts) => {
                for (column, _) in texts.into_iter().enumerate().filter(|(_, text)| !text) {
                    if let Some(column) = table.column_mut(column) {
                        column.set_cell_alignment(CellAlignment::Right);
                    }
                }
                // Nothing but spaces fills a line up.
                table.to_string().lines().try_for_each(|line| writeln!(out, "{}", line.trim_end()))
            }
            Sink::Yaml(mut out, rows) => write_yaml(&mut out, &Value::Array(rows)),
        }
    }
}

/// The IO error inside: whether a pipe was closed must still be seen.
fn unwrapped(error: csv::Error) -> io::Error {
    match error.into_kind() {
        csv::ErrorKind::Io(error) => error,
        other => io::Error::other(format!("{other:?}")),
    }
}

fn object(columns: &[String], row: Vec<Value>) -> Value {
    Value::Object(columns.iter().cloned().zip(row).collect())
}

fn write_yaml(out: &mut impl Write, value: &Value) -> io::Result<()> {
    out.write_all(serde_yaml::to_string(value).map_err(io::Error::other)?.as_bytes())
}

/// Columns side by side under a ruled header: readable, and easy to copy from.
const STYLE: TableStyle = TableStyle::new()
    .header_lines(ContentLineStyle::none())
    .header_separator(LineStyle::none().fill('─'))
    .content_lines(ContentLineStyle::none());

/// A table: fitted to a terminal, never cut when it goes to a file or a pipe.
fn table(columns: &[String]) -> Table {
    let mut table = Table::new();
    table.load_style(STYLE).set_header(columns.iter().map(|name| escape(name)));
    if let Some((Width(width), _)) = terminal_size_of(io::stdout()) {
        table.set_content_arrangement(ContentArrangement::Dynamic).set_width(width);
    }
    table
}

/// A cell that a spreadsheet would run as a formula gets a leading `'` (SEC-C01).
fn defused(text: &str) -> String {
    let formula = text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '\0']);
    if formula { format!("'{text}") } else { text.to_owned() }
}

/// A scalar as plain text, nothing for null, anything deeper as JSON.
fn plain(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn written(value: &Value, format: Format) -> String {
        let rows = Rows::of(value);
        let mut out = Vec::new();
        let mut writer = RowWriter::new(&mut out, rows.columns, format).unwrap();
        rows.rows.into_iter().for_each(|row| writer.push(row).unwrap());
        writer.finish().unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn collections_objects_and_scalars_become_rows() {
        let users = json!({"value": [{"id": "1", "mail": null}, {"id": "2", "tags": ["a"]}]});
        assert_eq!(written(&users, Format::Csv), "id,mail,tags\n1,,\n2,,\"[\"\"a\"\"]\"\n");
        assert_eq!(written(&json!({"id": "1"}), Format::Jsonl), "{\"id\":\"1\"}\n");
        assert_eq!(written(&json!(42), Format::Text), "42\n");
        assert_eq!(written(&json!(["a", "b"]), Format::Text), "a\nb\n");
        assert_eq!(written(&Value::Null, Format::Text), "");
        assert_eq!(written(&json!([]), Format::Json), "[]\n");
        assert_eq!(
            written(&json!([{"a": 1}, {"a": 2}]), Format::Json),
            "[\n  {\"a\":1},\n  {\"a\":2}\n]\n"
        );
    }

    /// SEC-C01
    #[test]
    fn csv_cells_are_no_formulas() {
        let rows = json!([{"name": "=1+1", "n": -5}, {"name": "@x", "n": 1}]);
        assert_eq!(written(&rows, Format::Csv), "name,n\n'=1+1,-5\n'@x,1\n");
    }
}
