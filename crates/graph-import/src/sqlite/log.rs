//! The write-ahead log: a reader that never ends keeps it growing (cases: G10).

use std::path::Path;

use super::open;

/// Commits between two looks at the log.
const COMMITS: u32 = 64;
/// A log of this size is told; the store has it taken over at 32 MiB.
const LONG: u64 = 256 << 20;

/// Looks at the length of the log now and then, and tells of it each time that it has doubled.
#[derive(Debug)]
pub(super) struct LogWatch {
    commits: u32,
    told_at: u64,
}

impl Default for LogWatch {
    fn default() -> Self {
        Self { commits: 0, told_at: LONG }
    }
}

impl LogWatch {
    /// Counts a commit.
    pub(super) fn look(&mut self, path: &Path) {
        self.commits += 1;
        if self.commits.is_multiple_of(COMMITS)
            && let Some(bytes) = self.measure(open::log_size(path))
        {
            tracing::warn!(
                store = %path.display(),
                bytes,
                "a program that has been reading the store for long keeps its log growing"
            );
        }
    }

    /// The size, if it is worth telling.
    const fn measure(&mut self, bytes: u64) -> Option<u64> {
        if bytes < self.told_at {
            return None;
        }
        self.told_at = bytes.saturating_mul(2);
        Some(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_log_is_told_each_time_that_it_has_doubled() {
        let mut watch = LogWatch::default();
        let told: Vec<_> = [1, 255, 256, 300, 511, 512, 600, 1500]
            .map(|mebibytes| watch.measure(mebibytes << 20))
            .into_iter()
            .flatten()
            .map(|bytes| bytes >> 20)
            .collect();
        assert_eq!(told, [256, 512, 1500]);
    }
}
