//! A source file's text with its lines: offsets to lines and columns.

use super::Span;
use crate::diagnostic::{Position, Range};

/// Valid UTF-8 text of a file and where its lines start.
#[derive(Clone, Debug)]
pub(crate) struct SourceText {
    text: String,
    line_starts: Vec<usize>,
}

impl SourceText {
    pub(crate) fn new(text: String) -> Self {
        let newlines = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
        let line_starts = std::iter::once(0).chain(newlines.map(|(at, _)| at + 1)).collect();
        Self { text, line_starts }
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }

    /// The text of a span; empty when the span does not fall on characters of this text.
    pub(crate) fn slice(&self, span: Span) -> &str {
        self.text.get(span.start..span.end).unwrap_or_default()
    }

    pub(crate) fn range(&self, span: Span) -> Range {
        Range { start: self.position(span.start), end: self.position(span.end) }
    }

    /// Line and column of a byte offset, both from 1, columns in characters.
    pub(crate) fn position(&self, offset: usize) -> Position {
        let offset = self.floor(offset);
        let line = self.line_starts.partition_point(|start| *start <= offset).max(1);
        let start = self.line_starts[line - 1];
        Position { line, column: self.text[start..offset].chars().count() + 1, offset }
    }

    /// The text of a line (from 1) without its line break.
    pub(crate) fn line(&self, line: usize) -> &str {
        let Some(&start) = line.checked_sub(1).and_then(|index| self.line_starts.get(index)) else {
            return "";
        };
        self.text[start..].lines().next().unwrap_or_default()
    }

    /// Byte offset where a line (from 1) starts.
    pub(crate) fn line_offset(&self, line: usize) -> usize {
        let index = line.saturating_sub(1);
        self.line_starts.get(index).copied().unwrap_or(self.text.len())
    }

    fn floor(&self, offset: usize) -> usize {
        let mut offset = offset.min(self.text.len());
        while !self.text.is_char_boundary(offset) {
            offset -= 1;
        }
        offset
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters_not_bytes() {
        let text = SourceText::new("a: é\nb: ü!".to_owned());
        let at = text.position("a: é\nb: ü".len());
        assert_eq!((at.line, at.column), (2, 5));
    }
}
