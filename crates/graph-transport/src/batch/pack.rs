//! Which items go into one batch: never more than Graph takes, never a dependant without its parent.

use std::collections::{HashMap, HashSet};

use http::StatusCode;

use super::{BatchError, BatchItem, MOST_ITEMS};
use crate::answer::Answer;
use crate::client::GraphClient;
use crate::cloud::ApiVersion;

/// N7, N8, N10, N12: everything that Graph would refuse, before anything is sent.
pub(super) fn check(
    client: &GraphClient,
    version: ApiVersion,
    items: &[BatchItem],
) -> Result<(), BatchError> {
    let mut seen = HashSet::new();
    for item in items {
        if item.id.is_empty() {
            return Err(BatchError::EmptyId);
        }
        if !seen.insert(item.id.to_ascii_lowercase()) {
            return Err(BatchError::DuplicateId(item.id.clone()));
        }
        let below_root = format!("/{version}/{}", item.url.trim_start_matches('/'));
        client
            .cloud()
            .link(&below_root)
            .map_err(|source| BatchError::Url { id: item.id.clone(), source })?;
    }
    for item in items {
        let known = |parent: &&String| {
            seen.contains(&parent.to_ascii_lowercase()) && !parent.eq_ignore_ascii_case(&item.id)
        };
        if let Some(parent) = item.depends_on.iter().find(|parent| !known(parent)) {
            return Err(BatchError::UnknownParent { id: item.id.clone(), parent: parent.clone() });
        }
    }
    let all: Vec<usize> = (0..items.len()).collect();
    match components(items, &all).iter().map(Vec::len).max() {
        Some(largest) if largest > MOST_ITEMS => Err(BatchError::TooManyDependants(largest)),
        _ => Ok(()),
    }
}

/// Packs whole components, in order, into batches of at most 20 (N5, N16).
pub(super) fn chunks(items: &[BatchItem], pending: &[usize]) -> Vec<Vec<usize>> {
    let mut chunks: Vec<Vec<usize>> = Vec::new();
    for component in components(items, pending) {
        match chunks.last_mut() {
            Some(last) if last.len() + component.len() <= MOST_ITEMS => last.extend(component),
            _ => chunks.push(component),
        }
    }
    chunks
}

/// Groups of items that depend on each other, each in its original order.
fn components(items: &[BatchItem], pending: &[usize]) -> Vec<Vec<usize>> {
    let by_id: HashMap<String, usize> =
        pending.iter().map(|index| (items[*index].id.to_ascii_lowercase(), *index)).collect();
    let mut group_of: HashMap<usize, usize> =
        pending.iter().map(|index| (*index, *index)).collect();
    for index in pending {
        for parent in
            items[*index].depends_on.iter().filter_map(|id| by_id.get(&id.to_ascii_lowercase()))
        {
            let (from, to) = (group_of[index], group_of[parent]);
            for group in group_of.values_mut().filter(|group| **group == from) {
                *group = to;
            }
        }
    }
    let mut groups: Vec<(usize, Vec<usize>)> = Vec::new();
    for index in pending {
        let group = group_of[index];
        match groups.iter_mut().find(|(known, _)| *known == group) {
            Some((_, members)) => members.push(*index),
            None => groups.push((group, vec![*index])),
        }
    }
    groups.into_iter().map(|(_, members)| members).collect()
}

/// N25: an item that failed only because of its parent is sent again together with it.
pub(super) fn add_failed_dependants(
    items: &[BatchItem],
    results: &[Option<Answer>],
    again: &mut HashSet<usize>,
) {
    loop {
        let before = again.len();
        for (index, item) in items.iter().enumerate() {
            let failed = results[index]
                .as_ref()
                .is_some_and(|answer| answer.status == StatusCode::FAILED_DEPENDENCY);
            let parent_repeats = item
                .depends_on
                .iter()
                .any(|id| again.iter().any(|parent| items[*parent].id.eq_ignore_ascii_case(id)));
            if failed && parent_repeats {
                again.insert(index);
            }
        }
        if again.len() == before {
            return;
        }
    }
}
