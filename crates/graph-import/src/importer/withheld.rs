//! Deletions that nothing but the absence from a generation tells of, and too many to believe that: what
//! is missing is asked for by itself and counted, and goes once that proves it (cases: I3).

use std::sync::atomic::Ordering;

use graph_transport::Disposition;

use super::fault::{End, Fault};
use super::handover::count;
use super::reader::Reader;
use super::step::{Next, Step, Work};
use super::{ImportError, batch, links, reread};
use crate::ObjectId;
use crate::store::{DeletionThreshold, Phase, Queued, Store, StreamState};

/// Objects that are asked for: where a tenth of what is missing lives, one of a hundred is found out
/// in all but three cases of a hundred thousand.
const SAMPLE: usize = 100;

/// What single requests have said about objects that are missing.
#[derive(Default)]
struct Found {
    /// What lives, as Graph states it.
    there: Vec<String>,
    gone: u64,
    /// Graph does not say.
    unclear: u64,
}

/// What is known about them all.
enum Verdict {
    Gone,
    /// Something speaks against it.
    Doubted(String),
    /// Nothing is known.
    Unknown,
}

/// Takes away what the published generation lacks, if that is proved by now; keeps it otherwise, and
/// says why.
pub(super) async fn settle<S: Store>(reader: &Reader<'_, S>) -> Result<(), End> {
    let state = reader.state().await;
    if state.withheld == 0 || state.phase != Phase::Idle {
        return Ok(());
    }
    if reader.threshold.keeps_everything() {
        tell(reader, &state, "a signed-in user does not see everything"); // F10
        return Ok(());
    }
    if reader.is_soon.load(Ordering::Relaxed) {
        reader.until_shown(state.watermark_at.as_deref()).await?;
    }
    let stream = reader.plan.name.clone();
    let objects = reader.writer.call(move |store| store.withheld(&stream, SAMPLE)).await;
    let objects = objects.map_err(ImportError::from)?;
    let are_all = objects.len() < SAMPLE || objects.len() as u64 == state.withheld;
    let accepts = reader.threshold == DeletionThreshold::NONE && state.spoiled == 0;
    let verdict = if accepts || objects.is_empty() {
        Verdict::Gone
    } else {
        match look_for(reader, objects).await {
            Ok(found) if are_all && found.unclear == 0 => return settle_each(reader, found).await,
            Ok(found) => judge(reader, &state, found).await?,
            Err(Fault::Stopped) => return Err(Fault::Stopped.into()),
            Err(_) => Verdict::Unknown,
        }
    };
    let doubt = match verdict {
        Verdict::Gone => return sweep(reader).await,
        Verdict::Doubted(reason) => reason,
        Verdict::Unknown => "nothing else says that they are gone".to_owned(),
    };
    tell(reader, &state, &doubt);
    Ok(())
}

fn tell<S: Store>(reader: &Reader<'_, S>, state: &StreamState, doubt: &str) {
    let missing = state.withheld;
    reader.warn(&format!(
        "{missing} that were there are missing from what was read, and are kept: {doubt}"
    ));
}

async fn sweep<S: Store>(reader: &Reader<'_, S>) -> Result<(), End> {
    reader.step(Step::new(Work::Nothing, Next::Sweep)).await?;
    Ok(())
}

/// Each of them was asked for: what lives is written as it is, and the rest is gone. That something
/// lives says that the list of the others may have lacked more.
async fn settle_each<S: Store>(reader: &Reader<'_, S>, found: Found) -> Result<(), End> {
    let there = found.there.len();
    if there > 0 {
        let doubt = Some(format!("{there} that are there were missing from what was read"));
        if reader.plan.is_edges() {
            reader.step(Step::new(Work::Nothing, Next::Doubt(doubt))).await?;
            return Ok(()); // who leads to whom the next generation says
        }
        reader.step(Step::new(Work::Objects(found.there), Next::Doubt(doubt))).await?;
    }
    sweep(reader).await
}

/// What a sample and Graph's own count say. Where nobody can be asked, a generation is believed that
/// says the same as the one before it.
async fn judge<S: Store>(
    reader: &Reader<'_, S>,
    state: &StreamState,
    found: Found,
) -> Result<Verdict, End> {
    let there = found.there.len() as u64;
    let asked = there + found.gone + found.unclear;
    if there > 0 {
        return Ok(Verdict::Doubted(format!("{there} of {asked} that were asked for are there")));
    }
    let stream = reader.plan.name.clone();
    let holdings = reader.writer.call(move |store| store.holdings(&stream)).await;
    let live = holdings.map_err(ImportError::from)?.live;
    let left = live.saturating_sub(state.withheld);
    let counted = match &reader.plan.scan {
        Some(scan) => count::ask(reader, scan, "").await.ok().flatten(),
        None => None,
    };
    // The index that counts may be behind by a few (facts: graph-protocol 6).
    if let Some(counted) = counted.filter(|it| it.saturating_sub(left) > state.withheld / 10) {
        return Ok(Verdict::Doubted(format!("Graph counts {counted} where {left} are left")));
    }
    let new = state.withheld.saturating_sub(state.withheld_again);
    let said_twice = !reader.threshold.is_exceeded(live, new);
    let proved = found.unclear == 0 || counted.is_some() || said_twice;
    Ok(if proved { Verdict::Gone } else { Verdict::Unknown })
}

/// Asks for each of these by itself, which another part of Graph answers than a list.
async fn look_for<S: Store>(
    reader: &Reader<'_, S>,
    objects: Vec<ObjectId>,
) -> Result<Found, Fault> {
    let plan = reader.plan;
    let mut found = Found::default();
    if plan.of_type.is_some() || plan.key.len() > 1 {
        found.unclear = objects.len() as u64; // they have no address of their own
        return Ok(found);
    }
    let path = |id: &str| match plan.relations.first().filter(|_| plan.is_edges()) {
        Some(relation) => links::related(plan, id, relation),
        None => links::object(plan, id),
    };
    let queued =
        |object| Queued { place: 0, object, ticket: 1, hidden: false, since: String::new() };
    let mut entries = objects.into_iter().map(queued).peekable();
    while entries.peek().is_some() {
        let some = entries.by_ref().take(batch::BATCH).collect();
        for asked in reader.ask(some, path).await? {
            match (asked.disposition(), reread::stated(plan, &asked)) {
                // What an edge leads to is stated under an id of its own.
                (Disposition::Ok, None) if plan.is_edges() => found.there.push(String::new()),
                (Disposition::Ok, Some(body)) => found.there.push(body),
                (Disposition::NotFound, _) => found.gone += 1,
                _ => found.unclear += 1,
            }
        }
    }
    Ok(found)
}
