//! Objects that no request reads one by one: what every round reads as a whole, types that only a
//! delta query tells, and objects whose key is not their id.

use std::collections::HashMap;

use graph_dsl::{StreamKind, StreamPlan};

use super::{FoundDifference, StoredObject, stated_otherwise};
use crate::importer::ImportError;
use crate::importer::fault::Fault;
use crate::importer::reader::{Followed, Reader};
use crate::store::Store;
use crate::{Item, ObjectId};

/// Whether the objects of a stream are compared with all that its query answers. They are held in
/// memory meanwhile.
pub(super) fn is_read_as_one(plan: &StreamPlan) -> bool {
    matches!(plan.kind, StreamKind::Full) || (!plan.is_edges() && plan.of_type.is_some())
}

/// Compares the objects with the stream's whole collection; the last word about an object counts.
pub(super) async fn compare<S: Store>(
    reader: &Reader<'_, S>,
    objects: Vec<StoredObject>,
) -> Result<Vec<(StoredObject, FoundDifference)>, ImportError> {
    if objects.is_empty() {
        return Ok(Vec::new());
    }
    let place = |(at, object): (usize, &StoredObject)| (object.id.clone(), at);
    let places: HashMap<ObjectId, usize> = objects.iter().enumerate().map(place).collect();
    let mut found: Vec<Option<FoundDifference>> = vec![Some(FoundDifference::Gone); objects.len()];
    let (mut next, mut followed, mut token) =
        (Some(reader.first_link()?), Followed::default(), false);
    while let Some(link) = next.filter(|link| followed.is_new(link)) {
        let page = match reader.fetch(&link, token).await {
            Ok(page) => page,
            Err(Fault::Stopped) => return Err(ImportError::Stopped),
            Err(_) => {
                let unreadable = |object| (object, FoundDifference::Unreadable);
                return Ok(objects.into_iter().map(unreadable).collect());
            }
        };
        for item in page.items().filter_map(|json| Item::read_by(json, &reader.plan.key).ok()) {
            let Some(&at) = places.get(&item.id) else { continue };
            found[at] = match item.removed {
                Some(_) => Some(FoundDifference::Gone),
                None => stated_otherwise(reader.plan, &objects[at], &item),
            };
        }
        (next, token) = (page.next_link().cloned(), true);
    }
    let differing = objects.into_iter().zip(found);
    Ok(differing.filter_map(|(object, found)| Some((object, found?))).collect())
}
