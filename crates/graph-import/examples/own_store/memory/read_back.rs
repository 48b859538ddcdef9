//! What a verification reads back from the store in memory.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use graph_import::{Edge, ObjectId, ReadBack, StoreError, StoredObject};

use super::{Deleted, Object, Stream, Tenant};

/// A reader of the store; it shows what is committed at each call.
#[derive(Debug)]
pub(crate) struct Reader(Arc<Mutex<Tenant>>);

impl Reader {
    pub(super) const fn new(shared: Arc<Mutex<Tenant>>) -> Self {
        Self(shared)
    }

    fn tenant(&self) -> MutexGuard<'_, Tenant> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The live objects of a stream, by their places.
    fn live(&self, stream: &str) -> Result<Vec<StoredObject>, StoreError> {
        let tenant = self.tenant();
        let objects = &found(&tenant, stream)?.objects;
        let alive = objects.iter().filter(|(_, object)| object.deletion.is_none());
        let mut all: Vec<_> = alive.map(|(id, object)| tenant.read(id, object)).collect();
        all.sort_by_key(|object| object.place);
        Ok(all)
    }
}

fn found<'t>(tenant: &'t Tenant, stream: &str) -> Result<&'t Stream, StoreError> {
    let unknown = || StoreError::UnknownStream(stream.to_owned());
    tenant.streams.get(stream).ok_or_else(unknown)
}

impl Tenant {
    fn read(&self, id: &ObjectId, object: &Object) -> StoredObject {
        let raw = object.content.as_json().to_owned();
        let hidden = raw.contains(r#""visibility":"HiddenMembership""#);
        StoredObject { place: self.numbers[id], id: id.clone(), raw, hidden }
    }

    /// Edges of a stream of which an end is known to be gone.
    pub(super) fn at_rest(&self, stream: &str) -> usize {
        let owners = self.streams.get(stream).into_iter().flat_map(|stream| &stream.edges);
        let edges = owners.flat_map(|(owner, edges)| edges.iter().map(move |edge| (owner, edge)));
        let is_gone = |id| self.is_known(id, |_| true);
        edges.filter(|(owner, edge)| is_gone(owner) || is_gone(&edge.target)).count()
    }

    /// Whether a stream knows that the object is gone, in one of these ways.
    fn is_known(&self, object: &ObjectId, how: impl Fn(Deleted) -> bool) -> bool {
        let states = self.streams.values().filter_map(|stream| stream.objects.get(object));
        states.filter_map(|object| object.deletion).any(how)
    }
}

impl ReadBack for Reader {
    fn count(&mut self, stream: &str) -> Result<Option<u64>, StoreError> {
        Ok(Some(self.live(stream)?.len() as u64))
    }

    fn objects(
        &mut self,
        stream: &str,
        after: Option<u64>,
        limit: usize,
    ) -> Result<Vec<StoredObject>, StoreError> {
        let mut objects = self.live(stream)?;
        objects.retain(|object| after.is_none_or(|after| object.place > after));
        objects.truncate(limit);
        Ok(objects)
    }

    fn sample(
        &mut self,
        stream: &str,
        seed: u64,
        limit: usize,
    ) -> Result<Vec<StoredObject>, StoreError> {
        let mut objects = self.live(stream)?;
        // Spreads neighbouring places, so that a sample is not drawn from one end.
        objects.sort_by_key(|it| (it.place + seed).wrapping_mul(0x9e37_79b9_7f4a_7c15));
        objects.truncate(limit);
        Ok(objects)
    }

    fn object(&mut self, stream: &str, id: &ObjectId) -> Result<Option<StoredObject>, StoreError> {
        let tenant = self.tenant();
        let object = found(&tenant, stream)?.objects.get(id);
        let alive = object.filter(|object| object.deletion.is_none());
        Ok(alive.map(|object| tenant.read(id, object)))
    }

    fn edges(&mut self, stream: &str, owner: u64) -> Result<Vec<Edge>, StoreError> {
        let tenant = self.tenant();
        let lists = &found(&tenant, stream)?.edges;
        let edges = lists.iter().filter(|(id, _)| tenant.numbers.get(*id) == Some(&owner));
        let alive = |edge: &&Edge| !tenant.is_known(&edge.target, |_| true);
        Ok(edges.flat_map(|(_, edges)| edges).filter(alive).cloned().collect())
    }

    fn is_gone(&mut self, object: &ObjectId) -> Result<bool, StoreError> {
        Ok(self.tenant().is_known(object, |how| how == Deleted::Hard))
    }
}
