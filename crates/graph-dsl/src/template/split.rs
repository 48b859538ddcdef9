//! A scalar's text, split into literal text and expressions.

use std::ops::Range;

use super::Issue;
use crate::diagnostic::Code;

/// A stretch of a scalar; ranges are bytes within its text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Piece {
    Text(Range<usize>),
    /// `{{ … }}`: `outer` with the braces, `inner` without.
    Expression {
        outer: Range<usize>,
        inner: Range<usize>,
    },
}

/// Splits a scalar at its `{{ … }}`. `${{…}}` is no template and is refused by whoever reads references.
pub(crate) fn split(text: &str) -> Result<Vec<Piece>, Issue> {
    let mut pieces = Vec::new();
    let mut at = 0;
    while let Some(found) = next_mark(text, at) {
        if text[found..].starts_with("{%") {
            return Err(statement(text, found));
        }
        if found > at {
            pieces.push(Piece::Text(at..found));
        }
        let close = closing(text, found + 2).ok_or_else(|| never_closed(text))?;
        if text[found..].starts_with("{{") {
            pieces.push(Piece::Expression { outer: found..close + 2, inner: found + 2..close });
        }
        at = close + 2;
    }
    if at < text.len() {
        pieces.push(Piece::Text(at..text.len()));
    }
    Ok(pieces)
}

/// The next `{{` or `{%`.
fn next_mark(text: &str, from: usize) -> Option<usize> {
    let rest = &text[from..];
    let marks = [rest.find("{{"), rest.find("{%")];
    marks.into_iter().flatten().min().map(|at| from + at)
}

/// Where the `}}` of an expression stands, quotes and nested braces minded.
fn closing(text: &str, from: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    let (mut at, mut depth, mut quote) = (from, 0usize, None);
    while at < bytes.len() {
        match (quote, bytes[at]) {
            (Some(_), b'\\') => at += 1,
            (Some(open), byte) if byte == open => quote = None,
            (None, b'"' | b'\'') => quote = Some(bytes[at]),
            (None, b'{') => depth += 1,
            (None, b'}') if depth > 0 => depth -= 1,
            (None, b'}') if bytes.get(at + 1) == Some(&b'}') => return Some(at),
            (Some(_) | None, _) => {}
        }
        at += 1;
    }
    None
}

/// At the end of the text, where the braces are missing.
fn never_closed(text: &str) -> Issue {
    let end = text.trim_end().len();
    Issue::new(Code::TemplateSyntax, end..end, "expected `}}`")
}

fn statement(text: &str, at: usize) -> Issue {
    let end = text[at..].find("%}").map_or(text.len(), |close| at + close + 2);
    let word = text[at + 2..end].trim_start_matches('-').split_whitespace().next().unwrap_or("{%");
    let word = word.trim_end_matches("%}");
    let message = format!("`{word}` is not available in system files");
    Issue::new(Code::StatementNotAllowed, at..end, message)
        .help("templates are expressions: `{{ a if condition else b }}`")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn braces_inside_quotes_and_objects_do_not_close() {
        let text = "a{{ '}}' }}b{{ {'x': {'y': 1}} }}";
        let found = split(text).unwrap();
        let inner: Vec<&str> = found
            .into_iter()
            .filter_map(|piece| match piece {
                Piece::Expression { inner, .. } => Some(&text[inner]),
                Piece::Text(_) => None,
            })
            .collect();
        assert_eq!(inner, [" '}}' ", " {'x': {'y': 1}} "]);
    }

    #[test]
    fn gd0301_an_open_expression_is_an_issue() {
        assert_eq!(split("x {{ params.x ").unwrap_err().code, Code::TemplateSyntax);
    }
}
