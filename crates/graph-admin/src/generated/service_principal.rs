//! Commands of `service_principal`. Written by `cargo xtask codegen`; do not edit.

use graph_dsl::{Arguments, Envelope};

use crate::options::options;
use crate::{Admin, AdminError};

/// Commands of `service_principal`.
#[derive(Clone, Copy, Debug)]
pub struct ServicePrincipal<'a>(pub(crate) &'a Admin);

impl ServicePrincipal<'_> {
    /// Add an owner to a service principal.
    ///
    /// `POST /v1.0/servicePrincipals/{id}/owners/$ref`; least application permission: `Application.ReadWrite.OwnedBy + Directory.Read.All`.
    ///
    /// `id` is of type `guid`: The service principal.
    ///
    /// `owner_id` is of type `guid`: The user or service principal.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn add_owner(&self, id: &str, owner_id: &str) -> Result<Envelope, AdminError> {
        let arguments = Arguments::new().with("id", id).with("owner_id", owner_id);
        self.0.run("service_principal.add_owner", arguments).await
    }

    /// Add a client secret to a service principal; its value is shown once.
    ///
    /// `POST /v1.0/servicePrincipals/{id}/addPassword`; least application permission: `Application.ReadWrite.OwnedBy`.
    ///
    /// The envelope masks `secretText`; `Envelope::secret` has the value.
    ///
    /// `id` is of type `guid`: The service principal.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn add_password(
        &self,
        id: &str,
        options: ServicePrincipalAddPasswordOptions,
    ) -> Result<Envelope, AdminError> {
        let arguments = options.beside(Arguments::new().with("id", id));
        self.0.run("service_principal.add_password", arguments).await
    }

    /// Create a certificate that signs SAML tokens; `update` then makes it the preferred one.
    ///
    /// `POST /v1.0/servicePrincipals/{id}/addTokenSigningCertificate`; least application permission: `Application.ReadWrite.OwnedBy`.
    ///
    /// Not offered in `us_gov_l4`, `us_gov_l5`, `china`, `bleu`, `delos`, `govsg`.
    ///
    /// `id` is of type `guid`: The service principal.
    ///
    /// `display_name` is of type `string`: Begins with `CN=`.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn add_token_signing_certificate(
        &self,
        id: &str,
        display_name: &str,
        options: ServicePrincipalAddTokenSigningCertificateOptions,
    ) -> Result<Envelope, AdminError> {
        let arguments =
            options.beside(Arguments::new().with("id", id).with("displayName", display_name));
        self.0.run("service_principal.add_token_signing_certificate", arguments).await
    }

    /// Create the service principal of an application in this tenant.
    ///
    /// `POST /v1.0/servicePrincipals`; least application permission: `Application.ReadWrite.OwnedBy`.
    ///
    /// `app_id` is of type `guid`: The application (client) id.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn create(&self, app_id: &str) -> Result<Envelope, AdminError> {
        let arguments = Arguments::new().with("appId", app_id);
        self.0.run("service_principal.create", arguments).await
    }

    /// Delete a service principal; it can be restored for 30 days.
    ///
    /// `DELETE /v1.0/servicePrincipals/{id}`; least application permission: `Application.ReadWrite.OwnedBy`.
    ///
    /// `id` is of type `guid`: The service principal.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn delete(&self, id: &str) -> Result<Envelope, AdminError> {
        let arguments = Arguments::new().with("id", id);
        self.0.run("service_principal.delete", arguments).await
    }

    /// Keep everyone from signing in to an application in this tenant.
    ///
    /// `PATCH /v1.0/servicePrincipals/{id}`; least application permission: `Application.ReadWrite.OwnedBy`.
    ///
    /// `id` is of type `guid`: The service principal.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn disable(&self, id: &str) -> Result<Envelope, AdminError> {
        let arguments = Arguments::new().with("id", id);
        self.0.run("service_principal.disable", arguments).await
    }

    /// Get a service principal by object id.
    ///
    /// `GET /v1.0/servicePrincipals/{id}`; least application permission: `Application.Read.All`.
    ///
    /// `id` is of type `guid`: The service principal.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn get(
        &self,
        id: &str,
        options: ServicePrincipalGetOptions,
    ) -> Result<Envelope, AdminError> {
        let arguments = options.beside(Arguments::new().with("id", id));
        self.0.run("service_principal.get", arguments).await
    }

    /// Get a service principal by its application's client id.
    ///
    /// `GET /v1.0/servicePrincipals(appId='{app_id}')`; least application permission: `Application.Read.All`.
    ///
    /// `app_id` is of type `guid`: The application (client) id.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn get_by_app_id(
        &self,
        app_id: &str,
        options: ServicePrincipalGetByAppIdOptions,
    ) -> Result<Envelope, AdminError> {
        let arguments = options.beside(Arguments::new().with("app_id", app_id));
        self.0.run("service_principal.get_by_app_id", arguments).await
    }

    /// Give a user, group or service principal a role of an application.
    ///
    /// `POST /v1.0/servicePrincipals/{id}/appRoleAssignedTo`; least application permission: `AppRoleAssignment.ReadWrite.All + Application.Read.All`.
    ///
    /// `id` is of type `guid`: The service principal that offers the role.
    ///
    /// `principal_id` is of type `guid`: Who gets the role.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn grant_app_role_on_resource(
        &self,
        id: &str,
        principal_id: &str,
        options: ServicePrincipalGrantAppRoleOnResourceOptions,
    ) -> Result<Envelope, AdminError> {
        let arguments =
            options.beside(Arguments::new().with("id", id).with("principalId", principal_id));
        self.0.run("service_principal.grant_app_role_on_resource", arguments).await
    }

    /// List service principals.
    ///
    /// `GET /v1.0/servicePrincipals`; least application permission: `Application.Read.All`.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn list(&self, options: ServicePrincipalListOptions) -> Result<Envelope, AdminError> {
        let arguments = options.beside(Arguments::new());
        self.0.run("service_principal.list", arguments).await
    }

    /// List who was given which roles of an application.
    ///
    /// `GET /v1.0/servicePrincipals/{id}/appRoleAssignedTo`; least application permission: `Application.Read.All`.
    ///
    /// `id` is of type `guid`: The service principal.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn list_app_role_assigned_to(
        &self,
        id: &str,
        options: ServicePrincipalListAppRoleAssignedToOptions,
    ) -> Result<Envelope, AdminError> {
        let arguments = options.beside(Arguments::new().with("id", id));
        self.0.run("service_principal.list_app_role_assigned_to", arguments).await
    }

    /// List the applications' roles that a service principal was given: its application permissions.
    ///
    /// `GET /v1.0/servicePrincipals/{id}/appRoleAssignments`; least application permission: `Application.Read.All`.
    ///
    /// `id` is of type `guid`: The service principal.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn list_app_role_assignments(
        &self,
        id: &str,
        options: ServicePrincipalListAppRoleAssignmentsOptions,
    ) -> Result<Envelope, AdminError> {
        let arguments = options.beside(Arguments::new().with("id", id));
        self.0.run("service_principal.list_app_role_assignments", arguments).await
    }

    /// List the delegated permissions that an application was granted.
    ///
    /// `GET /v1.0/servicePrincipals/{id}/oauth2PermissionGrants`; least application permission: `Directory.Read.All`.
    ///
    /// `id` is of type `guid`: The service principal.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn list_oauth2_permission_grants(&self, id: &str) -> Result<Envelope, AdminError> {
        let arguments = Arguments::new().with("id", id);
        self.0.run("service_principal.list_oauth2_permission_grants", arguments).await
    }

    /// List the owners of a service principal.
    ///
    /// `GET /v1.0/servicePrincipals/{id}/owners`; least application permission: `Application.Read.All`.
    ///
    /// `id` is of type `guid`: The service principal.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn list_owners(
        &self,
        id: &str,
        options: ServicePrincipalListOwnersOptions,
    ) -> Result<Envelope, AdminError> {
        let arguments = options.beside(Arguments::new().with("id", id));
        self.0.run("service_principal.list_owners", arguments).await
    }

    /// Remove an owner from a service principal.
    ///
    /// `DELETE /v1.0/servicePrincipals/{id}/owners/{owner_id}/$ref`; least application permission: `Application.ReadWrite.OwnedBy`.
    ///
    /// `id` is of type `guid`: The service principal.
    ///
    /// `owner_id` is of type `guid`: The owner.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn remove_owner(&self, id: &str, owner_id: &str) -> Result<Envelope, AdminError> {
        let arguments = Arguments::new().with("id", id).with("owner_id", owner_id);
        self.0.run("service_principal.remove_owner", arguments).await
    }

    /// Remove a client secret from a service principal.
    ///
    /// `POST /v1.0/servicePrincipals/{id}/removePassword`; least application permission: `Application.ReadWrite.OwnedBy`.
    ///
    /// `id` is of type `guid`: The service principal.
    ///
    /// `key_id` is of type `guid`: The secret's key id.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn remove_password(&self, id: &str, key_id: &str) -> Result<Envelope, AdminError> {
        let arguments = Arguments::new().with("id", id).with("keyId", key_id);
        self.0.run("service_principal.remove_password", arguments).await
    }

    /// Take a role of an application away from who was given it.
    ///
    /// `DELETE /v1.0/servicePrincipals/{id}/appRoleAssignedTo/{assignment_id}`; least application permission: `AppRoleAssignment.ReadWrite.All`.
    ///
    /// `id` is of type `guid`: The service principal that offers the role.
    ///
    /// `assignment_id` is of type `string`: The assignment.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn revoke_app_role_on_resource(
        &self,
        id: &str,
        assignment_id: &str,
    ) -> Result<Envelope, AdminError> {
        let arguments = Arguments::new().with("id", id).with("assignment_id", assignment_id);
        self.0.run("service_principal.revoke_app_role_on_resource", arguments).await
    }

    /// Change properties of a service principal; what is not given stays as it is.
    ///
    /// `PATCH /v1.0/servicePrincipals/{id}`; least application permission: `Application.ReadWrite.OwnedBy`.
    ///
    /// `id` is of type `guid`: The service principal.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn update(
        &self,
        id: &str,
        options: ServicePrincipalUpdateOptions,
    ) -> Result<Envelope, AdminError> {
        let arguments = options.beside(Arguments::new().with("id", id));
        self.0.run("service_principal.update", arguments).await
    }

    /// Create the service principal of an application in this tenant, or update it.
    ///
    /// `PATCH /v1.0/servicePrincipals(appId='{app_id}')`; least application permission: `Application.ReadWrite.OwnedBy`.
    ///
    /// `app_id` is of type `guid`: The application (client) id.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn upsert(
        &self,
        app_id: &str,
        options: ServicePrincipalUpsertOptions,
    ) -> Result<Envelope, AdminError> {
        let arguments = options.beside(Arguments::new().with("app_id", app_id));
        self.0.run("service_principal.upsert", arguments).await
    }
}

options! {
    /// Optional arguments of `service_principal.add_password`.
    ServicePrincipalAddPasswordOptions {
        /// What the secret is for.
        display_name: String = "displayName",
        /// When it expires.
        end_date_time: String = "endDateTime",
    }
}

options! {
    /// Optional arguments of `service_principal.add_token_signing_certificate`.
    ServicePrincipalAddTokenSigningCertificateOptions {
        /// Three years from now when absent.
        end_date_time: String = "endDateTime",
    }
}

options! {
    /// Optional arguments of `service_principal.get`.
    ServicePrincipalGetOptions {
        /// Properties to return.
        select: serde_json::Value = "select",
        /// A related object to return as well.
        expand: String = "expand",
    }
}

options! {
    /// Optional arguments of `service_principal.get_by_app_id`.
    ServicePrincipalGetByAppIdOptions {
        /// Properties to return.
        select: serde_json::Value = "select",
    }
}

options! {
    /// Optional arguments of `service_principal.grant_app_role_on_resource`.
    ServicePrincipalGrantAppRoleOnResourceOptions {
        /// The role; all zeros for access without one.
        app_role_id: String = "appRoleId",
    }
}

options! {
    /// Optional arguments of `service_principal.list`.
    ServicePrincipalListOptions {
        /// Properties to return.
        select: serde_json::Value = "select",
        /// An OData filter.
        filter: String = "filter",
        /// A search, such as `"displayName:Portal"`.
        search: String = "search",
        /// The property to sort by.
        orderby: String = "orderby",
        /// Objects per page (at most 999).
        top: i64 = "top",
    }
}

options! {
    /// Optional arguments of `service_principal.list_app_role_assigned_to`.
    ServicePrincipalListAppRoleAssignedToOptions {
        /// Objects per page (at most 999).
        top: i64 = "top",
    }
}

options! {
    /// Optional arguments of `service_principal.list_app_role_assignments`.
    ServicePrincipalListAppRoleAssignmentsOptions {
        /// Objects per page (at most 999).
        top: i64 = "top",
    }
}

options! {
    /// Optional arguments of `service_principal.list_owners`.
    ServicePrincipalListOwnersOptions {
        /// Properties to return.
        select: serde_json::Value = "select",
        /// Objects per page (at most 999).
        top: i64 = "top",
    }
}

options! {
    /// Optional arguments of `service_principal.update`.
    ServicePrincipalUpdateOptions {
        /// `displayName`, of type `string`.
        display_name: String = "displayName",
        /// Whether anyone may sign in.
        account_enabled: bool = "accountEnabled",
        /// Whether only who was assigned may sign in.
        app_role_assignment_required: bool = "appRoleAssignmentRequired",
        /// `notes`, of type `string`.
        notes: String = "notes",
        /// `tags`, of type `list`.
        tags: serde_json::Value = "tags",
        /// `homepage`, of type `string`.
        homepage: String = "homepage",
        /// `loginUrl`, of type `string`.
        login_url: String = "loginUrl",
        /// `preferredSingleSignOnMode`, of type `enum`.
        preferred_single_sign_on_mode: String = "preferredSingleSignOnMode",
        /// Who hears of expiring certificates.
        notification_email_addresses: serde_json::Value = "notificationEmailAddresses",
        /// `preferredTokenSigningKeyThumbprint`, of type `string`.
        preferred_token_signing_key_thumbprint: String = "preferredTokenSigningKeyThumbprint",
    }
}

options! {
    /// Optional arguments of `service_principal.upsert`.
    ServicePrincipalUpsertOptions {
        /// `displayName`, of type `string`.
        display_name: String = "displayName",
        /// Whether anyone may sign in.
        account_enabled: bool = "accountEnabled",
        /// Whether only who was assigned may sign in.
        app_role_assignment_required: bool = "appRoleAssignmentRequired",
        /// `notes`, of type `string`.
        notes: String = "notes",
        /// `tags`, of type `list`.
        tags: serde_json::Value = "tags",
        /// `homepage`, of type `string`.
        homepage: String = "homepage",
        /// `loginUrl`, of type `string`.
        login_url: String = "loginUrl",
        /// `preferredSingleSignOnMode`, of type `enum`.
        preferred_single_sign_on_mode: String = "preferredSingleSignOnMode",
        /// Who hears of expiring certificates.
        notification_email_addresses: serde_json::Value = "notificationEmailAddresses",
        /// `preferredTokenSigningKeyThumbprint`, of type `string`.
        preferred_token_signing_key_thumbprint: String = "preferredTokenSigningKeyThumbprint",
    }
}
