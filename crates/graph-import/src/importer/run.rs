//! One run, from the first request to the certificate.

use futures_util::future;
use graph_dsl::{StreamKind, StreamPlan};

use super::fault::{End, Fault};
use super::opening::Opening;
use super::reader::Reader;
use super::writer::Writer;
use super::{ImportError, Importer, edges, objects};
use crate::report::certificate;
use crate::store::{RunRecord, Store, StreamState, relation};
use crate::{Completeness, Event, Observer, Report, RunStatus, Stop, StreamOutcome, StreamReport};

/// What all streams of a run share.
struct Run<'a, S> {
    importer: &'a Importer<S>,
    writer: &'a Writer<S>,
    observer: &'a dyn Observer,
    stop: &'a Stop,
    epoch: u64,
}

type Stream<'a> = (&'a StreamPlan, StreamState);

/// See [`Importer::run`].
pub(super) async fn run<S: Store>(
    importer: &Importer<S>,
    observer: &dyn Observer,
    stop: &Stop,
) -> Result<Report, ImportError> {
    let writer = &Writer::new(&importer.store, &importer.clock);
    // Before the claim: a wrong secret or an unreachable host leaves the store as it was.
    let opening = open(importer, writer, (observer, stop)).await?;
    let started_at = writer.now();
    let (tenant, streams, at) =
        (importer.tenant.clone(), importer.streams.clone(), started_at.clone());
    let claim = writer.call(move |store| store.claim(&tenant, &streams, &at)).await?;
    observer.observe(&Event::Started { run: claim.run });
    let run = Run { importer, writer, observer, stop, epoch: claim.run };
    let result = run.streams(importer.streams.iter().zip(claim.streams).collect(), opening).await;
    match result {
        Ok(streams) => {
            let report = run.report(streams, started_at);
            run.finish(&report).await?;
            Ok(report)
        }
        Err(error) => {
            run.abandon().await;
            Err(error)
        }
    }
}

/// Makes the first request of the first object stream.
async fn open<S: Store>(
    importer: &Importer<S>,
    writer: &Writer<S>,
    watch: (&dyn Observer, &Stop),
) -> Result<Opening, ImportError> {
    let (tenant, streams) = (importer.tenant.clone(), importer.streams.clone());
    let states = writer.call(move |store| store.inspect(&tenant, &streams)).await?;
    let mut streams = importer.streams.iter().zip(states);
    let Some((plan, state)) = streams.next() else { return Ok(Opening::none()) };
    let reader = Reader::new(importer, writer, watch, 0, (plan, state.clone()));
    let from_the_start = importer.full || matches!(plan.kind, StreamKind::Full);
    let (link, token) = match objects::resume(&reader, &state) {
        Ok(resumed) if !from_the_start => resumed,
        _ => (reader.first_link()?, false),
    };
    let answer = reader.fetch_unless_stopped(&link, token).await;
    match answer {
        Err(Fault::Failed(source)) => {
            Err(ImportError::FirstAnswer { stream: plan.name.clone(), source })
        }
        Err(Fault::Stopped) => Err(ImportError::Stopped),
        answer => Ok(Opening::new(link, answer, reader.tally)),
    }
}

impl<'a, S: Store> Run<'a, S> {
    /// Reads all object streams at once, each followed by the edges that it owns.
    async fn streams(
        &self,
        streams: Vec<Stream<'a>>,
        opening: Opening,
    ) -> Result<Vec<StreamReport>, ImportError> {
        let is_edges = |(plan, _): &Stream<'_>| matches!(plan.kind, StreamKind::Edges { .. });
        let (edges, owners): (Vec<_>, Vec<_>) = streams.into_iter().partition(is_edges);
        let mut opening = Some(opening);
        let branches = owners.into_iter().map(|owner| {
            let owned =
                |(plan, _): &&Stream<'a>| matches!(&plan.kind, StreamKind::Edges { of } if *of == owner.0.name);
            let edges = edges.iter().filter(owned).cloned().collect();
            self.branch(owner, edges, opening.take().unwrap_or_else(Opening::none))
        });
        let branches: Vec<_> = branches.collect();
        let mut reports: Vec<_> =
            future::try_join_all(branches).await?.into_iter().flatten().collect();
        let place = |report: &StreamReport| {
            self.importer.streams.iter().position(|plan| plan.name == report.stream)
        };
        reports.sort_by_key(place);
        Ok(reports)
    }

    async fn branch(
        &self,
        (plan, state): Stream<'a>,
        edges: Vec<Stream<'a>>,
        mut opening: Opening,
    ) -> Result<Vec<StreamReport>, ImportError> {
        let mut reader = self.reader((plan, state));
        reader.tally = opening.take_tally();
        let end = objects::read(&reader, self.importer.full, &mut opening).await;
        let owner = self.close(&reader, end).await?;
        let (readable, owner_completeness) =
            (owner.outcome == StreamOutcome::Granted, owner.completeness.clone());
        let mut reports = vec![owner];
        for edge in edges {
            // Without the relation in its query, the owner's delta does not report changes of it.
            let unreported = !plan.select.iter().any(|selected| *selected == relation(edge.0));
            let reader = self.reader(edge);
            let end = if readable {
                edges::read(&reader, self.importer.full || unreported).await
            } else {
                Err(End::Stream(StreamOutcome::OwnerNotRead(plan.name.clone()), None))
            };
            let mut report = self.close(&reader, end).await?;
            report.completeness = inherit(report.completeness, &plan.name, &owner_completeness);
            reports.push(report);
        }
        Ok(reports)
    }

    fn reader(&self, stream: Stream<'a>) -> Reader<'a, S> {
        Reader::new(self.importer, self.writer, (self.observer, self.stop), self.epoch, stream)
    }

    /// Writes the report of a stream that is over.
    async fn close(
        &self,
        reader: &Reader<'_, S>,
        end: Result<(), End>,
    ) -> Result<StreamReport, ImportError> {
        let (outcome, error) = match end {
            Ok(()) => (StreamOutcome::Granted, None),
            Err(End::Stream(outcome, error)) => (outcome, error),
            Err(End::Run(error)) => return Err(error),
        };
        let name = reader.plan.name.clone();
        let holdings = self.writer.call(move |store| store.holdings(&name)).await?;
        let state = reader.state.lock().await.clone();
        let (plan, tally) = (reader.plan, &reader.tally);
        let mut report = StreamReport {
            stream: plan.name.clone(),
            entity: plan.entity.clone(),
            required: plan.required,
            outcome,
            completeness: Completeness::Proven,
            assumptions: certificate::assumptions(plan),
            rounds: tally.rounds.get(),
            full: tally.full.get() > 0,
            generation: state.generation,
            pages: tally.pages.get(),
            items: tally.items.get(),
            spoiled: state.spoiled,
            applied: tally.applied(),
            holdings,
            restarts: tally.restarts(),
            requests: tally.requests.get(),
            resource_units: tally.resource_units.get(),
            error,
        };
        report.completeness = certificate::of_stream(&report, plan);
        self.observer.observe(&Event::StreamEnded { report: &report });
        Ok(report)
    }

    fn report(&self, streams: Vec<StreamReport>, started_at: String) -> Report {
        let (status, completeness) = certificate::of_run(&streams);
        Report {
            run: self.epoch,
            tenant: self.importer.tenant.clone(),
            started_at,
            ended_at: self.writer.now(),
            status,
            completeness,
            requests: streams.iter().map(|report| report.requests).sum(),
            resource_units: streams.iter().map(|report| report.resource_units).sum(),
            streams,
        }
    }

    async fn finish(&self, report: &Report) -> Result<(), ImportError> {
        let (json, at, status) = (report.to_json(), report.ended_at.clone(), report.status);
        let (requests, resource_units) = (report.requests, report.resource_units);
        let finish = move |store: &mut S| {
            store.finish(&RunRecord {
                status: status.as_str(),
                requests,
                resource_units,
                report: &json,
                at: &at,
            })
        };
        Ok(self.writer.call(finish).await?)
    }

    /// Closes a run that failed as a whole, as far as the store still lets it.
    async fn abandon(&self) {
        let at = self.writer.now();
        let finish = move |store: &mut S| {
            let status = RunStatus::Failed.as_str();
            store.finish(&RunRecord {
                status,
                requests: 0,
                resource_units: 0,
                report: "{}",
                at: &at,
            })
        };
        if let Err(error) = self.writer.call(finish).await {
            tracing::warn!(%error, "could not close the run; the next one will");
        }
    }
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
