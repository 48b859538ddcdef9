//! Commands of `identity_protection`. Written by `cargo xtask codegen`; do not edit.

use graph_dsl::{Arguments, Envelope};

use crate::options::options;
use crate::{Admin, AdminError};

/// Commands of `identity_protection`.
#[derive(Clone, Copy, Debug)]
pub struct IdentityProtection<'a>(pub(crate) &'a Admin);

impl IdentityProtection<'_> {
    /// Say that users are compromised: their risk becomes high.
    ///
    /// `POST /v1.0/identityProtection/riskyUsers/confirmCompromised`; least application permission: `IdentityRiskyUser.ReadWrite.All`.
    ///
    /// Needs a Microsoft Entra ID P2 licence.
    ///
    /// Not offered in `china`, `govsg`.
    ///
    /// `user_ids` is of type `list`: The users.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn confirm_compromised(
        &self,
        user_ids: serde_json::Value,
    ) -> Result<Envelope, AdminError> {
        let arguments = Arguments::new().with("userIds", user_ids);
        self.0.run("identity_protection.confirm_compromised", arguments).await
    }

    /// Say that users are safe: their risk is removed.
    ///
    /// `POST /v1.0/identityProtection/riskyUsers/confirmSafe`; least application permission: `IdentityRiskyUser.ReadWrite.All`.
    ///
    /// Needs a Microsoft Entra ID P2 licence.
    ///
    /// Not offered in `china`, `govsg`.
    ///
    /// `user_ids` is of type `list`: The users.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn confirm_safe(&self, user_ids: serde_json::Value) -> Result<Envelope, AdminError> {
        let arguments = Arguments::new().with("userIds", user_ids);
        self.0.run("identity_protection.confirm_safe", arguments).await
    }

    /// Dismiss the risk of users.
    ///
    /// `POST /v1.0/identityProtection/riskyUsers/dismiss`; least application permission: `IdentityRiskyUser.ReadWrite.All`.
    ///
    /// Needs a Microsoft Entra ID P2 licence.
    ///
    /// Not offered in `china`, `govsg`.
    ///
    /// `user_ids` is of type `list`: The users.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn dismiss_risky_users(
        &self,
        user_ids: serde_json::Value,
    ) -> Result<Envelope, AdminError> {
        let arguments = Arguments::new().with("userIds", user_ids);
        self.0.run("identity_protection.dismiss_risky_users", arguments).await
    }

    /// List how the risk of a user changed.
    ///
    /// `GET /v1.0/identityProtection/riskyUsers/{id}/history`; least application permission: `IdentityRiskyUser.Read.All`.
    ///
    /// Needs a Microsoft Entra ID P2 licence.
    ///
    /// Not offered in `china`, `govsg`.
    ///
    /// `id` is of type `guid`: The user.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn get_risky_user_history(
        &self,
        id: &str,
        options: IdentityProtectionGetRiskyUserHistoryOptions,
    ) -> Result<Envelope, AdminError> {
        let arguments = options.beside(Arguments::new().with("id", id));
        self.0.run("identity_protection.get_risky_user_history", arguments).await
    }

    /// List what was detected as a risk.
    ///
    /// `GET /v1.0/identityProtection/riskDetections`; least application permission: `IdentityRiskEvent.Read.All`.
    ///
    /// Needs a Microsoft Entra ID P2 licence.
    ///
    /// Not offered in `china`, `govsg`.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn list_risk_detections(
        &self,
        options: IdentityProtectionListRiskDetectionsOptions,
    ) -> Result<Envelope, AdminError> {
        let arguments = options.beside(Arguments::new());
        self.0.run("identity_protection.list_risk_detections", arguments).await
    }

    /// List the users at risk.
    ///
    /// `GET /v1.0/identityProtection/riskyUsers`; least application permission: `IdentityRiskyUser.Read.All`.
    ///
    /// Needs a Microsoft Entra ID P2 licence.
    ///
    /// Not offered in `china`, `govsg`.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn list_risky_users(
        &self,
        options: IdentityProtectionListRiskyUsersOptions,
    ) -> Result<Envelope, AdminError> {
        let arguments = options.beside(Arguments::new());
        self.0.run("identity_protection.list_risky_users", arguments).await
    }
}

options! {
    /// Optional arguments of `identity_protection.get_risky_user_history`.
    IdentityProtectionGetRiskyUserHistoryOptions {
        /// Changes per page (at most 500).
        top: i64 = "top",
    }
}

options! {
    /// Optional arguments of `identity_protection.list_risk_detections`.
    IdentityProtectionListRiskDetectionsOptions {
        /// Properties to return.
        select: serde_json::Value = "select",
        /// An OData filter.
        filter: String = "filter",
        /// Detections per page (at most 500).
        top: i64 = "top",
    }
}

options! {
    /// Optional arguments of `identity_protection.list_risky_users`.
    IdentityProtectionListRiskyUsersOptions {
        /// Properties to return.
        select: serde_json::Value = "select",
        /// An OData filter.
        filter: String = "filter",
        /// Users per page (at most 500).
        top: i64 = "top",
    }
}
