//! A tenant as a pure function of (seed, size, moment): nothing is stored, everything is computed.

pub(crate) mod administrative_unit;
pub(crate) mod app_role_assignment;
mod application;
mod consent;
mod device;
pub(crate) mod directory_role;
pub(crate) mod group;
mod identifier;
mod kind;
pub(crate) mod membership;
pub(crate) mod mix;
mod names;
pub(crate) mod oauth2_permission_grant;
mod org_contact;
mod plan;
pub(crate) mod property;
pub(crate) mod relations;
mod schedule;
pub(crate) mod service_principal;
pub(crate) mod user;
pub(crate) mod view;

pub use identifier::{InvalidObjectId, ObjectId};
pub use kind::Kind;
pub use plan::Plan;
pub use schedule::Stage;

use membership::Permutations;
use property::Property;
use schedule::{Deletion, Life, Schedule};

/// Names an object by its kind and number.
///
/// Slots from [`CREATED`] on are those of objects that requests created.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Handle {
    pub(crate) kind: Kind,
    pub(crate) slot: u64,
}

/// The first slot of objects created by requests.
pub(crate) const CREATED: u64 = 1 << 60;

impl Handle {
    pub(crate) const fn new(kind: Kind, slot: u64) -> Self {
        Self { kind, slot }
    }

    pub(crate) const fn is_created(self) -> bool {
        self.slot >= CREATED
    }
}

/// A simulated Entra tenant.
///
/// It holds no objects. Object number n of a kind is computed from the seed whenever it is asked
/// for, so that a tenant of a million users takes no more memory than one of ten. Cloning is cheap.
#[derive(Clone, Debug)]
pub struct Tenant {
    pub(crate) seed: u64,
    moment: u64,
    id: ObjectId,
    domain: String,
    pub(crate) mean_group_size: u64,
    schedules: [Schedule; Kind::ALL.len()],
    permutations: Permutations,
    fingerprint: u64,
    plan: Plan,
}

/// Settings of a [`Tenant`].
#[derive(Clone, Debug)]
#[must_use]
pub struct TenantBuilder {
    seed: u64,
    users: u64,
    groups: Option<u64>,
    memberships: Option<u64>,
    moment: u64,
    domain: Option<String>,
    plan: Plan,
}

/// The identifiers that are not those of directory objects.
const TENANT_TAG: u8 = 0x40;
const APP_ID_TAG: u8 = 0x41;
const DEVICE_ID_TAG: u8 = 0x42;
const CREATED_TAG: u8 = 0x43;

impl TenantBuilder {
    /// The number from which everything is drawn. Default 7.
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// Users that are live at moment 0, from 10 to 10,000,000 (values outside are brought to the
    /// nearest end). Default 1,000. Devices, applications and service principals follow from it.
    pub fn users(mut self, users: u64) -> Self {
        self.users = users.clamp(10, 10_000_000);
        self
    }

    /// Groups that are live at moment 0, at least 3. Default: one for five users up to 1,000
    /// groups, and from 10,000 users on one for ten users.
    pub fn groups(mut self, groups: u64) -> Self {
        self.groups = Some(groups.clamp(3, 2_000_000));
        self
    }

    /// About how many direct memberships of users there are in all. Default: ten for each user.
    pub fn memberships(mut self, memberships: u64) -> Self {
        self.memberships = Some(memberships.min(1_000_000_000));
        self
    }

    /// The moment at which the tenant stands. Default 0.
    pub fn moment(mut self, moment: u64) -> Self {
        self.moment = moment.min(MAX_MOMENT);
        self
    }

    /// The initial domain. Default: `harbour<hexadecimal digits>.onmicrosoft.com`, drawn from the seed.
    pub fn domain(mut self, domain: impl Into<String>) -> Self {
        self.domain = Some(domain.into());
        self
    }

    /// What the tenant is licensed for. Default: P2.
    pub fn plan(mut self, plan: Plan) -> Self {
        self.plan = plan;
        self
    }

    /// The tenant.
    pub fn build(self) -> Tenant {
        let users = self.users;
        let groups = self.groups.unwrap_or_else(|| (users / 5).min((users / 10).max(1_000)).max(3));
        let memberships = self.memberships.unwrap_or(users * 10);
        let applications = (users / 50).clamp(4, 20_000);
        let schedules = Kind::ALL.map(|kind| {
            let (base, pinned, deletion) = match kind {
                Kind::User => (users, 1, Deletion::Restorable),
                Kind::Group => (groups, 3, Deletion::Restorable),
                Kind::Device => ((users * 3 / 5).max(4), 0, Deletion::Final),
                Kind::Application => (applications, 1, Deletion::Restorable),
                Kind::ServicePrincipal => {
                    let first_party = service_principal::FIRST_PARTY;
                    let count = applications + first_party + users / 200;
                    (count, 1 + first_party, Deletion::Restorable)
                }
                Kind::OrgContact => ((users / 20).max(2), 0, Deletion::Final),
                Kind::AdministrativeUnit => {
                    ((users / 100).clamp(2, 5_000), 1, Deletion::Restorable)
                }
                Kind::OAuth2PermissionGrant => (applications + users / 20, 1, Deletion::Final),
                Kind::AppRoleAssignment => ((users / 2).max(8), 1, Deletion::Final),
                Kind::DirectoryRole => {
                    return Schedule::fixed(self.seed, kind.tag(), directory_role::COUNT);
                }
            };
            let schedule = Schedule::new(self.seed, kind.tag(), base, pinned, deletion);
            // Small tenants would run out of pairs to connect.
            if kind.connects() { schedule.with_births(base / 500) } else { schedule }
        });
        let founders = users + (users / 50).clamp(2, 10_000);
        let fingerprint = mix::mix3(mix::mix2(self.seed, users), groups, memberships);
        Tenant {
            seed: self.seed,
            moment: self.moment,
            id: ObjectId::encode(self.seed, TENANT_TAG, 0),
            domain: self.domain.unwrap_or_else(|| {
                format!("harbour{:04x}.onmicrosoft.com", mix::mix2(self.seed, 11) & 0xffff)
            }),
            mean_group_size: (memberships.saturating_sub(users / 5) * 5 / 4 / (groups - 1)).max(2),
            schedules,
            permutations: Permutations::new(self.seed, founders),
            fingerprint,
            plan: self.plan,
        }
    }
}

/// Moments go up to here: a million hours.
pub(crate) const MAX_MOMENT: u64 = 1_000_000;

impl Default for TenantBuilder {
    fn default() -> Self {
        Self {
            seed: 7,
            users: 1_000,
            groups: None,
            memberships: None,
            moment: 0,
            domain: None,
            plan: Plan::P2,
        }
    }
}

impl Tenant {
    /// Starts describing a tenant: seed 7, 1,000 users, moment 0.
    pub fn builder() -> TenantBuilder {
        TenantBuilder::default()
    }

    /// The moment at which the tenant was built; a running simulator has its own.
    pub fn moment(&self) -> u64 {
        self.moment
    }

    /// The seed.
    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// The tenant's GUID.
    pub fn id_of_tenant(&self) -> ObjectId {
        self.id
    }

    /// The tenant's verified initial domain.
    pub fn domain(&self) -> &str {
        &self.domain
    }

    /// What the tenant is licensed for.
    pub fn plan(&self) -> Plan {
        self.plan
    }

    /// Names this tenant at whatever moment: seed and sizes.
    pub(crate) fn fingerprint(&self) -> u64 {
        self.fingerprint
    }

    pub(crate) fn schedule(&self, kind: Kind) -> &Schedule {
        &self.schedules[usize::from(kind.tag() - 1)]
    }

    /// The identifier of a directory object.
    pub(crate) fn id(&self, handle: Handle) -> ObjectId {
        if handle.is_created() {
            let number = (handle.slot - CREATED) << 4 | u64::from(handle.kind.tag());
            return ObjectId::encode(self.seed, CREATED_TAG, number);
        }
        ObjectId::encode(self.seed, handle.kind.tag(), handle.slot)
    }

    /// The object that an identifier names, whether it exists or not.
    pub(crate) fn handle(&self, id: ObjectId) -> Option<Handle> {
        match id.decode(self.seed)? {
            (CREATED_TAG, number) => {
                let kind = Kind::of_tag(u8::try_from(number & 15).ok()?)?;
                Some(Handle { kind, slot: CREATED + (number >> 4) })
            }
            (tag, slot) => Some(Handle { kind: Kind::of_tag(tag)?, slot })
                .filter(|handle| !handle.is_created()),
        }
    }

    /// The `appId` of the application in a slot.
    pub(crate) fn app_id(&self, slot: u64) -> ObjectId {
        ObjectId::encode(self.seed, APP_ID_TAG, slot)
    }

    /// The slot of the application with an `appId`.
    pub(crate) fn application_of(&self, app_id: ObjectId) -> Option<u64> {
        app_id.decode(self.seed).filter(|(tag, _)| *tag == APP_ID_TAG).map(|(_, slot)| slot)
    }

    /// The slot of the service principal with an `appId`.
    pub(crate) fn service_principal_of(&self, app_id: ObjectId) -> Option<u64> {
        if let Some(slot) = self.application_of(app_id) {
            let known = slot < self.schedule(Kind::Application).base;
            return known.then_some(service_principal::of_application(slot));
        }
        if let Some((b'M', slot)) = app_id.decode(mix::mix2(self.seed, u64::from(b'M'))) {
            return Some(slot);
        }
        let text = app_id.to_string();
        let known = names::FIRST_PARTY.iter().position(|(_, id)| *id == text)?;
        u64::try_from(known + 1).ok()
    }

    /// The `deviceId` of the device in a slot.
    pub(crate) fn device_id(&self, slot: u64) -> ObjectId {
        ObjectId::encode(self.seed, DEVICE_ID_TAG, slot)
    }

    /// The slot of the device with a `deviceId`.
    pub(crate) fn device_of(&self, device_id: ObjectId) -> Option<u64> {
        device_id.decode(self.seed).filter(|(tag, _)| *tag == DEVICE_ID_TAG).map(|(_, slot)| slot)
    }

    /// A GUID for something inside an object; `what` keeps different things apart.
    pub(crate) fn draw_guid(&self, what: u8, slot: u64) -> ObjectId {
        ObjectId::encode(mix::mix2(self.seed, u64::from(what)), what, slot)
    }

    /// The slot that [`Tenant::draw_guid`] drew a GUID for.
    pub(crate) fn drawn(&self, what: u8, id: ObjectId) -> Option<u64> {
        let (tag, slot) = id.decode(mix::mix2(self.seed, u64::from(what)))?;
        (tag == what).then_some(slot)
    }

    /// The life of a scheduled object.
    pub(crate) fn life(&self, handle: Handle, moment: u64) -> Life {
        if handle.kind == Kind::DirectoryRole && handle.slot >= directory_role::ACTIVATED {
            return Life { stage: Stage::Unborn, touches: 0, since: 0 };
        }
        let deletion = match handle.kind {
            Kind::Group => group::flavour(self, handle.slot).deletion(),
            Kind::User | Kind::Application | Kind::ServicePrincipal | Kind::AdministrativeUnit => {
                Deletion::Restorable
            }
            Kind::Device
            | Kind::OrgContact
            | Kind::DirectoryRole
            | Kind::OAuth2PermissionGrant
            | Kind::AppRoleAssignment => Deletion::Final,
        };
        self.schedule(handle.kind).life(handle.slot, moment, deletion)
    }
}

/// The properties of a kind, in the order in which they are written.
pub(crate) fn properties(kind: Kind) -> &'static [Property] {
    match kind {
        Kind::User => user::PROPERTIES,
        Kind::Group => group::PROPERTIES,
        Kind::Device => device::PROPERTIES,
        Kind::Application => application::PROPERTIES,
        Kind::ServicePrincipal => service_principal::PROPERTIES,
        Kind::OrgContact => org_contact::PROPERTIES,
        Kind::AdministrativeUnit => administrative_unit::PROPERTIES,
        Kind::DirectoryRole => directory_role::PROPERTIES,
        Kind::OAuth2PermissionGrant => oauth2_permission_grant::PROPERTIES,
        Kind::AppRoleAssignment => app_role_assignment::PROPERTIES,
    }
}

/// A property by name.
pub(crate) fn property(kind: Kind, name: &str) -> Option<&'static Property> {
    properties(kind).iter().find(|property| property.name == name)
}
