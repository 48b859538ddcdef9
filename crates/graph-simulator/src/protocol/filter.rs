//! `$filter`: parsed, checked against the documented rules, and evaluated.

mod check;
mod evaluate;
mod lexer;
mod parser;

pub(crate) use check::check;
pub(crate) use evaluate::{matches, matches_entity};

use super::errors::Refusal;

/// A filter expression.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Filter {
    And(Box<Self>, Box<Self>),
    Or(Box<Self>, Box<Self>),
    Not(Box<Self>),
    Compare(Operand, Comparison, Literal),
    In(Operand, Vec<Literal>),
    Function(Function, Operand, String),
    /// `path/any(x:…)`; without a condition it asks for one element.
    Any(Vec<String>, Option<Box<Self>>),
    /// `isof('microsoft.graph.user')`.
    IsOf(String),
}

/// What stands on the left of a comparison.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Operand {
    /// A property path of the object.
    Path(Vec<String>),
    /// The lambda's variable, with a path inside the element.
    Element(Vec<String>),
    /// The number of elements of a collection: `assignedLicenses/$count`.
    Count(Vec<String>),
}

/// A comparison operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Comparison {
    Eq,
    Ne,
    Gt,
    Ge,
    Lt,
    Le,
}

/// A function of two texts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Function {
    StartsWith,
    EndsWith,
}

/// A literal.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Literal {
    Null,
    Boolean(bool),
    Number(f64),
    Text(String),
    /// An unquoted GUID or timestamp.
    Bare(String),
}

impl Filter {
    /// The property paths that it reads, those of lambda variables left out.
    pub(crate) fn paths<'f>(&'f self, found: &mut Vec<&'f [String]>) {
        match self {
            Self::And(left, right) | Self::Or(left, right) => {
                left.paths(found);
                right.paths(found);
            }
            Self::Not(inner) => inner.paths(found),
            Self::Compare(operand, ..) | Self::In(operand, _) | Self::Function(_, operand, _) => {
                match operand {
                    Operand::Path(path) | Operand::Count(path) => found.push(path),
                    Operand::Element(_) => {}
                }
            }
            Self::Any(path, condition) => {
                found.push(path);
                if let Some(condition) = condition {
                    condition.paths(found);
                }
            }
            Self::IsOf(_) => {}
        }
    }
}

/// Parses a filter expression.
pub(crate) fn parse(text: &str) -> Result<Filter, Refusal> {
    let tokens = lexer::tokens(text)?;
    parser::parse(text, &tokens)
}

/// A filter that is no filter.
fn syntax(detail: &str) -> Refusal {
    Refusal::bad_request(format!("Invalid filter clause: {detail}"))
}
