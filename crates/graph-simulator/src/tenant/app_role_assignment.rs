//! App-role assignments: which user, group or service principal holds a role of an application.

use super::property::{Property, Shape};
use super::view::{View, write_created, write_id, write_link_id};
use super::{Handle, Kind, Tenant};
use crate::protocol::json::Json;

pub(crate) static PROPERTIES: &[Property] = &[
    Property::new("id", Shape::Text, write_link_id).read_only(),
    Property::new("deletedDateTime", Shape::DateTime, |_, j| j.null()).unfiltered().read_only(),
    Property::new("appRoleId", Shape::Guid, |v, j| write_id(v.tenant.assignment(v.slot()).role, j)),
    Property::new("createdDateTime", Shape::DateTime, write_created).unfiltered().read_only(),
    Property::new("principalDisplayName", Shape::Text, |v, j| {
        write_name(v, v.tenant.assignment(v.slot()).principal, j);
    })
    .unfiltered()
    .read_only(),
    Property::new("principalId", Shape::Guid, |v, j| {
        write_id(v.tenant.id(v.tenant.assignment(v.slot()).principal), j);
    })
    .unfiltered(),
    Property::new("principalType", Shape::Text, |v, j| {
        j.string(type_name(v.tenant.assignment(v.slot()).principal.kind));
    })
    .unfiltered()
    .read_only(),
    Property::new("resourceDisplayName", Shape::Text, |v, j| {
        write_name(v, v.tenant.assignment(v.slot()).resource, j);
    })
    .unfiltered()
    .read_only(),
    Property::new("resourceId", Shape::Guid, |v, j| {
        write_id(v.tenant.id(v.tenant.assignment(v.slot()).resource), j);
    }),
];

/// The value of `principalType`.
pub(crate) const fn type_name(kind: Kind) -> &'static str {
    match kind {
        Kind::Group => "Group",
        Kind::ServicePrincipal => "ServicePrincipal",
        _ => "User",
    }
}

/// The name an end had when the assignment was made: it is copied, and does not follow.
fn write_name(v: &View<'_>, end: Handle, json: &mut Json) {
    let born = v.tenant.schedule(Kind::AppRoleAssignment).born(v.slot());
    write_name_at(v.tenant, end, born, json);
}

fn write_name_at(tenant: &Tenant, end: Handle, moment: u64, json: &mut Json) {
    let view = View::new(tenant, end, moment);
    let name = super::property(end.kind, "displayName").expect("ends of assignments have names");
    (name.write)(&view, json);
}
