//! What is known of the permissions before the first request.

use graph_dsl::StreamPlan;
use graph_dsl::graph_index::{GraphIndex, PathSegment};

use super::{ImportError, Importer};
use crate::store::StreamState;
use crate::{PermissionCheck, StreamOutcome};

/// Refuses an import that needs a stream which this cloud does not offer, or which the token does not
/// open and no earlier run has read (cases: F4). One that was read before goes on, so that the loss of
/// the permission is recorded beside its rows (cases: F5).
pub(super) fn check<S>(importer: &Importer<S>, states: &[StreamState]) -> Result<(), ImportError> {
    let refuse = |plan: &StreamPlan, outcome| {
        Err(ImportError::Required { stream: plan.name.clone(), outcome })
    };
    if let Some(plan) = importer.absent.iter().find(|plan| plan.required) {
        return refuse(plan, StreamOutcome::NotInCloud);
    }
    for (plan, state) in importer.streams.iter().zip(states) {
        if plan.required && state.published.is_none() && !opens(plan, &importer.granted) {
            let least = plan.permission.clone().unwrap_or_else(|| "unknown".to_owned());
            return refuse(plan, StreamOutcome::MissingPermission(least));
        }
    }
    Ok(())
}

/// The stream's permission, and whether the run had it.
pub(super) fn checked<S>(
    importer: &Importer<S>,
    plan: &StreamPlan,
    outcome: &StreamOutcome,
) -> Option<PermissionCheck> {
    let least = plan.permission.clone()?;
    let granted = match outcome {
        StreamOutcome::Granted => Some(true),
        StreamOutcome::MissingPermission(_) | StreamOutcome::PermissionLost(_) => Some(false),
        _ if importer.granted.is_empty() => None,
        _ => Some(opens(plan, &importer.granted)),
    };
    Some(PermissionCheck { least, granted })
}

/// Whether these permissions open the stream, as far as Graph's permission map says; true when
/// nothing is known.
pub(super) fn opens(plan: &StreamPlan, granted: &[String]) -> bool {
    if granted.is_empty() || plan.permission.as_ref().is_some_and(|least| granted.contains(least)) {
        return true;
    }
    let index = GraphIndex::embedded();
    let segments = PathSegment::split(&plan.endpoint);
    let found = index.resolve(&segments, index.all_clouds());
    let needs = found.whole().map(|place| index.needs("GET", &place.path));
    let sets = needs.map(|needs| needs.application).unwrap_or_default();
    let held = |set: &Vec<String>| set.iter().all(|name| granted.contains(name));
    sets.is_empty() || plan.of_type.is_some() || sets.iter().any(held)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stronger_permission_opens_as_well_and_an_opaque_token_says_nothing() {
        let streams = crate::streams().unwrap();
        let with = |stream: &str, granted: &[&str]| {
            let plan = streams.iter().find(|plan| plan.name == stream).unwrap();
            let granted: Vec<String> = granted.iter().map(|name| (*name).to_owned()).collect();
            opens(plan, &granted)
        };
        assert!(with("users", &["User.Read.All"]));
        assert!(with("users", &["Directory.Read.All"]));
        assert!(with("users", &[]));
        assert!(!with("users", &["Group.Read.All"]));
        assert!(with("members", &["Directory.Read.All"]));
        assert!(!with("members", &["User.Read.All"]));
    }
}
