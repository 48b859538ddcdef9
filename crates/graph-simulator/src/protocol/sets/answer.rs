//! Answers requests to described sets: licence, parents, then what the place asks for.

use http::{Method, StatusCode};

use super::address::{Place, Target};
use super::{Paging, Requirement, Scope, Set, list, rules, write as writes_of};
use crate::directory::Directory;
use crate::protocol::call::Call;
use crate::protocol::errors::Refusal;
use crate::protocol::reply::Reply;
use crate::protocol::write::Writer;
use crate::tenant::{Plan, Tenant};

/// Whether a request changes anything.
pub(crate) fn writes(method: &Method) -> bool {
    *method != Method::GET
}

/// Answers a request that reads.
pub(crate) fn read(
    call: &Call<'_>,
    directory: Directory<'_>,
    target: &Target,
) -> Result<Reply, Refusal> {
    let set = target.set;
    licensed(directory.tenant, set)?;
    if set.answers(&Method::GET).is_none() {
        return Err(Refusal::method_not_allowed());
    }
    rules::admissible(call, set, target.place == Place::Whole)?;
    let scope = Scope::open(directory, set, &target.parents, call.now)?;
    match &target.place {
        Place::Whole if set.paging == Paging::One => {
            list::entity(call, &scope, scope.single()?, StatusCode::OK)
        }
        Place::Whole => list::list(call, &scope),
        Place::Count => list::count(call, &scope),
        Place::Entity(key) => list::entity(call, &scope, scope.find(key)?, StatusCode::OK),
        Place::Bound(name) => rules::function(call, &scope, name),
        Place::EntityBound(..) => Err(Refusal::method_not_allowed()),
    }
}

/// Answers a request that writes.
pub(crate) fn write(
    call: &Call<'_>,
    writer: &mut Writer<'_>,
    target: &Target,
) -> Result<Reply, Refusal> {
    licensed(writer.tenant, target.set)?;
    match (&target.place, call.method.as_str()) {
        (Place::Whole, "POST") => writes_of::create(call, writer, target),
        (Place::Whole, "PATCH" | "PUT") if target.set.paging == Paging::One => {
            writes_of::update(call, writer, target, None)
        }
        (Place::Entity(key), "PATCH" | "PUT") => writes_of::update(call, writer, target, Some(key)),
        (Place::Entity(key), "DELETE") => writes_of::delete(call, writer, target, key),
        (Place::Bound(name), "POST") => rules::act(call, writer, target, name),
        (Place::EntityBound(key, name), "POST") => rules::act_on(call, writer, target, key, name),
        _ => Err(Refusal::method_not_allowed()),
    }
}

/// Refuses what the tenant has not bought (facts: graph-protocol 8.3, 10.2, 10.5).
fn licensed(tenant: &Tenant, set: &Set) -> Result<(), Refusal> {
    let plan = tenant.plan();
    match set.requirement {
        Requirement::Nothing => Ok(()),
        Requirement::Premium if plan >= Plan::P1 => Ok(()),
        Requirement::Privileged | Requirement::Governance if plan >= Plan::P2 => Ok(()),
        Requirement::Privileged => Err(Refusal::new(
            StatusCode::BAD_REQUEST,
            "AadPremiumLicenseRequired",
            "The tenant needs to have Microsoft Entra ID P2 or Microsoft Entra ID Governance license.",
        )),
        Requirement::Premium | Requirement::Governance => Err(not_premium()),
    }
}

/// What a tenant without a premium licence is told.
pub(crate) fn not_premium() -> Refusal {
    Refusal::new(
        StatusCode::FORBIDDEN,
        "Authentication_RequestFromNonPremiumTenantOrB2CTenant",
        "Neither tenant is B2C or tenant doesn't have premium license",
    )
}
