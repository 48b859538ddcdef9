//! Diagnostics for people: the source with a caret under it.

use annotate_snippets::{Annotation, AnnotationKind, Level, Renderer, Snippet};

use super::mask::Masked;
use super::{Diagnostic, Label, Severity};
use crate::SourceFile;

/// Renders a diagnostic with the source line and a caret under it.
///
/// `source` is the file the diagnostic came from (its text is cut out by byte offsets). Colour is
/// used only when asked for. Literal secrets of the file are shown as `•••`.
pub fn render_human(diagnostic: &Diagnostic, source: &SourceFile, colour: bool) -> String {
    let masked = Masked::new(&String::from_utf8_lossy(&source.bytes), &diagnostic.masked);
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Lint => Level::WARNING.with_name("lint"),
    };
    let code = diagnostic.code.to_string();
    let labels = std::iter::once((AnnotationKind::Primary, &diagnostic.primary))
        .chain(diagnostic.secondary.iter().map(|label| (AnnotationKind::Context, label)));
    let snippet = Snippet::source(masked.text.as_str())
        .path(diagnostic.file.as_str())
        .annotations(labels.map(|(kind, label)| annotation(kind, label, &masked)));
    let mut group = level.primary_title(diagnostic.message.as_str()).id(code).element(snippet);
    for (level, line) in remarks(diagnostic) {
        group = group.element(level.message(line));
    }
    let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
    renderer.render(&[group])
}

fn annotation<'a>(kind: AnnotationKind, label: &'a Label, masked: &Masked) -> Annotation<'a> {
    let text = &masked.text;
    let (start, end) =
        (masked.offset(label.span.start.offset), masked.offset(label.span.end.offset));
    // A long value is pointed at where it starts: a caret under twenty lines helps nobody.
    let end = match text.get(start..end).and_then(|covered| covered.find('\n')) {
        Some(line) if line > 0 => start + text[start..start + line].trim_end().len(),
        _ => end,
    };
    let annotation = kind.span(start..end.max(start));
    if label.text.is_empty() { annotation } else { annotation.label(label.text.as_str()) }
}

fn remarks(diagnostic: &Diagnostic) -> Vec<(Level<'static>, String)> {
    let mut remarks = Vec::new();
    if let Some(context) = &diagnostic.context {
        remarks.push((Level::NOTE.with_name("in"), context.clone()));
    }
    if let Some(help) = &diagnostic.help {
        let fixable = if diagnostic.fix.is_some() { " [fixable]" } else { "" };
        remarks.push((Level::HELP, format!("{help}{fixable}")));
    }
    remarks.extend(diagnostic.notes.iter().map(|note| (Level::NOTE, note.clone())));
    remarks
}
