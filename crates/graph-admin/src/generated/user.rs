//! Commands of `user`. Written by `cargo xtask codegen`; do not edit.

use graph_dsl::{Arguments, Envelope};

use crate::options::options;
use crate::{Admin, AdminError};

/// Commands of `user`.
#[derive(Clone, Copy, Debug)]
pub struct User<'a>(pub(crate) &'a Admin);

impl User<'_> {
    /// Add a phone that a user authenticates with; a user has one of each type.
    ///
    /// `POST /v1.0/users/{id}/authentication/phoneMethods`; least application permission: `UserAuthenticationMethod.ReadWrite.All`.
    ///
    /// Not offered in `bleu`, `delos`, `govsg`.
    ///
    /// `id` is of type `upn_or_guid`: The user.
    ///
    /// `phone_number` is of type `string`: With country code.
    ///
    /// `phone_type` is of type `enum`.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn add_phone_method(
        &self,
        id: &str,
        phone_number: &str,
        phone_type: &str,
    ) -> Result<Envelope, AdminError> {
        let arguments = Arguments::new()
            .with("id", id)
            .with("phoneNumber", phone_number)
            .with("phoneType", phone_type);
        self.0.run("user.add_phone_method", arguments).await
    }

    /// Add a user or group who answers for a guest.
    ///
    /// `POST /v1.0/users/{id}/sponsors/$ref`; least application permission: `User.ReadWrite.All`.
    ///
    /// `id` is of type `upn_or_guid`: The user.
    ///
    /// `sponsor_id` is of type `guid`: The user or group.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn add_sponsor(&self, id: &str, sponsor_id: &str) -> Result<Envelope, AdminError> {
        let arguments = Arguments::new().with("id", id).with("sponsor_id", sponsor_id);
        self.0.run("user.add_sponsor", arguments).await
    }

    /// Assign licences to a user, and take others away in the same call.
    ///
    /// `POST /v1.0/users/{id}/assignLicense`; least application permission: `LicenseAssignment.ReadWrite.All`.
    ///
    /// Needs the user's usageLocation is set.
    ///
    /// `id` is of type `upn_or_guid`: The user.
    ///
    /// `add_licenses` is of type `list`: Objects with `skuId` and `disabledPlans`.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn assign_license(
        &self,
        id: &str,
        add_licenses: serde_json::Value,
        options: UserAssignLicenseOptions,
    ) -> Result<Envelope, AdminError> {
        let arguments =
            options.beside(Arguments::new().with("id", id).with("addLicenses", add_licenses));
        self.0.run("user.assign_license", arguments).await
    }

    /// Set a user's manager.
    ///
    /// `PUT /v1.0/users/{id}/manager/$ref`; least application permission: `User.ReadWrite.All`.
    ///
    /// `id` is of type `upn_or_guid`: The user.
    ///
    /// `manager_id` is of type `guid`: The manager.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn assign_manager(&self, id: &str, manager_id: &str) -> Result<Envelope, AdminError> {
        let arguments = Arguments::new().with("id", id).with("manager_id", manager_id);
        self.0.run("user.assign_manager", arguments).await
    }

    /// Change a user's user principal name, the name that the user signs in with.
    ///
    /// `PATCH /v1.0/users/{id}`; least application permission: `User.ReadWrite.All`.
    ///
    /// `id` is of type `upn_or_guid`: The user.
    ///
    /// `user_principal_name` is of type `upn`: The new name; its domain is verified in the tenant.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn change_upn(
        &self,
        id: &str,
        user_principal_name: &str,
    ) -> Result<Envelope, AdminError> {
        let arguments =
            Arguments::new().with("id", id).with("userPrincipalName", user_principal_name);
        self.0.run("user.change_upn", arguments).await
    }

    /// Check which of up to 20 groups a user is a member of.
    ///
    /// `POST /v1.0/users/{id}/checkMemberGroups`; least application permission: `User.Read.All + GroupMember.Read.All`.
    ///
    /// `id` is of type `upn_or_guid`: The user.
    ///
    /// `group_ids` is of type `list`: At most 20 group ids.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn check_member_groups(
        &self,
        id: &str,
        group_ids: serde_json::Value,
    ) -> Result<Envelope, AdminError> {
        let arguments = Arguments::new().with("id", id).with("groupIds", group_ids);
        self.0.run("user.check_member_groups", arguments).await
    }

    /// Check which of up to 20 groups, roles and administrative units a user belongs to.
    ///
    /// `POST /v1.0/users/{id}/checkMemberObjects`; least application permission: `User.Read.All`.
    ///
    /// `id` is of type `upn_or_guid`: The user.
    ///
    /// `ids` is of type `list`: At most 20 ids.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn check_member_objects(
        &self,
        id: &str,
        ids: serde_json::Value,
    ) -> Result<Envelope, AdminError> {
        let arguments = Arguments::new().with("id", id).with("ids", ids);
        self.0.run("user.check_member_objects", arguments).await
    }

    /// Count the users, or those that a filter matches.
    ///
    /// `GET /v1.0/users/$count`; least application permission: `User.ReadBasic.All`.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn count(&self, options: UserCountOptions) -> Result<Envelope, AdminError> {
        let arguments = options.beside(Arguments::new());
        self.0.run("user.count", arguments).await
    }

    /// Create a member user with a first password.
    ///
    /// `POST /v1.0/users`; least application permission: `User.ReadWrite.All`.
    ///
    /// `display_name` is of type `string`.
    ///
    /// `mail_nickname` is of type `string`.
    ///
    /// `user_principal_name` is of type `upn`.
    ///
    /// `password` is of type `secret`: The first password.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn create(
        &self,
        display_name: &str,
        mail_nickname: &str,
        user_principal_name: &str,
        password: &str,
        options: UserCreateOptions,
    ) -> Result<Envelope, AdminError> {
        let arguments = options.beside(
            Arguments::new()
                .with("displayName", display_name)
                .with("mailNickname", mail_nickname)
                .with("userPrincipalName", user_principal_name)
                .with("password", password),
        );
        self.0.run("user.create", arguments).await
    }

    /// Give a user a temporary access pass; its value is shown once.
    ///
    /// `POST /v1.0/users/{id}/authentication/temporaryAccessPassMethods`; least application permission: `UserAuthenticationMethod.ReadWrite.All`.
    ///
    /// The envelope masks `temporaryAccessPass`; `Envelope::secret` has the value.
    ///
    /// Not offered in `china`, `bleu`, `delos`, `govsg`.
    ///
    /// `id` is of type `upn_or_guid`: The user.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn create_temporary_access_pass(
        &self,
        id: &str,
        options: UserCreateTemporaryAccessPassOptions,
    ) -> Result<Envelope, AdminError> {
        let arguments = options.beside(Arguments::new().with("id", id));
        self.0.run("user.create_temporary_access_pass", arguments).await
    }

    /// Delete a user; it can be restored for 30 days.
    ///
    /// `DELETE /v1.0/users/{id}`; least application permission: `User.DeleteRestore.All`.
    ///
    /// `id` is of type `upn_or_guid`: The user.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn delete(&self, id: &str) -> Result<Envelope, AdminError> {
        let arguments = Arguments::new().with("id", id);
        self.0.run("user.delete", arguments).await
    }

    /// Remove an authentication method of any type; most types refuse it and have a command of their own.
    ///
    /// `DELETE /v1.0/users/{id}/authentication/methods/{method_id}`; least application permission: `UserAuthenticationMethod.ReadWrite.All (signed-in user only)`.
    ///
    /// Not offered in `china`, `bleu`, `delos`, `govsg`.
    ///
    /// `id` is of type `upn_or_guid`: The user.
    ///
    /// `method_id` is of type `guid`: The method.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn delete_authentication_method(
        &self,
        id: &str,
        method_id: &str,
    ) -> Result<Envelope, AdminError> {
        let arguments = Arguments::new().with("id", id).with("method_id", method_id);
        self.0.run("user.delete_authentication_method", arguments).await
    }

    /// Remove a passkey from a user's authentication methods.
    ///
    /// `DELETE /v1.0/users/{id}/authentication/fido2Methods/{method_id}`; least application permission: `UserAuthMethod-Passkey.ReadWrite.All`.
    ///
    /// Not offered in `china`, `bleu`, `delos`, `govsg`.
    ///
    /// `id` is of type `upn_or_guid`: The user.
    ///
    /// `method_id` is of type `string`: The method.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn delete_fido2_method(
        &self,
        id: &str,
        method_id: &str,
    ) -> Result<Envelope, AdminError> {
        let arguments = Arguments::new().with("id", id).with("method_id", method_id);
        self.0.run("user.delete_fido2_method", arguments).await
    }

    /// Remove a Microsoft Authenticator from a user's authentication methods.
    ///
    /// `DELETE /v1.0/users/{id}/authentication/microsoftAuthenticatorMethods/{method_id}`; least application permission: `UserAuthenticationMethod.ReadWrite.All`.
    ///
    /// Not offered in `bleu`, `delos`, `govsg`.
    ///
    /// `id` is of type `upn_or_guid`: The user.
    ///
    /// `method_id` is of type `guid`: The method.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn delete_microsoft_authenticator_method(
        &self,
        id: &str,
        method_id: &str,
    ) -> Result<Envelope, AdminError> {
        let arguments = Arguments::new().with("id", id).with("method_id", method_id);
        self.0.run("user.delete_microsoft_authenticator_method", arguments).await
    }

    /// Remove a phone from a user's authentication methods; the default one goes last.
    ///
    /// `DELETE /v1.0/users/{id}/authentication/phoneMethods/{method_id}`; least application permission: `UserAuthenticationMethod.ReadWrite.All`.
    ///
    /// Not offered in `bleu`, `delos`, `govsg`.
    ///
    /// `id` is of type `upn_or_guid`: The user.
    ///
    /// `method_id` is of type `guid`: The method.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn delete_phone_method(
        &self,
        id: &str,
        method_id: &str,
    ) -> Result<Envelope, AdminError> {
        let arguments = Arguments::new().with("id", id).with("method_id", method_id);
        self.0.run("user.delete_phone_method", arguments).await
    }

    /// Remove a software token from a user's authentication methods.
    ///
    /// `DELETE /v1.0/users/{id}/authentication/softwareOathMethods/{method_id}`; least application permission: `UserAuthenticationMethod.ReadWrite.All`.
    ///
    /// Not offered in `china`, `bleu`, `delos`, `govsg`.
    ///
    /// `id` is of type `upn_or_guid`: The user.
    ///
    /// `method_id` is of type `guid`: The method.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn delete_software_oath_method(
        &self,
        id: &str,
        method_id: &str,
    ) -> Result<Envelope, AdminError> {
        let arguments = Arguments::new().with("id", id).with("method_id", method_id);
        self.0.run("user.delete_software_oath_method", arguments).await
    }

    /// Remove a temporary access pass from a user's authentication methods.
    ///
    /// `DELETE /v1.0/users/{id}/authentication/temporaryAccessPassMethods/{method_id}`; least application permission: `UserAuthenticationMethod.ReadWrite.All`.
    ///
    /// Not offered in `china`, `bleu`, `delos`, `govsg`.
    ///
    /// `id` is of type `upn_or_guid`: The user.
    ///
    /// `method_id` is of type `guid`: The method.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn delete_temporary_access_pass(
        &self,
        id: &str,
        method_id: &str,
    ) -> Result<Envelope, AdminError> {
        let arguments = Arguments::new().with("id", id).with("method_id", method_id);
        self.0.run("user.delete_temporary_access_pass", arguments).await
    }

    /// Remove a Windows Hello for Business key from a user's authentication methods.
    ///
    /// `DELETE /v1.0/users/{id}/authentication/windowsHelloForBusinessMethods/{method_id}`; least application permission: `UserAuthenticationMethod.ReadWrite.All`.
    ///
    /// Not offered in `china`, `bleu`, `delos`, `govsg`.
    ///
    /// `id` is of type `upn_or_guid`: The user.
    ///
    /// `method_id` is of type `guid`: The method.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn delete_windows_hello_for_business_method(
        &self,
        id: &str,
        method_id: &str,
    ) -> Result<Envelope, AdminError> {
        let arguments = Arguments::new().with("id", id).with("method_id", method_id);
        self.0.run("user.delete_windows_hello_for_business_method", arguments).await
    }

    /// Read the users that changed since a delta token.
    ///
    /// `GET /v1.0/users/delta`; least application permission: `User.Read.All`.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn delta(&self, options: UserDeltaOptions) -> Result<Envelope, AdminError> {
        let arguments = options.beside(Arguments::new());
        self.0.run("user.delta", arguments).await
    }

    /// Keep a user from signing in; running sessions last until they are revoked.
    ///
    /// `PATCH /v1.0/users/{id}`; least application permission: `User.EnableDisableAccount.All + User.Read.All`.
    ///
    /// `id` is of type `upn_or_guid`: The user.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn disable(&self, id: &str) -> Result<Envelope, AdminError> {
        let arguments = Arguments::new().with("id", id);
        self.0.run("user.disable", arguments).await
    }

    /// Allow a user to sign in.
    ///
    /// `PATCH /v1.0/users/{id}`; least application permission: `User.EnableDisableAccount.All + User.Read.All`.
    ///
    /// `id` is of type `upn_or_guid`: The user.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn enable(&self, id: &str) -> Result<Envelope, AdminError> {
        let arguments = Arguments::new().with("id", id);
        self.0.run("user.enable", arguments).await
    }

    /// Get a user by object id or user principal name.
    ///
    /// `GET /v1.0/users/{id}`; least application permission: `User.ReadBasic.All`.
    ///
    /// `id` is of type `upn_or_guid`: The user.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn get(&self, id: &str, options: UserGetOptions) -> Result<Envelope, AdminError> {
        let arguments = options.beside(Arguments::new().with("id", id));
        self.0.run("user.get", arguments).await
    }

    /// Get the custom security attributes of a user.
    ///
    /// `GET /v1.0/users/{id}`; least application permission: `CustomSecAttributeAssignment.Read.All + User.Read.All`.
    ///
    /// `id` is of type `upn_or_guid`: The user.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn get_custom_security_attributes(&self, id: &str) -> Result<Envelope, AdminError> {
        let arguments = Arguments::new().with("id", id);
        self.0.run("user.get_custom_security_attributes", arguments).await
    }

    /// Get a user's manager.
    ///
    /// `GET /v1.0/users/{id}/manager`; least application permission: `User.Read.All`.
    ///
    /// `id` is of type `upn_or_guid`: The user.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn get_manager(
        &self,
        id: &str,
        options: UserGetManagerOptions,
    ) -> Result<Envelope, AdminError> {
        let arguments = options.beside(Arguments::new().with("id", id));
        self.0.run("user.get_manager", arguments).await
    }

    /// Get the ids of all groups that a user is a member of.
    ///
    /// `POST /v1.0/users/{id}/getMemberGroups`; least application permission: `User.Read.All + GroupMember.Read.All`.
    ///
    /// `id` is of type `upn_or_guid`: The user.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn get_member_groups(
        &self,
        id: &str,
        options: UserGetMemberGroupsOptions,
    ) -> Result<Envelope, AdminError> {
        let arguments = options.beside(Arguments::new().with("id", id));
        self.0.run("user.get_member_groups", arguments).await
    }

    /// Get the ids of all groups, roles and administrative units that a user belongs to.
    ///
    /// `POST /v1.0/users/{id}/getMemberObjects`; least application permission: `User.Read.All`.
    ///
    /// `id` is of type `upn_or_guid`: The user.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn get_member_objects(
        &self,
        id: &str,
        options: UserGetMemberObjectsOptions,
    ) -> Result<Envelope, AdminError> {
        let arguments = options.beside(Arguments::new().with("id", id));
        self.0.run("user.get_member_objects", arguments).await
    }

    /// Get a user's photo.
    ///
    /// `GET /v1.0/users/{id}/photo/$value`; least application permission: `ProfilePhoto.Read.All`.
    ///
    /// Not offered in `govsg`.
    ///
    /// `id` is of type `upn_or_guid`: The user.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn get_photo(&self, id: &str) -> Result<Envelope, AdminError> {
        let arguments = Arguments::new().with("id", id);
        self.0.run("user.get_photo", arguments).await
    }

    /// Get when a user last signed in.
    ///
    /// `GET /v1.0/users/{id}`; least application permission: `AuditLog.Read.All + User.Read.All`.
    ///
    /// Needs a Microsoft Entra ID P1 licence.
    ///
    /// Not offered in `govsg`.
    ///
    /// `id` is of type `guid`: The user, by object id.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn get_sign_in_activity(&self, id: &str) -> Result<Envelope, AdminError> {
        let arguments = Arguments::new().with("id", id);
        self.0.run("user.get_sign_in_activity", arguments).await
    }

    /// Give a user a role of an application.
    ///
    /// `POST /v1.0/users/{id}/appRoleAssignments`; least application permission: `AppRoleAssignment.ReadWrite.All`.
    ///
    /// `id` is of type `upn_or_guid`: The user.
    ///
    /// `principal_id` is of type `guid`: The user, by object id.
    ///
    /// `resource_id` is of type `guid`: The service principal that offers the role.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn grant_app_role(
        &self,
        id: &str,
        principal_id: &str,
        resource_id: &str,
        options: UserGrantAppRoleOptions,
    ) -> Result<Envelope, AdminError> {
        let arguments = options.beside(
            Arguments::new()
                .with("id", id)
                .with("principalId", principal_id)
                .with("resourceId", resource_id),
        );
        self.0.run("user.grant_app_role", arguments).await
    }

    /// List users.
    ///
    /// `GET /v1.0/users`; least application permission: `User.ReadBasic.All`.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn list(&self, options: UserListOptions) -> Result<Envelope, AdminError> {
        let arguments = options.beside(Arguments::new());
        self.0.run("user.list", arguments).await
    }

    /// List the administrative units that a user belongs to.
    ///
    /// `GET /v1.0/users/{id}/memberOf/microsoft.graph.administrativeUnit`; least application permission: `Directory.Read.All`.
    ///
    /// `id` is of type `upn_or_guid`: The user.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn list_administrative_units(
        &self,
        id: &str,
        options: UserListAdministrativeUnitsOptions,
    ) -> Result<Envelope, AdminError> {
        let arguments = options.beside(Arguments::new().with("id", id));
        self.0.run("user.list_administrative_units", arguments).await
    }

    /// List the applications' roles that a user was given.
    ///
    /// `GET /v1.0/users/{id}/appRoleAssignments`; least application permission: `Directory.Read.All`.
    ///
    /// `id` is of type `upn_or_guid`: The user.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn list_app_role_assignments(
        &self,
        id: &str,
        options: UserListAppRoleAssignmentsOptions,
    ) -> Result<Envelope, AdminError> {
        let arguments = options.beside(Arguments::new().with("id", id));
        self.0.run("user.list_app_role_assignments", arguments).await
    }

    /// List the authentication methods that a user registered.
    ///
    /// `GET /v1.0/users/{id}/authentication/methods`; least application permission: `UserAuthenticationMethod.Read.All`.
    ///
    /// Not offered in `china`, `bleu`, `delos`, `govsg`.
    ///
    /// `id` is of type `upn_or_guid`: The user.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn list_authentication_methods(&self, id: &str) -> Result<Envelope, AdminError> {
        let arguments = Arguments::new().with("id", id);
        self.0.run("user.list_authentication_methods", arguments).await
    }

    /// List users that were deleted and can be restored.
    ///
    /// `GET /v1.0/directory/deletedItems/microsoft.graph.user`; least application permission: `User.Read.All`.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn list_deleted(
        &self,
        options: UserListDeletedOptions,
    ) -> Result<Envelope, AdminError> {
        let arguments = options.beside(Arguments::new());
        self.0.run("user.list_deleted", arguments).await
    }

    /// List the users who report to a user.
    ///
    /// `GET /v1.0/users/{id}/directReports`; least application permission: `User.Read.All`.
    ///
    /// `id` is of type `upn_or_guid`: The user.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn list_direct_reports(
        &self,
        id: &str,
        options: UserListDirectReportsOptions,
    ) -> Result<Envelope, AdminError> {
        let arguments = options.beside(Arguments::new().with("id", id));
        self.0.run("user.list_direct_reports", arguments).await
    }

    /// List the passkeys (FIDO2) that a user registered.
    ///
    /// `GET /v1.0/users/{id}/authentication/fido2Methods`; least application permission: `UserAuthMethod-Passkey.Read.All`.
    ///
    /// Not offered in `china`, `bleu`, `delos`, `govsg`.
    ///
    /// `id` is of type `upn_or_guid`: The user.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn list_fido2_methods(&self, id: &str) -> Result<Envelope, AdminError> {
        let arguments = Arguments::new().with("id", id);
        self.0.run("user.list_fido2_methods", arguments).await
    }

    /// List the groups that a user is a direct member of.
    ///
    /// `GET /v1.0/users/{id}/memberOf/microsoft.graph.group`; least application permission: `Directory.Read.All`.
    ///
    /// `id` is of type `upn_or_guid`: The user.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn list_groups(
        &self,
        id: &str,
        options: UserListGroupsOptions,
    ) -> Result<Envelope, AdminError> {
        let arguments = options.beside(Arguments::new().with("id", id));
        self.0.run("user.list_groups", arguments).await
    }

    /// List the users whose last successful sign-in was before a moment.
    ///
    /// `GET /v1.0/users`; least application permission: `AuditLog.Read.All + User.Read.All`.
    ///
    /// Needs a Microsoft Entra ID P1 licence.
    ///
    /// Not offered in `govsg`.
    ///
    /// `cutoff` is of type `datetime`: Who signed in later is left out.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn list_inactive(
        &self,
        cutoff: &str,
        options: UserListInactiveOptions,
    ) -> Result<Envelope, AdminError> {
        let arguments = options.beside(Arguments::new().with("cutoff", cutoff));
        self.0.run("user.list_inactive", arguments).await
    }

    /// List the licences of a user.
    ///
    /// `GET /v1.0/users/{id}/licenseDetails`; least application permission: `LicenseAssignment.Read.All`.
    ///
    /// `id` is of type `upn_or_guid`: The user.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn list_license_details(&self, id: &str) -> Result<Envelope, AdminError> {
        let arguments = Arguments::new().with("id", id);
        self.0.run("user.list_license_details", arguments).await
    }

    /// List the groups, roles and administrative units that a user is a direct member of.
    ///
    /// `GET /v1.0/users/{id}/memberOf`; least application permission: `Directory.Read.All`.
    ///
    /// `id` is of type `upn_or_guid`: The user.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn list_member_of(
        &self,
        id: &str,
        options: UserListMemberOfOptions,
    ) -> Result<Envelope, AdminError> {
        let arguments = options.beside(Arguments::new().with("id", id));
        self.0.run("user.list_member_of", arguments).await
    }

    /// List the delegated permissions that a user consented to.
    ///
    /// `GET /v1.0/users/{id}/oauth2PermissionGrants`; least application permission: `Directory.Read.All`.
    ///
    /// `id` is of type `upn_or_guid`: The user.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn list_oauth2_permission_grants(&self, id: &str) -> Result<Envelope, AdminError> {
        let arguments = Arguments::new().with("id", id);
        self.0.run("user.list_oauth2_permission_grants", arguments).await
    }

    /// List the devices that a user owns.
    ///
    /// `GET /v1.0/users/{id}/ownedDevices`; least application permission: `User.Read.All`.
    ///
    /// `id` is of type `upn_or_guid`: The user.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn list_owned_devices(
        &self,
        id: &str,
        options: UserListOwnedDevicesOptions,
    ) -> Result<Envelope, AdminError> {
        let arguments = options.beside(Arguments::new().with("id", id));
        self.0.run("user.list_owned_devices", arguments).await
    }

    /// List the directory objects that a user owns.
    ///
    /// `GET /v1.0/users/{id}/ownedObjects`; least application permission: `User.Read.All`.
    ///
    /// `id` is of type `upn_or_guid`: The user.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn list_owned_objects(
        &self,
        id: &str,
        options: UserListOwnedObjectsOptions,
    ) -> Result<Envelope, AdminError> {
        let arguments = options.beside(Arguments::new().with("id", id));
        self.0.run("user.list_owned_objects", arguments).await
    }

    /// List the phones that a user registered to authenticate.
    ///
    /// `GET /v1.0/users/{id}/authentication/phoneMethods`; least application permission: `UserAuthMethod-Phone.Read.All`.
    ///
    /// Not offered in `bleu`, `delos`, `govsg`.
    ///
    /// `id` is of type `upn_or_guid`: The user.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn list_phone_methods(&self, id: &str) -> Result<Envelope, AdminError> {
        let arguments = Arguments::new().with("id", id);
        self.0.run("user.list_phone_methods", arguments).await
    }

    /// List the devices that a user registered.
    ///
    /// `GET /v1.0/users/{id}/registeredDevices`; least application permission: `User.Read.All`.
    ///
    /// `id` is of type `upn_or_guid`: The user.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn list_registered_devices(
        &self,
        id: &str,
        options: UserListRegisteredDevicesOptions,
    ) -> Result<Envelope, AdminError> {
        let arguments = options.beside(Arguments::new().with("id", id));
        self.0.run("user.list_registered_devices", arguments).await
    }

    /// List the users and groups who answer for a guest.
    ///
    /// `GET /v1.0/users/{id}/sponsors`; least application permission: `User.Read.All`.
    ///
    /// `id` is of type `upn_or_guid`: The user.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn list_sponsors(
        &self,
        id: &str,
        options: UserListSponsorsOptions,
    ) -> Result<Envelope, AdminError> {
        let arguments = options.beside(Arguments::new().with("id", id));
        self.0.run("user.list_sponsors", arguments).await
    }

    /// List everything that a user is a member of, through groups as well.
    ///
    /// `GET /v1.0/users/{id}/transitiveMemberOf`; least application permission: `User.Read.All`.
    ///
    /// `id` is of type `upn_or_guid`: The user.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn list_transitive_member_of(
        &self,
        id: &str,
        options: UserListTransitiveMemberOfOptions,
    ) -> Result<Envelope, AdminError> {
        let arguments = options.beside(Arguments::new().with("id", id));
        self.0.run("user.list_transitive_member_of", arguments).await
    }

    /// List the directory roles that a user holds, through groups as well.
    ///
    /// `GET /v1.0/users/{id}/transitiveMemberOf/microsoft.graph.directoryRole`; least application permission: `User.Read.All`.
    ///
    /// `id` is of type `upn_or_guid`: The user.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn list_transitive_roles(
        &self,
        id: &str,
        options: UserListTransitiveRolesOptions,
    ) -> Result<Envelope, AdminError> {
        let arguments = options.beside(Arguments::new().with("id", id));
        self.0.run("user.list_transitive_roles", arguments).await
    }

    /// Remove a deleted user for good; nothing brings it back.
    ///
    /// `DELETE /v1.0/directory/deletedItems/{id}`; least application permission: `User.ReadWrite.All (signed-in user only)`.
    ///
    /// `id` is of type `guid`: The deleted user.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn purge(&self, id: &str) -> Result<Envelope, AdminError> {
        let arguments = Arguments::new().with("id", id);
        self.0.run("user.purge", arguments).await
    }

    /// Take licences away from a user.
    ///
    /// `POST /v1.0/users/{id}/assignLicense`; least application permission: `LicenseAssignment.ReadWrite.All`.
    ///
    /// `id` is of type `upn_or_guid`: The user.
    ///
    /// `remove_licenses` is of type `list`: SKU ids.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn remove_license(
        &self,
        id: &str,
        remove_licenses: serde_json::Value,
    ) -> Result<Envelope, AdminError> {
        let arguments = Arguments::new().with("id", id).with("removeLicenses", remove_licenses);
        self.0.run("user.remove_license", arguments).await
    }

    /// Remove a user's manager.
    ///
    /// `DELETE /v1.0/users/{id}/manager/$ref`; least application permission: `User.ReadWrite.All`.
    ///
    /// `id` is of type `upn_or_guid`: The user.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn remove_manager(&self, id: &str) -> Result<Envelope, AdminError> {
        let arguments = Arguments::new().with("id", id);
        self.0.run("user.remove_manager", arguments).await
    }

    /// Remove a sponsor of a user; the sponsor itself stays.
    ///
    /// `DELETE /v1.0/users/{id}/sponsors/{sponsor_id}/$ref`; least application permission: `User.ReadWrite.All`.
    ///
    /// `id` is of type `upn_or_guid`: The user.
    ///
    /// `sponsor_id` is of type `guid`: The sponsor.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn remove_sponsor(&self, id: &str, sponsor_id: &str) -> Result<Envelope, AdminError> {
        let arguments = Arguments::new().with("id", id).with("sponsor_id", sponsor_id);
        self.0.run("user.remove_sponsor", arguments).await
    }

    /// Give a user a new password.
    ///
    /// `PATCH /v1.0/users/{id}`; least application permission: `User-PasswordProfile.ReadWrite.All`.
    ///
    /// Needs a directory role that may reset this user's password.
    ///
    /// `id` is of type `upn_or_guid`: The user.
    ///
    /// `password` is of type `secret`: The new password.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn reset_password(
        &self,
        id: &str,
        password: &str,
        options: UserResetPasswordOptions,
    ) -> Result<Envelope, AdminError> {
        let arguments = options.beside(Arguments::new().with("id", id).with("password", password));
        self.0.run("user.reset_password", arguments).await
    }

    /// Restore a deleted user.
    ///
    /// `POST /v1.0/directory/deletedItems/{id}/restore`; least application permission: `User.DeleteRestore.All`.
    ///
    /// `id` is of type `guid`: The deleted user.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn restore(&self, id: &str) -> Result<Envelope, AdminError> {
        let arguments = Arguments::new().with("id", id);
        self.0.run("user.restore", arguments).await
    }

    /// Take a role of an application away from a user.
    ///
    /// `DELETE /v1.0/users/{id}/appRoleAssignments/{assignment_id}`; least application permission: `AppRoleAssignment.ReadWrite.All`.
    ///
    /// `id` is of type `upn_or_guid`: The user.
    ///
    /// `assignment_id` is of type `string`: The assignment.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn revoke_app_role(
        &self,
        id: &str,
        assignment_id: &str,
    ) -> Result<Envelope, AdminError> {
        let arguments = Arguments::new().with("id", id).with("assignment_id", assignment_id);
        self.0.run("user.revoke_app_role", arguments).await
    }

    /// Invalidate a user's refresh tokens and session cookies.
    ///
    /// `POST /v1.0/users/{id}/revokeSignInSessions`; least application permission: `User.RevokeSessions.All`.
    ///
    /// `id` is of type `upn_or_guid`: The user.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn revoke_sign_in_sessions(&self, id: &str) -> Result<Envelope, AdminError> {
        let arguments = Arguments::new().with("id", id);
        self.0.run("user.revoke_sign_in_sessions", arguments).await
    }

    /// Set custom security attributes of a user; a value of null clears one.
    ///
    /// `PATCH /v1.0/users/{id}`; least application permission: `CustomSecAttributeAssignment.ReadWrite.All + User.Read.All`.
    ///
    /// `id` is of type `upn_or_guid`: The user.
    ///
    /// `custom_security_attributes` is of type `object`: Attribute sets with `@odata.type`, one per integer or collection as well.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn set_custom_security_attributes(
        &self,
        id: &str,
        custom_security_attributes: serde_json::Value,
    ) -> Result<Envelope, AdminError> {
        let arguments = Arguments::new()
            .with("id", id)
            .with("customSecurityAttributes", custom_security_attributes);
        self.0.run("user.set_custom_security_attributes", arguments).await
    }

    /// Set a user's photo.
    ///
    /// `PUT /v1.0/users/{id}/photo/$value`; least application permission: `ProfilePhoto.ReadWrite.All`.
    ///
    /// Not offered in `govsg`.
    ///
    /// `id` is of type `upn_or_guid`: The user.
    ///
    /// `photo` is of type `binary`: A picture of less than 4 MB.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn set_photo(
        &self,
        id: &str,
        photo: &[u8],
        options: UserSetPhotoOptions,
    ) -> Result<Envelope, AdminError> {
        let arguments = options.beside(Arguments::new().with("id", id).with_bytes("photo", photo));
        self.0.run("user.set_photo", arguments).await
    }

    /// Change properties of a user; what is not given stays as it is, null clears it.
    ///
    /// `PATCH /v1.0/users/{id}`; least application permission: `User.ReadWrite.All`.
    ///
    /// `id` is of type `upn_or_guid`: The user.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn update(
        &self,
        id: &str,
        options: UserUpdateOptions,
    ) -> Result<Envelope, AdminError> {
        let arguments = options.beside(Arguments::new().with("id", id));
        self.0.run("user.update", arguments).await
    }

    /// Change the number or type of a phone that a user authenticates with.
    ///
    /// `PATCH /v1.0/users/{id}/authentication/phoneMethods/{method_id}`; least application permission: `UserAuthenticationMethod.ReadWrite.All`.
    ///
    /// Not offered in `bleu`, `delos`, `govsg`.
    ///
    /// `id` is of type `upn_or_guid`: The user.
    ///
    /// `method_id` is of type `guid`: The method.
    ///
    /// `phone_number` is of type `string`: With country code.
    ///
    /// `phone_type` is of type `enum`.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn update_phone_method(
        &self,
        id: &str,
        method_id: &str,
        phone_number: &str,
        phone_type: &str,
    ) -> Result<Envelope, AdminError> {
        let arguments = Arguments::new()
            .with("id", id)
            .with("method_id", method_id)
            .with("phoneNumber", phone_number)
            .with("phoneType", phone_type);
        self.0.run("user.update_phone_method", arguments).await
    }
}

options! {
    /// Optional arguments of `user.assign_license`.
    UserAssignLicenseOptions {
        /// SKU ids.
        remove_licenses: serde_json::Value = "removeLicenses",
    }
}

options! {
    /// Optional arguments of `user.count`.
    UserCountOptions {
        /// An OData filter.
        filter: String = "filter",
    }
}

options! {
    /// Optional arguments of `user.create`.
    UserCreateOptions {
        /// `forceChangePasswordNextSignIn`, of type `bool`.
        force_change_password_next_sign_in: bool = "forceChangePasswordNextSignIn",
        /// `accountEnabled`, of type `bool`.
        account_enabled: bool = "accountEnabled",
        /// `givenName`, of type `string`.
        given_name: String = "givenName",
        /// `surname`, of type `string`.
        surname: String = "surname",
        /// `jobTitle`, of type `string`.
        job_title: String = "jobTitle",
        /// `department`, of type `string`.
        department: String = "department",
        /// `companyName`, of type `string`.
        company_name: String = "companyName",
        /// `officeLocation`, of type `string`.
        office_location: String = "officeLocation",
        /// `mobilePhone`, of type `string`.
        mobile_phone: String = "mobilePhone",
        /// Two-letter country code; licences need it.
        usage_location: String = "usageLocation",
    }
}

options! {
    /// Optional arguments of `user.create_temporary_access_pass`.
    UserCreateTemporaryAccessPassOptions {
        /// 10 to 43200; the policy of the tenant decides when absent.
        lifetime_in_minutes: i64 = "lifetimeInMinutes",
        /// `isUsableOnce`, of type `bool`.
        is_usable_once: bool = "isUsableOnce",
        /// When it becomes usable; at once when absent.
        start_date_time: String = "startDateTime",
    }
}

options! {
    /// Optional arguments of `user.delta`.
    UserDeltaOptions {
        /// Properties to return.
        select: serde_json::Value = "select",
        /// The token of the last round, or `latest`.
        deltatoken: String = "deltatoken",
    }
}

options! {
    /// Optional arguments of `user.get`.
    UserGetOptions {
        /// Properties to return.
        select: serde_json::Value = "select",
        /// A related object to return as well.
        expand: String = "expand",
    }
}

options! {
    /// Optional arguments of `user.get_manager`.
    UserGetManagerOptions {
        /// Properties to return.
        select: serde_json::Value = "select",
    }
}

options! {
    /// Optional arguments of `user.get_member_groups`.
    UserGetMemberGroupsOptions {
        /// `securityEnabledOnly`, of type `bool`.
        security_enabled_only: bool = "securityEnabledOnly",
    }
}

options! {
    /// Optional arguments of `user.get_member_objects`.
    UserGetMemberObjectsOptions {
        /// `securityEnabledOnly`, of type `bool`.
        security_enabled_only: bool = "securityEnabledOnly",
    }
}

options! {
    /// Optional arguments of `user.grant_app_role`.
    UserGrantAppRoleOptions {
        /// The role; all zeros for access without one.
        app_role_id: String = "appRoleId",
    }
}

options! {
    /// Optional arguments of `user.list`.
    UserListOptions {
        /// Properties to return.
        select: serde_json::Value = "select",
        /// An OData filter.
        filter: String = "filter",
        /// A search, such as `"displayName:Ada"`.
        search: String = "search",
        /// The property to sort by.
        orderby: String = "orderby",
        /// Users per page (at most 999).
        top: i64 = "top",
    }
}

options! {
    /// Optional arguments of `user.list_administrative_units`.
    UserListAdministrativeUnitsOptions {
        /// Properties to return.
        select: serde_json::Value = "select",
    }
}

options! {
    /// Optional arguments of `user.list_app_role_assignments`.
    UserListAppRoleAssignmentsOptions {
        /// An OData filter.
        filter: String = "filter",
        /// Objects per page (at most 999).
        top: i64 = "top",
    }
}

options! {
    /// Optional arguments of `user.list_deleted`.
    UserListDeletedOptions {
        /// Properties to return.
        select: serde_json::Value = "select",
        /// The property to sort by.
        orderby: String = "orderby",
        /// Objects per page (at most 999).
        top: i64 = "top",
    }
}

options! {
    /// Optional arguments of `user.list_direct_reports`.
    UserListDirectReportsOptions {
        /// Properties to return.
        select: serde_json::Value = "select",
        /// Objects per page (at most 999).
        top: i64 = "top",
    }
}

options! {
    /// Optional arguments of `user.list_groups`.
    UserListGroupsOptions {
        /// Properties to return.
        select: serde_json::Value = "select",
        /// An OData filter.
        filter: String = "filter",
        /// Objects per page (at most 999).
        top: i64 = "top",
    }
}

options! {
    /// Optional arguments of `user.list_inactive`.
    UserListInactiveOptions {
        /// Users per page (at most 500).
        top: i64 = "top",
    }
}

options! {
    /// Optional arguments of `user.list_member_of`.
    UserListMemberOfOptions {
        /// Properties to return.
        select: serde_json::Value = "select",
        /// An OData filter.
        filter: String = "filter",
        /// Objects per page (at most 999).
        top: i64 = "top",
    }
}

options! {
    /// Optional arguments of `user.list_owned_devices`.
    UserListOwnedDevicesOptions {
        /// Properties to return.
        select: serde_json::Value = "select",
        /// Objects per page (at most 999).
        top: i64 = "top",
    }
}

options! {
    /// Optional arguments of `user.list_owned_objects`.
    UserListOwnedObjectsOptions {
        /// Properties to return.
        select: serde_json::Value = "select",
        /// Objects per page (at most 999).
        top: i64 = "top",
    }
}

options! {
    /// Optional arguments of `user.list_registered_devices`.
    UserListRegisteredDevicesOptions {
        /// Properties to return.
        select: serde_json::Value = "select",
        /// Objects per page (at most 999).
        top: i64 = "top",
    }
}

options! {
    /// Optional arguments of `user.list_sponsors`.
    UserListSponsorsOptions {
        /// Properties to return.
        select: serde_json::Value = "select",
    }
}

options! {
    /// Optional arguments of `user.list_transitive_member_of`.
    UserListTransitiveMemberOfOptions {
        /// Properties to return.
        select: serde_json::Value = "select",
        /// An OData filter.
        filter: String = "filter",
        /// Objects per page (at most 999).
        top: i64 = "top",
    }
}

options! {
    /// Optional arguments of `user.list_transitive_roles`.
    UserListTransitiveRolesOptions {
        /// Properties to return.
        select: serde_json::Value = "select",
    }
}

options! {
    /// Optional arguments of `user.reset_password`.
    UserResetPasswordOptions {
        /// `forceChangePasswordNextSignIn`, of type `bool`.
        force_change_password_next_sign_in: bool = "forceChangePasswordNextSignIn",
    }
}

options! {
    /// Optional arguments of `user.set_photo`.
    UserSetPhotoOptions {
        /// `content_type`, of type `enum`.
        content_type: String = "content_type",
    }
}

options! {
    /// Optional arguments of `user.update`.
    UserUpdateOptions {
        /// `displayName`, of type `string`.
        display_name: String = "displayName",
        /// `givenName`, of type `string`.
        given_name: String = "givenName",
        /// `surname`, of type `string`.
        surname: String = "surname",
        /// `mailNickname`, of type `string`.
        mail_nickname: String = "mailNickname",
        /// `jobTitle`, of type `string`.
        job_title: String = "jobTitle",
        /// `department`, of type `string`.
        department: String = "department",
        /// `companyName`, of type `string`.
        company_name: String = "companyName",
        /// `employeeId`, of type `string`.
        employee_id: String = "employeeId",
        /// `employeeType`, of type `string`.
        employee_type: String = "employeeType",
        /// `officeLocation`, of type `string`.
        office_location: String = "officeLocation",
        /// `streetAddress`, of type `string`.
        street_address: String = "streetAddress",
        /// `city`, of type `string`.
        city: String = "city",
        /// `state`, of type `string`.
        state: String = "state",
        /// `postalCode`, of type `string`.
        postal_code: String = "postalCode",
        /// `country`, of type `string`.
        country: String = "country",
        /// `mobilePhone`, of type `string`.
        mobile_phone: String = "mobilePhone",
        /// `faxNumber`, of type `string`.
        fax_number: String = "faxNumber",
        /// Two-letter country code; licences need it.
        usage_location: String = "usageLocation",
        /// Such as `en-GB`.
        preferred_language: String = "preferredLanguage",
        /// For multi-geo tenants.
        preferred_data_location: String = "preferredDataLocation",
        /// Such as `DisablePasswordExpiration`.
        password_policies: String = "passwordPolicies",
        /// Links the user to one on premises.
        on_premises_immutable_id: String = "onPremisesImmutableId",
        /// `employeeHireDate`, of type `datetime`.
        employee_hire_date: String = "employeeHireDate",
        /// `employeeLeaveDateTime`, of type `datetime`.
        employee_leave_date_time: String = "employeeLeaveDateTime",
        /// With `division` and `costCenter`.
        employee_org_data: serde_json::Value = "employeeOrgData",
        /// `businessPhones`, of type `list`.
        business_phones: serde_json::Value = "businessPhones",
        /// `otherMails`, of type `list`.
        other_mails: serde_json::Value = "otherMails",
        /// `ageGroup`, of type `enum`.
        age_group: String = "ageGroup",
        /// `consentProvidedForMinor`, of type `enum`.
        consent_provided_for_minor: String = "consentProvidedForMinor",
        /// `userType`, of type `enum`.
        user_type: String = "userType",
        /// `showInAddressList`, of type `bool`.
        show_in_address_list: bool = "showInAddressList",
        /// `extensionAttribute1` to `extensionAttribute15`.
        on_premises_extension_attributes: serde_json::Value = "onPremisesExtensionAttributes",
        /// `accountEnabled`, of type `bool`.
        account_enabled: bool = "accountEnabled",
    }
}
