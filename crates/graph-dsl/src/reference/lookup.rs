//! Where references are looked up; the only way anything outside a file gets in.

use std::collections::BTreeMap;

use super::Sensitive;

/// The world outside a system file: environment, files, secret stores.
pub trait Lookup {
    /// An environment variable; `None` when it is not set.
    fn variable(&self, name: &str) -> Option<Sensitive>;

    /// The text of a file.
    ///
    /// # Errors
    ///
    /// The file cannot be read.
    fn file(&self, path: &str) -> Result<Sensitive, LookupError>;

    /// A secret from a secret store.
    ///
    /// # Errors
    ///
    /// No store serves the URI, or it refuses.
    fn secret(&self, uri: &str) -> Result<Sensitive, LookupError>;
}

/// A lookup that failed; the text says why and never holds the value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct LookupError(pub String);

/// A lookup over a fixed set of variables, without files or secret stores.
#[derive(Clone, Debug, Default)]
pub struct Variables(BTreeMap<String, Sensitive>);

impl<N: Into<String>, V: Into<String>> FromIterator<(N, V)> for Variables {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(pairs: I) -> Self {
        let pairs = pairs.into_iter();
        Self(pairs.map(|(name, value)| (name.into(), Sensitive::new(value.into()))).collect())
    }
}

impl Lookup for Variables {
    fn variable(&self, name: &str) -> Option<Sensitive> {
        self.0.get(name).cloned()
    }

    fn file(&self, _path: &str) -> Result<Sensitive, LookupError> {
        Err(LookupError("files are not available here".to_owned()))
    }

    fn secret(&self, _uri: &str) -> Result<Sensitive, LookupError> {
        Err(LookupError("no secret store is available here".to_owned()))
    }
}
