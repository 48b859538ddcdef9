//! What a command does to the tenant: read, change, destroy; and whether repeating it is harmless.

use super::Method;

/// What a command does to the tenant.
#[expect(clippy::struct_excessive_bools, reason = "each is a key of its own in a system file")]
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Safety {
    /// It changes nothing: GET, and POSTs declared `reads: true`.
    pub reads: bool,
    /// It takes something away: DELETE, and what is declared `destructive: true`.
    pub destructive: bool,
    /// Sending it twice does what sending it once does: GET, PUT, DELETE, and what is declared so.
    pub idempotent: bool,
    /// What it takes away can be restored for a while (30 days for most directory objects).
    pub restorable: bool,
    /// The question to ask before a destructive call, with `{argument}` placeholders.
    pub confirm: Option<String>,
    /// `delete_target: object`: the author means to delete the object behind a navigation.
    pub deletes_target: bool,
}

impl Safety {
    /// What the method alone says.
    pub fn of(method: Method) -> Self {
        Self {
            reads: method == Method::Get,
            destructive: method == Method::Delete,
            idempotent: matches!(method, Method::Get | Method::Put | Method::Delete),
            restorable: false,
            confirm: None,
            deletes_target: false,
        }
    }

    /// Whether it changes the tenant.
    pub const fn mutates(&self) -> bool {
        !self.reads
    }

    /// `reads`, `mutates` or `destructive`.
    pub const fn as_str(&self) -> &'static str {
        match (self.destructive, self.reads) {
            (true, _) => "destructive",
            (false, true) => "reads",
            (false, false) => "mutates",
        }
    }
}
