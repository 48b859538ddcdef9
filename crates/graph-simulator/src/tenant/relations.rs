//! Managers, owners and registered owners, as rules that can be read in both directions.

use super::mix::{below, mix3};
use super::user::{self, MANAGER};
use super::view::View;
use super::{Handle, Kind, Tenant};

/// How many people report to one manager by the first rule.
const SPAN: u64 = 7;
/// How many groups or applications share their rule for owners.
const MOST_OWNERS: u64 = 3;

impl Tenant {
    /// The manager of a user: one seventh of its number, or skipping a level, in turns.
    pub(crate) fn manager(&self, slot: u64, moment: u64) -> Option<u64> {
        let view = View::new(self, Handle::new(Kind::User, slot), moment);
        if slot == 0 || user::is_guest(&view) {
            return None;
        }
        match view.version(MANAGER) % 4 {
            0 | 2 => Some(slot / SPAN),
            1 => Some(slot / (SPAN * SPAN)),
            _ => None,
        }
    }

    /// Everybody who is a user's manager at some moment.
    pub(crate) fn managers(slot: u64) -> [u64; 2] {
        [slot / SPAN, slot / (SPAN * SPAN)]
    }

    /// Everybody whose manager `slot` is.
    pub(crate) fn direct_reports(&self, slot: u64, moment: u64) -> impl Iterator<Item = u64> + '_ {
        let near = slot * SPAN..(slot + 1) * SPAN;
        let far = slot * SPAN * SPAN..(slot + 1) * SPAN * SPAN;
        let apart = far.clone();
        let users = self.schedule(Kind::User).slots(moment);
        near.filter(move |report| !apart.contains(report))
            .chain(far)
            .filter(move |report| *report < users && *report != slot)
            .filter(move |report| self.manager(*report, moment) == Some(slot))
    }

    /// The founding users that own a group, application or service principal.
    pub(crate) fn owners(&self, object: Handle) -> impl Iterator<Item = u64> + '_ {
        let users = self.schedule(Kind::User).base;
        let count = match object.kind {
            Kind::Group | Kind::Application => below(self.owner_draw(object, 9), MOST_OWNERS + 1),
            Kind::ServicePrincipal => below(self.owner_draw(object, 9), 2),
            Kind::User
            | Kind::Device
            | Kind::OrgContact
            | Kind::AdministrativeUnit
            | Kind::DirectoryRole
            | Kind::OAuth2PermissionGrant
            | Kind::AppRoleAssignment => 0,
        };
        let mut seen = [u64::MAX; 4];
        (0..count).filter_map(move |index| {
            let owner = below(self.owner_draw(object, index), users);
            if seen.contains(&owner) {
                return None;
            }
            seen[usize::try_from(index).expect("at most three owners")] = owner;
            Some(owner)
        })
    }

    fn owner_draw(&self, owned: Handle, index: u64) -> u64 {
        mix3(self.seed ^ 0x6f77_6e65, u64::from(owned.kind.tag()) << 8 | index, owned.slot)
    }

    /// The user that registered a device.
    pub(crate) fn registered_owner(&self, device: u64) -> Option<u64> {
        let users = self.schedule(Kind::User).base;
        (below(mix3(self.seed, 0x7265_6769, device), 10) != 0).then_some(device % users)
    }

    /// The devices a user registered.
    pub(crate) fn registered_devices(
        &self,
        user: u64,
        moment: u64,
    ) -> impl Iterator<Item = u64> + '_ {
        let users = self.schedule(Kind::User).base;
        let devices = self.schedule(Kind::Device).slots(moment);
        let last = if user < users { devices } else { 0 };
        (0..)
            .map(move |round| user + round * users)
            .take_while(move |device| *device < last)
            .filter(move |device| self.registered_owner(*device) == Some(user))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn managers_and_reports_agree_at_every_moment() {
        let tenant = Tenant::builder().users(300).build();
        for moment in [0, 5, 120] {
            let users = tenant.schedule(Kind::User).slots(moment);
            for user in 0..users {
                for report in tenant.direct_reports(user, moment) {
                    assert_eq!(tenant.manager(report, moment), Some(user));
                }
                if let Some(manager) = tenant.manager(user, moment) {
                    assert!(
                        tenant.direct_reports(manager, moment).any(|report| report == user),
                        "{user}"
                    );
                }
            }
        }
    }
}
