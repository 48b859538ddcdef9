//! An edge stream: the lists of every queued owner, many at once, each swapped in as a whole.

use graph_dsl::{StreamKind, StreamPlan};

use super::fault::End;
use super::reader::Reader;
use super::step::{Next, Step, Work};
use super::strategy::Tactics;
use super::{ImportError, pass};
use crate::store::{Phase, Store};
use crate::{EdgeStrategy, Event, StreamOutcome};

/// Brings an edge stream up to date: reads the lists of all queued owners; `gathered` where the
/// owners' delta has brought every edge in this run.
pub(super) async fn read<S: Store>(
    reader: &Reader<'_, S>,
    owner: &StreamPlan,
    (everything, gathered): (bool, bool),
) -> Result<(), End> {
    let phase = reader.state.lock().await.phase;
    if everything && phase == Phase::Idle {
        reader.step(Step::new(Work::Nothing, Next::Resync)).await?;
    }
    let queued = queue_length(reader).await?;
    // Lists that an earlier run has read are as old as that run, and may have changed without any
    // report since (cases: I6).
    let owners = owner.name.clone();
    let holdings = reader.writer.call(move |store| store.holdings(&owners)).await;
    let all_queued = queued >= holdings.map_err(ImportError::from)?.live;
    let full = everything || (phase == Phase::Full && (gathered || all_queued));
    reader.tally.full.add(u64::from(full));
    if queued > 0 {
        reader.tally.rounds.add(1);
        reader.tell(&Event::EdgesQueued { stream: &reader.plan.name, owners: queued });
        let tactics = Tactics::new(reader, owner, reader.strategy.get(owner, reader.plan, queued));
        pass::read_queue(reader, &tactics).await?;
        not_all_missing(reader).await?;
    }
    conclude(reader, queued > 0).await
}

/// Publishes a first or full pass once no owner waits any more: it may be that others were queued
/// while it went on, and read since. `listed` says whether lists were read.
pub(super) async fn conclude<S: Store>(reader: &Reader<'_, S>, listed: bool) -> Result<(), End> {
    let state = reader.state().await;
    let full = state.phase == Phase::Full;
    // What lists have left out stays out until everything is read again (cases: I6).
    let source = reader.provenance().filter(|_| listed);
    let is_worse = reader.omits_service_principals() || state.watermark.is_none();
    let is_news = source.is_some() && is_worse;
    if (full && queue_length(reader).await? == 0) || (!full && is_news) {
        reader.step(Step::new(Work::Nothing, Next::Complete(source))).await?;
    }
    Ok(())
}

/// One owner may vanish between two answers; if Graph knows none of them, it is the endpoint that is
/// missing, and that must not pass for a tenant without edges.
async fn not_all_missing<S: Store>(reader: &Reader<'_, S>) -> Result<(), End> {
    let StreamKind::Edges { of } = &reader.plan.kind else { return Ok(()) };
    let (missing, error) = reader.tally.take_not_found();
    if missing == 0 {
        return Ok(());
    }
    let owners = of.clone();
    let holdings = reader.writer.call(move |store| store.holdings(&owners)).await;
    if missing < holdings.map_err(ImportError::from)?.live {
        return Ok(());
    }
    Err(error.map_or(End::Stream(StreamOutcome::Failed, None), |error| reader.fault(error).into()))
}

/// Reads what other streams have queued since [`read`]: objects turned out to be gone, or came back.
/// They are few, so that their lists are read as they are.
pub(super) async fn read_rest_of_queue<S: Store>(
    reader: &Reader<'_, S>,
    owner: &StreamPlan,
) -> Result<(), End> {
    if queue_length(reader).await? > reader.tally.left.get() {
        let tactics = Tactics::new(reader, owner, EdgeStrategy::Batched);
        pass::read_queue(reader, &tactics).await?;
        return conclude(reader, true).await;
    }
    Ok(())
}

async fn queue_length<S: Store>(reader: &Reader<'_, S>) -> Result<u64, ImportError> {
    let stream = reader.plan.name.clone();
    Ok(reader.writer.call(move |store| store.waiting(&stream)).await?.queued)
}
