//! The compound commands as functions beside those of the catalogue.

use graph_dsl::Arguments;

use super::CompoundCall;
use crate::generated::{
    Application, Device, DirectoryObject, Group, Invitation, Pim, RoleManagement, ServicePrincipal,
    User,
};
use crate::options::options;

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

options! {
    /// Optional arguments of `application.ensure_federated_credential`.
    ApplicationEnsureFederatedCredentialOptions {
        /// Their `aud`; default `["api://AzureADTokenExchange"]`.
        audiences: Vec<String> = "audiences",
        /// `description`, of type `string`.
        description: String = "description",
    }
}

options! {
    /// Optional arguments of `application.rotate_secret`.
    ApplicationRotateSecretOptions {
        /// Secrets of this name take turns; default `"rotated"`.
        display_name: String = "displayName",
        /// When the new one expires.
        end_date_time: String = "endDateTime",
        /// How long an old one stays beside the new one; default `"P7D"`.
        grace: String = "grace",
        /// Whether to sign in with the new one first; default `true`.
        verify: bool = "verify",
    }
}

options! {
    /// Optional arguments of `device.disable_stale`.
    DeviceDisableStaleOptions {
        /// Time since the last sign-in; default `"P90D"`.
        older_than: String = "older_than",
        /// Refuse if there are more; default `100`.
        max: i64 = "max",
    }
}

options! {
    /// Optional arguments of `group.set_members`.
    GroupSetMembersOptions {
        /// What to do with them; default `"exact"`.
        mode: String = "mode",
        /// Whether the group may lose its last member; default `false`.
        allow_empty: bool = "allow_empty",
    }
}

options! {
    /// Optional arguments of `invitation.invite_and_add`.
    InvitationInviteAndAddOptions {
        /// `invitedUserDisplayName`, of type `string`.
        invited_user_display_name: String = "invitedUserDisplayName",
        /// `invitedUserType`, of type `enum`; default `"Guest"`.
        invited_user_type: String = "invitedUserType",
        /// `sendInvitationMessage`, of type `bool`; default `true`.
        send_invitation_message: bool = "sendInvitationMessage",
        /// A text of your own.
        customized_message_body: String = "customizedMessageBody",
    }
}

options! {
    /// Optional arguments of `pim.activate`.
    PimActivateOptions {
        /// `/` for the tenant; default `"/"`.
        directory_scope_id: String = "directoryScopeId",
        /// Why.
        justification: String = "justification",
        /// Whether the signed-in user does it for themselves; default `false`.
        for_self: bool = "self",
        /// Whether Graph only checks the request; default `false`.
        validate_only: bool = "validate_only",
        /// How long it lasts; default `"PT8H"`.
        duration: String = "duration",
    }
}

options! {
    /// Optional arguments of `pim.deactivate`.
    PimDeactivateOptions {
        /// `/` for the tenant; default `"/"`.
        directory_scope_id: String = "directoryScopeId",
        /// Why.
        justification: String = "justification",
        /// Whether the signed-in user does it for themselves; default `false`.
        for_self: bool = "self",
        /// Whether Graph only checks the request; default `false`.
        validate_only: bool = "validate_only",
    }
}

options! {
    /// Optional arguments of `role_management.ensure_role_assignment`.
    RoleManagementEnsureRoleAssignmentOptions {
        /// `/` for the tenant; default `"/"`.
        directory_scope_id: String = "directoryScopeId",
    }
}

options! {
    /// Optional arguments of `user.ensure`.
    UserEnsureOptions {
        /// `displayName`, of type `string`.
        display_name: String = "displayName",
        /// `mailNickname`, of type `string`.
        mail_nickname: String = "mailNickname",
        /// The first password.
        password: String = "password",
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
    /// Optional arguments of `user.grant_license`.
    UserGrantLicenseOptions {
        /// Service plans to leave out.
        disabled_plans: Vec<String> = "disabledPlans",
        /// Two-letter country code, for a user without one.
        usage_location: String = "usageLocation",
    }
}

options! {
    /// Optional arguments of `user.reset_mfa`.
    UserResetMfaOptions {
        /// Whether to create one; default `true`.
        temporary_access_pass: bool = "temporary_access_pass",
        /// How long the pass is valid.
        lifetime_in_minutes: i64 = "lifetimeInMinutes",
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use graph_transport::{Cloud, CloudName, GraphClient, Secret, StaticBearer};

    use super::*;
    use crate::{Admin, Compound};

    fn admin() -> Admin {
        let credential = StaticBearer::new(Secret::new("token".to_owned()));
        let cloud = Cloud::named(CloudName::Global).unwrap();
        Admin::new(GraphClient::builder(cloud, credential).build().unwrap())
    }

    #[expect(
        clippy::default_trait_access,
        reason = "which options they are is said by the function"
    )]
    fn calls(admin: &Admin) -> Vec<CompoundCall<'_>> {
        let (application, pim, principal) =
            (admin.application(), admin.pim(), admin.service_principal());
        let user = admin.user();
        vec![
            application.ensure_federated_credential("", "", "", "", Default::default()),
            application.rotate_secret("", Default::default()),
            admin.device().disable_stale(Default::default()),
            admin.directory_object().resolve(&[]),
            admin.group().set_members("", &[], Default::default()),
            admin.invitation().invite_and_add("", "", &[], Default::default()),
            pim.activate("", "", Default::default()),
            pim.deactivate("", "", Default::default()),
            admin.role_management().ensure_role_assignment("", "", Default::default()),
            principal.grant_admin_consent("", "", ""),
            principal.grant_application_permission("", "", ""),
            user.ensure("", Default::default()),
            user.grant_license("", "", Default::default()),
            user.offboard(""),
            user.reset_mfa("", Default::default()),
        ]
    }

    #[tokio::test]
    async fn every_compound_command_has_a_function_with_its_arguments() {
        let admin = admin();
        let calls = calls(&admin);
        let called: Vec<&str> = calls.iter().map(|call| call.compound().name).collect();
        let all: Vec<&str> = Compound::all().iter().map(|it| it.name).collect();
        assert_eq!(called, all);
        for call in &calls {
            let signature = call.compound().signature().arguments;
            let required: BTreeSet<String> =
                signature.iter().filter(|it| it.required).map(|it| it.name.clone()).collect();
            let given: BTreeSet<String> =
                call.arguments().iter().map(|(name, _)| name.to_owned()).collect();
            assert_eq!(given, required, "{}", call.compound().name);
            let optional: BTreeSet<&str> =
                signature.iter().filter(|it| !it.required).map(|it| it.name.as_str()).collect();
            assert_eq!(declared(call.compound().name), optional, "{}", call.compound().name);
        }
    }

    /// The optional arguments that this file declares for a command.
    fn declared(command: &str) -> BTreeSet<&'static str> {
        let about = format!("/// Optional arguments of `{command}`.\n");
        let Some((_, after)) = include_str!("typed.rs").split_once(&about) else {
            return BTreeSet::new();
        };
        let block = after.split("\n    }\n}").next().unwrap();
        let fields =
            block.lines().filter_map(|line| line.trim_end_matches(',').rsplit_once(" = \""));
        fields.filter_map(|(_, name)| name.strip_suffix('"')).collect()
    }
}
