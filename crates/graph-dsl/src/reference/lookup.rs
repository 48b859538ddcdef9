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

/// A lookup that failed; it says why and never holds the value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LookupError {
    /// There is no value to be had.
    #[error("{0}")]
    Unavailable(String),
    /// The file is not its owner's alone, and is refused.
    #[error("others can read it (mode {mode:04o})")]
    Shared {
        /// The permission bits, `0o644`.
        mode: u32,
    },
}

impl LookupError {
    /// There is no value to be had, for this reason.
    pub fn unavailable(reason: impl Into<String>) -> Self {
        Self::Unavailable(reason.into())
    }
}

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
        Err(LookupError::unavailable("files are not available here"))
    }

    fn secret(&self, _uri: &str) -> Result<Sensitive, LookupError> {
        Err(LookupError::unavailable("no secret store is available here"))
    }
}
