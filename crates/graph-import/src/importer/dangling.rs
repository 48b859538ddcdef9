//! Edges to objects that no stream has brought: read again, and asked for by id (cases: B27).

use std::collections::HashSet;

use graph_dsl::StreamPlan;
use graph_transport::{GraphRequest, Page};
use serde_json::json;

use super::edges;
use super::fault::End;
use super::reader::Reader;
use super::step::{Next, Step, Work};
use super::{ImportError, links};
use crate::store::{Store, Unresolved};
use crate::{Event, Item, ObjectId};

/// Ids in one call (facts: graph-protocol 4.2).
const MOST_IDS: usize = 1_000;

/// Selecting the id makes it cheaper (facts: graph-protocol 3.2).
const GET_BY_IDS: &str = "/directoryObjects/getByIds?$select=id";

/// Settles the edges whose targets no stream knows, once all streams have been read.
///
/// An edge that is new in this run came before its object, or after its end: the owner's list knows.
/// One that an earlier run has left is dangling: Graph is asked for its target, and where that is
/// not there either, the owner's list decides. What remains is reported.
pub(super) async fn settle<S: Store>(
    reader: &Reader<'_, S>,
    owner: &StreamPlan,
) -> Result<(), End> {
    let unresolved = unresolved(reader).await?;
    if unresolved.is_empty() {
        return Ok(());
    }
    let is_new = |it: &Unresolved| it.since == reader.epoch;
    let (new, old): (Vec<_>, Vec<_>) = unresolved.into_iter().partition(is_new);
    let ids = |them: Vec<Unresolved>| them.into_iter().map(|it| it.target).collect::<Vec<_>>();
    let mut doubted = ids(new);
    doubted.extend(absent(reader, owner, ids(old)).await?);
    if !doubted.is_empty() {
        reader.step(Step::new(Work::Doubted(doubted), Next::Stay)).await?;
        edges::read_rest_of_queue(reader, owner).await?;
    }
    let left = self::unresolved(reader).await?;
    let dangling = left.iter().filter(|it| !is_new(it)).count() as u64;
    reader.tally.dangling.add(dangling);
    if dangling > 0 {
        let stream = &reader.plan.name;
        reader.tell(&Event::Dangling { stream, targets: dangling });
    }
    Ok(())
}

async fn unresolved<S: Store>(reader: &Reader<'_, S>) -> Result<Vec<Unresolved>, ImportError> {
    let stream = reader.plan.name.clone();
    Ok(reader.writer.call(move |store| store.unresolved(&stream)).await?)
}

/// Those of the objects that Graph does not know either; none of those it could not be asked for.
async fn absent<S: Store>(
    reader: &Reader<'_, S>,
    owner: &StreamPlan,
    targets: Vec<ObjectId>,
) -> Result<Vec<ObjectId>, End> {
    let mut absent = Vec::new();
    for part in targets.chunks(MOST_IDS) {
        let link = format!("/{}{GET_BY_IDS}", links::version(owner));
        let Ok(link) = reader.client.cloud().link(&link) else { break };
        let ids: Vec<String> = part.iter().map(ToString::to_string).collect();
        let request = GraphRequest::new(http::Method::POST, link).reads_only().deadline(None);
        let Ok(request) = request.json(&json!({ "ids": ids })) else { break };
        let answer = tokio::select! {
            biased;
            () = reader.stop.requested() => return Err(super::fault::Fault::Stopped.into()),
            answer = reader.client.send(request) => answer,
        };
        let Ok(answer) = answer else { break };
        reader.count(&answer);
        let page = answer
            .into_success()
            .ok()
            .and_then(|answer| Page::read(answer.body().clone(), reader.client.cloud()).ok());
        // Without the permission nothing can be said about them.
        let Some(page) = page else { break };
        let known: HashSet<ObjectId> =
            page.items().filter_map(|json| Some(Item::read(json).ok()?.id)).collect();
        absent.extend(part.iter().filter(|id| !known.contains(*id)).cloned());
    }
    Ok(absent)
}
