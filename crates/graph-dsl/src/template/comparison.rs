//! Comparisons in an expression whose operands can be told without evaluating it.

use std::ops::Range;

use serde_json::{Map, Value};

use super::lexer::{Kind, Token, tokens};

/// `a < b`, with its place in the expression.
#[derive(Clone, Debug)]
pub(crate) struct Comparison {
    pub(crate) range: Range<usize>,
    pub(crate) left: Operand,
    pub(crate) right: Operand,
}

/// One side of a comparison.
#[derive(Clone, Debug)]
pub(crate) enum Operand {
    Literal(Value),
    /// The keys below `params`.
    Parameter(Vec<String>),
}

impl Operand {
    /// Its value in a call; `None` when it is absent.
    pub(crate) fn value<'v>(&'v self, params: &'v Map<String, Value>) -> Option<&'v Value> {
        match self {
            Self::Literal(value) => Some(value),
            Self::Parameter(keys) => {
                let (first, rest) = keys.split_first()?;
                rest.iter().try_fold(params.get(first)?, |value, key| value.get(key))
            }
        }
    }
}

/// Names that stand between operands.
const OPERATORS: &[&str] = &["and", "else", "if", "in", "is", "not", "or"];

/// The comparisons by order (`<`, `<=`, `>`, `>=`) of literals and parameters.
pub(super) fn comparisons(source: &str) -> Vec<Comparison> {
    if !source.contains(['<', '>']) {
        return Vec::new();
    }
    let tokens = tokens(source).unwrap_or_default();
    let is_order = |token: &Token| matches!(token.kind, Kind::Sign(b'<' | b'>'));
    let signs = (0..tokens.len()).filter(|at| is_order(&tokens[*at]));
    signs.filter_map(|at| comparison(source, &tokens, at)).collect()
}

fn comparison(source: &str, tokens: &[Token], at: usize) -> Option<Comparison> {
    let or_equal = tokens.get(at + 1).is_some_and(|next| next.kind == Kind::Sign(b'='));
    let after = at + 1 + usize::from(or_equal);
    let first = (0..at).rev().take_while(|index| is_operand(source, &tokens[*index])).last()?;
    let last =
        (after..tokens.len()).take_while(|index| is_operand(source, &tokens[*index])).last()?;
    // `a | length > 1`, `-a > 1` and `f(a) > 1` compare something else than `a`.
    let sign = |at: Option<usize>, signs: &[u8]| {
        let token = at.and_then(|at| tokens.get(at));
        token.is_some_and(|it| matches!(it.kind, Kind::Sign(sign) if signs.contains(&sign)))
    };
    if sign(first.checked_sub(1), b"|+-*/%[)]") || sign(Some(last + 1), b"|+-*/%[(") {
        return None;
    }
    Some(Comparison {
        range: tokens[first].range.start..tokens[last].range.end,
        left: operand(&source[tokens[first].range.start..tokens[at - 1].range.end])?,
        right: operand(&source[tokens[after].range.start..tokens[last].range.end])?,
    })
}

/// Names, dots, numbers and texts: what a literal and a path are made of.
fn is_operand(source: &str, token: &Token) -> bool {
    match token.kind {
        Kind::Number | Kind::Text => true,
        Kind::Sign(sign) => sign == b'.',
        Kind::Name => !OPERATORS.contains(&&source[token.range.clone()]),
    }
}

fn operand(text: &str) -> Option<Operand> {
    if let Some(path) = super::expression::path(text) {
        return Some(Operand::Parameter(path));
    }
    let quoted =
        ['\'', '"'].into_iter().find_map(|quote| text.strip_prefix(quote)?.strip_suffix(quote));
    if let Some(inner) = quoted {
        return Some(Operand::Literal(inner.into()));
    }
    serde_json::from_str(&text.to_ascii_lowercase()).ok().map(Operand::Literal)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(source: &str) -> Vec<String> {
        comparisons(source).into_iter().map(|it| source[it.range].to_owned()).collect()
    }

    #[test]
    fn only_literals_and_parameters_are_compared() {
        assert_eq!(found("'x' if params.n > 'a' else 1"), ["params.n > 'a'"]);
        assert_eq!(found("params.a.b <= 2 and 3 > params.c"), ["params.a.b <= 2", "3 > params.c"]);
        for other in ["params.a | length > 3", "params.a == 'x'", "params.a + 1 > 2", "a > "] {
            assert!(found(other).is_empty(), "{other}");
        }
    }
}
