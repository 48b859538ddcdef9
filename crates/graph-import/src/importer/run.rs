//! One run, from the first request to the certificate.

use graph_dsl::StreamPlan;

use super::branch;
use super::fault::{Fault, is_overloaded};
use super::lanes::Leases;
use super::opening::Opening;
use super::reader::Reader;
use super::writer::Writer;
use super::{ImportError, Importer, objects, permissions, sample};
use crate::report::certificate;
use crate::store::{RunRecord, Store, StoreError, StreamState};
use crate::{Event, Observer, Report, RunStatus, Stop, StreamOutcome, StreamReport};

/// What all streams of a run share.
pub(super) struct Run<'a, S> {
    pub(super) importer: &'a Importer<S>,
    pub(super) writer: &'a Writer<S>,
    pub(super) leases: &'a Leases<'a>,
    pub(super) observer: &'a dyn Observer,
    pub(super) stop: &'a Stop,
    pub(super) epoch: u64,
}

/// See [`Importer::run`].
pub(super) async fn run<S: Store>(
    importer: &Importer<S>,
    observer: &dyn Observer,
    stop: &Stop,
) -> Result<Report, ImportError> {
    let leases = Leases::claim(importer).await?;
    let result = hold(importer, &leases, (observer, stop)).await;
    let completed = result.as_ref().is_ok_and(|report| report.status == RunStatus::Completed);
    leases.finish(completed).await;
    result
}

/// The run, for as long as its lanes are ours.
async fn hold<S: Store>(
    importer: &Importer<S>,
    leases: &Leases<'_>,
    (observer, stop): (&dyn Observer, &Stop),
) -> Result<Report, ImportError> {
    let writer = &Writer::new(&importer.store, &importer.clock);
    // Before the claim: a wrong secret or an unreachable host leaves the store as it was.
    let opening = open(importer, writer, (observer, stop)).await?;
    let started_at = writer.now();
    let (tenant, streams, at) =
        (importer.tenant.clone(), importer.streams.clone(), started_at.clone());
    let claim = writer.call(move |store| store.claim(&tenant, &streams, &at)).await?;
    observer.observe(&Event::Started { run: claim.run });
    let run = Run { importer, writer, leases, observer, stop, epoch: claim.run };
    let streams = importer.streams.iter().zip(claim.streams).collect();
    let read = async {
        let mut streams = branch::read_all(&run, streams, opening).await?;
        sample::check(&run, &mut streams).await?;
        Ok(streams)
    };
    let result = tokio::select! {
        biased;
        lost = leases.keep() => Err(lost),
        result = read => result,
    };
    match result {
        Ok(streams) => {
            let report = run.report(streams, started_at);
            run.finish(&report).await?;
            Ok(report)
        }
        Err(error) => {
            run.abandon(&error).await;
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
    permissions::check(importer, &states)?;
    let mut streams = importer.streams.iter().zip(states);
    let Some((plan, state)) = streams.next() else { return Ok(Opening::none()) };
    let reader = Reader::new(importer, writer, watch, 0, (plan, state.clone()));
    loop {
        let (link, token) = objects::first_request(&reader, &state, importer.full)?;
        let mut walk = reader.walk(&link, token);
        return match reader.next_page(&mut walk).await {
            Err(Fault::Failed(error)) if is_overloaded(&error) && reader.halve_pages() => continue,
            Err(Fault::Failed(source)) => {
                Err(ImportError::FirstAnswer { stream: plan.name.clone(), source })
            }
            Err(Fault::Stopped) => Err(ImportError::Stopped),
            answer => Ok(Opening::new(link, (answer, walk), reader.spent())),
        };
    }
}

impl<'a, S: Store> Run<'a, S> {
    pub(super) fn reader(&self, stream: (&'a StreamPlan, StreamState)) -> Reader<'a, S> {
        Reader::new(self.importer, self.writer, (self.observer, self.stop), self.epoch, stream)
    }

    fn report(&self, mut streams: Vec<StreamReport>, started_at: String) -> Report {
        for report in &mut streams {
            report.applied += self.writer.elsewhere(&report.stream);
        }
        let absent = self.importer.absent.iter();
        streams.extend(absent.map(|plan| StreamReport::unasked(plan, StreamOutcome::NotInCloud)));
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

    /// Closes a run that failed as a whole, as far as the store still lets it, once calls of streams
    /// that were given up have ended: when the run returns, nobody uses the store any more.
    async fn abandon(&self, error: &ImportError) {
        self.writer.idle().await;
        let at = self.writer.now();
        let status = match error {
            ImportError::Store(StoreError::Full { .. }) => "storage_full",
            _ => RunStatus::Failed.as_str(),
        };
        let close = move |store: &mut S| {
            let report = "{}";
            let record = RunRecord { status, requests: 0, resource_units: 0, report, at: &at };
            let finished = store.finish(&record);
            store.release();
            finished
        };
        if let Err(error) = self.writer.call(close).await {
            tracing::warn!(%error, "could not close the run; the next one will");
        }
    }
}
