//! One committed step of a stream: what was read, and where the stream stands then.

mod next;

use std::collections::HashMap;
use std::sync::Arc;

use graph_dsl::{Column, StreamPlan};
use graph_transport::Page;

pub(super) use next::{Next, PartitionMove};

use super::ImportError;
use super::partition::Predicate;
use super::reader::Reader;
use crate::store::{
    Applied, Changes, Commit, Committed, Deletion, DeletionThreshold, Fence, Held, OwnerEdges,
    OwnerLink, Queued, Store, StoreError,
};
use crate::{Event, Item, ObjectId};

/// What to commit.
#[derive(Debug)]
pub(super) struct Step {
    pub(super) work: Work,
    pub(super) next: Next,
    /// Queue entries that are settled by it.
    pub(super) done: Vec<Queued>,
    /// See [`Commit::gathers`].
    pub(super) gathers: Vec<String>,
}

/// What was read.
#[derive(Debug)]
pub(super) enum Work {
    Nothing,
    Page(Box<Page>),
    /// A page of the plain collection in a handover.
    Scanned(Box<Page>, Predicate),
    /// Bodies of objects that were read on their own.
    Objects(Vec<String>),
    Edges(Vec<OwnerEdges>),
    Gone(Vec<Deletion>),
    /// Targets of edges whose owners must be read again.
    Doubted(Vec<ObjectId>),
    /// What holds objects that came back.
    Held(Vec<Held>),
}

impl Step {
    pub(super) fn new(work: Work, next: Next) -> Self {
        Self { work, next, done: Vec::new(), gathers: Vec::new() }
    }
}

/// What became of a step.
#[derive(Debug)]
pub(super) enum Stepped {
    Applied(Applied),
    /// It had happened before; the stream goes on at the stored cursor.
    Adopted,
}

impl<S: Store> Reader<'_, S> {
    /// Commits a step and moves the stream's state with the store's. The page is read beside other
    /// streams' and partitions' pages; only the write waits for its turn.
    pub(super) async fn step(&self, mut step: Step) -> Result<Stepped, ImportError> {
        step.gathers = self.gathers.before(self.state().await.phase, &step.work, &step.next);
        let (is_page, of_objects) = (matches!(step.work, Work::Page(_)), !self.plan.is_edges());
        let (shape, epoch, at) = (Shape::of(self.plan), self.epoch, self.writer.now());
        let threshold = self.believes();
        let state = Arc::clone(&self.state);
        let permit = match step.work {
            Work::Page(_) | Work::Scanned(..) => self.writer.may_read().await,
            _ => None,
        };
        let carry_out = move |store: &super::writer::Turn<S>| {
            let _until_written = permit;
            let parsed = Parsed::of(&step.work, &shape);
            // Commits of one stream queue here, those of all streams at the store.
            let mut state = state.blocking_lock();
            let fence = state.fence(epoch);
            // What is kept aside changes nothing that readers see until it is published.
            let aside = of_objects && state.is_staged() && !state.publishes(step.next.advance());
            let under = (fence, threshold, &*at);
            let committed = parsed.commit(&mut *store.take(), &shape.stream, under, &step)?;
            match &committed {
                Committed::Applied(after, ..) | Committed::AlreadyDone(after) => {
                    state.clone_from(after);
                }
                Committed::Fenced | Committed::Superseded => {}
            }
            Ok((committed, (parsed.bad, parsed.drifted), aside))
        };
        let (committed, (bad, drifted), aside) = self.writer.call_in_turn(carry_out).await?;
        match committed {
            Committed::Applied(_, applied, elsewhere) => {
                let says_something_new = applied.says_something_new() || !elsewhere.is_empty();
                self.writer.changed_elsewhere(elsewhere);
                if !aside {
                    self.tally.apply(applied);
                }
                self.report_bad(&bad);
                self.report_drift(&drifted);
                if is_page {
                    self.gathers.after_page(says_something_new);
                }
                Ok(Stepped::Applied(applied))
            }
            Committed::AlreadyDone(_) => Ok(Stepped::Adopted),
            Committed::Fenced | Committed::Superseded => {
                Err(ImportError::Fenced { stream: self.plan.name.clone() })
            }
        }
    }

    fn report_bad(&self, bad: &[String]) {
        self.tally.spoiled.add(bad.len() as u64);
        for reason in bad {
            tracing::warn!(stream = self.plan.name, reason, "left an item out");
            self.tell(&Event::Spoiled { stream: &self.plan.name, reason });
        }
    }

    /// Names each column once in a run that has lost a value for its type.
    fn report_drift(&self, drifted: &[(String, ObjectId)]) {
        for (column, id) in drifted {
            if self.tally.drifts(column) {
                self.warn(&format!(
                    "column {column} holds a value of another type, of {id} for one: it is null, and \
                     the raw object keeps the value"
                ));
            }
        }
    }
}

/// What the items of a stream look like.
struct Shape {
    stream: String,
    key: Vec<String>,
    columns: Vec<Column>,
    /// The relation whose changes the items tell, of edges that are read out of a delta query.
    relation: Option<String>,
}

impl Shape {
    fn of(plan: &StreamPlan) -> Self {
        let relation = plan.relations.first().filter(|_| plan.is_edges() && plan.is_delta());
        let (stream, key, columns) = (plan.name.clone(), plan.key.clone(), plan.columns.clone());
        Self { stream, key, columns, relation: relation.cloned() }
    }
}

/// What a page holds, read without the store.
struct Parsed<'a> {
    items: Vec<Item<'a>>,
    /// Of edges that are read out of a delta query, in place of items.
    links: Option<Vec<OwnerLink>>,
    bad: Vec<String>,
    /// Columns with a value that is not of their kind, each with the first object that has one
    /// (cases: H2).
    drifted: Vec<(String, ObjectId)>,
}

impl<'a> Parsed<'a> {
    fn of(work: &'a Work, shape: &Shape) -> Self {
        if let Some(relation) = &shape.relation {
            return Self::links(work, relation);
        }
        let (items, bad, drifted) = Default::default();
        let mut parsed = Self { items, links: None, bad, drifted };
        let mut read = |json| match Item::read_by(json, &shape.key) {
            Ok(item) => {
                // Hashed and cut into columns here, where it holds nobody up.
                item.state(&shape.columns);
                parsed.note_drift(&item, &shape.columns);
                parsed.items.push(item);
            }
            Err(error) => parsed.bad.push(error.to_string()),
        };
        match work {
            Work::Page(page) => page.items().for_each(&mut read),
            Work::Scanned(page, predicate) => {
                page.items().for_each(&mut read);
                predicate.check(&parsed.items);
            }
            Work::Objects(bodies) => bodies.iter().map(String::as_str).for_each(&mut read),
            Work::Nothing | Work::Edges(_) | Work::Gone(_) | Work::Doubted(_) | Work::Held(_) => {}
        }
        parsed
    }

    fn note_drift(&mut self, item: &Item<'_>, columns: &[Column]) {
        for at in item.stated().drifted() {
            let Some(Column { name, .. }) = columns.get(*at) else { continue };
            if !self.drifted.iter().any(|(known, _)| known == name) {
                self.drifted.push((name.clone(), item.id.clone()));
            }
        }
    }

    fn links(work: &Work, relation: &str) -> Self {
        let (mut links, mut bad) = (Vec::new(), Vec::new());
        if let Work::Page(page) = work {
            for json in page.items() {
                match OwnerLink::read(json, relation) {
                    Ok(link) => links.extend(link),
                    Err(error) => bad.push(error.to_string()),
                }
            }
        }
        Self { items: Vec::new(), links: Some(links), bad, drifted: Vec::new() }
    }

    fn commit<S: Store>(
        &self,
        store: &mut S,
        stream: &str,
        (fence, threshold, at): (Fence, DeletionThreshold, &str),
        step: &Step,
    ) -> Result<Committed, StoreError> {
        let mut again = Vec::new();
        let changes = match &step.work {
            Work::Nothing => Changes::Nothing,
            Work::Edges(lists) => Changes::Edges(lists),
            Work::Gone(deletions) => Changes::Gone(deletions),
            Work::Doubted(targets) => Changes::Doubted(targets),
            Work::Held(answers) => Changes::Held(answers),
            Work::Objects(_) => Changes::Reread(&self.items),
            Work::Scanned(..) => Changes::Scanned(&self.items),
            Work::Page(_) => {
                if let Some(links) = &self.links {
                    Changes::Links(links)
                } else {
                    again = ambiguous(&self.items);
                    Changes::Objects(&self.items)
                }
            }
        };
        let (advance, spoiled) = (step.next.advance(), self.bad.len() as u64);
        let (again, done, gathers) = (&*again, &*step.done, &*step.gathers);
        let commit = Commit {
            stream,
            fence,
            changes,
            advance,
            spoiled,
            again,
            done,
            gathers,
            threshold,
            at,
        };
        store.commit(&commit)
    }
}

/// Objects that one page both states and removes: which came last is not known (cases: B3), so they
/// are read on their own once the round is over.
fn ambiguous(items: &[Item<'_>]) -> Vec<ObjectId> {
    if items.iter().all(|item| item.removed.is_none()) {
        return Vec::new();
    }
    let mut seen: HashMap<&ObjectId, bool> = HashMap::with_capacity(items.len());
    let mut both = Vec::new();
    for item in items {
        let removed = item.removed.is_some();
        match seen.insert(&item.id, removed) {
            Some(before) if before != removed && !both.contains(&item.id) => {
                both.push(item.id.clone());
            }
            _ => {}
        }
    }
    both
}
