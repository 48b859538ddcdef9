//! Commands of `policy`. Written by `cargo xtask codegen`; do not edit.

use graph_dsl::{Arguments, Envelope};

use crate::options::options;
use crate::{Admin, AdminError};

/// Commands of `policy`.
#[derive(Clone, Copy, Debug)]
pub struct Policy<'a>(pub(crate) &'a Admin);

impl Policy<'_> {
    /// Get who may use an authentication method, and how.
    ///
    /// `GET /v1.0/policies/authenticationMethodsPolicy/authenticationMethodConfigurations/{method}`; least application permission: `Policy.Read.AuthenticationMethod`.
    ///
    /// Not offered in `china`, `bleu`, `delos`, `govsg`.
    ///
    /// `method` is of type `enum`: The method.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn get_authentication_method_configuration(
        &self,
        method: &str,
    ) -> Result<Envelope, AdminError> {
        let arguments = Arguments::new().with("method", method);
        self.0.run("policy.get_authentication_method_configuration", arguments).await
    }

    /// Get which authentication methods the tenant allows.
    ///
    /// `GET /v1.0/policies/authenticationMethodsPolicy`; least application permission: `Policy.Read.AuthenticationMethod`.
    ///
    /// Not offered in `china`, `bleu`, `delos`, `govsg`.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn get_authentication_methods_policy(&self) -> Result<Envelope, AdminError> {
        let arguments = Arguments::new();
        self.0.run("policy.get_authentication_methods_policy", arguments).await
    }

    /// Get what users and guests may do by default.
    ///
    /// `GET /v1.0/policies/authorizationPolicy`; least application permission: `Policy.Read.All`.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn get_authorization_policy(&self) -> Result<Envelope, AdminError> {
        let arguments = Arguments::new();
        self.0.run("policy.get_authorization_policy", arguments).await
    }

    /// Get whether the security defaults are on.
    ///
    /// `GET /v1.0/policies/identitySecurityDefaultsEnforcementPolicy`; least application permission: `Policy.Read.All`.
    ///
    /// Not offered in `govsg`.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn get_security_defaults(&self) -> Result<Envelope, AdminError> {
        let arguments = Arguments::new();
        self.0.run("policy.get_security_defaults", arguments).await
    }

    /// Switch the security defaults on or off.
    ///
    /// `PATCH /v1.0/policies/identitySecurityDefaultsEnforcementPolicy`; least application permission: `Policy.ReadWrite.SecurityDefaults + Policy.Read.All`.
    ///
    /// Not offered in `govsg`.
    ///
    /// `is_enabled` is of type `bool`.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn set_security_defaults(&self, is_enabled: bool) -> Result<Envelope, AdminError> {
        let arguments = Arguments::new().with("isEnabled", is_enabled);
        self.0.run("policy.set_security_defaults", arguments).await
    }

    /// Say who may use an authentication method.
    ///
    /// `PATCH /v1.0/policies/authenticationMethodsPolicy/authenticationMethodConfigurations/{method}`; least application permission: `Policy.ReadWrite.AuthenticationMethod`.
    ///
    /// Not offered in `china`, `bleu`, `delos`, `govsg`.
    ///
    /// `method` is of type `enum`: The method.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn update_authentication_method_configuration(
        &self,
        method: &str,
        options: PolicyUpdateAuthenticationMethodConfigurationOptions,
    ) -> Result<Envelope, AdminError> {
        let arguments = options.beside(Arguments::new().with("method", method));
        self.0.run("policy.update_authentication_method_configuration", arguments).await
    }

    /// Change how users are asked to register authentication methods.
    ///
    /// `PATCH /v1.0/policies/authenticationMethodsPolicy`; least application permission: `Policy.ReadWrite.AuthenticationMethod`.
    ///
    /// Not offered in `china`, `bleu`, `delos`, `govsg`.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn update_authentication_methods_policy(
        &self,
        options: PolicyUpdateAuthenticationMethodsPolicyOptions,
    ) -> Result<Envelope, AdminError> {
        let arguments = options.beside(Arguments::new());
        self.0.run("policy.update_authentication_methods_policy", arguments).await
    }

    /// Change what users and guests may do by default.
    ///
    /// `PATCH /v1.0/policies/authorizationPolicy`; least application permission: `Policy.ReadWrite.Authorization`.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn update_authorization_policy(
        &self,
        options: PolicyUpdateAuthorizationPolicyOptions,
    ) -> Result<Envelope, AdminError> {
        let arguments = options.beside(Arguments::new());
        self.0.run("policy.update_authorization_policy", arguments).await
    }
}

options! {
    /// Optional arguments of `policy.update_authentication_method_configuration`.
    PolicyUpdateAuthenticationMethodConfigurationOptions {
        /// `state`, of type `enum`.
        state: String = "state",
        /// Objects with `targetType` and `id`.
        include_targets: serde_json::Value = "includeTargets",
        /// Objects with `targetType` and `id`.
        exclude_targets: serde_json::Value = "excludeTargets",
    }
}

options! {
    /// Optional arguments of `policy.update_authentication_methods_policy`.
    PolicyUpdateAuthenticationMethodsPolicyOptions {
        /// The campaign that asks users to register.
        registration_enforcement: serde_json::Value = "registrationEnforcement",
        /// `policyMigrationState`, of type `enum`.
        policy_migration_state: String = "policyMigrationState",
        /// `reconfirmationInDays`, of type `int`.
        reconfirmation_in_days: i64 = "reconfirmationInDays",
    }
}

options! {
    /// Optional arguments of `policy.update_authorization_policy`.
    PolicyUpdateAuthorizationPolicyOptions {
        /// Who may invite guests.
        allow_invites_from: String = "allowInvitesFrom",
        /// `allowedToSignUpEmailBasedSubscriptions`, of type `bool`.
        allowed_to_sign_up_email_based_subscriptions: bool = "allowedToSignUpEmailBasedSubscriptions",
        /// Whether administrators may reset their own password.
        allowed_to_use_sspr: bool = "allowedToUseSSPR",
        /// `allowEmailVerifiedUsersToJoinOrganization`, of type `bool`.
        allow_email_verified_users_to_join_organization: bool = "allowEmailVerifiedUsersToJoinOrganization",
        /// `allowUserConsentForRiskyApps`, of type `bool`.
        allow_user_consent_for_risky_apps: bool = "allowUserConsentForRiskyApps",
        /// `blockMsolPowerShell`, of type `bool`.
        block_msol_power_shell: bool = "blockMsolPowerShell",
        /// What members may do.
        default_user_role_permissions: serde_json::Value = "defaultUserRolePermissions",
        /// What guests may do: a role template.
        guest_user_role_id: String = "guestUserRoleId",
    }
}
