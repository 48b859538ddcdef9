//! References: `${{ENV:X}}`, `${{ENV:X:-default}}`, `${{FILE:path}}`, `${{SECRET:uri}}`.
//!
//! They are read when the file is read and resolved later through a [`Lookup`]; the value never
//! passes through a template or the YAML reader.

mod lookup;
mod parse;
mod sensitive;

pub use lookup::{Lookup, LookupError, Variables};
pub(crate) use parse::{RefPart, parse};
pub use sensitive::Sensitive;

use crate::diagnostic::{Code, Range};

/// A text setting that may hold references, with its place for messages at run time.
#[derive(Clone, Debug)]
pub(crate) struct Setting {
    /// The key, `credentials.client_id`.
    pub(crate) key: String,
    pub(crate) parts: Vec<(RefPart, Range)>,
}

/// A reference that gave no value.
#[derive(Debug)]
pub(crate) struct Unresolved {
    pub(crate) code: Code,
    pub(crate) range: Range,
    pub(crate) message: String,
    pub(crate) help: Option<String>,
}

impl Setting {
    /// The setting's text with every reference replaced by what the lookup gives.
    pub(crate) fn resolve(&self, lookup: &dyn Lookup) -> Result<Sensitive, Vec<Unresolved>> {
        let mut text = Sensitive::default();
        let mut missing = Vec::new();
        for (part, range) in &self.parts {
            match resolve_part(part, lookup) {
                Ok(value) => text.push(value.expose()),
                Err((code, message, help)) => {
                    missing.push(Unresolved { code, range: *range, message, help });
                }
            }
        }
        if missing.is_empty() { Ok(text) } else { Err(missing) }
    }

    /// The text, when it holds no reference.
    pub(crate) fn literal(&self) -> Option<String> {
        let part = |(part, _): &(RefPart, Range)| match part {
            RefPart::Literal(text) => Some(text.clone()),
            _ => None,
        };
        self.parts.iter().map(part).collect()
    }
}

type Missing = (Code, String, Option<String>);

fn resolve_part(part: &RefPart, lookup: &dyn Lookup) -> Result<Sensitive, Missing> {
    match part {
        RefPart::Literal(text) => Ok(Sensitive::new(text.clone())),
        RefPart::Variable { name, default } => variable(name, default.as_deref(), lookup),
        RefPart::File(path) => {
            let found = lookup.file(path).map(Sensitive::without_line_end);
            if let Err(LookupError::Shared { mode }) = found {
                let message = format!("`{path}` is readable by others (mode {mode:04o})");
                return Err((Code::SharedSecretFile, message, Some(format!("chmod 600 {path}"))));
            }
            given(found, &format!("file `{path}`"))
        }
        RefPart::Secret(uri) => given(lookup.secret(uri), &format!("secret `{uri}`")),
    }
}

fn variable(name: &str, default: Option<&str>, lookup: &dyn Lookup) -> Result<Sensitive, Missing> {
    match (lookup.variable(name), default) {
        (Some(value), _) if !value.is_empty() => Ok(value),
        (_, Some(default)) => Ok(Sensitive::new(default.to_owned())),
        (Some(_), None) => {
            let message = format!("environment variable `{name}` is empty");
            Err((Code::EmptyVariable, message, Some(format!("set `{name}` to a value"))))
        }
        (None, None) => {
            let message = format!("environment variable `{name}` is not set");
            let help =
                format!("set it, or write `${{{{ENV:{name}:-default}}}}` for an optional one");
            Err((Code::MissingVariable, message, Some(help)))
        }
    }
}

fn given(value: Result<Sensitive, LookupError>, what: &str) -> Result<Sensitive, Missing> {
    match value {
        Ok(value) if value.is_empty() => {
            Err((Code::EmptyVariable, format!("{what} is empty"), None))
        }
        Ok(value) => Ok(value),
        Err(error) => Err((Code::MissingVariable, format!("{what} cannot be read: {error}"), None)),
    }
}
