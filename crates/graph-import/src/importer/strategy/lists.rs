//! Lists of edges, twenty owners in a `$batch`: whole at once, or a cheap short page first.

use graph_transport::{Answer, Cloud, Disposition, GraphLink, Page};

use super::Tactics;
use crate::cost::SMALL_TOP;
use crate::importer::batch::Asked;
use crate::importer::fault::{End, Fault, is_overload, is_overloaded};
use crate::importer::links;
use crate::importer::pass::{Job, Piece};
use crate::importer::reader::{Followed, Reader, smaller_page};
use crate::store::{Edge, EdgeList, Queued, Store};
use crate::{Event, StreamOutcome};

/// How much of a list is asked for at first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::importer) enum Tier {
    /// A short page, which costs less (facts: graph-protocol 3.2); what goes on is asked for again.
    Small,
    /// The stream's own page size.
    Whole,
}

/// A long list, after its first page.
pub(in crate::importer) struct Rest {
    entry: Queued,
    link: GraphLink,
    /// Whether the link carries one of Graph's tokens.
    token: bool,
    restarts: u32,
    followed: Followed,
    /// Items asked for on a page.
    top: Option<u16>,
}

/// How often one owner's list begins again after its page token expired (cases: D2).
const RESTARTS: u32 = 1;

/// What one owner's answer is.
enum Listed {
    Complete(Queued, Vec<Edge>),
    Long(Queued, Vec<Edge>, GraphLink),
    Unreadable(Queued),
    Refused(Asked),
}

/// Reads the first page of each owner's list.
pub(in crate::importer) async fn read<S: Store>(
    reader: &Reader<'_, S>,
    tactics: &Tactics<'_>,
    entries: Vec<Queued>,
    tier: Tier,
) -> Result<Piece, End> {
    let size = match tier {
        Tier::Small => Some(SMALL_TOP),
        Tier::Whole => reader.plan.page_size,
    };
    let asked = reader.ask(entries, |id| links::owner(reader.plan, id, size)).await?;
    // All refused, and none read before: it is the permission that is missing, not these owners'.
    let mut open = asked.iter().filter(|asked| !hides(reader, &asked.entry)).peekable();
    let all_refused = reader.tally.items.get() == 0
        && open.peek().is_some()
        && open.all(|asked| asked.disposition() == Disposition::Forbidden);
    let mut piece = Piece { weight: weight(&asked), ..Piece::default() };
    let cloud = reader.client.cloud().clone();
    // Parsed where it holds nobody up.
    let listed = reader
        .writer
        .read(move || asked.into_iter().map(|asked| listed(asked, &cloud)).collect::<Vec<_>>());
    let (mut complete, mut long) = (Vec::new(), Vec::new());
    for listed in listed.await {
        match listed {
            // A full page: whether it goes on, the whole list says best.
            Listed::Complete(entry, edges) if tier == Tier::Small && is_full(&edges) => {
                piece.again.push(entry);
            }
            Listed::Complete(entry, edges) => complete.push((entry, edges)),
            Listed::Long(entry, _, _) if tier == Tier::Small => piece.again.push(entry),
            Listed::Long(entry, edges, link) => long.push((entry, edges, link)),
            Listed::Unreadable(entry) => leave(reader, &entry, "a list of edges cannot be read"),
            Listed::Refused(asked) => match asked.disposition() {
                // Most likely deleted since it was reported. Its own stream will say so, and that
                // takes it out of the queue; until then nothing is known of its edges (cases: I3).
                Disposition::NotFound | Disposition::NotInCloud => {
                    leave(reader, &asked.entry, "Graph does not know the owner of the list");
                    reader.tally.not_found(asked.into_error());
                }
                // D9: refused instead of an empty list, for want of the same permission.
                Disposition::Forbidden if hides(reader, &asked.entry) => {
                    piece.settle(asked.entry, EdgeList::Hidden);
                }
                Disposition::Forbidden if all_refused => return Err(refused(reader, asked)),
                _ if asked.status().is_some_and(is_overload) => {
                    match smaller(reader, asked.entry, size, 0)? {
                        Ok(rest) => piece.next.push(Job::Rest(rest)),
                        Err(entry) => leave(reader, &entry, "Graph is overloaded by a list"),
                    }
                }
                disposition => leave(reader, &asked.entry, &format!("{disposition:?}")),
            },
        }
    }
    if tier == Tier::Small {
        tactics.weigh(reader, complete.len() as u64, piece.again.len() as u64);
    }
    for (entry, edges) in reader.with_service_principals(complete).await? {
        let hidden = edges.is_empty() && hides(reader, &entry);
        let list = if hidden { EdgeList::Hidden } else { EdgeList::Complete(edges) };
        piece.settle_without(entry, list, reader.left_out());
    }
    for (entry, edges, link) in long {
        piece.part(&entry, EdgeList::Part { first: true, edges });
        let followed = Followed::default();
        let top = size;
        piece.next.push(Job::Rest(Rest { entry, link, token: true, restarts: 0, followed, top }));
    }
    Ok(piece)
}

/// Whether an owner hides its edges from this application, so that an empty list, or none, says
/// nothing about them.
const fn hides<S>(reader: &Reader<'_, S>, entry: &Queued) -> bool {
    entry.hidden && !reader.sees_hidden
}

fn is_full(edges: &[Edge]) -> bool {
    edges.len() >= usize::from(SMALL_TOP)
}

fn weight(asked: &[Asked]) -> usize {
    asked.iter().filter_map(|asked| asked.result.as_ref().ok()).map(|it| it.body().len()).sum()
}

fn listed(asked: Asked, cloud: &Cloud) -> Listed {
    if asked.disposition() != Disposition::Ok {
        return Listed::Refused(asked);
    }
    let Asked { entry, result } = asked;
    let page = result
        .and_then(Answer::into_success)
        .and_then(|answer| Ok(Page::read(answer.body().clone(), cloud)?));
    let read = page.ok().and_then(|page| Some((edges(&page)?, page.next_link().cloned())));
    match read {
        None => Listed::Unreadable(entry),
        Some((edges, None)) => Listed::Complete(entry, edges),
        Some((edges, Some(link))) => Listed::Long(entry, edges, link),
    }
}

fn refused<S: Store>(reader: &Reader<'_, S>, asked: Asked) -> End {
    match asked.into_error() {
        Some(error) => reader.fault(error).into(),
        None => End::Stream(StreamOutcome::Failed, None),
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

/// Reads one more page of a long list; the parts are staged, and only the whole list is swapped in.
pub(in crate::importer) async fn go_on<S: Store>(
    reader: &Reader<'_, S>,
    mut rest: Rest,
) -> Result<Piece, End> {
    let fetched = reader.follow(&mut rest.followed, &rest.link, rest.token).await;
    let mut piece = Piece::default();
    let page = match fetched {
        Ok(page) => page,
        Err(Fault::Failed(error)) if is_overloaded(&error) => {
            match smaller(reader, rest.entry, rest.top, rest.restarts)? {
                Ok(rest) => piece.next.push(Job::Rest(rest)),
                Err(entry) => leave(reader, &entry, "Graph is overloaded by a list"),
            }
            return Ok(piece);
        }
        Err(Fault::Gone { .. } | Fault::Loop) if rest.restarts < RESTARTS => {
            reader.restarted("the token of a list of edges expired");
            let link = list_link(reader, &rest.entry, rest.top)?;
            let (restarts, followed) = (rest.restarts + 1, Followed::default());
            piece.next.push(Job::Rest(Rest { link, token: false, restarts, followed, ..rest }));
            return Ok(piece);
        }
        Err(Fault::Gone { .. } | Fault::Loop | Fault::Failed(_)) => {
            leave(reader, &rest.entry, "a list of edges cannot be read to its end");
            return Ok(piece);
        }
        Err(fault) => return Err(fault.into()),
    };
    reader.tally.pages.add(1);
    let (read, next) = reader
        .writer
        .read(move || {
            let weight = page.items().map(str::len).sum::<usize>();
            (edges(&page).map(|edges| (edges, weight)), page.next_link().cloned())
        })
        .await;
    let Some((edges, weight)) = read else {
        leave(reader, &rest.entry, "a list of edges cannot be read to its end");
        return Ok(piece);
    };
    piece.weight = weight;
    let first = !rest.token;
    match next {
        None => {
            let listed = vec![(rest.entry, edges)];
            for (entry, edges) in reader.with_service_principals(listed).await? {
                let list = if first { EdgeList::Complete(edges) } else { EdgeList::Rest(edges) };
                piece.settle_without(entry, list, reader.left_out());
            }
        }
        Some(link) => {
            piece.part(&rest.entry, EdgeList::Part { first, edges });
            piece.next.push(Job::Rest(Rest { link, token: true, ..rest }));
        }
    }
    Ok(piece)
}

/// The list again from its beginning, in pages of half the size; the owner again where that is no
/// page worth asking for (facts: graph-protocol 12, row 6).
fn smaller<S: Store>(
    reader: &Reader<'_, S>,
    entry: Queued,
    top: Option<u16>,
    restarts: u32,
) -> Result<Result<Rest, Queued>, End> {
    let Some(top) = top.and_then(smaller_page) else { return Ok(Err(entry)) };
    reader.restarted(&format!("pages of a list are too large for Graph: $top={top}"));
    let (link, followed) = (list_link(reader, &entry, Some(top))?, Followed::default());
    Ok(Ok(Rest { entry, link, token: false, restarts, followed, top: Some(top) }))
}

fn list_link<S: Store>(
    reader: &Reader<'_, S>,
    entry: &Queued,
    top: Option<u16>,
) -> Result<GraphLink, End> {
    let owner = links::owner(reader.plan, &entry.object.to_string(), top);
    let path = format!("/{}{owner}", reader.version());
    reader.client.cloud().link(&path).map_err(|error| Fault::Failed(error.into()).into())
}

/// The edges of a page; `None` if one of its items cannot be read, because the list is not complete
/// without it (cases: D5).
pub(in crate::importer) fn edges(page: &Page) -> Option<Vec<Edge>> {
    page.items().map(|json| Edge::read(json).ok()).collect()
}
