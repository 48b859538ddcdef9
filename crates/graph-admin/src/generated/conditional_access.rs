//! Commands of `conditional_access`. Written by `cargo xtask codegen`; do not edit.

use graph_dsl::{Arguments, Envelope};

use crate::options::options;
use crate::{Admin, AdminError};

/// Commands of `conditional_access`.
#[derive(Clone, Copy, Debug)]
pub struct ConditionalAccess<'a>(pub(crate) &'a Admin);

impl ConditionalAccess<'_> {
    /// Name a set of IP ranges or countries for conditional access.
    ///
    /// `POST /v1.0/identity/conditionalAccess/namedLocations`; least application permission: `Policy.Read.All + Policy.ReadWrite.ConditionalAccess`.
    ///
    /// Not offered in `bleu`, `delos`, `govsg`.
    ///
    /// `display_name` is of type `string`.
    ///
    /// `type_` is of type `enum`.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn create_named_location(
        &self,
        display_name: &str,
        type_: &str,
        options: ConditionalAccessCreateNamedLocationOptions,
    ) -> Result<Envelope, AdminError> {
        let arguments =
            options.beside(Arguments::new().with("displayName", display_name).with("type", type_));
        self.0.run("conditional_access.create_named_location", arguments).await
    }

    /// Create a conditional access policy; it only reports until its state is `enabled`.
    ///
    /// `POST /v1.0/identity/conditionalAccess/policies`; least application permission: `Policy.Read.All + Policy.ReadWrite.ConditionalAccess + Application.Read.All`.
    ///
    /// Needs a Microsoft Entra ID P1 licence.
    ///
    /// Not offered in `bleu`, `delos`, `govsg`.
    ///
    /// `display_name` is of type `string`.
    ///
    /// `conditions` is of type `object`: Whom, what and when it applies to.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn create_policy(
        &self,
        display_name: &str,
        conditions: serde_json::Value,
        options: ConditionalAccessCreatePolicyOptions,
    ) -> Result<Envelope, AdminError> {
        let arguments = options.beside(
            Arguments::new().with("displayName", display_name).with("conditions", conditions),
        );
        self.0.run("conditional_access.create_policy", arguments).await
    }

    /// Delete a named location; one that is trusted or in use is refused.
    ///
    /// `DELETE /v1.0/identity/conditionalAccess/namedLocations/{location_id}`; least application permission: `Policy.Read.All + Policy.ReadWrite.ConditionalAccess`.
    ///
    /// Not offered in `bleu`, `delos`, `govsg`.
    ///
    /// `location_id` is of type `guid`: The named location.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn delete_named_location(&self, location_id: &str) -> Result<Envelope, AdminError> {
        let arguments = Arguments::new().with("location_id", location_id);
        self.0.run("conditional_access.delete_named_location", arguments).await
    }

    /// Delete a conditional access policy.
    ///
    /// `DELETE /v1.0/identity/conditionalAccess/policies/{id}`; least application permission: `Policy.Read.All + Policy.ReadWrite.ConditionalAccess`.
    ///
    /// Needs a Microsoft Entra ID P1 licence.
    ///
    /// Not offered in `bleu`, `delos`, `govsg`.
    ///
    /// `id` is of type `guid`: The policy.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn delete_policy(&self, id: &str) -> Result<Envelope, AdminError> {
        let arguments = Arguments::new().with("id", id);
        self.0.run("conditional_access.delete_policy", arguments).await
    }

    /// Get a conditional access policy.
    ///
    /// `GET /v1.0/identity/conditionalAccess/policies/{id}`; least application permission: `Policy.Read.All`.
    ///
    /// Not offered in `bleu`, `delos`, `govsg`.
    ///
    /// `id` is of type `guid`: The policy.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn get_policy(&self, id: &str) -> Result<Envelope, AdminError> {
        let arguments = Arguments::new().with("id", id);
        self.0.run("conditional_access.get_policy", arguments).await
    }

    /// List the named locations that conditional access knows.
    ///
    /// `GET /v1.0/identity/conditionalAccess/namedLocations`; least application permission: `Policy.Read.All`.
    ///
    /// Not offered in `bleu`, `delos`, `govsg`.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn list_named_locations(
        &self,
        options: ConditionalAccessListNamedLocationsOptions,
    ) -> Result<Envelope, AdminError> {
        let arguments = options.beside(Arguments::new());
        self.0.run("conditional_access.list_named_locations", arguments).await
    }

    /// List the conditional access policies.
    ///
    /// `GET /v1.0/identity/conditionalAccess/policies`; least application permission: `Policy.Read.All`.
    ///
    /// Not offered in `bleu`, `delos`, `govsg`.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn list_policies(
        &self,
        options: ConditionalAccessListPoliciesOptions,
    ) -> Result<Envelope, AdminError> {
        let arguments = options.beside(Arguments::new());
        self.0.run("conditional_access.list_policies", arguments).await
    }

    /// Switch a conditional access policy on or off, or let it only report.
    ///
    /// `PATCH /v1.0/identity/conditionalAccess/policies/{id}`; least application permission: `Policy.Read.All + Policy.ReadWrite.ConditionalAccess + Application.Read.All`.
    ///
    /// Needs a Microsoft Entra ID P1 licence.
    ///
    /// Not offered in `bleu`, `delos`, `govsg`.
    ///
    /// `id` is of type `guid`: The policy.
    ///
    /// `state` is of type `enum`.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn set_policy_state(&self, id: &str, state: &str) -> Result<Envelope, AdminError> {
        let arguments = Arguments::new().with("id", id).with("state", state);
        self.0.run("conditional_access.set_policy_state", arguments).await
    }

    /// Change a named location; lists are replaced as a whole.
    ///
    /// `PATCH /v1.0/identity/conditionalAccess/namedLocations/{location_id}`; least application permission: `Policy.Read.All + Policy.ReadWrite.ConditionalAccess`.
    ///
    /// Not offered in `bleu`, `delos`, `govsg`.
    ///
    /// `location_id` is of type `guid`: The named location.
    ///
    /// `type_` is of type `enum`.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn update_named_location(
        &self,
        location_id: &str,
        type_: &str,
        options: ConditionalAccessUpdateNamedLocationOptions,
    ) -> Result<Envelope, AdminError> {
        let arguments =
            options.beside(Arguments::new().with("location_id", location_id).with("type", type_));
        self.0.run("conditional_access.update_named_location", arguments).await
    }

    /// Change a conditional access policy; an object that is given replaces the old one.
    ///
    /// `PATCH /v1.0/identity/conditionalAccess/policies/{id}`; least application permission: `Policy.Read.All + Policy.ReadWrite.ConditionalAccess + Application.Read.All`.
    ///
    /// Needs a Microsoft Entra ID P1 licence.
    ///
    /// Not offered in `bleu`, `delos`, `govsg`.
    ///
    /// `id` is of type `guid`: The policy.
    ///
    /// # Errors
    /// Arguments that do not fit, before anything is sent.
    pub async fn update_policy(
        &self,
        id: &str,
        options: ConditionalAccessUpdatePolicyOptions,
    ) -> Result<Envelope, AdminError> {
        let arguments = options.beside(Arguments::new().with("id", id));
        self.0.run("conditional_access.update_policy", arguments).await
    }
}

options! {
    /// Optional arguments of `conditional_access.create_named_location`.
    ConditionalAccessCreateNamedLocationOptions {
        /// Of IP ranges.
        is_trusted: bool = "isTrusted",
        /// Objects with `@odata.type` and `cidrAddress`.
        ip_ranges: serde_json::Value = "ipRanges",
        /// Two-letter codes.
        countries_and_regions: serde_json::Value = "countriesAndRegions",
        /// `countryLookupMethod`, of type `enum`.
        country_lookup_method: String = "countryLookupMethod",
        /// `includeUnknownCountriesAndRegions`, of type `bool`.
        include_unknown_countries_and_regions: bool = "includeUnknownCountriesAndRegions",
    }
}

options! {
    /// Optional arguments of `conditional_access.create_policy`.
    ConditionalAccessCreatePolicyOptions {
        /// `state`, of type `enum`.
        state: String = "state",
        /// What is asked for, such as `mfa`.
        grant_controls: serde_json::Value = "grantControls",
        /// `sessionControls`, of type `object`.
        session_controls: serde_json::Value = "sessionControls",
    }
}

options! {
    /// Optional arguments of `conditional_access.list_named_locations`.
    ConditionalAccessListNamedLocationsOptions {
        /// Properties to return.
        select: serde_json::Value = "select",
        /// An OData filter.
        filter: String = "filter",
        /// Objects per page (at most 999).
        top: i64 = "top",
    }
}

options! {
    /// Optional arguments of `conditional_access.list_policies`.
    ConditionalAccessListPoliciesOptions {
        /// Properties to return.
        select: serde_json::Value = "select",
        /// An OData filter.
        filter: String = "filter",
        /// Objects per page (at most 999).
        top: i64 = "top",
    }
}

options! {
    /// Optional arguments of `conditional_access.update_named_location`.
    ConditionalAccessUpdateNamedLocationOptions {
        /// `displayName`, of type `string`.
        display_name: String = "displayName",
        /// Of IP ranges.
        is_trusted: bool = "isTrusted",
        /// Objects with `@odata.type` and `cidrAddress`.
        ip_ranges: serde_json::Value = "ipRanges",
        /// Two-letter codes.
        countries_and_regions: serde_json::Value = "countriesAndRegions",
        /// `countryLookupMethod`, of type `enum`.
        country_lookup_method: String = "countryLookupMethod",
        /// `includeUnknownCountriesAndRegions`, of type `bool`.
        include_unknown_countries_and_regions: bool = "includeUnknownCountriesAndRegions",
    }
}

options! {
    /// Optional arguments of `conditional_access.update_policy`.
    ConditionalAccessUpdatePolicyOptions {
        /// `displayName`, of type `string`.
        display_name: String = "displayName",
        /// `state`, of type `enum`.
        state: String = "state",
        /// `conditions`, of type `object`.
        conditions: serde_json::Value = "conditions",
        /// What is asked for, such as `mfa`.
        grant_controls: serde_json::Value = "grantControls",
        /// `sessionControls`, of type `object`.
        session_controls: serde_json::Value = "sessionControls",
    }
}
