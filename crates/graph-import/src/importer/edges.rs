//! An edge stream: the lists of every queued owner, many at once, each swapped in as a whole.

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use graph_dsl::StreamKind;
use graph_transport::{Answer, Disposition, GraphLink, Page};

use super::batch::{Asked, BATCH};
use super::fault::{End, Fault};
use super::reader::{Followed, Reader};
use super::step::{Next, Step, Stepped, Work};
use super::{ImportError, links};
use crate::store::{Edge, EdgeList, EdgeType, OwnerEdges, Phase, Queued, Store};
use crate::{Event, Item, StreamOutcome};

/// Batches under way at once; the transport's lane decides how many of them are on the wire. Twenty
/// lists of 999 members each are about 2 MB.
const IN_FLIGHT: usize = 6;

/// How often one owner's list begins again after its page token expired (cases: D2).
const RESTARTS: u32 = 1;

/// Brings an edge stream up to date: reads the lists of all queued owners.
pub(super) async fn read<S: Store>(reader: &Reader<'_, S>, everything: bool) -> Result<(), End> {
    let phase = reader.state.lock().await.phase;
    if everything && phase == Phase::Idle {
        reader.step(Step::new(Work::Nothing, Next::Resync)).await?;
    }
    let queued = queue_length(reader).await?;
    if queued > 0 {
        reader.tally.rounds.add(1);
        reader.tally.full.add(u64::from(everything || phase == Phase::Full));
        reader.tell(&Event::EdgesQueued { stream: &reader.plan.name, owners: queued });
        read_queue(reader).await?;
        not_all_missing(reader).await?;
    }
    if reader.state.lock().await.phase == Phase::Full && queue_length(reader).await? == 0 {
        reader.step(Step::new(Work::Nothing, Next::Complete(None))).await?;
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

/// Reads what other streams have queued since [`read`]: objects turned out to be gone.
pub(super) async fn read_rest_of_queue<S: Store>(reader: &Reader<'_, S>) -> Result<(), End> {
    if queue_length(reader).await? > reader.tally.left.get() {
        return read_queue(reader).await;
    }
    Ok(())
}

async fn queue_length<S: Store>(reader: &Reader<'_, S>) -> Result<u64, ImportError> {
    let stream = reader.plan.name.clone();
    Ok(reader.writer.call(move |store| store.holdings(&stream)).await?.queued)
}

/// One pass over the queue. Owners that could not be read stay in it.
async fn read_queue<S: Store>(reader: &Reader<'_, S>) -> Result<(), End> {
    let mut reading = FuturesUnordered::new();
    let (mut after, mut exhausted) = (None, false);
    loop {
        while !exhausted && reading.len() < IN_FLIGHT {
            let stream = reader.plan.name.clone();
            let entries =
                reader.writer.call(move |store| store.queued(&stream, after, BATCH)).await;
            let entries = entries.map_err(ImportError::from)?;
            after = entries.last().map(|entry| entry.place).or(after);
            exhausted = entries.len() < BATCH;
            if !entries.is_empty() {
                reading.push(read_owners(reader, entries));
            }
        }
        tokio::select! {
            biased;
            () = reader.stop.requested() => return Err(Fault::Stopped.into()),
            read = reading.next() => match read {
                None => return Ok(()),
                Some(result) => result?,
            },
        }
    }
}

/// Reads the first page of twenty owners at once, then the rest of the long lists.
async fn read_owners<S: Store>(reader: &Reader<'_, S>, entries: Vec<Queued>) -> Result<(), End> {
    let asked = reader.ask(entries, |id| links::owner(reader.plan, id)).await?;
    // All refused, and none read before: it is the permission that is missing, not these owners'.
    let all_refused = reader.tally.items.get() == 0
        && asked.iter().all(|asked| asked.disposition() == Disposition::Forbidden);
    let mut sorted = Sorted::default();
    for asked in asked {
        match asked.disposition() {
            Disposition::Ok => sorted.first_page(reader, asked),
            // Most likely deleted since it was reported. Its own stream will say so, and that takes
            // it out of the queue; until then nothing is known of its edges (cases: I3).
            Disposition::NotFound | Disposition::NotInCloud => {
                leave(reader, &asked.entry, "Graph does not know the owner of the list");
                reader.tally.not_found(asked.into_error());
            }
            Disposition::Forbidden if all_refused => return Err(refused(reader, asked)),
            disposition => leave(reader, &asked.entry, &format!("{disposition:?}")),
        }
    }
    commit(reader, sorted.lists, sorted.done).await?;
    for (entry, edges, link) in sorted.long {
        read_list(reader, entry, edges, link).await?;
    }
    Ok(())
}

fn refused<S: Store>(reader: &Reader<'_, S>, asked: Asked) -> End {
    match asked.into_error() {
        Some(error) => reader.fault(error).into(),
        None => End::Stream(StreamOutcome::Failed, None),
    }
}

/// Twenty answers, by what is to be done with them.
#[derive(Default)]
struct Sorted {
    lists: Vec<OwnerEdges>,
    done: Vec<Queued>,
    /// Lists that go on.
    long: Vec<(Queued, Vec<Edge>, GraphLink)>,
}

impl Sorted {
    fn first_page<S: Store>(&mut self, reader: &Reader<'_, S>, asked: Asked) {
        let Asked { entry, result } = asked;
        let page = result
            .and_then(Answer::into_success)
            .and_then(|answer| Ok(Page::read(answer.body().clone(), reader.client.cloud())?));
        let Some((edges, link)) =
            page.ok().and_then(|page| Some((edges(&page)?, page.next_link().cloned())))
        else {
            return leave(reader, &entry, "a list of edges cannot be read");
        };
        match link {
            Some(link) => self.long.push((entry, edges, link)),
            None if edges.is_empty() && entry.hidden && !reader.sees_hidden => {
                self.settle(entry, EdgeList::Hidden);
            }
            None => self.settle(entry, EdgeList::Complete(edges)),
        }
    }

    fn settle(&mut self, entry: Queued, list: EdgeList) {
        self.lists.push(OwnerEdges { owner: entry.object.clone(), list });
        self.done.push(entry);
    }
}

/// Leaves an owner in the queue, with the edges that it had: the stream is partial, and the next run
/// reads the list again.
fn leave<S: Store>(reader: &Reader<'_, S>, entry: &Queued, reason: &str) {
    reader.tally.left.add(1);
    let reason = &format!("{reason}: {} {}", reader.plan.name, entry.object);
    tracing::warn!(stream = reader.plan.name, reason, "left an owner in the queue");
    reader.tell(&Event::Spoiled { stream: &reader.plan.name, reason });
}

/// Follows a long list to its end, staging page by page; only the whole list is swapped in.
async fn read_list<S: Store>(
    reader: &Reader<'_, S>,
    entry: Queued,
    first: Vec<Edge>,
    link: GraphLink,
) -> Result<(), End> {
    let list = |list| vec![OwnerEdges { owner: entry.object.clone(), list }];
    commit(reader, list(EdgeList::Part { first: true, edges: first }), Vec::new()).await?;
    let (mut link, mut token, mut restarts) = (link, true, 0);
    let mut followed = Followed::default();
    loop {
        let fetched = if followed.is_new(&link) {
            reader.fetch(&link, token).await
        } else {
            Err(Fault::Loop)
        };
        let page = match fetched {
            Ok(page) => page,
            Err(Fault::Gone { .. } | Fault::Loop) if restarts < RESTARTS => {
                restarts += 1;
                reader.restarted("the token of a list of edges expired");
                followed = Followed::default();
                (link, token) = (list_link(reader, &entry)?, false);
                continue;
            }
            Err(Fault::Gone { .. } | Fault::Loop | Fault::Failed(_)) => {
                leave(reader, &entry, "a list of edges cannot be read to its end");
                return Ok(());
            }
            Err(fault) => return Err(fault.into()),
        };
        reader.tally.pages.add(1);
        let Some(edges) = edges(&page) else {
            leave(reader, &entry, "a list of edges cannot be read to its end");
            return Ok(());
        };
        let Some(next) = page.next_link().cloned() else {
            let rest = if token { EdgeList::Rest(edges) } else { EdgeList::Complete(edges) };
            return commit(reader, list(rest), vec![entry]).await;
        };
        commit(reader, list(EdgeList::Part { first: !token, edges }), Vec::new()).await?;
        (link, token) = (next, true);
    }
}

fn list_link<S: Store>(reader: &Reader<'_, S>, entry: &Queued) -> Result<GraphLink, End> {
    let path =
        format!("/{}{}", reader.version(), links::owner(reader.plan, &entry.object.to_string()));
    reader.client.cloud().link(&path).map_err(|error| Fault::Failed(error.into()).into())
}

async fn commit<S: Store>(
    reader: &Reader<'_, S>,
    lists: Vec<OwnerEdges>,
    done: Vec<Queued>,
) -> Result<(), End> {
    let owners = done.len() as u64;
    if lists.is_empty() && done.is_empty() {
        return Ok(());
    }
    if let Stepped::Applied(applied) =
        reader.step(Step { work: Work::Edges(lists), next: Next::Stay, done }).await?
    {
        reader.tally.items.add(owners);
        reader.tell(&Event::Edges { stream: &reader.plan.name, owners, applied: &applied });
    }
    Ok(())
}

/// The edges of a page; `None` if one of its items cannot be read, because the list is not complete
/// without it (cases: D5).
fn edges(page: &Page) -> Option<Vec<Edge>> {
    page.items()
        .map(|json| {
            let Item { id, odata_type, .. } = Item::read(json).ok()?;
            let target_type = odata_type.as_deref().map_or(EdgeType::UNKNOWN, EdgeType::new);
            Some(Edge { target: id, target_type })
        })
        .collect()
}
