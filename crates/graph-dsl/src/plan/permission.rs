//! The Graph permissions that a command needs.

use std::fmt;

/// The least permissions that allow a command; all of a list are needed together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Permission {
    /// Application permissions; empty when Graph asks for none or offers the call to signed-in users only.
    pub application: Vec<String>,
    /// Delegated permissions, where the file names them.
    pub delegated: Vec<String>,
}

impl Permission {
    /// Application permissions, all needed.
    pub fn application(names: impl IntoIterator<Item = impl Into<String>>) -> Self {
        let application = names.into_iter().map(Into::into).collect();
        Self { application, delegated: Vec::new() }
    }

    /// Whether only a signed-in user can call it.
    pub fn is_delegated_only(&self) -> bool {
        self.application.is_empty() && !self.delegated.is_empty()
    }

    /// Whether the file names no permission at all.
    pub fn is_unknown(&self) -> bool {
        self.application.is_empty() && self.delegated.is_empty()
    }
}

impl fmt::Display for Permission {
    /// `GroupMember.ReadWrite.All + User.ReadWrite.All`; `… (signed-in user only)`; `-` when none is named.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_delegated_only() {
            write!(formatter, "{} (signed-in user only)", self.delegated.join(" + "))
        } else if self.is_unknown() {
            formatter.write_str("-")
        } else {
            formatter.write_str(&self.application.join(" + "))
        }
    }
}
