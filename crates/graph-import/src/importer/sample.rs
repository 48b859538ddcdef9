//! A sample of what a run has read, read again by itself before the certificate is written.

use graph_dsl::StreamPlan;

use super::ImportError;
use super::run::Run;
use super::verify::{Verifier, is_read_as_one};
use crate::report::{SampleCheck, StreamOutcome, StreamReport, certificate};
use crate::store::{Store, StreamState};
use crate::{StoreError, Verify};

/// What is read again.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Sampling {
    /// Objects of each stream.
    pub(super) objects: usize,
    /// Also where only changes were read.
    pub(super) every_round: bool,
}

/// Reads a few objects of each stream again, and notes in its report what came of it. What stops it
/// takes nothing away from the run: everything is read and committed.
pub(super) async fn check<S: Store>(
    run: &Run<'_, S>,
    reports: &mut [StreamReport],
) -> Result<(), ImportError> {
    let (importer, sampling) = (run.importer, run.importer.sampling);
    let wanted = |report: &StreamReport| {
        report.outcome == StreamOutcome::Granted && (report.full || sampling.every_round)
    };
    if sampling.objects == 0 || run.stop.is_requested() || !reports.iter().any(wanted) {
        return Ok(());
    }
    let read_back = run.writer.call(S::read_back).await;
    let store = match read_back {
        Ok(Some(store)) => store,
        Ok(None) => return Ok(()),
        Err(error) => {
            not_drawn(reports, &error);
            return Ok(());
        }
    };
    let streams = states(run).await?;
    let watch = (run.writer, run.observer, run.stop);
    let mut verifier = Verifier::new(importer, watch, store, streams);
    verifier.first_pages = true;
    let mut what = Verify::default();
    (what.sample, what.seed) = (Some(sampling.objects), run.epoch);
    for report in reports.iter_mut().filter(|report| wanted(report)) {
        let Some(plan) = importer.streams.get(&report.stream) else { continue };
        if is_read_as_one(plan) {
            continue; // its collection is one request, and every round reads it
        }
        match verifier.stream(plan, &what).await {
            Ok(()) => note(report, &mut verifier.found),
            Err(ImportError::Stopped) => return Ok(()),
            Err(ImportError::Store(error)) => {
                not_drawn(std::slice::from_mut(report), &error);
            }
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

async fn states<'a, S: Store>(
    run: &Run<'a, S>,
) -> Result<Vec<(&'a StreamPlan, StreamState)>, ImportError> {
    let names: Vec<String> = run.importer.streams.iter().map(|plan| plan.name.clone()).collect();
    let read = move |store: &mut S| names.iter().map(|name| store.stream(name)).collect();
    let states: Vec<StreamState> = run.writer.call(read).await?;
    Ok(run.importer.streams.iter().zip(states).collect())
}

/// Moves what was found about one stream into its report.
fn note(report: &mut StreamReport, found: &mut crate::Verification) {
    let found = std::mem::take(found);
    report.requests += found.requests;
    report.resource_units += found.resource_units;
    let Some(of) = found.streams.first() else { return };
    let sample = SampleCheck {
        reread: of.compared,
        equal: of.equal,
        pending: of.pending,
        different: of.different,
        unreadable: of.unreadable,
    };
    for difference in found.differences.iter().filter(|it| !it.pending).take(NAMED) {
        let (id, what) = (&difference.id, &difference.what);
        report.warnings.push(format!("read again, {id} differs: {what}"));
    }
    let own = report.completeness.clone();
    report.completeness = certificate::after_sample(own, sample);
    report.sample = Some(sample);
}

/// Differences that a report names.
const NAMED: usize = 5;

fn not_drawn(reports: &mut [StreamReport], error: &StoreError) {
    for report in reports {
        report.warnings.push(format!("no sample was read again: failed to {error}"));
    }
}
