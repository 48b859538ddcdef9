//! Objects that no request reads one by one: what every round reads as a whole, types that only a
//! delta query tells, and objects whose key is not their id.

use std::collections::{HashMap, HashSet};

use graph_dsl::{StreamKind, StreamPlan};

use super::FoundDifference;
use super::objects::Candidate;
use crate::importer::ImportError;
use crate::importer::fault::Fault;
use crate::importer::reader::{Followed, Reader};
use crate::store::Store;
use crate::{Item, ObjectId};

/// Whether the objects of a stream are compared with all that its query answers. They are held in
/// memory meanwhile.
pub(in crate::importer) fn is_read_as_one(plan: &StreamPlan) -> bool {
    matches!(plan.kind, StreamKind::Full) || (!plan.is_edges() && plan.of_type.is_some())
}

/// The ids of everything that the stream's query answers; `None` if it cannot be read to its end.
pub(super) async fn ids<S: Store>(
    reader: &Reader<'_, S>,
) -> Result<Option<HashSet<ObjectId>>, ImportError> {
    let mut ids = HashSet::new();
    let whole = each(reader, |item| {
        match item.removed {
            Some(_) => ids.remove(&item.id),
            None => ids.insert(item.id.clone()),
        };
    });
    Ok(whole.await?.then_some(ids))
}

/// Those that differ from the stream's whole collection; the last word about an object counts.
pub(super) async fn compare<S: Store>(
    reader: &Reader<'_, S>,
    candidates: Vec<Candidate>,
) -> Result<Vec<Candidate>, ImportError> {
    if candidates.is_empty() {
        return Ok(Vec::new());
    }
    let place = |(at, candidate): (usize, &Candidate)| (candidate.id.clone(), at);
    let places: HashMap<ObjectId, usize> = candidates.iter().enumerate().map(place).collect();
    let mut found: Vec<Option<FoundDifference>> =
        candidates.iter().map(Candidate::unknown).collect();
    let whole = each(reader, |item| {
        let Some(&at) = places.get(&item.id) else { return };
        found[at] = match item.removed {
            Some(_) => candidates[at].unknown(),
            None => candidates[at].against(reader.plan, item),
        };
    });
    if !whole.await? {
        let unreadable = |it: Candidate| it.with(Some(FoundDifference::Unreadable));
        return Ok(candidates.into_iter().map(unreadable).collect());
    }
    let differing = candidates.into_iter().zip(found).filter(|(_, found)| found.is_some());
    Ok(differing.map(|(candidate, found)| candidate.with(found)).collect())
}

/// Reads the query to its end; whether that was possible.
async fn each<S: Store>(
    reader: &Reader<'_, S>,
    mut item: impl FnMut(&Item<'_>),
) -> Result<bool, ImportError> {
    let (mut next, mut followed, mut token) =
        (Some(reader.first_link()?), Followed::default(), false);
    while let Some(link) = next {
        let page = match reader.follow(&mut followed, &link, token).await {
            Ok(page) => page,
            Err(Fault::Stopped) => return Err(ImportError::Stopped),
            Err(_) => return Ok(false),
        };
        let items = page.items().filter_map(|json| Item::read_by(json, &reader.plan.key).ok());
        items.for_each(|it| item(&it));
        (next, token) = (page.next_link().cloned(), true);
    }
    Ok(true)
}
