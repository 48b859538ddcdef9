//! The parts of a scan.

/// One part of a scanned collection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Partition {
    /// Its place among the partitions of the scan.
    pub place: u64,
    /// With what the values of the partition property begin; empty for the whole collection.
    pub prefix: String,
    /// How far it is read.
    pub state: PartitionState,
    /// Items read, those of an attempt that was given up included.
    pub items: u64,
}

/// How far a partition is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PartitionState {
    /// Not to its end.
    Open,
    /// To its end, or its children are partitions of their own.
    Done,
}

impl Partition {
    /// A partition of which nothing is read.
    pub fn new(place: u64, prefix: &str) -> Self {
        Self { place, prefix: prefix.to_owned(), state: PartitionState::Open, items: 0 }
    }

    /// Whether it is the whole collection.
    pub fn is_whole(&self) -> bool {
        self.prefix.is_empty()
    }
}

impl PartitionState {
    /// The spelling in a store.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Done => "done",
        }
    }

    /// Reads [`PartitionState::as_str`].
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Open, Self::Done].into_iter().find(|state| state.as_str() == text)
    }
}
