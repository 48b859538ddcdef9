//! Graph's API versions.

use std::fmt;

/// A version of the Microsoft Graph API, the first segment of every path.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ApiVersion {
    /// `v1.0`, the stable API.
    #[default]
    V1_0,
    /// `beta`, which may change without notice.
    Beta,
}

impl ApiVersion {
    /// The path segment: `v1.0` or `beta`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::V1_0 => "v1.0",
            Self::Beta => "beta",
        }
    }
}

impl fmt::Display for ApiVersion {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}
