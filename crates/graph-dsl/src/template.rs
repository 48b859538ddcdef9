//! Templates: text with `{{ expressions }}`, compiled once, evaluated without IO.

mod check;
mod comparison;
mod engine;
mod expression;
mod filters;
mod lexer;
mod render;
mod split;

pub(crate) use check::Issue;
pub(crate) use comparison::{Comparison, Operand};
pub(crate) use engine::MAX_OUTPUT_BYTES;
pub(crate) use expression::{Expression, Scope};
pub(crate) use render::{TemplateError, text_of};
pub(crate) use split::{Piece, split};

/// A compiled scalar: literal text and expressions.
#[derive(Debug)]
pub(crate) struct Template {
    parts: Vec<Part>,
}

/// A stretch of a template.
#[derive(Debug)]
pub(crate) enum Part {
    Text(String),
    Expression(Expression),
}

impl Template {
    /// Compiles a scalar; issues carry byte ranges within `text`.
    pub(crate) fn compile(text: &str) -> Result<Self, Vec<Issue>> {
        let mut parts = Vec::new();
        let mut issues = Vec::new();
        for piece in split(text).map_err(|issue| vec![issue])? {
            match piece {
                Piece::Text(range) => parts.push(Part::Text(text[range].to_owned())),
                Piece::Expression { inner, .. } => {
                    match Expression::compile(&text[inner.clone()]) {
                        Ok(expression) => parts.push(Part::Expression(expression)),
                        Err(found) => {
                            issues.extend(found.into_iter().map(|each| each.shift(inner.start)));
                        }
                    }
                }
            }
        }
        // `"{{ x | tojson }} asjsonobject"`, the earlier spelling of a whole-scalar expression.
        if let [Part::Expression(_), Part::Text(marker)] = parts.as_slice()
            && marker.trim() == LEGACY_MARKER
        {
            parts.pop();
            if let Some(Part::Expression(expression)) = parts.first_mut() {
                expression.drop_trailing_tojson();
            }
        }
        if issues.is_empty() { Ok(Self { parts }) } else { Err(issues) }
    }

    pub(crate) fn parts(&self) -> &[Part] {
        &self.parts
    }

    /// The expression, when the template is exactly one: its value keeps its JSON type.
    pub(crate) fn whole(&self) -> Option<&Expression> {
        match self.parts.as_slice() {
            [Part::Expression(expression)] => Some(expression),
            _ => None,
        }
    }

    /// The text, when there is no expression at all.
    pub(crate) fn literal(&self) -> Option<&str> {
        match self.parts.as_slice() {
            [] => Some(""),
            [Part::Text(text)] => Some(text),
            _ => None,
        }
    }

    pub(crate) fn expressions(&self) -> impl Iterator<Item = &Expression> {
        self.parts.iter().filter_map(|part| match part {
            Part::Expression(expression) => Some(expression),
            Part::Text(_) => None,
        })
    }
}

/// The earlier system's suffix that turned rendered JSON text back into a value.
pub(crate) const LEGACY_MARKER: &str = "asjsonobject";
