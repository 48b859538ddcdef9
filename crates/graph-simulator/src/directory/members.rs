//! Members of groups, read in both directions.

use std::collections::BTreeSet;

use super::{Directory, Relation};
use crate::tenant::membership::{CYCLE, Placed, Window};
use crate::tenant::{Handle, Kind};

/// A place in a group's member list: a segment and an index within it, in one word, so that a page
/// token can carry it and a list that changes under a reader still continues at the right place.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct MemberPosition(pub(crate) u64);

const SEGMENT: u32 = 56;
const FOUNDERS: u64 = 0;
/// Segments 1 to 5: members of a kind that a rule places in the group.
const WRITTEN: u64 = 6;

impl MemberPosition {
    fn new(segment: u64, index: u64) -> Self {
        Self(segment << SEGMENT | index)
    }

    fn segment(self) -> u64 {
        self.0 >> SEGMENT
    }

    fn index(self) -> u64 {
        self.0 & ((1 << SEGMENT) - 1)
    }
}

/// A walk along the members of one group.
pub(crate) struct Members<'a> {
    directory: Directory<'a>,
    group: Handle,
    window: Window,
    next: MemberPosition,
}

impl<'a> Directory<'a> {
    /// The direct members of a group, whatever their stage, from a position on.
    pub(crate) fn members(&self, group: Handle, from: MemberPosition) -> Members<'a> {
        let window = if group.is_created() {
            Window { low: 0, high: 0 }
        } else {
            self.tenant.window(group.slot, self.moment)
        };
        Members { directory: *self, group, window, next: from }
    }

    /// Whether the schedule, writes aside, has `member` in `group`.
    pub(crate) fn is_scheduled_member(&self, group: Handle, member: Handle) -> bool {
        if group.is_created() || member.is_created() {
            return false;
        }
        if group.kind != Kind::Group {
            return self.scheduled_targets(Relation::Members, group).contains(&member);
        }
        if member.kind == Kind::User && member.slot < self.tenant.schedule(Kind::User).founders() {
            return self.tenant.window_holds(
                group.slot,
                self.tenant.window(group.slot, self.moment),
                member.slot,
            );
        }
        if member.kind == Kind::Group {
            let pair = (group.slot, member.slot);
            return pair == CYCLE
                || pair == (CYCLE.1, CYCLE.0)
                || self.tenant.nesting_parent(member.slot) == Some(group.slot);
        }
        self.tenant.place_of(member, self.moment) == Some(group.slot)
    }

    /// Whether `member` is a direct member of `group`, stages aside.
    pub(crate) fn is_member(&self, group: Handle, member: Handle) -> bool {
        match self.overlay.edge(Relation::Members, group, member) {
            Some(change) => change.present,
            None => self.is_scheduled_member(group, member),
        }
    }

    /// The live groups that `member` is a direct member of, in the order of their slots.
    pub(crate) fn groups_of(&self, member: Handle) -> Vec<Handle> {
        let mut groups: BTreeSet<Handle> =
            self.overlay.sources(Relation::Members, member).collect();
        if !member.is_created() {
            groups.extend(self.scheduled_groups_of(member));
        }
        groups.retain(|group| {
            group.kind == Kind::Group
                && self.is_member(*group, member)
                && self.object(*group).is_live()
        });
        groups.into_iter().collect()
    }

    /// The live administrative units and directory roles that a member is in.
    pub(crate) fn units_and_roles_of(&self, member: Handle) -> Vec<Handle> {
        let mut found: BTreeSet<Handle> = self.overlay.sources(Relation::Members, member).collect();
        let unit = if member.is_created() { None } else { self.tenant.unit_of(member) };
        found.extend(unit.map(|slot| Handle::new(Kind::AdministrativeUnit, slot)));
        found.extend(self.handles(Kind::DirectoryRole, 0));
        found.retain(|source| {
            source.kind != Kind::Group
                && self.is_member(*source, member)
                && self.object(*source).is_live()
        });
        found.into_iter().collect()
    }

    fn scheduled_groups_of(&self, member: Handle) -> Vec<Handle> {
        let tenant = self.tenant;
        let slots: Vec<u64> = match member.kind {
            Kind::User if member.slot < tenant.schedule(Kind::User).founders() => {
                (0..tenant.schedule(Kind::Group).slots(self.moment))
                    .filter(|group| {
                        tenant.window_holds(*group, tenant.window(*group, self.moment), member.slot)
                    })
                    .collect()
            }
            Kind::Group => {
                let other = if member.slot == CYCLE.0 {
                    Some(CYCLE.1)
                } else {
                    (member.slot == CYCLE.1).then_some(CYCLE.0)
                };
                tenant.nesting_parent(member.slot).into_iter().chain(other).collect()
            }
            _ => tenant.place_of(member, self.moment).into_iter().collect(),
        };
        slots.into_iter().map(|slot| Handle::new(Kind::Group, slot)).collect()
    }

    /// Everything reachable downwards from a group, itself left out unless a cycle leads back, in
    /// the order of a breadth-first walk; live objects only.
    pub(crate) fn transitive_members(&self, group: Handle) -> Vec<Handle> {
        let mut seen = BTreeSet::new();
        let mut found = Vec::new();
        let mut queue = std::collections::VecDeque::from([group]);
        while let Some(next) = queue.pop_front() {
            for (_, member) in self.members(next, MemberPosition::default()) {
                if self.object(member).is_live() && seen.insert(member) {
                    found.push(member);
                    if member.kind == Kind::Group {
                        queue.push_back(member);
                    }
                }
            }
        }
        found.retain(|member| *member != group);
        found
    }

    /// Every live group reachable upwards from a member.
    pub(crate) fn transitive_groups_of(&self, member: Handle) -> Vec<Handle> {
        let mut seen = BTreeSet::new();
        let mut found = Vec::new();
        let mut queue = std::collections::VecDeque::from([member]);
        while let Some(next) = queue.pop_front() {
            for group in self.groups_of(next) {
                if seen.insert(group) {
                    found.push(group);
                    queue.push_back(group);
                }
            }
        }
        found.retain(|group| *group != member);
        found
    }
}

impl Iterator for Members<'_> {
    /// A member with the position after it.
    type Item = (MemberPosition, Handle);

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let (segment, index) = (self.next.segment(), self.next.index());
            let found = match segment {
                FOUNDERS => self.founder(index),
                WRITTEN => self.written(index),
                segment if segment < WRITTEN => self.placed(segment, index),
                _ => return None,
            };
            match found {
                Found::Member(member, index) => {
                    self.next = MemberPosition::new(segment, index);
                    return Some((self.next, member));
                }
                Found::Nothing(index) => self.next = MemberPosition::new(segment, index),
                Found::End => self.next = MemberPosition::new(segment + 1, 0),
            }
        }
    }
}

/// A step of the walk: a member or nothing, each with the index to go on at, or the segment's end.
enum Found {
    Member(Handle, u64),
    Nothing(u64),
    End,
}

impl Members<'_> {
    fn founder(&self, index: u64) -> Found {
        let index = index.max(self.window.low);
        if index >= self.window.high {
            return Found::End;
        }
        let member = Handle::new(Kind::User, self.directory.tenant.user_at(self.group.slot, index));
        self.unless_removed(member, index)
    }

    fn placed(&self, segment: u64, index: u64) -> Found {
        if self.group.is_created() {
            return Found::End;
        }
        let kind = Kind::MEMBERS[usize::try_from(segment - 1).expect("one of five segments")];
        match self.directory.tenant.placed(kind, self.group.slot, index, self.directory.moment) {
            Placed::End => Found::End,
            Placed::Nothing => Found::Nothing(index + 1),
            Placed::Slot(slot) => self.unless_removed(Handle::new(kind, slot), index),
        }
    }

    fn unless_removed(&self, member: Handle, index: u64) -> Found {
        match self.directory.overlay.edge(Relation::Members, self.group, member) {
            Some(change) if !change.present => Found::Nothing(index + 1),
            _ => Found::Member(member, index + 1),
        }
    }

    fn written(&self, index: u64) -> Found {
        let Some(edges) = self.directory.overlay.edges(Relation::Members, self.group) else {
            return Found::End;
        };
        let Ok(at) = usize::try_from(index) else { return Found::End };
        match edges.iter().nth(at) {
            None => Found::End,
            Some((member, change))
                if change.present && !self.directory.is_scheduled_member(self.group, *member) =>
            {
                Found::Member(*member, index + 1)
            }
            Some(_) => Found::Nothing(index + 1),
        }
    }
}
