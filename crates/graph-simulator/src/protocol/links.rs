//! Relationships as sources of lists.

use crate::directory::{Directory, MemberPosition, Relation};
use crate::tenant::{CREATED, Handle, Kind};

use super::list::Source;
use super::resource::Link;

/// The objects at the other end of a relationship.
pub(crate) fn source(directory: Directory<'_>, of: Handle, link: Link) -> Box<Source<'_>> {
    if link == Link::Members && of.kind == Kind::Group {
        return Box::new(move |from| {
            Box::new(
                directory.members(of, MemberPosition(from)).map(|(next, member)| (next.0, member)),
            )
        });
    }
    if link.connections().is_some() {
        return connections(directory, of, link);
    }
    let all = whole(directory, of, link);
    Box::new(move |from| {
        let skip = usize::try_from(from).unwrap_or(usize::MAX);
        Box::new((1..).zip(all.clone()).skip(skip))
    })
}

fn whole(directory: Directory<'_>, of: Handle, link: Link) -> Vec<Handle> {
    match link {
        Link::Members => directory.targets(Relation::Members, of),
        Link::TransitiveMembers => directory.transitive_members(of),
        Link::MemberOf => chain(directory.groups_of(of), directory.units_and_roles_of(of)),
        Link::TransitiveMemberOf => {
            let groups = directory.transitive_groups_of(of);
            let sources: Vec<Handle> = std::iter::once(of).chain(groups.iter().copied()).collect();
            let mut held: Vec<Handle> = sources
                .into_iter()
                .flat_map(|source| directory.units_and_roles_of(source))
                .collect();
            held.sort_unstable();
            held.dedup();
            chain(groups, held)
        }
        Link::Owners => directory.targets(Relation::Owners, of),
        Link::OwnedObjects => [Kind::Group, Kind::Application, Kind::ServicePrincipal]
            .into_iter()
            .flat_map(|kind| directory.owned(of, kind))
            .collect(),
        Link::OwnedDevices | Link::RegisteredDevices => directory.registered_devices(of),
        Link::RegisteredOwners => directory.targets(Relation::RegisteredOwners, of),
        Link::RegisteredUsers => directory.targets(Relation::RegisteredUsers, of),
        Link::DirectReports => directory.direct_reports(of),
        Link::Manager => directory.manager(of).into_iter().collect(),
        Link::Sponsors => directory.targets(Relation::Sponsors, of),
        // Who created what is not kept, and this tenant's licences never fail.
        Link::CreatedObjects
        | Link::MembersWithLicenseErrors
        | Link::AppRoleAssignments
        | Link::AppRoleAssignedTo
        | Link::OAuth2PermissionGrants => Vec::new(),
    }
}

/// Grants and assignments of an object: those of the schedule, and those that requests created. The
/// position of one is its slot's successor.
fn connections(directory: Directory<'_>, of: Handle, link: Link) -> Box<Source<'_>> {
    let kind = link.connections().expect("asked for connections only");
    let (name, tenant) = (end_name(link, of.kind), directory.tenant);
    Box::new(move |from| {
        let last = tenant.schedule(kind).slots(directory.moment);
        let scheduled: Box<dyn Iterator<Item = u64> + '_> = match (link, of.kind) {
            _ if of.is_created() => Box::new(std::iter::empty()),
            (Link::AppRoleAssignedTo, _) => Box::new(tenant.assigned_to(of, 0, last)),
            (Link::AppRoleAssignments, _) => Box::new(tenant.assignments_of(of, last)),
            (_, Kind::User) => Box::new(tenant.grants_of(of.slot, last)),
            _ => Box::new(tenant.grants_to(of.slot, last)),
        };
        let id = tenant.id(of).to_string();
        let written = (CREATED..CREATED + directory.overlay.created(kind)).filter(move |slot| {
            let patch = directory.overlay.patch(Handle::new(kind, *slot));
            patch.and_then(|patch| patch.properties.get(name)).is_some_and(|value| *value == *id)
        });
        let skip = usize::try_from(from).unwrap_or(usize::MAX);
        let handles = scheduled.chain(written).map(move |slot| Handle::new(kind, slot));
        Box::new((1..).zip(handles).skip(skip))
    })
}

/// The property of a connection that names the object it is listed under.
pub(crate) const fn end_name(link: Link, of: Kind) -> &'static str {
    match (link, of) {
        (Link::AppRoleAssignedTo, _) => "resourceId",
        (Link::OAuth2PermissionGrants, Kind::ServicePrincipal) => "clientId",
        _ => "principalId",
    }
}

fn chain(mut first: Vec<Handle>, second: Vec<Handle>) -> Vec<Handle> {
    first.extend(second);
    first
}
