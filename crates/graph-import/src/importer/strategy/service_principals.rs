//! Service principals among the edges, where lists are reported to leave them out.

use std::sync::atomic::Ordering;

use graph_transport::{Answer, ApiVersion, Disposition, GraphLink, Page};

use super::lists;
use crate::importer::fault::End;
use crate::importer::links;
use crate::importer::reader::Reader;
use crate::store::{Edge, EdgeType, Queued, Store, StreamState, relation};

/// What casts a list to service principals.
const CAST: &str = "/microsoft.graph.servicePrincipal";

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

    /// Whether they come by lists that are cast to them: an advanced query, which an index of its own
    /// answers (facts: graph-protocol 6).
    fn casts_service_principals(&self) -> bool {
        self.lists_leave_out() && !self.omits_service_principals()
    }

    /// Where the lists that were read came from, as far as that bears on the certificate: an edge stream,
    /// which has no delta link of its own, keeps it in that one's place until everything is read again.
    pub(in crate::importer) fn provenance(&self) -> Option<GraphLink> {
        let lists = self.plan.endpoint.split("/{id}").next().unwrap_or_default();
        let path = if self.omits_service_principals() {
            format!("/v1.0{lists}")
        } else if self.casts_service_principals() {
            format!("/v1.0{lists}{CAST}")
        } else {
            return None;
        };
        self.client.cloud().link(&path).ok()
    }

    /// What is known of that, of this run and of those before it: whether service principals are left
    /// out, and whether they came by a cast.
    pub(in crate::importer) fn provenances(&self, state: &StreamState) -> (bool, bool) {
        let noted = state.watermark.as_deref();
        let by_cast = noted.is_some_and(|noted| noted.ends_with(CAST));
        let omits = self.omits_service_principals() || noted.is_some() && !by_cast;
        (omits, by_cast || self.casts_service_principals())
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
