//! HTTP methods that Graph commands use.

use std::fmt;
use std::str::FromStr;

/// An HTTP method.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Method {
    /// Read.
    Get,
    /// Create, or call an action.
    Post,
    /// Change some properties.
    Patch,
    /// Set a single reference or a stream.
    Put,
    /// Remove.
    Delete,
}

/// The text is none of GET, POST, PATCH, PUT and DELETE in capitals.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown HTTP method `{0}`")]
pub struct UnknownMethod(pub String);

impl Method {
    /// Every method.
    pub const ALL: [Self; 5] = [Self::Get, Self::Post, Self::Patch, Self::Put, Self::Delete];

    /// `GET`, `POST`, ….
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Patch => "PATCH",
            Self::Put => "PUT",
            Self::Delete => "DELETE",
        }
    }

    /// Whether a JSON body is sent with it; GET and DELETE have none.
    pub const fn has_body(self) -> bool {
        matches!(self, Self::Post | Self::Patch | Self::Put)
    }
}

impl FromStr for Method {
    type Err = UnknownMethod;

    fn from_str(text: &str) -> Result<Self, UnknownMethod> {
        let found = Self::ALL.into_iter().find(|method| method.as_str() == text);
        found.ok_or_else(|| UnknownMethod(text.to_owned()))
    }
}

impl fmt::Display for Method {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}
