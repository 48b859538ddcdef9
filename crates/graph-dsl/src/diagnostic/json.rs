//! Diagnostics for programs: one JSON object per line.

use serde::Serialize;

use super::{Diagnostic, Fix, Label, Range, Severity};

/// Renders a diagnostic as one JSON object without a line break.
///
/// Keys: `code`, `severity`, `message`, `path`, `span` (`file`, `start`, `end` with `line`,
/// `column`, `offset`), `label`, `labels`, `help`, `notes`, `in`, `fix` (`edits`), `docs` (the command that explains the code).
pub fn render_json(diagnostic: &Diagnostic) -> String {
    let value = Json {
        code: diagnostic.code.to_string(),
        severity: diagnostic.severity,
        message: &diagnostic.message,
        path: &diagnostic.path,
        span: FileRange { file: &diagnostic.file, range: diagnostic.primary.span },
        label: &diagnostic.primary.text,
        labels: &diagnostic.secondary,
        help: diagnostic.help.as_deref(),
        notes: &diagnostic.notes,
        context: diagnostic.context.as_deref(),
        fix: diagnostic.fix.as_ref(),
        docs: format!("graphctl explain {}", diagnostic.code),
    };
    serde_json::to_string(&value).expect("text, numbers and lists always serialize")
}

#[derive(Serialize)]
struct Json<'a> {
    code: String,
    severity: Severity,
    message: &'a str,
    path: &'a str,
    span: FileRange<'a>,
    label: &'a str,
    labels: &'a [Label],
    help: Option<&'a str>,
    notes: &'a [String],
    #[serde(rename = "in")]
    context: Option<&'a str>,
    fix: Option<&'a Fix>,
    docs: String,
}

#[derive(Serialize)]
struct FileRange<'a> {
    file: &'a str,
    #[serde(flatten)]
    range: Range,
}
