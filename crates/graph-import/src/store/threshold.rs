//! How many objects may go at once because they were not seen.

/// How many deletions that only the absence from a generation tells of are carried out at once. More of
/// them are withheld until something else proves them: a list that comes back empty or cut off, without
/// any error, looks like a tenant that has lost its users.
///
/// Deletions that Graph reports, one by one, are no matter of this (cases: I3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeletionThreshold {
    /// Never more than so many.
    pub objects: u64,
    /// Nor more than so many in a hundred of those that were there.
    pub percent: u64,
    /// But so many are always few, as long as anything is left.
    pub few: u64,
}

impl DeletionThreshold {
    /// Everything is carried out.
    pub const NONE: Self = Self { objects: u64::MAX, percent: 100, few: u64::MAX };

    /// Nothing is carried out: nobody's absence says anything.
    pub const ZERO: Self = Self { objects: 0, percent: 0, few: 0 };

    /// Whether nobody's absence says anything, of lists of edges either: what they lack stays.
    pub const fn keeps_everything(&self) -> bool {
        self.objects == 0
    }

    /// Whether `missing` of `live` objects are too many to go without a proof of their own.
    pub const fn is_exceeded(&self, live: u64, missing: u64) -> bool {
        if self.objects == u64::MAX || missing == 0 {
            return false;
        }
        let many = missing.saturating_mul(100) > live.saturating_mul(self.percent);
        missing >= live || (missing > self.few && (many || missing > self.objects))
    }

    /// Whether a list of edges lacks so many of those that are known that it counts only if it comes
    /// twice: more than half, where that is more than a few. Lists lose many members at once far more
    /// often than a tenant loses its users, and are cheap to ask for again.
    pub const fn doubts_list(&self, known: u64, missing: u64) -> bool {
        missing > self.few && missing.saturating_mul(2) > known
    }
}

impl Default for DeletionThreshold {
    /// 500 objects, as Microsoft Entra Connect counts them unless told otherwise (Microsoft Entra
    /// Connect Sync: prevent accidental deletes); or a tenth, if that is more than ten objects; or all.
    fn default() -> Self {
        Self { objects: 500, percent: 10, few: 10 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mass_of_deletions_is_told_from_a_few() {
        let exceeded = |live, missing| DeletionThreshold::default().is_exceeded(live, missing);
        for (live, missing) in [(0, 0), (9, 0), (3, 2), (11, 10), (1_000, 100), (1 << 20, 500)] {
            assert!(!exceeded(live, missing), "{missing} of {live}");
        }
        for (live, missing) in [(1, 1), (3, 3), (12, 11), (1_000, 101), (1 << 20, 501)] {
            assert!(exceeded(live, missing), "{missing} of {live}");
        }
        assert!(DeletionThreshold::ZERO.is_exceeded(1 << 20, 1));
        assert!(!DeletionThreshold::ZERO.is_exceeded(1 << 20, 0));
        assert!(DeletionThreshold::ZERO.keeps_everything());
        let doubts = |known, missing| DeletionThreshold::default().doubts_list(known, missing);
        assert!(doubts(11, 11) && doubts(1_000, 501));
        assert!(!doubts(10, 10) && !doubts(1_000, 500));
        assert!(!DeletionThreshold::NONE.doubts_list(1 << 20, 1 << 20));
        assert!(!DeletionThreshold::NONE.is_exceeded(1 << 20, 1 << 20));
    }
}
