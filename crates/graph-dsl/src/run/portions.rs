//! Lists that Graph takes in portions: split before they are sent, their answers joined.

use serde_json::Value;

use super::envelope::Envelope;
use crate::plan::{CommandPlan, Request};

/// The last segment of a reading call, its list, and how many items one call takes (Graph:
/// directoryObject: getByIds, checkMemberGroups, checkMemberObjects).
const LIMITS: [(&str, &str, usize); 3] = [
    ("getByIds", "ids", 1000),
    ("checkMemberGroups", "groupIds", 20),
    ("checkMemberObjects", "ids", 20),
];

/// The same request for each portion of a list that is too long for one; `None` when it is not.
pub(super) fn split(plan: &CommandPlan, request: &Request) -> Option<Vec<Request>> {
    let action = plan.endpoint.rsplit('/').next()?;
    let (_, list, limit) = LIMITS.iter().find(|(limited, ..)| *limited == action)?;
    let items = request.body.as_ref()?.get(list)?.as_array()?;
    if items.len() <= *limit {
        return None;
    }
    let portion = |items: &[Value]| {
        let mut portion = request.clone();
        if let Some(Value::Object(body)) = &mut portion.body {
            body.insert((*list).to_owned(), items.to_vec().into());
        }
        portion
    };
    Some(items.chunks(*limit).map(portion).collect())
}

/// Adds the answer of a further portion to those before it; a failure takes their place.
pub(super) fn join(joined: Envelope, mut next: Envelope) -> Envelope {
    if !next.is_success() {
        return next;
    }
    let mut all = joined;
    all.meta.attempts += next.meta.attempts;
    all.meta.pages += next.meta.pages;
    all.meta.complete &= next.meta.complete;
    all.meta.request_ids.append(&mut next.meta.request_ids);
    all.meta.client_request_ids.append(&mut next.meta.client_request_ids);
    all.meta.resource_units = match (all.meta.resource_units, next.meta.resource_units) {
        (Some(before), Some(more)) => Some(before + more),
        (before, more) => before.or(more),
    };
    if let (Some(Value::Array(items)), Some(Value::Array(more))) =
        (all.data.get_mut("value"), next.data.get_mut("value"))
    {
        items.append(more);
    }
    all
}
