//! Lists of edges, and the queue of owners whose lists are to be read.

use std::collections::BTreeSet;

use graph_import::{Applied, Commit, Edge, EdgeList, EdgeType, Held, ObjectId, OwnerEdges};

use super::super::{Deleted, Stream, Tenant};

impl Tenant {
    /// Whether a list has to come again before it counts; its owner is queued then.
    pub(super) fn is_doubted(&mut self, commit: &Commit<'_>, list: &OwnerEdges) -> bool {
        if commit.threshold.keeps_everything() {
            return false; // what it lacks stays in any case
        }
        let OwnerEdges { owner, list, without } = list;
        let stream = self.stream(commit.stream);
        let nothing = Vec::new();
        let before = match list {
            EdgeList::Complete(_) => &nothing,
            EdgeList::Rest(_) => stream.parts.get(owner).unwrap_or(&nothing),
            EdgeList::Part { .. } | EdgeList::Hidden => return false,
        };
        let listed = before.iter().chain(list.edges());
        let listed: BTreeSet<_> = listed.map(|edge| edge.target.clone()).collect();
        let known = stream.edges.get(owner).unwrap_or(&nothing);
        let is_missing = |edge: &&Edge| {
            Some(&edge.target_type) != without.as_ref() && !listed.contains(&edge.target)
        };
        let (missing, known) = (known.iter().filter(is_missing).count(), known.len());
        let is_second = stream.withheld_owners.remove(owner);
        if is_second || !commit.threshold.doubts_list(known as u64, missing as u64) {
            return false;
        }
        stream.withheld_owners.insert(owner.clone());
        stream.parts.remove(owner);
        self.enqueue(commit.stream, owner);
        true
    }

    pub(in super::super) fn list(
        &mut self,
        name: &str,
        (owner, without): (&ObjectId, Option<&EdgeType>),
        (list, keeps): (&EdgeList, bool),
        applied: &mut Applied,
    ) {
        self.number(owner);
        let hard: BTreeSet<ObjectId> = self
            .streams
            .values()
            .flat_map(|stream| &stream.objects)
            .filter(|(_, object)| object.deletion == Some(Deleted::Hard))
            .map(|(id, _)| id.clone())
            .collect();
        let stream = self.stream(name);
        let mut edges = match list {
            EdgeList::Hidden => {
                stream.hidden.insert(owner.clone());
                return;
            }
            EdgeList::Part { first, edges } => {
                let parts = stream.parts.entry(owner.clone()).or_default();
                if *first {
                    parts.clear();
                }
                parts.extend(edges.iter().cloned());
                return;
            }
            EdgeList::Complete(edges) => edges.clone(),
            EdgeList::Rest(edges) => {
                let parts = stream.parts.get(owner).cloned().unwrap_or_default();
                parts.into_iter().chain(edges.iter().cloned()).collect()
            }
        };
        let known = stream.edges.get(owner).into_iter().flatten();
        let stays = |edge: &&Edge| keeps || Some(&edge.target_type) == without;
        edges.extend(known.filter(stays).cloned());
        let mut seen = BTreeSet::new();
        edges.retain(|edge| seen.insert(edge.target.clone()));
        let listed = edges.len();
        edges.retain(|edge| !hard.contains(&edge.target));
        applied.ghosts += (listed - edges.len()) as u64;
        let before = stream.edges.insert(owner.clone(), edges.clone()).unwrap_or_default();
        let kept = edges.iter().filter(|edge| before.contains(edge)).count();
        let gone =
            before.iter().filter(|old| edges.iter().all(|new| new.target != old.target)).count();
        applied.edges_unchanged += kept as u64;
        applied.edges_added += (edges.len() - kept) as u64;
        applied.edges_removed += gone as u64;
        stream.parts.remove(owner);
        stream.hidden.remove(owner);
        for edge in &edges {
            self.number(&edge.target);
        }
    }

    /// Closes the edges from and to an object that is gone for ever.
    pub(super) fn close_edges(&mut self, id: &ObjectId) {
        for (name, edges) in &mut self.streams {
            let mut edges_removed = 0;
            for (owner, list) in &mut edges.edges {
                let before = list.len();
                list.retain(|edge| edge.target != *id && owner != id);
                edges_removed += (before - list.len()) as u64;
            }
            if edges_removed > 0 {
                let removed = Applied { edges_removed, ..Applied::default() };
                self.elsewhere.push((name.clone(), removed));
            }
        }
    }

    /// Notes an object that lists may have left out, for all streams of edges: more than is needed.
    pub(super) fn note_return(&mut self, stream: &str, id: &ObjectId) {
        let (place, entity) = (self.number(id), self.stream(stream).entity.clone());
        let since = self.now.clone();
        for edges in self.streams.values_mut().filter(|stream| stream.owner.is_some()) {
            edges.returned.insert(place, (id.clone(), entity.clone(), since.clone()));
        }
    }

    /// Queues the live owners that hold an object and are not known to.
    pub(super) fn held(&mut self, name: &str, answer: &Held) {
        let place = self.number(&answer.object);
        self.stream(name).returned.remove(&place);
        let Some(holders) = &answer.holders else { return self.queue_all(name) };
        let owner = self.stream(name).owner.clone().unwrap_or_default();
        for holder in holders {
            let known = self.streams.get(&owner).and_then(|owners| owners.objects.get(holder));
            if known.is_some_and(|known| known.deletion.is_none()) {
                self.enqueue(name, holder);
            }
        }
    }

    /// Queues every live owner of a stream of edges.
    pub(in super::super) fn queue_all(&mut self, name: &str) {
        self.stream(name).returned.clear();
        let Some(owner) = self.stream(name).owner.clone() else { return };
        let Some(owners) = self.streams.get(&owner) else { return };
        let alive = owners.objects.iter().filter(|(_, object)| object.deletion.is_none());
        let alive: Vec<_> = alive.map(|(id, _)| id.clone()).collect();
        for id in &alive {
            self.enqueue(name, id);
        }
    }

    /// Queues the owners of edges to an object.
    pub(super) fn queue_owners_of(&mut self, id: &ObjectId) {
        self.queue_where(|_, edge| edge.target == *id);
    }

    /// Queues the owners of edges that lead to no object that is known.
    pub(super) fn queue_unresolved(&mut self) {
        self.queue_where(|tenant, edge| {
            let known = |stream: &Stream| stream.objects.contains_key(&edge.target);
            !tenant.streams.values().any(known)
        });
    }

    fn queue_where(&mut self, led: impl Fn(&Self, &Edge) -> bool) {
        let names: Vec<String> = self.streams.keys().cloned().collect();
        for name in names {
            let lists = self.streams[&name].edges.iter();
            let owners = lists.filter(|(_, list)| list.iter().any(|edge| led(self, edge)));
            let owners: Vec<_> = owners.map(|(owner, _)| owner.clone()).collect();
            for owner in &owners {
                self.enqueue(&name, owner);
            }
        }
    }
}
