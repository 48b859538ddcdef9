//! Commands of `group`. Written by `cargo xtask codegen`; do not edit.

use graph_dsl::{Arguments, Envelope};

use crate::options::options;
use crate::{Admin, AdminError};

/// Commands of `group`.
#[derive(Clone, Copy, Debug)]
pub struct Group<'a>(pub(crate) &'a Admin);

impl Group<'_> {
    /// Add a user, group, device or service principal to a group.
    ///
    /// `POST /v1.0/groups/{id}/members/$ref`; least application permission: `GroupMember.ReadWrite.All`.
    ///
    /// Needs write permission on the member's type.
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

    /// Let an expiration policy apply to a Microsoft 365 group.
    ///
    /// `POST /v1.0/groupLifecyclePolicies/{policy_id}/addGroup`; least application permission: `Directory.ReadWrite.All`.
    ///
    /// `id` is of type `guid`: The group.
    ///
    /// `policy_id` is of type `guid`: The policy.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn add_to_lifecycle_policy(
        &self,
        id: &str,
        policy_id: &str,
    ) -> Result<Envelope, AdminError> {
        let arguments = Arguments::new().with("id", id).with("policy_id", policy_id);
        self.0.run("group.add_to_lifecycle_policy", arguments).await
    }

    /// Assign licences to the members of a group, or take them away; Graph works on it after the answer.
    ///
    /// `POST /v1.0/groups/{id}/assignLicense`; least application permission: `LicenseAssignment.ReadWrite.All`.
    ///
    /// `id` is of type `guid`: The group.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn assign_license(
        &self,
        id: &str,
        options: GroupAssignLicenseOptions,
    ) -> Result<Envelope, AdminError> {
        let arguments = options.beside(Arguments::new().with("id", id));
        self.0.run("group.assign_license", arguments).await
    }

    /// Check which of up to 20 groups a group is a member of.
    ///
    /// `POST /v1.0/groups/{id}/checkMemberGroups`; least application permission: `GroupMember.ReadBasic.All`.
    ///
    /// `id` is of type `guid`: The group.
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
        self.0.run("group.check_member_groups", arguments).await
    }

    /// Count the groups, or those that a filter matches.
    ///
    /// `GET /v1.0/groups/$count`; least application permission: `Group.ReadBasic.All`.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn count(&self, options: GroupCountOptions) -> Result<Envelope, AdminError> {
        let arguments = options.beside(Arguments::new());
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
        let arguments = options.beside(
            Arguments::new().with("displayName", display_name).with("mailNickname", mail_nickname),
        );
        self.0.run("group.create", arguments).await
    }

    /// Create a security group whose members a rule decides.
    ///
    /// `POST /v1.0/groups`; least application permission: `Group.Create`.
    ///
    /// Needs a Microsoft Entra ID P1 licence.
    ///
    /// `display_name` is of type `string`.
    ///
    /// `mail_nickname` is of type `string`.
    ///
    /// `membership_rule` is of type `string`: Who belongs to it.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn create_dynamic(
        &self,
        display_name: &str,
        mail_nickname: &str,
        membership_rule: &str,
        options: GroupCreateDynamicOptions,
    ) -> Result<Envelope, AdminError> {
        let arguments = options.beside(
            Arguments::new()
                .with("displayName", display_name)
                .with("mailNickname", mail_nickname)
                .with("membershipRule", membership_rule),
        );
        self.0.run("group.create_dynamic", arguments).await
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
        let arguments = options.beside(
            Arguments::new().with("displayName", display_name).with("mailNickname", mail_nickname),
        );
        self.0.run("group.create_microsoft_365", arguments).await
    }

    /// Create a security group that can hold directory roles; this cannot be changed later.
    ///
    /// `POST /v1.0/groups`; least application permission: `Group.Create + RoleManagement.ReadWrite.Directory`.
    ///
    /// Needs a Microsoft Entra ID P1 licence.
    ///
    /// `display_name` is of type `string`.
    ///
    /// `mail_nickname` is of type `string`.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn create_role_assignable(
        &self,
        display_name: &str,
        mail_nickname: &str,
        options: GroupCreateRoleAssignableOptions,
    ) -> Result<Envelope, AdminError> {
        let arguments = options.beside(
            Arguments::new().with("displayName", display_name).with("mailNickname", mail_nickname),
        );
        self.0.run("group.create_role_assignable", arguments).await
    }

    /// Create the settings of groups from a template; there is one per template.
    ///
    /// `POST /v1.0/groupSettings`; least application permission: `GroupSettings.ReadWrite.All`.
    ///
    /// `template_id` is of type `guid`: The template.
    ///
    /// `values` is of type `list`: Objects with `name` and `value`.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn create_setting(
        &self,
        template_id: &str,
        values: serde_json::Value,
    ) -> Result<Envelope, AdminError> {
        let arguments = Arguments::new().with("templateId", template_id).with("values", values);
        self.0.run("group.create_setting", arguments).await
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
        let arguments = options.beside(Arguments::new());
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
        let arguments = options.beside(Arguments::new().with("id", id));
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
        let arguments = options.beside(Arguments::new().with("id", id));
        self.0.run("group.get_member_groups", arguments).await
    }

    /// Give a group a role of an application.
    ///
    /// `POST /v1.0/groups/{id}/appRoleAssignments`; least application permission: `AppRoleAssignment.ReadWrite.All`.
    ///
    /// `id` is of type `guid`: The group.
    ///
    /// `resource_id` is of type `guid`: The service principal that offers the role.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn grant_app_role(
        &self,
        id: &str,
        resource_id: &str,
        options: GroupGrantAppRoleOptions,
    ) -> Result<Envelope, AdminError> {
        let arguments =
            options.beside(Arguments::new().with("id", id).with("resourceId", resource_id));
        self.0.run("group.grant_app_role", arguments).await
    }

    /// List groups.
    ///
    /// `GET /v1.0/groups`; least application permission: `Group.ReadBasic.All`.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn list(&self, options: GroupListOptions) -> Result<Envelope, AdminError> {
        let arguments = options.beside(Arguments::new());
        self.0.run("group.list", arguments).await
    }

    /// List the applications' roles that a group was given.
    ///
    /// `GET /v1.0/groups/{id}/appRoleAssignments`; least application permission: `Directory.Read.All`.
    ///
    /// `id` is of type `guid`: The group.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn list_app_role_assignments(
        &self,
        id: &str,
        options: GroupListAppRoleAssignmentsOptions,
    ) -> Result<Envelope, AdminError> {
        let arguments = options.beside(Arguments::new().with("id", id));
        self.0.run("group.list_app_role_assignments", arguments).await
    }

    /// List groups that were deleted and can be restored.
    ///
    /// `GET /v1.0/directory/deletedItems/microsoft.graph.group`; least application permission: `Group.Read.All`.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn list_deleted(
        &self,
        options: GroupListDeletedOptions,
    ) -> Result<Envelope, AdminError> {
        let arguments = options.beside(Arguments::new());
        self.0.run("group.list_deleted", arguments).await
    }

    /// List the groups and administrative units that a group is a direct member of.
    ///
    /// `GET /v1.0/groups/{id}/memberOf`; least application permission: `GroupMember.ReadBasic.All`.
    ///
    /// `id` is of type `guid`: The group.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn list_member_of(
        &self,
        id: &str,
        options: GroupListMemberOfOptions,
    ) -> Result<Envelope, AdminError> {
        let arguments = options.beside(Arguments::new().with("id", id));
        self.0.run("group.list_member_of", arguments).await
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
        let arguments = options.beside(Arguments::new().with("id", id));
        self.0.run("group.list_members", arguments).await
    }

    /// List the direct members of a group that are of one type.
    ///
    /// `GET /v1.0/groups/{id}/members/microsoft.graph.{member_type}`; least application permission: `GroupMember.ReadBasic.All`.
    ///
    /// `id` is of type `guid`: The group.
    ///
    /// `member_type` is of type `enum`: The type to keep.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn list_members_of_type(
        &self,
        id: &str,
        member_type: &str,
        options: GroupListMembersOfTypeOptions,
    ) -> Result<Envelope, AdminError> {
        let arguments =
            options.beside(Arguments::new().with("id", id).with("member_type", member_type));
        self.0.run("group.list_members_of_type", arguments).await
    }

    /// List the members of a group whose licences could not be assigned.
    ///
    /// `GET /v1.0/groups/{id}/membersWithLicenseErrors`; least application permission: `GroupMember.Read.All + User.Read.All`.
    ///
    /// `id` is of type `guid`: The group.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn list_members_with_license_errors(
        &self,
        id: &str,
        options: GroupListMembersWithLicenseErrorsOptions,
    ) -> Result<Envelope, AdminError> {
        let arguments = options.beside(Arguments::new().with("id", id));
        self.0.run("group.list_members_with_license_errors", arguments).await
    }

    /// List the owners of a group.
    ///
    /// `GET /v1.0/groups/{id}/owners`; least application permission: `GroupMember.Read.All`.
    ///
    /// `id` is of type `guid`: The group.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn list_owners(
        &self,
        id: &str,
        options: GroupListOwnersOptions,
    ) -> Result<Envelope, AdminError> {
        let arguments = options.beside(Arguments::new().with("id", id));
        self.0.run("group.list_owners", arguments).await
    }

    /// List the settings of groups in the tenant.
    ///
    /// `GET /v1.0/groupSettings`; least application permission: `GroupSettings.Read.All`.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn list_settings(&self) -> Result<Envelope, AdminError> {
        let arguments = Arguments::new();
        self.0.run("group.list_settings", arguments).await
    }

    /// List everything that a group is a member of, through groups as well.
    ///
    /// `GET /v1.0/groups/{id}/transitiveMemberOf`; least application permission: `GroupMember.ReadBasic.All`.
    ///
    /// `id` is of type `guid`: The group.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn list_transitive_member_of(
        &self,
        id: &str,
        options: GroupListTransitiveMemberOfOptions,
    ) -> Result<Envelope, AdminError> {
        let arguments = options.beside(Arguments::new().with("id", id));
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
    pub async fn list_transitive_members(
        &self,
        id: &str,
        options: GroupListTransitiveMembersOptions,
    ) -> Result<Envelope, AdminError> {
        let arguments = options.beside(Arguments::new().with("id", id));
        self.0.run("group.list_transitive_members", arguments).await
    }

    /// Remove a deleted group for good; nothing brings it back.
    ///
    /// `DELETE /v1.0/directory/deletedItems/{id}`; least application permission: `Group.ReadWrite.All (signed-in user only)`.
    ///
    /// `id` is of type `guid`: The deleted group.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn purge(&self, id: &str) -> Result<Envelope, AdminError> {
        let arguments = Arguments::new().with("id", id);
        self.0.run("group.purge", arguments).await
    }

    /// Let an expiration policy no longer apply to a Microsoft 365 group.
    ///
    /// `POST /v1.0/groupLifecyclePolicies/{policy_id}/removeGroup`; least application permission: `Directory.ReadWrite.All`.
    ///
    /// `id` is of type `guid`: The group.
    ///
    /// `policy_id` is of type `guid`: The policy.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn remove_from_lifecycle_policy(
        &self,
        id: &str,
        policy_id: &str,
    ) -> Result<Envelope, AdminError> {
        let arguments = Arguments::new().with("id", id).with("policy_id", policy_id);
        self.0.run("group.remove_from_lifecycle_policy", arguments).await
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

    /// Restore a deleted Microsoft 365 group.
    ///
    /// `POST /v1.0/directory/deletedItems/{id}/restore`; least application permission: `Group.ReadWrite.All`.
    ///
    /// `id` is of type `guid`: The deleted group.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn restore(&self, id: &str) -> Result<Envelope, AdminError> {
        let arguments = Arguments::new().with("id", id);
        self.0.run("group.restore", arguments).await
    }

    /// Take a role of an application away from a group.
    ///
    /// `DELETE /v1.0/groups/{id}/appRoleAssignments/{assignment_id}`; least application permission: `AppRoleAssignment.ReadWrite.All`.
    ///
    /// `id` is of type `guid`: The group.
    ///
    /// `assignment_id` is of type `string`: The assignment.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn revoke_app_role(
        &self,
        id: &str,
        assignment_id: &str,
    ) -> Result<Envelope, AdminError> {
        let arguments = Arguments::new().with("id", id).with("assignment_id", assignment_id);
        self.0.run("group.revoke_app_role", arguments).await
    }

    /// Change properties of a group; what is not given stays as it is, null clears it.
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
        let arguments = options.beside(Arguments::new().with("id", id));
        self.0.run("group.update", arguments).await
    }

    /// Replace the values of a setting of groups; give all of them.
    ///
    /// `PATCH /v1.0/groupSettings/{setting_id}`; least application permission: `GroupSettings.ReadWrite.All`.
    ///
    /// `setting_id` is of type `guid`: The setting.
    ///
    /// `values` is of type `list`: Objects with `name` and `value`.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn update_setting(
        &self,
        setting_id: &str,
        values: serde_json::Value,
    ) -> Result<Envelope, AdminError> {
        let arguments = Arguments::new().with("setting_id", setting_id).with("values", values);
        self.0.run("group.update_setting", arguments).await
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
        let arguments = options.beside(
            Arguments::new()
                .with("unique_name", unique_name)
                .with("displayName", display_name)
                .with("mailNickname", mail_nickname),
        );
        self.0.run("group.upsert", arguments).await
    }
}

options! {
    /// Optional arguments of `group.assign_license`.
    GroupAssignLicenseOptions {
        /// Objects with `skuId` and `disabledPlans`.
        add_licenses: serde_json::Value = "addLicenses",
        /// SKU ids.
        remove_licenses: serde_json::Value = "removeLicenses",
    }
}

options! {
    /// Optional arguments of `group.count`.
    GroupCountOptions {
        /// An OData filter.
        filter: String = "filter",
    }
}

options! {
    /// Optional arguments of `group.create`.
    GroupCreateOptions {
        /// `description`, of type `string`.
        description: String = "description",
        /// A name of your own that makes creation repeatable.
        unique_name: String = "uniqueName",
        /// Owners from the start; at most 20 together with members.
        owner_ids: serde_json::Value = "owner_ids",
        /// Members from the start.
        member_ids: serde_json::Value = "member_ids",
    }
}

options! {
    /// Optional arguments of `group.create_dynamic`.
    GroupCreateDynamicOptions {
        /// `description`, of type `string`.
        description: String = "description",
        /// `membershipRuleProcessingState`, of type `enum`.
        membership_rule_processing_state: String = "membershipRuleProcessingState",
        /// A name of your own that makes creation repeatable.
        unique_name: String = "uniqueName",
        /// Owners from the start; at most 20.
        owner_ids: serde_json::Value = "owner_ids",
    }
}

options! {
    /// Optional arguments of `group.create_microsoft_365`.
    GroupCreateMicrosoft365Options {
        /// `description`, of type `string`.
        description: String = "description",
        /// `visibility`, of type `enum`.
        visibility: String = "visibility",
        /// A name of your own that makes creation repeatable.
        unique_name: String = "uniqueName",
        /// Owners from the start; at most 20 together with members.
        owner_ids: serde_json::Value = "owner_ids",
        /// Members from the start.
        member_ids: serde_json::Value = "member_ids",
    }
}

options! {
    /// Optional arguments of `group.create_role_assignable`.
    GroupCreateRoleAssignableOptions {
        /// `description`, of type `string`.
        description: String = "description",
        /// A name of your own that makes creation repeatable.
        unique_name: String = "uniqueName",
        /// Owners from the start; at most 20 together with members.
        owner_ids: serde_json::Value = "owner_ids",
        /// Members from the start.
        member_ids: serde_json::Value = "member_ids",
    }
}

options! {
    /// Optional arguments of `group.delta`.
    GroupDeltaOptions {
        /// Properties to return; `members` for memberships.
        select: serde_json::Value = "select",
        /// The token of the last round, or `latest`.
        deltatoken: String = "deltatoken",
    }
}

options! {
    /// Optional arguments of `group.get`.
    GroupGetOptions {
        /// Properties to return.
        select: serde_json::Value = "select",
        /// A related object to return as well.
        expand: String = "expand",
    }
}

options! {
    /// Optional arguments of `group.get_member_groups`.
    GroupGetMemberGroupsOptions {
        /// `securityEnabledOnly`, of type `bool`.
        security_enabled_only: bool = "securityEnabledOnly",
    }
}

options! {
    /// Optional arguments of `group.grant_app_role`.
    GroupGrantAppRoleOptions {
        /// The role; all zeros for access without one.
        app_role_id: String = "appRoleId",
    }
}

options! {
    /// Optional arguments of `group.list`.
    GroupListOptions {
        /// Properties to return.
        select: serde_json::Value = "select",
        /// An OData filter.
        filter: String = "filter",
        /// A search, such as `"displayName:Sales"`.
        search: String = "search",
        /// The property to sort by.
        orderby: String = "orderby",
        /// Objects per page (at most 999).
        top: i64 = "top",
    }
}

options! {
    /// Optional arguments of `group.list_app_role_assignments`.
    GroupListAppRoleAssignmentsOptions {
        /// An OData filter.
        filter: String = "filter",
        /// Objects per page (at most 999).
        top: i64 = "top",
    }
}

options! {
    /// Optional arguments of `group.list_deleted`.
    GroupListDeletedOptions {
        /// Properties to return.
        select: serde_json::Value = "select",
        /// The property to sort by.
        orderby: String = "orderby",
        /// Objects per page (at most 999).
        top: i64 = "top",
    }
}

options! {
    /// Optional arguments of `group.list_member_of`.
    GroupListMemberOfOptions {
        /// Properties to return.
        select: serde_json::Value = "select",
        /// An OData filter.
        filter: String = "filter",
        /// Objects per page (at most 999).
        top: i64 = "top",
    }
}

options! {
    /// Optional arguments of `group.list_members`.
    GroupListMembersOptions {
        /// Properties to return.
        select: serde_json::Value = "select",
        /// An OData filter.
        filter: String = "filter",
        /// Objects per page (at most 999).
        top: i64 = "top",
    }
}

options! {
    /// Optional arguments of `group.list_members_of_type`.
    GroupListMembersOfTypeOptions {
        /// Properties to return.
        select: serde_json::Value = "select",
        /// An OData filter.
        filter: String = "filter",
        /// Objects per page (at most 999).
        top: i64 = "top",
    }
}

options! {
    /// Optional arguments of `group.list_members_with_license_errors`.
    GroupListMembersWithLicenseErrorsOptions {
        /// Properties to return.
        select: serde_json::Value = "select",
    }
}

options! {
    /// Optional arguments of `group.list_owners`.
    GroupListOwnersOptions {
        /// Properties to return.
        select: serde_json::Value = "select",
        /// Objects per page (at most 999).
        top: i64 = "top",
    }
}

options! {
    /// Optional arguments of `group.list_transitive_member_of`.
    GroupListTransitiveMemberOfOptions {
        /// Properties to return.
        select: serde_json::Value = "select",
        /// An OData filter.
        filter: String = "filter",
        /// Objects per page (at most 999).
        top: i64 = "top",
    }
}

options! {
    /// Optional arguments of `group.list_transitive_members`.
    GroupListTransitiveMembersOptions {
        /// Properties to return.
        select: serde_json::Value = "select",
        /// An OData filter.
        filter: String = "filter",
        /// Objects per page (at most 999).
        top: i64 = "top",
    }
}

options! {
    /// Optional arguments of `group.update`.
    GroupUpdateOptions {
        /// `displayName`, of type `string`.
        display_name: String = "displayName",
        /// `description`, of type `string`.
        description: String = "description",
        /// `mailNickname`, of type `string`.
        mail_nickname: String = "mailNickname",
        /// `visibility`, of type `enum`.
        visibility: String = "visibility",
        /// `classification`, of type `string`.
        classification: String = "classification",
        /// For multi-geo tenants.
        preferred_data_location: String = "preferredDataLocation",
        /// Who belongs to a dynamic group.
        membership_rule: String = "membershipRule",
        /// `membershipRuleProcessingState`, of type `enum`.
        membership_rule_processing_state: String = "membershipRuleProcessingState",
        /// `uniqueName`, of type `string`.
        unique_name: String = "uniqueName",
        /// `theme`, of type `string`.
        theme: String = "theme",
        /// Not together with properties other than this and the next three.
        allow_external_senders: bool = "allowExternalSenders",
        /// `autoSubscribeNewMembers`, of type `bool`.
        auto_subscribe_new_members: bool = "autoSubscribeNewMembers",
        /// `hideFromAddressLists`, of type `bool`.
        hide_from_address_lists: bool = "hideFromAddressLists",
        /// `hideFromOutlookClients`, of type `bool`.
        hide_from_outlook_clients: bool = "hideFromOutlookClients",
    }
}

options! {
    /// Optional arguments of `group.upsert`.
    GroupUpsertOptions {
        /// `description`, of type `string`.
        description: String = "description",
    }
}
