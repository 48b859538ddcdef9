//! Delta rounds over fifty owners each, side by side: `groups/delta?$filter=id eq '…' or …`.
//!
//! A filter by id is documented of the delta query (facts: graph-protocol 5.2); that such a round lists
//! every edge of its owners is not. So the first shard is compared with the owners' lists, and without
//! that proof lists are read instead. Whatever a shard is not exact about is read as a list too.

use std::collections::{HashMap, HashSet};

use graph_transport::{GraphLink, Page, PageError};
use tokio::sync::OwnedSemaphorePermit;

use super::lists::{self, Tier};
use super::{Proof, Tactics};
use crate::importer::fault::{End, Fault};
use crate::importer::pass::{Job, Piece};
use crate::importer::reader::{Followed, Reader};
use crate::store::{Edge, EdgeList, Queued, Store, relation};
use crate::{EdgeChange, Item, ObjectId};

/// Owners of the first shard whose lists are read as well.
const COMPARED: usize = graph_transport::Batch::MOST_ITEMS;

/// Edges that the shards under way may keep together until their rounds are over; beyond it, pages are
/// staged in the store. Fifty bytes each (cases: I7).
pub(super) const KEPT: usize = 100_000;

/// The type that v1.0 lists may leave out (facts: graph-protocol 12, 31).
const SERVICE_PRINCIPAL: &str = "servicePrincipal";

/// A delta round over some owners, and what its pages have said so far.
pub(in crate::importer) struct Shard {
    entries: Vec<Queued>,
    link: GraphLink,
    /// Whether the link carries one of Graph's tokens.
    token: bool,
    followed: Followed,
    /// Owners that the round has named.
    named: HashSet<ObjectId>,
    /// The edges of the pages before that are not staged.
    kept: HashMap<ObjectId, Vec<Edge>>,
    /// The room that they take.
    room: Option<OwnedSemaphorePermit>,
    /// Owners with staged parts.
    staged: HashSet<ObjectId>,
    /// Owners whose entries are not exact.
    doubtful: HashSet<ObjectId>,
}

/// What a page says about one owner: its edges, or nothing that can be relied on.
type Said = (ObjectId, Option<Vec<Edge>>);

impl Shard {
    pub(in crate::importer) fn new(
        entries: Vec<Queued>,
        link: GraphLink,
        followed: Followed,
    ) -> Self {
        let (named, kept, room, staged, doubtful) = Default::default();
        Self { entries, link, token: false, followed, named, kept, room, staged, doubtful }
    }
}

/// Reads the next page of a shard.
pub(in crate::importer) async fn read<S: Store>(
    reader: &Reader<'_, S>,
    tactics: &Tactics<'_>,
    mut shard: Shard,
) -> Result<Piece, End> {
    let page = match fetch(reader, &mut shard).await {
        Ok(page) => page,
        Err(Fault::Stopped) => return Err(Fault::Stopped.into()),
        Err(_) => return Ok(give_up(reader, tactics, shard, "a delta round over ids failed")),
    };
    reader.tally.pages.add(1);
    let relation = relation(reader.plan).to_owned();
    let (weight, next) = (page.items().map(str::len).sum(), page.next_link().cloned());
    let said = reader.writer.read(move || said(&page, &relation)).await;
    let ours: HashSet<&ObjectId> = shard.entries.iter().map(|entry| &entry.object).collect();
    let Some(said) = said.filter(|said| said.iter().all(|(owner, _)| ours.contains(owner))) else {
        let reason = "a delta round over ids names other objects";
        return Ok(give_up(reader, tactics, shard, reason));
    };
    let mut edges = std::mem::take(&mut shard.kept);
    shard.room = None;
    for (owner, said) in said {
        shard.named.insert(owner.clone());
        match said {
            Some(more) => edges.entry(owner).or_default().extend(more),
            None => drop(shard.doubtful.insert(owner)),
        }
    }
    let mut piece = Piece { weight, ..Piece::default() };
    if let Some(link) = next {
        shard.room = tactics.room_for(edges.values().map(Vec::len).sum());
        if shard.room.is_some() {
            shard.kept = std::mem::take(&mut edges);
        }
        for entry in &shard.entries {
            let Some(edges) = edges.remove(&entry.object).filter(|edges| !edges.is_empty()) else {
                continue;
            };
            let first = shard.staged.insert(entry.object.clone());
            piece.part(entry, EdgeList::Part { first, edges });
        }
        piece.next.push(Job::Shard(Shard { link, token: true, ..shard }));
        return Ok(piece);
    }
    if tactics.proof() == Proof::Proven {
        end(shard, edges, &mut piece);
        return Ok(piece);
    }
    prove(reader, tactics, shard, edges).await
}

async fn fetch<S: Store>(reader: &Reader<'_, S>, shard: &mut Shard) -> Result<Page, Fault> {
    let page = reader.follow(&mut shard.followed, &shard.link, shard.token).await?;
    if page.next_link().is_none() && page.delta_link().is_none() {
        return Err(Fault::Failed(PageError::NoLink.into())); // B14
    }
    Ok(page)
}

/// What a page says; `None` if an item cannot be read, because nobody knows whose it is.
fn said(page: &Page, relation: &str) -> Option<Vec<Said>> {
    let of = |json| {
        let item = Item::read(json).ok()?;
        let mut edges = Some(Vec::new());
        if item.removed.is_some() {
            edges = None;
        }
        for change in item.changed_relations.iter().filter(|change| change.name == relation) {
            let exact = change.entries().filter(|entries| entries.iter().all(|it| !it.removed));
            let exact =
                exact.map(|entries| entries.into_iter().map(|EdgeChange { edge, .. }| edge));
            edges = edges.zip(exact).map(|(mut edges, more)| {
                edges.extend(more);
                edges
            });
        }
        Some((item.id, edges))
    };
    page.items().map(of).collect()
}

/// Settles every owner of which the round was exact; the others are asked for as lists.
fn end(shard: Shard, mut edges: HashMap<ObjectId, Vec<Edge>>, piece: &mut Piece) {
    for entry in shard.entries {
        if !shard.named.contains(&entry.object) || shard.doubtful.contains(&entry.object) {
            piece.again.push(entry);
            continue;
        }
        let edges = edges.remove(&entry.object).unwrap_or_default();
        if shard.staged.contains(&entry.object) {
            piece.settle(entry, EdgeList::Rest(edges));
        } else {
            piece.settle(entry, EdgeList::Complete(edges));
        }
    }
}

/// Every owner of the shard is asked for as a list, and no further shard is read.
fn give_up<S: Store>(
    reader: &Reader<'_, S>,
    tactics: &Tactics<'_>,
    shard: Shard,
    reason: &str,
) -> Piece {
    tactics.refuse(reader, reason);
    Piece { again: shard.entries, ..Piece::default() }
}

/// Compares the first shard with the lists of some of its owners, which count in any case.
async fn prove<S: Store>(
    reader: &Reader<'_, S>,
    tactics: &Tactics<'_>,
    shard: Shard,
    edges: HashMap<ObjectId, Vec<Edge>>,
) -> Result<Piece, End> {
    let comparable = |entry: &&Queued| !shard.staged.contains(&entry.object);
    let sample: Vec<Queued> =
        shard.entries.iter().filter(comparable).take(COMPARED).cloned().collect();
    let compared: HashSet<u64> = sample.iter().map(|entry| entry.place).collect();
    let mut piece = if sample.is_empty() {
        Piece::default()
    } else {
        lists::read(reader, tactics, sample, Tier::Whole).await?
    };
    let (mut equal, mut different) = (0, 0);
    for (_, list) in &piece.lists {
        let EdgeList::Complete(listed) = &list.list else { continue };
        if shard.doubtful.contains(&list.owner) || !shard.named.contains(&list.owner) {
            continue;
        }
        let stated = edges.get(&list.owner).map_or(&[][..], Vec::as_slice);
        if is_same(listed, stated) {
            equal += usize::from(!listed.is_empty());
        } else {
            different += 1;
        }
    }
    // Something may have changed between the two reads, but not in one owner of ten.
    if different * 10 > equal {
        let reason = format!("a delta round over ids differs from {different} of the lists");
        tactics.refuse(reader, &reason);
    } else if equal > 0 {
        tactics.set_proof(Proof::Proven);
    } else {
        tactics.set_proof(Proof::Unproven); // no edges at all: the next shard may have some
    }
    let proven = tactics.proof() == Proof::Proven;
    let rest: Vec<Queued> =
        shard.entries.iter().filter(|entry| !compared.contains(&entry.place)).cloned().collect();
    if proven {
        end(Shard { entries: rest, ..shard }, edges, &mut piece);
    } else {
        piece.again.extend(rest);
    }
    Ok(piece)
}

/// Whether both state the same edges, but for what v1.0 lists leave out.
fn is_same(listed: &[Edge], stated: &[Edge]) -> bool {
    let ids = |edges: &[Edge]| -> HashSet<ObjectId> {
        edges.iter().map(|edge| edge.target.clone()).collect()
    };
    let (listed, all) = (ids(listed), ids(stated));
    let others = stated.iter().filter(|edge| edge.target_type.as_str() != SERVICE_PRINCIPAL);
    listed.is_subset(&all) && others.map(|edge| &edge.target).all(|id| listed.contains(id))
}
