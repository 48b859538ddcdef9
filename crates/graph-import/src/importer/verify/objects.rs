//! Objects by their ids, twenty in a batch.

use graph_dsl::StreamPlan;
use graph_transport::Disposition;

use super::{FoundDifference, ReadBack, StoredObject, Verifier};
use crate::importer::batch::Asked;
use crate::importer::fault::Fault;
use crate::importer::reader::Reader;
use crate::importer::{ImportError, links};
use crate::store::{Queued, Store};
use crate::{Content, Item, ObjectId};

/// An object that is compared.
#[derive(Clone, Debug)]
pub(super) struct Candidate {
    pub(super) id: ObjectId,
    /// As the store has it; `None` where Graph alone does.
    pub(super) stored: Option<StoredObject>,
    /// What differs.
    pub(super) found: Option<FoundDifference>,
}

impl Candidate {
    pub(super) fn all(objects: Vec<StoredObject>) -> Vec<Self> {
        let new = |stored: StoredObject| Self {
            id: stored.id.clone(),
            stored: Some(stored),
            found: None,
        };
        objects.into_iter().map(new).collect()
    }

    /// An object that Graph has and the store has not.
    pub(super) fn missing(id: ObjectId) -> Self {
        Self { id, stored: None, found: Some(FoundDifference::Missing) }
    }

    /// It again, with what was found now.
    pub(super) fn with(mut self, found: Option<FoundDifference>) -> Self {
        self.found = found;
        self
    }

    /// How it differs from an item of Graph.
    pub(super) fn against(&self, plan: &StreamPlan, item: &Item<'_>) -> Option<FoundDifference> {
        let Some(stored) = &self.stored else { return Some(FoundDifference::Missing) };
        let Ok(stored) = Content::stored(stored.raw.clone()) else {
            return Some(FoundDifference::Unreadable);
        };
        let mut differing = stored.difference(&Content::whole(&item.properties), &plan.columns);
        // What is not asked for keeps the value that it had (cases: F7).
        differing.retain(|name| {
            let column = plan.columns.iter().find(|column| column.name == *name);
            let property = column.map_or(name.as_str(), |column| column.selected());
            plan.select.iter().any(|selected| selected == property)
        });
        (!differing.is_empty()).then_some(FoundDifference::Properties(differing))
    }

    /// How it differs where Graph does not know it.
    pub(super) fn unknown(&self) -> Option<FoundDifference> {
        self.stored.as_ref().map(|_| FoundDifference::Gone)
    }
}

impl<S: Store, R: ReadBack> Verifier<'_, S, R> {
    /// Those of at most twenty that differ.
    pub(super) async fn compare_batch(
        &mut self,
        reader: &Reader<'_, S>,
        owners: &StreamPlan,
        part: Vec<Candidate>,
    ) -> Result<Vec<Candidate>, ImportError> {
        let plan = reader.plan;
        let (edges, single) = (plan.is_edges(), plan.is_edges() && plan.is_delta());
        let url = |id: &str| match plan.relations.first() {
            Some(relation) if single => links::related(owners, id, relation),
            _ if edges => links::owner(plan, id, plan.page_size),
            _ => links::object(plan, id),
        };
        let asked = match reader.ask(part.iter().map(entry).collect(), url).await {
            Ok(asked) => asked,
            Err(Fault::Stopped) => return Err(ImportError::Stopped),
            Err(_) => {
                let unreadable = |it: Candidate| it.with(Some(FoundDifference::Unreadable));
                return Ok(part.into_iter().map(unreadable).collect());
            }
        };
        let mut differing = Vec::new();
        for (candidate, asked) in part.into_iter().zip(asked) {
            let found = match &candidate.stored {
                Some(owner) if single => self.one_edge(reader, owner, asked)?,
                Some(owner) if edges => self.edges(reader, owner, asked).await?,
                _ => properties(plan, &candidate, asked),
            };
            if found.is_some() {
                differing.push(candidate.with(found));
            }
        }
        Ok(differing)
    }
}

fn entry(candidate: &Candidate) -> Queued {
    let stored = candidate.stored.as_ref();
    Queued {
        place: stored.map_or(0, |it| it.place),
        object: candidate.id.clone(),
        ticket: 0,
        hidden: stored.is_some_and(|it| it.hidden),
        since: String::new(),
    }
}

/// Names of properties whose values differ.
fn properties(plan: &StreamPlan, candidate: &Candidate, asked: Asked) -> Option<FoundDifference> {
    match asked.disposition() {
        Disposition::Ok => {}
        Disposition::NotFound => return candidate.unknown(),
        _ => return Some(FoundDifference::Unreadable),
    }
    let answer = asked.result.ok();
    let text = answer.as_ref().and_then(|answer| std::str::from_utf8(answer.body()).ok());
    match text.and_then(|text| Item::read(text).ok()) {
        Some(item) => candidate.against(plan, &item),
        None => Some(FoundDifference::Unreadable),
    }
}
