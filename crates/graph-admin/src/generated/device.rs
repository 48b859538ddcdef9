//! Commands of `device`. Written by `cargo xtask codegen`; do not edit.

use graph_dsl::{Arguments, Envelope};

use crate::options::options;
use crate::{Admin, AdminError};

/// Commands of `device`.
#[derive(Clone, Copy, Debug)]
pub struct Device<'a>(pub(crate) &'a Admin);

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

    /// Add a registered user to a device; Graph offers this to signed-in users only.
    ///
    /// `POST /v1.0/devices/{id}/registeredUsers/$ref`; least application permission: `Directory.AccessAsUser.All (signed-in user only)`.
    ///
    /// `id` is of type `guid`: The device's object id.
    ///
    /// `user_id` is of type `guid`: The user.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn add_user(&self, id: &str, user_id: &str) -> Result<Envelope, AdminError> {
        let arguments = Arguments::new().with("id", id).with("user_id", user_id);
        self.0.run("device.add_user", arguments).await
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
    pub async fn get(&self, id: &str, options: DeviceGetOptions) -> Result<Envelope, AdminError> {
        let arguments = options.beside(Arguments::new().with("id", id));
        self.0.run("device.get", arguments).await
    }

    /// Get a BitLocker recovery key; every reading is written to the audit log.
    ///
    /// `GET /v1.0/informationProtection/bitlocker/recoveryKeys/{key_id}`; least application permission: `BitlockerKey.Read.All (signed-in user only)`.
    ///
    /// The envelope masks `key`; `Envelope::secret` has the value.
    ///
    /// `key_id` is of type `guid`: The key.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn get_bitlocker_key(&self, key_id: &str) -> Result<Envelope, AdminError> {
        let arguments = Arguments::new().with("key_id", key_id);
        self.0.run("device.get_bitlocker_key", arguments).await
    }

    /// Get a device by its device id.
    ///
    /// `GET /v1.0/devices(deviceId='{device_id}')`; least application permission: `Device.Read.All`.
    ///
    /// `device_id` is of type `guid`: The id that the device gave itself.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn get_by_device_id(
        &self,
        device_id: &str,
        options: DeviceGetByDeviceIdOptions,
    ) -> Result<Envelope, AdminError> {
        let arguments = options.beside(Arguments::new().with("device_id", device_id));
        self.0.run("device.get_by_device_id", arguments).await
    }

    /// Get the local administrator passwords of a device (LAPS).
    ///
    /// `GET /v1.0/directory/deviceLocalCredentials/{device_id}`; least application permission: `DeviceLocalCredential.Read.All`.
    ///
    /// The envelope masks `passwordBase64`; `Envelope::secret` has the value.
    ///
    /// `device_id` is of type `guid`: The id that the device gave itself.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn get_laps_password(&self, device_id: &str) -> Result<Envelope, AdminError> {
        let arguments = Arguments::new().with("device_id", device_id);
        self.0.run("device.get_laps_password", arguments).await
    }

    /// List devices.
    ///
    /// `GET /v1.0/devices`; least application permission: `Device.Read.All`.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn list(&self, options: DeviceListOptions) -> Result<Envelope, AdminError> {
        let arguments = options.beside(Arguments::new());
        self.0.run("device.list", arguments).await
    }

    /// List the BitLocker recovery keys of devices, without their values.
    ///
    /// `GET /v1.0/informationProtection/bitlocker/recoveryKeys`; least application permission: `BitlockerKey.ReadBasic.All (signed-in user only)`.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn list_bitlocker_keys(
        &self,
        options: DeviceListBitlockerKeysOptions,
    ) -> Result<Envelope, AdminError> {
        let arguments = options.beside(Arguments::new());
        self.0.run("device.list_bitlocker_keys", arguments).await
    }

    /// List the registered owners of a device.
    ///
    /// `GET /v1.0/devices/{id}/registeredOwners`; least application permission: `Device.Read.All`.
    ///
    /// `id` is of type `guid`: The device's object id.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn list_owners(
        &self,
        id: &str,
        options: DeviceListOwnersOptions,
    ) -> Result<Envelope, AdminError> {
        let arguments = options.beside(Arguments::new().with("id", id));
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
    pub async fn list_users(
        &self,
        id: &str,
        options: DeviceListUsersOptions,
    ) -> Result<Envelope, AdminError> {
        let arguments = options.beside(Arguments::new().with("id", id));
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

    /// Remove a registered user from a device; Graph offers this to signed-in users only.
    ///
    /// `DELETE /v1.0/devices/{id}/registeredUsers/{user_id}/$ref`; least application permission: `Directory.AccessAsUser.All (signed-in user only)`.
    ///
    /// `id` is of type `guid`: The device's object id.
    ///
    /// `user_id` is of type `guid`: The user.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn remove_user(&self, id: &str, user_id: &str) -> Result<Envelope, AdminError> {
        let arguments = Arguments::new().with("id", id).with("user_id", user_id);
        self.0.run("device.remove_user", arguments).await
    }
}

options! {
    /// Optional arguments of `device.get`.
    DeviceGetOptions {
        /// Properties to return.
        select: serde_json::Value = "select",
    }
}

options! {
    /// Optional arguments of `device.get_by_device_id`.
    DeviceGetByDeviceIdOptions {
        /// Properties to return.
        select: serde_json::Value = "select",
    }
}

options! {
    /// Optional arguments of `device.list`.
    DeviceListOptions {
        /// Properties to return.
        select: serde_json::Value = "select",
        /// An OData filter.
        filter: String = "filter",
        /// A search, such as `"displayName:LAPTOP"`.
        search: String = "search",
        /// The property to sort by.
        orderby: String = "orderby",
        /// Objects per page (at most 999).
        top: i64 = "top",
    }
}

options! {
    /// Optional arguments of `device.list_bitlocker_keys`.
    DeviceListBitlockerKeysOptions {
        /// An OData filter.
        filter: String = "filter",
    }
}

options! {
    /// Optional arguments of `device.list_owners`.
    DeviceListOwnersOptions {
        /// Properties to return.
        select: serde_json::Value = "select",
    }
}

options! {
    /// Optional arguments of `device.list_users`.
    DeviceListUsersOptions {
        /// Properties to return.
        select: serde_json::Value = "select",
    }
}
