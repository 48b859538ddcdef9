//! The arguments of one call.

use std::fmt;

use serde_json::{Map, Value};

use super::{ArgumentError, ArgumentKind, CommandPlan};
use crate::diagnostic::suggest;

/// Arguments of a call: names and JSON values. Values are data; a template inside one is text.
///
/// Its `Debug` shows names only, since any value may be a secret.
#[derive(Clone, Default, PartialEq)]
pub struct Arguments {
    values: Map<String, Value>,
}

impl Arguments {
    /// No arguments.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds or replaces an argument.
    #[must_use]
    pub fn with(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.insert(name, value);
        self
    }

    /// Adds or replaces an argument.
    pub fn insert(&mut self, name: impl Into<String>, value: impl Into<Value>) {
        self.values.insert(name.into(), value.into());
    }

    /// Adds or replaces an argument of the type `binary`.
    #[must_use]
    pub fn with_bytes(self, name: impl Into<String>, bytes: &[u8]) -> Self {
        self.with(name, ArgumentKind::bytes(bytes))
    }

    /// The value of an argument.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.values.get(name)
    }

    /// Names and values in the order they were given.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.values.iter().map(|(name, value)| (name.as_str(), value))
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// Reads `name`, `text` pairs, as a command line or a CSV row gives them, by the declared types.
    ///
    /// # Errors
    ///
    /// Every unknown name, repeated name and text that does not fit its type. Missing arguments
    /// are found by [`CommandPlan::bind`].
    pub fn from_text_pairs<'a>(
        plan: &CommandPlan,
        pairs: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<Self, Vec<ArgumentError>> {
        let mut arguments = Self::new();
        let mut errors = Vec::new();
        for (name, text) in pairs {
            match plan.signature.get(name) {
                None => errors.push(ArgumentError::unknown(name, plan)),
                Some(_) if arguments.get(name).is_some() => {
                    errors.push(ArgumentError::Repeated { name: name.to_owned() });
                }
                Some(argument) => match argument.kind.read_text(text) {
                    Some(value) => arguments.insert(name, value),
                    None => errors.push(ArgumentError::wrong_text(argument, text)),
                },
            }
        }
        if errors.is_empty() { Ok(arguments) } else { Err(errors) }
    }
}

impl ArgumentError {
    pub(super) fn unknown(name: &str, plan: &CommandPlan) -> Self {
        Self::Unknown {
            name: name.to_owned(),
            command: plan.full_name(),
            suggestion: suggest(name, plan.signature.names()).map(str::to_owned),
            known: plan.signature.names().map(str::to_owned).collect(),
        }
    }
}

impl From<Map<String, Value>> for Arguments {
    fn from(values: Map<String, Value>) -> Self {
        Self { values }
    }
}

impl<N: Into<String>, V: Into<Value>> FromIterator<(N, V)> for Arguments {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(pairs: I) -> Self {
        Self {
            values: pairs.into_iter().map(|(name, value)| (name.into(), value.into())).collect(),
        }
    }
}

impl fmt::Debug for Arguments {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_set().entries(self.values.keys()).finish()
    }
}
