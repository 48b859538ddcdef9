//! An object stream: rounds of pages, and what ends or restarts them.

use graph_dsl::StreamKind;
use graph_transport::{Error, GraphLink, Page};

use super::fault::{End, Fault, page_loop};
use super::opening::Opening;
use super::reader::{Followed, Reader};
use super::step::{Next, Step, Stepped, Work};
use super::{ImportError, links};
use crate::store::{Phase, Store, StreamState};
use crate::{Event, StreamOutcome};

/// How a round ended.
enum Round {
    Complete,
    /// Graph has given up a token or sends us in circles: begin again.
    Lost(Lost),
}

/// What was lost.
struct Lost {
    /// Whether the round can begin again at its watermark, without a new generation.
    rewind: bool,
    location: Option<Box<GraphLink>>,
    reason: String,
    error: Error,
}

/// Automatic restarts of each kind in one run (cases: B16; facts: graph-protocol 4.4).
const RESTARTS: u32 = 1;

/// Brings an object stream up to date.
pub(super) async fn read<S: Store>(
    reader: &Reader<'_, S>,
    full: bool,
    opening: &mut Opening,
) -> Result<(), End> {
    begin(reader, full).await?;
    let (mut rewinds, mut resyncs) = (0, 0);
    let mut location = None;
    loop {
        // A round shows the tenant as it was when the round began. One that an earlier run began
        // says nothing about the time since then, so the changes are read as well.
        let state = reader.state.lock().await.clone();
        let earlier = state.cursor.is_some() && matches!(reader.plan.kind, StreamKind::Delta);
        let lost = match round(reader, state, location.take(), opening).await? {
            Round::Complete if earlier => continue,
            Round::Complete => return super::reread::drain(reader).await,
            Round::Lost(lost) => lost,
        };
        reader.restarted(&lost.reason);
        if lost.rewind && rewinds < RESTARTS {
            rewinds += 1;
            reader.step(Step::new(Work::Nothing, Next::Rewind)).await?;
        } else if resyncs < RESTARTS {
            resyncs += 1;
            reader.step(Step::new(Work::Nothing, Next::Resync)).await?;
            location = links::restart(lost.location, reader.plan);
        } else {
            // The next run begins this round anew, not in the middle of what does not work.
            reader
                .step(Step::new(
                    Work::Nothing,
                    if lost.rewind { Next::Rewind } else { Next::Resync },
                ))
                .await?;
            return Err(End::Stream(StreamOutcome::Failed, Some(lost.error)));
        }
    }
}

/// Begins a new generation where the stream must not go on where it stands.
async fn begin<S: Store>(reader: &Reader<'_, S>, full: bool) -> Result<(), ImportError> {
    let state = reader.state.lock().await.clone();
    let fresh = state.phase == Phase::Full && state.cursor.is_none();
    let whole_collection = matches!(reader.plan.kind, StreamKind::Full);
    // A page token of a plain collection outlives no process (facts: graph-protocol 4.4).
    if !fresh && (full || whole_collection) {
        reader.step(Step::new(Work::Nothing, Next::Resync)).await?;
    }
    Ok(())
}

/// Where the stream goes on, and whether that link carries a token.
pub(super) fn resume<S: Store>(
    reader: &Reader<'_, S>,
    state: &StreamState,
) -> Result<(GraphLink, bool), End> {
    let stored = match state.phase {
        Phase::Full | Phase::Fence | Phase::Scan | Phase::CatchUp | Phase::Verify => {
            state.cursor.as_deref()
        }
        Phase::Changes => state.cursor.as_deref().or(state.watermark.as_deref()),
        Phase::Idle => state.watermark.as_deref(),
    };
    match stored {
        Some(stored) => {
            let link =
                reader.client.cloud().link(stored).map_err(|error| Fault::Failed(error.into()))?;
            Ok((link, true))
        }
        None => Ok((reader.first_link()?, false)),
    }
}

/// Reads pages until the round is complete; each page is fetched while the one before is written.
async fn round<S: Store>(
    reader: &Reader<'_, S>,
    mut state: StreamState,
    location: Option<GraphLink>,
    opening: &mut Opening,
) -> Result<Round, End> {
    announce(reader, &state);
    let mut followed = Followed::default();
    let (stored, token) = resume(reader, &state)?;
    let link = location.unwrap_or(stored);
    followed.is_new(&link);
    let mut fetched = match opening.take(&link) {
        Some(opened) => opened,
        None => reader.fetch_unless_stopped(&link, token).await,
    };
    loop {
        let page = match fetched {
            Ok(page) => page,
            Err(fault) => return lost(&state, fault),
        };
        let (next, following) = match page.next_link().cloned() {
            Some(link) if !followed.is_new(&link) => return lost(&state, Fault::Loop),
            Some(link) => (Next::Page(link.clone()), Some(link)),
            None => (Next::Complete(page.delta_link().cloned()), None),
        };
        let items = page.items().len() as u64;
        let prefetch = async {
            match &following {
                Some(link) => Some(reader.fetch_unless_stopped(link, true).await),
                None => None,
            }
        };
        let (stepped, prefetched) =
            tokio::join!(reader.step(Step::new(Work::Page(Box::new(page)), next)), prefetch);
        let stepped = stepped?;
        state = reader.state.lock().await.clone();
        tell(reader, &state, items, &stepped);
        if state.phase == Phase::Idle {
            return Ok(Round::Complete);
        }
        fetched = if let (Stepped::Applied(_), Some(page)) = (stepped, prefetched) {
            page
        } else {
            // The page had been committed before, and what it links to now may differ from then.
            let (link, token) = resume(reader, &state)?;
            reader.fetch_unless_stopped(&link, token).await
        };
    }
}

fn announce<S: Store>(reader: &Reader<'_, S>, state: &StreamState) {
    reader.tally.rounds.add(1);
    let (full, resumed) = (state.phase == Phase::Full, state.cursor.is_some());
    reader.tally.full.add(u64::from(full));
    reader.tell(&Event::Round { stream: &reader.plan.name, full, resumed });
}

/// Above this many users no larger budget follows (facts: graph-protocol 3.2), so that the rest of the
/// count need not be known.
const LARGE_TENANT: u64 = 500;

fn tell<S: Store>(reader: &Reader<'_, S>, state: &StreamState, items: u64, stepped: &Stepped) {
    if reader.plan.entity == "user" && state.phase == Phase::Full && state.items > LARGE_TENANT {
        reader.client.tenant_users(state.items);
    }
    reader.tally.pages.add(1);
    reader.tally.items.add(items);
    if let Stepped::Applied(applied) = stepped {
        let (stream, items_of_round) = (reader.plan.name.as_str(), state.items);
        reader.tell(&Event::Page { stream, items, items_of_round, applied });
    }
}

/// What a fault means to the round: a lost token or a loop restarts it, the rest ends it.
fn lost(state: &StreamState, fault: Fault) -> Result<Round, End> {
    // In the middle of a delta round its watermark may still be good; in a full round nothing is.
    let in_changes = state.phase == Phase::Changes && state.cursor.is_some();
    let nothing_was_good = state.phase == Phase::Full && state.cursor.is_none();
    match fault {
        Fault::Gone { .. } if nothing_was_good => Err(fault.into()),
        Fault::Gone { location, round, reason, error } => {
            Ok(Round::Lost(Lost { rewind: in_changes && !round, location, reason, error }))
        }
        Fault::Loop => Ok(Round::Lost(Lost {
            rewind: in_changes,
            location: None,
            reason: "page loop".to_owned(),
            error: page_loop(),
        })),
        other => Err(other.into()),
    }
}

/// A page for the opening of the run.
pub(super) type Opened = Result<Page, Fault>;
