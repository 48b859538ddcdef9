//! The compound commands as functions beside those of the catalogue.

use graph_dsl::Arguments;

use super::CompoundCall;
use crate::generated::{
    Application, Device, DirectoryObject, Group, Invitation, Pim, RoleManagement, ServicePrincipal,
    User,
};

mod options;
#[cfg(test)]
mod tests;

pub use options::*;

impl<'a> Application<'a> {
    /// Let a workload sign in as an application without a secret, unless it can already.
    ///
    /// Least application permissions: `Application.ReadWrite.OwnedBy`.
    ///
    /// `id` is of type `guid`: The application's object id.
    ///
    /// `name` is of type `string`.
    ///
    /// `issuer` is of type `string`: The `iss` of the foreign tokens.
    ///
    /// `subject` is of type `string`: Their `sub`.
    pub fn ensure_federated_credential(
        &self,
        id: &str,
        name: &str,
        issuer: &str,
        subject: &str,
        options: ApplicationEnsureFederatedCredentialOptions,
    ) -> CompoundCall<'a> {
        CompoundCall::new(
            self.0,
            "application.ensure_federated_credential",
            options.beside(
                Arguments::new()
                    .with("id", id)
                    .with("name", name)
                    .with("issuer", issuer)
                    .with("subject", subject),
            ),
        )
    }

    /// Add a client secret, prove that it signs in, and remove those of its name past their grace.
    ///
    /// Least application permissions: `Application.ReadWrite.OwnedBy`.
    ///
    /// `id` is of type `guid`: The application's object id.
    pub fn rotate_secret(
        &self,
        id: &str,
        options: ApplicationRotateSecretOptions,
    ) -> CompoundCall<'a> {
        CompoundCall::new(
            self.0,
            "application.rotate_secret",
            options.beside(Arguments::new().with("id", id)),
        )
    }
}

impl<'a> Device<'a> {
    /// Disable devices that nobody has signed in on for some time.
    ///
    /// Least application permissions: `Device.ReadWrite.All`.
    pub fn disable_stale(&self, options: DeviceDisableStaleOptions) -> CompoundCall<'a> {
        CompoundCall::new(self.0, "device.disable_stale", options.beside(Arguments::new()))
    }
}

impl<'a> DirectoryObject<'a> {
    /// Tell what ids, user principal names and display names stand for.
    ///
    /// Least application permissions: `Directory.Read.All`.
    ///
    /// `ids` is of type `list`: Ids, user principal names or display names.
    pub fn resolve(&self, ids: &[&str]) -> CompoundCall<'a> {
        CompoundCall::new(
            self.0,
            "directory_object.resolve",
            Arguments::new().with("ids", ids.to_vec()),
        )
    }
}

impl<'a> Group<'a> {
    /// Add members to a group, remove them, or make them exactly these.
    ///
    /// Least application permissions: `GroupMember.ReadWrite.All`.
    ///
    /// `id` is of type `guid`: The group.
    ///
    /// `member_ids` is of type `list`: The members.
    pub fn set_members(
        &self,
        id: &str,
        member_ids: &[&str],
        options: GroupSetMembersOptions,
    ) -> CompoundCall<'a> {
        CompoundCall::new(
            self.0,
            "group.set_members",
            options.beside(Arguments::new().with("id", id).with("member_ids", member_ids.to_vec())),
        )
    }
}

impl<'a> Invitation<'a> {
    /// Invite a guest and add them to groups.
    ///
    /// Least application permissions: `User.Invite.All`, `GroupMember.ReadWrite.All`.
    ///
    /// `invited_user_email_address` is of type `email`.
    ///
    /// `invite_redirect_url` is of type `string`: Where the guest lands after accepting.
    ///
    /// `group_ids` is of type `list`: The groups.
    pub fn invite_and_add(
        &self,
        invited_user_email_address: &str,
        invite_redirect_url: &str,
        group_ids: &[&str],
        options: InvitationInviteAndAddOptions,
    ) -> CompoundCall<'a> {
        CompoundCall::new(
            self.0,
            "invitation.invite_and_add",
            options.beside(
                Arguments::new()
                    .with("invitedUserEmailAddress", invited_user_email_address)
                    .with("inviteRedirectUrl", invite_redirect_url)
                    .with("group_ids", group_ids.to_vec()),
            ),
        )
    }
}

impl<'a> Pim<'a> {
    /// Assign a directory role for some hours.
    ///
    /// Least application permissions: `RoleAssignmentSchedule.ReadWrite.Directory`.
    ///
    /// `principal_id` is of type `guid`: Who it is for.
    ///
    /// `role` is of type `string`: The role's name or the id of its definition.
    pub fn activate(
        &self,
        principal_id: &str,
        role: &str,
        options: PimActivateOptions,
    ) -> CompoundCall<'a> {
        CompoundCall::new(
            self.0,
            "pim.activate",
            options.beside(Arguments::new().with("principalId", principal_id).with("role", role)),
        )
    }

    /// End the assignment of a directory role before its time.
    ///
    /// Least application permissions: `RoleAssignmentSchedule.ReadWrite.Directory`.
    ///
    /// `principal_id` is of type `guid`: Who it is for.
    ///
    /// `role` is of type `string`: The role's name or the id of its definition.
    pub fn deactivate(
        &self,
        principal_id: &str,
        role: &str,
        options: PimDeactivateOptions,
    ) -> CompoundCall<'a> {
        CompoundCall::new(
            self.0,
            "pim.deactivate",
            options.beside(Arguments::new().with("principalId", principal_id).with("role", role)),
        )
    }
}

impl<'a> RoleManagement<'a> {
    /// Assign a directory role, by name or id, unless it is assigned.
    ///
    /// Least application permissions: `RoleManagement.ReadWrite.Directory`.
    ///
    /// `principal_id` is of type `guid`: Who gets the role.
    ///
    /// `role` is of type `string`: The role's name or the id of its definition.
    pub fn ensure_role_assignment(
        &self,
        principal_id: &str,
        role: &str,
        options: RoleManagementEnsureRoleAssignmentOptions,
    ) -> CompoundCall<'a> {
        CompoundCall::new(
            self.0,
            "role_management.ensure_role_assignment",
            options.beside(Arguments::new().with("principalId", principal_id).with("role", role)),
        )
    }
}

impl<'a> ServicePrincipal<'a> {
    /// Consent to delegated permissions for everybody, beside those consented to before.
    ///
    /// Least application permissions: `DelegatedPermissionGrant.ReadWrite.All`, `Application.Read.All`.
    ///
    /// `id` is of type `string`: The client: service principal, app id or display name.
    ///
    /// `resource` is of type `string`: The API: service principal, app id or display name.
    ///
    /// `scope` is of type `string`: Delegated permissions, with spaces between.
    pub fn grant_admin_consent(&self, id: &str, resource: &str, scope: &str) -> CompoundCall<'a> {
        CompoundCall::new(
            self.0,
            "service_principal.grant_admin_consent",
            Arguments::new().with("id", id).with("resource", resource).with("scope", scope),
        )
    }

    /// Give a service principal an application permission of an API, both by name.
    ///
    /// Least application permissions: `AppRoleAssignment.ReadWrite.All`, `Application.Read.All`.
    ///
    /// `id` is of type `string`: Who gets it: service principal, app id or display name.
    ///
    /// `resource` is of type `string`: The API: service principal, app id or display name.
    ///
    /// `role` is of type `string`: The permission, such as User.Read.All.
    pub fn grant_application_permission(
        &self,
        id: &str,
        resource: &str,
        role: &str,
    ) -> CompoundCall<'a> {
        CompoundCall::new(
            self.0,
            "service_principal.grant_application_permission",
            Arguments::new().with("id", id).with("resource", resource).with("role", role),
        )
    }
}

impl<'a> User<'a> {
    /// Create a user, or change what differs.
    ///
    /// Least application permissions: `User.ReadWrite.All`.
    ///
    /// `user_principal_name` is of type `upn`.
    pub fn ensure(
        &self,
        user_principal_name: &str,
        options: UserEnsureOptions,
    ) -> CompoundCall<'a> {
        CompoundCall::new(
            self.0,
            "user.ensure",
            options.beside(Arguments::new().with("userPrincipalName", user_principal_name)),
        )
    }

    /// Assign a licence, setting the usage location that it needs.
    ///
    /// Least application permissions: `LicenseAssignment.ReadWrite.All`, `User.ReadWrite.All`.
    ///
    /// `id` is of type `upn_or_guid`: The user.
    ///
    /// `sku_id` is of type `guid`: The licence.
    pub fn grant_license(
        &self,
        id: &str,
        sku_id: &str,
        options: UserGrantLicenseOptions,
    ) -> CompoundCall<'a> {
        CompoundCall::new(
            self.0,
            "user.grant_license",
            options.beside(Arguments::new().with("id", id).with("skuId", sku_id)),
        )
    }

    /// Disable a leaver, end their sessions, and take away licences, groups and app roles.
    ///
    /// Least application permissions: `User.ReadWrite.All`, `User.RevokeSessions.All`, `LicenseAssignment.ReadWrite.All`, `GroupMember.ReadWrite.All`, `AppRoleAssignment.ReadWrite.All`, `Directory.Read.All`.
    ///
    /// `id` is of type `upn_or_guid`: The leaver.
    pub fn offboard(&self, id: &str) -> CompoundCall<'a> {
        CompoundCall::new(self.0, "user.offboard", Arguments::new().with("id", id))
    }

    /// Delete a user's second factors and create a temporary access pass.
    ///
    /// Least application permissions: `UserAuthenticationMethod.ReadWrite.All`.
    ///
    /// `id` is of type `upn_or_guid`: The user.
    pub fn reset_mfa(&self, id: &str, options: UserResetMfaOptions) -> CompoundCall<'a> {
        CompoundCall::new(self.0, "user.reset_mfa", options.beside(Arguments::new().with("id", id)))
    }
}
