//! A store in memory: the contract of [`Store`] in its plainest form. A commit works on a copy and
//! puts it in place at its end, so it happens as a whole or not at all.

mod links;
mod read_back;
mod tenant;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard};

use graph_dsl::{StreamKind, StreamPlan};
use graph_import::{
    Advance, Applied, Claim, Commit, Committed, Content, Edge, Holdings, Move, ObjectId, Partition,
    Queued, ReadBack, Returned, RunRecord, Store, StoreError, StreamSet, StreamState, Unresolved,
    Waiting,
};
use graph_transport::TenantId;

pub(crate) use read_back::Reader;

/// A handle on the store.
#[derive(Debug, Default)]
pub(crate) struct MemoryStore {
    shared: Arc<Mutex<Tenant>>,
    claimed: bool,
}

#[derive(Clone, Debug, Default)]
struct Tenant {
    id: Option<TenantId>,
    run: u64,
    locked: bool,
    /// The time of the commit in hand.
    now: String,
    /// What it has changed of streams of edges that are not its own.
    elsewhere: Vec<(String, Applied)>,
    streams: BTreeMap<String, Stream>,
    numbers: BTreeMap<ObjectId, u64>,
}

#[derive(Clone, Debug)]
struct Stream {
    state: StreamState,
    query: String,
    entity: String,
    /// The stream that owns the edges, of a stream of edges.
    owner: Option<String>,
    objects: Objects,
    /// The generation that is not published yet, while readers see another one.
    next: Objects,
    touched: BTreeSet<ObjectId>,
    gone: BTreeMap<ObjectId, String>,
    edges: BTreeMap<ObjectId, Vec<Edge>>,
    parts: BTreeMap<ObjectId, Vec<Edge>>,
    hidden: BTreeSet<ObjectId>,
    /// How many objects, or owners of links, the generation lacks that was published last and that
    /// stay all the same, and how many of them the one before lacked; the owners are named.
    withheld: (u64, u64),
    withheld_owners: BTreeSet<ObjectId>,
    queue: BTreeMap<u64, Entry>,
    /// Of a stream of edges: objects that came back, with their entity and the time of their report.
    returned: BTreeMap<u64, (ObjectId, String, String)>,
    partitions: Vec<Partition>,
}

type Objects = BTreeMap<ObjectId, Object>;

/// An object in a queue.
#[derive(Clone, Debug)]
struct Entry {
    object: ObjectId,
    ticket: u64,
    since: String,
}

#[derive(Clone, Debug)]
pub(crate) struct Object {
    pub(crate) content: Content,
    generation: u64,
    deletion: Option<Deleted>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Deleted {
    Soft,
    Hard,
    Absent,
}

impl MemoryStore {
    /// Another handle on the same store.
    pub(crate) fn another(&self) -> Self {
        Self { shared: Arc::clone(&self.shared), claimed: false }
    }

    fn tenant(&self) -> MutexGuard<'_, Tenant> {
        self.shared.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    fn checked(&self, tenant: &TenantId) -> Result<MutexGuard<'_, Tenant>, StoreError> {
        let guard = self.tenant();
        match &guard.id {
            Some(stored) if stored != tenant => Err(StoreError::StoreOfAnotherTenant {
                stored: stored.clone(),
                current: tenant.clone(),
            }),
            _ => Ok(guard),
        }
    }

    fn with<R>(&self, stream: &str, read: impl FnOnce(&Stream) -> R) -> Result<R, StoreError> {
        let tenant = self.tenant();
        let found = tenant.streams.get(stream).filter(|_| self.claimed);
        found.map(read).ok_or_else(|| StoreError::UnknownStream(stream.to_owned()))
    }

    /// Reads what is committed, also while an import writes.
    pub(crate) fn reader(&self) -> Reader {
        Reader::new(Arc::clone(&self.shared))
    }

    /// The live objects of a published stream.
    pub(crate) fn objects(&self, stream: &str) -> Vec<(ObjectId, Content)> {
        let tenant = self.tenant();
        let streams = tenant.streams.get(stream).filter(|it| it.state.published.is_some());
        let objects = streams.into_iter().flat_map(|it| &it.objects);
        let alive = objects.filter(|(_, object)| object.deletion.is_none());
        alive.map(|(id, object)| (id.clone(), object.content.clone())).collect()
    }
}

impl Stream {
    fn waiting(&self) -> Waiting {
        Waiting {
            queued: self.queue.len() as u64,
            returned: self.returned.len() as u64,
            hidden: self.hidden.len() as u64,
        }
    }

    fn new(plan: &StreamPlan) -> Self {
        let owner = match &plan.kind {
            StreamKind::Edges { of } => Some(of.clone()),
            _ => None,
        };
        Self {
            state: StreamState::new(&plan.name),
            query: query(plan),
            entity: plan.entity.clone(),
            owner,
            objects: Objects::new(),
            next: Objects::new(),
            touched: BTreeSet::new(),
            gone: BTreeMap::new(),
            edges: BTreeMap::new(),
            parts: BTreeMap::new(),
            hidden: BTreeSet::new(),
            withheld: (0, 0),
            withheld_owners: BTreeSet::new(),
            queue: BTreeMap::new(),
            returned: BTreeMap::new(),
            partitions: Vec::new(),
        }
    }

    fn clear_generation(&mut self) {
        self.next.clear();
        self.touched.clear();
        self.partitions.clear();
    }
}

fn query(plan: &StreamPlan) -> String {
    format!(
        "{:?} {:?} {} {:?} {:?}",
        plan.kind, plan.version, plan.endpoint, plan.select, plan.relations
    )
}

impl Store for MemoryStore {
    fn inspect(
        &mut self,
        tenant: &TenantId,
        streams: &StreamSet,
    ) -> Result<Vec<StreamState>, StoreError> {
        let known = self.checked(tenant)?;
        let state = |plan: &StreamPlan| match known.streams.get(&plan.name) {
            Some(stream) => stream.state.clone(),
            None => StreamState::new(&plan.name),
        };
        Ok(streams.iter().map(state).collect())
    }

    fn claim(
        &mut self,
        tenant: &TenantId,
        streams: &StreamSet,
        at: &str,
    ) -> Result<Claim, StoreError> {
        self.release();
        let mut known = self.checked(tenant)?;
        if known.locked {
            let holder = "another handle".to_owned();
            return Err(StoreError::Locked { path: "memory".into(), holder });
        }
        (known.locked, known.id, known.now) = (true, Some(tenant.clone()), at.to_owned());
        known.run += 1;
        let run = known.run;
        for plan in streams {
            let is_new = !known.streams.contains_key(&plan.name);
            let stream =
                known.streams.entry(plan.name.clone()).or_insert_with(|| Stream::new(plan));
            let changed = stream.query != query(plan);
            if changed {
                let step = Move {
                    advance: Advance::Resync,
                    items: 0,
                    spoiled: 0,
                    churn: 0,
                    epoch: run,
                    at,
                };
                stream.state = stream.state.clone().advanced(&step);
                stream.query = query(plan);
                stream.clear_generation();
            }
            stream.state.epoch = run;
            if is_new || changed {
                known.queue_all(&plan.name);
            }
        }
        let states = streams.iter().map(|plan| known.streams[&plan.name].state.clone()).collect();
        drop(known);
        self.claimed = true;
        Ok(Claim { run, streams: states })
    }

    fn stream(&mut self, stream: &str) -> Result<StreamState, StoreError> {
        self.with(stream, |stream| stream.state.clone())
    }

    fn commit(&mut self, commit: &Commit<'_>) -> Result<Committed, StoreError> {
        let state = self.stream(commit.stream)?;
        let fence = &commit.fence;
        if state.epoch > fence.epoch {
            return Ok(Committed::Fenced);
        }
        if state.generation != fence.generation {
            return Ok(Committed::Superseded);
        }
        if state.seq == fence.seq + 1 {
            return Ok(Committed::AlreadyDone(state));
        }
        if state.seq != fence.seq {
            let (stream, found, expected) = (state.stream, state.seq, fence.seq);
            return Err(StoreError::Protocol { stream, found, expected });
        }
        let mut tenant = self.tenant();
        let mut draft = tenant.clone();
        let (applied, elsewhere) = draft.apply(&state, commit);
        let after = draft.advance(&state, commit, &applied);
        *tenant = draft;
        Ok(Committed::Applied(after, applied, elsewhere))
    }

    fn queued(
        &mut self,
        stream: &str,
        after: Option<u64>,
        limit: usize,
    ) -> Result<Vec<Queued>, StoreError> {
        let owner = self.with(stream, |stream| stream.owner.clone())?;
        let tenant = self.tenant();
        let hides = |id: &ObjectId| {
            let owners = owner.as_ref().and_then(|owner| tenant.streams.get(owner));
            let raw = owners.and_then(|owners| owners.objects.get(id));
            raw.is_some_and(|it| {
                it.content.as_json().contains(r#""visibility":"HiddenMembership""#)
            })
        };
        let entries = tenant.streams[stream].queue.range(after.map_or(0, |place| place + 1)..);
        let entry = |(place, waiting): (&u64, &Entry)| Queued {
            place: *place,
            object: waiting.object.clone(),
            ticket: waiting.ticket,
            hidden: hides(&waiting.object),
            since: waiting.since.clone(),
        };
        Ok(entries.take(limit).map(entry).collect())
    }

    /// Edges come from lists alone, so that there is no account of them.
    fn unresolved(&mut self, _: &str) -> Result<Vec<Unresolved>, StoreError> {
        Ok(Vec::new())
    }

    fn partitions(&mut self, stream: &str) -> Result<Vec<Partition>, StoreError> {
        self.with(stream, |stream| stream.partitions.clone())
    }

    fn sighted(&mut self, stream: &str) -> Result<u64, StoreError> {
        self.with(stream, |stream| {
            let staged = stream.state.is_staged();
            let objects = if staged { &stream.next } else { &stream.objects };
            let seen = |object: &&Object| {
                object.deletion.is_none() && object.generation == stream.state.generation
            };
            objects.values().filter(seen).count() as u64
        })
    }

    fn gone(
        &mut self,
        stream: &str,
        after: Option<u64>,
        limit: usize,
    ) -> Result<Vec<Queued>, StoreError> {
        let gone = self.with(stream, |stream| stream.gone.clone())?;
        let tenant = self.tenant();
        let mut entries: Vec<_> = gone
            .into_iter()
            .map(|(object, since)| Queued {
                place: tenant.numbers[&object],
                object,
                ticket: 1,
                hidden: false,
                since,
            })
            .filter(|entry| after.is_none_or(|after| entry.place > after))
            .collect();
        entries.sort_by_key(|entry| entry.place);
        entries.truncate(limit);
        Ok(entries)
    }

    fn returned(
        &mut self,
        stream: &str,
        after: Option<u64>,
        limit: usize,
    ) -> Result<Vec<Returned>, StoreError> {
        self.with(stream, |stream| {
            let entries = stream.returned.range(after.map_or(0, |place| place + 1)..);
            let entry = |(place, (object, entity, since)): (&u64, &(ObjectId, String, String))| {
                let (object, entity, since) = (object.clone(), entity.clone(), since.clone());
                Returned { place: *place, object, entity, since }
            };
            entries.take(limit).map(entry).collect()
        })
    }

    fn waiting(&mut self, stream: &str) -> Result<Waiting, StoreError> {
        self.with(stream, Stream::waiting)
    }

    fn withheld(&mut self, stream: &str, most: usize) -> Result<Vec<ObjectId>, StoreError> {
        self.with(stream, |stream| {
            let published = stream.state.published.unwrap_or_default();
            let unseen = stream
                .objects
                .iter()
                .filter(|(_, it)| it.deletion.is_none() && it.generation < published);
            let objects = unseen.map(|(id, _)| id).chain(&stream.withheld_owners);
            objects.take(most).cloned().collect()
        })
    }

    fn holdings(&mut self, stream: &str) -> Result<Holdings, StoreError> {
        let at_rest = self.tenant().at_rest(stream);
        self.with(stream, |stream| {
            let edges = stream.edges.values().map(Vec::len).sum::<usize>();
            let alive = stream.objects.values().filter(|it| it.deletion.is_none()).count();
            Holdings {
                live: (alive + edges - at_rest) as u64,
                deleted: (stream.objects.len() - alive + at_rest) as u64,
                out_of_scope: 0, // what a filter leaves out counts as absent here
                waiting: stream.waiting(),
            }
        })
    }

    fn read_back(&mut self) -> Result<Option<Box<dyn ReadBack>>, StoreError> {
        Ok(Some(Box::new(self.reader())))
    }

    fn finish(&mut self, _: &RunRecord<'_>) -> Result<(), StoreError> {
        self.release();
        Ok(())
    }

    fn release(&mut self) {
        if std::mem::take(&mut self.claimed) {
            self.tenant().locked = false;
        }
    }
}

impl Drop for MemoryStore {
    fn drop(&mut self) {
        self.release();
    }
}
