//! A log, read by spans of time: what was read stays, and what comes late is looked for.
//!
//! A service that keeps logs answers the same question with different totals while items are still
//! on their way, loses its page tokens after many pages, and forgets what is old (facts: graph-protocol
//! 10.1). So time is cut into closed spans that end before now; a span is what begins again after an
//! interruption; and what lies just before the last import's end is read once more, and again before
//! that for as long as it brings anything new (cases, logs: I1 to I4).

use std::time::Duration;

use graph_dsl::{StreamPlan, Window};
use graph_transport::{Error, GraphLink};
use jiff::{SignedDuration, Timestamp};

use super::fault::{End, Fault, is_overloaded};
use super::reader::Reader;
use super::step::{Next, Step, Stepped, Work};
use super::{ImportError, links, objects};
use crate::Event;
use crate::store::{Phase, Store, StreamState};

/// How often one span begins again after Graph has forgotten its token.
const RESTARTS: u32 = 3;
/// A span that is too much for Graph is not cut into shorter ones than this.
const SHORTEST: SignedDuration = SignedDuration::from_mins(5);

/// A span of time, both ends included: Graph documents no `lt` for its logs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Span {
    from: Timestamp,
    until: Timestamp,
}

/// Brings a log up to date.
pub(super) async fn read<S: Store>(reader: &Reader<'_, S>, full: bool) -> Result<(), End> {
    let Some(window) = &reader.plan.window else { return Ok(()) };
    let state = reader.state().await;
    let now: Timestamp = reader.writer.now().parse().unwrap_or(Timestamp::UNIX_EPOCH);
    let kept = before(now, window.retention);
    let closed = before(now, window.delay);
    let known = state.watermark.as_deref().and_then(links::since).filter(|_| !full);
    let from = match state.cursor.as_deref().and_then(links::since) {
        Some(cursor) => cursor,
        None => known.unwrap_or(kept),
    };
    announce(reader, &state);
    if from < kept {
        // Nothing brings it back.
        reader.warn(&format!("Graph has forgotten what happened between {from} and {kept}"));
    }
    if let Some(known) = known.filter(|_| state.cursor.is_none()) {
        look_back(reader, window, (known, kept)).await?;
    }
    let mut from = from.max(kept);
    let mut slice = length(window.slice);
    while from < closed {
        let span = Span { from, until: closed.min(later(from, slice)) };
        match read_span(reader, span, Then::GoOn(closed)).await? {
            Spanned::Read(_) => from = span.until,
            Spanned::TooMuch(error) if slice <= SHORTEST => return Err(Fault::Failed(error).into()),
            Spanned::TooMuch(_) => {
                slice = (slice / 2).max(SHORTEST);
                reader.restarted(&format!("a span is too much for Graph: {slice:#} from now on"));
            }
        }
    }
    if reader.state().await.phase != Phase::Idle {
        // Nothing has passed since the last import but its own delay.
        let end = link(reader, from, None)?;
        reader.step(Step::new(Work::Nothing, Next::Complete(Some(end)))).await?;
    }
    Ok(())
}

/// Reads what lies before the last import's end once more, as far back as that brings anything new.
async fn look_back<S: Store>(
    reader: &Reader<'_, S>,
    window: &Window,
    (known, kept): (Timestamp, Timestamp),
) -> Result<(), End> {
    let overlap = length(window.overlap);
    let mut until = known;
    while !overlap.is_zero() && until > kept {
        let span = Span { from: kept.max(later(until, -overlap)), until };
        match read_span(reader, span, Then::Stay).await? {
            Spanned::Read(0) => break,
            Spanned::Read(_) => until = span.from,
            // It was read once; the main thing is to go on.
            Spanned::TooMuch(_) => {
                reader.warn("what came late could not be looked for");
                break;
            }
        }
    }
    Ok(())
}

/// What follows a span.
#[derive(Clone, Copy)]
enum Then {
    /// The next one, until this moment.
    GoOn(Timestamp),
    /// Nothing: it had been read before.
    Stay,
}

enum Spanned {
    /// So many of its items were new.
    Read(u64),
    /// Graph cannot answer for so long a span.
    TooMuch(Error),
}

/// Reads one span to its end. Its pages are committed as they come; where the stream stands moves on
/// with the last one only, because a page token outlives no process.
async fn read_span<S: Store>(
    reader: &Reader<'_, S>,
    span: Span,
    then: Then,
) -> Result<Spanned, End> {
    let (mut restarts, mut new) = (0, 0);
    'span: loop {
        let first = link(reader, span.from, Some(span.until))?;
        let mut walk = reader.walk(&first, false);
        loop {
            let page = match reader.next_page(&mut walk).await {
                Ok(page) => page,
                Err(Fault::Gone { .. } | Fault::Loop) if restarts < RESTARTS => {
                    restarts += 1;
                    reader.restarted("the page token of a span expired");
                    continue 'span;
                }
                Err(Fault::Gone { error, .. }) => return Ok(Spanned::TooMuch(error)),
                Err(Fault::Failed(error)) if is_overloaded(&error) => {
                    return Ok(Spanned::TooMuch(error));
                }
                Err(fault) => return Err(fault.into()),
            };
            let Some(page) = page else { return Ok(Spanned::Read(new)) };
            let last = page.next_link().is_none();
            let next = match then {
                Then::Stay => Next::Stay,
                Then::GoOn(_) if !last => Next::Page(first.clone()),
                Then::GoOn(closed) if span.until >= closed => {
                    Next::Complete(Some(link(reader, closed, None)?))
                }
                Then::GoOn(_) => Next::Page(link(reader, span.until, None)?),
            };
            let items = page.items().len() as u64;
            let stepped = reader.step(Step::new(Work::Page(Box::new(page)), next)).await?;
            objects::tell(reader, &reader.state().await, items, &stepped);
            if let Stepped::Applied(applied) = stepped {
                new += applied.inserted;
            }
            if last {
                return Ok(Spanned::Read(new));
            }
        }
    }
}

fn announce<S: Store>(reader: &Reader<'_, S>, state: &StreamState) {
    reader.tally.rounds.add(1);
    let (full, resumed) = (state.phase == Phase::Full, state.cursor.is_some());
    reader.tally.full.add(u64::from(full));
    reader.tell(&Event::Round { stream: &reader.plan.name, full, resumed });
}

fn link<S: Store>(
    reader: &Reader<'_, S>,
    from: Timestamp,
    until: Option<Timestamp>,
) -> Result<GraphLink, ImportError> {
    let link = links::span(reader.client.cloud(), reader.plan, (from, until), reader.page_size());
    link.map_err(|error| reader.no_first_answer(error))
}

/// Where the first import of a log begins to read: proof that Graph can be reached.
pub(super) fn first_link<S: Store>(
    reader: &Reader<'_, S>,
    plan: &StreamPlan,
) -> Result<GraphLink, ImportError> {
    let now: Timestamp = reader.writer.now().parse().unwrap_or(Timestamp::UNIX_EPOCH);
    let delay = plan.window.as_ref().map_or(Duration::ZERO, |window| window.delay);
    link(reader, before(now, delay), None)
}

fn length(of: Duration) -> SignedDuration {
    SignedDuration::try_from(of).unwrap_or(SignedDuration::MAX)
}

fn before(moment: Timestamp, by: Duration) -> Timestamp {
    later(moment, -length(by))
}

fn later(moment: Timestamp, by: SignedDuration) -> Timestamp {
    let end = if by.is_negative() { Timestamp::MIN } else { Timestamp::MAX };
    moment.checked_add(by).unwrap_or(end)
}
