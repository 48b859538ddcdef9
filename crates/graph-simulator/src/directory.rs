//! The directory at a moment: the scheduled tenant with the writes made to it.

pub(crate) mod changes;
pub(crate) mod documents;
pub(crate) mod members;
pub(crate) mod object;
pub(crate) mod overlay;
pub(crate) mod people;
pub(crate) mod truth;

pub(crate) use members::MemberPosition;
pub(crate) use object::Object;
pub(crate) use overlay::Overlay;

use crate::tenant::view::View;
use crate::tenant::{CREATED, Handle, Kind, ObjectId, Stage, Tenant, directory_role, user};

/// A relationship between directory objects that can be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Relation {
    Members,
    Owners,
    Manager,
    RegisteredOwners,
    RegisteredUsers,
    Sponsors,
}

/// A tenant, what was written to it, and a moment.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Directory<'a> {
    pub(crate) tenant: &'a Tenant,
    pub(crate) overlay: &'a Overlay,
    pub(crate) moment: u64,
    /// The present, in Unix seconds.
    pub(crate) now: u64,
}

impl<'a> Directory<'a> {
    /// The same directory at another moment; what was written stays.
    pub(crate) fn at(&self, moment: u64) -> Self {
        Self { moment, ..*self }
    }

    /// The object of a handle, in whatever stage.
    pub(crate) fn object(&self, handle: Handle) -> Object<'a> {
        let patch = self.overlay.patch(handle);
        let view = if handle.is_created() {
            let stage = Stage::Unborn; // unless a visible write says otherwise
            View::created_by_request(self.tenant, handle, stage)
        } else {
            View::new(self.tenant, handle, self.moment)
        };
        let object = Object::new(view, patch, self.now);
        if handle.kind.connects() && self.has_lost_an_end(handle) { object.lost() } else { object }
    }

    /// The objects that a grant or an assignment connects.
    pub(crate) fn ends(&self, handle: Handle) -> impl Iterator<Item = Handle> + use<'a> {
        let ends = if handle.is_created() {
            let properties = self.overlay.patch(handle).map(|patch| &patch.properties);
            let id = |name: &str| properties?.get(name)?.as_str()?.parse::<ObjectId>().ok();
            ["clientId", "resourceId", "principalId"]
                .map(|name| id(name).and_then(|id| self.tenant.handle(id)))
        } else if handle.kind == Kind::AppRoleAssignment {
            let assignment = self.tenant.assignment(handle.slot);
            [Some(assignment.principal), Some(assignment.resource), None]
        } else {
            let grant = self.tenant.grant(handle.slot);
            [Some(grant.client), Some(grant.resource), grant.principal]
        };
        ends.into_iter().flatten()
    }

    /// A connection ends when one of its objects is gone for good; one in the recycle bin keeps it.
    fn has_lost_an_end(&self, handle: Handle) -> bool {
        self.ends(handle).any(|end| self.object(end).stage() == Stage::Purged)
    }

    /// The object with an identifier, if it lives.
    pub(crate) fn live(&self, id: ObjectId) -> Option<Object<'a>> {
        self.find(id).filter(Object::is_live)
    }

    /// The object with an identifier, in whatever stage.
    pub(crate) fn find(&self, id: ObjectId) -> Option<Object<'a>> {
        self.tenant.handle(id).map(|handle| self.object(handle))
    }

    /// The live object of a kind that a key segment names: an id, or for users a principal name.
    pub(crate) fn by_key(&self, kind: Kind, key: &str) -> Option<Object<'a>> {
        if kind.connects() {
            return ObjectId::of_link(key)
                .and_then(|id| self.live(id))
                .filter(|object| object.kind() == kind);
        }
        match key.parse::<ObjectId>() {
            Ok(id) => self.live(id).filter(|object| object.kind() == kind),
            Err(_) if kind == Kind::User => self.by_principal_name(key),
            Err(_) => None,
        }
    }

    /// The live user with a principal name.
    pub(crate) fn by_principal_name(&self, name: &str) -> Option<Object<'a>> {
        let written = self.overlay.by_principal_name(name);
        let scheduled = || user::by_principal_name(self.tenant, name, self.moment);
        let matches = |handle| {
            let object = self.object(handle);
            let current = object.value_of("userPrincipalName");
            (object.is_live()
                && current
                    .as_str()
                    .is_some_and(|current| current.to_lowercase() == name.to_lowercase()))
            .then_some(object)
        };
        written.and_then(matches).or_else(|| scheduled().and_then(matches))
    }

    /// The live object with an `appId`.
    pub(crate) fn by_app_id(&self, kind: Kind, app_id: ObjectId) -> Option<Object<'a>> {
        let written = self.overlay.by_app_id(kind, app_id);
        written
            .or_else(|| self.scheduled_by_app_id(kind, app_id))
            .map(|handle| self.object(handle))
            .filter(Object::is_live)
    }

    fn scheduled_by_app_id(&self, kind: Kind, app_id: ObjectId) -> Option<Handle> {
        let slot = match kind {
            Kind::Application => self.tenant.application_of(app_id)?,
            Kind::ServicePrincipal => self.tenant.service_principal_of(app_id)?,
            _ => return None,
        };
        Some(Handle::new(kind, slot))
    }

    /// The live device with a `deviceId`.
    pub(crate) fn by_device_id(&self, device_id: ObjectId) -> Option<Object<'a>> {
        let slot = self.tenant.device_of(device_id)?;
        Some(self.object(Handle::new(Kind::Device, slot))).filter(Object::is_live)
    }

    /// The activated role of a template.
    pub(crate) fn by_role_template(&self, id: &str) -> Option<Object<'a>> {
        let slot = directory_role::of_template(id)?;
        Some(self.object(Handle::new(Kind::DirectoryRole, slot))).filter(Object::is_live)
    }

    /// Every handle of a kind from a slot on, in whatever stage.
    pub(crate) fn handles(&self, kind: Kind, from: u64) -> impl Iterator<Item = Handle> + use<'a> {
        let scheduled = from..self.tenant.schedule(kind).slots(self.moment);
        let created = from.max(CREATED)..CREATED + self.overlay.created(kind);
        scheduled.chain(created).map(move |slot| Handle::new(kind, slot))
    }

    /// The slots of a kind: those of the schedule and those of objects that requests created.
    pub(crate) fn handle_range(&self, kind: Kind) -> [std::ops::Range<u64>; 2] {
        [
            0..self.tenant.schedule(kind).slots(self.moment),
            CREATED..CREATED + self.overlay.created(kind),
        ]
    }

    /// The number of live objects of a kind.
    pub(crate) fn count(&self, kind: Kind) -> u64 {
        let live = self.handles(kind, 0).filter(|handle| self.object(*handle).is_live());
        u64::try_from(live.count()).expect("a count of slots")
    }
}
