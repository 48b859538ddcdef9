//! The typed API of the catalogue. Written by `cargo xtask codegen`; do not edit.

use graph_dsl::{Arguments, Envelope};

use crate::{Admin, AdminError};

impl Admin {
    /// Commands of `administrative_unit`.
    pub fn administrative_unit(&self) -> AdministrativeUnit<'_> {
        AdministrativeUnit(self)
    }

    /// Commands of `application`.
    pub fn application(&self) -> Application<'_> {
        Application(self)
    }

    /// Commands of `device`.
    pub fn device(&self) -> Device<'_> {
        Device(self)
    }

    /// Commands of `directory_object`.
    pub fn directory_object(&self) -> DirectoryObject<'_> {
        DirectoryObject(self)
    }

    /// Commands of `graph`.
    pub fn graph(&self) -> Graph<'_> {
        Graph(self)
    }

    /// Commands of `group`.
    pub fn group(&self) -> Group<'_> {
        Group(self)
    }

    /// Commands of `invitation`.
    pub fn invitation(&self) -> Invitation<'_> {
        Invitation(self)
    }

    /// Commands of `organization`.
    pub fn organization(&self) -> Organization<'_> {
        Organization(self)
    }

    /// Commands of `role_management`.
    pub fn role_management(&self) -> RoleManagement<'_> {
        RoleManagement(self)
    }

    /// Commands of `service_principal`.
    pub fn service_principal(&self) -> ServicePrincipal<'_> {
        ServicePrincipal(self)
    }

    /// Commands of `user`.
    pub fn user(&self) -> User<'_> {
        User(self)
    }
}

/// Commands of `administrative_unit`.
#[derive(Clone, Copy, Debug)]
pub struct AdministrativeUnit<'a>(&'a Admin);

impl AdministrativeUnit<'_> {
    /// Add a user, group or device to an administrative unit.
    ///
    /// `POST /v1.0/directory/administrativeUnits/{id}/members/$ref`; least application permission: `AdministrativeUnit.ReadWrite.All`.
    ///
    /// `id` is of type `guid`: The administrative unit.
    ///
    /// `member_id` is of type `guid`: The object to add.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn add_member(&self, id: &str, member_id: &str) -> Result<Envelope, AdminError> {
        let arguments = Arguments::new().with("id", id).with("member_id", member_id);
        self.0.run("administrative_unit.add_member", arguments).await
    }

    /// Assign a directory role over an administrative unit.
    ///
    /// `POST /v1.0/directory/administrativeUnits/{id}/scopedRoleMembers`; least application permission: `RoleManagement.ReadWrite.Directory`.
    ///
    /// `id` is of type `guid`: The administrative unit.
    ///
    /// `role_id` is of type `guid`: The activated role's object id, not its template.
    ///
    /// `principal_id` is of type `guid`: Who gets the role.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn assign_role(
        &self,
        id: &str,
        role_id: &str,
        principal_id: &str,
    ) -> Result<Envelope, AdminError> {
        let arguments = Arguments::new()
            .with("id", id)
            .with("roleId", role_id)
            .with("principal_id", principal_id);
        self.0.run("administrative_unit.assign_role", arguments).await
    }

    /// List administrative units.
    ///
    /// `GET /v1.0/directory/administrativeUnits`; least application permission: `AdministrativeUnit.Read.All`.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn list(
        &self,
        options: AdministrativeUnitListOptions,
    ) -> Result<Envelope, AdminError> {
        let mut arguments = Arguments::new();
        if let Some(select) = options.select {
            arguments.insert("select", select);
        }
        self.0.run("administrative_unit.list", arguments).await
    }

    /// List the members of an administrative unit.
    ///
    /// `GET /v1.0/directory/administrativeUnits/{id}/members`; least application permission: `AdministrativeUnit.Read.All`.
    ///
    /// `id` is of type `guid`: The administrative unit.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn list_members(&self, id: &str) -> Result<Envelope, AdminError> {
        let arguments = Arguments::new().with("id", id);
        self.0.run("administrative_unit.list_members", arguments).await
    }

    /// List the role assignments that are limited to an administrative unit.
    ///
    /// `GET /v1.0/directory/administrativeUnits/{id}/scopedRoleMembers`; least application permission: `RoleManagement.Read.Directory`.
    ///
    /// `id` is of type `guid`: The administrative unit.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn list_role_assignments(&self, id: &str) -> Result<Envelope, AdminError> {
        let arguments = Arguments::new().with("id", id);
        self.0.run("administrative_unit.list_role_assignments", arguments).await
    }

    /// Remove a member from an administrative unit; the member itself stays.
    ///
    /// `DELETE /v1.0/directory/administrativeUnits/{id}/members/{member_id}/$ref`; least application permission: `AdministrativeUnit.ReadWrite.All`.
    ///
    /// `id` is of type `guid`: The administrative unit.
    ///
    /// `member_id` is of type `guid`: The member.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn remove_member(&self, id: &str, member_id: &str) -> Result<Envelope, AdminError> {
        let arguments = Arguments::new().with("id", id).with("member_id", member_id);
        self.0.run("administrative_unit.remove_member", arguments).await
    }
}

/// Optional arguments of `administrative_unit.list`.
#[derive(Clone, Debug, Default)]
pub struct AdministrativeUnitListOptions {
    /// Properties to return.
    pub select: Option<serde_json::Value>,
}

/// Commands of `application`.
#[derive(Clone, Copy, Debug)]
pub struct Application<'a>(&'a Admin);

impl Application<'_> {
    /// Add a certificate to an application, proven with a key it has already.
    ///
    /// `POST /v1.0/applications/{id}/addKey`; least application permission: `Application.ReadWrite.OwnedBy`.
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
        let mut arguments = Arguments::new()
            .with("id", id)
            .with("keyCredential", key_credential)
            .with("proof", proof);
        if let Some(password_credential) = options.password_credential {
            arguments.insert("passwordCredential", password_credential);
        }
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
    /// `id` is of type `guid`: The application's object id.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn add_password(
        &self,
        id: &str,
        options: ApplicationAddPasswordOptions,
    ) -> Result<Envelope, AdminError> {
        let mut arguments = Arguments::new().with("id", id);
        if let Some(display_name) = options.display_name {
            arguments.insert("displayName", display_name);
        }
        if let Some(end_date_time) = options.end_date_time {
            arguments.insert("endDateTime", end_date_time);
        }
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
        let mut arguments = Arguments::new().with("displayName", display_name);
        if let Some(sign_in_audience) = options.sign_in_audience {
            arguments.insert("signInAudience", sign_in_audience);
        }
        if let Some(identifier_uris) = options.identifier_uris {
            arguments.insert("identifierUris", identifier_uris);
        }
        if let Some(unique_name) = options.unique_name {
            arguments.insert("uniqueName", unique_name);
        }
        self.0.run("application.create", arguments).await
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
        let mut arguments = Arguments::new().with("id", id);
        if let Some(select) = options.select {
            arguments.insert("select", select);
        }
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
    pub async fn get_by_app_id(&self, app_id: &str) -> Result<Envelope, AdminError> {
        let arguments = Arguments::new().with("app_id", app_id);
        self.0.run("application.get_by_app_id", arguments).await
    }

    /// List applications.
    ///
    /// `GET /v1.0/applications`; least application permission: `Application.Read.All`.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn list(&self, options: ApplicationListOptions) -> Result<Envelope, AdminError> {
        let mut arguments = Arguments::new();
        if let Some(select) = options.select {
            arguments.insert("select", select);
        }
        if let Some(filter) = options.filter {
            arguments.insert("filter", filter);
        }
        if let Some(search) = options.search {
            arguments.insert("search", search);
        }
        self.0.run("application.list", arguments).await
    }

    /// List the owners of an application.
    ///
    /// `GET /v1.0/applications/{id}/owners`; least application permission: `Application.Read.All`.
    ///
    /// `id` is of type `guid`: The application's object id.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn list_owners(&self, id: &str) -> Result<Envelope, AdminError> {
        let arguments = Arguments::new().with("id", id);
        self.0.run("application.list_owners", arguments).await
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
}

/// Optional arguments of `application.add_key`.
#[derive(Clone, Debug, Default)]
pub struct ApplicationAddKeyOptions {
    /// For keys with a password.
    pub password_credential: Option<serde_json::Value>,
}

/// Optional arguments of `application.add_password`.
#[derive(Clone, Debug, Default)]
pub struct ApplicationAddPasswordOptions {
    /// What the secret is for.
    pub display_name: Option<String>,
    /// When it expires.
    pub end_date_time: Option<String>,
}

/// Optional arguments of `application.create`.
#[derive(Clone, Debug, Default)]
pub struct ApplicationCreateOptions {
    /// Of type `enum`.
    pub sign_in_audience: Option<String>,
    /// Of type `list`.
    pub identifier_uris: Option<serde_json::Value>,
    /// A name of your own that makes creation repeatable.
    pub unique_name: Option<String>,
}

/// Optional arguments of `application.get`.
#[derive(Clone, Debug, Default)]
pub struct ApplicationGetOptions {
    /// Properties to return.
    pub select: Option<serde_json::Value>,
}

/// Optional arguments of `application.list`.
#[derive(Clone, Debug, Default)]
pub struct ApplicationListOptions {
    /// Properties to return.
    pub select: Option<serde_json::Value>,
    /// An OData filter.
    pub filter: Option<String>,
    /// A search, such as `"displayName:Portal"`.
    pub search: Option<String>,
}

/// Commands of `device`.
#[derive(Clone, Copy, Debug)]
pub struct Device<'a>(&'a Admin);

impl Device<'_> {
    /// Add a registered owner to a device; Graph offers this to signed-in users only.
    ///
    /// `POST /v1.0/devices/{id}/registeredOwners/$ref`; least application permission: `Directory.AccessAsUser.All (signed-in user only)`.
    ///
    /// `id` is of type `guid`: The device's object id.
    ///
    /// `owner_id` is of type `guid`: The user.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn add_owner(&self, id: &str, owner_id: &str) -> Result<Envelope, AdminError> {
        let arguments = Arguments::new().with("id", id).with("owner_id", owner_id);
        self.0.run("device.add_owner", arguments).await
    }

    /// Delete a device.
    ///
    /// `DELETE /v1.0/devices/{id}`; least application permission: `Device.ReadWrite.All`.
    ///
    /// `id` is of type `guid`: The device's object id.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn delete(&self, id: &str) -> Result<Envelope, AdminError> {
        let arguments = Arguments::new().with("id", id);
        self.0.run("device.delete", arguments).await
    }

    /// Keep a device from authenticating.
    ///
    /// `PATCH /v1.0/devices/{id}`; least application permission: `Device.ReadWrite.All`.
    ///
    /// `id` is of type `guid`: The device's object id.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn disable(&self, id: &str) -> Result<Envelope, AdminError> {
        let arguments = Arguments::new().with("id", id);
        self.0.run("device.disable", arguments).await
    }

    /// Allow a device to authenticate.
    ///
    /// `PATCH /v1.0/devices/{id}`; least application permission: `Device.ReadWrite.All`.
    ///
    /// `id` is of type `guid`: The device's object id.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn enable(&self, id: &str) -> Result<Envelope, AdminError> {
        let arguments = Arguments::new().with("id", id);
        self.0.run("device.enable", arguments).await
    }

    /// Get a device by object id.
    ///
    /// `GET /v1.0/devices/{id}`; least application permission: `Device.Read.All`.
    ///
    /// `id` is of type `guid`: The device's object id.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn get(&self, id: &str) -> Result<Envelope, AdminError> {
        let arguments = Arguments::new().with("id", id);
        self.0.run("device.get", arguments).await
    }

    /// Get a device by its device id.
    ///
    /// `GET /v1.0/devices(deviceId='{device_id}')`; least application permission: `Device.Read.All`.
    ///
    /// `device_id` is of type `guid`: The id that the device gave itself.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn get_by_device_id(&self, device_id: &str) -> Result<Envelope, AdminError> {
        let arguments = Arguments::new().with("device_id", device_id);
        self.0.run("device.get_by_device_id", arguments).await
    }

    /// List devices.
    ///
    /// `GET /v1.0/devices`; least application permission: `Device.Read.All`.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn list(&self, options: DeviceListOptions) -> Result<Envelope, AdminError> {
        let mut arguments = Arguments::new();
        if let Some(select) = options.select {
            arguments.insert("select", select);
        }
        if let Some(filter) = options.filter {
            arguments.insert("filter", filter);
        }
        self.0.run("device.list", arguments).await
    }

    /// List the registered owners of a device.
    ///
    /// `GET /v1.0/devices/{id}/registeredOwners`; least application permission: `Device.Read.All`.
    ///
    /// `id` is of type `guid`: The device's object id.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn list_owners(&self, id: &str) -> Result<Envelope, AdminError> {
        let arguments = Arguments::new().with("id", id);
        self.0.run("device.list_owners", arguments).await
    }

    /// List the registered users of a device.
    ///
    /// `GET /v1.0/devices/{id}/registeredUsers`; least application permission: `Device.Read.All`.
    ///
    /// `id` is of type `guid`: The device's object id.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn list_users(&self, id: &str) -> Result<Envelope, AdminError> {
        let arguments = Arguments::new().with("id", id);
        self.0.run("device.list_users", arguments).await
    }

    /// Remove a registered owner from a device; Graph offers this to signed-in users only.
    ///
    /// `DELETE /v1.0/devices/{id}/registeredOwners/{owner_id}/$ref`; least application permission: `Directory.AccessAsUser.All (signed-in user only)`.
    ///
    /// `id` is of type `guid`: The device's object id.
    ///
    /// `owner_id` is of type `guid`: The owner.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn remove_owner(&self, id: &str, owner_id: &str) -> Result<Envelope, AdminError> {
        let arguments = Arguments::new().with("id", id).with("owner_id", owner_id);
        self.0.run("device.remove_owner", arguments).await
    }
}

/// Optional arguments of `device.list`.
#[derive(Clone, Debug, Default)]
pub struct DeviceListOptions {
    /// Properties to return.
    pub select: Option<serde_json::Value>,
    /// An OData filter.
    pub filter: Option<String>,
}

/// Commands of `directory_object`.
#[derive(Clone, Copy, Debug)]
pub struct DirectoryObject<'a>(&'a Admin);

impl DirectoryObject<'_> {
    /// Get a directory object of any type.
    ///
    /// `GET /v1.0/directoryObjects/{id}`; least application permission: `Directory.Read.All`.
    ///
    /// `id` is of type `guid`: The object.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn get(&self, id: &str) -> Result<Envelope, AdminError> {
        let arguments = Arguments::new().with("id", id);
        self.0.run("directory_object.get", arguments).await
    }

    /// Get up to 1000 directory objects by their ids.
    ///
    /// `POST /v1.0/directoryObjects/getByIds`; least application permission: `Directory.Read.All`.
    ///
    /// `ids` is of type `list`: At most 1000 ids.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn get_by_ids(
        &self,
        ids: serde_json::Value,
        options: DirectoryObjectGetByIdsOptions,
    ) -> Result<Envelope, AdminError> {
        let mut arguments = Arguments::new().with("ids", ids);
        if let Some(types) = options.types {
            arguments.insert("types", types);
        }
        self.0.run("directory_object.get_by_ids", arguments).await
    }
}

/// Optional arguments of `directory_object.get_by_ids`.
#[derive(Clone, Debug, Default)]
pub struct DirectoryObjectGetByIdsOptions {
    /// Such as `user`, `group`.
    pub types: Option<serde_json::Value>,
}

/// Commands of `graph`.
#[derive(Clone, Copy, Debug)]
pub struct Graph<'a>(&'a Admin);

impl Graph<'_> {
    /// Send many requests in one; more than 20 are split.
    ///
    /// `POST /v1.0/$batch`; least application permission: none is documented.
    ///
    /// `requests` is of type `list`: Objects with `id`, `method`, `url` and, where needed, `headers`, `body`, `dependsOn`.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn batch(&self, requests: serde_json::Value) -> Result<Envelope, AdminError> {
        let arguments = Arguments::new().with("requests", requests);
        self.0.run("graph.batch", arguments).await
    }
}

/// Commands of `group`.
#[derive(Clone, Copy, Debug)]
pub struct Group<'a>(&'a Admin);

impl Group<'_> {
    /// Add a user, group, device or service principal to a group.
    ///
    /// `POST /v1.0/groups/{id}/members/$ref`; least application permission: `GroupMember.ReadWrite.All`.
    ///
    /// `id` is of type `guid`: The group.
    ///
    /// `member_id` is of type `guid`: The object to add.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn add_member(&self, id: &str, member_id: &str) -> Result<Envelope, AdminError> {
        let arguments = Arguments::new().with("id", id).with("member_id", member_id);
        self.0.run("group.add_member", arguments).await
    }

    /// Add up to 20 members to a group in one call; one that is there already fails them all.
    ///
    /// `PATCH /v1.0/groups/{id}`; least application permission: `Group.ReadWrite.All`.
    ///
    /// `id` is of type `guid`: The group.
    ///
    /// `member_ids` is of type `list`: At most 20 objects.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn add_members(
        &self,
        id: &str,
        member_ids: serde_json::Value,
    ) -> Result<Envelope, AdminError> {
        let arguments = Arguments::new().with("id", id).with("member_ids", member_ids);
        self.0.run("group.add_members", arguments).await
    }

    /// Add an owner to a group.
    ///
    /// `POST /v1.0/groups/{id}/owners/$ref`; least application permission: `Group.ReadWrite.All`.
    ///
    /// `id` is of type `guid`: The group.
    ///
    /// `owner_id` is of type `guid`: The user or service principal.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn add_owner(&self, id: &str, owner_id: &str) -> Result<Envelope, AdminError> {
        let arguments = Arguments::new().with("id", id).with("owner_id", owner_id);
        self.0.run("group.add_owner", arguments).await
    }

    /// Count the groups, or those that a filter matches.
    ///
    /// `GET /v1.0/groups/$count`; least application permission: `Group.ReadBasic.All`.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn count(&self, options: GroupCountOptions) -> Result<Envelope, AdminError> {
        let mut arguments = Arguments::new();
        if let Some(filter) = options.filter {
            arguments.insert("filter", filter);
        }
        self.0.run("group.count", arguments).await
    }

    /// Create a security group.
    ///
    /// `POST /v1.0/groups`; least application permission: `Group.Create`.
    ///
    /// `display_name` is of type `string`.
    ///
    /// `mail_nickname` is of type `string`.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn create(
        &self,
        display_name: &str,
        mail_nickname: &str,
        options: GroupCreateOptions,
    ) -> Result<Envelope, AdminError> {
        let mut arguments =
            Arguments::new().with("displayName", display_name).with("mailNickname", mail_nickname);
        if let Some(description) = options.description {
            arguments.insert("description", description);
        }
        if let Some(unique_name) = options.unique_name {
            arguments.insert("uniqueName", unique_name);
        }
        self.0.run("group.create", arguments).await
    }

    /// Create a Microsoft 365 group.
    ///
    /// `POST /v1.0/groups`; least application permission: `Group.Create`.
    ///
    /// `display_name` is of type `string`.
    ///
    /// `mail_nickname` is of type `string`.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn create_microsoft_365(
        &self,
        display_name: &str,
        mail_nickname: &str,
        options: GroupCreateMicrosoft365Options,
    ) -> Result<Envelope, AdminError> {
        let mut arguments =
            Arguments::new().with("displayName", display_name).with("mailNickname", mail_nickname);
        if let Some(description) = options.description {
            arguments.insert("description", description);
        }
        if let Some(visibility) = options.visibility {
            arguments.insert("visibility", visibility);
        }
        self.0.run("group.create_microsoft_365", arguments).await
    }

    /// Delete a group; only Microsoft 365 groups can be restored.
    ///
    /// `DELETE /v1.0/groups/{id}`; least application permission: `Group.ReadWrite.All`.
    ///
    /// `id` is of type `guid`: The group.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn delete(&self, id: &str) -> Result<Envelope, AdminError> {
        let arguments = Arguments::new().with("id", id);
        self.0.run("group.delete", arguments).await
    }

    /// Read the groups that changed since a delta token, with their members.
    ///
    /// `GET /v1.0/groups/delta`; least application permission: `Group.ReadBasic.All`.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn delta(&self, options: GroupDeltaOptions) -> Result<Envelope, AdminError> {
        let mut arguments = Arguments::new();
        if let Some(select) = options.select {
            arguments.insert("select", select);
        }
        if let Some(deltatoken) = options.deltatoken {
            arguments.insert("deltatoken", deltatoken);
        }
        self.0.run("group.delta", arguments).await
    }

    /// Get a group by object id.
    ///
    /// `GET /v1.0/groups/{id}`; least application permission: `GroupMember.Read.All`.
    ///
    /// `id` is of type `guid`: The group.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn get(&self, id: &str, options: GroupGetOptions) -> Result<Envelope, AdminError> {
        let mut arguments = Arguments::new().with("id", id);
        if let Some(select) = options.select {
            arguments.insert("select", select);
        }
        self.0.run("group.get", arguments).await
    }

    /// Get a group by its unique name.
    ///
    /// `GET /v1.0/groups(uniqueName='{unique_name}')`; least application permission: `GroupMember.Read.All`.
    ///
    /// `unique_name` is of type `string`.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn get_by_unique_name(&self, unique_name: &str) -> Result<Envelope, AdminError> {
        let arguments = Arguments::new().with("unique_name", unique_name);
        self.0.run("group.get_by_unique_name", arguments).await
    }

    /// Get the ids of all groups that a group is a member of.
    ///
    /// `POST /v1.0/groups/{id}/getMemberGroups`; least application permission: `GroupMember.ReadBasic.All`.
    ///
    /// `id` is of type `guid`: The group.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn get_member_groups(
        &self,
        id: &str,
        options: GroupGetMemberGroupsOptions,
    ) -> Result<Envelope, AdminError> {
        let mut arguments = Arguments::new().with("id", id);
        if let Some(security_enabled_only) = options.security_enabled_only {
            arguments.insert("securityEnabledOnly", security_enabled_only);
        }
        self.0.run("group.get_member_groups", arguments).await
    }

    /// List groups.
    ///
    /// `GET /v1.0/groups`; least application permission: `Group.ReadBasic.All`.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn list(&self, options: GroupListOptions) -> Result<Envelope, AdminError> {
        let mut arguments = Arguments::new();
        if let Some(select) = options.select {
            arguments.insert("select", select);
        }
        if let Some(filter) = options.filter {
            arguments.insert("filter", filter);
        }
        if let Some(search) = options.search {
            arguments.insert("search", search);
        }
        if let Some(top) = options.top {
            arguments.insert("top", top);
        }
        self.0.run("group.list", arguments).await
    }

    /// List the direct members of a group.
    ///
    /// `GET /v1.0/groups/{id}/members`; least application permission: `GroupMember.ReadBasic.All`.
    ///
    /// `id` is of type `guid`: The group.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn list_members(
        &self,
        id: &str,
        options: GroupListMembersOptions,
    ) -> Result<Envelope, AdminError> {
        let mut arguments = Arguments::new().with("id", id);
        if let Some(select) = options.select {
            arguments.insert("select", select);
        }
        self.0.run("group.list_members", arguments).await
    }

    /// List the owners of a group.
    ///
    /// `GET /v1.0/groups/{id}/owners`; least application permission: `GroupMember.Read.All`.
    ///
    /// `id` is of type `guid`: The group.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn list_owners(&self, id: &str) -> Result<Envelope, AdminError> {
        let arguments = Arguments::new().with("id", id);
        self.0.run("group.list_owners", arguments).await
    }

    /// List everything that a group is a member of, through groups as well.
    ///
    /// `GET /v1.0/groups/{id}/transitiveMemberOf`; least application permission: `GroupMember.ReadBasic.All`.
    ///
    /// `id` is of type `guid`: The group.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn list_transitive_member_of(&self, id: &str) -> Result<Envelope, AdminError> {
        let arguments = Arguments::new().with("id", id);
        self.0.run("group.list_transitive_member_of", arguments).await
    }

    /// List the members of a group, those of nested groups included.
    ///
    /// `GET /v1.0/groups/{id}/transitiveMembers`; least application permission: `GroupMember.ReadBasic.All`.
    ///
    /// `id` is of type `guid`: The group.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn list_transitive_members(&self, id: &str) -> Result<Envelope, AdminError> {
        let arguments = Arguments::new().with("id", id);
        self.0.run("group.list_transitive_members", arguments).await
    }

    /// Remove a member from a group; the member itself stays.
    ///
    /// `DELETE /v1.0/groups/{id}/members/{member_id}/$ref`; least application permission: `GroupMember.ReadWrite.All`.
    ///
    /// `id` is of type `guid`: The group.
    ///
    /// `member_id` is of type `guid`: The member.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn remove_member(&self, id: &str, member_id: &str) -> Result<Envelope, AdminError> {
        let arguments = Arguments::new().with("id", id).with("member_id", member_id);
        self.0.run("group.remove_member", arguments).await
    }

    /// Remove an owner from a group; the last one cannot be removed.
    ///
    /// `DELETE /v1.0/groups/{id}/owners/{owner_id}/$ref`; least application permission: `Group.ReadWrite.All`.
    ///
    /// `id` is of type `guid`: The group.
    ///
    /// `owner_id` is of type `guid`: The owner.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn remove_owner(&self, id: &str, owner_id: &str) -> Result<Envelope, AdminError> {
        let arguments = Arguments::new().with("id", id).with("owner_id", owner_id);
        self.0.run("group.remove_owner", arguments).await
    }

    /// Change properties of a group; what is not given stays as it is.
    ///
    /// `PATCH /v1.0/groups/{id}`; least application permission: `Group.ReadWrite.All`.
    ///
    /// `id` is of type `guid`: The group.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn update(
        &self,
        id: &str,
        options: GroupUpdateOptions,
    ) -> Result<Envelope, AdminError> {
        let mut arguments = Arguments::new().with("id", id);
        if let Some(display_name) = options.display_name {
            arguments.insert("displayName", display_name);
        }
        if let Some(description) = options.description {
            arguments.insert("description", description);
        }
        if let Some(mail_nickname) = options.mail_nickname {
            arguments.insert("mailNickname", mail_nickname);
        }
        if let Some(visibility) = options.visibility {
            arguments.insert("visibility", visibility);
        }
        self.0.run("group.update", arguments).await
    }

    /// Create a group with this unique name, or update the one that has it.
    ///
    /// `PATCH /v1.0/groups(uniqueName='{unique_name}')`; least application permission: `Group.ReadWrite.All`.
    ///
    /// `unique_name` is of type `string`.
    ///
    /// `display_name` is of type `string`.
    ///
    /// `mail_nickname` is of type `string`.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn upsert(
        &self,
        unique_name: &str,
        display_name: &str,
        mail_nickname: &str,
        options: GroupUpsertOptions,
    ) -> Result<Envelope, AdminError> {
        let mut arguments = Arguments::new()
            .with("unique_name", unique_name)
            .with("displayName", display_name)
            .with("mailNickname", mail_nickname);
        if let Some(description) = options.description {
            arguments.insert("description", description);
        }
        self.0.run("group.upsert", arguments).await
    }
}

/// Optional arguments of `group.count`.
#[derive(Clone, Debug, Default)]
pub struct GroupCountOptions {
    /// An OData filter.
    pub filter: Option<String>,
}

/// Optional arguments of `group.create`.
#[derive(Clone, Debug, Default)]
pub struct GroupCreateOptions {
    /// Of type `string`.
    pub description: Option<String>,
    /// A name of your own that makes creation repeatable.
    pub unique_name: Option<String>,
}

/// Optional arguments of `group.create_microsoft_365`.
#[derive(Clone, Debug, Default)]
pub struct GroupCreateMicrosoft365Options {
    /// Of type `string`.
    pub description: Option<String>,
    /// Of type `enum`.
    pub visibility: Option<String>,
}

/// Optional arguments of `group.delta`.
#[derive(Clone, Debug, Default)]
pub struct GroupDeltaOptions {
    /// Properties to return; `members` for memberships.
    pub select: Option<serde_json::Value>,
    /// The token of the last round, or `latest`.
    pub deltatoken: Option<String>,
}

/// Optional arguments of `group.get`.
#[derive(Clone, Debug, Default)]
pub struct GroupGetOptions {
    /// Properties to return.
    pub select: Option<serde_json::Value>,
}

/// Optional arguments of `group.get_member_groups`.
#[derive(Clone, Debug, Default)]
pub struct GroupGetMemberGroupsOptions {
    /// Of type `bool`.
    pub security_enabled_only: Option<bool>,
}

/// Optional arguments of `group.list`.
#[derive(Clone, Debug, Default)]
pub struct GroupListOptions {
    /// Properties to return.
    pub select: Option<serde_json::Value>,
    /// An OData filter.
    pub filter: Option<String>,
    /// A search, such as `"displayName:Sales"`.
    pub search: Option<String>,
    /// Groups per page (at most 999).
    pub top: Option<i64>,
}

/// Optional arguments of `group.list_members`.
#[derive(Clone, Debug, Default)]
pub struct GroupListMembersOptions {
    /// Properties to return.
    pub select: Option<serde_json::Value>,
}

/// Optional arguments of `group.update`.
#[derive(Clone, Debug, Default)]
pub struct GroupUpdateOptions {
    /// Of type `string`.
    pub display_name: Option<String>,
    /// Of type `string`.
    pub description: Option<String>,
    /// Of type `string`.
    pub mail_nickname: Option<String>,
    /// Of type `enum`.
    pub visibility: Option<String>,
}

/// Optional arguments of `group.upsert`.
#[derive(Clone, Debug, Default)]
pub struct GroupUpsertOptions {
    /// Of type `string`.
    pub description: Option<String>,
}

/// Commands of `invitation`.
#[derive(Clone, Copy, Debug)]
pub struct Invitation<'a>(&'a Admin);

impl Invitation<'_> {
    /// Invite a guest; an address that was invited before gets the same user again.
    ///
    /// `POST /v1.0/invitations`; least application permission: `User.Invite.All`.
    ///
    /// `invited_user_email_address` is of type `email`.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn create(
        &self,
        invited_user_email_address: &str,
        options: InvitationCreateOptions,
    ) -> Result<Envelope, AdminError> {
        let mut arguments =
            Arguments::new().with("invitedUserEmailAddress", invited_user_email_address);
        if let Some(invite_redirect_url) = options.invite_redirect_url {
            arguments.insert("inviteRedirectUrl", invite_redirect_url);
        }
        if let Some(invited_user_display_name) = options.invited_user_display_name {
            arguments.insert("invitedUserDisplayName", invited_user_display_name);
        }
        if let Some(send_invitation_message) = options.send_invitation_message {
            arguments.insert("sendInvitationMessage", send_invitation_message);
        }
        if let Some(customized_message_body) = options.customized_message_body {
            arguments.insert("customizedMessageBody", customized_message_body);
        }
        self.0.run("invitation.create", arguments).await
    }
}

/// Optional arguments of `invitation.create`.
#[derive(Clone, Debug, Default)]
pub struct InvitationCreateOptions {
    /// Of type `string`.
    pub invite_redirect_url: Option<String>,
    /// Of type `string`.
    pub invited_user_display_name: Option<String>,
    /// Of type `bool`.
    pub send_invitation_message: Option<bool>,
    /// A text of your own.
    pub customized_message_body: Option<String>,
}

/// Commands of `organization`.
#[derive(Clone, Copy, Debug)]
pub struct Organization<'a>(&'a Admin);

impl Organization<'_> {
    /// Get the tenant's own record.
    ///
    /// `GET /v1.0/organization`; least application permission: `Organization.Read.All`.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn get(&self) -> Result<Envelope, AdminError> {
        let arguments = Arguments::new();
        self.0.run("organization.get", arguments).await
    }
}

/// Commands of `role_management`.
#[derive(Clone, Copy, Debug)]
pub struct RoleManagement<'a>(&'a Admin);

impl RoleManagement<'_> {
    /// Assign a directory role over the tenant or a part of it.
    ///
    /// `POST /v1.0/roleManagement/directory/roleAssignments`; least application permission: `RoleManagement.ReadWrite.Directory`.
    ///
    /// `principal_id` is of type `guid`: Who gets the role.
    ///
    /// `role_definition_id` is of type `guid`: The role.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn assign_role(
        &self,
        principal_id: &str,
        role_definition_id: &str,
        options: RoleManagementAssignRoleOptions,
    ) -> Result<Envelope, AdminError> {
        let mut arguments = Arguments::new()
            .with("principalId", principal_id)
            .with("roleDefinitionId", role_definition_id);
        if let Some(directory_scope_id) = options.directory_scope_id {
            arguments.insert("directoryScopeId", directory_scope_id);
        }
        self.0.run("role_management.assign_role", arguments).await
    }

    /// List directory role assignments.
    ///
    /// `GET /v1.0/roleManagement/directory/roleAssignments`; least application permission: `RoleManagement.Read.Directory`.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn list_assignments(
        &self,
        options: RoleManagementListAssignmentsOptions,
    ) -> Result<Envelope, AdminError> {
        let mut arguments = Arguments::new();
        if let Some(filter) = options.filter {
            arguments.insert("filter", filter);
        }
        self.0.run("role_management.list_assignments", arguments).await
    }

    /// List the definitions of directory roles.
    ///
    /// `GET /v1.0/roleManagement/directory/roleDefinitions`; least application permission: `RoleManagement.Read.Directory`.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn list_definitions(&self) -> Result<Envelope, AdminError> {
        let arguments = Arguments::new();
        self.0.run("role_management.list_definitions", arguments).await
    }

    /// Remove a directory role assignment.
    ///
    /// `DELETE /v1.0/roleManagement/directory/roleAssignments/{assignment_id}`; least application permission: `RoleManagement.ReadWrite.Directory`.
    ///
    /// `assignment_id` is of type `string`.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn remove_assignment(&self, assignment_id: &str) -> Result<Envelope, AdminError> {
        let arguments = Arguments::new().with("assignment_id", assignment_id);
        self.0.run("role_management.remove_assignment", arguments).await
    }
}

/// Optional arguments of `role_management.assign_role`.
#[derive(Clone, Debug, Default)]
pub struct RoleManagementAssignRoleOptions {
    /// `/` for the tenant.
    pub directory_scope_id: Option<String>,
}

/// Optional arguments of `role_management.list_assignments`.
#[derive(Clone, Debug, Default)]
pub struct RoleManagementListAssignmentsOptions {
    /// An OData filter.
    pub filter: Option<String>,
}

/// Commands of `service_principal`.
#[derive(Clone, Copy, Debug)]
pub struct ServicePrincipal<'a>(&'a Admin);

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
    /// `id` is of type `guid`: The service principal.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn add_password(
        &self,
        id: &str,
        options: ServicePrincipalAddPasswordOptions,
    ) -> Result<Envelope, AdminError> {
        let mut arguments = Arguments::new().with("id", id);
        if let Some(display_name) = options.display_name {
            arguments.insert("displayName", display_name);
        }
        if let Some(end_date_time) = options.end_date_time {
            arguments.insert("endDateTime", end_date_time);
        }
        self.0.run("service_principal.add_password", arguments).await
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
        let mut arguments = Arguments::new().with("id", id);
        if let Some(select) = options.select {
            arguments.insert("select", select);
        }
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
    pub async fn get_by_app_id(&self, app_id: &str) -> Result<Envelope, AdminError> {
        let arguments = Arguments::new().with("app_id", app_id);
        self.0.run("service_principal.get_by_app_id", arguments).await
    }

    /// List service principals.
    ///
    /// `GET /v1.0/servicePrincipals`; least application permission: `Application.Read.All`.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn list(&self, options: ServicePrincipalListOptions) -> Result<Envelope, AdminError> {
        let mut arguments = Arguments::new();
        if let Some(select) = options.select {
            arguments.insert("select", select);
        }
        if let Some(filter) = options.filter {
            arguments.insert("filter", filter);
        }
        self.0.run("service_principal.list", arguments).await
    }

    /// List the owners of a service principal.
    ///
    /// `GET /v1.0/servicePrincipals/{id}/owners`; least application permission: `Application.Read.All`.
    ///
    /// `id` is of type `guid`: The service principal.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn list_owners(&self, id: &str) -> Result<Envelope, AdminError> {
        let arguments = Arguments::new().with("id", id);
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
}

/// Optional arguments of `service_principal.add_password`.
#[derive(Clone, Debug, Default)]
pub struct ServicePrincipalAddPasswordOptions {
    /// What the secret is for.
    pub display_name: Option<String>,
    /// When it expires.
    pub end_date_time: Option<String>,
}

/// Optional arguments of `service_principal.get`.
#[derive(Clone, Debug, Default)]
pub struct ServicePrincipalGetOptions {
    /// Properties to return.
    pub select: Option<serde_json::Value>,
}

/// Optional arguments of `service_principal.list`.
#[derive(Clone, Debug, Default)]
pub struct ServicePrincipalListOptions {
    /// Properties to return.
    pub select: Option<serde_json::Value>,
    /// An OData filter.
    pub filter: Option<String>,
}

/// Commands of `user`.
#[derive(Clone, Copy, Debug)]
pub struct User<'a>(&'a Admin);

impl User<'_> {
    /// Assign licences to a user, and take others away in the same call.
    ///
    /// `POST /v1.0/users/{id}/assignLicense`; least application permission: `LicenseAssignment.ReadWrite.All`.
    ///
    /// `id` is of type `upn_or_guid`: The user.
    ///
    /// `add_licenses` is of type `list`: Objects with `skuId` and `disabledPlans`.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn assign_license(
        &self,
        id: &str,
        add_licenses: serde_json::Value,
        options: UserAssignLicenseOptions,
    ) -> Result<Envelope, AdminError> {
        let mut arguments = Arguments::new().with("id", id).with("addLicenses", add_licenses);
        if let Some(remove_licenses) = options.remove_licenses {
            arguments.insert("removeLicenses", remove_licenses);
        }
        self.0.run("user.assign_license", arguments).await
    }

    /// Set a user's manager.
    ///
    /// `PUT /v1.0/users/{id}/manager/$ref`; least application permission: `User.ReadWrite.All`.
    ///
    /// `id` is of type `upn_or_guid`: The user.
    ///
    /// `manager_id` is of type `guid`: The manager.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn assign_manager(&self, id: &str, manager_id: &str) -> Result<Envelope, AdminError> {
        let arguments = Arguments::new().with("id", id).with("manager_id", manager_id);
        self.0.run("user.assign_manager", arguments).await
    }

    /// Check which of up to 20 groups a user is a member of.
    ///
    /// `POST /v1.0/users/{id}/checkMemberGroups`; least application permission: `User.Read.All + GroupMember.Read.All`.
    ///
    /// `id` is of type `upn_or_guid`: The user.
    ///
    /// `group_ids` is of type `list`: At most 20 group ids.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn check_member_groups(
        &self,
        id: &str,
        group_ids: serde_json::Value,
    ) -> Result<Envelope, AdminError> {
        let arguments = Arguments::new().with("id", id).with("groupIds", group_ids);
        self.0.run("user.check_member_groups", arguments).await
    }

    /// Count the users, or those that a filter matches.
    ///
    /// `GET /v1.0/users/$count`; least application permission: `User.ReadBasic.All`.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn count(&self, options: UserCountOptions) -> Result<Envelope, AdminError> {
        let mut arguments = Arguments::new();
        if let Some(filter) = options.filter {
            arguments.insert("filter", filter);
        }
        self.0.run("user.count", arguments).await
    }

    /// Create a member user with a first password.
    ///
    /// `POST /v1.0/users`; least application permission: `User.ReadWrite.All`.
    ///
    /// `display_name` is of type `string`.
    ///
    /// `mail_nickname` is of type `string`.
    ///
    /// `user_principal_name` is of type `upn`.
    ///
    /// `password` is of type `secret`: The first password.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn create(
        &self,
        display_name: &str,
        mail_nickname: &str,
        user_principal_name: &str,
        password: &str,
        options: UserCreateOptions,
    ) -> Result<Envelope, AdminError> {
        let mut arguments = Arguments::new()
            .with("displayName", display_name)
            .with("mailNickname", mail_nickname)
            .with("userPrincipalName", user_principal_name)
            .with("password", password);
        if let Some(force_change_password_next_sign_in) = options.force_change_password_next_sign_in
        {
            arguments.insert("forceChangePasswordNextSignIn", force_change_password_next_sign_in);
        }
        if let Some(account_enabled) = options.account_enabled {
            arguments.insert("accountEnabled", account_enabled);
        }
        if let Some(given_name) = options.given_name {
            arguments.insert("givenName", given_name);
        }
        if let Some(surname) = options.surname {
            arguments.insert("surname", surname);
        }
        if let Some(job_title) = options.job_title {
            arguments.insert("jobTitle", job_title);
        }
        if let Some(department) = options.department {
            arguments.insert("department", department);
        }
        if let Some(company_name) = options.company_name {
            arguments.insert("companyName", company_name);
        }
        if let Some(office_location) = options.office_location {
            arguments.insert("officeLocation", office_location);
        }
        if let Some(mobile_phone) = options.mobile_phone {
            arguments.insert("mobilePhone", mobile_phone);
        }
        if let Some(usage_location) = options.usage_location {
            arguments.insert("usageLocation", usage_location);
        }
        self.0.run("user.create", arguments).await
    }

    /// Delete a user; it can be restored for 30 days.
    ///
    /// `DELETE /v1.0/users/{id}`; least application permission: `User.DeleteRestore.All`.
    ///
    /// `id` is of type `upn_or_guid`: The user.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn delete(&self, id: &str) -> Result<Envelope, AdminError> {
        let arguments = Arguments::new().with("id", id);
        self.0.run("user.delete", arguments).await
    }

    /// Remove a phone from a user's authentication methods.
    ///
    /// `DELETE /v1.0/users/{id}/authentication/phoneMethods/{method_id}`; least application permission: `UserAuthenticationMethod.ReadWrite.All`.
    ///
    /// `id` is of type `upn_or_guid`: The user.
    ///
    /// `method_id` is of type `guid`: The method.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn delete_phone_method(
        &self,
        id: &str,
        method_id: &str,
    ) -> Result<Envelope, AdminError> {
        let arguments = Arguments::new().with("id", id).with("method_id", method_id);
        self.0.run("user.delete_phone_method", arguments).await
    }

    /// Keep a user from signing in; running sessions last until they are revoked.
    ///
    /// `PATCH /v1.0/users/{id}`; least application permission: `User.EnableDisableAccount.All + User.Read.All`.
    ///
    /// `id` is of type `upn_or_guid`: The user.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn disable(&self, id: &str) -> Result<Envelope, AdminError> {
        let arguments = Arguments::new().with("id", id);
        self.0.run("user.disable", arguments).await
    }

    /// Allow a user to sign in.
    ///
    /// `PATCH /v1.0/users/{id}`; least application permission: `User.EnableDisableAccount.All + User.Read.All`.
    ///
    /// `id` is of type `upn_or_guid`: The user.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn enable(&self, id: &str) -> Result<Envelope, AdminError> {
        let arguments = Arguments::new().with("id", id);
        self.0.run("user.enable", arguments).await
    }

    /// Get a user by object id or user principal name.
    ///
    /// `GET /v1.0/users/{id}`; least application permission: `User.ReadBasic.All`.
    ///
    /// `id` is of type `upn_or_guid`: The user.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn get(&self, id: &str, options: UserGetOptions) -> Result<Envelope, AdminError> {
        let mut arguments = Arguments::new().with("id", id);
        if let Some(select) = options.select {
            arguments.insert("select", select);
        }
        self.0.run("user.get", arguments).await
    }

    /// Get a user's manager.
    ///
    /// `GET /v1.0/users/{id}/manager`; least application permission: `User.Read.All`.
    ///
    /// `id` is of type `upn_or_guid`: The user.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn get_manager(
        &self,
        id: &str,
        options: UserGetManagerOptions,
    ) -> Result<Envelope, AdminError> {
        let mut arguments = Arguments::new().with("id", id);
        if let Some(select) = options.select {
            arguments.insert("select", select);
        }
        self.0.run("user.get_manager", arguments).await
    }

    /// Get the ids of all groups that a user is a member of.
    ///
    /// `POST /v1.0/users/{id}/getMemberGroups`; least application permission: `User.Read.All + GroupMember.Read.All`.
    ///
    /// `id` is of type `upn_or_guid`: The user.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn get_member_groups(
        &self,
        id: &str,
        options: UserGetMemberGroupsOptions,
    ) -> Result<Envelope, AdminError> {
        let mut arguments = Arguments::new().with("id", id);
        if let Some(security_enabled_only) = options.security_enabled_only {
            arguments.insert("securityEnabledOnly", security_enabled_only);
        }
        self.0.run("user.get_member_groups", arguments).await
    }

    /// Get a user's photo.
    ///
    /// `GET /v1.0/users/{id}/photo/$value`; least application permission: `ProfilePhoto.Read.All`.
    ///
    /// `id` is of type `upn_or_guid`: The user.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn get_photo(&self, id: &str) -> Result<Envelope, AdminError> {
        let arguments = Arguments::new().with("id", id);
        self.0.run("user.get_photo", arguments).await
    }

    /// List users.
    ///
    /// `GET /v1.0/users`; least application permission: `User.ReadBasic.All`.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn list(&self, options: UserListOptions) -> Result<Envelope, AdminError> {
        let mut arguments = Arguments::new();
        if let Some(select) = options.select {
            arguments.insert("select", select);
        }
        if let Some(filter) = options.filter {
            arguments.insert("filter", filter);
        }
        if let Some(search) = options.search {
            arguments.insert("search", search);
        }
        if let Some(orderby) = options.orderby {
            arguments.insert("orderby", orderby);
        }
        if let Some(top) = options.top {
            arguments.insert("top", top);
        }
        self.0.run("user.list", arguments).await
    }

    /// List the authentication methods that a user registered.
    ///
    /// `GET /v1.0/users/{id}/authentication/methods`; least application permission: `UserAuthenticationMethod.Read.All`.
    ///
    /// `id` is of type `upn_or_guid`: The user.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn list_authentication_methods(&self, id: &str) -> Result<Envelope, AdminError> {
        let arguments = Arguments::new().with("id", id);
        self.0.run("user.list_authentication_methods", arguments).await
    }

    /// List users that were deleted and can be restored.
    ///
    /// `GET /v1.0/directory/deletedItems/microsoft.graph.user`; least application permission: `User.Read.All`.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn list_deleted(
        &self,
        options: UserListDeletedOptions,
    ) -> Result<Envelope, AdminError> {
        let mut arguments = Arguments::new();
        if let Some(select) = options.select {
            arguments.insert("select", select);
        }
        self.0.run("user.list_deleted", arguments).await
    }

    /// List the users who report to a user.
    ///
    /// `GET /v1.0/users/{id}/directReports`; least application permission: `User.Read.All`.
    ///
    /// `id` is of type `upn_or_guid`: The manager.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn list_direct_reports(&self, id: &str) -> Result<Envelope, AdminError> {
        let arguments = Arguments::new().with("id", id);
        self.0.run("user.list_direct_reports", arguments).await
    }

    /// List the groups that a user is a direct member of.
    ///
    /// `GET /v1.0/users/{id}/memberOf/microsoft.graph.group`; least application permission: `Directory.Read.All`.
    ///
    /// `id` is of type `upn_or_guid`: The user.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn list_groups(&self, id: &str) -> Result<Envelope, AdminError> {
        let arguments = Arguments::new().with("id", id);
        self.0.run("user.list_groups", arguments).await
    }

    /// List the licences of a user.
    ///
    /// `GET /v1.0/users/{id}/licenseDetails`; least application permission: `LicenseAssignment.Read.All`.
    ///
    /// `id` is of type `upn_or_guid`: The user.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn list_license_details(&self, id: &str) -> Result<Envelope, AdminError> {
        let arguments = Arguments::new().with("id", id);
        self.0.run("user.list_license_details", arguments).await
    }

    /// List the groups, roles and administrative units that a user is a direct member of.
    ///
    /// `GET /v1.0/users/{id}/memberOf`; least application permission: `Directory.Read.All`.
    ///
    /// `id` is of type `upn_or_guid`: The user.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn list_member_of(&self, id: &str) -> Result<Envelope, AdminError> {
        let arguments = Arguments::new().with("id", id);
        self.0.run("user.list_member_of", arguments).await
    }

    /// List the devices that a user owns.
    ///
    /// `GET /v1.0/users/{id}/ownedDevices`; least application permission: `User.Read.All`.
    ///
    /// `id` is of type `upn_or_guid`: The user.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn list_owned_devices(&self, id: &str) -> Result<Envelope, AdminError> {
        let arguments = Arguments::new().with("id", id);
        self.0.run("user.list_owned_devices", arguments).await
    }

    /// List the directory objects that a user owns.
    ///
    /// `GET /v1.0/users/{id}/ownedObjects`; least application permission: `User.Read.All`.
    ///
    /// `id` is of type `upn_or_guid`: The user.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn list_owned_objects(&self, id: &str) -> Result<Envelope, AdminError> {
        let arguments = Arguments::new().with("id", id);
        self.0.run("user.list_owned_objects", arguments).await
    }

    /// List the devices that a user registered.
    ///
    /// `GET /v1.0/users/{id}/registeredDevices`; least application permission: `User.Read.All`.
    ///
    /// `id` is of type `upn_or_guid`: The user.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn list_registered_devices(&self, id: &str) -> Result<Envelope, AdminError> {
        let arguments = Arguments::new().with("id", id);
        self.0.run("user.list_registered_devices", arguments).await
    }

    /// List everything that a user is a member of, through groups as well.
    ///
    /// `GET /v1.0/users/{id}/transitiveMemberOf`; least application permission: `User.Read.All`.
    ///
    /// `id` is of type `upn_or_guid`: The user.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn list_transitive_member_of(&self, id: &str) -> Result<Envelope, AdminError> {
        let arguments = Arguments::new().with("id", id);
        self.0.run("user.list_transitive_member_of", arguments).await
    }

    /// Take licences away from a user.
    ///
    /// `POST /v1.0/users/{id}/assignLicense`; least application permission: `LicenseAssignment.ReadWrite.All`.
    ///
    /// `id` is of type `upn_or_guid`: The user.
    ///
    /// `remove_licenses` is of type `list`: SKU ids.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn remove_license(
        &self,
        id: &str,
        remove_licenses: serde_json::Value,
    ) -> Result<Envelope, AdminError> {
        let arguments = Arguments::new().with("id", id).with("removeLicenses", remove_licenses);
        self.0.run("user.remove_license", arguments).await
    }

    /// Remove a user's manager.
    ///
    /// `DELETE /v1.0/users/{id}/manager/$ref`; least application permission: `User.ReadWrite.All`.
    ///
    /// `id` is of type `upn_or_guid`: The user.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn remove_manager(&self, id: &str) -> Result<Envelope, AdminError> {
        let arguments = Arguments::new().with("id", id);
        self.0.run("user.remove_manager", arguments).await
    }

    /// Give a user a new password.
    ///
    /// `PATCH /v1.0/users/{id}`; least application permission: `User-PasswordProfile.ReadWrite.All`.
    ///
    /// `id` is of type `upn_or_guid`: The user.
    ///
    /// `password` is of type `secret`: The new password.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn reset_password(
        &self,
        id: &str,
        password: &str,
        options: UserResetPasswordOptions,
    ) -> Result<Envelope, AdminError> {
        let mut arguments = Arguments::new().with("id", id).with("password", password);
        if let Some(force_change_password_next_sign_in) = options.force_change_password_next_sign_in
        {
            arguments.insert("forceChangePasswordNextSignIn", force_change_password_next_sign_in);
        }
        self.0.run("user.reset_password", arguments).await
    }

    /// Restore a deleted user.
    ///
    /// `POST /v1.0/directory/deletedItems/{id}/restore`; least application permission: `User.DeleteRestore.All`.
    ///
    /// `id` is of type `guid`: The deleted user.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn restore(&self, id: &str) -> Result<Envelope, AdminError> {
        let arguments = Arguments::new().with("id", id);
        self.0.run("user.restore", arguments).await
    }

    /// Invalidate a user's refresh tokens and session cookies.
    ///
    /// `POST /v1.0/users/{id}/revokeSignInSessions`; least application permission: `User.RevokeSessions.All`.
    ///
    /// `id` is of type `upn_or_guid`: The user.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn revoke_sign_in_sessions(&self, id: &str) -> Result<Envelope, AdminError> {
        let arguments = Arguments::new().with("id", id);
        self.0.run("user.revoke_sign_in_sessions", arguments).await
    }

    /// Change properties of a user; what is not given stays as it is.
    ///
    /// `PATCH /v1.0/users/{id}`; least application permission: `User.ReadWrite.All`.
    ///
    /// `id` is of type `upn_or_guid`: The user.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn update(
        &self,
        id: &str,
        options: UserUpdateOptions,
    ) -> Result<Envelope, AdminError> {
        let mut arguments = Arguments::new().with("id", id);
        if let Some(display_name) = options.display_name {
            arguments.insert("displayName", display_name);
        }
        if let Some(given_name) = options.given_name {
            arguments.insert("givenName", given_name);
        }
        if let Some(surname) = options.surname {
            arguments.insert("surname", surname);
        }
        if let Some(job_title) = options.job_title {
            arguments.insert("jobTitle", job_title);
        }
        if let Some(department) = options.department {
            arguments.insert("department", department);
        }
        if let Some(company_name) = options.company_name {
            arguments.insert("companyName", company_name);
        }
        if let Some(employee_id) = options.employee_id {
            arguments.insert("employeeId", employee_id);
        }
        if let Some(office_location) = options.office_location {
            arguments.insert("officeLocation", office_location);
        }
        if let Some(mobile_phone) = options.mobile_phone {
            arguments.insert("mobilePhone", mobile_phone);
        }
        if let Some(business_phones) = options.business_phones {
            arguments.insert("businessPhones", business_phones);
        }
        if let Some(usage_location) = options.usage_location {
            arguments.insert("usageLocation", usage_location);
        }
        if let Some(preferred_language) = options.preferred_language {
            arguments.insert("preferredLanguage", preferred_language);
        }
        if let Some(account_enabled) = options.account_enabled {
            arguments.insert("accountEnabled", account_enabled);
        }
        self.0.run("user.update", arguments).await
    }
}

/// Optional arguments of `user.assign_license`.
#[derive(Clone, Debug, Default)]
pub struct UserAssignLicenseOptions {
    /// SKU ids.
    pub remove_licenses: Option<serde_json::Value>,
}

/// Optional arguments of `user.count`.
#[derive(Clone, Debug, Default)]
pub struct UserCountOptions {
    /// An OData filter.
    pub filter: Option<String>,
}

/// Optional arguments of `user.create`.
#[derive(Clone, Debug, Default)]
pub struct UserCreateOptions {
    /// Of type `bool`.
    pub force_change_password_next_sign_in: Option<bool>,
    /// Of type `bool`.
    pub account_enabled: Option<bool>,
    /// Of type `string`.
    pub given_name: Option<String>,
    /// Of type `string`.
    pub surname: Option<String>,
    /// Of type `string`.
    pub job_title: Option<String>,
    /// Of type `string`.
    pub department: Option<String>,
    /// Of type `string`.
    pub company_name: Option<String>,
    /// Of type `string`.
    pub office_location: Option<String>,
    /// Of type `string`.
    pub mobile_phone: Option<String>,
    /// Two-letter country code; licences need it.
    pub usage_location: Option<String>,
}

/// Optional arguments of `user.get`.
#[derive(Clone, Debug, Default)]
pub struct UserGetOptions {
    /// Properties to return.
    pub select: Option<serde_json::Value>,
}

/// Optional arguments of `user.get_manager`.
#[derive(Clone, Debug, Default)]
pub struct UserGetManagerOptions {
    /// Properties to return.
    pub select: Option<serde_json::Value>,
}

/// Optional arguments of `user.get_member_groups`.
#[derive(Clone, Debug, Default)]
pub struct UserGetMemberGroupsOptions {
    /// Of type `bool`.
    pub security_enabled_only: Option<bool>,
}

/// Optional arguments of `user.list`.
#[derive(Clone, Debug, Default)]
pub struct UserListOptions {
    /// Properties to return.
    pub select: Option<serde_json::Value>,
    /// An OData filter.
    pub filter: Option<String>,
    /// A search, such as `"displayName:Ada"`.
    pub search: Option<String>,
    /// The property to sort by.
    pub orderby: Option<String>,
    /// Users per page (at most 999).
    pub top: Option<i64>,
}

/// Optional arguments of `user.list_deleted`.
#[derive(Clone, Debug, Default)]
pub struct UserListDeletedOptions {
    /// Properties to return.
    pub select: Option<serde_json::Value>,
}

/// Optional arguments of `user.reset_password`.
#[derive(Clone, Debug, Default)]
pub struct UserResetPasswordOptions {
    /// Of type `bool`.
    pub force_change_password_next_sign_in: Option<bool>,
}

/// Optional arguments of `user.update`.
#[derive(Clone, Debug, Default)]
pub struct UserUpdateOptions {
    /// Of type `string`.
    pub display_name: Option<String>,
    /// Of type `string`.
    pub given_name: Option<String>,
    /// Of type `string`.
    pub surname: Option<String>,
    /// Of type `string`.
    pub job_title: Option<String>,
    /// Of type `string`.
    pub department: Option<String>,
    /// Of type `string`.
    pub company_name: Option<String>,
    /// Of type `string`.
    pub employee_id: Option<String>,
    /// Of type `string`.
    pub office_location: Option<String>,
    /// Of type `string`.
    pub mobile_phone: Option<String>,
    /// Of type `list`.
    pub business_phones: Option<serde_json::Value>,
    /// Of type `string`.
    pub usage_location: Option<String>,
    /// Of type `string`.
    pub preferred_language: Option<String>,
    /// Of type `bool`.
    pub account_enabled: Option<bool>,
}
