//! One scheduled object at one moment: the draws and dates its properties are written from.

use super::mix::{below, mix2, mix3};
use super::{Handle, ObjectId, Stage, Tenant};
use crate::protocol::json::{Json, Text};

/// The moment of the tenant's clock that moment 0 is: 2025-01-06T08:00:00Z; each moment is an hour.
const EPOCH: u64 = 1_736_150_400;
const HOUR: u64 = 3_600;
const DAY: u64 = 86_400;

/// How many properties take turns in changing.
pub(crate) const TURNS: u64 = 8;

/// A scheduled object at a moment.
#[derive(Clone, Copy, Debug)]
pub(crate) struct View<'a> {
    pub(crate) tenant: &'a Tenant,
    pub(crate) handle: Handle,
    pub(crate) stage: Stage,
    pub(crate) touches: u64,
    pub(crate) since: u64,
    key: u64,
}

impl<'a> View<'a> {
    pub(crate) fn new(tenant: &'a Tenant, handle: Handle, moment: u64) -> Self {
        let life = tenant.life(handle, moment);
        Self {
            tenant,
            handle,
            stage: life.stage,
            touches: life.touches,
            since: life.since,
            key: mix3(tenant.seed, u64::from(handle.kind.tag()) << 8, handle.slot),
        }
    }

    /// A view of an object that requests created: nothing is drawn from it.
    pub(crate) fn created_by_request(tenant: &'a Tenant, handle: Handle, stage: Stage) -> Self {
        Self { tenant, handle, stage, touches: 0, since: 0, key: 0 }
    }

    pub(crate) fn slot(&self) -> u64 {
        self.handle.slot
    }

    pub(crate) fn id(&self) -> ObjectId {
        self.tenant.id(self.handle)
    }

    /// A number drawn for this object and `salt`; the same at every moment.
    pub(crate) fn draw(&self, salt: u64) -> u64 {
        mix2(self.key, salt)
    }

    /// Draws below `bound`.
    pub(crate) fn pick(&self, salt: u64, bound: u64) -> u64 {
        below(self.draw(salt), bound)
    }

    /// One chance in `of`.
    pub(crate) fn one_in(&self, salt: u64, of: u64) -> bool {
        self.pick(salt, of) == 0
    }

    /// How often the property with this turn has changed.
    pub(crate) fn version(&self, turn: u64) -> u64 {
        let offset = (self.key + TURNS - turn) % TURNS;
        (self.touches + offset) / TURNS
    }

    /// A draw that changes whenever the property with this turn changes.
    pub(crate) fn draw_turn(&self, turn: u64) -> u64 {
        mix3(self.key, turn, self.version(turn))
    }

    pub(crate) fn one_of<T: Copy>(&self, salt: u64, table: &[T]) -> T {
        choose(self.draw(salt), table)
    }

    pub(crate) fn one_of_turn<T: Copy>(&self, turn: u64, table: &[T]) -> T {
        choose(self.draw_turn(turn), table)
    }

    /// When the object was created, in Unix seconds: within the eight years before moment 0, or
    /// at the moment of its birth.
    pub(crate) fn created(&self) -> u64 {
        match self.tenant.schedule(self.handle.kind).born(self.slot()) {
            0 => EPOCH - DAY - self.pick(900, 8 * 365 * DAY),
            born => EPOCH + born * HOUR,
        }
    }
}

/// Writes the object's own identifier.
pub(crate) fn write_own_id(v: &View<'_>, json: &mut Json) {
    write_id(v.id(), json);
}

/// Writes the object's own identifier as connections between objects have it.
pub(crate) fn write_link_id(v: &View<'_>, json: &mut Json) {
    json.string(&v.id().to_link());
}

/// Writes when the object was created.
pub(crate) fn write_created(v: &View<'_>, json: &mut Json) {
    json.text(|text| write_timestamp(text, v.created()));
}

/// Writes when the object went to the recycle bin, if it lies there.
pub(crate) fn write_deleted(v: &View<'_>, json: &mut Json) {
    if v.stage == Stage::SoftDeleted {
        json.text(|text| write_timestamp(text, moment_seconds(v.since)));
    } else {
        json.null();
    }
}

/// Picks one of `table`.
pub(crate) fn choose<T: Copy>(draw: u64, table: &[T]) -> T {
    let index = below(draw, u64::try_from(table.len()).expect("a table fits in memory"));
    table[usize::try_from(index).expect("an index into a table")]
}

pub(crate) fn write_id(id: ObjectId, json: &mut Json) {
    let text = id.to_text();
    json.string(std::str::from_utf8(&text).expect("hexadecimal digits and hyphens"));
}

/// The Unix seconds of a moment.
pub(crate) const fn moment_seconds(moment: u64) -> u64 {
    EPOCH + moment * HOUR
}

/// Writes Unix seconds as `2025-01-06T08:00:00Z`.
pub(crate) fn write_timestamp(text: &mut Text<'_>, seconds: u64) {
    let (year, month, day) = civil(seconds / DAY);
    let rest = seconds % DAY;
    text.padded(year, 4).push("-").padded(month, 2).push("-").padded(day, 2).push("T");
    text.padded(rest / HOUR, 2)
        .push(":")
        .padded(rest / 60 % 60, 2)
        .push(":")
        .padded(rest % 60, 2)
        .push("Z");
}

/// The timestamp as text.
pub(crate) fn timestamp(seconds: u64) -> String {
    let mut json = Json::with_capacity(24);
    json.text(|text| write_timestamp(text, seconds));
    String::from_utf8_lossy(&json.as_bytes()[1..json.len() - 1]).into_owned()
}

/// The calendar date of a day since 1970-01-01 (Howard Hinnant's `civil_from_days`, years from 0 on).
const fn civil(days: u64) -> (u64, u64, u64) {
    let shifted = days + 719_468;
    let era = shifted / 146_097;
    let day_of_era = shifted % 146_097;
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    let year = year_of_era + era * 400 + if month <= 2 { 1 } else { 0 };
    (year, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timestamps_agree_with_the_calendar() {
        assert_eq!(timestamp(0), "1970-01-01T00:00:00Z");
        assert_eq!(timestamp(EPOCH), "2025-01-06T08:00:00Z");
        assert_eq!(timestamp(951_782_399), "2000-02-28T23:59:59Z");
        assert_eq!(timestamp(951_782_400), "2000-02-29T00:00:00Z");
        assert_eq!(timestamp(1_767_225_599), "2025-12-31T23:59:59Z");
    }
}
