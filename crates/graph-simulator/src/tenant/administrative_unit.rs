//! Administrative units, and who is in them.

use super::mix::mix3;
use super::names;
use super::property::{Property, Shape};
use super::view::{View, write_deleted, write_own_id};
use super::{Handle, Kind, Tenant};
use crate::protocol::json::Json;

const DESCRIPTION: u64 = 0;

const fn text(name: &'static str, write: fn(&View<'_>, &mut Json)) -> Property {
    Property::new(name, Shape::Text, write)
}

pub(crate) static PROPERTIES: &[Property] = &[
    Property::new("id", Shape::Text, write_own_id).read_only(),
    Property::new("deletedDateTime", Shape::DateTime, write_deleted).read_only(),
    text("displayName", |v, j| {
        j.text(|t| {
            t.push("Harbour ").push(v.one_of(1, names::PLACES).0).push(" ").decimal(v.slot());
        });
    }),
    text("description", |v, j| {
        let draw = v.draw_turn(DESCRIPTION);
        if draw.is_multiple_of(3) {
            return j.null();
        }
        j.text(|t| {
            t.push("Run by desk ").decimal(draw / 3 % 40);
        });
    }),
    Property::new("isMemberManagementRestricted", Shape::Boolean, |_, j| j.null()).unfiltered(),
    text("membershipRule", |_, j| j.null()),
    text("membershipRuleProcessingState", |_, j| j.null()),
    text("membershipType", |_, j| j.null()),
    text("visibility", |v, j| j.optional((v.slot() % 4 == 3).then_some("HiddenMembership")))
        .unfiltered(),
];

impl Tenant {
    /// The founding users, devices and groups of an administrative unit.
    pub(crate) fn unit_members(&self, unit: u64) -> impl Iterator<Item = Handle> + '_ {
        let units = self.schedule(Kind::AdministrativeUnit).base;
        let residue = if unit < units { Some(unit) } else { None };
        [Kind::User, Kind::Device, Kind::Group].into_iter().flat_map(move |kind| {
            let last = self.schedule(kind).base;
            let slots = residue.into_iter().flat_map(move |first| {
                (0..).map(move |round| first + round * units).take_while(move |slot| *slot < last)
            });
            slots
                .map(move |slot| Handle::new(kind, slot))
                .filter(|member| self.unit_of(*member).is_some())
        })
    }

    /// The administrative unit of an object.
    pub(crate) fn unit_of(&self, member: Handle) -> Option<u64> {
        let one_in = match member.kind {
            Kind::User => 3,
            Kind::Device => 8,
            Kind::Group => 10,
            _ => return None,
        };
        let drawn = mix3(self.seed, 0x756e_6974, member.slot ^ u64::from(member.kind.tag()) << 40)
            .is_multiple_of(one_in);
        let units = self.schedule(Kind::AdministrativeUnit).base;
        (drawn && member.slot < self.schedule(member.kind).base).then_some(member.slot % units)
    }
}
