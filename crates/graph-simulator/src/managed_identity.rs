//! Managed identities: what a machine in Azure signs in as, without a secret.

use std::path::PathBuf;

/// A managed identity that the metadata endpoints of the simulator hand out tokens for
/// (facts: graph-protocol 2.2).
///
/// Endpoints, all on the simulator's own address:
/// `/metadata/identity/oauth2/token` as the instance metadata service of a virtual machine or, with
/// [`crate::SimulatorBuilder::arc_keys`] and its `api-version`s, as the agent of Azure Arc;
/// `/msi/token` as App Service, which asks for the header that
/// [`crate::Simulator::identity_header`] tells.
#[derive(Clone, Debug)]
#[must_use]
pub struct ManagedIdentity {
    pub(crate) client_id: String,
    pub(crate) object_id: String,
    pub(crate) resource_id: Option<String>,
    pub(crate) roles: Vec<String>,
    /// Whether requests that name no identity mean this one.
    pub(crate) system_assigned: bool,
}

impl ManagedIdentity {
    /// The identity of the machine itself.
    pub fn system_assigned<P: Into<String>>(
        client_id: impl Into<String>,
        object_id: impl Into<String>,
        permissions: impl IntoIterator<Item = P>,
    ) -> Self {
        Self {
            client_id: client_id.into(),
            object_id: object_id.into(),
            resource_id: None,
            roles: permissions.into_iter().map(Into::into).collect(),
            system_assigned: true,
        }
    }

    /// An identity that was assigned to the machine: requests name it.
    pub fn user_assigned<P: Into<String>>(
        client_id: impl Into<String>,
        object_id: impl Into<String>,
        permissions: impl IntoIterator<Item = P>,
    ) -> Self {
        Self { system_assigned: false, ..Self::system_assigned(client_id, object_id, permissions) }
    }

    /// The Azure resource id, another name in requests.
    pub fn resource_id(mut self, id: impl Into<String>) -> Self {
        self.resource_id = Some(id.into());
        self
    }
}

/// The metadata endpoints of a machine.
#[derive(Clone, Debug, Default)]
pub(crate) struct Machine {
    pub(crate) identities: Vec<ManagedIdentity>,
    /// What App Service asks for in `X-IDENTITY-HEADER`.
    pub(crate) header: String,
    /// Where the agent of Azure Arc keeps its keys.
    pub(crate) arc_keys: Option<PathBuf>,
}
