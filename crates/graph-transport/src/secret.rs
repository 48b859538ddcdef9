//! Secrets: wiped when dropped, impossible to print.

use std::fmt;

use zeroize::Zeroizing;

/// A credential, an assertion or a token. `Debug` shows that it is there, never what it is.
///
/// It cannot be printed (SEC-D02):
///
/// ```compile_fail,E0277
/// println!("{}", graph_transport::Secret::new("s"));
/// ```
///
/// nor written into a document:
///
/// ```compile_fail,E0277
/// serde_json::to_string(&graph_transport::Secret::new("s"));
/// ```
#[derive(Clone, Eq, PartialEq)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Takes the text over; the caller's own copies are the caller's to wipe.
    pub fn new(text: impl Into<String>) -> Self {
        Self(Zeroizing::new(text.into()))
    }

    /// The text itself. Each call is a place to review: it may only go into a request.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(***)")
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self::new(text)
    }
}

impl From<&str> for Secret {
    fn from(text: &str) -> Self {
        Self::new(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_never_shows_the_text() {
        let shown = format!("{:?}", Secret::new("canary-7f3a"));
        assert!(!shown.contains("canary"), "{shown}");
    }
}
