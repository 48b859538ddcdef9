//! Splits a filter expression into tokens.

use super::syntax;
use crate::protocol::errors::Refusal;

/// A token of a filter expression.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token {
    /// A name, keyword, number, GUID or timestamp.
    Word(String),
    /// A quoted literal, doubled quotes undone.
    Text(String),
    Open,
    Close,
    Comma,
    Slash,
    Colon,
}

pub(super) fn tokens(text: &str) -> Result<Vec<Token>, Refusal> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let single = match first {
            '(' => Some(Token::Open),
            ')' => Some(Token::Close),
            ',' => Some(Token::Comma),
            '/' => Some(Token::Slash),
            _ => None,
        };
        if let Some(token) = single {
            found.push(token);
            rest = &rest[1..];
        } else if first == ':' {
            found.push(Token::Colon);
            rest = &rest[1..];
        } else if first.is_whitespace() {
            rest = &rest[first.len_utf8()..];
        } else if first == '\'' {
            let (literal, after) = quoted(rest)?;
            found.push(Token::Text(literal));
            rest = after;
        } else {
            let length = word_length(rest);
            if length == 0 {
                return Err(syntax(&format!(
                    "Syntax error: character '{first}' is not valid in '{text}'."
                )));
            }
            found.push(Token::Word(rest[..length].to_owned()));
            rest = &rest[length..];
        }
    }
    Ok(found)
}

/// A word; colons belong to it inside a timestamp only, so that `x:x/id` splits.
fn word_length(text: &str) -> usize {
    let timestamp = text.len() >= 5
        && text.as_bytes()[..4].iter().all(u8::is_ascii_digit)
        && text.as_bytes()[4] == b'-';
    let belongs = |c: char| c.is_alphanumeric() || "_-.$@#+".contains(c) || (timestamp && c == ':');
    text.find(|c| !belongs(c)).unwrap_or(text.len())
}

/// A literal in quotes, and what follows it.
fn quoted(text: &str) -> Result<(String, &str), Refusal> {
    let mut literal = String::new();
    let mut rest = &text[1..];
    loop {
        let Some(end) = rest.find('\'') else {
            return Err(syntax(&format!(
                "There is an unterminated string literal at position {} in '{text}'.",
                text.len()
            )));
        };
        literal.push_str(&rest[..end]);
        rest = &rest[end + 1..];
        match rest.strip_prefix('\'') {
            Some(after) => {
                literal.push('\'');
                rest = after;
            }
            None => return Ok((literal, rest)),
        }
    }
}
