//! Relationships as sources of lists.

use crate::directory::{Directory, MemberPosition, Relation};
use crate::tenant::{Handle, Kind};

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
    }
}

fn chain(mut first: Vec<Handle>, second: Vec<Handle>) -> Vec<Handle> {
    first.extend(second);
    first
}
