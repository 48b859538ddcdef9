//! The typed API of the catalogue. Written by `cargo xtask codegen`; do not edit.

mod administrative_unit;
mod application;
mod audit_log;
mod conditional_access;
mod device;
mod directory_object;
mod domain;
mod graph;
mod group;
mod identity_protection;
mod invitation;
mod oauth2_permission_grant;
mod org_contact;
mod organization;
mod pim;
mod policy;
mod report;
mod role_management;
mod service_principal;
mod user;

pub use administrative_unit::*;
pub use application::*;
pub use audit_log::*;
pub use conditional_access::*;
pub use device::*;
pub use directory_object::*;
pub use domain::*;
pub use graph::*;
pub use group::*;
pub use identity_protection::*;
pub use invitation::*;
pub use oauth2_permission_grant::*;
pub use org_contact::*;
pub use organization::*;
pub use pim::*;
pub use policy::*;
pub use report::*;
pub use role_management::*;
pub use service_principal::*;
pub use user::*;

use crate::Admin;

impl Admin {
    /// Commands of `administrative_unit`.
    pub fn administrative_unit(&self) -> AdministrativeUnit<'_> {
        AdministrativeUnit(self)
    }

    /// Commands of `application`.
    pub fn application(&self) -> Application<'_> {
        Application(self)
    }

    /// Commands of `audit_log`.
    pub fn audit_log(&self) -> AuditLog<'_> {
        AuditLog(self)
    }

    /// Commands of `conditional_access`.
    pub fn conditional_access(&self) -> ConditionalAccess<'_> {
        ConditionalAccess(self)
    }

    /// Commands of `device`.
    pub fn device(&self) -> Device<'_> {
        Device(self)
    }

    /// Commands of `directory_object`.
    pub fn directory_object(&self) -> DirectoryObject<'_> {
        DirectoryObject(self)
    }

    /// Commands of `domain`.
    pub fn domain(&self) -> Domain<'_> {
        Domain(self)
    }

    /// Commands of `graph`.
    pub fn graph(&self) -> Graph<'_> {
        Graph(self)
    }

    /// Commands of `group`.
    pub fn group(&self) -> Group<'_> {
        Group(self)
    }

    /// Commands of `identity_protection`.
    pub fn identity_protection(&self) -> IdentityProtection<'_> {
        IdentityProtection(self)
    }

    /// Commands of `invitation`.
    pub fn invitation(&self) -> Invitation<'_> {
        Invitation(self)
    }

    /// Commands of `oauth2_permission_grant`.
    pub fn oauth2_permission_grant(&self) -> Oauth2PermissionGrant<'_> {
        Oauth2PermissionGrant(self)
    }

    /// Commands of `org_contact`.
    pub fn org_contact(&self) -> OrgContact<'_> {
        OrgContact(self)
    }

    /// Commands of `organization`.
    pub fn organization(&self) -> Organization<'_> {
        Organization(self)
    }

    /// Commands of `pim`.
    pub fn pim(&self) -> Pim<'_> {
        Pim(self)
    }

    /// Commands of `policy`.
    pub fn policy(&self) -> Policy<'_> {
        Policy(self)
    }

    /// Commands of `report`.
    pub fn report(&self) -> Report<'_> {
        Report(self)
    }

    /// Commands of `role_management`.
    pub fn role_management(&self) -> RoleManagement<'_> {
        RoleManagement(self)
    }

    /// Commands of `service_principal`.
    pub fn service_principal(&self) -> ServicePrincipal<'_> {
        ServicePrincipal(self)
    }

    /// Commands of `user`.
    pub fn user(&self) -> User<'_> {
        User(self)
    }
}
