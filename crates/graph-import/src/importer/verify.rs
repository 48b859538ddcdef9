//! Reading objects and edges again, to compare them with what the store says of them.

mod collection;
mod pending;

use std::collections::BTreeSet;

use graph_dsl::{StreamKind, StreamPlan};
use graph_transport::{Answer, Batch, Disposition, Page};
use serde::{Serialize, Serializer};

use self::pending::Pending;
use super::batch::Asked;
use super::fault::Fault;
use super::reader::{Followed, Reader};
use super::strategy::lists;
use super::writer::Writer;
use super::{ImportError, Importer, links};
use crate::store::{Edge, Queued, Store, StreamState};
use crate::{Content, Item, ObjectId, Stop, StoreError};

/// What a verification compares.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Verify {
    /// How many objects, or owners of edges, of each stream; `None` for all.
    pub sample: Option<usize>,
    /// Which ones: the same seed draws the same sample of the same store.
    pub seed: u64,
    /// The streams; empty for all.
    pub streams: Vec<String>,
}

impl Default for Verify {
    /// A hundred of each stream.
    fn default() -> Self {
        Self { sample: Some(100), seed: 1, streams: Vec::new() }
    }
}

/// What a store says of one object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredObject {
    /// Its place in the store's order.
    pub place: u64,
    /// The object.
    pub id: ObjectId,
    /// Its properties as one JSON object.
    pub raw: String,
    /// Whether it hides its edges ([`Queued::hidden`]).
    pub hidden: bool,
}

/// Reading back what a store holds, also while an import writes to it.
pub trait ReadBack: Send + 'static {
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

/// What a verification has found.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Verification {
    /// The streams that were compared.
    pub streams: Vec<StreamVerification>,
    /// Everything that differs, after it was read twice.
    pub differences: Vec<VerifiedDifference>,
    /// Requests sent.
    pub requests: u64,
}

impl Verification {
    /// Whether everything that was compared is equal, or known to be under way.
    pub fn is_equal(&self) -> bool {
        self.streams.iter().all(|it| it.different == 0 && it.unreadable == 0)
    }
}

/// The result of one stream.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[non_exhaustive]
#[expect(missing_docs, reason = "each name says it; units are objects, or owners of edges")]
pub struct StreamVerification {
    pub stream: String,
    pub compared: u64,
    pub equal: u64,
    /// Different, but the next round will bring it: Graph reports it as changed since the last one.
    pub pending: u64,
    pub different: u64,
    /// Could not be read, so that nothing is known.
    pub unreadable: u64,
}

/// Something that is not in the store as it is in Graph.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct VerifiedDifference {
    /// The stream.
    pub stream: String,
    /// The object, or the owner of the edges.
    #[serde(serialize_with = "shown")]
    pub id: ObjectId,
    /// Whether the next round will bring it.
    pub pending: bool,
    /// What differs.
    pub what: FoundDifference,
}

/// How an object, or the edges of an owner, differ.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum FoundDifference {
    /// Graph does not know it.
    Gone,
    /// These properties have other values.
    Properties(Vec<String>),
    /// These edges are in one place only.
    Edges {
        /// In Graph, and not in the store.
        #[serde(serialize_with = "all_shown")]
        missing: Vec<ObjectId>,
        /// In the store, and not in Graph.
        #[serde(serialize_with = "all_shown")]
        surplus: Vec<ObjectId>,
    },
    /// It could not be read.
    Unreadable,
}

/// Objects that are compared at once.
const TAKEN: usize = Batch::MOST_ITEMS * 10;

impl<S: Store> Importer<S> {
    /// Reads a sample of the store, or all of it, again from Graph and compares columns and edges.
    /// What differs is read once more before it counts (cases: D14), and is explained where the
    /// streams' delta reports it as changed since the last run. Changes neither the store nor a
    /// delta link.
    ///
    /// # Errors
    /// A store that cannot be read.
    pub async fn verify(
        &self,
        store: impl ReadBack,
        what: &Verify,
        stop: &Stop,
    ) -> Result<Verification, ImportError> {
        let (tenant, streams) = (self.tenant.clone(), self.streams.clone());
        let writer = &Writer::new(&self.store, &self.clock);
        let states = writer.call(move |store| store.inspect(&tenant, &streams)).await?;
        let streams: Vec<Stream<'_>> = self.streams.iter().zip(states.iter().cloned()).collect();
        let (pending, found) = (None, Verification::default());
        let mut verifier =
            Verifier { importer: self, writer, stop, store, streams, pending, found };
        for (plan, state) in self.streams.iter().zip(&states) {
            let wanted = what.streams.is_empty() || what.streams.contains(&plan.name);
            if wanted && state.published.is_some() {
                let owner = self.streams.iter().zip(&states).find(|(owner, _)| match &plan.kind {
                    StreamKind::Edges { of } => owner.name == *of,
                    _ => owner.name == plan.name,
                });
                let Some(owner) = owner else { continue };
                verifier.stream((plan, state.clone()), (owner.0, owner.1.clone()), what).await?;
            }
        }
        Ok(verifier.found)
    }
}

struct Verifier<'a, S, R> {
    importer: &'a Importer<S>,
    writer: &'a Writer<S>,
    stop: &'a Stop,
    store: R,
    streams: Vec<Stream<'a>>,
    /// Read when something differs.
    pending: Option<Pending>,
    found: Verification,
}

type Stream<'a> = (&'a StreamPlan, StreamState);

impl<S: Store, R: ReadBack> Verifier<'_, S, R> {
    /// Compares one stream; `owner` is the stream itself, or the one that owns its edges.
    async fn stream(
        &mut self,
        stream: Stream<'_>,
        owner: Stream<'_>,
        what: &Verify,
    ) -> Result<(), ImportError> {
        let plan = stream.0;
        let reader = Reader::new(self.importer, self.writer, (&(), self.stop), 0, stream);
        let mut result = StreamVerification { stream: plan.name.clone(), ..Default::default() };
        // What is read as a whole is read once for all of its objects.
        let taken = if collection::is_read_as_one(plan) { usize::MAX } else { TAKEN };
        let (mut after, mut suspects) = (None, Vec::new());
        loop {
            let objects = match what.sample {
                Some(most) => self.store.sample(&owner.0.name, what.seed, most)?,
                None => self.store.objects(&owner.0.name, after, taken)?,
            };
            after = objects.last().map(|object| object.place);
            result.compared += objects.len() as u64;
            suspects.extend(self.compare(&reader, owner.0, objects).await?);
            if what.sample.is_some() || after.is_none() {
                break;
            }
        }
        // D14: once more, before it counts. By id: numbers depend on which stream came first.
        suspects.sort_by(|(a, _), (b, _)| a.id.cmp(&b.id));
        let again: Vec<StoredObject> = suspects.into_iter().map(|(object, _)| object).collect();
        let suspects = self.compare(&reader, owner.0, again).await?;
        if !suspects.is_empty() && self.pending.is_none() {
            let read = Pending::read(self.importer, self.writer, self.stop, &self.streams).await;
            self.pending = Some(read);
        }
        // What every round reads as a whole, the next one brings whatever it is.
        let read_anew = matches!(plan.kind, StreamKind::Full);
        for (object, what) in suspects {
            let explains = |pending: &Pending| pending.explains(&object.id, &what);
            let pending = what != FoundDifference::Unreadable
                && (read_anew || self.pending.as_ref().is_some_and(explains));
            match &what {
                FoundDifference::Unreadable => result.unreadable += 1,
                _ if pending => result.pending += 1,
                _ => result.different += 1,
            }
            let (stream, id) = (plan.name.clone(), object.id);
            self.found.differences.push(VerifiedDifference { stream, id, pending, what });
        }
        result.equal = result.compared - result.pending - result.different - result.unreadable;
        self.found.requests += reader.tally.requests.get();
        self.found.streams.push(result);
        Ok(())
    }

    /// Objects that are not in the store as they are in Graph.
    async fn compare(
        &mut self,
        reader: &Reader<'_, S>,
        owners: &StreamPlan,
        objects: Vec<StoredObject>,
    ) -> Result<Vec<(StoredObject, FoundDifference)>, ImportError> {
        if collection::is_read_as_one(reader.plan) {
            return collection::compare(reader, objects).await;
        }
        let mut suspects = Vec::new();
        for part in objects.chunks(Batch::MOST_ITEMS) {
            if self.stop.is_requested() {
                return Err(ImportError::Stopped);
            }
            let entry = |object: &StoredObject| Queued {
                place: object.place,
                object: object.id.clone(),
                ticket: 0,
                hidden: object.hidden,
            };
            let entries = part.iter().map(entry).collect();
            let plan = reader.plan;
            let (edges, single) = (plan.is_edges(), plan.is_edges() && plan.is_delta());
            let url = |id: &str| match plan.relations.first() {
                Some(relation) if single => links::related(owners, id, relation),
                _ if edges => links::owner(plan, id, plan.page_size),
                _ => links::object(plan, id),
            };
            let asked = reader.ask(entries, url).await;
            let asked = match asked {
                Ok(asked) => asked,
                Err(Fault::Stopped) => return Err(ImportError::Stopped),
                Err(_) => {
                    suspects
                        .extend(part.iter().cloned().map(|it| (it, FoundDifference::Unreadable)));
                    continue;
                }
            };
            for (object, asked) in part.iter().zip(asked) {
                let difference = if single {
                    self.one_edge(reader, object, asked)?
                } else if edges {
                    self.edges(reader, object, asked).await?
                } else {
                    properties(plan, object, asked)
                };
                suspects.extend(difference.map(|what| (object.clone(), what)));
            }
        }
        Ok(suspects)
    }

    async fn edges(
        &mut self,
        reader: &Reader<'_, S>,
        owner: &StoredObject,
        asked: Asked,
    ) -> Result<Option<FoundDifference>, ImportError> {
        match asked.disposition() {
            Disposition::Ok => {}
            Disposition::NotFound => return Ok(Some(FoundDifference::Gone)),
            _ => return Ok(Some(FoundDifference::Unreadable)),
        }
        let page = asked
            .result
            .and_then(Answer::into_success)
            .and_then(|answer| Ok(Page::read(answer.body().clone(), reader.client.cloud())?));
        let listed = match page {
            Ok(page) => whole(reader, page).await?,
            Err(_) => None,
        };
        let Some(listed) = listed else { return Ok(Some(FoundDifference::Unreadable)) };
        if listed.is_empty() && owner.hidden && !reader.sees_hidden {
            return Ok(None); // D9: an empty list says nothing
        }
        self.difference(&reader.plan.name, owner, listed)
    }

    /// The one object that a single-valued relation leads to, or none.
    fn one_edge(
        &mut self,
        reader: &Reader<'_, S>,
        owner: &StoredObject,
        asked: Asked,
    ) -> Result<Option<FoundDifference>, ImportError> {
        let found = match asked.disposition() {
            Disposition::Ok => {
                let answer = asked.result.ok();
                let answer = answer.as_ref().and_then(|it| std::str::from_utf8(it.body()).ok());
                match answer.and_then(|text| Item::read(text).ok()) {
                    Some(item) => vec![Edge::new(item.id, item.odata_type.as_deref())],
                    None => return Ok(Some(FoundDifference::Unreadable)),
                }
            }
            Disposition::NotFound => Vec::new(),
            _ => return Ok(Some(FoundDifference::Unreadable)),
        };
        self.difference(&reader.plan.name, owner, found)
    }

    /// Which edges of an owner are in one place only.
    fn difference(
        &mut self,
        stream: &str,
        owner: &StoredObject,
        listed: Vec<Edge>,
    ) -> Result<Option<FoundDifference>, ImportError> {
        let ids = |edges: Vec<Edge>| -> BTreeSet<ObjectId> {
            edges.into_iter().map(|edge| edge.target).collect()
        };
        let stored = ids(self.store.edges(stream, owner.place)?);
        let listed = ids(listed);
        let surplus: Vec<ObjectId> = stored.difference(&listed).cloned().collect();
        let mut missing = Vec::new();
        for id in listed.difference(&stored) {
            if !self.store.is_gone(id)? {
                missing.push(id.clone()); // B29: Graph may list the dead for ever
            }
        }
        let equal = missing.is_empty() && surplus.is_empty();
        Ok((!equal).then_some(FoundDifference::Edges { missing, surplus }))
    }
}

/// A list of edges to its end; `None` if it cannot be read.
async fn whole<S: Store>(
    reader: &Reader<'_, S>,
    first: Page,
) -> Result<Option<Vec<Edge>>, ImportError> {
    let (mut page, mut edges, mut followed) = (first, Vec::new(), Followed::default());
    loop {
        match lists::edges(&page) {
            Some(more) => edges.extend(more),
            None => return Ok(None),
        }
        let Some(link) = page.next_link().cloned() else { return Ok(Some(edges)) };
        if !followed.is_new(&link) {
            return Ok(None);
        }
        page = match reader.fetch(&link, true).await {
            Ok(page) => page,
            Err(Fault::Stopped) => return Err(ImportError::Stopped),
            Err(_) => return Ok(None),
        };
    }
}

/// Names of properties whose values differ.
fn properties(plan: &StreamPlan, object: &StoredObject, asked: Asked) -> Option<FoundDifference> {
    match asked.disposition() {
        Disposition::Ok => {}
        Disposition::NotFound => return Some(FoundDifference::Gone),
        _ => return Some(FoundDifference::Unreadable),
    }
    let Ok(answer) = asked.result else { return Some(FoundDifference::Unreadable) };
    let Ok(text) = std::str::from_utf8(answer.body()) else {
        return Some(FoundDifference::Unreadable);
    };
    match Item::read(text) {
        Ok(item) => stated_otherwise(plan, object, &item),
        Err(_) => Some(FoundDifference::Unreadable),
    }
}

fn stated_otherwise(
    plan: &StreamPlan,
    object: &StoredObject,
    item: &Item<'_>,
) -> Option<FoundDifference> {
    let Ok(stored) = Content::stored(object.raw.clone()) else {
        return Some(FoundDifference::Unreadable);
    };
    let differing = stored.difference(&Content::whole(&item.properties), &plan.columns);
    (!differing.is_empty()).then_some(FoundDifference::Properties(differing))
}

fn shown<Z: Serializer>(id: &ObjectId, serializer: Z) -> Result<Z::Ok, Z::Error> {
    serializer.collect_str(id)
}

fn all_shown<Z: Serializer>(ids: &[ObjectId], serializer: Z) -> Result<Z::Ok, Z::Error> {
    serializer.collect_seq(ids.iter().map(ToString::to_string))
}
