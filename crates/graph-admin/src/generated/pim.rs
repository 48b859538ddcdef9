//! Commands of `pim`. Written by `cargo xtask codegen`; do not edit.

use graph_dsl::{Arguments, Envelope};

use crate::options::options;
use crate::{Admin, AdminError};

/// Commands of `pim`.
#[derive(Clone, Copy, Debug)]
pub struct Pim<'a>(pub(crate) &'a Admin);

impl Pim<'_> {
    /// Withdraw a request for a directory role that is not yet carried out.
    ///
    /// `POST /v1.0/roleManagement/directory/roleAssignmentScheduleRequests/{request_id}/cancel`; least application permission: `RoleAssignmentSchedule.ReadWrite.Directory`.
    ///
    /// Needs a Microsoft Entra ID P2 licence.
    ///
    /// Not offered in `delos`, `govsg`.
    ///
    /// `request_id` is of type `guid`: The request.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn cancel_role_request(&self, request_id: &str) -> Result<Envelope, AdminError> {
        let arguments = Arguments::new().with("request_id", request_id);
        self.0.run("pim.cancel_role_request", arguments).await
    }

    /// List who holds which directory role now.
    ///
    /// `GET /v1.0/roleManagement/directory/roleAssignmentScheduleInstances`; least application permission: `RoleAssignmentSchedule.Read.Directory`.
    ///
    /// Needs a Microsoft Entra ID P2 licence.
    ///
    /// Not offered in `delos`, `govsg`.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn list_role_assignment_instances(
        &self,
        options: PimListRoleAssignmentInstancesOptions,
    ) -> Result<Envelope, AdminError> {
        let arguments = options.beside(Arguments::new());
        self.0.run("pim.list_role_assignment_instances", arguments).await
    }

    /// List the requests to assign, activate and remove directory roles.
    ///
    /// `GET /v1.0/roleManagement/directory/roleAssignmentScheduleRequests`; least application permission: `RoleAssignmentSchedule.ReadWrite.Directory`.
    ///
    /// Needs a Microsoft Entra ID P2 licence.
    ///
    /// Not offered in `delos`, `govsg`.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn list_role_assignment_requests(
        &self,
        options: PimListRoleAssignmentRequestsOptions,
    ) -> Result<Envelope, AdminError> {
        let arguments = options.beside(Arguments::new());
        self.0.run("pim.list_role_assignment_requests", arguments).await
    }

    /// List who holds which directory role, now and later.
    ///
    /// `GET /v1.0/roleManagement/directory/roleAssignmentSchedules`; least application permission: `RoleAssignmentSchedule.Read.Directory`.
    ///
    /// Needs a Microsoft Entra ID P2 licence.
    ///
    /// Not offered in `delos`, `govsg`.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn list_role_assignment_schedules(
        &self,
        options: PimListRoleAssignmentSchedulesOptions,
    ) -> Result<Envelope, AdminError> {
        let arguments = options.beside(Arguments::new());
        self.0.run("pim.list_role_assignment_schedules", arguments).await
    }

    /// List who may activate which directory role now.
    ///
    /// `GET /v1.0/roleManagement/directory/roleEligibilityScheduleInstances`; least application permission: `RoleEligibilitySchedule.Read.Directory`.
    ///
    /// Needs a Microsoft Entra ID P2 licence.
    ///
    /// Not offered in `delos`, `govsg`.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn list_role_eligibility_instances(
        &self,
        options: PimListRoleEligibilityInstancesOptions,
    ) -> Result<Envelope, AdminError> {
        let arguments = options.beside(Arguments::new());
        self.0.run("pim.list_role_eligibility_instances", arguments).await
    }

    /// List who may activate which directory role, now and later.
    ///
    /// `GET /v1.0/roleManagement/directory/roleEligibilitySchedules`; least application permission: `RoleEligibilitySchedule.Read.Directory`.
    ///
    /// Needs a Microsoft Entra ID P2 licence.
    ///
    /// Not offered in `delos`, `govsg`.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn list_role_eligibility_schedules(
        &self,
        options: PimListRoleEligibilitySchedulesOptions,
    ) -> Result<Envelope, AdminError> {
        let arguments = options.beside(Arguments::new());
        self.0.run("pim.list_role_eligibility_schedules", arguments).await
    }

    /// Let someone no longer activate a directory role.
    ///
    /// `POST /v1.0/roleManagement/directory/roleEligibilityScheduleRequests`; least application permission: `RoleEligibilitySchedule.ReadWrite.Directory`.
    ///
    /// Needs a Microsoft Entra ID P2 licence.
    ///
    /// Not offered in `delos`, `govsg`.
    ///
    /// `principal_id` is of type `guid`: Who it is for.
    ///
    /// `role_definition_id` is of type `guid`: The role.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn remove_role_eligibility(
        &self,
        principal_id: &str,
        role_definition_id: &str,
        options: PimRemoveRoleEligibilityOptions,
    ) -> Result<Envelope, AdminError> {
        let arguments = options.beside(
            Arguments::new()
                .with("principalId", principal_id)
                .with("roleDefinitionId", role_definition_id),
        );
        self.0.run("pim.remove_role_eligibility", arguments).await
    }

    /// Assign a directory role for a time, or activate one that the signed-in user is eligible for.
    ///
    /// `POST /v1.0/roleManagement/directory/roleAssignmentScheduleRequests`; least application permission: `RoleAssignmentSchedule.ReadWrite.Directory`.
    ///
    /// Needs a Microsoft Entra ID P2 licence.
    ///
    /// Not offered in `delos`, `govsg`.
    ///
    /// `principal_id` is of type `guid`: Who it is for.
    ///
    /// `role_definition_id` is of type `guid`: The role.
    ///
    /// `schedule_info` is of type `object`: `startDateTime` and `expiration`.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn request_role_assignment(
        &self,
        principal_id: &str,
        role_definition_id: &str,
        schedule_info: serde_json::Value,
        options: PimRequestRoleAssignmentOptions,
    ) -> Result<Envelope, AdminError> {
        let arguments = options.beside(
            Arguments::new()
                .with("principalId", principal_id)
                .with("roleDefinitionId", role_definition_id)
                .with("scheduleInfo", schedule_info),
        );
        self.0.run("pim.request_role_assignment", arguments).await
    }

    /// Let someone activate a directory role.
    ///
    /// `POST /v1.0/roleManagement/directory/roleEligibilityScheduleRequests`; least application permission: `RoleEligibilitySchedule.ReadWrite.Directory`.
    ///
    /// Needs a Microsoft Entra ID P2 licence.
    ///
    /// Not offered in `delos`, `govsg`.
    ///
    /// `principal_id` is of type `guid`: Who it is for.
    ///
    /// `role_definition_id` is of type `guid`: The role.
    ///
    /// `schedule_info` is of type `object`: `startDateTime` and `expiration`.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn request_role_eligibility(
        &self,
        principal_id: &str,
        role_definition_id: &str,
        schedule_info: serde_json::Value,
        options: PimRequestRoleEligibilityOptions,
    ) -> Result<Envelope, AdminError> {
        let arguments = options.beside(
            Arguments::new()
                .with("principalId", principal_id)
                .with("roleDefinitionId", role_definition_id)
                .with("scheduleInfo", schedule_info),
        );
        self.0.run("pim.request_role_eligibility", arguments).await
    }

    /// End the assignment of a directory role, or deactivate one that the signed-in user activated.
    ///
    /// `POST /v1.0/roleManagement/directory/roleAssignmentScheduleRequests`; least application permission: `RoleAssignmentSchedule.ReadWrite.Directory`.
    ///
    /// Needs a Microsoft Entra ID P2 licence.
    ///
    /// Not offered in `delos`, `govsg`.
    ///
    /// `principal_id` is of type `guid`: Who it is for.
    ///
    /// `role_definition_id` is of type `guid`: The role.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn request_role_removal(
        &self,
        principal_id: &str,
        role_definition_id: &str,
        options: PimRequestRoleRemovalOptions,
    ) -> Result<Envelope, AdminError> {
        let arguments = options.beside(
            Arguments::new()
                .with("principalId", principal_id)
                .with("roleDefinitionId", role_definition_id),
        );
        self.0.run("pim.request_role_removal", arguments).await
    }
}

options! {
    /// Optional arguments of `pim.list_role_assignment_instances`.
    PimListRoleAssignmentInstancesOptions {
        /// Properties to return.
        select: serde_json::Value = "select",
        /// An OData filter.
        filter: String = "filter",
        /// A related object to return as well.
        expand: String = "expand",
    }
}

options! {
    /// Optional arguments of `pim.list_role_assignment_requests`.
    PimListRoleAssignmentRequestsOptions {
        /// Properties to return.
        select: serde_json::Value = "select",
        /// An OData filter.
        filter: String = "filter",
        /// A related object to return as well.
        expand: String = "expand",
    }
}

options! {
    /// Optional arguments of `pim.list_role_assignment_schedules`.
    PimListRoleAssignmentSchedulesOptions {
        /// Properties to return.
        select: serde_json::Value = "select",
        /// An OData filter.
        filter: String = "filter",
        /// A related object to return as well.
        expand: String = "expand",
    }
}

options! {
    /// Optional arguments of `pim.list_role_eligibility_instances`.
    PimListRoleEligibilityInstancesOptions {
        /// Properties to return.
        select: serde_json::Value = "select",
        /// An OData filter.
        filter: String = "filter",
        /// A related object to return as well.
        expand: String = "expand",
    }
}

options! {
    /// Optional arguments of `pim.list_role_eligibility_schedules`.
    PimListRoleEligibilitySchedulesOptions {
        /// Properties to return.
        select: serde_json::Value = "select",
        /// An OData filter.
        filter: String = "filter",
        /// A related object to return as well.
        expand: String = "expand",
    }
}

options! {
    /// Optional arguments of `pim.remove_role_eligibility`.
    PimRemoveRoleEligibilityOptions {
        /// `/` for the tenant.
        directory_scope_id: String = "directoryScopeId",
        /// `justification`, of type `string`.
        justification: String = "justification",
        /// With `ticketNumber` and `ticketSystem`.
        ticket_info: serde_json::Value = "ticketInfo",
        /// Whether Graph only checks the request: a dry run by the service.
        is_validation_only: bool = "isValidationOnly",
    }
}

options! {
    /// Optional arguments of `pim.request_role_assignment`.
    PimRequestRoleAssignmentOptions {
        /// `action`, of type `enum`.
        action: String = "action",
        /// `/` for the tenant.
        directory_scope_id: String = "directoryScopeId",
        /// `justification`, of type `string`.
        justification: String = "justification",
        /// With `ticketNumber` and `ticketSystem`.
        ticket_info: serde_json::Value = "ticketInfo",
        /// Whether Graph only checks the request: a dry run by the service.
        is_validation_only: bool = "isValidationOnly",
    }
}

options! {
    /// Optional arguments of `pim.request_role_eligibility`.
    PimRequestRoleEligibilityOptions {
        /// `action`, of type `enum`.
        action: String = "action",
        /// `/` for the tenant.
        directory_scope_id: String = "directoryScopeId",
        /// `justification`, of type `string`.
        justification: String = "justification",
        /// With `ticketNumber` and `ticketSystem`.
        ticket_info: serde_json::Value = "ticketInfo",
        /// Whether Graph only checks the request: a dry run by the service.
        is_validation_only: bool = "isValidationOnly",
    }
}

options! {
    /// Optional arguments of `pim.request_role_removal`.
    PimRequestRoleRemovalOptions {
        /// `action`, of type `enum`.
        action: String = "action",
        /// `/` for the tenant.
        directory_scope_id: String = "directoryScopeId",
        /// `justification`, of type `string`.
        justification: String = "justification",
        /// With `ticketNumber` and `ticketSystem`.
        ticket_info: serde_json::Value = "ticketInfo",
        /// Whether Graph only checks the request: a dry run by the service.
        is_validation_only: bool = "isValidationOnly",
    }
}
