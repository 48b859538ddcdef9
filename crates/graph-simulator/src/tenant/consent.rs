//! Who may use which application: the rules behind app-role assignments and delegated grants.
//!
//! Like memberships they are computed, and read from every end: by slot, by principal, by client
//! and by resource. Principals and applications step through each other with coprime strides, so
//! that no principal holds the same role of one application twice.

use super::mix::{mix2, mix3};
use super::{Handle, Kind, ObjectId, Tenant, application, names, service_principal};

/// An application role that somebody holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Assignment {
    pub(crate) principal: Handle,
    pub(crate) resource: Handle,
    pub(crate) role: ObjectId,
}

/// A delegated grant; without a principal it is for everybody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Grant {
    pub(crate) client: Handle,
    pub(crate) resource: Handle,
    pub(crate) principal: Option<Handle>,
}

/// Of eight slots, six are assignments of users, one is a group's and one a service principal's.
const SHARES: u64 = 8;
const OF_USERS: u64 = 6;
const OF_GROUPS: u64 = 6;
const OF_SERVICE_PRINCIPALS: u64 = 7;

/// The application that a third of all users hold.
const POPULAR: u64 = 1;

/// Microsoft Graph's service principal.
const GRAPH: Handle = Handle::new(Kind::ServicePrincipal, 1);

/// The role of an application that has none of its own.
const DEFAULT_ROLE: ObjectId = ObjectId(0);

/// Whose assignments a slot is among, and its number there.
fn class(slot: u64) -> (Kind, u64) {
    let (round, share) = (slot / SHARES, slot % SHARES);
    match share {
        OF_GROUPS => (Kind::Group, round),
        OF_SERVICE_PRINCIPALS => (Kind::ServicePrincipal, round),
        share => (Kind::User, round * OF_USERS + share),
    }
}

/// The slot of a number among the assignments of a kind.
const fn slot_of(kind: Kind, index: u64) -> u64 {
    match kind {
        Kind::Group => index * SHARES + OF_GROUPS,
        Kind::ServicePrincipal => index * SHARES + OF_SERVICE_PRINCIPALS,
        _ => index / OF_USERS * SHARES + index % OF_USERS,
    }
}

const fn gcd(mut a: u64, mut b: u64) -> u64 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

/// The largest number up to `bound` that shares no factor with `modulus`.
fn coprime(bound: u64, modulus: u64) -> u64 {
    (1..=bound).rev().find(|candidate| gcd(*candidate, modulus) == 1).unwrap_or(1)
}

fn application_principal(application: u64) -> Handle {
    Handle::new(Kind::ServicePrincipal, service_principal::of_application(application))
}

impl Tenant {
    fn applications(&self) -> u64 {
        self.schedule(Kind::Application).base
    }

    /// Principals of a kind that take part, one after the other.
    fn principals(&self, kind: Kind) -> u64 {
        match kind {
            Kind::ServicePrincipal => self.applications(),
            kind => coprime(self.schedule(kind).base, self.applications() - 1),
        }
    }

    fn is_popular(&self, index: u64) -> bool {
        index < self.principals(Kind::User) && mix3(self.seed, 0x706f_7075, index).is_multiple_of(3)
    }

    /// The application that the stride leads to; the popular one is not on its way.
    fn stride(&self, kind: Kind, index: u64) -> u64 {
        let others = self.applications() - 1;
        let step = (index + mix2(self.seed, u64::from(kind.tag())) % others) % others;
        if step < POPULAR { step } else { step + 1 }
    }

    /// The app-role assignment in a slot.
    pub(crate) fn assignment(&self, slot: u64) -> Assignment {
        let (kind, index) = class(slot);
        let member = index % self.principals(kind);
        if kind == Kind::ServicePrincipal {
            let roles = u64::try_from(names::GRAPH_ROLES.len()).expect("a small table");
            let turn = (index / self.applications() + mix3(self.seed, 0x726f_6c65, member)) % roles;
            let role = names::GRAPH_ROLES[usize::try_from(turn).expect("an index of the table")].1;
            return Assignment {
                principal: application_principal(member),
                resource: GRAPH,
                role: role.parse().expect("the table holds GUIDs"),
            };
        }
        let popular = kind == Kind::User && self.is_popular(index);
        let application = if popular { POPULAR } else { self.stride(kind, index) };
        Assignment {
            principal: Handle::new(kind, member),
            resource: application_principal(application),
            role: application::role(self, application).unwrap_or(DEFAULT_ROLE),
        }
    }

    /// The slots below `last` of the assignments that a principal holds.
    pub(crate) fn assignments_of(
        &self,
        principal: Handle,
        last: u64,
    ) -> impl Iterator<Item = u64> + use<> {
        let (kind, count) = (
            principal.kind,
            match principal.kind {
                Kind::User | Kind::Group | Kind::ServicePrincipal => {
                    self.principals(principal.kind)
                }
                _ => 0,
            },
        );
        let member = match kind {
            Kind::ServicePrincipal => service_principal::application_of(principal.slot),
            _ => Some(principal.slot),
        };
        let first = member.filter(|member| *member < count);
        first
            .into_iter()
            .flat_map(move |first| (0..).map(move |round| first + round * count))
            .map(move |index| slot_of(kind, index))
            .take_while(move |slot| *slot < last)
    }

    /// The slots from `from` to `last` of the assignments of a resource's roles, in any order.
    pub(crate) fn assigned_to(
        &self,
        resource: Handle,
        from: u64,
        last: u64,
    ) -> impl Iterator<Item = u64> + use<'_> {
        let rounds = from / SHARES..last.div_ceil(SHARES);
        let application = service_principal::application_of(resource.slot);
        let known = resource == GRAPH || application.is_some_and(|app| app < self.applications());
        let wide = resource == GRAPH || application == Some(POPULAR);
        let others = self.applications() - 1;
        // A resource off the popular path is met once in `others` steps: look only where it is.
        let every = if wide { 1 } else { others };
        let slots =
            [Kind::User, Kind::Group, Kind::ServicePrincipal].into_iter().flat_map(move |kind| {
                let (low, high) = match kind {
                    Kind::User => (rounds.start * OF_USERS, rounds.end * OF_USERS),
                    _ => (rounds.start, rounds.end),
                };
                let wanted = application.map(|app| if app < POPULAR { app } else { app - 1 });
                let offset = mix2(self.seed, u64::from(kind.tag())) % others;
                let residue = wanted.map_or(0, |step| (step % others + others - offset) % others);
                let start =
                    if wide { low } else { low + (residue + others - low % others) % others };
                (start..high)
                    .step_by(usize::try_from(every).unwrap_or(usize::MAX))
                    .map(move |index| slot_of(kind, index))
            });
        slots
            .filter(move |slot| known && (from..last).contains(slot))
            .filter(move |slot| self.assignment(*slot).resource == resource)
    }

    /// The delegated grant in a slot.
    pub(crate) fn grant(&self, slot: u64) -> Grant {
        let applications = self.applications();
        let Some(index) = slot.checked_sub(applications) else {
            return Grant { client: application_principal(slot), resource: GRAPH, principal: None };
        };
        let user = index % coprime(self.schedule(Kind::User).base, applications);
        let client = application_principal((index + self.grant_offset()) % applications);
        Grant { client, resource: GRAPH, principal: Some(Handle::new(Kind::User, user)) }
    }

    fn grant_offset(&self) -> u64 {
        mix2(self.seed, 0x6772_616e) % self.applications()
    }

    /// The slots below `last` of the grants for one user alone.
    pub(crate) fn grants_of(&self, user: u64, last: u64) -> impl Iterator<Item = u64> + use<> {
        let applications = self.applications();
        let users = coprime(self.schedule(Kind::User).base, applications);
        let first = (user < users).then_some(user);
        first
            .into_iter()
            .flat_map(move |first| (0..).map(move |round| applications + first + round * users))
            .take_while(move |slot| *slot < last)
    }

    /// The slots below `last` of the grants to a client.
    pub(crate) fn grants_to(&self, client: u64, last: u64) -> impl Iterator<Item = u64> + use<> {
        let applications = self.applications();
        let known =
            service_principal::application_of(client).filter(|client| *client < applications);
        let offset = self.grant_offset();
        known
            .into_iter()
            .flat_map(move |client| {
                let first = (client + applications - offset) % applications;
                std::iter::once(client).chain((1..).map(move |round| round * applications + first))
            })
            .take_while(move |slot| *slot < last)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn assignments_are_found_from_both_ends_and_held_once() {
        for users in [10, 60, 400] {
            let tenant = Tenant::builder().users(users).build();
            let last = tenant.schedule(Kind::AppRoleAssignment).slots(100);
            let mut seen = BTreeSet::new();
            for slot in 0..last {
                let assignment = tenant.assignment(slot);
                let key = (assignment.principal, assignment.resource, assignment.role);
                assert!(seen.insert(key), "{users} {slot} {key:?}");
                assert!(tenant.assignments_of(assignment.principal, last).any(|of| of == slot));
                assert!(tenant.assigned_to(assignment.resource, 0, last).any(|to| to == slot));
            }
            let resources = 0..tenant.schedule(Kind::ServicePrincipal).base;
            let listed: u64 = resources
                .map(|slot| Handle::new(Kind::ServicePrincipal, slot))
                .map(|resource| tenant.assigned_to(resource, 0, last).count() as u64)
                .sum();
            assert_eq!(listed, last);
        }
    }

    #[test]
    fn grants_are_found_from_both_ends() {
        let tenant = Tenant::builder().users(300).build();
        let last = tenant.schedule(Kind::OAuth2PermissionGrant).slots(100);
        for slot in 0..last {
            let grant = tenant.grant(slot);
            assert!(tenant.grants_to(grant.client.slot, last).any(|to| to == slot), "{slot}");
            if let Some(user) = grant.principal {
                assert!(tenant.grants_of(user.slot, last).any(|of| of == slot), "{slot}");
            }
        }
    }
}
