//! Edges of an owner, in both directions of the comparison.

use std::collections::BTreeSet;

use graph_transport::{Answer, Disposition, Page};

use super::{FoundDifference, ReadBack, StoredObject, Verifier};
use crate::importer::ImportError;
use crate::importer::batch::Asked;
use crate::importer::fault::Fault;
use crate::importer::reader::{Followed, Reader};
use crate::importer::strategy::lists;
use crate::store::{Edge, Store};
use crate::{Item, ObjectId};

/// What was read of an owner's edges.
struct Listed {
    edges: Vec<Edge>,
    /// Whether these are all.
    whole: bool,
}

impl<S: Store, R: ReadBack> Verifier<'_, S, R> {
    pub(super) async fn edges(
        &mut self,
        reader: &Reader<'_, S>,
        owner: &StoredObject,
        asked: Asked,
    ) -> Result<Option<FoundDifference>, ImportError> {
        match asked.disposition() {
            Disposition::Ok => {}
            Disposition::NotFound => return Ok(Some(FoundDifference::Gone)),
            // D9: refused instead of an empty list.
            Disposition::Forbidden if owner.hidden && !reader.sees_hidden => return Ok(None),
            _ => return Ok(Some(FoundDifference::Unreadable)),
        }
        let page = asked
            .result
            .and_then(Answer::into_success)
            .and_then(|answer| Ok(Page::read(answer.body().clone(), reader.client.cloud())?));
        let listed = match page {
            Ok(page) => list(reader, page, self.first_pages).await?,
            Err(_) => None,
        };
        let Some(listed) = listed else { return Ok(Some(FoundDifference::Unreadable)) };
        if listed.edges.is_empty() && owner.hidden && !reader.sees_hidden {
            return Ok(None); // D9: an empty list says nothing
        }
        self.difference(&reader.plan.name, owner, listed)
    }

    /// The one object that a single-valued relation leads to, or none.
    pub(super) fn one_edge(
        &mut self,
        reader: &Reader<'_, S>,
        owner: &StoredObject,
        asked: Asked,
    ) -> Result<Option<FoundDifference>, ImportError> {
        let edges = match asked.disposition() {
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
        self.difference(&reader.plan.name, owner, Listed { edges, whole: true })
    }

    /// Which edges of an owner are in one place only.
    fn difference(
        &mut self,
        stream: &str,
        owner: &StoredObject,
        listed: Listed,
    ) -> Result<Option<FoundDifference>, ImportError> {
        let ids = |edges: Vec<Edge>| -> BTreeSet<ObjectId> {
            edges.into_iter().map(|edge| edge.target).collect()
        };
        let stored = ids(self.store.edges(stream, owner.place)?);
        let (whole, listed) = (listed.whole, ids(listed.edges));
        let surplus: Vec<ObjectId> =
            stored.difference(&listed).filter(|_| whole).cloned().collect();
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

/// A list of edges to its end, or its first page; `None` if it cannot be read.
async fn list<S: Store>(
    reader: &Reader<'_, S>,
    first: Page,
    first_page: bool,
) -> Result<Option<Listed>, ImportError> {
    let (mut page, mut edges, mut followed) = (first, Vec::new(), Followed::default());
    loop {
        match lists::edges(&page) {
            Some(more) => edges.extend(more),
            None => return Ok(None),
        }
        let link = page.next_link().cloned();
        let whole = link.is_none();
        let Some(link) = link.filter(|_| !first_page) else {
            return Ok(Some(Listed { edges, whole }));
        };
        page = match reader.follow(&mut followed, &link, true).await {
            Ok(page) => page,
            Err(Fault::Stopped) => return Err(ImportError::Stopped),
            Err(_) => return Ok(None),
        };
    }
}
