//! Whether Graph lets the application read a stream: one object of it is asked for.

use std::collections::BTreeMap;

use futures_util::future;
use graph_dsl::{StreamKind, StreamPlan};
use graph_transport::{Disposition, GraphRequest, Page};

use super::{Importer, links};
use crate::{Item, ObjectId, StreamOutcome};

/// What Graph has said.
#[derive(Debug, Default)]
pub(super) struct Probed {
    /// Of each stream that it said anything about.
    pub(super) outcomes: BTreeMap<String, StreamOutcome>,
    /// Requests sent.
    pub(super) requests: u64,
}

/// What an answer that is no success says about a stream; `None` where it says nothing.
pub(super) fn refusal(plan: &StreamPlan, disposition: Disposition) -> Option<StreamOutcome> {
    match disposition {
        Disposition::Forbidden => {
            let least = plan.permission.clone().unwrap_or_else(|| "unknown".to_owned());
            Some(StreamOutcome::MissingPermission(least))
        }
        Disposition::NotLicensed => Some(StreamOutcome::NotLicensed),
        Disposition::NotInCloud => Some(StreamOutcome::NotInCloud),
        Disposition::PolicyBlocked => Some(StreamOutcome::PolicyBlocked),
        _ => None,
    }
}

/// Asks about these streams; about edges at the first object that owns some.
pub(super) async fn ask<S>(importer: &Importer<S>, streams: &[&StreamPlan]) -> Probed {
    let owner = |plan: &&StreamPlan| match &plan.kind {
        StreamKind::Edges { of } => importer.streams.get(of),
        _ => None,
    };
    let mut objects: Vec<&StreamPlan> = Vec::new();
    for plan in streams.iter().map(|plan| owner(plan).unwrap_or(plan)) {
        if !objects.iter().any(|known| known.name == plan.name) {
            objects.push(plan);
        }
    }
    let first = future::join_all(objects.iter().map(|plan| one(importer, plan))).await;
    let first_of = |plan: &&StreamPlan| {
        let owner = owner(plan)?;
        let at = objects.iter().position(|it| it.name == owner.name)?;
        Some((owner, first[at].1.clone()?))
    };
    let edges: Vec<_> = streams.iter().filter_map(|plan| Some((*plan, first_of(plan)?))).collect();
    let asked = edges.iter().map(|(plan, (owner, id))| list(importer, plan, owner, id));
    let lists = future::join_all(asked).await;
    let requests = (objects.len() + edges.len()) as u64;
    let objects =
        objects.iter().map(|plan| plan.name.clone()).zip(first.into_iter().map(|it| it.0));
    let edges = edges.iter().map(|(plan, _)| plan.name.clone()).zip(lists);
    let said = objects.chain(edges).filter_map(|(name, outcome)| Some((name, outcome?)));
    let wanted = |name: &String| streams.iter().any(|plan| plan.name == *name);
    Probed { outcomes: said.filter(|(name, _)| wanted(name)).collect(), requests }
}

/// Asks for one object of a stream; what Graph says, and which one it is.
async fn one<S>(
    importer: &Importer<S>,
    plan: &StreamPlan,
) -> (Option<StreamOutcome>, Option<ObjectId>) {
    let cloud = importer.client.cloud();
    let mut single = plan.clone();
    (single.select, single.page_size, single.filter) = (vec!["id".to_owned()], Some(1), None);
    let link = if plan.of_type.is_some() {
        links::first(cloud, plan, plan.page_size)
    } else {
        links::collection(cloud, &single)
    };
    let Ok(link) = link else { return (None, None) };
    let Ok(answer) = importer.client.send(GraphRequest::get(link)).await else {
        return (None, None);
    };
    if answer.disposition() != Disposition::Ok {
        return (refusal(plan, answer.disposition()), None);
    }
    let page = Page::read(answer.body().clone(), cloud).ok();
    let id = page.and_then(|page| Some(Item::read(page.items().next()?).ok()?.id.clone()));
    (Some(StreamOutcome::Granted), id)
}

/// Asks for the edges of one owner.
async fn list<S>(
    importer: &Importer<S>,
    plan: &StreamPlan,
    owner: &StreamPlan,
    id: &ObjectId,
) -> Option<StreamOutcome> {
    let id = id.to_string();
    let path = match plan.relations.first() {
        Some(relation) if plan.is_delta() => links::related(owner, &id, relation),
        _ => links::owner(plan, &id, Some(1)),
    };
    let link = importer.client.cloud().link(&format!("/{}{path}", links::version(plan))).ok()?;
    let answer = importer.client.send(GraphRequest::get(link)).await.ok()?;
    match answer.disposition() {
        // There may be none, or the owner may be gone by now: the path is open all the same.
        Disposition::Ok | Disposition::NotFound => Some(StreamOutcome::Granted),
        other => refusal(plan, other),
    }
}
