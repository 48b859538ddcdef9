//! Diagnostics: what is wrong in a system file, where, and what to do about it.

mod code;
mod edit_distance;
mod human;
mod json;
mod mask;
mod report;

use std::fmt;

use serde::Serialize;

use crate::source::Span;

pub use code::{Code, UnknownCode};
pub use edit_distance::suggest;
pub use human::render_human;
pub use json::render_json;
pub(crate) use mask::is_secret_key;
pub(crate) use report::{Finding, Report};

/// One problem in a system file.
///
/// `Display` gives the one-line form (`file:line:column: error[GD0407]: message`);
/// [`render_human`] shows the source with a caret, [`render_json`] one object per line.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Diagnostic {
    /// What kind of problem it is.
    pub code: Code,
    /// How serious it is.
    pub severity: Severity,
    /// The file, as [`SourceFile::path`](crate::SourceFile) named it.
    pub file: String,
    /// What is wrong, in one line without a period; names in backticks.
    pub message: String,
    /// Where.
    pub primary: Label,
    /// Other places that explain it.
    pub secondary: Vec<Label>,
    /// What to do.
    pub help: Option<String>,
    /// Further facts, one line each.
    pub notes: Vec<String>,
    /// The command it belongs to: `group.remove_member (DELETE)`.
    pub context: Option<String>,
    /// Keys from the top of the file: `object_types.group.commands.remove_member.endpoint`.
    pub path: String,
    /// An edit that a machine may apply.
    pub fix: Option<Fix>,
    /// Where the file holds literal secrets: no rendering shows them.
    pub(crate) masked: Vec<Span>,
}

/// How serious a [`Diagnostic`] is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// No plan is compiled from what it concerns.
    Error,
    /// It works, and probably not as meant.
    Warning,
    /// A matter of style; may be allowed with a reason.
    Lint,
}

/// A place in the file and what is to be said about it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Label {
    /// The characters meant.
    pub span: Range,
    /// The remark; may be empty.
    pub text: String,
}

/// A range of characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Range {
    /// First character.
    pub start: Position,
    /// One past the last.
    pub end: Position,
}

/// A place in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Position {
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1; a tab counts 1.
    pub column: usize,
    /// Byte offset in the file, from 0.
    pub offset: usize,
}

/// Edits that repair a problem; apply all or none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Fix {
    /// The replacements, in the order of the file, never overlapping.
    pub edits: Vec<Edit>,
}

/// One replacement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Edit {
    /// What to replace.
    pub span: Range,
    /// With what.
    pub text: String,
}

impl Diagnostic {
    /// Whether it keeps a plan from being compiled.
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }

    /// Where it starts.
    pub fn position(&self) -> Position {
        self.primary.span.start
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { file, severity, code, message, .. } = self;
        let Position { line, column, .. } = self.position();
        write!(formatter, "{file}:{line}:{column}: {severity}[{code}]: {message}")
    }
}

impl Severity {
    /// `error`, `warning` or `lint`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Lint => "lint",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// `3 errors, 2 warnings in 2 files`: the footer of a report; lints count as their own.
pub fn summary(diagnostics: &[Diagnostic], files: usize) -> String {
    let count = |severity| diagnostics.iter().filter(|each| each.severity == severity).count();
    let parts = [
        (count(Severity::Error), "error"),
        (count(Severity::Warning), "warning"),
        (count(Severity::Lint), "lint"),
    ];
    let mut text: Vec<String> = Vec::new();
    for (number, noun) in parts {
        if number > 0 {
            text.push(plural(number, noun));
        }
    }
    let found = if text.is_empty() { "no problems".to_owned() } else { text.join(", ") };
    format!("{found} in {}", plural(files, "file"))
}

fn plural(number: usize, noun: &str) -> String {
    if number == 1 { format!("1 {noun}") } else { format!("{number} {noun}s") }
}
