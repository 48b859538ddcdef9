//! What can be wrong with the arguments of a call.

use serde_json::Value;

use super::{Argument, ArgumentKind};

/// A problem with one argument; a call reports all of them at once.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ArgumentError {
    /// A required argument is absent.
    #[error("argument `{name}` is missing: expected {expected}, such as `{example}`")]
    Missing {
        /// The argument.
        name: String,
        /// What it accepts.
        expected: String,
        /// A value that fits.
        example: String,
    },
    /// The command has no such argument.
    #[error("unknown argument `{name}`{}", unknown_help(suggestion.as_deref(), command, known))]
    Unknown {
        /// The name given.
        name: String,
        /// The command.
        command: String,
        /// The name that was probably meant.
        suggestion: Option<String>,
        /// The names that the command knows.
        known: Vec<String>,
    },
    /// An argument is given twice.
    #[error("argument `{name}` is given twice")]
    Repeated {
        /// The argument.
        name: String,
    },
    /// The value does not fit the type.
    #[error("argument `{name}`: expected {expected}, such as `{example}`, found {found}")]
    WrongType {
        /// The argument.
        name: String,
        /// What it accepts.
        expected: String,
        /// What was given; never the value of a secret.
        found: String,
        /// A value that fits.
        example: String,
    },
    /// The value cannot be one segment of a path.
    #[error("`{name}` is not a valid path value: {reason}")]
    NotAPathValue {
        /// The argument or expression.
        name: String,
        /// Why.
        reason: &'static str,
    },
    /// The value cannot stand where the command puts it.
    #[error("{place}: {reason}")]
    DoesNotFit {
        /// Where: `body.displayName`, `query $filter`, `header Prefer`.
        place: String,
        /// Why.
        reason: String,
    },
}

impl ArgumentError {
    /// The argument concerned, when it is exactly one.
    pub fn argument(&self) -> Option<&str> {
        match self {
            Self::Missing { name, .. }
            | Self::Unknown { name, .. }
            | Self::Repeated { name }
            | Self::WrongType { name, .. }
            | Self::NotAPathValue { name, .. } => Some(name),
            Self::DoesNotFit { .. } => None,
        }
    }

    pub(super) fn missing(argument: &Argument) -> Self {
        Self::Missing {
            name: argument.name.clone(),
            expected: argument.kind.expectation(),
            example: argument.example(),
        }
    }

    pub(super) fn wrong_type(argument: &Argument, value: &Value) -> Self {
        let found = match value {
            Value::Null => "null".to_owned(),
            _ if argument.kind == ArgumentKind::Secret => "something else".to_owned(),
            Value::Array(_) => "a list".to_owned(),
            Value::Object(_) => "an object".to_owned(),
            Value::String(text) => format!("text `{}`", shortened(text)),
            scalar => format!("`{scalar}`"),
        };
        Self::mismatch(argument, found)
    }

    pub(super) fn wrong_text(argument: &Argument, text: &str) -> Self {
        Self::mismatch(argument, format!("`{}`", shortened(text)))
    }

    fn mismatch(argument: &Argument, found: String) -> Self {
        Self::WrongType {
            name: argument.name.clone(),
            expected: argument.kind.expectation(),
            found,
            example: argument.example(),
        }
    }
}

fn unknown_help(suggestion: Option<&str>, command: &str, known: &[String]) -> String {
    match (suggestion, known) {
        (Some(name), _) => format!(": did you mean `{name}`?"),
        (None, []) => format!(": {command} takes none"),
        (None, known) => format!(": {command} takes {}", known.join(", ")),
    }
}

fn shortened(text: &str) -> String {
    const LONGEST: usize = 60;
    match text.char_indices().nth(LONGEST) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text.to_owned(),
    }
}
