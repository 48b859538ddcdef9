//! What becomes of a generation that something is to be said against, and of what Graph says to be gone.

use std::time::Duration;

use super::ImportError;
use super::handover::count;
use super::reader::Reader;
use crate::store::{Phase, Store};

/// A doubted generation is read again no seldomer than so often (facts: graph-protocol 5.5: weekly).
const SELDOMEST: Duration = Duration::from_secs(7 * 86_400);

/// Whether a generation is to be read again because of what is said against it, although this run has
/// read its changes only: once at the next run, then after the cool-down, and each time after twice as
/// long, because a whole tenant is read for it.
pub(super) async fn is_due_again<S: Store>(reader: &Reader<'_, S>) -> bool {
    let state = reader.state().await;
    let helps = state.withheld > 0 && !reader.threshold.keeps_everything()
        || state.doubt.as_deref().is_some_and(|doubt| doubt != count::NOT_COUNTED);
    let is_read = reader.tally.full.get() > 0 || !reader.plan.is_delta();
    if !helps || is_read || state.spoiled > 0 || state.phase != Phase::Idle {
        return false;
    }
    let Some(times) = state.rereads.checked_sub(1) else { return true };
    let factor = 1_u32.checked_shl(times.try_into().unwrap_or(u32::MAX)).unwrap_or(u32::MAX);
    let wait = reader.cool_down.saturating_mul(factor).min(SELDOMEST);
    reader.writer.age(state.resynced_at.as_deref()).is_none_or(|age| age >= wait)
}

/// Updates in a run of changes from which on it is worth looking at what they have in common.
const MANY: u64 = 10;

/// Doubts columns that a round of changes has emptied in many objects and filled in none: Graph answers
/// null for what an application may not read any more, and does not say so (cases: F7; facts:
/// graph-protocol 10.10). A null is a change all the same (facts: graph-protocol 5.4), so the rows show
/// it; what they had before is in the history.
pub(super) async fn doubt_nulls<S: Store>(reader: &Reader<'_, S>) -> Result<(), ImportError> {
    if reader.plan.is_edges() || reader.tally.full.get() > 0 {
        return Ok(()); // of a whole generation its publication has seen to it
    }
    if reader.tally.applied().updated < MANY {
        return Ok(());
    }
    let stream = reader.plan.name.clone();
    let emptied = reader.writer.call(move |store| store.emptied(&stream)).await?;
    if !emptied.is_empty() {
        let columns = emptied.join(", ");
        let doubt = format!("came back empty in all objects that changed: {columns}");
        reader.warn(&format!("{doubt}; the values before are in the history"));
        reader.tally.doubt(doubt);
    }
    Ok(())
}

/// Tells of deletions that are many and that Graph has reported one by one: they are carried out, and
/// somebody should know.
pub(super) async fn tell_mass<S: Store>(reader: &Reader<'_, S>) -> Result<(), ImportError> {
    let applied = reader.tally.applied();
    let (changes_only, gone) =
        (reader.tally.full.get() == 0, applied.soft_deleted + applied.hard_deleted);
    if reader.plan.is_edges() || !changes_only || gone == 0 {
        return Ok(());
    }
    let stream = reader.plan.name.clone();
    let live = reader.writer.call(move |store| store.holdings(&stream)).await?.live + gone;
    if reader.threshold.is_exceeded(live, gone) {
        reader.warn(&format!("Graph reports that {gone} of {live} were deleted"));
    }
    Ok(())
}
