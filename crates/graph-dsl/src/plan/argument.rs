//! A command's arguments: names, types, defaults.

use serde_json::Value;

use super::ArgumentKind;

/// One argument of a command.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Argument {
    /// Its name, as templates say `params.NAME` and paths say `{NAME}`.
    pub name: String,
    /// What it accepts.
    pub kind: ArgumentKind,
    /// Whether a call without it is refused.
    pub required: bool,
    /// What is taken when it is absent.
    pub default: Option<Value>,
    /// What it is for.
    pub summary: Option<String>,
    /// A value that fits, as the file gives it; see [`Argument::example`].
    pub sample: Option<Value>,
}

impl Argument {
    /// A required argument of a kind.
    pub fn required(name: impl Into<String>, kind: ArgumentKind) -> Self {
        Self { name: name.into(), kind, required: true, default: None, summary: None, sample: None }
    }

    /// A value that fits, for help and messages.
    pub fn example(&self) -> String {
        match &self.sample {
            Some(Value::String(text)) => text.clone(),
            Some(other) => other.to_string(),
            None => self.kind.example(),
        }
    }
}

/// The arguments that a command takes.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Signature {
    /// In the order of the file, or of their first use.
    pub arguments: Vec<Argument>,
    /// No `arguments` block: the names come from `{x}` and `params.x`.
    pub inferred: bool,
}

impl Signature {
    /// The argument with this name.
    pub fn get(&self, name: &str) -> Option<&Argument> {
        self.arguments.iter().find(|argument| argument.name == name)
    }

    /// The names, in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.arguments.iter().map(|argument| argument.name.as_str())
    }

    /// Whether some argument is a secret.
    pub fn has_secret(&self) -> bool {
        self.arguments.iter().any(|argument| argument.kind == ArgumentKind::Secret)
    }
}
