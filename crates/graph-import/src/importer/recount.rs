//! A generation that a delta round has read, held against Graph's own count.

use super::ImportError;
use super::fault::End;
use super::handover::count;
use super::objects;
use super::opening::Opening;
use super::reader::Reader;
use super::step::{Next, Step, Work};
use crate::report::Counts;
use crate::store::{Phase, Source, Store};

/// Compares the number of live objects with `$count`, after a generation was read by delta and, while
/// that did not agree, after every later round. A handover counts by itself; what its index was behind
/// with then it may know later. Costs nothing where Graph
/// was not asked, or could not say, how many there are before it was read.
pub(super) async fn check<S: Store>(
    reader: &Reader<'_, S>,
    opening: &mut Opening,
) -> Result<(), End> {
    let state = reader.state().await;
    let read = reader.tally.full.get() > 0 && reader.tally.count_at_start().is_some();
    let again = state.doubt.is_some();
    let is_due = match state.source {
        Some(Source::Delta) => read || again,
        Some(Source::Handover) => again && reader.tally.full.get() == 0,
        _ => false,
    };
    if state.phase != Phase::Idle || !is_due {
        return Ok(());
    }
    let at_start = reader.tally.count_at_start();
    let Some(mut counts) = compare(reader, at_start).await? else { return Ok(()) };
    if counts.agree() == Some(false) {
        // What changed meanwhile may be the difference, and the next round brings it.
        let state = reader.state().await;
        match objects::round(reader, state, None, opening).await {
            Err(End::Run(error)) => return Err(End::Run(error)),
            // Everything is read; what this one lacks the next run brings.
            Err(End::Stream(..)) => {}
            Ok(_) => counts = compare(reader, counts.at_end).await?.unwrap_or(counts),
        }
    }
    reader.tally.counted(counts);
    let doubt = (counts.agree() == Some(false)).then(|| counts.to_string());
    if doubt.is_some() != state.doubt.is_some() {
        reader.step(Step::new(Work::Nothing, Next::Doubt(doubt))).await?;
    }
    Ok(())
}

async fn compare<S: Store>(
    reader: &Reader<'_, S>,
    before: Option<u64>,
) -> Result<Option<Counts>, ImportError> {
    let Some(scan) = &reader.plan.scan else { return Ok(None) };
    // Everything is read: a count that does not come takes nothing away.
    let Ok(Some(after)) = count::ask(reader, scan, "").await else { return Ok(None) };
    let stream = reader.plan.name.clone();
    let live = reader.writer.call(move |store| store.holdings(&stream)).await?.live;
    let distinct = live.saturating_sub(reader.state().await.withheld);
    Ok(Some(Counts { at_start: before, at_end: Some(after), distinct, churn: 0 }))
}
