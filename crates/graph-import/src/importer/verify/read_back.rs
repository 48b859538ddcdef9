//! What a verification asks of a store.

use crate::store::Edge;
use crate::{ObjectId, StoreError};

/// What a store says of one object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredObject {
    /// Its place in the store's order.
    pub place: u64,
    /// The object.
    pub id: ObjectId,
    /// Its properties as one JSON object.
    pub raw: String,
    /// Whether it hides its edges ([`Queued::hidden`](crate::Queued::hidden)).
    pub hidden: bool,
}

/// Reading back what a store holds, also while an import writes to it.
pub trait ReadBack: Send + 'static {
    /// How many live objects a stream has, so that a verification can tell how far it is; `None`,
    /// which is what is answered unless a store says otherwise, where counting costs too much.
    ///
    /// # Errors
    /// A store that cannot be read.
    fn count(&mut self, _stream: &str) -> Result<Option<u64>, StoreError> {
        Ok(None)
    }

    /// Live objects of a stream in the order of their places after one, at most so many.
    ///
    /// # Errors
    /// A store that cannot be read.
    fn objects(
        &mut self,
        stream: &str,
        after: Option<u64>,
        limit: usize,
    ) -> Result<Vec<StoredObject>, StoreError>;

    /// So many live objects of a stream, drawn by a seed.
    ///
    /// # Errors
    /// A store that cannot be read.
    fn sample(
        &mut self,
        stream: &str,
        seed: u64,
        limit: usize,
    ) -> Result<Vec<StoredObject>, StoreError>;

    /// The live object of a stream with that id.
    ///
    /// # Errors
    /// A store that cannot be read.
    fn object(&mut self, stream: &str, id: &ObjectId) -> Result<Option<StoredObject>, StoreError>;

    /// The edges of an owner that lead to objects which are not known to be gone.
    ///
    /// # Errors
    /// A store that cannot be read.
    fn edges(&mut self, stream: &str, owner: u64) -> Result<Vec<Edge>, StoreError>;

    /// Whether an object is known to be gone for ever, so that an edge to it counts for nothing.
    ///
    /// # Errors
    /// A store that cannot be read.
    fn is_gone(&mut self, object: &ObjectId) -> Result<bool, StoreError>;
}

impl<R: ReadBack + ?Sized> ReadBack for Box<R> {
    fn count(&mut self, stream: &str) -> Result<Option<u64>, StoreError> {
        (**self).count(stream)
    }

    fn objects(
        &mut self,
        stream: &str,
        after: Option<u64>,
        limit: usize,
    ) -> Result<Vec<StoredObject>, StoreError> {
        (**self).objects(stream, after, limit)
    }

    fn sample(
        &mut self,
        stream: &str,
        seed: u64,
        limit: usize,
    ) -> Result<Vec<StoredObject>, StoreError> {
        (**self).sample(stream, seed, limit)
    }

    fn object(&mut self, stream: &str, id: &ObjectId) -> Result<Option<StoredObject>, StoreError> {
        (**self).object(stream, id)
    }

    fn edges(&mut self, stream: &str, owner: u64) -> Result<Vec<Edge>, StoreError> {
        (**self).edges(stream, owner)
    }

    fn is_gone(&mut self, object: &ObjectId) -> Result<bool, StoreError> {
        (**self).is_gone(object)
    }
}
