//! What a tenant has bought.

use super::names;

/// The Entra plan of a tenant: what it is licensed for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Plan {
    /// No premium licence: no sign-ins, no sign-in activity, no registration details, no risk.
    Free,
    /// Entra ID P1: everything but privileged identity management and governance.
    P1,
    /// Entra ID P2.
    #[default]
    P2,
}

impl Plan {
    /// The licences of a tenant with this plan: `skuPartNumber` and `skuId`.
    pub(crate) fn licences(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::Free => names::FREE_LICENCES,
            Self::P1 => &names::LICENCES[1..3],
            Self::P2 => names::LICENCES,
        }
    }
}
