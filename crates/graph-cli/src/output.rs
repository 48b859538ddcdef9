//! Data for stdout, in every format.

use std::io::{self, Write};

use comfy_table::{
    CellAlignment, ColumnConstraint, ContentArrangement, ContentLineStyle, LineStyle, Table,
    TableStyle,
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
    /// Leaves columns out until the rest is no wider than this.
    fn fit(&mut self, width: usize, spare: &[&str]) {
        for name in spare {
            let cells =
                |at: usize| self.rows.iter().map(move |row| plain(&row[at]).chars().count());
            let column =
                |at: usize| cells(at).max().unwrap_or(0).max(self.columns[at].chars().count());
            let natural: usize =
                (0..self.columns.len()).map(|at| column(at) + usize::from(PADDING)).sum();
            let Some(at) = self.columns.iter().position(|it| it == name) else { continue };
            if natural <= width {
                return;
            }
            self.columns.remove(at);
            for row in &mut self.rows {
                row.remove(at);
            }
        }
    }

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

/// Prints the table of a report. On a narrow terminal the columns named in `spare` are left out, the
/// first of them first, before cells are broken.
pub(crate) fn print_table(mut rows: Rows, spare: &[&str]) -> io::Result<()> {
    if let Some((Width(width), _)) = terminal_size_of(io::stdout()) {
        rows.fit(usize::from(width), spare);
    }
    print_rows(rows, Format::Table)
}

/// Rows that a table looks at before it decides how wide its columns are. Later rows are written as
/// they come, a screenful at once, and widen a column where they must.
const SEEN_FIRST: usize = 1_000;

/// Writes rows as they come, so that memory does not grow with them.
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
    Table(W, Part),
    /// A list item each.
    Yaml(W),
}

impl<W: Write> RowWriter<W> {
    pub(crate) fn new(out: W, columns: Vec<String>, format: Format) -> io::Result<Self> {
        let sink = match format {
            Format::Jsonl => Sink::Lines(out),
            Format::Json => Sink::List(out),
            Format::Yaml => Sink::Yaml(out),
            Format::Text => Sink::Text(out),
            Format::Table => Sink::Table(out, Part::first(&columns)),
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
            Sink::Yaml(out) => write_yaml(out, &Value::Array(vec![object(&self.columns, row)])),
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
            Sink::Table(out, part) => {
                part.push(&row);
                if part.table.row_count() < SEEN_FIRST { Ok(()) } else { part.write(out) }
            }
        }
    }

    pub(crate) fn finish(self) -> io::Result<()> {
        match self.sink {
            Sink::List(mut out) => writeln!(out, "{}", if self.count == 0 { "[]" } else { "\n]" }),
            Sink::Csv(mut writer) => writer.flush(),
            Sink::Table(mut out, mut part) => {
                if part.widths.is_empty() || part.table.row_count() > 0 {
                    part.write(&mut out)?;
                }
                out.flush()
            }
            Sink::Yaml(mut out) if self.count == 0 => writeln!(out, "[]"),
            Sink::Lines(mut out) | Sink::Text(mut out) | Sink::Yaml(mut out) => out.flush(),
        }
    }
}

/// Spaces around the content of a cell.
const PADDING: u16 = 2;

/// The rows of a table that were not written yet.
struct Part {
    table: Table,
    /// Columns that hold anything but numbers.
    texts: Vec<bool>,
    /// How wide the columns of earlier rows are, without what is around them; empty for the first.
    widths: Vec<u16>,
}

impl Part {
    fn first(columns: &[String]) -> Self {
        let mut table = table();
        table.set_header(columns.iter().map(|name| escape(name)));
        Self { table, texts: vec![false; columns.len()], widths: Vec::new() }
    }

    fn push(&mut self, row: &[Value]) {
        for (text, value) in self.texts.iter_mut().zip(row) {
            *text |= !value.is_number() && !value.is_null();
        }
        self.table.add_row(row.iter().map(|value| escape(&plain(value))));
    }

    /// Writes the rows; those that come next stand below them.
    fn write(&mut self, out: &mut impl Write) -> io::Result<()> {
        for (at, _) in self.texts.iter().enumerate().filter(|(_, text)| !**text) {
            if let Some(column) = self.table.column_mut(at) {
                column.set_cell_alignment(CellAlignment::Right);
            }
        }
        // A terminal is narrow: there each part is fitted by itself.
        if self.table.width().is_none() && !self.widths.is_empty() {
            let wide = |width: &u16| {
                ColumnConstraint::LowerBoundary(comfy_table::Width::Fixed(width + PADDING))
            };
            self.table.set_constraints(self.widths.iter().map(wide));
        }
        // Nothing but spaces fills a line up.
        let text = self.table.to_string();
        text.lines().try_for_each(|line| writeln!(out, "{}", line.trim_end()))?;
        let now = self.table.column_max_content_widths();
        self.widths.resize(now.len(), 0);
        self.widths.iter_mut().zip(now).for_each(|(width, now)| *width = now.max(*width));
        self.table = table();
        Ok(())
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
fn table() -> Table {
    let mut table = Table::new();
    table.load_style(STYLE);
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

    /// I7: a table and YAML too are written as their rows come.
    #[test]
    fn what_is_long_is_written_in_parts_that_fit_together() {
        let row = |n: u64| json!({"n": 10_000 - n, "name": format!("user {n}")});
        let long = Value::Array((0..2_500).map(row).collect());
        let table = written(&long, Format::Table);
        assert_eq!(table.lines().count(), 2 + 2_500, "one head");
        let ends = |line: &str| line.find("user").unwrap();
        let at: Vec<usize> = table.lines().skip(2).map(ends).collect();
        assert!(at.iter().all(|place| *place == at[0]), "columns stand below each other");
        assert_eq!(written(&json!([{"n": 1}]), Format::Table).lines().count(), 3);
        let yaml: Value = serde_yaml::from_str(&written(&long, Format::Yaml)).unwrap();
        assert_eq!(yaml, long);
        assert_eq!(written(&json!([]), Format::Yaml), "[]\n");
    }

    #[test]
    fn a_narrow_terminal_is_spared_the_columns_that_say_least() {
        let columns = ["stream", "requests", "certificate"].map(str::to_owned).to_vec();
        let rows = vec![vec![json!("users"), json!(1_000), json!("proven")]];
        let fitted = |width| {
            let mut all = Rows { columns: columns.clone(), rows: rows.clone() };
            all.fit(width, &["requests", "certificate"]);
            assert_eq!(all.rows[0].len(), all.columns.len());
            all.columns.join(" ")
        };
        assert_eq!(fitted(31), "stream requests certificate");
        assert_eq!(fitted(30), "stream certificate");
        assert_eq!(fitted(20), "stream");
    }

    /// SEC-C01
    #[test]
    fn csv_cells_are_no_formulas() {
        let rows = json!([{"name": "=1+1", "n": -5}, {"name": "@x", "n": 1}]);
        assert_eq!(written(&rows, Format::Csv), "name,n\n'=1+1,-5\n'@x,1\n");
    }
}
