//! The streams of a run: objects at once, each followed by the edges that it owns.

use std::sync::OnceLock;
use std::time::Duration;

use futures_util::future;
use graph_dsl::{ApiVersion, StreamKind, StreamPlan};
use tokio::sync::Barrier;

use super::fault::End;
use super::opening::Opening;
use super::reader::Reader;
use super::restored::{self, Holders};
use super::run::Run;
use super::strategy::owner_delta::Gathering;
use super::{ImportError, columns, dangling, edges, objects, permissions};
use crate::report::{assumption, certificate};
use crate::store::{Reverse, Store, StreamState, relation, reverse};
use crate::{
    Completeness, EdgeStrategy, EdgesReport, Estimate, Event, StreamOutcome, StreamReport,
};

type Stream<'a> = (&'a StreamPlan, StreamState);

/// An object stream that is over, and its edges after their first pass.
struct Branch<'a, S> {
    plan: &'a StreamPlan,
    owner: StreamReport,
    edges: Vec<(Reader<'a, S>, Result<(), End>)>,
}

/// Reads all streams; the reports come in the order of the set.
pub(super) async fn read_all<'a, S: Store>(
    run: &Run<'a, S>,
    streams: Vec<Stream<'a>>,
    opening: Opening,
) -> Result<Vec<StreamReport>, ImportError> {
    // Edges that come out of a delta query of their own wait for no owner.
    let is_edges = |(plan, _): &Stream<'_>| plan.is_edges() && !plan.is_delta();
    let (edges, owners): (Vec<_>, Vec<_>) = streams.into_iter().partition(is_edges);
    let mut opening = Some(opening);
    // Lists are read once the rounds of all that they may hold are over: what is in the recycle bin
    // then, and is back later, the next rounds report (cases: B6).
    let meets = |(plan, _): &Stream<'_>| {
        edges.iter().any(|(edge, _)| meets(plan, edge)) && !plan.is_edges()
    };
    let barrier = &Barrier::new(owners.iter().filter(|owner| meets(owner)).count());
    let branches: Vec<_> = owners
        .into_iter()
        .map(|owner| {
            let owned = |(plan, _): &&Stream<'a>| matches!(&plan.kind, StreamKind::Edges { of } if *of == owner.0.name);
            let barrier = meets(&owner).then_some(barrier);
            let edges = edges.iter().filter(owned).cloned().collect();
            read(run, owner, edges, (barrier, opening.take().unwrap_or_default()))
        })
        .collect();
    let (mut reports, mut holders) = (Vec::new(), Holders::default());
    for branch in future::try_join_all(branches).await? {
        reports.extend(finish(run, branch, &mut holders).await?);
    }
    inherit_beside(run, &mut reports);
    doubt_targets(run, &mut reports);
    for report in reports.iter().filter(|report| is_of_edges(run, report)) {
        run.observer.observe(&Event::StreamEnded { report });
    }
    let place = |report: &StreamReport| {
        run.importer.streams.iter().position(|plan| plan.name == report.stream)
    };
    reports.sort_by_key(place);
    Ok(reports)
}

/// Whether lists of these edges wait for this stream: it owns them, or they may hold its objects.
fn meets(plan: &StreamPlan, edge: &StreamPlan) -> bool {
    let owns = matches!(&edge.kind, StreamKind::Edges { of } if *of == plan.name);
    owns || reverse(&plan.entity, relation(edge)) != Reverse::Never
}

async fn read<'a, S: Store>(
    run: &Run<'a, S>,
    (plan, state): Stream<'a>,
    edges: Vec<Stream<'a>>,
    (barrier, mut opening): (Option<&Barrier>, Opening),
) -> Result<Branch<'a, S>, ImportError> {
    let users = plan.entity == "user";
    if users && state.watermark.is_some() {
        // A round was complete before: the store knows how many there are.
        let name = plan.name.clone();
        let holdings = run.writer.call(move |store| store.holdings(&name)).await?;
        run.importer.client.tenant_users(holdings.live);
    }
    let gathers = Gathering::of(run, (plan, &state), &edges).await?;
    let plans = [const { OnceLock::new() }; 3];
    let unreadable = state.unreadable.clone();
    let first = plans[0].get_or_init(|| columns::without(plan, &unreadable));
    let mut reader = run.reader((plan, state)).by_plan(first);
    reader.gathers = gathers;
    reader.go_on_from(opening.take_spent());
    let mut end = Err(End::Stream(StreamOutcome::Held, None));
    if run.leases.grant(plan, &run.importer.streams) {
        if columns::reopen(&reader).await.unwrap_or(false) {
            let unreadable = reader.state().await.unreadable;
            reader = reader.by_plan(plans[1].get_or_init(|| columns::without(plan, &unreadable)));
        }
        end = objects::read(&reader, run.importer.full, &mut opening).await;
        if columns::leave_out(&reader, &end).await.unwrap_or(false) {
            let unreadable = reader.state().await.unreadable;
            reader = reader.by_plan(plans[2].get_or_init(|| columns::without(plan, &unreadable)));
            end = objects::read(&reader, false, &mut Opening::none()).await;
        }
    }
    let owner = close(run, &reader, end).await?;
    if users && owner.outcome == StreamOutcome::Granted {
        run.importer.client.tenant_users(owner.holdings.live);
    }
    if !plan.is_edges() {
        run.observer.observe(&Event::StreamEnded { report: &owner });
    }
    if let Some(barrier) = barrier {
        barrier.wait().await;
    }
    let mut read = Vec::new();
    for edge in edges {
        // Without the relation in its query, the owner's delta does not report changes of it.
        let unreported = !plan.relations.iter().any(|tracked| *tracked == relation(edge.0));
        let gathered = reader.gathers.has(&edge.0.name);
        let mut reader = run.reader(edge);
        if unreported || !plan.is_delta() {
            // Every run reads all of these lists: one that was behind the next one puts right.
            reader.margin = Duration::ZERO;
        }
        if gathered {
            let (strategy, owners) = (EdgeStrategy::OwnerDelta, owner.holdings.live);
            let predicted = Estimate::default();
            reader.strategy.note(EdgesReport { strategy, owners, predicted, fallback: None });
        }
        let end = if owner.outcome == StreamOutcome::Granted {
            let everything = run.importer.full || unreported;
            edges::read(&reader, plan, (everything, gathered)).await
        } else {
            Err(End::Stream(StreamOutcome::OwnerNotRead(plan.name.clone()), None))
        };
        read.push((reader, end));
    }
    Ok(Branch { plan, owner, edges: read })
}

fn is_of_edges<S: Store>(run: &Run<'_, S>, report: &StreamReport) -> bool {
    run.importer.streams.get(&report.stream).is_some_and(StreamPlan::is_edges)
}

/// Reads what the other streams have queued meanwhile, and closes the edges.
async fn finish<'a, S: Store>(
    run: &Run<'a, S>,
    branch: Branch<'a, S>,
    holders: &mut Holders,
) -> Result<Vec<StreamReport>, ImportError> {
    let Branch { plan, owner, edges } = branch;
    let mut reports = Vec::new();
    for (reader, mut end) in edges {
        if end.is_ok() {
            end = restored::settle(&reader, owner.holdings.live, holders).await;
        }
        if end.is_ok() {
            end = edges::read_rest_of_queue(&reader, plan).await;
        }
        if end.is_ok() {
            end = dangling::settle(&reader, plan).await;
        }
        let mut report = close(run, &reader, end).await?;
        report.completeness = inherit(report.completeness, &owner.stream, &owner.completeness);
        reports.push(report);
    }
    reports.push(owner);
    Ok(reports)
}

/// Writes the report of a stream that is over.
async fn close<S: Store>(
    run: &Run<'_, S>,
    reader: &Reader<'_, S>,
    end: Result<(), End>,
) -> Result<StreamReport, ImportError> {
    let (outcome, error) = match end {
        Ok(()) => (StreamOutcome::Granted, None),
        Err(End::Stream(outcome, error)) => (outcome, error),
        Err(End::Run(error)) => return Err(error),
    };
    let name = reader.plan.name.clone();
    let holdings = run.writer.call(move |store| store.holdings(&name)).await?;
    let state = reader.state.lock().await.clone();
    let outcome = match outcome {
        // What was read before is kept, and is not up to date (cases: F5).
        StreamOutcome::MissingPermission(least)
            if state.published.is_some() || reader.tally.pages.get() > 0 =>
        {
            StreamOutcome::PermissionLost(least)
        }
        outcome => outcome,
    };
    let ((plan, by_cast), tally) = (&as_read(reader, &state), &*reader.tally);
    let mut report = StreamReport {
        stream: plan.name.clone(),
        entity: plan.entity.clone(),
        required: plan.required,
        completeness: certificate::of_readers(&state),
        assumptions: assumption::of(plan, state.source, state.counted.is_some(), *by_cast),
        rounds: tally.rounds.get(),
        full: tally.full.get() > 0,
        generation: state.generation,
        source: state.source,
        fallback: state.fallback,
        permission: permissions::checked(run.importer, plan, &outcome),
        truncated: Vec::new(),
        counts: tally.counts(),
        sample: None,
        filter: filter(run, plan),
        delta_age_seconds: tally.delta_age.get().copied(),
        warnings: tally.warnings(),
        unreadable: columns::named(plan, &state.unreadable),
        emptied: columns::named(plan, &state.emptied),
        doubt: state.doubt.or_else(|| tally.doubts()),
        withheld: state.withheld,
        pages: tally.pages.get(),
        items: tally.items.get(),
        spoiled: state.spoiled,
        applied: tally.applied(),
        holdings,
        restarts: tally.restarts(),
        requests: tally.requests.get(),
        resource_units: tally.resource_units.get(),
        dangling: tally.dangling.get(),
        edges: reader.strategy.report(),
        outcome,
        error,
    };
    report.truncated = certificate::truncated(&report, plan);
    let own = certificate::of_stream(&report, run.importer.delegated);
    report.completeness = own.least(report.completeness);
    Ok(report)
}

/// Which objects are read, or whose edges.
fn filter<S: Store>(run: &Run<'_, S>, plan: &StreamPlan) -> Option<String> {
    let owner = match &plan.kind {
        StreamKind::Edges { of } => run.importer.streams.get(of),
        _ => None,
    };
    owner.unwrap_or(plan).filter.clone()
}

/// The certificate speaks of what was read, not of what was meant to be; and whether some of it came by
/// lists that are cast.
fn as_read<S: Store>(reader: &Reader<'_, S>, state: &StreamState) -> (StreamPlan, bool) {
    let mut plan = reader.plan.clone();
    if !matches!(plan.kind, StreamKind::Edges { .. }) {
        return (plan, false);
    }
    let (omits, by_cast) = reader.provenances(state);
    plan.version = if omits { ApiVersion::V1_0 } else { ApiVersion::Beta };
    (plan, by_cast)
}

/// The same of edges that are read beside their owners, out of a delta query of their own.
fn inherit_beside<S: Store>(run: &Run<'_, S>, reports: &mut [StreamReport]) {
    for plan in run.importer.streams.iter().filter(|plan| plan.is_edges() && plan.is_delta()) {
        let StreamKind::Edges { of } = &plan.kind else { continue };
        let owners = reports.iter().find(|report| report.stream == *of);
        let owners = owners.map(|report| report.completeness.clone());
        let Some(report) = reports.iter_mut().find(|report| report.stream == plan.name) else {
            continue;
        };
        if let Some(owners) = owners {
            report.completeness = inherit(report.completeness.clone(), of, &owners);
        }
    }
}

/// Types of objects that the recycle bin gives back (facts: graph-protocol 9.1; of service principals
/// it is not verified).
const RESTORABLE: [&str; 3] = ["user", "group", "service_principal"];

/// Edges are no more complete than the streams of the objects that they lead to: one that was not read
/// to its end does not tell who is gone, and who is back. Of a type that cannot be read at all it is
/// assumed that its objects live, and of members of groups that their restoration is reported.
fn doubt_targets<S: Store>(run: &Run<'_, S>, reports: &mut [StreamReport]) {
    let is_listed = |plan: &&StreamPlan| plan.is_edges() && !plan.is_delta();
    for plan in run.importer.streams.iter().filter(is_listed) {
        let doubt = unsure_target(plan, reports)
            .map(|report| inherit(Completeness::Proven, &report.stream, &report.completeness))
            .or_else(|| unwatched_target(plan, reports));
        let mut reports = reports.iter_mut();
        let report = reports.find(|report| report.stream == plan.name);
        if let (Some(report), Some(doubt)) = (report, doubt) {
            let (Completeness::Provisional(reason) | Completeness::Partial(reason)) = doubt else {
                continue;
            };
            let doubt = Completeness::Provisional(reason);
            report.completeness = report.completeness.clone().least(doubt);
        }
    }
}

/// A stream that was asked for and not read to its end, of objects that the edges may lead to.
fn unsure_target<'r>(plan: &StreamPlan, reports: &'r [StreamReport]) -> Option<&'r StreamReport> {
    use StreamOutcome::{MissingPermission, NotInCloud, NotLicensed, PolicyBlocked};
    reports.iter().find(|report| {
        let unasked = matches!(
            report.outcome,
            MissingPermission(_) | NotInCloud | NotLicensed | PolicyBlocked
        );
        !unasked
            && report.completeness != Completeness::Proven
            && matches!(reverse(&report.entity, relation(plan)), Reverse::Asked(_))
    })
}

/// A type of which nobody tells that its objects came back, where not every list was read.
fn unwatched_target(plan: &StreamPlan, reports: &[StreamReport]) -> Option<Completeness> {
    let rests = certificate::rests_on_reports(plan)
        && reports.iter().any(|report| report.stream == plan.name && !report.full);
    let granted = |entity: &str| {
        let mut of_type = reports.iter().filter(|report| report.entity == entity).peekable();
        of_type.peek().is_some() && of_type.all(|report| report.outcome == StreamOutcome::Granted)
    };
    let holds = |entity: &&str| reverse(entity, relation(plan)) != Reverse::Never;
    let unwatched = RESTORABLE.into_iter().filter(|_| rests).find(|it| holds(it) && !granted(it));
    unwatched.map(|entity| {
        Completeness::Provisional(format!(
            "no stream tells which {entity} was restored; --full reads every list"
        ))
    })
}

/// Edges are no more complete than the objects that own them.
fn inherit(own: Completeness, owner: &str, owners: &Completeness) -> Completeness {
    match owners {
        Completeness::Proven => own,
        Completeness::Provisional(reason) => {
            own.least(Completeness::Provisional(format!("{owner}: {reason}")))
        }
        Completeness::Partial(reason) => {
            own.least(Completeness::Partial(format!("{owner}: {reason}")))
        }
    }
}
