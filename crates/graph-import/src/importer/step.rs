//! One committed step of a stream: what was read, and where the stream stands then.

use std::collections::HashMap;

use graph_transport::{GraphLink, Page};

use super::ImportError;
use super::reader::Reader;
use crate::store::{
    Advance, Applied, Changes, Commit, Committed, Fence, OwnerEdges, Queued, Store, StoreError,
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
    /// Bodies of objects that were read on their own.
    Objects(Vec<String>),
    Edges(Vec<OwnerEdges>),
    /// Targets of edges whose owners must be read again.
    Doubted(Vec<ObjectId>),
}

/// [`Advance`], owned.
#[derive(Debug)]
pub(super) enum Next {
    Page(GraphLink),
    Complete(Option<GraphLink>),
    Stay,
    Rewind,
    Resync,
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
    /// Commits a step and moves the stream's state with the store's.
    pub(super) async fn step(&self, mut step: Step) -> Result<Stepped, ImportError> {
        let is_page = matches!(step.work, Work::Page(_));
        let mut state = self.state.lock().await;
        step.gathers = self.gathers.before(state.phase, &step.work, &step.next);
        let (stream, fence, at) =
            (self.plan.name.clone(), state.fence(self.epoch), self.writer.now());
        let (result, bad) =
            self.writer.call(move |store| carry_out(store, &stream, fence, &step, &at)).await?;
        let stepped = match result {
            Committed::Applied(after, applied) => {
                *state = after;
                self.tally.apply(applied);
                self.report_bad(&bad);
                if is_page {
                    self.gathers.after_page(applied.says_something_new());
                }
                Stepped::Applied(applied)
            }
            Committed::AlreadyDone(stored) => {
                *state = stored;
                Stepped::Adopted
            }
            Committed::Fenced | Committed::Superseded => {
                return Err(ImportError::Fenced { stream: self.plan.name.clone() });
            }
        };
        Ok(stepped)
    }

    fn report_bad(&self, bad: &[String]) {
        self.tally.spoiled.add(bad.len() as u64);
        for reason in bad {
            tracing::warn!(stream = self.plan.name, reason, "left an item out");
            self.tell(&Event::Spoiled { stream: &self.plan.name, reason });
        }
    }
}

/// Parses and commits; runs where it may block.
fn carry_out<S: Store>(
    store: &mut S,
    stream: &str,
    fence: Fence,
    step: &Step,
    at: &str,
) -> Result<(Committed, Vec<String>), StoreError> {
    let mut items = Vec::new();
    let mut bad = Vec::new();
    let mut read = |json| match Item::read(json) {
        Ok(item) => items.push(item),
        Err(error) => bad.push(error.to_string()),
    };
    match &step.work {
        Work::Page(page) => page.items().for_each(&mut read),
        Work::Objects(bodies) => bodies.iter().map(String::as_str).for_each(&mut read),
        Work::Nothing | Work::Edges(_) | Work::Doubted(_) => {}
    }
    let mut again = Vec::new();
    let changes = match &step.work {
        Work::Nothing => Changes::Nothing,
        Work::Edges(lists) => Changes::Edges(lists),
        Work::Doubted(targets) => Changes::Doubted(targets),
        Work::Objects(_) => Changes::Reread(&items),
        Work::Page(_) => {
            again = ambiguous(&items);
            Changes::Objects(&items)
        }
    };
    let (advance, spoiled) = (step.next.advance(), bad.len() as u64);
    let (again, done, gathers) = (&again[..], &step.done[..], &step.gathers[..]);
    let commit = Commit { stream, fence, changes, advance, spoiled, again, done, gathers, at };
    Ok((store.commit(&commit)?, bad))
}

impl Next {
    fn advance(&self) -> Advance<'_> {
        match self {
            Self::Page(link) => Advance::Page(link.path_and_query()),
            Self::Complete(link) => Advance::Complete(link.as_ref().map(GraphLink::path_and_query)),
            Self::Stay => Advance::Stay,
            Self::Rewind => Advance::Rewind,
            Self::Resync => Advance::Resync,
        }
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
