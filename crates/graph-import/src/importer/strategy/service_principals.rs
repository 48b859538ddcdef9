//! Service principals among the edges, where lists are reported to leave them out.

use std::sync::atomic::Ordering;

use graph_transport::{Answer, ApiVersion, Disposition, Page};

use super::lists;
use crate::importer::fault::End;
use crate::importer::links;
use crate::importer::reader::Reader;
use crate::store::{Edge, EdgeType, Queued, Store, relation};

/// A complete list, but for service principals.
pub(super) type Listed = (Queued, Vec<Edge>);

impl<S: Store> Reader<'_, S> {
    /// Whether lists are read that are reported to leave service principals out: members and owners
    /// of v1.0 (facts: graph-protocol 12, 31).
    fn lists_leave_out(&self) -> bool {
        self.version() == ApiVersion::V1_0 && matches!(relation(self.plan), "members" | "owners")
    }

    /// The type of targets that the lists read just now may lack.
    pub(super) fn left_out(&self) -> Option<EdgeType> {
        let no_cast = self.strategy.no_cast.load(Ordering::Relaxed);
        (self.lists_leave_out() && no_cast).then(|| EdgeType::new("servicePrincipal"))
    }

    /// Whether service principals are missing from what was read (cases: D8).
    pub(in crate::importer) fn omits_service_principals(&self) -> bool {
        let no_cast = self.strategy.no_cast.load(Ordering::Relaxed);
        self.lists_leave_out() && (no_cast || self.tally.items.get() == 0)
    }

    /// Adds the service principals of these owners to their lists, by a list that is cast to them;
    /// where Graph does not answer that, the lists stay as they are and the certificate says so.
    pub(super) async fn with_service_principals(
        &self,
        mut listed: Vec<Listed>,
    ) -> Result<Vec<Listed>, End> {
        let no_cast = &self.strategy.no_cast;
        if listed.is_empty() || !self.lists_leave_out() || no_cast.load(Ordering::Relaxed) {
            return Ok(listed);
        }
        let entries = listed.iter().map(|(entry, _)| entry.clone()).collect();
        let asked = self.ask(entries, |id| links::service_principals(self.plan, id)).await?;
        for (of, asked) in listed.iter_mut().zip(asked) {
            if asked.disposition() != Disposition::Ok {
                no_cast.store(true, Ordering::Relaxed);
                continue;
            }
            let page = asked
                .result
                .and_then(Answer::into_success)
                .and_then(|answer| Ok(Page::read(answer.body().clone(), self.client.cloud())?));
            // A page that goes on, or cannot be read, is not all of them.
            let whole = page.ok().filter(|page| page.next_link().is_none());
            match whole.as_ref().and_then(lists::edges) {
                Some(more) => of.1.extend(more),
                None => no_cast.store(true, Ordering::Relaxed),
            }
        }
        Ok(listed)
    }
}
