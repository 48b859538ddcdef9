//! The optional arguments of the compound commands.

use graph_dsl::Arguments;

use crate::options::options;

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
