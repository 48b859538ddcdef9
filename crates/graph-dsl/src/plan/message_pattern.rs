//! A part of Graph's error message: plain words, or a regular expression.

use std::fmt;
use std::str::FromStr;

use regex::{Regex, RegexBuilder};

/// Most bytes that a compiled pattern may take: what is larger repeats repetitions.
const MAX_PROGRAM_BYTES: usize = 1 << 18;

/// What a message must hold, in any letter case: words, or a regular expression in RE2's syntax,
/// whose matching takes time in proportion to the message.
#[derive(Clone)]
pub struct MessagePattern {
    text: String,
    program: Program,
}

#[derive(Clone)]
enum Program {
    /// Lower case.
    Words(String),
    Expression(Regex),
}

/// A pattern that does not compile.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct PatternError {
    /// Byte offset in the pattern.
    pub at: usize,
    /// What is wrong there.
    pub message: String,
}

impl MessagePattern {
    /// The pattern as written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether the message holds it.
    pub fn is_in(&self, message: &str) -> bool {
        match &self.program {
            Program::Words(words) => message.to_lowercase().contains(words),
            Program::Expression(expression) => expression.is_match(message),
        }
    }
}

impl FromStr for MessagePattern {
    type Err = PatternError;

    fn from_str(text: &str) -> Result<Self, PatternError> {
        let program = if text.contains(regex_syntax::is_meta_character) {
            Program::Expression(expression(text)?)
        } else {
            Program::Words(text.to_lowercase())
        };
        Ok(Self { text: text.to_owned(), program })
    }
}

fn expression(text: &str) -> Result<Regex, PatternError> {
    if let Err(error) = regex_syntax::ast::parse::Parser::new().parse(text) {
        let at = error.span().start.offset;
        return Err(PatternError { at, message: error.kind().to_string() });
    }
    let mut builder = RegexBuilder::new(text);
    let built = builder.case_insensitive(true).size_limit(MAX_PROGRAM_BYTES).build();
    built.map_err(|error| {
        let message = match error {
            regex::Error::CompiledTooBig(_) => "the pattern repeats too much".to_owned(),
            _ => "the pattern does not compile".to_owned(),
        };
        PatternError { at: 0, message }
    })
}

impl PartialEq for MessagePattern {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for MessagePattern {}

impl fmt::Debug for MessagePattern {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:?}", self.text)
    }
}

impl fmt::Display for MessagePattern {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_expressions_fit_in_any_letter_case() {
        let fits = |pattern: &str, message: &str| {
            pattern.parse::<MessagePattern>().expect("a pattern").is_in(message)
        };
        assert!(fits("already exist", "It ALREADY exists"));
        assert!(fits("already (exists|present)", "It ALREADY exists"));
        assert!(!fits("^exists", "It already exists"));
    }

    #[test]
    fn gd0512_what_does_not_compile_says_where() {
        let problem = |pattern: &str| pattern.parse::<MessagePattern>().expect_err("no pattern");
        assert_eq!(problem("already (exists").at, 8);
        assert!(problem("(?=a)").message.contains("look-around"));
        assert_eq!(problem("((((a{99}){99}){99}){99})").message, "the pattern repeats too much");
    }
}
