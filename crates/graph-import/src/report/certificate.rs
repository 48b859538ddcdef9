//! What may be said about a stream's completeness.

use graph_dsl::{ApiVersion, StreamPlan};

use super::{Completeness, RunStatus, StreamOutcome, StreamReport};
use crate::store::relation;

impl Completeness {
    fn rank(&self) -> u8 {
        match self {
            Self::Proven => 0,
            Self::Provisional(_) => 1,
            Self::Partial(_) => 2,
        }
    }

    /// The lesser of two.
    #[must_use]
    pub(crate) fn least(self, other: Self) -> Self {
        if other.rank() > self.rank() { other } else { self }
    }
}

/// What a stream's own numbers allow to be said.
pub(crate) fn of_stream(report: &StreamReport, plan: &StreamPlan, delegated: bool) -> Completeness {
    use Completeness::{Partial, Provisional};
    let holdings = &report.holdings;
    let blocked = match &report.outcome {
        StreamOutcome::Granted => None,
        outcome => Some(outcome.to_string()),
    };
    let missing = blocked
        .or_else(|| {
            (report.spoiled > 0).then(|| format!("{} items could not be read", report.spoiled))
        })
        .or_else(|| {
            (holdings.queued > 0)
                .then(|| format!("{} objects wait to be read again", holdings.queued))
        });
    if let Some(reason) = missing {
        return Partial(reason);
    }
    if let Some(doubt) = &report.doubt {
        return Provisional(doubt.clone());
    }
    if holdings.hidden > 0 {
        return Provisional(format!(
            "{} groups hide their members: Member.Read.Hidden",
            holdings.hidden
        ));
    }
    if omits_service_principals(plan) {
        return Provisional("sp_members: omitted".to_owned());
    }
    if delegated {
        return Provisional(
            "delegated: a signed-in user sees what their roles let them".to_owned(),
        );
    }
    if rests_on_reports(plan) && !report.full {
        return Provisional(
            "changes rest on reports of a relation; --full reads every list".to_owned(),
        );
    }
    Completeness::Proven
}

/// Whether only the owner's delta query says that a list has changed, in a relation for which no page
/// of Graph promises that. For the members of groups it is promised (facts: graph-protocol 5.2).
fn rests_on_reports(plan: &StreamPlan) -> bool {
    let members_of_groups = plan.endpoint.starts_with("/groups/") && relation(plan) == "members";
    plan.is_edges() && !plan.is_delta() && !members_of_groups
}

/// Users of v1.0 report that it lists no service principals as members and owners of groups, without
/// any sign (facts: graph-protocol 12, 31). Beta does.
pub(super) fn omits_service_principals(plan: &StreamPlan) -> bool {
    let of_groups = plan.is_edges() && plan.endpoint.starts_with("/groups/");
    of_groups && plan.version == ApiVersion::V1_0 && matches!(relation(plan), "members" | "owners")
}

/// How a run with these streams ended. A stream that is optional and could not be read does not
/// spoil the run: it is shown.
pub(crate) fn of_run(streams: &[StreamReport]) -> (RunStatus, Completeness) {
    use StreamOutcome::{Failed, Granted, Interrupted, PermissionLost, Throttled};
    let counts = |report: &&StreamReport| {
        let outcome = &report.outcome;
        let ran = matches!(outcome, Granted | Failed | Throttled | Interrupted | PermissionLost(_));
        report.required || ran
    };
    let counted = || streams.iter().filter(counts);
    let completeness = counted()
        .map(|report| report.completeness.clone())
        .fold(Completeness::Proven, Completeness::least);
    let status = if counted().any(|report| report.outcome == Interrupted) {
        RunStatus::Interrupted
    } else if counted().any(|report| report.required && report.outcome != Granted) {
        RunStatus::Failed
    } else if matches!(completeness, Completeness::Partial(_)) {
        RunStatus::Partial
    } else {
        RunStatus::Completed
    };
    (status, completeness)
}
