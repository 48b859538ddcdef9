//! What may be said about a stream's completeness.

use graph_dsl::{ApiVersion, StreamPlan};
use serde::Serialize;

use super::{Completeness, RunStatus, SampleCheck, StreamOutcome, StreamReport, UnreadableColumn};
use crate::store::{StreamState, relation};

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

/// Something that a stream is known to lack.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Truncation {
    /// `unreadable_items`, `withheld_deletions`, `waiting_objects`, `returned_objects`, `hidden_members`,
    /// `unreadable_columns`, `emptied_columns` or `service_principals`.
    pub what: &'static str,
    /// How many items, objects or owners; `None` where nobody can know.
    pub count: Option<u64>,
}

/// What a stream is known to lack.
pub(crate) fn truncated(report: &StreamReport, plan: &StreamPlan) -> Vec<Truncation> {
    let some = |what, count| (count > 0).then_some(Truncation { what, count: Some(count) });
    let omits = omits_service_principals(plan) && report.outcome == StreamOutcome::Granted;
    [
        some("unreadable_items", report.spoiled),
        some("withheld_deletions", report.withheld),
        some("waiting_objects", report.holdings.waiting.queued),
        some("returned_objects", report.holdings.waiting.returned),
        some("hidden_members", report.holdings.waiting.hidden),
        some("unreadable_columns", report.unreadable.len() as u64),
        some("emptied_columns", report.emptied.len() as u64),
        omits.then_some(Truncation { what: "service_principals", count: None }),
    ]
    .into_iter()
    .flatten()
    .collect()
}

impl Truncation {
    /// What it makes of the completeness.
    fn completeness(&self) -> Completeness {
        let count = self.count.unwrap_or_default();
        match self.what {
            "unreadable_items" => Completeness::Partial(format!("{count} items could not be read")),
            "withheld_deletions" => Completeness::Partial(format!(
                "{count} deletions are withheld: they were not seen and may be there; --accept-deletions carries them out"
            )),
            "waiting_objects" => {
                Completeness::Partial(format!("{count} objects wait to be read again"))
            }
            "returned_objects" => Completeness::Partial(format!(
                "{count} objects came back and wait to be looked for"
            )),
            "hidden_members" => Completeness::Provisional(format!(
                "{count} groups hide their members: Member.Read.Hidden"
            )),
            "unreadable_columns" => {
                Completeness::Provisional(format!("{count} columns cannot be read"))
            }
            "emptied_columns" => {
                Completeness::Provisional(format!("{count} columns came back empty"))
            }
            _ => Completeness::Provisional("sp_members: omitted".to_owned()),
        }
    }
}

/// What is to be said of a stream of which readers see nothing yet, however little is left to read.
pub(crate) fn of_readers(state: &StreamState) -> Completeness {
    match state.published {
        Some(_) => Completeness::Proven,
        None => Completeness::Partial("its first pass is not complete".to_owned()),
    }
}

/// What a stream's own numbers allow to be said.
pub(crate) fn of_stream(report: &StreamReport, delegated: bool) -> Completeness {
    use Completeness::{Partial, Proven, Provisional};
    if report.outcome != StreamOutcome::Granted {
        return Partial(report.outcome.to_string());
    }
    // Of two that are equally bad the first reason is named.
    let mut found: Vec<Completeness> = report.doubt.clone().map(Provisional).into_iter().collect();
    found.extend(named("columns cannot be read", &report.unreadable).map(Provisional));
    let emptied = "columns came back empty, as without permission, and keep what they had";
    found.extend(named(emptied, &report.emptied).map(Provisional));
    found.extend(report.truncated.iter().map(Truncation::completeness));
    if delegated {
        let reason = "delegated: a signed-in user sees what their roles let them";
        found.push(Provisional(reason.to_owned()));
    }
    found.into_iter().fold(Proven, Completeness::least)
}

/// What a sample that was read again makes of it. What differs and was not reported may be on its
/// way through Graph's replicas (cases: B21, D14), so that nothing is known to be missing for good.
pub(crate) fn after_sample(own: Completeness, sample: SampleCheck) -> Completeness {
    if sample.different == 0 {
        return own;
    }
    let SampleCheck { different, reread, .. } = sample;
    let reason = format!(
        "{different} of {reread} that were read again differ, and the delta does not report it yet"
    );
    own.least(Completeness::Provisional(reason))
}

/// Which columns something is the matter with, and what would open them (cases: F7).
fn named(what: &str, columns: &[UnreadableColumn]) -> Option<String> {
    let one = |it: &UnreadableColumn| match &it.permission {
        Some(permission) => format!("{} ({permission})", it.column),
        None => it.column.clone(),
    };
    let all: Vec<String> = columns.iter().map(one).collect();
    (!all.is_empty()).then(|| format!("{what}: {}", all.join(", ")))
}

/// Whether only the owner's delta query says that a list has changed, in a relation for which no page
/// of Graph promises that. For the members of groups it is promised (facts: graph-protocol 5.2).
pub(crate) fn rests_on_reports(plan: &StreamPlan) -> bool {
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
/// spoil the run: it is shown. Of a run in which none could be read nothing is proven.
pub(crate) fn of_run(streams: &[StreamReport]) -> (RunStatus, Completeness) {
    use StreamOutcome::{Failed, Granted, Interrupted, PermissionLost, Throttled};
    let counts = |report: &&StreamReport| {
        let outcome = &report.outcome;
        let ran = matches!(outcome, Granted | Failed | Throttled | Interrupted | PermissionLost(_));
        report.required || ran
    };
    let counted = || streams.iter().filter(counts);
    if counted().next().is_none() {
        let nothing = Completeness::Partial("no stream could be read".to_owned());
        return (RunStatus::Failed, nothing);
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    /// I5, I6: however little is left to read of it.
    #[test]
    fn what_readers_do_not_see_is_not_proven() {
        let mut state = StreamState::new("members");
        assert!(matches!(of_readers(&state), Completeness::Partial(_)));
        state.published = Some(1);
        assert_eq!(of_readers(&state), Completeness::Proven);
    }
}
