//! Who is in which group, without a list anywhere.
//!
//! A group's users are a window over a permutation of all users that were there at moment 0, which
//! slides on with time; users born later, devices, service principals and nested groups each belong
//! to groups by a permutation of their own. Every direction can be read: members of a group from a
//! position on, and the groups of a member.

use super::mix::{below, mix2, mix3};
use super::{Handle, Kind, Tenant, group};
use group::Flavour;

/// The two groups that contain each other.
pub(crate) const CYCLE: (u64, u64) = (1, 2);

/// Numbers to multiply with, modulo the number of users, and their inverses.
#[derive(Clone, Debug)]
pub(crate) struct Permutations {
    modulus: u64,
    pairs: Vec<(u64, u64)>,
}

impl Permutations {
    pub(crate) fn new(seed: u64, modulus: u64) -> Self {
        let mut pairs = Vec::with_capacity(64);
        let mut draw = mix2(seed, modulus);
        for _ in 0..10_000 {
            draw = mix2(draw, 1);
            let candidate = below(draw, modulus);
            if let Some(inverse) = inverse(candidate, modulus) {
                pairs.push((candidate, inverse));
            }
            if pairs.len() == 64 {
                break;
            }
        }
        if pairs.is_empty() {
            pairs.push((1 % modulus, 1 % modulus));
        }
        Self { modulus, pairs }
    }

    fn pair(&self, draw: u64) -> (u64, u64) {
        let index = below(draw, u64::try_from(self.pairs.len()).expect("at most 64 pairs"));
        self.pairs[usize::try_from(index).expect("an index into 64 pairs")]
    }

    fn apply(&self, draw: u64, index: u64) -> u64 {
        let (factor, _) = self.pair(draw);
        multiply(factor, index % self.modulus, self.modulus, mix2(draw, 1) % self.modulus)
    }

    fn invert(&self, draw: u64, value: u64) -> u64 {
        let (_, inverse) = self.pair(draw);
        let shifted = (value + self.modulus - mix2(draw, 1) % self.modulus) % self.modulus;
        multiply(inverse, shifted, self.modulus, 0)
    }
}

fn multiply(a: u64, b: u64, modulus: u64, offset: u64) -> u64 {
    // At most ten million users and some thousands in the bin: the product stays below 2^49.
    (a * b + offset) % modulus
}

/// The inverse of `value` modulo `modulus`, where there is one.
fn inverse(value: u64, modulus: u64) -> Option<u64> {
    let (mut old_r, mut r) = (i128::from(value), i128::from(modulus));
    let (mut old_s, mut s) = (1i128, 0i128);
    while r != 0 {
        let quotient = old_r / r;
        (old_r, r) = (r, old_r - quotient * r);
        (old_s, s) = (s, old_s - quotient * s);
    }
    (old_r == 1).then(|| {
        u64::try_from(old_s.rem_euclid(i128::from(modulus))).expect("below a modulus of 64 bits")
    })
}

/// The users of one group at one moment: positions `low..high` of its permutation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Window {
    pub(crate) low: u64,
    pub(crate) high: u64,
}

impl Tenant {
    fn group_draw(&self, slot: u64) -> u64 {
        mix3(self.seed, 0x6d65_6d62, slot)
    }

    /// The number of users a group starts with: the first has a fifth of the tenant, most are small.
    fn starting_size(&self, slot: u64) -> u64 {
        let users = self.schedule(Kind::User).base;
        if slot == 0 {
            return users.div_ceil(5);
        }
        let mean = self.mean_group_size;
        let draw = mix2(self.group_draw(slot), 2);
        let part = below(mix2(draw, 1), 1 << 16);
        // (share of the mean, as a numerator over 1 << 16) for each hundredth of the groups.
        let size = match draw % 100 {
            0..2 => 0,
            2..60 => 1 + ((mean * part / 5) >> 16),
            60..90 => 1 + mean / 5 + ((mean * part * 4 / 5) >> 16),
            90..98 => mean + ((mean * part * 4) >> 16),
            _ => mean * 4 + ((mean * part * 20) >> 16),
        };
        size.min(users / 2)
    }

    /// The window of a group's users.
    pub(crate) fn window(&self, slot: u64, moment: u64) -> Window {
        let size = self.starting_size(slot);
        let step = (size / 100).max(1);
        let touches = self.schedule(Kind::Group).relationship_touches(slot, moment);
        let high = size + step * touches.div_ceil(2);
        let low = step * (touches / 2);
        Window { low: low.min(high), high }
    }

    /// The user at a position of a group's permutation.
    pub(crate) fn user_at(&self, group: u64, position: u64) -> u64 {
        self.permutations.apply(self.group_draw(group), position)
    }

    /// Whether a founding user is in a group's window.
    pub(crate) fn window_holds(&self, group: u64, window: Window, user: u64) -> bool {
        let modulus = self.permutations.modulus;
        if window.high - window.low >= modulus {
            return true;
        }
        let position = self.permutations.invert(self.group_draw(group), user);
        (position + modulus - window.low % modulus) % modulus < window.high - window.low
    }

    /// Slots of `kind` that a rule of their own places in `group`, from the `from`th on, with their index.
    ///
    /// Users that were there at moment 0 are not among them.
    pub(crate) fn placed(&self, kind: Kind, group: u64, index: u64, moment: u64) -> Placed {
        if kind == Kind::Group {
            return self.nested(group, index);
        }
        let groups = self.schedule(Kind::Group).base;
        if group >= groups || !takes(self, group, kind) {
            return Placed::End;
        }
        let (first, last) = self.placed_range(kind, moment);
        let slot = first + self.residue(kind, group, groups) + index * groups;
        if slot >= last {
            return Placed::End;
        }
        if self.is_placed(kind, slot) { Placed::Slot(slot) } else { Placed::Nothing }
    }

    /// The index from which on [`Tenant::placed`] yields members born after a moment.
    pub(crate) fn first_place_since(&self, kind: Kind, group: u64, since: u64) -> u64 {
        let groups = self.schedule(Kind::Group).base;
        let (first, known) = self.placed_range(kind, since);
        let residue = self.residue(kind, group, groups);
        known.saturating_sub(first + residue).div_ceil(groups)
    }

    fn residue(&self, kind: Kind, group: u64, groups: u64) -> u64 {
        (group + groups - mix3(self.seed, 0x706c, u64::from(kind.tag())) % groups) % groups
    }

    /// The group that a rule places a slot in; founding users and groups have none.
    pub(crate) fn place_of(&self, member: Handle, moment: u64) -> Option<u64> {
        let (first, last) = self.placed_range(member.kind, moment);
        if member.kind == Kind::Group
            || member.slot < first
            || member.slot >= last
            || !self.is_placed(member.kind, member.slot)
        {
            return None;
        }
        let groups = self.schedule(Kind::Group).base;
        let offset = mix3(self.seed, 0x706c, u64::from(member.kind.tag())) % groups;
        let group = (member.slot - first + offset) % groups;
        takes(self, group, member.kind).then_some(group)
    }

    fn placed_range(&self, kind: Kind, moment: u64) -> (u64, u64) {
        let schedule = self.schedule(kind);
        let first = if kind == Kind::User { schedule.founders() } else { 0 };
        (first, schedule.slots(moment))
    }

    fn is_placed(&self, kind: Kind, slot: u64) -> bool {
        let one_in = match kind {
            Kind::User => 1,
            Kind::Device => 3,
            _ => 2,
        };
        below(mix3(self.seed, 0x7069 + u64::from(kind.tag()), slot), one_in) == 0
    }

    /// The groups nested in a group.
    fn nested(&self, group: u64, index: u64) -> Placed {
        if index == 0 {
            return match group {
                group if group == CYCLE.0 => Placed::Slot(CYCLE.1),
                group if group == CYCLE.1 => Placed::Slot(CYCLE.0),
                _ => Placed::Nothing,
            };
        }
        let slot = group * NESTED + index - 1;
        if index > NESTED || slot >= self.schedule(Kind::Group).base {
            return Placed::End;
        }
        if self.nesting_parent(slot) == Some(group) { Placed::Slot(slot) } else { Placed::Nothing }
    }

    /// The group that a group is nested in by the rule for nesting (the cycle aside).
    pub(crate) fn nesting_parent(&self, slot: u64) -> Option<u64> {
        let parent = slot / NESTED;
        let nested = slot > 2
            && slot < self.schedule(Kind::Group).base
            && parent != slot
            && mix2(self.group_draw(slot), 3).is_multiple_of(3);
        (nested
            && takes(self, parent, Kind::Group)
            && !matches!(group::flavour(self, slot), Flavour::Unified(_)))
        .then_some(parent)
    }
}

/// How many groups look to the same parent; a third of them are nested in it.
const NESTED: u64 = 5;

/// One step along the members that a rule places in a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Placed {
    Slot(u64),
    Nothing,
    End,
}

/// Microsoft 365 groups hold users only; dynamic groups hold users and devices.
fn takes(tenant: &Tenant, group: u64, kind: Kind) -> bool {
    match group::flavour(tenant, group) {
        Flavour::Unified(_) | Flavour::UnifiedDynamic => kind == Kind::User,
        Flavour::Dynamic => matches!(kind, Kind::User | Kind::Device),
        Flavour::Security | Flavour::MailEnabledSecurity | Flavour::Distribution => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_permutation_is_inverted() {
        for modulus in [1, 2, 12, 1_020, 102_000] {
            let permutations = Permutations::new(7, modulus);
            for draw in 0..20 {
                for index in (0..modulus).step_by(1 + usize::try_from(modulus / 50).unwrap()) {
                    let value = permutations.apply(draw, index);
                    assert!(value < modulus);
                    assert_eq!(permutations.invert(draw, value), index);
                }
            }
        }
    }

    #[test]
    fn both_directions_of_membership_agree() {
        let tenant = Tenant::builder().seed(3).users(200).build();
        let users = tenant.schedule(Kind::User).founders();
        for moment in [0, 1, 90, 2_000] {
            for group in 0..tenant.schedule(Kind::Group).slots(moment) {
                let window = tenant.window(group, moment);
                let listed: std::collections::BTreeSet<u64> = (window.low..window.high)
                    .map(|position| tenant.user_at(group, position))
                    .collect();
                for user in 0..users {
                    assert_eq!(listed.contains(&user), tenant.window_holds(group, window, user));
                }
                for kind in [Kind::User, Kind::Device, Kind::ServicePrincipal, Kind::OrgContact] {
                    for index in 0.. {
                        match tenant.placed(kind, group, index, moment) {
                            Placed::End => break,
                            Placed::Nothing => {}
                            Placed::Slot(slot) => {
                                assert_eq!(
                                    tenant.place_of(Handle { kind, slot }, moment),
                                    Some(group)
                                );
                            }
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn memberships_are_as_many_as_asked_for() {
        let tenant = Tenant::builder().seed(7).users(10_000).memberships(100_000).build();
        let total: u64 = (0..tenant.schedule(Kind::Group).base)
            .map(|group| tenant.window(group, 0))
            .map(|window| window.high - window.low)
            .sum();
        assert!((80_000..120_000).contains(&total), "{total}");
    }
}
