//! A command's arguments: names, types, defaults.

use serde_json::{Map, Value};

use super::{ArgumentError, ArgumentKind, Arguments};
use crate::diagnostic::suggest;

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

    /// The arguments of a call to `command` in their normal form, defaults filled in.
    ///
    /// # Errors
    ///
    /// Every missing and unknown argument and every value of the wrong type.
    pub fn check(
        &self,
        command: &str,
        arguments: &Arguments,
    ) -> Result<Map<String, Value>, Vec<ArgumentError>> {
        let mut params = Map::new();
        let mut errors = Vec::new();
        for argument in &self.arguments {
            let given = arguments.get(&argument.name);
            match (given, &argument.default) {
                (Some(Value::Null), _) if !argument.required => {
                    params.insert(argument.name.clone(), Value::Null);
                }
                (Some(value), _) => match argument.kind.accept(value) {
                    Some(value) => {
                        params.insert(argument.name.clone(), value);
                    }
                    None => errors.push(ArgumentError::wrong_type(argument, value)),
                },
                (None, Some(default)) => {
                    params.insert(argument.name.clone(), default.clone());
                }
                (None, None) if argument.required => errors.push(ArgumentError::missing(argument)),
                (None, None) => {}
            }
        }
        let unknown = arguments.iter().filter(|(name, _)| self.get(name).is_none());
        errors.extend(unknown.map(|(name, _)| self.unknown(command, name)));
        if errors.is_empty() { Ok(params) } else { Err(errors) }
    }

    /// Reads `name`, `text` pairs by the declared types, as a command line or a CSV row gives them.
    ///
    /// # Errors
    ///
    /// Every unknown name, repeated name and text that does not fit its type.
    pub fn read_text<'a>(
        &self,
        command: &str,
        pairs: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<Arguments, Vec<ArgumentError>> {
        let mut arguments = Arguments::new();
        let mut errors = Vec::new();
        for (name, text) in pairs {
            match self.get(name) {
                None => errors.push(self.unknown(command, name)),
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

    fn unknown(&self, command: &str, name: &str) -> ArgumentError {
        ArgumentError::Unknown {
            name: name.to_owned(),
            command: command.to_owned(),
            suggestion: suggest(name, self.names()).map(str::to_owned),
            known: self.names().map(str::to_owned).collect(),
        }
    }

    /// Whether some argument is a secret.
    pub fn has_secret(&self) -> bool {
        self.arguments.iter().any(|argument| argument.kind == ArgumentKind::Secret)
    }
}
