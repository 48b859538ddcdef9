//! What may be said about a stream's completeness.

use graph_dsl::{ApiVersion, StreamKind, StreamPlan};

use super::{Completeness, RunStatus, StreamOutcome, StreamReport};
use crate::store::relation;

/// Something about Graph that a certificate rests on and that cannot be proved from one run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Assumption {
    /// Its name in certificates.
    pub name: &'static str,
    /// What is assumed.
    pub states: &'static str,
    /// Where that comes from.
    pub source: &'static str,
}

/// Every assumption that a certificate may name.
pub const ASSUMPTIONS: [Assumption; 5] = [
    Assumption {
        name: "delta_reports_every_object",
        states: "a delta round from its beginning reports every object of the tenant once at least",
        source: "Use delta query to track changes in Microsoft Graph data; facts: graph-protocol 5.2",
    },
    Assumption {
        name: "delta_reports_every_change",
        states: "a round from a delta link reports every change of a selected property since that link was issued, if need be in a later round",
        source: "Use delta query to track changes in Microsoft Graph data; facts: graph-protocol 5.5",
    },
    Assumption {
        name: "group_delta_reports_membership",
        states: "groups/delta with members selected reports every group whose members changed, also where the change was taken back before the round, except for members deleted for ever",
        source: "Get incremental changes for groups; facts: graph-protocol 5.6",
    },
    Assumption {
        name: "members_of_other_types_live",
        states: "a member of a type that is not imported, a service principal for example, lives as long as its edge was not found missing: its deletion is reported by its own stream only",
        source: "Get incremental changes for groups; facts: graph-protocol 5.6",
    },
    Assumption {
        name: "sp_members_included",
        states: "the beta endpoint, or a v1.0 list that is cast to them, lists service principals as members, which v1.0 leaves out",
        source: "List group members; facts: graph-protocol 12, 31",
    },
];

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
pub(crate) fn of_stream(report: &StreamReport, plan: &StreamPlan) -> Completeness {
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
    Completeness::Proven
}

/// Users of v1.0 report that it lists no service principals as members and owners of groups, without
/// any sign (facts: graph-protocol 12, 31). Beta does.
fn omits_service_principals(plan: &StreamPlan) -> bool {
    let edges = matches!(plan.kind, StreamKind::Edges { .. });
    edges && plan.version == ApiVersion::V1_0 && matches!(relation(plan), "members" | "owners")
}

/// The assumptions that a certificate of this stream rests on.
pub(crate) fn assumptions(plan: &StreamPlan) -> Vec<&'static str> {
    let mut names = match &plan.kind {
        StreamKind::Delta => vec!["delta_reports_every_object", "delta_reports_every_change"],
        StreamKind::Edges { .. } => {
            vec!["group_delta_reports_membership", "members_of_other_types_live"]
        }
        _ => Vec::new(),
    };
    let lists_service_principals = !omits_service_principals(plan);
    if matches!(plan.kind, StreamKind::Edges { .. }) && lists_service_principals {
        names.push("sp_members_included");
    }
    names
}

/// How a run with these streams ended. A stream that is optional and could not be read does not
/// spoil the run: it is shown.
pub(crate) fn of_run(streams: &[StreamReport]) -> (RunStatus, Completeness) {
    use StreamOutcome::{Failed, Granted, Interrupted, Throttled};
    let counts = |report: &&StreamReport| {
        report.required || matches!(report.outcome, Granted | Failed | Throttled | Interrupted)
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
