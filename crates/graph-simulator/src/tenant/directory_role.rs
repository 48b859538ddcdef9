//! Activated directory roles, and who holds them.

use super::mix::{below, mix3};
use super::property::{Property, Shape};
use super::view::{View, write_deleted, write_own_id};
use super::{Handle, Kind, Tenant};
use crate::protocol::json::Json;

/// Name and template id, the same in every tenant of Entra.
pub(crate) static ROLES: [(&str, &str); 47] = [
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
    ("Privileged Authentication Administrator", "7be44c8a-adaf-4e2a-84d6-ab2649e08a13"),
    ("Authentication Administrator", "c4e39bd9-1100-46d3-8c65-fb160da0071f"),
    ("Authentication Policy Administrator", "0526716b-113d-4c15-b2c8-68e3c22b9f80"),
    ("Conditional Access Administrator", "b1be1c3e-b65d-4f19-8427-f6fa0d97feb9"),
    ("Exchange Administrator", "29232cdf-9323-42fd-ade2-1d097af3e4de"),
    ("SharePoint Administrator", "f28a1f50-f6e7-4571-818b-6a12f2af6b6c"),
    ("Teams Administrator", "69091246-20e8-4a56-aa4d-066075b2a7a8"),
    ("Intune Administrator", "3a2c62db-5318-420d-8d74-23affee5d9d5"),
    ("Billing Administrator", "b0f54661-2d74-4c50-afa3-1ec803f12efe"),
    ("License Administrator", "4d6ac14f-3453-41d0-bef9-a3e0c569773a"),
    ("Compliance Administrator", "17315797-102d-40b4-93e0-432062caca18"),
    ("Directory Readers", "88d8e3e3-8f55-4a1e-953a-9b9898b8876b"),
    ("Directory Writers", "9360feb5-f418-4baa-8175-e2a00bac4301"),
    ("Directory Synchronization Accounts", "d29b2b05-8046-44ba-8758-1e26182fcf32"),
    ("Guest Inviter", "95e79109-95c0-4d8e-aee3-d01accf2d47b"),
    ("Reports Reader", "4a5d8f65-41da-4de4-8968-e035b65339cf"),
    ("Message Center Reader", "790c1fb9-7f7d-4f88-86a1-ef1f95c05c1b"),
    ("Service Support Administrator", "f023fd81-a637-4b56-95fd-791ac0226033"),
    ("Security Operator", "5f2222b1-57c3-48ba-8ad5-d4759f1fde6f"),
    ("Password Administrator", "966707d0-3269-4727-9be2-8c3a10f19b9d"),
    ("Application Developer", "cf1c38e5-3621-4004-a7cb-879624dced7c"),
    ("Cloud Device Administrator", "7698a772-787b-4ac8-901f-60d6b08affd2"),
    ("Identity Governance Administrator", "45d8d3c5-c802-45c6-b32a-1d70b5e1e86e"),
    ("Hybrid Identity Administrator", "8ac3fc64-6eca-42ea-9e69-59f4c7b60eb2"),
    ("External Identity Provider Administrator", "be2f45a1-457d-42af-a067-6ec1fa63bc45"),
    ("Attribute Assignment Administrator", "58a13ea3-c632-46ae-9ee0-9c0d43cd7f3d"),
    ("Attribute Definition Administrator", "8424c6f0-a189-499e-bbd0-26c1753c96d4"),
    ("Attribute Definition Reader", "1d336d2c-4ae8-42ef-9711-b3604ce3fc2c"),
    ("Attribute Assignment Reader", "ffd52fa5-98dc-465c-991d-fc073eb59f8f"),
    ("Domain Name Administrator", "8329153b-31d0-4727-b945-745eb3bc5f31"),
    ("Lifecycle Workflows Administrator", "59d46f88-662b-457b-bceb-5c3809e5908f"),
    ("Power Platform Administrator", "11648597-926c-4cf3-9c36-bcebb0ba8dcc"),
    ("Fabric Administrator", "a9ea8996-122f-4c74-9520-8edcd192826c"),
    ("Azure DevOps Administrator", "e3973bdf-4987-49ae-837a-ba8e231c7286"),
    ("Usage Summary Reports Reader", "75934031-6c7e-415a-99d7-48dbd49e875e"),
    ("Windows 365 Administrator", "11451d60-acb2-45eb-a7d6-43d0f0125c13"),
    ("Printer Administrator", "644ef478-e28f-4e28-b9dc-3fdde9aa0b1f"),
];

/// The number of roles there are.
pub(crate) const COUNT: u64 = ROLES.len() as u64;

/// The first ones are activated; the others wait for their first holder.
pub(crate) const ACTIVATED: u64 = 10;

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
        let last = if role < ACTIVATED { MOST } else { 0 };
        let draw = move |index: u64| mix3(self.seed, 0x726f_6c65 + role, index);
        let drawn = (0..below(draw(9), last)).map(move |index| below(draw(index), users));
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
