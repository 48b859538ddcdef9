//! Workload identity federation: a token of another issuer instead of a secret.

use super::app::{App, Proof, names_app, takes_scope};
use super::{AccessToken, BoxFuture, Credential, CredentialError, ManagedIdentity, TokenRequest};
use crate::secret_source::{SecretFile, SecretSource};

/// The client-credentials grant with a token of Kubernetes, GitHub or another trusted issuer as the
/// assertion, sent unchanged (facts: graph-protocol 2.1). It is read anew for each token (U25).
#[derive(Debug)]
pub struct WorkloadIdentity {
    app: App,
    assertion: Assertion,
}

#[derive(Debug)]
enum Assertion {
    Source(Box<dyn SecretSource>),
    ManagedIdentity(ManagedIdentity),
}

impl WorkloadIdentity {
    /// The federated token is whatever `source` gives, for example a [`SecretFile`].
    pub fn new(
        tenant: impl Into<String>,
        client_id: impl Into<String>,
        source: impl SecretSource,
    ) -> Self {
        let assertion = Assertion::Source(Box::new(source));
        Self { app: App::new(tenant, client_id), assertion }
    }

    /// A managed identity of this machine is trusted by the app: its token for the cloud's
    /// token-exchange audience is the assertion.
    pub fn from_managed_identity(
        tenant: impl Into<String>,
        client_id: impl Into<String>,
        identity: ManagedIdentity,
    ) -> Self {
        let assertion = Assertion::ManagedIdentity(identity);
        Self { app: App::new(tenant, client_id), assertion }
    }

    /// As the Kubernetes webhook sets a pod up: `AZURE_TENANT_ID`, `AZURE_CLIENT_ID` and
    /// `AZURE_FEDERATED_TOKEN_FILE`, read through `variable`; the library reads no environment itself.
    ///
    /// # Errors
    /// [`CredentialError::NotHere`] names the variable that is missing.
    pub fn from_environment(
        variable: impl Fn(&str) -> Option<String>,
    ) -> Result<Self, CredentialError> {
        let required = |name: &str| {
            variable(name).filter(|value| !value.is_empty()).ok_or_else(|| {
                CredentialError::NotHere {
                    what: "the workload identity",
                    reason: format!("the environment variable `{name}` is not set"),
                }
            })
        };
        // Its mode is the pod's affair, and whoever shares the pod shares the identity.
        let file = SecretFile::managed(required("AZURE_FEDERATED_TOKEN_FILE")?);
        Ok(Self::new(required("AZURE_TENANT_ID")?, required("AZURE_CLIENT_ID")?, file))
    }

    takes_scope! {
        /// Asks for another scope than the cloud's own.
    }
}

impl Credential for WorkloadIdentity {
    names_app!();

    fn token<'a>(
        &'a self,
        request: &'a TokenRequest<'a>,
    ) -> BoxFuture<'a, Result<AccessToken, CredentialError>> {
        Box::pin(async move {
            let assertion = match &self.assertion {
                Assertion::Source(source) => {
                    let read = source.read().await;
                    read.map_err(|error| CredentialError::source(source.name(), error))?
                }
                Assertion::ManagedIdentity(identity) => {
                    let audience = request.cloud().token_exchange_audience().ok_or(
                        CredentialError::Unusable("the cloud has no known token-exchange audience"),
                    )?;
                    identity.token_for(request, audience).await?.secret
                }
            };
            self.app.client_credentials(request, Proof::Assertion(&assertion)).await
        })
    }

    fn cache_key(&self) -> Option<String> {
        Some(self.app.cache_key("workload identity"))
    }
}
