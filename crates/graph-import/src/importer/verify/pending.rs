//! What a stream's delta reports as changed since the last run: the next one will bring it.

use std::collections::HashSet;

use graph_dsl::StreamKind;

use super::{Importer, Reader, Stream, Writer};
use crate::importer::reader::Followed;
use crate::store::{Phase, Store};
use crate::{Item, ObjectId, Stop};

/// Objects that the next round will speak of.
#[derive(Debug, Default)]
pub(super) struct Pending(HashSet<ObjectId>);

impl Pending {
    /// Follows the delta from where the last run has ended, and keeps no link: the next run begins
    /// where it would have. Where it cannot be followed nothing is explained.
    pub(super) async fn read<S: Store>(
        importer: &Importer<S>,
        writer: &Writer<S>,
        stop: &Stop,
        (plan, state): &Stream<'_>,
    ) -> Self {
        let mut changed = HashSet::new();
        let watermark = state.watermark.as_deref().filter(|_| state.phase == Phase::Idle);
        let Some(watermark) = watermark.filter(|_| matches!(plan.kind, StreamKind::Delta)) else {
            return Self(changed);
        };
        let reader = Reader::new(importer, writer, (&(), stop), 0, (*plan, state.clone()));
        let mut next = reader.client.cloud().link(watermark).ok();
        let mut followed = Followed::default();
        while let Some(link) = next.filter(|link| followed.is_new(link)) {
            let Ok(page) = reader.fetch(&link, true).await else { break };
            changed.extend(page.items().filter_map(|json| Some(Item::read(json).ok()?.id)));
            next = page.next_link().cloned();
        }
        Self(changed)
    }

    pub(super) fn has(&self, id: &ObjectId) -> bool {
        self.0.contains(id)
    }
}
