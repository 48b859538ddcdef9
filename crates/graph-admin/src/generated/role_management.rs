//! Commands of `role_management`. Written by `cargo xtask codegen`; do not edit.

use graph_dsl::{Arguments, Envelope};

use crate::options::options;
use crate::{Admin, AdminError};

/// Commands of `role_management`.
#[derive(Clone, Copy, Debug)]
pub struct RoleManagement<'a>(pub(crate) &'a Admin);

impl RoleManagement<'_> {
    /// Activate a directory role, so that it has an object of its own.
    ///
    /// `POST /v1.0/directoryRoles`; least application permission: `RoleManagement.ReadWrite.Directory`.
    ///
    /// `role_template_id` is of type `guid`: The template.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn activate_directory_role(
        &self,
        role_template_id: &str,
    ) -> Result<Envelope, AdminError> {
        let arguments = Arguments::new().with("roleTemplateId", role_template_id);
        self.0.run("role_management.activate_directory_role", arguments).await
    }

    /// Give someone an activated directory role; `assign_role` does the same without activation.
    ///
    /// `POST /v1.0/directoryRoles/{id}/members/$ref`; least application permission: `RoleManagement.ReadWrite.Directory`.
    ///
    /// `id` is of type `guid`: The activated role.
    ///
    /// `member_id` is of type `guid`: Who gets the role.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn add_directory_role_member(
        &self,
        id: &str,
        member_id: &str,
    ) -> Result<Envelope, AdminError> {
        let arguments = Arguments::new().with("id", id).with("member_id", member_id);
        self.0.run("role_management.add_directory_role_member", arguments).await
    }

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
        let arguments = options.beside(
            Arguments::new()
                .with("principalId", principal_id)
                .with("roleDefinitionId", role_definition_id),
        );
        self.0.run("role_management.assign_role", arguments).await
    }

    /// Define a directory role of your own.
    ///
    /// `POST /v1.0/roleManagement/directory/roleDefinitions`; least application permission: `RoleManagement.ReadWrite.Directory`.
    ///
    /// Needs a Microsoft Entra ID P1 licence.
    ///
    /// `display_name` is of type `string`.
    ///
    /// `role_permissions` is of type `list`: Objects with `allowedResourceActions`.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn create_definition(
        &self,
        display_name: &str,
        role_permissions: serde_json::Value,
        options: RoleManagementCreateDefinitionOptions,
    ) -> Result<Envelope, AdminError> {
        let arguments = options.beside(
            Arguments::new()
                .with("displayName", display_name)
                .with("rolePermissions", role_permissions),
        );
        self.0.run("role_management.create_definition", arguments).await
    }

    /// Delete a directory role of your own.
    ///
    /// `DELETE /v1.0/roleManagement/directory/roleDefinitions/{role_id}`; least application permission: `RoleManagement.ReadWrite.Directory`.
    ///
    /// Needs a Microsoft Entra ID P1 licence.
    ///
    /// `role_id` is of type `guid`: The role definition.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn delete_definition(&self, role_id: &str) -> Result<Envelope, AdminError> {
        let arguments = Arguments::new().with("role_id", role_id);
        self.0.run("role_management.delete_definition", arguments).await
    }

    /// Get a directory role assignment.
    ///
    /// `GET /v1.0/roleManagement/directory/roleAssignments/{assignment_id}`; least application permission: `RoleManagement.Read.Directory`.
    ///
    /// `assignment_id` is of type `string`: The assignment.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn get_assignment(
        &self,
        assignment_id: &str,
        options: RoleManagementGetAssignmentOptions,
    ) -> Result<Envelope, AdminError> {
        let arguments = options.beside(Arguments::new().with("assignment_id", assignment_id));
        self.0.run("role_management.get_assignment", arguments).await
    }

    /// Get the definition of a directory role.
    ///
    /// `GET /v1.0/roleManagement/directory/roleDefinitions/{role_id}`; least application permission: `RoleManagement.Read.Directory`.
    ///
    /// `role_id` is of type `guid`: The role definition.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn get_definition(
        &self,
        role_id: &str,
        options: RoleManagementGetDefinitionOptions,
    ) -> Result<Envelope, AdminError> {
        let arguments = options.beside(Arguments::new().with("role_id", role_id));
        self.0.run("role_management.get_definition", arguments).await
    }

    /// Get an activated directory role by its template.
    ///
    /// `GET /v1.0/directoryRoles(roleTemplateId='{template_id}')`; least application permission: `Directory.Read.All`.
    ///
    /// `template_id` is of type `guid`: The template.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn get_directory_role_by_template(
        &self,
        template_id: &str,
        options: RoleManagementGetDirectoryRoleByTemplateOptions,
    ) -> Result<Envelope, AdminError> {
        let arguments = options.beside(Arguments::new().with("template_id", template_id));
        self.0.run("role_management.get_directory_role_by_template", arguments).await
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
        let arguments = options.beside(Arguments::new());
        self.0.run("role_management.list_assignments", arguments).await
    }

    /// List the definitions of directory roles.
    ///
    /// `GET /v1.0/roleManagement/directory/roleDefinitions`; least application permission: `RoleManagement.Read.Directory`.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn list_definitions(
        &self,
        options: RoleManagementListDefinitionsOptions,
    ) -> Result<Envelope, AdminError> {
        let arguments = options.beside(Arguments::new());
        self.0.run("role_management.list_definitions", arguments).await
    }

    /// List who holds an activated directory role.
    ///
    /// `GET /v1.0/directoryRoles/{id}/members`; least application permission: `RoleManagement.Read.Directory`.
    ///
    /// `id` is of type `guid`: The activated role.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn list_directory_role_members(
        &self,
        id: &str,
        options: RoleManagementListDirectoryRoleMembersOptions,
    ) -> Result<Envelope, AdminError> {
        let arguments = options.beside(Arguments::new().with("id", id));
        self.0.run("role_management.list_directory_role_members", arguments).await
    }

    /// List the directory roles that are activated in the tenant.
    ///
    /// `GET /v1.0/directoryRoles`; least application permission: `RoleManagement.Read.Directory`.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn list_directory_roles(
        &self,
        options: RoleManagementListDirectoryRolesOptions,
    ) -> Result<Envelope, AdminError> {
        let arguments = options.beside(Arguments::new());
        self.0.run("role_management.list_directory_roles", arguments).await
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

    /// Take an activated directory role away from someone.
    ///
    /// `DELETE /v1.0/directoryRoles/{id}/members/{member_id}/$ref`; least application permission: `RoleManagement.ReadWrite.Directory`.
    ///
    /// `id` is of type `guid`: The activated role.
    ///
    /// `member_id` is of type `guid`: Who holds the role.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn remove_directory_role_member(
        &self,
        id: &str,
        member_id: &str,
    ) -> Result<Envelope, AdminError> {
        let arguments = Arguments::new().with("id", id).with("member_id", member_id);
        self.0.run("role_management.remove_directory_role_member", arguments).await
    }

    /// Change a directory role of your own; name and permissions are always given.
    ///
    /// `PATCH /v1.0/roleManagement/directory/roleDefinitions/{role_id}`; least application permission: `RoleManagement.ReadWrite.Directory`.
    ///
    /// Needs a Microsoft Entra ID P1 licence.
    ///
    /// `role_id` is of type `guid`: The role definition.
    ///
    /// `display_name` is of type `string`.
    ///
    /// `role_permissions` is of type `list`: Objects with `allowedResourceActions`.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn update_definition(
        &self,
        role_id: &str,
        display_name: &str,
        role_permissions: serde_json::Value,
        options: RoleManagementUpdateDefinitionOptions,
    ) -> Result<Envelope, AdminError> {
        let arguments = options.beside(
            Arguments::new()
                .with("role_id", role_id)
                .with("displayName", display_name)
                .with("rolePermissions", role_permissions),
        );
        self.0.run("role_management.update_definition", arguments).await
    }
}

options! {
    /// Optional arguments of `role_management.assign_role`.
    RoleManagementAssignRoleOptions {
        /// `/` for the tenant.
        directory_scope_id: String = "directoryScopeId",
    }
}

options! {
    /// Optional arguments of `role_management.create_definition`.
    RoleManagementCreateDefinitionOptions {
        /// `description`, of type `string`.
        description: String = "description",
        /// `isEnabled`, of type `bool`.
        is_enabled: bool = "isEnabled",
        /// The same role in several tenants has the same one.
        template_id: String = "templateId",
    }
}

options! {
    /// Optional arguments of `role_management.get_assignment`.
    RoleManagementGetAssignmentOptions {
        /// A related object to return as well.
        expand: String = "expand",
    }
}

options! {
    /// Optional arguments of `role_management.get_definition`.
    RoleManagementGetDefinitionOptions {
        /// Properties to return.
        select: serde_json::Value = "select",
    }
}

options! {
    /// Optional arguments of `role_management.get_directory_role_by_template`.
    RoleManagementGetDirectoryRoleByTemplateOptions {
        /// Properties to return.
        select: serde_json::Value = "select",
    }
}

options! {
    /// Optional arguments of `role_management.list_assignments`.
    RoleManagementListAssignmentsOptions {
        /// Properties to return.
        select: serde_json::Value = "select",
        /// An OData filter.
        filter: String = "filter",
        /// A related object to return as well.
        expand: String = "expand",
        /// Objects per page (at most 999).
        top: i64 = "top",
    }
}

options! {
    /// Optional arguments of `role_management.list_definitions`.
    RoleManagementListDefinitionsOptions {
        /// Properties to return.
        select: serde_json::Value = "select",
        /// An OData filter.
        filter: String = "filter",
    }
}

options! {
    /// Optional arguments of `role_management.list_directory_role_members`.
    RoleManagementListDirectoryRoleMembersOptions {
        /// Properties to return.
        select: serde_json::Value = "select",
    }
}

options! {
    /// Optional arguments of `role_management.list_directory_roles`.
    RoleManagementListDirectoryRolesOptions {
        /// Properties to return.
        select: serde_json::Value = "select",
        /// An OData filter.
        filter: String = "filter",
    }
}

options! {
    /// Optional arguments of `role_management.update_definition`.
    RoleManagementUpdateDefinitionOptions {
        /// `description`, of type `string`.
        description: String = "description",
        /// `isEnabled`, of type `bool`.
        is_enabled: bool = "isEnabled",
    }
}
