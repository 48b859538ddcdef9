//! Text that is never printed.

use std::fmt;

use zeroize::Zeroizing;

/// Text that may be a secret: unprintable, and overwritten when dropped.
#[derive(Clone, Default)]
pub struct Sensitive(Zeroizing<String>);

impl Sensitive {
    /// Takes the text over.
    pub fn new(text: String) -> Self {
        Self(Zeroizing::new(text))
    }

    /// The text itself. Every call is a place where a secret leaves this type.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Whether there is no text.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Without the line break that editors put at the end of a file.
    pub(super) fn without_line_end(self) -> Self {
        Self::new(self.0.trim_end_matches(['\r', '\n']).to_owned())
    }

    pub(super) fn push(&mut self, text: &str) {
        // Growing a `String` leaves the old buffer behind: build a new one and let the old be wiped.
        let mut longer = String::with_capacity(self.0.len() + text.len());
        longer.push_str(&self.0);
        longer.push_str(text);
        *self = Self::new(longer);
    }
}

impl fmt::Debug for Sensitive {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("•••")
    }
}
