//! What commits have changed.

use serde::Serialize;

/// What a commit changed, in rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[expect(missing_docs, reason = "each name says it; units are rows")]
pub struct Applied {
    pub inserted: u64,
    pub updated: u64,
    pub unchanged: u64,
    pub restored: u64,
    pub soft_deleted: u64,
    pub hard_deleted: u64,
    pub swept: u64,
    /// Tombstones of objects that did not live here: never seen, or out of the recycle bin for good.
    pub tombstones: u64,
    /// Objects that the stream's filter does not name any more and that are there (cases: G5).
    pub left_scope: u64,
    /// Objects that it had left out and that are read again.
    pub entered_scope: u64,
    pub edges_added: u64,
    pub edges_removed: u64,
    pub edges_unchanged: u64,
    /// Listed members that their own stream has reported as gone for ever (cases: B29).
    pub ghosts: u64,
}

impl Applied {
    /// Objects that came, came back or went: by so much a count may differ from the one before.
    pub const fn churn(&self) -> u64 {
        self.inserted + self.restored + self.soft_deleted + self.hard_deleted + self.tombstones
    }

    /// Whether anything in the store is different now.
    pub(crate) const fn says_something_new(&self) -> bool {
        let Self { unchanged: _, edges_unchanged: _, ghosts: _, .. } = self;
        self.inserted
            + self.updated
            + self.restored
            + self.soft_deleted
            + self.hard_deleted
            + self.swept
            + self.tombstones
            + self.left_scope
            + self.entered_scope
            + self.edges_added
            + self.edges_removed
            > 0
    }
}

impl std::ops::AddAssign for Applied {
    fn add_assign(&mut self, other: Self) {
        self.inserted += other.inserted;
        self.updated += other.updated;
        self.unchanged += other.unchanged;
        self.restored += other.restored;
        self.soft_deleted += other.soft_deleted;
        self.hard_deleted += other.hard_deleted;
        self.swept += other.swept;
        self.tombstones += other.tombstones;
        self.left_scope += other.left_scope;
        self.entered_scope += other.entered_scope;
        self.edges_added += other.edges_added;
        self.edges_removed += other.edges_removed;
        self.edges_unchanged += other.edges_unchanged;
        self.ghosts += other.ghosts;
    }
}
