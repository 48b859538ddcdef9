//! What a store holds of one stream, and what of it waits.

use serde::Serialize;

/// What a store holds of one stream.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Holdings {
    /// Live objects, or edges between objects that are not known to be gone: what readers see.
    pub live: u64,
    /// Objects that are known to be gone, or edges that are at rest because one of their ends is, and
    /// that count again when it is restored.
    pub deleted: u64,
    /// Objects that the stream's filter leaves out and that are kept as they were, or edges of such
    /// objects (cases: G5).
    #[serde(skip_serializing_if = "is_zero")]
    pub out_of_scope: u64,
    /// What waits.
    #[serde(flatten)]
    pub waiting: Waiting,
}

/// What of a stream is not settled; few rows beside those of [`Holdings`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Waiting {
    /// Objects that wait to be read.
    pub queued: u64,
    /// Objects that came back and were not looked for in the lists yet.
    pub returned: u64,
    /// Owners that hide their edges from this application.
    pub hidden: u64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's shape")]
const fn is_zero(number: &u64) -> bool {
    *number == 0
}
