//! The moves of a stream, owned: what the engine hands to the thread that commits.

use graph_transport::GraphLink;

use crate::store::{Advance, Partition, PartitionNext};

/// [`Advance`], owned.
#[derive(Debug)]
pub(in crate::importer) enum Next {
    Page(GraphLink),
    Complete(Option<GraphLink>),
    Stay,
    Rewind,
    Resync,
    FallBack(String),
    Without(Vec<String>),
    Baseline(GraphLink, Option<u64>),
    Scan(Vec<Partition>, Option<String>),
    Partition(u64, PartitionMove),
    CatchUp,
    Publish(Option<String>),
    Doubt(Option<String>),
    Sweep,
}

/// [`PartitionNext`], owned.
#[derive(Debug)]
pub(in crate::importer) enum PartitionMove {
    Page(GraphLink),
    Done,
    Split(Vec<String>),
}

impl Next {
    /// The move as the store takes it.
    pub(super) fn advance(&self) -> Advance<'_> {
        let path = GraphLink::path_and_query;
        match self {
            Self::Page(link) => Advance::Page(path(link)),
            Self::Complete(link) => Advance::Complete(link.as_ref().map(path)),
            Self::Stay => Advance::Stay,
            Self::Rewind => Advance::Rewind,
            Self::Resync => Advance::Resync,
            Self::FallBack(reason) => Advance::FallBack(reason),
            Self::Without(properties) => Advance::Without(properties),
            Self::Baseline(link, counted) => {
                Advance::Baseline { link: path(link), counted: *counted }
            }
            Self::Scan(partitions, fallback) => {
                Advance::Scan { partitions, fallback: fallback.as_deref() }
            }
            Self::Partition(place, next) => Advance::Partition(
                *place,
                match next {
                    PartitionMove::Page(link) => PartitionNext::Page(path(link)),
                    PartitionMove::Done => PartitionNext::Done,
                    PartitionMove::Split(prefixes) => PartitionNext::Split(prefixes),
                },
            ),
            Self::CatchUp => Advance::CatchUp,
            Self::Publish(doubt) => Advance::Publish { doubt: doubt.as_deref() },
            Self::Doubt(doubt) => Advance::Doubt(doubt.as_deref()),
            Self::Sweep => Advance::Sweep,
        }
    }
}
