//! Compiling the scalars of a command: templates, references, ambiguous values.

use std::ops::Range;

use super::arguments::{Site, Uses};
use crate::definition::Reading;
use crate::diagnostic::{Code, Finding};
use crate::source::{Node, Plain, Scalar, Span, ambiguity};
use crate::template::{LEGACY_MARKER, Piece, Template, split};

/// Compiles a text scalar where templates are allowed; everything wrong is reported.
pub(super) fn template(
    node: &Node,
    scalar: &Scalar,
    site: Site,
    uses: &mut Uses<'_>,
    reading: &mut Reading<'_>,
) -> Option<Template> {
    if let Some(finding) = reference(node, scalar, reading) {
        reading.report.add(finding);
        return None;
    }
    let compiled = match Template::compile(&scalar.text) {
        Ok(template) => template,
        Err(issues) => {
            for issue in issues {
                let finding = issue.finding(scalar, node.span, reading.text);
                reading.report.add(finding);
            }
            return None;
        }
    };
    legacy_marker(node, scalar, reading);
    let in_text = compiled.whole().is_none();
    let places = expression_places(&scalar.text);
    for (expression, place) in compiled.expressions().zip(places) {
        let locate = |range: Range<usize>| {
            scalar.locate(
                node.span,
                reading.text,
                place.start + range.start,
                place.start + range.end,
            )
        };
        let whole = locate(0..place.len());
        let found = uses.check(expression, &locate, whole, site, in_text);
        reading.report.extend(found);
        for lint in expression.lints() {
            let lint = lint.clone().shift(place.start).finding(scalar, node.span, reading.text);
            reading.report.add(lint);
        }
    }
    Some(compiled)
}

/// Byte ranges of the expressions of a text, braces excluded.
fn expression_places(text: &str) -> Vec<Range<usize>> {
    let inner = |piece| match piece {
        Piece::Expression { inner, .. } => Some(inner),
        Piece::Text(_) => None,
    };
    split(text).map(|pieces| pieces.into_iter().filter_map(inner).collect()).unwrap_or_default()
}

/// A reference in a command: nothing would resolve it.
pub(super) fn reference(node: &Node, scalar: &Scalar, reading: &Reading<'_>) -> Option<Finding> {
    let start = scalar.text.find("${{")?;
    let end = scalar.text[start..].find("}}").map_or(scalar.text.len(), |close| start + close + 2);
    let span = scalar.locate(node.span, reading.text, start, end);
    let finding =
        Finding::new(Code::MalformedReference, span, "references are read in `connection` only");
    Some(finding.help("declare an argument and pass the value"))
}

/// GD0212.
fn legacy_marker(node: &Node, scalar: &Scalar, reading: &mut Reading<'_>) {
    let Some(start) = scalar.text.rfind(LEGACY_MARKER) else { return };
    if !scalar.text.contains("{{") {
        return;
    }
    let span = scalar.locate(node.span, reading.text, start, start + LEGACY_MARKER.len());
    let finding =
        Finding::new(Code::LegacyJsonMarker, span, "the `asjsonobject` marker is not needed");
    let finding = finding.help("write the single expression alone, without `| tojson`");
    reading.report.add(match without_marker(reading.text.slice(node.span)) {
        Some(alone) => finding.edit(node.span, alone),
        None => finding,
    });
}

/// `"{{ x | tojson }} asjsonobject"` as `"{{ x }}"`, when there is nothing else in the text.
fn without_marker(written: &str) -> Option<String> {
    let (before, after) = written.split_once(LEGACY_MARKER)?;
    let inner = before.trim_end().strip_suffix("}}")?.trim_end().strip_suffix("tojson")?;
    let inner = inner.trim_end().strip_suffix('|')?.trim_end();
    (inner.matches("{{").count() == 1).then(|| format!("{inner} }}}}{after}"))
}

/// GD0115: a plain scalar that YAML tools read in different ways.
pub(super) fn check_ambiguous(node: &Node, scalar: &Scalar, reading: &mut Reading<'_>) {
    let Some(meaning) = ambiguity(scalar) else { return };
    let message = format!("`{}` may be read as {meaning} by YAML tools", scalar.text);
    let finding = Finding::new(Code::AmbiguousScalar, node.span, message);
    let quoted = format!("\"{}\"", scalar.text);
    let digits = scalar.text.trim_start_matches('0');
    let number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    let help = if number && matches!(Plain::of(scalar), Plain::Text) {
        format!("quote it as text, or write `{digits}`")
    } else {
        "quote it as text".to_owned()
    };
    reading.report.add(finding.help(help).edit(node.span, quoted));
}

/// GD0308: a template where only plain text may stand.
pub(super) fn refuse_template(
    text: &str,
    span: Span,
    what: &str,
    reading: &mut Reading<'_>,
) -> bool {
    let found = text.contains("{{");
    if found {
        let message = format!("templates are not allowed in {what}");
        reading.report.add(Finding::new(Code::TemplateNotAllowed, span, message));
    }
    found
}
