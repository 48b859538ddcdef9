//! Tokens of an expression with their places: what minijinja's errors do not tell.

use std::ops::Range;

/// A token and its byte range within the expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) range: Range<usize>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Name,
    Text,
    Number,
    Sign(u8),
}

/// Splits an expression; `Err` is the place of an unterminated string.
pub(super) fn tokens(source: &str) -> Result<Vec<Token>, Range<usize>> {
    let bytes = source.as_bytes();
    let mut found = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let (kind, end) = match bytes[at] {
            byte if byte.is_ascii_whitespace() => {
                at += 1;
                continue;
            }
            quote @ (b'"' | b'\'') => {
                (Kind::Text, string_end(bytes, at, quote).ok_or(at..source.len())?)
            }
            byte if byte.is_ascii_digit() => (Kind::Number, number_end(bytes, at)),
            byte if byte == b'_' || byte.is_ascii_alphabetic() || byte >= 0x80 => {
                (Kind::Name, run(bytes, at, is_name))
            }
            byte => (Kind::Sign(byte), at + 1),
        };
        found.push(Token { kind, range: at..end });
        at = end;
    }
    Ok(found)
}

fn string_end(bytes: &[u8], start: usize, quote: u8) -> Option<usize> {
    let mut at = start + 1;
    while at < bytes.len() {
        match bytes[at] {
            b'\\' => at += 1,
            byte if byte == quote => return Some(at + 1),
            _ => {}
        }
        at += 1;
    }
    None
}

fn number_end(bytes: &[u8], start: usize) -> usize {
    let whole = run(bytes, start, is_name);
    match (bytes.get(whole), bytes.get(whole + 1)) {
        (Some(b'.'), Some(next)) if next.is_ascii_digit() => run(bytes, whole + 1, is_name),
        _ => whole,
    }
}

fn is_name(byte: u8) -> bool {
    byte == b'_' || byte.is_ascii_alphanumeric() || byte >= 0x80
}

fn run(bytes: &[u8], start: usize, keep: impl Fn(u8) -> bool) -> usize {
    bytes[start..].iter().position(|byte| !keep(*byte)).map_or(bytes.len(), |length| start + length)
}
