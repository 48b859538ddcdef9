//! An object stream: handover and rounds of pages, and what ends or restarts them.

use std::time::Duration;

use graph_dsl::StreamKind;
use graph_transport::{Error, GraphLink};

use super::fault::{End, Fault, is_overloaded, page_loop};
use super::handover::{self, Handed};
use super::opening::Opening;
use super::reader::Reader;
use super::step::{Next, Step, Stepped, Work};
use super::{ImportError, doubts, gone, links, recount, reread, window, withheld};
use crate::store::{Phase, Store, StreamState};
use crate::{Event, StreamOutcome};

/// How a round ended.
pub(super) enum Round {
    Complete,
    /// Graph has given up a token or sends us in circles: begin again.
    Lost(Lost),
    /// The pages were too large for Graph; smaller ones are asked for from now on, by links of their
    /// own.
    TooLarge,
}

/// What was lost.
pub(super) struct Lost {
    /// Whether the round can begin again at its watermark, without a new generation.
    pub(super) rewind: bool,
    location: Option<Box<GraphLink>>,
    pub(super) reason: String,
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
    if reader.plan.kind == StreamKind::Window {
        return window::read(reader, full).await;
    }
    begin(reader, full).await?;
    watch_age(reader).await;
    read_generation(reader, opening).await?;
    if doubts::is_due_again(reader).await {
        reader.restarted("the generation is in doubt; reading it again");
        reader.step(Step::new(Work::Nothing, Next::Resync)).await?;
        read_generation(reader, opening).await?;
    }
    doubts::tell_mass(reader).await?;
    doubts::doubt_nulls(reader).await?;
    gone::explain(reader).await
}

/// Goes on where the stream stands, until it is up to date; then holds what was read against what else
/// is known.
async fn read_generation<S: Store>(
    reader: &Reader<'_, S>,
    opening: &mut Opening,
) -> Result<(), End> {
    let (mut rewinds, mut resyncs) = (0, 0);
    let mut location = None;
    loop {
        let state = reader.state().await;
        if handover::applies(reader.plan, &state) {
            match handover::read(reader, opening).await? {
                Handed::FellBack | Handed::BehindTheTenant => continue,
                Handed::Over => break,
            }
        }
        // A round shows the tenant as it was when the round began. One that an earlier run began
        // says nothing about the time since then, so the changes are read as well.
        let earlier = state.cursor.is_some() && reader.plan.is_delta();
        let lost = match round(reader, state.clone(), location.take(), opening).await? {
            Round::Complete if earlier => continue,
            Round::Complete => break,
            Round::Lost(lost) => lost,
            Round::TooLarge => {
                let state = reader.state().await;
                if !state.is_untouched() {
                    reader.step(Step::new(Work::Nothing, Next::Resync)).await?;
                }
                continue;
            }
        };
        reader.restarted(&lost.reason);
        if lost.rewind && rewinds < RESTARTS {
            rewinds += 1;
            reader.step(Step::new(Work::Nothing, Next::Rewind)).await?;
        } else if resyncs < RESTARTS && !cools_down(reader, &state) {
            resyncs += 1;
            reader.step(Step::new(Work::Nothing, Next::Resync)).await?;
            location = links::restart(lost.location, reader.plan);
        } else {
            return give_up(reader, &state, lost).await;
        }
    }
    reread::drain(reader).await?;
    withheld::settle(reader).await?;
    recount::check(reader, opening).await
}

/// Ends the stream. The next run begins the round anew, not in the middle of what does not work; a
/// published generation and its watermark stay as they are.
async fn give_up<S: Store>(
    reader: &Reader<'_, S>,
    state: &StreamState,
    lost: Lost,
) -> Result<(), End> {
    let next = if state.phase.is_open_generation() { Next::Resync } else { Next::Rewind };
    reader.step(Step::new(Work::Nothing, next)).await?;
    Err(End::Stream(StreamOutcome::Failed, Some(lost.error)))
}

/// Whether the published generation began anew so short a time ago that it does not again: something
/// else is wrong then, and a whole tenant is not read for it once a round (cases: B16).
fn cools_down<S: Store>(reader: &Reader<'_, S>, state: &StreamState) -> bool {
    let recent =
        reader.writer.age(state.resynced_at.as_deref()).is_some_and(|age| age < reader.cool_down);
    let cools = recent && !state.phase.is_open_generation();
    if cools {
        reader.warn("Graph lost the delta link again; the stream begins anew when it has cooled down, or with --full");
    }
    cools
}

/// From this age on the loss of a delta link is to be expected: the documented life is seven days
/// (facts: graph-protocol 5.7). It is tried all the same (cases: B19).
const OLD: Duration = Duration::from_secs(5 * 86_400);

async fn watch_age<S: Store>(reader: &Reader<'_, S>) {
    let state = reader.state().await;
    let Some(age) = reader.writer.age(state.watermark_at.as_deref()) else { return };
    let _ = reader.tally.delta_age.set(age.as_secs());
    if age >= OLD {
        let days = age.as_secs() / 86_400;
        reader.warn(&format!("the delta link is {days} days old; Graph keeps one for 7"));
    }
}

/// Begins a new generation where the stream must not go on where it stands.
async fn begin<S: Store>(reader: &Reader<'_, S>, full: bool) -> Result<(), ImportError> {
    let state = reader.state().await;
    if begins_anew(reader, &state, full) {
        reader.step(Step::new(Work::Nothing, Next::Resync)).await?;
    } else if reader.plan.scan.is_none()
        && state.phase.is_open_generation()
        && state.phase != Phase::Full
    {
        let reason = "the stream has no scan any more".to_owned();
        reader.step(Step::new(Work::Nothing, Next::FallBack(reason))).await?;
    }
    Ok(())
}

/// A generation that is open already is the one that was asked for (cases: C13). But a page token of
/// a plain collection outlives no process (facts: graph-protocol 4.4).
fn begins_anew<S: Store>(reader: &Reader<'_, S>, state: &StreamState, full: bool) -> bool {
    match reader.plan.kind {
        StreamKind::Full => !state.is_untouched(),
        _ => full && !state.phase.is_open_generation(),
    }
}

/// The request that the stream would begin with: proof that Graph can be reached.
pub(super) fn first_request<S: Store>(
    reader: &Reader<'_, S>,
    state: &StreamState,
    full: bool,
) -> Result<(GraphLink, bool), ImportError> {
    if reader.plan.kind == StreamKind::Window {
        return window::first_link(reader, reader.plan).map(|link| (link, false));
    }
    let mut state = state.clone();
    if begins_anew(reader, &state, full) {
        state = StreamState::new(&state.stream);
    }
    if state.is_untouched() && handover::applies(reader.plan, &state) {
        let latest = links::latest(reader.client.cloud(), reader.plan);
        return latest.map(|link| (link, true)).map_err(|error| reader.no_first_answer(error));
    }
    match resume(reader, &state) {
        Ok(resumed) => Ok(resumed),
        Err(_) => Ok((reader.first_link()?, false)),
    }
}

/// Where the stream goes on, and whether that link carries a token.
pub(super) fn resume<S: Store>(
    reader: &Reader<'_, S>,
    state: &StreamState,
) -> Result<(GraphLink, bool), End> {
    let begins = match state.phase {
        Phase::Full => None,
        Phase::Fence | Phase::Scan | Phase::CatchUp | Phase::Verify => state.baseline.as_deref(),
        Phase::Changes | Phase::Idle => state.watermark.as_deref(),
    };
    match state.cursor.as_deref().or(begins) {
        Some(stored) => {
            let link =
                reader.client.cloud().link(stored).map_err(|error| Fault::Failed(error.into()))?;
            Ok((link, true))
        }
        None => Ok((reader.first_link()?, false)),
    }
}

/// Reads pages until the round is complete; each page is fetched while the one before is written.
pub(super) async fn round<S: Store>(
    reader: &Reader<'_, S>,
    mut state: StreamState,
    location: Option<GraphLink>,
    opening: &mut Opening,
) -> Result<Round, End> {
    announce(reader, &state);
    if reader.plan.kind == StreamKind::Full && state.is_untouched() {
        reader.note_soon(&state);
    }
    let (stored, token) = resume(reader, &state)?;
    let link = location.unwrap_or(stored);
    let (mut fetched, mut walk) = if let Some(opened) = opening.take(&link) {
        opened
    } else {
        let mut walk = reader.walk(&link, token);
        (reader.next_page(&mut walk).await, walk)
    };
    loop {
        let page = match fetched {
            Ok(Some(page)) => page,
            Ok(None) => return Ok(Round::Complete),
            Err(Fault::Failed(error)) if is_overloaded(&error) && reader.halve_pages() => {
                if !reader.plan.is_delta() {
                    return Ok(Round::TooLarge);
                }
                // Of a delta query a header asks for the size, and each page may differ.
                let (link, token) = resume(reader, &state)?;
                walk = reader.walk(&link, token);
                fetched = reader.next_page(&mut walk).await;
                continue;
            }
            Err(fault) => return lost(&state, fault),
        };
        let next = match page.next_link() {
            Some(link) => Next::Page(link.clone()),
            None => Next::Complete(page.delta_link().cloned()),
        };
        let items = page.items().len() as u64;
        let stepped = reader.step(Step::new(Work::Page(Box::new(page)), next)).await?;
        state = reader.state().await;
        tell(reader, &state, items, &stepped);
        if state.cursor.is_none() {
            return Ok(Round::Complete);
        }
        if matches!(stepped, Stepped::Adopted) {
            // The page had been committed before, and what it links to now may differ from then.
            let (link, token) = resume(reader, &state)?;
            walk = reader.walk(&link, token);
        }
        fetched = reader.next_page(&mut walk).await;
    }
}

fn announce<S: Store>(reader: &Reader<'_, S>, state: &StreamState) {
    if matches!(state.phase, Phase::Scan | Phase::CatchUp) {
        return; // the handover was announced as a whole
    }
    reader.tally.rounds.add(1);
    let (full, resumed) = (state.phase == Phase::Full, state.cursor.is_some());
    reader.tally.full.add(u64::from(full));
    reader.tell(&Event::Round { stream: &reader.plan.name, full, resumed });
}

/// Above this many users no larger budget follows (facts: graph-protocol 3.2), so that the rest of the
/// count need not be known.
const LARGE_TENANT: u64 = 500;

pub(super) fn tell<S: Store>(
    reader: &Reader<'_, S>,
    state: &StreamState,
    items: u64,
    stepped: &Stepped,
) {
    if reader.plan.entity == "user"
        && state.phase.is_open_generation()
        && state.items > LARGE_TENANT
    {
        reader.client.tenant_users(state.items);
    }
    reader.tally.pages.add(1);
    reader.tally.items.add(items);
    if let Stepped::Applied(applied) = stepped {
        let (stream, items_of_round) = (reader.plan.name.as_str(), state.items);
        let cost = reader.tally.cost();
        reader.tell(&Event::Page { stream, items, items_of_round, applied, cost });
    }
}

/// What a fault means to the round: a lost token or a loop restarts it, the rest ends it.
fn lost(state: &StreamState, fault: Fault) -> Result<Round, End> {
    // In the middle of a delta round its watermark may still be good; in a full round nothing is.
    let delta_round = matches!(state.phase, Phase::Changes | Phase::Scan | Phase::CatchUp);
    let in_changes = delta_round && state.cursor.is_some();
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
