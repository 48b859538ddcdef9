//! The arguments of one call.

use std::fmt;

use serde_json::{Map, Value};

use super::{ArgumentError, ArgumentKind, CommandPlan};

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
        plan.signature.read_text(&plan.full_name(), pairs)
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
