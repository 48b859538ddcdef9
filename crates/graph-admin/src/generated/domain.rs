//! Commands of `domain`. Written by `cargo xtask codegen`; do not edit.

use graph_dsl::{Arguments, Envelope};

use crate::options::options;
use crate::{Admin, AdminError};

/// Commands of `domain`.
#[derive(Clone, Copy, Debug)]
pub struct Domain<'a>(pub(crate) &'a Admin);

impl Domain<'_> {
    /// Add a domain to the tenant; it must be verified then.
    ///
    /// `POST /v1.0/domains`; least application permission: `Domain.ReadWrite.All`.
    ///
    /// `id` is of type `domain`: The domain.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn create(&self, id: &str) -> Result<Envelope, AdminError> {
        let arguments = Arguments::new().with("id", id);
        self.0.run("domain.create", arguments).await
    }

    /// Remove a domain from the tenant.
    ///
    /// `DELETE /v1.0/domains/{id}`; least application permission: `Domain.ReadWrite.All`.
    ///
    /// `id` is of type `domain`: The domain.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn delete(&self, id: &str) -> Result<Envelope, AdminError> {
        let arguments = Arguments::new().with("id", id);
        self.0.run("domain.delete", arguments).await
    }

    /// Get a domain.
    ///
    /// `GET /v1.0/domains/{id}`; least application permission: `Domain.Read.All`.
    ///
    /// `id` is of type `domain`: The domain.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn get(&self, id: &str) -> Result<Envelope, AdminError> {
        let arguments = Arguments::new().with("id", id);
        self.0.run("domain.get", arguments).await
    }

    /// List the domains of the tenant.
    ///
    /// `GET /v1.0/domains`; least application permission: `Domain.Read.All`.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn list(&self, options: DomainListOptions) -> Result<Envelope, AdminError> {
        let arguments = options.beside(Arguments::new());
        self.0.run("domain.list", arguments).await
    }

    /// List the users, groups and applications that use a domain.
    ///
    /// `GET /v1.0/domains/{id}/domainNameReferences`; least application permission: `Domain.Read.All`.
    ///
    /// `id` is of type `domain`: The domain.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn list_name_references(
        &self,
        id: &str,
        options: DomainListNameReferencesOptions,
    ) -> Result<Envelope, AdminError> {
        let arguments = options.beside(Arguments::new().with("id", id));
        self.0.run("domain.list_name_references", arguments).await
    }

    /// List the DNS records that verify a domain; one of them is enough.
    ///
    /// `GET /v1.0/domains/{id}/verificationDnsRecords`; least application permission: `Domain.Read.All`.
    ///
    /// `id` is of type `domain`: The domain.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn list_verification_records(&self, id: &str) -> Result<Envelope, AdminError> {
        let arguments = Arguments::new().with("id", id);
        self.0.run("domain.list_verification_records", arguments).await
    }

    /// Make a domain the default one, or say what it is used for.
    ///
    /// `PATCH /v1.0/domains/{id}`; least application permission: `Domain.ReadWrite.All`.
    ///
    /// `id` is of type `domain`: The domain.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn update(
        &self,
        id: &str,
        options: DomainUpdateOptions,
    ) -> Result<Envelope, AdminError> {
        let arguments = options.beside(Arguments::new().with("id", id));
        self.0.run("domain.update", arguments).await
    }

    /// Verify that a domain belongs to the tenant, once its DNS record is there.
    ///
    /// `POST /v1.0/domains/{id}/verify`; least application permission: `Domain.ReadWrite.All`.
    ///
    /// `id` is of type `domain`: The domain.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn verify(&self, id: &str) -> Result<Envelope, AdminError> {
        let arguments = Arguments::new().with("id", id);
        self.0.run("domain.verify", arguments).await
    }
}

options! {
    /// Optional arguments of `domain.list`.
    DomainListOptions {
        /// Properties to return.
        select: serde_json::Value = "select",
    }
}

options! {
    /// Optional arguments of `domain.list_name_references`.
    DomainListNameReferencesOptions {
        /// Objects per page (at most 999).
        top: i64 = "top",
    }
}

options! {
    /// Optional arguments of `domain.update`.
    DomainUpdateOptions {
        /// `isDefault`, of type `bool`.
        is_default: bool = "isDefault",
        /// Such as `Email`, `OfficeCommunicationsOnline`.
        supported_services: serde_json::Value = "supportedServices",
        /// 2147483647 for passwords that never expire.
        password_validity_period_in_days: i64 = "passwordValidityPeriodInDays",
        /// `passwordNotificationWindowInDays`, of type `int`.
        password_notification_window_in_days: i64 = "passwordNotificationWindowInDays",
    }
}
