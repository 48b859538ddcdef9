//! `table.txt`: what a command needs beyond its example.

use std::collections::BTreeMap;
use std::sync::OnceLock;

const TABLE: &str = include_str!("table.txt");

/// What a command needs beyond its example.
#[derive(Clone, Default)]
pub(crate) struct Row {
    pub(crate) arguments: String,
    pub(crate) before: Vec<String>,
    /// The simulator does not answer it yet.
    pub(crate) unanswered: bool,
}

/// Every line of `table.txt`, whose first lines explain it.
pub(crate) fn table() -> &'static BTreeMap<&'static str, Row> {
    static ROWS: OnceLock<BTreeMap<&str, Row>> = OnceLock::new();
    ROWS.get_or_init(|| {
        let lines = TABLE.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
        let rows = lines.map(|line| {
            let mut parts = line.split('|').map(str::trim);
            let name = parts.next().unwrap();
            let row = Row {
                unanswered: name.starts_with('!'),
                arguments: parts.next().unwrap_or_default().to_owned(),
                before: parts.map(str::to_owned).collect(),
            };
            (name.trim_start_matches('!'), row)
        });
        rows.collect()
    })
}
