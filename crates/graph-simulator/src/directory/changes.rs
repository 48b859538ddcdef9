//! What changed in the directory between two versions of it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use super::{Directory, MemberPosition, Relation};
use crate::tenant::membership::{Placed, Window};
use crate::tenant::{Handle, Kind, Stage, Tenant};

/// A version of the directory: a moment and the number of the last write.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Version {
    pub(crate) moment: u64,
    pub(crate) sequence: u64,
}

/// How a delta round describes one object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Change {
    /// Nothing that this round reports.
    None,
    /// It appeared (created or restored): everything about it is new.
    Appeared,
    /// It may have changed.
    Updated,
    /// It changed before the reader's version, and is reported again.
    Replayed,
    /// It went to the recycle bin (`changed`).
    SoftDeleted,
    /// It is gone for good (`deleted`).
    Purged,
}

/// What a relationship's delta reports about members whose own stage changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct MembershipReports {
    /// A restored object is reported as added in the groups that hold it.
    pub(crate) restored: bool,
    /// A purged object is reported as removed from the groups that held it.
    pub(crate) purged: bool,
}

/// A member that was added to, or removed from, a relationship.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct EdgeReport {
    pub(crate) target: Handle,
    pub(crate) removed: bool,
}

/// Members whose own stage changed between two versions, by the groups that hold them.
pub(crate) type StageEdges = BTreeMap<Handle, Vec<EdgeReport>>;

/// The last [`StageEdges`] that were worked out: all pages of a round ask for the same.
#[derive(Debug, Default)]
pub(crate) struct StageEdgeCache(Mutex<Option<([Version; 2], Arc<StageEdges>)>>);

impl StageEdgeCache {
    /// What [`Directory::stage_edges`] finds.
    pub(crate) fn get(
        &self,
        directory: Directory<'_>,
        since: Version,
        reports: MembershipReports,
    ) -> Arc<StageEdges> {
        let until = Version { moment: directory.moment, sequence: directory.overlay.sequence() };
        let mut last = self.0.lock().expect("no code panics while it holds this lock");
        match &*last {
            Some((versions, edges)) if *versions == [since, until] => Arc::clone(edges),
            _ => {
                let edges = Arc::new(directory.stage_edges(since, reports));
                *last = Some(([since, until], Arc::clone(&edges)));
                edges
            }
        }
    }
}

impl Directory<'_> {
    /// The stage of an object at an earlier version.
    fn stage_at(&self, handle: Handle, version: Version) -> Stage {
        let own = self.own_stage_at(handle, version);
        let lost = own == Stage::Live
            && handle.kind.connects()
            && self.ends(handle).any(|end| self.stage_at(end, version) == Stage::Purged);
        if lost { Stage::Purged } else { own }
    }

    fn own_stage_at(&self, handle: Handle, version: Version) -> Stage {
        let written = self.overlay.patch(handle).and_then(|patch| patch.stage_at(version.sequence));
        if let Some(stage) = written {
            return stage;
        }
        if handle.is_created()
            || handle.slot >= self.tenant.schedule(handle.kind).slots(version.moment)
        {
            return Stage::Unborn;
        }
        self.tenant.life(handle, version.moment).stage
    }

    /// What happened to an object since `since`; `None` is the beginning, when nothing was known.
    pub(crate) fn change(
        &self,
        handle: Handle,
        since: Option<Version>,
        relations: &[Relation],
    ) -> Change {
        let Some(since) = since else {
            return if self.object(handle).is_live() { Change::Appeared } else { Change::None };
        };
        if !self.is_touched(handle, since, relations) {
            return Change::None;
        }
        match (self.stage_at(handle, since), self.object(handle).stage()) {
            // Somebody may have read it meanwhile.
            (Stage::SoftDeleted, Stage::SoftDeleted) if self.was(handle, since, Stage::Live) => {
                Change::SoftDeleted
            }
            (Stage::Unborn, Stage::Unborn)
            | (Stage::SoftDeleted, Stage::SoftDeleted)
            | (Stage::Purged, Stage::Unborn | Stage::Purged | Stage::SoftDeleted) => Change::None,
            (Stage::Live, Stage::Live) => Change::Updated,
            (_, Stage::Live) => Change::Appeared,
            (_, Stage::Purged | Stage::Unborn) => Change::Purged,
            (_, Stage::SoftDeleted) => Change::SoftDeleted,
        }
    }

    fn is_touched(&self, handle: Handle, since: Version, relations: &[Relation]) -> bool {
        if self.overlay.last_write(handle, relations) > since.sequence {
            return true;
        }
        if handle.kind.connects() && self.ends(handle).any(|end| self.is_touched(end, since, &[])) {
            return true;
        }
        if handle.is_created() {
            return false;
        }
        let schedule = self.tenant.schedule(handle.kind);
        let (slot, before, now) = (handle.slot, since.moment, self.moment);
        schedule.born(slot) > before
            || schedule.touches(slot, now) > schedule.touches(slot, before)
            || (!relations.is_empty()
                && schedule.relationship_touches(slot, now)
                    > schedule.relationship_touches(slot, before))
            || (relations.contains(&Relation::Members)
                && handle.kind == Kind::Group
                && self.has_new_places(slot, before))
    }

    /// Whether members were born into a group since a moment.
    fn has_new_places(&self, group: u64, since: u64) -> bool {
        since < self.moment && !self.new_places(group, since).is_empty()
    }

    /// Members that were born into a group since a moment.
    fn new_places(&self, group: u64, since: u64) -> Vec<Handle> {
        let mut found = Vec::new();
        for kind in [Kind::User, Kind::Device, Kind::ServicePrincipal, Kind::OrgContact] {
            let mut index = self.tenant.first_place_since(kind, group, since);
            loop {
                match self.tenant.placed(kind, group, index, self.moment) {
                    Placed::End => break,
                    Placed::Nothing => {}
                    Placed::Slot(slot) => found.push(Handle::new(kind, slot)),
                }
                index += 1;
            }
        }
        found
    }

    /// Every change to a group's members since `since`, removals first.
    pub(crate) fn member_changes(
        &self,
        group: Handle,
        since: Option<Version>,
        appeared: bool,
        reports: MembershipReports,
        stage_edges: &StageEdges,
    ) -> Vec<EdgeReport> {
        let mut found = Vec::new();
        let whole = appeared || since.is_none();
        if let (false, Some(since)) = (group.is_created(), since) {
            self.scheduled_changes(group, since, whole, &mut found);
        }
        if whole {
            let members = self.members(group, MemberPosition::default());
            found.extend(members.map(|(_, target)| EdgeReport { target, removed: false }));
        }
        found.extend(stage_edges.get(&group).into_iter().flatten());
        if let (Some(edges), Some(since)) = (self.overlay.edges(Relation::Members, group), since) {
            let written = edges.iter().filter(|(_, change)| change.sequence > since.sequence);
            let written = written
                .map(|(target, change)| EdgeReport { target: *target, removed: !change.present });
            found.extend(written);
        }
        found.retain(|report| self.is_reportable(group, *report, reports));
        found
    }

    fn is_reportable(&self, group: Handle, report: EdgeReport, reports: MembershipReports) -> bool {
        let stage = self.object(report.target).stage();
        if report.removed {
            return stage == Stage::Purged || !self.is_member(group, report.target);
        }
        let known = stage == Stage::Live || (stage == Stage::SoftDeleted && !reports.restored);
        known && self.is_member(group, report.target)
    }

    fn scheduled_changes(
        &self,
        group: Handle,
        since: Version,
        whole: bool,
        found: &mut Vec<EdgeReport>,
    ) {
        let now = self.tenant.window(group.slot, self.moment);
        let before = if whole {
            // The reader may know members of any time before the group went to the recycle bin.
            Window {
                low: now.high.saturating_sub(self.tenant.schedule(Kind::User).founders()),
                high: now.low,
            }
        } else {
            self.tenant.window(group.slot, since.moment)
        };
        let user = |position| Handle::new(Kind::User, self.tenant.user_at(group.slot, position));
        // Also who came and went in between: a list that was read meanwhile may hold them.
        let gone = (before.low..now.low).map(user);
        found.extend(gone.map(|target| EdgeReport { target, removed: true }));
        if !whole {
            let new = (before.high.max(now.low)..now.high).map(user);
            found.extend(new.map(|target| EdgeReport { target, removed: false }));
            let new = self.new_places(group.slot, since.moment);
            found.extend(new.into_iter().map(|target| EdgeReport { target, removed: false }));
        }
    }

    /// The groups that report members because the members themselves were restored or purged.
    fn stage_edges(&self, since: Version, reports: MembershipReports) -> StageEdges {
        let mut found = StageEdges::new();
        if !(reports.restored || reports.purged)
            || (since.moment == self.moment && since.sequence == self.overlay.sequence())
        {
            return found;
        }
        for kind in Kind::MEMBERS {
            for target in
                self.handles(kind, 0).filter(|handle| self.is_touched(*handle, since, &[]))
            {
                let removed = match (self.stage_at(target, since), self.object(target).stage()) {
                    (Stage::SoftDeleted, Stage::Live) if reports.restored => false,
                    // A list that was read in between has left it out.
                    (Stage::Live, Stage::Live)
                        if reports.restored && self.was_away(target, since) =>
                    {
                        false
                    }
                    (Stage::Live | Stage::SoftDeleted, Stage::Purged) if reports.purged => true,
                    _ => continue,
                };
                for group in self.groups_of(target) {
                    found.entry(group).or_default().push(EdgeReport { target, removed });
                }
            }
        }
        found
    }

    /// Whether a live object was in the recycle bin for some of the last moments since a version.
    pub(crate) fn was_away(&self, handle: Handle, since: Version) -> bool {
        self.was(handle, since, Stage::SoftDeleted)
    }

    /// Whether an object was in a stage at some of the last moments since a version.
    fn was(&self, handle: Handle, since: Version, stage: Stage) -> bool {
        const MOMENTS: u64 = 200;
        let first = (since.moment + 1).max(self.moment.saturating_sub(MOMENTS));
        let at = |moment| self.own_stage_at(handle, Version { moment, ..since });
        let written = self.overlay.patch(handle);
        written.is_some_and(|patch| patch.passed(since.sequence, stage))
            || (first..self.moment).any(|moment| at(moment) == stage)
    }

    /// Every change to owners, registered owners or registered users since `since`.
    pub(crate) fn target_changes(
        &self,
        relation: Relation,
        source: Handle,
        since: Option<Version>,
        appeared: bool,
    ) -> Vec<EdgeReport> {
        let added = |target| EdgeReport { target, removed: false };
        let written = self.overlay.edges(relation, source).into_iter().flatten();
        let Some(since) = since.filter(|_| !appeared) else {
            // What was removed before the object went to the recycle bin may still be known.
            let removed =
                written.filter(|(_, change)| appeared && since.is_some() && !change.present);
            let removed = removed.map(|(target, _)| EdgeReport { target: *target, removed: true });
            let known = self.known_targets(relation, source).into_iter().map(added);
            return removed.chain(known).collect();
        };
        let written = written.filter(|(_, change)| change.sequence > since.sequence);
        written
            .map(|(target, change)| EdgeReport { target: *target, removed: !change.present })
            .collect()
    }

    /// The change of a user's manager since `since`: the old one removed, the new one added.
    pub(crate) fn manager_changes(
        &self,
        user: Handle,
        since: Option<Version>,
        appeared: bool,
    ) -> Vec<EdgeReport> {
        let now = self.known_manager(user);
        let added = now.map(|target| EdgeReport { target, removed: false });
        let Some(since) = since else { return added.into_iter().collect() };
        if appeared {
            // The reader may know a manager of any time before the user went to the recycle bin.
            let slots = if user.is_created() { [0; 2] } else { Tenant::managers(user.slot) };
            let scheduled = slots.into_iter().map(|slot| Handle::new(Kind::User, slot));
            let former = scheduled.filter(|_| !user.is_created());
            let former = former.chain(self.overlay.written_managers(user));
            let mut former: Vec<Handle> = former.filter(|target| Some(*target) != now).collect();
            former.sort_unstable();
            former.dedup();
            let removed = former.into_iter().map(|target| EdgeReport { target, removed: true });
            return removed.chain(added).collect();
        }
        let written = self.overlay.manager(user);
        let scheduled = |moment| {
            let slot =
                if user.is_created() { None } else { self.tenant.manager(user.slot, moment) };
            slot.map(|slot| Handle::new(Kind::User, slot))
        };
        let before = match self.overlay.manager_at(user, since.sequence) {
            Some(change) => change.manager,
            None => scheduled(since.moment),
        };
        if before == now && written.is_none_or(|change| change.sequence <= since.sequence) {
            return Vec::new();
        }
        let removed =
            before.filter(|_| before != now).map(|target| EdgeReport { target, removed: true });
        removed.into_iter().chain(added).collect()
    }
}
