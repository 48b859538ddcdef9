//! Owners, managers and registered devices, schedule and writes together.

use std::collections::BTreeSet;

use super::{Directory, Relation};
use crate::tenant::{Handle, Kind, Stage};

impl Directory<'_> {
    /// The live targets of a relationship that is listed whole: owners, registered owners and users.
    pub(crate) fn targets(&self, relation: Relation, source: Handle) -> Vec<Handle> {
        let mut targets = self.known_targets(relation, source);
        targets.retain(|target| self.object(*target).is_live());
        targets
    }

    /// The same with targets in the recycle bin: an edge outlasts a soft deletion.
    pub(crate) fn known_targets(&self, relation: Relation, source: Handle) -> Vec<Handle> {
        let mut targets: Vec<Handle> = self
            .scheduled_targets(relation, source)
            .into_iter()
            .filter(|target| {
                self.overlay.edge(relation, source, *target).is_none_or(|change| change.present)
            })
            .collect();
        if let Some(edges) = self.overlay.edges(relation, source) {
            let written =
                edges.iter().filter(|(_, change)| change.present).map(|(target, _)| *target);
            let new: Vec<Handle> = written.filter(|target| !targets.contains(target)).collect();
            targets.extend(new);
        }
        targets.retain(|target| self.is_known(*target));
        targets
    }

    pub(super) fn scheduled_targets(&self, relation: Relation, source: Handle) -> Vec<Handle> {
        if source.is_created() {
            return Vec::new();
        }
        let slots: Vec<u64> = match relation {
            Relation::Owners => self.tenant.owners(source).collect(),
            Relation::RegisteredOwners | Relation::RegisteredUsers => {
                self.tenant.registered_owner(source.slot).into_iter().collect()
            }
            Relation::Manager => {
                self.tenant.manager(source.slot, self.moment).into_iter().collect()
            }
            Relation::Members => return self.scheduled_members(source),
            // Guests are sponsored by whoever manages what they work on: nobody until written.
            Relation::Sponsors => Vec::new(),
        };
        slots.into_iter().map(|slot| Handle::new(Kind::User, slot)).collect()
    }

    /// The members of an administrative unit or a directory role.
    fn scheduled_members(&self, source: Handle) -> Vec<Handle> {
        match source.kind {
            Kind::AdministrativeUnit => self.tenant.unit_members(source.slot).collect(),
            Kind::DirectoryRole => self.tenant.role_holders(source.slot).collect(),
            _ => Vec::new(),
        }
    }

    /// Whether an edge of a relationship that is listed whole exists, stages aside.
    pub(crate) fn has_target(&self, relation: Relation, source: Handle, target: Handle) -> bool {
        match self.overlay.edge(relation, source, target) {
            Some(change) => change.present,
            None => self.scheduled_targets(relation, source).contains(&target),
        }
    }

    fn is_known(&self, handle: Handle) -> bool {
        matches!(self.object(handle).stage(), Stage::Live | Stage::SoftDeleted)
    }

    /// The live manager of a user.
    pub(crate) fn manager(&self, user: Handle) -> Option<Handle> {
        self.known_manager(user).filter(|manager| self.object(*manager).is_live())
    }

    /// The manager of a user, in the recycle bin too.
    pub(crate) fn known_manager(&self, user: Handle) -> Option<Handle> {
        let manager = match self.overlay.manager(user) {
            Some(change) => change.manager,
            None => self.scheduled_targets(Relation::Manager, user).first().copied(),
        };
        manager.filter(|manager| self.is_known(*manager))
    }

    /// The live users that report to a user.
    pub(crate) fn direct_reports(&self, manager: Handle) -> Vec<Handle> {
        let mut reports: BTreeSet<Handle> = self.overlay.reports(manager).collect();
        if !manager.is_created() {
            let scheduled = self.tenant.direct_reports(manager.slot, self.moment);
            reports.extend(scheduled.map(|slot| Handle::new(Kind::User, slot)));
        }
        reports.retain(|report| {
            self.manager(*report) == Some(manager) && self.object(*report).is_live()
        });
        reports.into_iter().collect()
    }

    /// The live objects of a kind that a user owns.
    pub(crate) fn owned(&self, owner: Handle, kind: Kind) -> Vec<Handle> {
        self.handles(kind, 0)
            .filter(|handle| self.has_target(Relation::Owners, *handle, owner))
            .filter(|handle| self.object(*handle).is_live())
            .collect()
    }

    /// The live devices that a user registered.
    pub(crate) fn registered_devices(&self, user: Handle) -> Vec<Handle> {
        let mut devices: BTreeSet<Handle> =
            self.overlay.sources(Relation::RegisteredOwners, user).collect();
        if !user.is_created() {
            let scheduled = self.tenant.registered_devices(user.slot, self.moment);
            devices.extend(scheduled.map(|slot| Handle::new(Kind::Device, slot)));
        }
        devices.retain(|device| {
            self.has_target(Relation::RegisteredOwners, *device, user)
                && self.object(*device).is_live()
        });
        devices.into_iter().collect()
    }
}
