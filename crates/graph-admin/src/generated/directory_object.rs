//! Commands of `directory_object`. Written by `cargo xtask codegen`; do not edit.

use graph_dsl::{Arguments, Envelope};

use crate::options::options;
use crate::{Admin, AdminError};

/// Commands of `directory_object`.
#[derive(Clone, Copy, Debug)]
pub struct DirectoryObject<'a>(pub(crate) &'a Admin);

impl DirectoryObject<'_> {
    /// Check which of up to 20 groups an object is a member of.
    ///
    /// `POST /v1.0/directoryObjects/{id}/checkMemberGroups`; least application permission: `Application.Read.All`.
    ///
    /// Needs the permissions that reading the object's type needs.
    ///
    /// `id` is of type `guid`: The object.
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
        self.0.run("directory_object.check_member_groups", arguments).await
    }

    /// Check which of up to 20 groups, roles and administrative units an object belongs to.
    ///
    /// `POST /v1.0/directoryObjects/{id}/checkMemberObjects`; least application permission: `Application.Read.All`.
    ///
    /// Needs the permissions that reading the object's type needs.
    ///
    /// `id` is of type `guid`: The object.
    ///
    /// `ids` is of type `list`: At most 20 ids.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn check_member_objects(
        &self,
        id: &str,
        ids: serde_json::Value,
    ) -> Result<Envelope, AdminError> {
        let arguments = Arguments::new().with("id", id).with("ids", ids);
        self.0.run("directory_object.check_member_objects", arguments).await
    }

    /// Delete a directory object of any type, without asking which.
    ///
    /// `DELETE /v1.0/directoryObjects/{id}`; least application permission: none is documented.
    ///
    /// Needs write permission on the object's type.
    ///
    /// `id` is of type `guid`: The object.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn delete(&self, id: &str) -> Result<Envelope, AdminError> {
        let arguments = Arguments::new().with("id", id);
        self.0.run("directory_object.delete", arguments).await
    }

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
        let arguments = options.beside(Arguments::new().with("ids", ids));
        self.0.run("directory_object.get_by_ids", arguments).await
    }

    /// Get the ids of all groups that an object is a member of.
    ///
    /// `POST /v1.0/directoryObjects/{id}/getMemberGroups`; least application permission: `Application.Read.All`.
    ///
    /// Needs the permissions that reading the object's type needs.
    ///
    /// `id` is of type `guid`: The object.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn get_member_groups(
        &self,
        id: &str,
        options: DirectoryObjectGetMemberGroupsOptions,
    ) -> Result<Envelope, AdminError> {
        let arguments = options.beside(Arguments::new().with("id", id));
        self.0.run("directory_object.get_member_groups", arguments).await
    }

    /// Remove a deleted directory object of any type for good; nothing brings it back.
    ///
    /// `DELETE /v1.0/directory/deletedItems/{id}`; least application permission: none is documented.
    ///
    /// Needs write permission on the object's type; users and groups by a signed-in user only.
    ///
    /// `id` is of type `guid`: The deleted object.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn purge(&self, id: &str) -> Result<Envelope, AdminError> {
        let arguments = Arguments::new().with("id", id);
        self.0.run("directory_object.purge", arguments).await
    }

    /// Restore a deleted directory object of any type.
    ///
    /// `POST /v1.0/directory/deletedItems/{id}/restore`; least application permission: `User.DeleteRestore.All`.
    ///
    /// Needs for other types than users, write permission on the object's type.
    ///
    /// `id` is of type `guid`: The deleted object.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn restore(&self, id: &str) -> Result<Envelope, AdminError> {
        let arguments = Arguments::new().with("id", id);
        self.0.run("directory_object.restore", arguments).await
    }
}

options! {
    /// Optional arguments of `directory_object.get_by_ids`.
    DirectoryObjectGetByIdsOptions {
        /// Such as `user`, `group`.
        types: serde_json::Value = "types",
    }
}

options! {
    /// Optional arguments of `directory_object.get_member_groups`.
    DirectoryObjectGetMemberGroupsOptions {
        /// `securityEnabledOnly`, of type `bool`.
        security_enabled_only: bool = "securityEnabledOnly",
    }
}
