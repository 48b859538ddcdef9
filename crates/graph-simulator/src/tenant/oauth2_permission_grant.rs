//! Delegated permission grants: what an application may do on behalf of users.

use super::names;
use super::property::{Property, Shape};
use super::view::{View, write_id, write_link_id};
use crate::protocol::json::Json;

const SCOPE: u64 = 0;

pub(crate) static PROPERTIES: &[Property] = &[
    Property::new("clientId", Shape::Text, |v, j| {
        write_id(v.tenant.id(v.tenant.grant(v.slot()).client), j);
    }),
    Property::new("consentType", Shape::Text, |v, j| {
        let everybody = v.tenant.grant(v.slot()).principal.is_none();
        j.string(if everybody { "AllPrincipals" } else { "Principal" });
    }),
    Property::new("id", Shape::Text, write_link_id).read_only(),
    Property::new("principalId", Shape::Text, |v, j| match v.tenant.grant(v.slot()).principal {
        Some(user) => write_id(v.tenant.id(user), j),
        None => j.null(),
    }),
    Property::new("resourceId", Shape::Text, |v, j| {
        write_id(v.tenant.id(v.tenant.grant(v.slot()).resource), j);
    }),
    Property::new("scope", Shape::Text, scope).unfiltered(),
];

/// Scopes as one text; consent to more or less is what changes about a grant.
fn scope(v: &View<'_>, json: &mut Json) {
    let draw = v.draw_turn(SCOPE);
    json.text(|text| {
        text.push("openid profile User.Read");
        for (index, (name, _)) in (0..).zip(names::GRAPH_SCOPES).skip(3) {
            if (draw >> index).is_multiple_of(4) {
                text.push(" ").push(name);
            }
        }
    });
}
