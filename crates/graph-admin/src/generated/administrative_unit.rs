//! Commands of `administrative_unit`. Written by `cargo xtask codegen`; do not edit.

use graph_dsl::{Arguments, Envelope};

use crate::options::options;
use crate::{Admin, AdminError};

/// Commands of `administrative_unit`.
#[derive(Clone, Copy, Debug)]
pub struct AdministrativeUnit<'a>(pub(crate) &'a Admin);

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

    /// Create an administrative unit.
    ///
    /// `POST /v1.0/directory/administrativeUnits`; least application permission: `AdministrativeUnit.ReadWrite.All`.
    ///
    /// `display_name` is of type `string`.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn create(
        &self,
        display_name: &str,
        options: AdministrativeUnitCreateOptions,
    ) -> Result<Envelope, AdminError> {
        let arguments = options.beside(Arguments::new().with("displayName", display_name));
        self.0.run("administrative_unit.create", arguments).await
    }

    /// Create a security group inside an administrative unit.
    ///
    /// `POST /v1.0/directory/administrativeUnits/{id}/members`; least application permission: `Group.Create`.
    ///
    /// `id` is of type `guid`: The administrative unit.
    ///
    /// `display_name` is of type `string`.
    ///
    /// `mail_nickname` is of type `string`.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn create_group(
        &self,
        id: &str,
        display_name: &str,
        mail_nickname: &str,
        options: AdministrativeUnitCreateGroupOptions,
    ) -> Result<Envelope, AdminError> {
        let arguments = options.beside(
            Arguments::new()
                .with("id", id)
                .with("displayName", display_name)
                .with("mailNickname", mail_nickname),
        );
        self.0.run("administrative_unit.create_group", arguments).await
    }

    /// Delete an administrative unit, not its members; it can be restored for 30 days.
    ///
    /// `DELETE /v1.0/directory/administrativeUnits/{id}`; least application permission: `AdministrativeUnit.ReadWrite.All`.
    ///
    /// `id` is of type `guid`: The administrative unit.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn delete(&self, id: &str) -> Result<Envelope, AdminError> {
        let arguments = Arguments::new().with("id", id);
        self.0.run("administrative_unit.delete", arguments).await
    }

    /// Get an administrative unit.
    ///
    /// `GET /v1.0/directory/administrativeUnits/{id}`; least application permission: `AdministrativeUnit.Read.All`.
    ///
    /// `id` is of type `guid`: The administrative unit.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn get(
        &self,
        id: &str,
        options: AdministrativeUnitGetOptions,
    ) -> Result<Envelope, AdminError> {
        let arguments = options.beside(Arguments::new().with("id", id));
        self.0.run("administrative_unit.get", arguments).await
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
        let arguments = options.beside(Arguments::new());
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
    pub async fn list_members(
        &self,
        id: &str,
        options: AdministrativeUnitListMembersOptions,
    ) -> Result<Envelope, AdminError> {
        let arguments = options.beside(Arguments::new().with("id", id));
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

    /// Take a directory role over an administrative unit away from who was given it.
    ///
    /// `DELETE /v1.0/directory/administrativeUnits/{id}/scopedRoleMembers/{scoped_role_id}`; least application permission: `RoleManagement.ReadWrite.Directory`.
    ///
    /// `id` is of type `guid`: The administrative unit.
    ///
    /// `scoped_role_id` is of type `string`: The assignment.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn remove_role(
        &self,
        id: &str,
        scoped_role_id: &str,
    ) -> Result<Envelope, AdminError> {
        let arguments = Arguments::new().with("id", id).with("scoped_role_id", scoped_role_id);
        self.0.run("administrative_unit.remove_role", arguments).await
    }

    /// Change properties of an administrative unit; what is not given stays as it is.
    ///
    /// `PATCH /v1.0/directory/administrativeUnits/{id}`; least application permission: `AdministrativeUnit.ReadWrite.All`.
    ///
    /// `id` is of type `guid`: The administrative unit.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn update(
        &self,
        id: &str,
        options: AdministrativeUnitUpdateOptions,
    ) -> Result<Envelope, AdminError> {
        let arguments = options.beside(Arguments::new().with("id", id));
        self.0.run("administrative_unit.update", arguments).await
    }
}

options! {
    /// Optional arguments of `administrative_unit.create`.
    AdministrativeUnitCreateOptions {
        /// Whether only administrators of the unit may manage its members; cannot be changed later.
        is_member_management_restricted: bool = "isMemberManagementRestricted",
        /// `description`, of type `string`.
        description: String = "description",
        /// `visibility`, of type `enum`.
        visibility: String = "visibility",
        /// `membershipType`, of type `enum`.
        membership_type: String = "membershipType",
        /// Who belongs to a dynamic one.
        membership_rule: String = "membershipRule",
        /// `membershipRuleProcessingState`, of type `enum`.
        membership_rule_processing_state: String = "membershipRuleProcessingState",
    }
}

options! {
    /// Optional arguments of `administrative_unit.create_group`.
    AdministrativeUnitCreateGroupOptions {
        /// `description`, of type `string`.
        description: String = "description",
    }
}

options! {
    /// Optional arguments of `administrative_unit.get`.
    AdministrativeUnitGetOptions {
        /// Properties to return.
        select: serde_json::Value = "select",
    }
}

options! {
    /// Optional arguments of `administrative_unit.list`.
    AdministrativeUnitListOptions {
        /// Properties to return.
        select: serde_json::Value = "select",
        /// An OData filter.
        filter: String = "filter",
        /// A search, such as `"displayName:Harbour"`.
        search: String = "search",
        /// The property to sort by.
        orderby: String = "orderby",
        /// Objects per page (at most 999).
        top: i64 = "top",
    }
}

options! {
    /// Optional arguments of `administrative_unit.list_members`.
    AdministrativeUnitListMembersOptions {
        /// Properties to return.
        select: serde_json::Value = "select",
        /// An OData filter.
        filter: String = "filter",
        /// Objects per page (at most 999).
        top: i64 = "top",
    }
}

options! {
    /// Optional arguments of `administrative_unit.update`.
    AdministrativeUnitUpdateOptions {
        /// `displayName`, of type `string`.
        display_name: String = "displayName",
        /// `description`, of type `string`.
        description: String = "description",
        /// `visibility`, of type `enum`.
        visibility: String = "visibility",
        /// `membershipType`, of type `enum`.
        membership_type: String = "membershipType",
        /// Who belongs to a dynamic one.
        membership_rule: String = "membershipRule",
        /// `membershipRuleProcessingState`, of type `enum`.
        membership_rule_processing_state: String = "membershipRuleProcessingState",
    }
}
