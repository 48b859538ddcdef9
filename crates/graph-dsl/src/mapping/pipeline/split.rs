//! A pipeline's text in pieces: bars outside brackets and quotes separate.

use std::ops::Range;

use serde_json::Value;

/// A path or a step, without the spaces around it.
pub(super) struct Piece<'t> {
    pub(super) start: usize,
    pub(super) text: &'t str,
}

impl Piece<'_> {
    pub(super) fn range(&self) -> Range<usize> {
        self.start..self.start + self.text.len()
    }
}

pub(super) fn pieces(text: &str) -> Vec<Piece<'_>> {
    separated(text, '|')
        .map(|range| {
            let whole = &text[range.clone()];
            let trimmed = whole.trim_start();
            Piece { start: range.start + whole.len() - trimmed.len(), text: trimmed.trim_end() }
        })
        .collect()
}

/// The arguments between the brackets: JSON scalars, or text in single quotes.
pub(super) fn arguments(text: &str) -> Option<Vec<Value>> {
    separated(text, ',').map(|range| argument(text[range].trim())).collect()
}

fn argument(text: &str) -> Option<Value> {
    let quoted = text.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\''));
    match quoted {
        Some(inner) => Some(Value::String(inner.to_owned())),
        None => serde_json::from_str(text).ok(),
    }
}

/// Ranges between separators that stand outside brackets and quotes.
fn separated(text: &str, separator: char) -> impl Iterator<Item = Range<usize>> {
    let (mut quote, mut depth, mut escaped) = (None, 0_usize, false);
    let mut cuts = Vec::new();
    for (at, each) in text.char_indices() {
        match (quote, each) {
            _ if escaped => escaped = false,
            (Some(_), '\\') => escaped = true,
            (Some(open), _) if open == each => quote = None,
            (None, '"' | '\'') => quote = Some(each),
            (None, '[' | '(') => depth += 1,
            (None, ']' | ')') => depth = depth.saturating_sub(1),
            (None, _) if each == separator && depth == 0 => cuts.push(at),
            _ => {}
        }
    }
    let starts =
        std::iter::once(0).chain(cuts.clone().into_iter().map(move |at| at + separator.len_utf8()));
    starts.zip(cuts.into_iter().chain(std::iter::once(text.len()))).map(|(start, end)| start..end)
}
