//! Commands of `oauth2_permission_grant`. Written by `cargo xtask codegen`; do not edit.

use graph_dsl::{Arguments, Envelope};

use crate::options::options;
use crate::{Admin, AdminError};

/// Commands of `oauth2_permission_grant`.
#[derive(Clone, Copy, Debug)]
pub struct Oauth2PermissionGrant<'a>(pub(crate) &'a Admin);

impl Oauth2PermissionGrant<'_> {
    /// Grant an application delegated permissions, for one user or for all.
    ///
    /// `POST /v1.0/oauth2PermissionGrants`; least application permission: `DelegatedPermissionGrant.ReadWrite.All`.
    ///
    /// `client_id` is of type `guid`: The service principal that gets them.
    ///
    /// `resource_id` is of type `guid`: The service principal that offers them.
    ///
    /// `scope` is of type `string`: Their names, separated by spaces.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn create(
        &self,
        client_id: &str,
        resource_id: &str,
        scope: &str,
        options: Oauth2PermissionGrantCreateOptions,
    ) -> Result<Envelope, AdminError> {
        let arguments = options.beside(
            Arguments::new()
                .with("clientId", client_id)
                .with("resourceId", resource_id)
                .with("scope", scope),
        );
        self.0.run("oauth2_permission_grant.create", arguments).await
    }

    /// Withdraw a grant of delegated permissions.
    ///
    /// `DELETE /v1.0/oauth2PermissionGrants/{id}`; least application permission: `DelegatedPermissionGrant.ReadWrite.All`.
    ///
    /// `id` is of type `string`: The grant.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn delete(&self, id: &str) -> Result<Envelope, AdminError> {
        let arguments = Arguments::new().with("id", id);
        self.0.run("oauth2_permission_grant.delete", arguments).await
    }

    /// List the delegated permissions that were granted to applications.
    ///
    /// `GET /v1.0/oauth2PermissionGrants`; least application permission: `Directory.Read.All`.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn list(
        &self,
        options: Oauth2PermissionGrantListOptions,
    ) -> Result<Envelope, AdminError> {
        let arguments = options.beside(Arguments::new());
        self.0.run("oauth2_permission_grant.list", arguments).await
    }

    /// Replace the delegated permissions of a grant; give all of them.
    ///
    /// `PATCH /v1.0/oauth2PermissionGrants/{id}`; least application permission: `DelegatedPermissionGrant.ReadWrite.All`.
    ///
    /// `id` is of type `string`: The grant.
    ///
    /// `scope` is of type `string`: All names, separated by spaces.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn update(&self, id: &str, scope: &str) -> Result<Envelope, AdminError> {
        let arguments = Arguments::new().with("id", id).with("scope", scope);
        self.0.run("oauth2_permission_grant.update", arguments).await
    }
}

options! {
    /// Optional arguments of `oauth2_permission_grant.create`.
    Oauth2PermissionGrantCreateOptions {
        /// `consentType`, of type `enum`.
        consent_type: String = "consentType",
        /// The user, with `Principal`.
        principal_id: String = "principalId",
    }
}

options! {
    /// Optional arguments of `oauth2_permission_grant.list`.
    Oauth2PermissionGrantListOptions {
        /// An OData filter.
        filter: String = "filter",
        /// Objects per page (at most 999).
        top: i64 = "top",
    }
}
