//! Which item waits for which, checked before anything is sent.

use std::collections::HashMap;

use super::{BatchError, BatchItem};

/// The items that each item depends on, by place, and an order in which no item precedes one that
/// it depends on.
#[derive(Debug)]
pub(super) struct Dependencies {
    parents: Vec<Vec<usize>>,
    order: Vec<usize>,
}

impl Dependencies {
    /// N7, N8, N12, and cycles.
    pub(super) fn of(items: &[BatchItem]) -> Result<Self, BatchError> {
        let mut places = HashMap::with_capacity(items.len());
        for (place, item) in items.iter().enumerate() {
            if item.id.is_empty() {
                return Err(BatchError::EmptyId);
            }
            // A backslash spoils the whole batch (facts: graph-protocol 7).
            if item.id.contains(|c: char| c == '\\' || c.is_control()) {
                return Err(BatchError::InvalidId(item.id.clone()));
            }
            if places.insert(item.id.to_ascii_lowercase(), place).is_some() {
                return Err(BatchError::DuplicateId(item.id.clone()));
            }
        }
        let mut parents = Vec::with_capacity(items.len());
        for (place, item) in items.iter().enumerate() {
            let mut mine = Vec::with_capacity(item.depends_on.len());
            for id in &item.depends_on {
                let parent = places.get(&id.to_ascii_lowercase()).filter(|it| **it != place);
                let (id, named) = (item.id.clone(), id.clone());
                mine.push(*parent.ok_or(BatchError::UnknownParent { id, parent: named })?);
            }
            mine.sort_unstable();
            mine.dedup();
            parents.push(mine);
        }
        let order = order(&parents).map_err(|place| BatchError::Cycle(items[place].id.clone()))?;
        Ok(Self { parents, order })
    }

    /// What the item at this place depends on.
    pub(super) fn parents(&self, place: usize) -> &[usize] {
        &self.parents[place]
    }

    /// All places, no item before one that it depends on; otherwise as the caller listed them.
    pub(super) fn order(&self) -> &[usize] {
        &self.order
    }
}

/// Kahn's order, in rounds so that it stays close to the caller's; the place of an item on a cycle if there is one.
fn order(parents: &[Vec<usize>]) -> Result<Vec<usize>, usize> {
    let mut children = vec![Vec::new(); parents.len()];
    let mut missing: Vec<usize> = parents.iter().map(Vec::len).collect();
    for (place, mine) in parents.iter().enumerate() {
        for parent in mine {
            children[*parent].push(place);
        }
    }
    let mut order: Vec<usize> = (0..parents.len()).filter(|place| missing[*place] == 0).collect();
    let mut next = 0;
    while let Some(place) = order.get(next).copied() {
        next += 1;
        for child in &children[place] {
            missing[*child] -= 1;
            if missing[*child] == 0 {
                order.push(*child);
            }
        }
    }
    match missing.iter().position(|missing| *missing > 0) {
        // An item with missing parents may only hang below the cycle; its first such parent leads there.
        Some(mut place) => {
            for _ in 0..parents.len() {
                let above = parents[place].iter().find(|parent| missing[**parent] > 0);
                place = above.copied().unwrap_or(place);
            }
            Err(place)
        }
        None => Ok(order),
    }
}
