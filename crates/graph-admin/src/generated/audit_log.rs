//! Commands of `audit_log`. Written by `cargo xtask codegen`; do not edit.

use graph_dsl::{Arguments, Envelope};

use crate::options::options;
use crate::{Admin, AdminError};

/// Commands of `audit_log`.
#[derive(Clone, Copy, Debug)]
pub struct AuditLog<'a>(pub(crate) &'a Admin);

impl AuditLog<'_> {
    /// List what was changed in the directory, newest first.
    ///
    /// `GET /v1.0/auditLogs/directoryAudits`; least application permission: `AuditLog.Read.All`.
    ///
    /// Not offered in `govsg`.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn list_directory_audits(
        &self,
        options: AuditLogListDirectoryAuditsOptions,
    ) -> Result<Envelope, AdminError> {
        let arguments = options.beside(Arguments::new());
        self.0.run("audit_log.list_directory_audits", arguments).await
    }

    /// List sign-ins, newest first.
    ///
    /// `GET /v1.0/auditLogs/signIns`; least application permission: `AuditLog.Read.All`.
    ///
    /// Needs a Microsoft Entra ID P1 licence; in some tenants Directory.Read.All as well.
    ///
    /// Not offered in `govsg`.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn list_sign_ins(
        &self,
        options: AuditLogListSignInsOptions,
    ) -> Result<Envelope, AdminError> {
        let arguments = options.beside(Arguments::new());
        self.0.run("audit_log.list_sign_ins", arguments).await
    }
}

options! {
    /// Optional arguments of `audit_log.list_directory_audits`.
    AuditLogListDirectoryAuditsOptions {
        /// An OData filter.
        filter: String = "filter",
        /// Entries per page (at most 1000).
        top: i64 = "top",
        /// The property to sort by.
        orderby: String = "orderby",
    }
}

options! {
    /// Optional arguments of `audit_log.list_sign_ins`.
    AuditLogListSignInsOptions {
        /// An OData filter.
        filter: String = "filter",
        /// Sign-ins per page (at most 1000).
        top: i64 = "top",
    }
}
