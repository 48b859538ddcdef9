//! What the streams' deltas report as changed since the last run: the next one will bring it.

use std::collections::HashSet;

use super::{FoundDifference, Importer, Reader, Stream, Writer};
use crate::importer::reader::Followed;
use crate::store::{Phase, Store};
use crate::{Item, ObjectId, Stop};

/// Objects that the next round will speak of.
#[derive(Debug, Default)]
pub(super) struct Pending {
    changed: HashSet<ObjectId>,
    /// Requests that it took.
    pub(super) requests: u64,
}

impl Pending {
    /// Follows every delta from where the last run has ended, and keeps no link: the next run begins
    /// where it would have. Where one cannot be followed nothing of it is explained.
    pub(super) async fn read<S: Store>(
        importer: &Importer<S>,
        (writer, stop): (&Writer<S>, &Stop),
        streams: &[Stream<'_>],
    ) -> Self {
        let (mut changed, mut requests) = (HashSet::new(), 0);
        for (plan, state) in streams {
            let watermark = state.watermark.as_deref().filter(|_| state.phase == Phase::Idle);
            let Some(watermark) = watermark.filter(|_| plan.is_delta()) else { continue };
            let reader = Reader::new(importer, writer, (&(), stop), 0, (*plan, state.clone()));
            let mut next = reader.client.cloud().link(watermark).ok();
            let mut followed = Followed::default();
            while let Some(link) = next {
                let Ok(page) = reader.follow(&mut followed, &link, true).await else { break };
                let ids = page.items().filter_map(|json| Some(Item::read(json).ok()?.id));
                changed.extend(ids);
                next = page.next_link().cloned();
            }
            requests += reader.tally.requests.get();
        }
        Self { changed, requests }
    }

    /// Whether the next round speaks of the object, or of every object at the other end of the edges
    /// that differ: an edge goes with either of its ends.
    pub(super) fn explains(&self, id: &ObjectId, what: &FoundDifference) -> bool {
        let ends = match what {
            FoundDifference::Edges { missing, surplus } => Some(missing.iter().chain(surplus)),
            _ => None,
        };
        self.changed.contains(id)
            || ends.is_some_and(|mut ends| ends.all(|end| self.changed.contains(end)))
    }
}
