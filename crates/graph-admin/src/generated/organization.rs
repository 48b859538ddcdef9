//! Commands of `organization`. Written by `cargo xtask codegen`; do not edit.

use graph_dsl::{Arguments, Envelope};

use crate::options::options;
use crate::{Admin, AdminError};

/// Commands of `organization`.
#[derive(Clone, Copy, Debug)]
pub struct Organization<'a>(pub(crate) &'a Admin);

impl Organization<'_> {
    /// Get the tenant's own record.
    ///
    /// `GET /v1.0/organization`; least application permission: `Organization.Read.All`.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn get(&self, options: OrganizationGetOptions) -> Result<Envelope, AdminError> {
        let arguments = options.beside(Arguments::new());
        self.0.run("organization.get", arguments).await
    }

    /// List the licences that the tenant has, and how many are used.
    ///
    /// `GET /v1.0/subscribedSkus`; least application permission: `LicenseAssignment.Read.All`.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn list_subscribed_skus(
        &self,
        options: OrganizationListSubscribedSkusOptions,
    ) -> Result<Envelope, AdminError> {
        let arguments = options.beside(Arguments::new());
        self.0.run("organization.list_subscribed_skus", arguments).await
    }

    /// Change the tenant's own record; what is not given stays as it is.
    ///
    /// `PATCH /v1.0/organization/{id}`; least application permission: `Organization.ReadWrite.All`.
    ///
    /// `id` is of type `guid`: The tenant.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn update(
        &self,
        id: &str,
        options: OrganizationUpdateOptions,
    ) -> Result<Envelope, AdminError> {
        let arguments = options.beside(Arguments::new().with("id", id));
        self.0.run("organization.update", arguments).await
    }
}

options! {
    /// Optional arguments of `organization.get`.
    OrganizationGetOptions {
        /// Properties to return.
        select: serde_json::Value = "select",
    }
}

options! {
    /// Optional arguments of `organization.list_subscribed_skus`.
    OrganizationListSubscribedSkusOptions {
        /// Properties to return.
        select: serde_json::Value = "select",
    }
}

options! {
    /// Optional arguments of `organization.update`.
    OrganizationUpdateOptions {
        /// `marketingNotificationEmails`, of type `list`.
        marketing_notification_emails: serde_json::Value = "marketingNotificationEmails",
        /// `technicalNotificationMails`, of type `list`.
        technical_notification_mails: serde_json::Value = "technicalNotificationMails",
        /// `securityComplianceNotificationMails`, of type `list`.
        security_compliance_notification_mails: serde_json::Value = "securityComplianceNotificationMails",
        /// `securityComplianceNotificationPhones`, of type `list`.
        security_compliance_notification_phones: serde_json::Value = "securityComplianceNotificationPhones",
        /// With `contactEmail` and `statementUrl`.
        privacy_profile: serde_json::Value = "privacyProfile",
    }
}
