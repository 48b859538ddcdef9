//! Links of one at most, out of a delta query.

use std::collections::BTreeSet;

use graph_import::{
    Advance, Applied, Commit, DeletionThreshold, Edge, EdgeList, OwnerLink, Phase, StreamState,
};

use super::Tenant;

impl Tenant {
    /// Links of one at most: gathered in a full round, and put in place at its end.
    pub(super) fn links(
        &mut self,
        state: &StreamState,
        commit: &Commit<'_>,
        links: &[OwnerLink],
        applied: &mut Applied,
    ) {
        let (name, full) = (commit.stream, state.phase == Phase::Full);
        for link in links {
            let stream = self.stream(name);
            let known = if full { &stream.parts } else { &stream.edges }.get(&link.owner);
            let is_gone = |edge: &Edge| link.removed.contains(&edge.target);
            let list = match &link.link {
                Some(edge) => vec![edge.clone()],
                None if known.into_iter().flatten().any(is_gone) => Vec::new(),
                None => continue,
            };
            if full {
                stream.parts.insert(link.owner.clone(), list);
            } else {
                stream.withheld_owners.remove(&link.owner);
                self.list(name, (&link.owner, None), (&EdgeList::Complete(list), false), applied);
            }
        }
        if full && matches!(commit.advance, Advance::Complete(_)) {
            let spoiled = state.spoiled + commit.spoiled;
            self.publish_links(name, spoiled, &commit.threshold, applied);
        }
    }

    /// Replaces all links by the gathered ones, but for those that are withheld.
    fn publish_links(
        &mut self,
        name: &str,
        spoiled: u64,
        threshold: &DeletionThreshold,
        applied: &mut Applied,
    ) {
        let stream = self.stream(name);
        let parts = std::mem::take(&mut stream.parts);
        let linked = stream.edges.iter().filter(|(_, links)| !links.is_empty());
        let known: BTreeSet<_> = linked.map(|(owner, _)| owner.clone()).collect();
        let lacking: BTreeSet<_> =
            known.iter().filter(|owner| !parts.contains_key(*owner)).cloned().collect();
        let before = std::mem::take(&mut stream.withheld_owners);
        let again = lacking.intersection(&before).count() as u64;
        let (live, missing) = (known.len() as u64, lacking.len() as u64);
        stream.withheld = (0, 0);
        if spoiled > 0 || threshold.is_exceeded(live, missing) {
            (stream.withheld, stream.withheld_owners) = ((missing, again), lacking);
        }
        let kept = stream.withheld_owners.clone();
        let owners: BTreeSet<_> = known.into_iter().chain(parts.keys().cloned()).collect();
        for owner in owners.difference(&kept) {
            let list = parts.get(owner).cloned().unwrap_or_default();
            self.list(name, (owner, None), (&EdgeList::Complete(list), false), applied);
        }
    }
}
