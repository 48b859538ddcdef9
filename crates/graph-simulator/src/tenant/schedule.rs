//! When each object of one kind is born, changes, is deleted, restored and purged.
//!
//! Everything is a closed formula of (seed, kind, slot, moment): no history is kept. Slots are
//! numbered: first those alive at moment 0, then a few that lie in the recycle bin at moment 0,
//! then those born later, a fixed number at each moment. In every block of `period` consecutive
//! slots one slot is touched at each moment, so a slot is touched once in `period` moments. The
//! touches of a slot form cycles of four, and a hash decides what happens in a cycle: updates
//! only, a deletion followed by a restore, or a deletion for good.

use super::mix::{below, mix2, mix3};

const CYCLE: u64 = 4;
/// Where in a cycle a deletion happens, where there is one.
const DELETION: u64 = 2;

/// The state of an object's life at a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Stage {
    /// Not created yet.
    Unborn,
    /// In the directory.
    Live,
    /// In the recycle bin (`directory/deletedItems`), restorable.
    SoftDeleted,
    /// Gone for good.
    Purged,
}

/// What deleting an object of a kind does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Deletion {
    /// It goes to the recycle bin first.
    Restorable,
    /// It is gone at once.
    Final,
}

/// The life of every object of one kind.
#[derive(Clone, Debug)]
pub(crate) struct Schedule {
    key: u64,
    /// Slots alive at moment 0.
    pub(crate) base: u64,
    /// Slots in the recycle bin at moment 0, after the base.
    pub(crate) graveyard: u64,
    /// Objects born at each moment from 1 on.
    pub(crate) births: u64,
    /// A slot is touched once in so many moments.
    period: u64,
    /// The first slots are never deleted.
    pinned: u64,
}

/// An object's stage with what it derives from.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Life {
    pub(crate) stage: Stage,
    /// Touches up to the moment, on the scale on which properties change.
    pub(crate) touches: u64,
    /// The moment of the last touch, or of birth.
    pub(crate) since: u64,
}

impl Schedule {
    pub(crate) fn new(seed: u64, tag: u8, base: u64, pinned: u64, deletion: Deletion) -> Self {
        Self {
            key: mix2(seed, u64::from(tag)),
            base,
            graveyard: match deletion {
                Deletion::Restorable => (base / 50).clamp(2, 10_000),
                Deletion::Final => 0,
            },
            births: (base / 500).max(1),
            period: (base / 6).clamp(2, 100),
            pinned,
        }
    }

    /// Another number of births at each moment.
    pub(crate) fn with_births(self, births: u64) -> Self {
        Self { births, ..self }
    }

    /// A kind whose objects are always the same.
    pub(crate) fn fixed(seed: u64, tag: u8, base: u64) -> Self {
        Self {
            births: 0,
            graveyard: 0,
            pinned: base,
            ..Self::new(seed, tag, base, base, Deletion::Final)
        }
    }

    /// The number of slots that exist, in whatever stage, at `moment`.
    pub(crate) fn slots(&self, moment: u64) -> u64 {
        self.founders().saturating_add(self.births.saturating_mul(moment))
    }

    /// Slots that exist from moment 0 on.
    pub(crate) fn founders(&self) -> u64 {
        self.base + self.graveyard
    }

    /// The moment at which `slot` is born: 0 for those that were there from the start.
    pub(crate) fn born(&self, slot: u64) -> u64 {
        match slot.checked_sub(self.founders()) {
            Some(_) if self.births == 0 => u64::MAX,
            None => 0,
            Some(late) => late / self.births + 1,
        }
    }

    /// The phase of `slot`: it is touched at the moments equal to it modulo the period. Slots of
    /// one block have different phases, so that every moment touches one slot in every block.
    fn phase(&self, slot: u64) -> u64 {
        (slot + mix2(self.key, slot / self.period)) % self.period
    }

    /// How often `slot` is touched after its birth and up to `moment`.
    pub(crate) fn touches(&self, slot: u64, moment: u64) -> u64 {
        self.beats(slot, moment, 0)
    }

    /// How often the relationships of `slot` are touched: as often, but half a period later.
    pub(crate) fn relationship_touches(&self, slot: u64, moment: u64) -> u64 {
        self.beats(slot, moment, self.period / 2)
    }

    fn beats(&self, slot: u64, moment: u64, delay: u64) -> u64 {
        let offset = 2 * self.period - self.phase(slot) - delay;
        ((moment + offset) / self.period) - ((self.born(slot).min(moment) + offset) / self.period)
    }

    /// The stage of `slot` at `moment`. `deletion` says what a deletion of this object means.
    pub(crate) fn life(&self, slot: u64, moment: u64, deletion: Deletion) -> Life {
        let born = self.born(slot);
        if born > moment {
            return Life { stage: Stage::Unborn, touches: 0, since: born };
        }
        let count = self.touches(slot, moment);
        let start = self.start(slot, deletion);
        let touches = start + count;
        Life {
            stage: self.stage(slot, touches, deletion),
            touches,
            since: self.since(slot, born, count, moment),
        }
    }

    fn since(&self, slot: u64, born: u64, count: u64, moment: u64) -> u64 {
        if count == 0 {
            return born;
        }
        let phase = self.phase(slot);
        let behind = (moment % self.period + self.period - phase) % self.period;
        moment - behind
    }

    /// Where in its first cycle a slot stands before its first touch.
    fn start(&self, slot: u64, deletion: Deletion) -> u64 {
        if slot >= self.founders() {
            return 0;
        }
        if slot >= self.base {
            return DELETION;
        }
        let start = mix3(self.key, slot, 1) % CYCLE;
        // Alive at moment 0, whatever the first cycle holds.
        match self.stage(slot, start, deletion) {
            Stage::Live => start,
            _ => start - DELETION,
        }
    }

    fn stage(&self, slot: u64, touches: u64, deletion: Deletion) -> Stage {
        if slot < self.pinned {
            return Stage::Live;
        }
        let cycle = touches / CYCLE;
        let position = touches % CYCLE;
        let last = self.last_cycle(slot);
        if cycle > last {
            return Stage::Purged;
        }
        if position < DELETION {
            return Stage::Live;
        }
        match (cycle == last, deletion) {
            (true, Deletion::Final) => Stage::Purged,
            (true, Deletion::Restorable) if position > DELETION => Stage::Purged,
            (true, Deletion::Restorable) => Stage::SoftDeleted,
            (false, Deletion::Restorable)
                if position == DELETION && self.restored_in(slot, cycle) =>
            {
                Stage::SoftDeleted
            }
            (false, _) => Stage::Live,
        }
    }

    /// The cycle in which the slot is deleted for good: about one in seven of the cycles it reaches.
    fn last_cycle(&self, slot: u64) -> u64 {
        let draw = mix3(self.key, slot, 2);
        if slot >= self.base && slot < self.founders() && draw.is_multiple_of(2) {
            return 0;
        }
        let mut rest = draw >> 32;
        let mut cycle = u64::from(slot >= self.base && slot < self.founders());
        while rest < (1 << 32) * 6 / 7 && cycle < 1_000 {
            rest = rest * 7 / 6 + 1;
            cycle += 1;
        }
        cycle
    }

    /// Whether the slot is deleted and restored in a cycle that is not its last.
    fn restored_in(&self, slot: u64, cycle: u64) -> bool {
        let in_bin_at_start = cycle == 0 && slot >= self.base && slot < self.founders();
        in_bin_at_start || below(mix3(self.key, slot, cycle + 3), 4) == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn schedule(base: u64) -> Schedule {
        Schedule::new(7, 1, base, 3, Deletion::Restorable)
    }

    #[test]
    fn every_base_slot_is_live_at_moment_zero_and_every_graveyard_slot_in_the_bin() {
        let schedule = schedule(1_000);
        for slot in 0..schedule.founders() {
            let stage = schedule.life(slot, 0, Deletion::Restorable).stage;
            assert_eq!(stage == Stage::Live, slot < 1_000, "{slot}");
            assert_eq!(stage == Stage::SoftDeleted, slot >= 1_000, "{slot}");
        }
    }

    #[test]
    fn about_one_in_a_hundred_is_touched_at_each_moment() {
        let schedule = schedule(10_000);
        for moment in 1..50 {
            let touched = (0..10_000).filter(|slot| {
                schedule.touches(*slot, moment) > schedule.touches(*slot, moment - 1)
            });
            assert_eq!(touched.count(), 100);
        }
    }

    #[test]
    fn a_life_only_moves_along_the_arrows_of_the_recycle_bin() {
        for deletion in [Deletion::Restorable, Deletion::Final] {
            let schedule = Schedule::new(3, 2, 300, 2, deletion);
            let mut seen = std::collections::BTreeMap::new();
            for slot in 0..schedule.slots(700) {
                for moment in 0..700 {
                    let step = (
                        schedule.life(slot, moment, deletion).stage,
                        schedule.life(slot, moment + 1, deletion).stage,
                    );
                    *seen.entry(format!("{step:?}")).or_insert(0) += 1;
                    if step.0 == Stage::Purged {
                        assert_eq!(step.1, Stage::Purged);
                    }
                    if step.0 == Stage::SoftDeleted {
                        assert_ne!(step.1, Stage::Unborn);
                    }
                    if deletion == Deletion::Final {
                        assert_ne!(step.1, Stage::SoftDeleted);
                    }
                }
            }
            assert!(
                seen.contains_key("(Live, Live)") && seen.contains_key("(Unborn, Live)"),
                "{seen:?}"
            );
            if deletion == Deletion::Restorable {
                for step in ["(Live, SoftDeleted)", "(SoftDeleted, Live)", "(SoftDeleted, Purged)"]
                {
                    assert!(seen.contains_key(step), "{step} {seen:?}");
                }
            } else {
                assert!(seen.contains_key("(Live, Purged)"), "{seen:?}");
            }
        }
    }

    #[test]
    fn pinned_slots_live_for_ever() {
        let schedule = schedule(100);
        for moment in [0, 1, 50, 10_000] {
            assert_eq!(schedule.life(2, moment, Deletion::Restorable).stage, Stage::Live);
        }
    }
}
