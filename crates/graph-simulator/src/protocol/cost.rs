//! Resource units of a request (facts: graph-protocol 3.2).

use http::Method;

use super::query::Query;
use super::resource::{Link, Resource};
use crate::tenant::Kind;

/// `$top` below this makes a request cheaper.
const SMALL_PAGE: u64 = 20;

/// What a request is charged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Cost {
    pub(crate) resource_units: u32,
    pub(crate) writes: u32,
}

/// The cost of a request.
pub(crate) fn cost(resource: &Resource, method: &Method, query: &Query) -> Cost {
    let reads = *method == Method::GET || reads_by_post(resource);
    if !reads {
        return Cost { resource_units: 1, writes: 1 };
    }
    let base = base(resource);
    let units = base + u32::from(query.expand.is_some());
    let discount = u32::from(query.select.is_some())
        + u32::from(query.top.is_some_and(|top| top < SMALL_PAGE));
    let units = match resource {
        Resource::GetByIds if query.select.is_some() => 2,
        _ => units.saturating_sub(discount).max(1),
    };
    Cost { resource_units: units, writes: 0 }
}

fn base(resource: &Resource) -> u32 {
    match resource {
        Resource::Collection(Kind::User | Kind::Application | Kind::OAuth2PermissionGrant)
        | Resource::Object(Kind::OAuth2PermissionGrant, _)
        | Resource::Linked {
            kind: Kind::ServicePrincipal, link: Link::AppRoleAssignments, ..
        }
        | Resource::Linked {
            kind: Kind::User,
            link: Link::MemberOf | Link::TransitiveMemberOf | Link::OwnedObjects,
            ..
        } => 2,
        Resource::Linked { kind: Kind::Group, link: Link::Members, .. } => 3,
        Resource::Linked { kind: Kind::Group, link: Link::TransitiveMembers, .. }
        | Resource::GetByIds => 5,
        Resource::Action { name, .. } | Resource::ObjectAction { name, .. } => {
            match name.as_str() {
                "checkMemberGroups" | "checkMemberObjects" => 4,
                _ => 2,
            }
        }
        Resource::Set(target) => match target.set.path {
            "domains/{id}/domainNameReferences" => 4,
            "subscribedSkus" | "contracts" => 3,
            "users/{id}/licenseDetails" | "applications/{id}/extensionProperties" => 2,
            _ => 1,
        },
        _ => 1,
    }
}

/// Actions that only read, although they are posted.
pub(crate) fn reads_by_post(resource: &Resource) -> bool {
    match resource {
        Resource::GetByIds
        | Resource::ObjectAction { .. }
        | Resource::ValidateProperties
        | Resource::AvailableExtensions => true,
        Resource::Action { name, .. } => {
            name.starts_with("getMember") || name.starts_with("checkMember")
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::super::path::Path;
    use super::super::resource::resolve;
    use super::*;

    fn units(method: &Method, path: &str) -> u32 {
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let resource = resolve(&Path::parse(&format!("/v1.0{path}")).unwrap()).unwrap();
        cost(&resource, method, &Query::parse(query).unwrap()).resource_units
    }

    #[test]
    fn requests_cost_what_the_table_says() {
        let get = Method::GET;
        assert_eq!(units(&get, "/users"), 2);
        assert_eq!(units(&get, "/users?$select=id"), 1);
        assert_eq!(units(&get, "/users?$expand=manager"), 3);
        assert_eq!(units(&get, "/groups/x/members"), 3);
        assert_eq!(units(&get, "/groups/x/members?$select=id&$top=999"), 2);
        assert_eq!(units(&get, "/groups/x/members?$select=id&$top=19"), 1);
        assert_eq!(units(&get, "/groups/x/transitiveMembers"), 5);
        assert_eq!(units(&get, "/users/delta"), 1);
        assert_eq!(units(&Method::POST, "/users/x/getMemberGroups"), 2);
        assert_eq!(units(&Method::POST, "/directoryObjects/getByIds"), 5);
        assert_eq!(units(&Method::POST, "/directoryObjects/getByIds?$select=id"), 2);
        assert_eq!(units(&Method::PATCH, "/users/x"), 1);
    }
}
