//! Activated directory roles, and who holds them.

use super::mix::{below, mix3};
use super::property::{Property, Shape};
use super::view::{View, write_deleted, write_own_id};
use super::{Handle, Kind, Tenant};
use crate::protocol::json::Json;

/// Name and template id, the same in every tenant of Entra.
static ROLES: [(&str, &str); 10] = [
    ("Global Administrator", "62e90394-69f5-4237-9190-012177145e10"),
    ("Global Reader", "f2ef992c-3afb-46b9-b7cf-a126ee74c451"),
    ("User Administrator", "fe930be7-5e62-47db-91af-98c3a49a38b1"),
    ("Groups Administrator", "fdd7a751-b60b-444a-984c-02652fe8fa1c"),
    ("Application Administrator", "9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3"),
    ("Cloud Application Administrator", "158c047a-c907-4556-b7ef-446551a6b5f7"),
    ("Security Administrator", "194ae4cb-b126-40b2-bd5b-6091b380977d"),
    ("Security Reader", "5d6b6bb7-de71-4623-b4af-96380a352509"),
    ("Privileged Role Administrator", "e8611ab8-c189-46e8-94e1-60213ab1f814"),
    ("Helpdesk Administrator", "729827e3-9c14-49f7-bb1b-9608f156bbb8"),
];

/// The number of roles.
pub(crate) const COUNT: u64 = ROLES.len() as u64;

pub(crate) static PROPERTIES: &[Property] = &[
    Property::new("id", Shape::Text, write_own_id).read_only(),
    Property::new("deletedDateTime", Shape::DateTime, write_deleted).read_only(),
    Property::new("description", Shape::Text, description).read_only(),
    Property::new("displayName", Shape::Text, |v, j| j.string(role(v).0)).read_only(),
    Property::new("roleTemplateId", Shape::Text, |v, j| j.string(role(v).1)),
];

fn role(v: &View<'_>) -> (&'static str, &'static str) {
    usize::try_from(v.slot()).ok().and_then(|slot| ROLES.get(slot)).copied().unwrap_or(("", ""))
}

fn description(v: &View<'_>, j: &mut Json) {
    j.text(|t| {
        t.push("Holders act as ").push(role(v).0).push(".");
    });
}

/// The slot of the role with a template.
pub(crate) fn of_template(id: &str) -> Option<u64> {
    let found = ROLES.iter().position(|(_, template)| template.eq_ignore_ascii_case(id))?;
    u64::try_from(found).ok()
}

/// Most holders of a role that are users.
const MOST: u64 = 4;

impl Tenant {
    /// The holders of a role: the first user for the first role, a few users, and for one role a group.
    pub(crate) fn role_holders(&self, role: u64) -> impl Iterator<Item = Handle> + '_ {
        let users = self.schedule(Kind::User).base;
        let draw = move |index: u64| mix3(self.seed, 0x726f_6c65 + role, index);
        let drawn = (0..below(draw(9), MOST)).map(move |index| below(draw(index), users));
        let first = (role == 0).then_some(0);
        let mut seen = [u64::MAX; 8];
        let users = first.into_iter().chain(drawn).enumerate().filter_map(move |(at, slot)| {
            if seen.contains(&slot) {
                return None;
            }
            seen[at] = slot;
            Some(Handle::new(Kind::User, slot))
        });
        users.chain((role == 1).then_some(Handle::new(Kind::Group, 0)))
    }
}
