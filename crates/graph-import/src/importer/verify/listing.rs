//! A whole collection of Graph against a whole stream of the store, in both directions.

use std::collections::HashSet;

use graph_transport::Page;

use super::objects::Candidate;
use super::{FoundDifference, ReadBack, StreamVerification, TAKEN, Verifier};
use crate::importer::fault::Fault;
use crate::importer::reader::{Followed, Reader};
use crate::importer::{ImportError, links};
use crate::store::Store;
use crate::{Item, ObjectId};

impl<S: Store, R: ReadBack> Verifier<'_, S, R> {
    /// Reads the plain collection page by page: what it holds that the store has otherwise or not at
    /// all, and then what the store holds that did not come. `None` where it cannot be read to its
    /// end. Of each object a number is kept meanwhile.
    pub(super) async fn listing(
        &mut self,
        reader: &Reader<'_, S>,
        result: &mut StreamVerification,
    ) -> Result<Option<Vec<Candidate>>, ImportError> {
        let mut next = links::collection(reader.client.cloud(), reader.plan).ok();
        let (mut seen, mut suspects) = (HashSet::new(), Vec::new());
        let mut followed = Followed::default();
        if next.is_none() {
            return Ok(None);
        }
        while let Some(link) = next {
            let page = match reader.follow(&mut followed, &link, false).await {
                Ok(page) => page,
                Err(Fault::Stopped) => return Err(ImportError::Stopped),
                Err(_) => return Ok(None),
            };
            let items = self.page(reader, &page, &mut seen, &mut suspects)?;
            self.tell(reader, items);
            next = page.next_link().cloned();
        }
        let stored = self.unseen(&reader.plan.name, &seen, &mut suspects)?;
        let missing = suspects.iter().filter(|it| it.stored.is_none()).count() as u64;
        result.compared = stored + missing;
        result.listed = true;
        Ok(Some(suspects))
    }

    fn page(
        &mut self,
        reader: &Reader<'_, S>,
        page: &Page,
        seen: &mut HashSet<u64>,
        suspects: &mut Vec<Candidate>,
    ) -> Result<usize, ImportError> {
        let mut items = 0;
        for item in page.items().filter_map(|json| Item::read_by(json, &reader.plan.key).ok()) {
            items += 1;
            let Some(stored) = self.store.object(&reader.plan.name, &item.id)? else {
                suspects.push(Candidate::missing(item.id.clone()));
                continue;
            };
            seen.insert(stored.place);
            let candidate = Candidate { id: item.id.clone(), stored: Some(stored), found: None };
            let found = candidate.against(reader.plan, &item);
            if found.is_some() {
                suspects.push(candidate.with(found));
            }
        }
        Ok(items)
    }

    /// Adds what the store holds and did not come. How many objects it holds.
    fn unseen(
        &mut self,
        stream: &str,
        seen: &HashSet<u64>,
        suspects: &mut Vec<Candidate>,
    ) -> Result<u64, ImportError> {
        let (mut after, mut stored) = (None, 0);
        loop {
            let objects = self.store.objects(stream, after, TAKEN)?;
            let Some(last) = objects.last() else { return Ok(stored) };
            after = Some(last.place);
            stored += objects.len() as u64;
            let gone = objects.into_iter().filter(|object| !seen.contains(&object.place));
            let gone = Candidate::all(gone.collect()).into_iter();
            suspects.extend(gone.map(|it| it.with(Some(FoundDifference::Gone))));
        }
    }

    /// The same for what is read as one, which is held in memory meanwhile.
    pub(super) async fn whole_collection(
        &mut self,
        reader: &Reader<'_, S>,
        result: &mut StreamVerification,
    ) -> Result<Vec<Candidate>, ImportError> {
        let stored = self.store.objects(&reader.plan.name, None, usize::MAX)?;
        let known: HashSet<ObjectId> = stored.iter().map(|object| object.id.clone()).collect();
        let mut candidates = Candidate::all(stored);
        if let Some(listed) = super::collection::ids(reader).await? {
            result.listed = true;
            candidates.extend(
                listed.into_iter().filter(|id| !known.contains(id)).map(Candidate::missing),
            );
        }
        result.compared = candidates.len() as u64;
        let differing = super::collection::compare(reader, candidates).await?;
        self.tell(reader, usize::try_from(result.compared).unwrap_or(usize::MAX));
        Ok(differing)
    }
}
