//! Commands of `report`. Written by `cargo xtask codegen`; do not edit.

use graph_dsl::{Arguments, Envelope};

use crate::options::options;
use crate::{Admin, AdminError};

/// Commands of `report`.
#[derive(Clone, Copy, Debug)]
pub struct Report<'a>(pub(crate) &'a Admin);

impl Report<'_> {
    /// List who registered which authentication methods; disabled users are left out.
    ///
    /// `GET /v1.0/reports/authenticationMethods/userRegistrationDetails`; least application permission: `AuditLog.Read.All`.
    ///
    /// Needs a Microsoft Entra ID P1 licence.
    ///
    /// Not offered in `govsg`.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn list_user_registration_details(
        &self,
        options: ReportListUserRegistrationDetailsOptions,
    ) -> Result<Envelope, AdminError> {
        let arguments = options.beside(Arguments::new());
        self.0.run("report.list_user_registration_details", arguments).await
    }
}

options! {
    /// Optional arguments of `report.list_user_registration_details`.
    ReportListUserRegistrationDetailsOptions {
        /// An OData filter.
        filter: String = "filter",
        /// The property to sort by.
        orderby: String = "orderby",
    }
}
