//! Commands of `application`. Written by `cargo xtask codegen`; do not edit.

use graph_dsl::{Arguments, Envelope};

use crate::options::options;
use crate::{Admin, AdminError};

/// Commands of `application`.
#[derive(Clone, Copy, Debug)]
pub struct Application<'a>(pub(crate) &'a Admin);

impl Application<'_> {
    /// Add a certificate to an application, proven with a key it has already.
    ///
    /// `POST /v1.0/applications/{id}/addKey`; least application permission: `Application.ReadWrite.OwnedBy`.
    ///
    /// Needs a proof signed with an existing key.
    ///
    /// `id` is of type `guid`: The application's object id.
    ///
    /// `key_credential` is of type `object`: `type`, `usage` and `key`.
    ///
    /// `proof` is of type `secret`: A signed JWT that proves possession of an existing key.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn add_key(
        &self,
        id: &str,
        key_credential: serde_json::Value,
        proof: &str,
        options: ApplicationAddKeyOptions,
    ) -> Result<Envelope, AdminError> {
        let arguments = options.beside(
            Arguments::new()
                .with("id", id)
                .with("keyCredential", key_credential)
                .with("proof", proof),
        );
        self.0.run("application.add_key", arguments).await
    }

    /// Add an owner to an application.
    ///
    /// `POST /v1.0/applications/{id}/owners/$ref`; least application permission: `Application.ReadWrite.All + Directory.Read.All`.
    ///
    /// `id` is of type `guid`: The application's object id.
    ///
    /// `owner_id` is of type `guid`: The user or service principal.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn add_owner(&self, id: &str, owner_id: &str) -> Result<Envelope, AdminError> {
        let arguments = Arguments::new().with("id", id).with("owner_id", owner_id);
        self.0.run("application.add_owner", arguments).await
    }

    /// Add a client secret to an application; its value is shown once.
    ///
    /// `POST /v1.0/applications/{id}/addPassword`; least application permission: `Application.ReadWrite.OwnedBy`.
    ///
    /// The envelope masks `secretText`; `Envelope::secret` has the value.
    ///
    /// `id` is of type `guid`: The application's object id.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn add_password(
        &self,
        id: &str,
        options: ApplicationAddPasswordOptions,
    ) -> Result<Envelope, AdminError> {
        let arguments = options.beside(Arguments::new().with("id", id));
        self.0.run("application.add_password", arguments).await
    }

    /// Register an application.
    ///
    /// `POST /v1.0/applications`; least application permission: `Application.ReadWrite.OwnedBy`.
    ///
    /// `display_name` is of type `string`.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn create(
        &self,
        display_name: &str,
        options: ApplicationCreateOptions,
    ) -> Result<Envelope, AdminError> {
        let arguments = options.beside(Arguments::new().with("displayName", display_name));
        self.0.run("application.create", arguments).await
    }

    /// Let tokens of another issuer stand for an application; it has at most 20 of these.
    ///
    /// `POST /v1.0/applications/{id}/federatedIdentityCredentials`; least application permission: `Application.ReadWrite.OwnedBy`.
    ///
    /// `id` is of type `guid`: The application's object id.
    ///
    /// `name` is of type `string`.
    ///
    /// `issuer` is of type `string`: The `iss` of the foreign tokens.
    ///
    /// `subject` is of type `string`: Their `sub`.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn create_federated_credential(
        &self,
        id: &str,
        name: &str,
        issuer: &str,
        subject: &str,
        options: ApplicationCreateFederatedCredentialOptions,
    ) -> Result<Envelope, AdminError> {
        let arguments = options.beside(
            Arguments::new()
                .with("id", id)
                .with("name", name)
                .with("issuer", issuer)
                .with("subject", subject),
        );
        self.0.run("application.create_federated_credential", arguments).await
    }

    /// Delete an application and its local service principal; restorable for 30 days.
    ///
    /// `DELETE /v1.0/applications/{id}`; least application permission: `Application.ReadWrite.OwnedBy`.
    ///
    /// `id` is of type `guid`: The application's object id.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn delete(&self, id: &str) -> Result<Envelope, AdminError> {
        let arguments = Arguments::new().with("id", id);
        self.0.run("application.delete", arguments).await
    }

    /// Remove a federated identity credential of an application.
    ///
    /// `DELETE /v1.0/applications/{id}/federatedIdentityCredentials/{credential_id}`; least application permission: `Application.ReadWrite.OwnedBy`.
    ///
    /// `id` is of type `guid`: The application's object id.
    ///
    /// `credential_id` is of type `guid`: The credential.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn delete_federated_credential(
        &self,
        id: &str,
        credential_id: &str,
    ) -> Result<Envelope, AdminError> {
        let arguments = Arguments::new().with("id", id).with("credential_id", credential_id);
        self.0.run("application.delete_federated_credential", arguments).await
    }

    /// Get an application by object id.
    ///
    /// `GET /v1.0/applications/{id}`; least application permission: `Application.Read.All`.
    ///
    /// `id` is of type `guid`: The application's object id.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn get(
        &self,
        id: &str,
        options: ApplicationGetOptions,
    ) -> Result<Envelope, AdminError> {
        let arguments = options.beside(Arguments::new().with("id", id));
        self.0.run("application.get", arguments).await
    }

    /// Get an application by its application (client) id.
    ///
    /// `GET /v1.0/applications(appId='{app_id}')`; least application permission: `Application.Read.All`.
    ///
    /// `app_id` is of type `guid`: The application (client) id.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn get_by_app_id(
        &self,
        app_id: &str,
        options: ApplicationGetByAppIdOptions,
    ) -> Result<Envelope, AdminError> {
        let arguments = options.beside(Arguments::new().with("app_id", app_id));
        self.0.run("application.get_by_app_id", arguments).await
    }

    /// List applications.
    ///
    /// `GET /v1.0/applications`; least application permission: `Application.Read.All`.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn list(&self, options: ApplicationListOptions) -> Result<Envelope, AdminError> {
        let arguments = options.beside(Arguments::new());
        self.0.run("application.list", arguments).await
    }

    /// List applications that were deleted and can be restored.
    ///
    /// `GET /v1.0/directory/deletedItems/microsoft.graph.application`; least application permission: `Application.Read.All`.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn list_deleted(
        &self,
        options: ApplicationListDeletedOptions,
    ) -> Result<Envelope, AdminError> {
        let arguments = options.beside(Arguments::new());
        self.0.run("application.list_deleted", arguments).await
    }

    /// List the federated identity credentials of an application.
    ///
    /// `GET /v1.0/applications/{id}/federatedIdentityCredentials`; least application permission: `Application.Read.All`.
    ///
    /// `id` is of type `guid`: The application's object id.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn list_federated_credentials(&self, id: &str) -> Result<Envelope, AdminError> {
        let arguments = Arguments::new().with("id", id);
        self.0.run("application.list_federated_credentials", arguments).await
    }

    /// List the owners of an application.
    ///
    /// `GET /v1.0/applications/{id}/owners`; least application permission: `Application.Read.All`.
    ///
    /// `id` is of type `guid`: The application's object id.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn list_owners(
        &self,
        id: &str,
        options: ApplicationListOwnersOptions,
    ) -> Result<Envelope, AdminError> {
        let arguments = options.beside(Arguments::new().with("id", id));
        self.0.run("application.list_owners", arguments).await
    }

    /// Remove a deleted application for good, which frees its identifier URIs.
    ///
    /// `DELETE /v1.0/directory/deletedItems/{id}`; least application permission: `Application.ReadWrite.OwnedBy`.
    ///
    /// `id` is of type `guid`: The deleted application.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn purge(&self, id: &str) -> Result<Envelope, AdminError> {
        let arguments = Arguments::new().with("id", id);
        self.0.run("application.purge", arguments).await
    }

    /// Remove a certificate from an application, proven with a key it has.
    ///
    /// `POST /v1.0/applications/{id}/removeKey`; least application permission: `Application.ReadWrite.OwnedBy`.
    ///
    /// `id` is of type `guid`: The application's object id.
    ///
    /// `key_id` is of type `guid`: The key's id.
    ///
    /// `proof` is of type `secret`: A signed JWT that proves possession of an existing key.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn remove_key(
        &self,
        id: &str,
        key_id: &str,
        proof: &str,
    ) -> Result<Envelope, AdminError> {
        let arguments = Arguments::new().with("id", id).with("keyId", key_id).with("proof", proof);
        self.0.run("application.remove_key", arguments).await
    }

    /// Remove an owner from an application.
    ///
    /// `DELETE /v1.0/applications/{id}/owners/{owner_id}/$ref`; least application permission: `Application.ReadWrite.All`.
    ///
    /// `id` is of type `guid`: The application's object id.
    ///
    /// `owner_id` is of type `guid`: The owner.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn remove_owner(&self, id: &str, owner_id: &str) -> Result<Envelope, AdminError> {
        let arguments = Arguments::new().with("id", id).with("owner_id", owner_id);
        self.0.run("application.remove_owner", arguments).await
    }

    /// Remove a client secret from an application.
    ///
    /// `POST /v1.0/applications/{id}/removePassword`; least application permission: `Application.ReadWrite.OwnedBy`.
    ///
    /// `id` is of type `guid`: The application's object id.
    ///
    /// `key_id` is of type `guid`: The secret's key id.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn remove_password(&self, id: &str, key_id: &str) -> Result<Envelope, AdminError> {
        let arguments = Arguments::new().with("id", id).with("keyId", key_id);
        self.0.run("application.remove_password", arguments).await
    }

    /// Restore a deleted application.
    ///
    /// `POST /v1.0/directory/deletedItems/{id}/restore`; least application permission: `Application.ReadWrite.All`.
    ///
    /// `id` is of type `guid`: The deleted application.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn restore(&self, id: &str) -> Result<Envelope, AdminError> {
        let arguments = Arguments::new().with("id", id);
        self.0.run("application.restore", arguments).await
    }

    /// Replace all certificates of an application; give those that stay as well.
    ///
    /// `PATCH /v1.0/applications/{id}`; least application permission: `Application.ReadWrite.OwnedBy`.
    ///
    /// `id` is of type `guid`: The application's object id.
    ///
    /// `key_credentials` is of type `list`: All of them, with `type`, `usage` and `key`.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn set_key_credentials(
        &self,
        id: &str,
        key_credentials: serde_json::Value,
    ) -> Result<Envelope, AdminError> {
        let arguments = Arguments::new().with("id", id).with("keyCredentials", key_credentials);
        self.0.run("application.set_key_credentials", arguments).await
    }

    /// Change properties of an application; what is not given stays as it is, lists are replaced as a whole.
    ///
    /// `PATCH /v1.0/applications/{id}`; least application permission: `Application.ReadWrite.OwnedBy`.
    ///
    /// `id` is of type `guid`: The application's object id.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn update(
        &self,
        id: &str,
        options: ApplicationUpdateOptions,
    ) -> Result<Envelope, AdminError> {
        let arguments = options.beside(Arguments::new().with("id", id));
        self.0.run("application.update", arguments).await
    }

    /// Register an application with this unique name, or update the one that has it.
    ///
    /// `PATCH /v1.0/applications(uniqueName='{unique_name}')`; least application permission: `Application.ReadWrite.OwnedBy`.
    ///
    /// `unique_name` is of type `string`: A name of your own.
    ///
    /// `display_name` is of type `string`.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn upsert(
        &self,
        unique_name: &str,
        display_name: &str,
        options: ApplicationUpsertOptions,
    ) -> Result<Envelope, AdminError> {
        let arguments = options.beside(
            Arguments::new().with("unique_name", unique_name).with("displayName", display_name),
        );
        self.0.run("application.upsert", arguments).await
    }

    /// Create a federated identity credential with this name, or update the one that has it.
    ///
    /// `PATCH /v1.0/applications/{id}/federatedIdentityCredentials(name='{name}')`; least application permission: `Application.ReadWrite.OwnedBy`.
    ///
    /// `id` is of type `guid`: The application's object id.
    ///
    /// `name` is of type `string`.
    ///
    /// `issuer` is of type `string`: The `iss` of the foreign tokens.
    ///
    /// `subject` is of type `string`: Their `sub`.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn upsert_federated_credential(
        &self,
        id: &str,
        name: &str,
        issuer: &str,
        subject: &str,
        options: ApplicationUpsertFederatedCredentialOptions,
    ) -> Result<Envelope, AdminError> {
        let arguments = options.beside(
            Arguments::new()
                .with("id", id)
                .with("name", name)
                .with("issuer", issuer)
                .with("subject", subject),
        );
        self.0.run("application.upsert_federated_credential", arguments).await
    }
}

options! {
    /// Optional arguments of `application.add_key`.
    ApplicationAddKeyOptions {
        /// For keys with a password.
        password_credential: serde_json::Value = "passwordCredential",
    }
}

options! {
    /// Optional arguments of `application.add_password`.
    ApplicationAddPasswordOptions {
        /// What the secret is for.
        display_name: String = "displayName",
        /// When it expires.
        end_date_time: String = "endDateTime",
    }
}

options! {
    /// Optional arguments of `application.create`.
    ApplicationCreateOptions {
        /// `signInAudience`, of type `enum`.
        sign_in_audience: String = "signInAudience",
        /// `description`, of type `string`.
        description: String = "description",
        /// A name of your own that makes creation repeatable.
        unique_name: String = "uniqueName",
        /// `identifierUris`, of type `list`.
        identifier_uris: serde_json::Value = "identifierUris",
        /// Redirect URIs and implicit grant of a web application.
        web: serde_json::Value = "web",
        /// Redirect URIs of a single-page application.
        spa: serde_json::Value = "spa",
        /// Redirect URIs of a desktop or mobile application.
        public_client: serde_json::Value = "publicClient",
        /// Scopes it offers, and clients that need no consent.
        api: serde_json::Value = "api",
        /// Roles it offers.
        app_roles: serde_json::Value = "appRoles",
        /// Permissions it asks for.
        required_resource_access: serde_json::Value = "requiredResourceAccess",
        /// `optionalClaims`, of type `object`.
        optional_claims: serde_json::Value = "optionalClaims",
        /// Such as `SecurityGroup`.
        group_membership_claims: String = "groupMembershipClaims",
        /// `notes`, of type `string`.
        notes: String = "notes",
        /// `tags`, of type `list`.
        tags: serde_json::Value = "tags",
    }
}

options! {
    /// Optional arguments of `application.create_federated_credential`.
    ApplicationCreateFederatedCredentialOptions {
        /// Their `aud`.
        audiences: serde_json::Value = "audiences",
        /// `description`, of type `string`.
        description: String = "description",
    }
}

options! {
    /// Optional arguments of `application.get`.
    ApplicationGetOptions {
        /// Properties to return.
        select: serde_json::Value = "select",
        /// A related object to return as well.
        expand: String = "expand",
    }
}

options! {
    /// Optional arguments of `application.get_by_app_id`.
    ApplicationGetByAppIdOptions {
        /// Properties to return.
        select: serde_json::Value = "select",
    }
}

options! {
    /// Optional arguments of `application.list`.
    ApplicationListOptions {
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
    /// Optional arguments of `application.list_deleted`.
    ApplicationListDeletedOptions {
        /// Properties to return.
        select: serde_json::Value = "select",
        /// The property to sort by.
        orderby: String = "orderby",
        /// Objects per page (at most 999).
        top: i64 = "top",
    }
}

options! {
    /// Optional arguments of `application.list_owners`.
    ApplicationListOwnersOptions {
        /// Properties to return.
        select: serde_json::Value = "select",
        /// Objects per page (at most 999).
        top: i64 = "top",
    }
}

options! {
    /// Optional arguments of `application.update`.
    ApplicationUpdateOptions {
        /// `displayName`, of type `string`.
        display_name: String = "displayName",
        /// `signInAudience`, of type `enum`.
        sign_in_audience: String = "signInAudience",
        /// `description`, of type `string`.
        description: String = "description",
        /// `uniqueName`, of type `string`.
        unique_name: String = "uniqueName",
        /// `identifierUris`, of type `list`.
        identifier_uris: serde_json::Value = "identifierUris",
        /// Redirect URIs and implicit grant of a web application.
        web: serde_json::Value = "web",
        /// Redirect URIs of a single-page application.
        spa: serde_json::Value = "spa",
        /// Redirect URIs of a desktop or mobile application.
        public_client: serde_json::Value = "publicClient",
        /// Scopes it offers, and clients that need no consent.
        api: serde_json::Value = "api",
        /// Roles it offers.
        app_roles: serde_json::Value = "appRoles",
        /// Permissions it asks for.
        required_resource_access: serde_json::Value = "requiredResourceAccess",
        /// `optionalClaims`, of type `object`.
        optional_claims: serde_json::Value = "optionalClaims",
        /// Such as `SecurityGroup`.
        group_membership_claims: String = "groupMembershipClaims",
        /// `notes`, of type `string`.
        notes: String = "notes",
        /// `tags`, of type `list`.
        tags: serde_json::Value = "tags",
    }
}

options! {
    /// Optional arguments of `application.upsert`.
    ApplicationUpsertOptions {
        /// `signInAudience`, of type `enum`.
        sign_in_audience: String = "signInAudience",
        /// `description`, of type `string`.
        description: String = "description",
        /// `identifierUris`, of type `list`.
        identifier_uris: serde_json::Value = "identifierUris",
        /// Redirect URIs and implicit grant of a web application.
        web: serde_json::Value = "web",
        /// Redirect URIs of a single-page application.
        spa: serde_json::Value = "spa",
        /// Redirect URIs of a desktop or mobile application.
        public_client: serde_json::Value = "publicClient",
        /// Scopes it offers, and clients that need no consent.
        api: serde_json::Value = "api",
        /// Roles it offers.
        app_roles: serde_json::Value = "appRoles",
        /// Permissions it asks for.
        required_resource_access: serde_json::Value = "requiredResourceAccess",
        /// `optionalClaims`, of type `object`.
        optional_claims: serde_json::Value = "optionalClaims",
        /// Such as `SecurityGroup`.
        group_membership_claims: String = "groupMembershipClaims",
        /// `notes`, of type `string`.
        notes: String = "notes",
        /// `tags`, of type `list`.
        tags: serde_json::Value = "tags",
    }
}

options! {
    /// Optional arguments of `application.upsert_federated_credential`.
    ApplicationUpsertFederatedCredentialOptions {
        /// Their `aud`.
        audiences: serde_json::Value = "audiences",
        /// `description`, of type `string`.
        description: String = "description",
    }
}
