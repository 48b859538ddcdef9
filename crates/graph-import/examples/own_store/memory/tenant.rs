//! What a commit does to a tenant.

mod edges;

use graph_import::{
    Advance, Applied, Changes, Commit, Content, Gone, Item, Move, ObjectId, Partition,
    PartitionNext, PartitionState, Phase, Removal, StreamState,
};

use super::{Deleted, Entry, Object, Stream, Tenant};

/// A commit, on a copy of the tenant.
impl Tenant {
    pub(super) fn apply(
        &mut self,
        state: &StreamState,
        commit: &Commit<'_>,
    ) -> (Applied, Vec<(String, Applied)>) {
        let mut applied = Applied::default();
        commit.at.clone_into(&mut self.now);
        match &commit.changes {
            Changes::Nothing | Changes::Doubted(_) => {}
            Changes::Links(links) => self.links(state, commit, links, &mut applied),
            Changes::Edges(lists) => {
                for list in *lists {
                    if self.is_doubted(commit, list) {
                        continue;
                    }
                    let without = list.without.as_ref();
                    let keeps = commit.threshold.keeps_everything();
                    self.list(
                        commit.stream,
                        (&list.owner, without),
                        (&list.list, keeps),
                        &mut applied,
                    );
                }
            }
            Changes::Held(answers) => {
                for answer in *answers {
                    self.held(commit.stream, answer);
                }
            }
            Changes::Gone(deletions) => {
                for deletion in *deletions {
                    self.explain(commit.stream, &deletion.object, &deletion.how);
                }
            }
            Changes::Objects(items) | Changes::Scanned(items) | Changes::Reread(items) => {
                for item in *items {
                    self.item(state, commit, item, &mut applied);
                }
            }
        }
        if state.publishes(commit.advance) && self.streams[commit.stream].owner.is_none() {
            self.publish(state, commit, &mut applied);
        }
        if commit.advance == Advance::Sweep {
            self.sweep(state, commit.stream, &mut applied);
        }
        for id in commit.again {
            self.enqueue(commit.stream, id);
        }
        let queue = &mut self.stream(commit.stream).queue;
        for entry in commit.done {
            if queue.get(&entry.place).is_some_and(|it| it.ticket == entry.ticket) {
                queue.remove(&entry.place);
            }
        }
        (applied, std::mem::take(&mut self.elsewhere))
    }

    pub(super) fn advance(
        &mut self,
        state: &StreamState,
        commit: &Commit<'_>,
        applied: &Applied,
    ) -> StreamState {
        let scanned = matches!(commit.changes, Changes::Scanned(_));
        let churn = applied.churn();
        let read = match &commit.changes {
            Changes::Objects(items) | Changes::Scanned(items) | Changes::Reread(items) => {
                items.len()
            }
            _ => 0,
        };
        let step = Move {
            advance: commit.advance,
            items: read as u64 + commit.spoiled,
            spoiled: commit.spoiled,
            churn: if scanned { 0 } else { churn },
            epoch: commit.fence.epoch,
            at: commit.at,
        };
        let mut after = state.clone().advanced(&step);
        let stream = self.stream(commit.stream);
        if state.publishes(commit.advance) {
            (after.withheld, after.withheld_again) = stream.withheld;
        }
        stream.state = after.clone();
        match commit.advance {
            Advance::Scan { partitions, .. } => stream.partitions = partitions.to_vec(),
            Advance::Partition(place, next) => {
                partition(&mut stream.partitions, place, next, step.items);
            }
            Advance::Publish { .. } => stream.clear_generation(),
            Advance::Resync | Advance::FallBack(_) | Advance::Without(_) => {
                stream.clear_generation();
                self.queue_all(commit.stream);
            }
            _ => {}
        }
        after
    }

    fn item(
        &mut self,
        state: &StreamState,
        commit: &Commit<'_>,
        item: &Item<'_>,
        applied: &mut Applied,
    ) {
        self.number(&item.id);
        let (staged, generation) = (state.is_staged(), state.generation);
        let scanned = matches!(commit.changes, Changes::Scanned(_));
        let stream = self.stream(commit.stream);
        if scanned && stream.touched.contains(&item.id) {
            return; // delta wins over the scan
        }
        if !scanned && matches!(state.phase, Phase::Scan | Phase::CatchUp) {
            stream.touched.insert(item.id.clone());
        }
        let objects = if staged { &mut stream.next } else { &mut stream.objects };
        let known = objects.get(&item.id).cloned();
        if let Some(removal) = item.removed {
            let deletion = if removal == Removal::Hard { Deleted::Hard } else { Deleted::Soft };
            return self.bury(commit.stream, &item.id, deletion, (staged, generation), applied);
        }
        let first = known.as_ref().is_none_or(|known| known.generation < generation);
        let returned = known.as_ref().is_none_or(|known| known.deletion.is_some());
        let whole = !matches!(commit.changes, Changes::Objects(_))
            || (state.phase.is_open_generation() && first);
        let content = match &known {
            Some(known) if !whole => known.content.merged(&item.properties),
            Some(known) => {
                known.content.keeping(&state.unreadable, &Content::whole(&item.properties))
            }
            None => Content::whole(&item.properties),
        };
        match &known {
            None => applied.inserted += 1,
            Some(known) if known.deletion.is_some() => applied.restored += 1,
            Some(known) if known.content == content => applied.unchanged += 1,
            Some(_) => applied.updated += 1,
        }
        objects.insert(item.id.clone(), Object { content, generation, deletion: None });
        if staged {
            return;
        }
        stream.gone.remove(&item.id);
        // Lists of all its edge streams are read again: more than is needed, never less.
        if returned
            || !item.changed_relations.is_empty()
            || (state.phase.is_open_generation() && first)
        {
            for edges in self.edges_of(commit.stream) {
                self.enqueue(&edges, &item.id);
            }
        }
        if known.is_some() && returned {
            self.queue_owners_of(&item.id);
        }
        if state.published.is_some() {
            self.note_return(commit.stream, &item.id);
        }
    }

    fn bury(
        &mut self,
        name: &str,
        id: &ObjectId,
        how: Deleted,
        (staged, generation): (bool, u64),
        applied: &mut Applied,
    ) {
        if !staged {
            self.dequeue(name, id);
        }
        let now = self.now.clone();
        let stream = self.stream(name);
        let objects = if staged { &mut stream.next } else { &mut stream.objects };
        let before = objects.get(id).and_then(|known| known.deletion);
        if before == Some(Deleted::Hard) || before == Some(how) {
            applied.unchanged += 1;
            return;
        }
        let lived = objects.get(id).is_some_and(|known| known.deletion.is_none());
        let nothing = || Object { content: Content::whole(&[]), generation, deletion: None };
        let object = objects.entry(id.clone()).or_insert_with(nothing);
        (object.deletion, object.generation) = (Some(how), generation);
        match how {
            _ if !lived => applied.tombstones += 1,
            Deleted::Hard => applied.hard_deleted += 1,
            _ => applied.soft_deleted += 1,
        }
        if staged {
            return;
        }
        if how == Deleted::Hard {
            stream.gone.remove(id);
            self.close_edges(id);
        } else {
            stream.gone.insert(id.clone(), now);
        }
    }

    fn explain(&mut self, name: &str, id: &ObjectId, how: &Gone) {
        let stream = self.stream(name);
        stream.gone.remove(id);
        let generation = stream.state.generation;
        let known = stream.objects.get(id).and_then(|known| known.deletion);
        let how = match (how, known) {
            (Gone::Soft { .. }, Some(Deleted::Absent)) => Deleted::Soft,
            (Gone::Hard, Some(Deleted::Absent)) => Deleted::Hard,
            _ => return,
        };
        self.bury(name, id, how, (false, generation), &mut Applied::default());
        self.stream(name).gone.remove(id);
    }

    /// Lays the staged generation over the published one, and takes away what it lacks, if it proves that.
    fn publish(&mut self, state: &StreamState, commit: &Commit<'_>, applied: &mut Applied) {
        let next = std::mem::take(&mut self.stream(commit.stream).next);
        if state.is_staged() {
            *applied = Applied::default();
        }
        for (id, new) in next {
            let old = self.stream(commit.stream).objects.get(&id).cloned();
            match (&old, new.deletion) {
                (_, Some(how)) => {
                    self.bury(commit.stream, &id, how, (false, state.generation), applied);
                }
                (None, None) => applied.inserted += 1,
                (Some(old), None) if old.deletion.is_some() => {
                    applied.restored += 1;
                    self.queue_owners_of(&id);
                }
                (Some(old), None) if old.content == new.content => applied.unchanged += 1,
                (Some(_), None) => applied.updated += 1,
            }
            if new.deletion.is_none() {
                self.stream(commit.stream).objects.insert(id, new);
            }
        }
        if state.is_staged() {
            for edges in self.edges_of(commit.stream) {
                self.queue_all(&edges);
            }
        }
        // What was away while lists were read, this generation does not say.
        let read: Vec<String> = self
            .streams
            .iter()
            .filter(|(_, it)| !it.edges.is_empty())
            .map(|(name, _)| name.clone())
            .collect();
        for edges in read {
            self.queue_all(&edges);
        }
        let stream = self.stream(commit.stream);
        let alive = stream.objects.values().filter(|it| it.deletion.is_none());
        let (mut live, mut missing, mut again) = (0, 0, 0);
        for object in alive {
            live += 1;
            missing += u64::from(object.generation < state.generation);
            again += u64::from(object.generation < state.published.unwrap_or_default());
        }
        let proves = state.proves(commit.advance, commit.spoiled);
        if proves && !commit.threshold.is_exceeded(live, missing) {
            stream.withheld = (0, 0);
            self.sweep(state, commit.stream, applied);
        } else {
            stream.withheld = (missing, again);
        }
    }

    /// Takes away what the generation has not seen.
    fn sweep(&mut self, state: &StreamState, name: &str, applied: &mut Applied) {
        let now = self.now.clone();
        let stream = self.stream(name);
        for owner in std::mem::take(&mut stream.withheld_owners) {
            let links = stream.edges.remove(&owner).unwrap_or_default();
            applied.edges_removed += links.len() as u64;
        }
        let unseen = stream.objects.iter_mut().filter(|(_, object)| {
            object.deletion.is_none() && object.generation < state.generation
        });
        let mut swept = Vec::new();
        for (id, object) in unseen {
            object.deletion = Some(Deleted::Absent);
            swept.push(id.clone());
        }
        stream.gone.extend(swept.iter().map(|id| (id.clone(), now.clone())));
        applied.swept = swept.len() as u64;
        for id in &swept {
            self.dequeue(name, id);
        }
        self.queue_unresolved();
    }

    pub(super) fn stream(&mut self, name: &str) -> &mut Stream {
        self.streams.get_mut(name).expect("a commit is about a stream that was claimed")
    }

    fn number(&mut self, id: &ObjectId) -> u64 {
        let next = self.numbers.len() as u64 + 1;
        *self.numbers.entry(id.clone()).or_insert(next)
    }

    fn edges_of(&self, owner: &str) -> Vec<String> {
        let belongs = |(_, stream): &(&String, &Stream)| stream.owner.as_deref() == Some(owner);
        self.streams.iter().filter(belongs).map(|(name, _)| name.clone()).collect()
    }

    fn enqueue(&mut self, name: &str, id: &ObjectId) {
        let place = self.number(id);
        let since = self.now.clone();
        let new = || Entry { object: id.clone(), ticket: 0, since: String::new() };
        let waiting = self.stream(name).queue.entry(place).or_insert_with(new);
        (waiting.ticket, waiting.since) = (waiting.ticket + 1, since);
    }

    fn dequeue(&mut self, name: &str, id: &ObjectId) {
        let place = self.number(id);
        for queue in self.edges_of(name).into_iter().chain([name.to_owned()]) {
            self.stream(&queue).queue.remove(&place);
        }
    }
}

fn partition(partitions: &mut Vec<Partition>, place: u64, next: PartitionNext<'_>, items: u64) {
    let last = partitions.iter().map(|it| it.place).max().unwrap_or_default();
    for partition in partitions.iter_mut().filter(|it| it.place == place) {
        partition.items += items;
        if !matches!(next, PartitionNext::Page(_)) {
            partition.state = PartitionState::Done;
        }
    }
    if let PartitionNext::Split(prefixes) = next {
        partitions
            .extend((last + 1..).zip(prefixes).map(|(at, prefix)| Partition::new(at, prefix)));
    }
}
