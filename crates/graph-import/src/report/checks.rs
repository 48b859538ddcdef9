//! What a certificate has checked beside reading: permissions, counts, samples.

use serde::Serialize;

/// The permission of a stream.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct PermissionCheck {
    /// The least that opens the stream.
    pub least: String,
    /// Whether the application has it, or one that includes it; `None` if the run did not find out.
    pub granted: Option<bool>,
}

/// How many objects Graph counts (`$count`), beside how many were found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Counts {
    /// Counted before the collection was read.
    pub at_start: Option<u64>,
    /// Counted after it; `None` where Graph does not count the collection (cases: C11).
    pub at_end: Option<u64>,
    /// Distinct objects that were found.
    pub distinct: u64,
    /// Objects that were seen to come or go meanwhile.
    pub churn: u64,
}

/// Objects, or owners of edges, that were read again by themselves once the stream was complete.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct SampleCheck {
    /// Read again.
    pub reread: u64,
    /// As the store has them.
    pub equal: u64,
    /// Different, and reported by the delta: the next round brings it.
    pub pending: u64,
    /// Different, and not reported.
    pub different: u64,
    /// Not readable, so that nothing is known.
    pub unreadable: u64,
}

impl Counts {
    /// Whether what was found lies between the counts, give or take what came and went; `None` if
    /// Graph did not count.
    pub fn agree(&self) -> Option<bool> {
        let end = self.at_end?;
        let start = self.at_start.unwrap_or(end);
        let (fewest, most) = (start.min(end), start.max(end));
        let range = fewest.saturating_sub(self.churn)..=most + self.churn;
        Some(range.contains(&self.distinct))
    }
}

impl std::fmt::Display for Counts {
    /// `59 objects were found where Graph counts 60 to 61`
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} objects were found where Graph counts ", self.distinct)?;
        match (self.at_start, self.at_end) {
            (_, None) => f.write_str("none"),
            (Some(start), Some(end)) if start != end => {
                write!(f, "{} to {}", start.min(end), start.max(end))
            }
            (_, Some(end)) => write!(f, "{end}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_agree_within_what_came_and_went() {
        let counts =
            |start, end, distinct, churn| Counts { at_start: start, at_end: end, distinct, churn };
        assert_eq!(counts(Some(9), Some(11), 10, 0).agree(), Some(true));
        assert_eq!(counts(Some(9), Some(9), 10, 0).agree(), Some(false));
        assert_eq!(counts(Some(9), Some(9), 10, 1).agree(), Some(true));
        assert_eq!(counts(None, Some(9), 8, 0).agree(), Some(false));
        assert_eq!(counts(Some(9), None, 9, 0).agree(), None);
        let text = counts(Some(61), Some(60), 59, 0).to_string();
        assert_eq!(text, "59 objects were found where Graph counts 60 to 61");
    }
}
