//! Reading objects and edges again, to compare them with what the store says of them.

mod collection;
mod edges;
mod found;
mod listing;
mod objects;
mod pending;
mod read_back;

use graph_dsl::{StreamKind, StreamPlan};
use graph_transport::Batch;

use self::objects::Candidate;
use self::pending::Pending;
use super::reader::Reader;
use super::writer::Writer;
use super::{ImportError, Importer, columns};
use crate::store::{Store, StreamState};
use crate::{Cost, Event, Observer, Stop};

pub(super) use collection::is_read_as_one;
pub use found::{FoundDifference, StreamVerification, Verification, VerifiedDifference};
pub use read_back::{ReadBack, StoredObject};

/// What a verification compares.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Verify {
    /// How many objects, or owners of edges, of each stream; `None` for all, and then also for what
    /// Graph has and the store has not.
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

/// Whether objects are compared for the first time, or again because they differed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Pass {
    First,
    Second,
}

/// Objects that are compared at once.
const TAKEN: usize = Batch::MOST_ITEMS * 10;

impl<S: Store> Importer<S> {
    /// Reads a sample of the store, or all of it, again from Graph and compares columns and edges.
    /// Of everything, Graph's whole collections are read, so that objects are found that the store
    /// lacks. `observer` is told of every batch and page ([`Event::Compared`]) and of every stream
    /// ([`Event::Verified`]). What differs is read once more before it counts (cases: D14), and is explained where
    /// the streams' delta reports it as changed since the last run. Changes neither the store nor a
    /// delta link.
    ///
    /// # Errors
    /// A store that cannot be read.
    pub async fn verify(
        &self,
        store: impl ReadBack,
        what: &Verify,
        observer: &dyn Observer,
        stop: &Stop,
    ) -> Result<Verification, ImportError> {
        let (tenant, streams) = (self.tenant.clone(), self.streams.clone());
        let writer = &Writer::new(&self.store, &self.clock);
        let states = writer.call(move |store| store.inspect(&tenant, &streams)).await?;
        let streams: Vec<Stream<'_>> = self.streams.iter().zip(states).collect();
        let mut verifier = Verifier::new(self, (writer, observer, stop), store, streams);
        for plan in &self.streams {
            if what.streams.is_empty() || what.streams.contains(&plan.name) {
                verifier.stream(plan, what).await?;
            }
        }
        Ok(verifier.found)
    }
}

/// Compares streams, and keeps what it finds.
pub(super) struct Verifier<'a, S, R> {
    importer: &'a Importer<S>,
    writer: &'a Writer<S>,
    observer: &'a dyn Observer,
    stop: &'a Stop,
    store: R,
    streams: Vec<Stream<'a>>,
    /// Whether of a list of edges the first page does.
    pub(super) first_pages: bool,
    /// How many of the stream in hand were compared for the first time, and of how many.
    done: (u64, Option<u64>),
    /// Read when something differs.
    pending: Option<Pending>,
    pub(super) found: Verification,
}

type Stream<'a> = (&'a StreamPlan, StreamState);

impl<'a, S: Store, R: ReadBack> Verifier<'a, S, R> {
    pub(super) fn new(
        importer: &'a Importer<S>,
        (writer, observer, stop): (&'a Writer<S>, &'a dyn Observer, &'a Stop),
        store: R,
        streams: Vec<Stream<'a>>,
    ) -> Self {
        let (pending, found) = (None, Verification::default());
        let (first_pages, done) = (false, (0, None));
        Self { importer, writer, observer, stop, store, streams, first_pages, done, pending, found }
    }

    /// Tells that so many more were compared.
    fn tell(&mut self, reader: &Reader<'_, S>, more: usize) {
        self.done.0 += more as u64;
        let (stream, (compared, of)) = (reader.plan.name.as_str(), self.done);
        let cost = Cost {
            requests: reader.tally.requests.get(),
            resource_units: reader.tally.resource_units.get(),
        };
        self.observer.observe(&Event::Compared { stream, compared, of, cost });
    }

    fn of(&self, name: &str) -> Option<Stream<'a>> {
        self.streams.iter().find(|(plan, _)| plan.name == name).cloned()
    }

    /// Compares one stream, if a generation of it was ever complete.
    pub(super) async fn stream(
        &mut self,
        plan: &'a StreamPlan,
        what: &Verify,
    ) -> Result<(), ImportError> {
        let Some(stream) = self.of(&plan.name).filter(|(_, state)| state.published.is_some())
        else {
            return Ok(());
        };
        if plan.kind == StreamKind::Window {
            return Ok(()); // what has happened does not change, and Graph forgets it in time
        }
        let owners = match &plan.kind {
            StreamKind::Edges { of } => self.of(of),
            _ => Some(stream.clone()),
        };
        let Some((owners, _)) = owners else { return Ok(()) };
        let watch = (&() as &dyn Observer, self.stop);
        // Columns that may not be read cannot be compared (cases: F7).
        let readable =
            columns::without(plan, &[&*stream.1.unreadable, &*stream.1.emptied].concat());
        let reader = Reader::new(self.importer, self.writer, watch, 0, (&readable, stream.1));
        let mut result = StreamVerification { stream: plan.name.clone(), ..Default::default() };
        let suspects = self.suspects(&reader, owners, what, &mut result).await?;
        let suspects = self.once_more(&reader, owners, suspects).await?;
        self.judge(plan, suspects, &mut result);
        self.found.requests += reader.tally.requests.get();
        self.found.resource_units += reader.tally.resource_units.get();
        self.observer.observe(&Event::Verified { result: &result });
        self.found.streams.push(result);
        Ok(())
    }

    /// What differs at first sight.
    async fn suspects(
        &mut self,
        reader: &Reader<'_, S>,
        owners: &StreamPlan,
        what: &Verify,
        result: &mut StreamVerification,
    ) -> Result<Vec<Candidate>, ImportError> {
        self.done = (0, None);
        if let Some(most) = what.sample {
            let objects = self.store.sample(&owners.name, what.seed, most)?;
            result.compared = objects.len() as u64;
            self.done.1 = Some(result.compared);
            return self.compare(reader, owners, Candidate::all(objects), Pass::First).await;
        }
        self.done.1 = self.store.count(&owners.name)?;
        if is_read_as_one(reader.plan) {
            return self.whole_collection(reader, result).await;
        }
        if !reader.plan.is_edges()
            && let Some(listed) = self.listing(reader, result).await?
        {
            return Ok(listed);
        }
        let (mut after, mut suspects) = (None, Vec::new());
        loop {
            let objects = self.store.objects(&owners.name, after, TAKEN)?;
            let Some(last) = objects.last() else { return Ok(suspects) };
            after = Some(last.place);
            result.compared += objects.len() as u64;
            let differing = self.compare(reader, owners, Candidate::all(objects), Pass::First);
            suspects.extend(differing.await?);
        }
    }

    /// D14: once more, before it counts. By id: numbers depend on which stream came first.
    async fn once_more(
        &mut self,
        reader: &Reader<'_, S>,
        owners: &StreamPlan,
        mut suspects: Vec<Candidate>,
    ) -> Result<Vec<Candidate>, ImportError> {
        suspects.sort_by(|a, b| a.id.cmp(&b.id));
        suspects.dedup_by(|a, b| a.id == b.id);
        let differing = self.compare(reader, owners, suspects, Pass::Second).await?;
        if !differing.is_empty() && self.pending.is_none() {
            let watch = (self.writer, self.stop);
            let read = Pending::read(self.importer, watch, &self.streams).await;
            self.found.requests += read.requests;
            self.pending = Some(read);
        }
        Ok(differing)
    }

    /// Counts what differs, and says which of it the next round brings.
    fn judge(
        &mut self,
        plan: &StreamPlan,
        suspects: Vec<Candidate>,
        result: &mut StreamVerification,
    ) {
        // What every round reads as a whole, the next one brings whatever it is.
        let read_anew = matches!(plan.kind, StreamKind::Full);
        for Candidate { id, found, .. } in suspects {
            let Some(what) = found else { continue };
            let explains = |pending: &Pending| pending.explains(&id, &what);
            let pending = what != FoundDifference::Unreadable
                && (read_anew || self.pending.as_ref().is_some_and(explains));
            match &what {
                FoundDifference::Unreadable => result.unreadable += 1,
                _ if pending => result.pending += 1,
                _ => result.different += 1,
            }
            match &what {
                FoundDifference::Missing if !pending => result.missing += 1,
                FoundDifference::Gone if !pending => result.gone += 1,
                _ => {}
            }
            let stream = plan.name.clone();
            self.found.differences.push(VerifiedDifference { stream, id, pending, what });
        }
        let unequal = result.pending + result.different + result.unreadable;
        result.equal = result.compared.saturating_sub(unequal);
    }

    /// Those that are not in the store as they are in Graph.
    async fn compare(
        &mut self,
        reader: &Reader<'_, S>,
        owners: &StreamPlan,
        candidates: Vec<Candidate>,
        pass: Pass,
    ) -> Result<Vec<Candidate>, ImportError> {
        if is_read_as_one(reader.plan) {
            let all = candidates.len();
            let differing = collection::compare(reader, candidates).await?;
            self.tell(reader, if pass == Pass::First { all } else { 0 });
            return Ok(differing);
        }
        let mut differing = Vec::new();
        let mut left = candidates.into_iter().peekable();
        while left.peek().is_some() {
            if self.stop.is_requested() {
                return Err(ImportError::Stopped);
            }
            let part: Vec<Candidate> = left.by_ref().take(Batch::MOST_ITEMS).collect();
            let new = if pass == Pass::First { part.len() } else { 0 };
            differing.extend(self.compare_batch(reader, owners, part).await?);
            self.tell(reader, new);
        }
        Ok(differing)
    }
}
