//! Relationships as sources of lists.

use crate::directory::{Directory, MemberPosition, Relation};
use crate::tenant::{Handle, Kind};

use super::list::Source;
use super::resource::Link;

/// The objects at the other end of a relationship.
pub(crate) fn source(directory: Directory<'_>, of: Handle, link: Link) -> Box<Source<'_>> {
    if link == Link::Members {
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
        Link::Members => Vec::new(),
        Link::TransitiveMembers => directory.transitive_members(of),
        Link::MemberOf => directory.groups_of(of),
        Link::TransitiveMemberOf => directory.transitive_groups_of(of),
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
