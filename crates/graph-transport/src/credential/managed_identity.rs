//! Managed identities: the token comes from the machine that the program runs on.

mod arc;
mod endpoint;

use std::path::PathBuf;
use std::time::Duration;

use http::{HeaderMap, StatusCode};

use self::endpoint::Endpoint;
use super::request::{TokenAnswer, read};
use super::{AccessToken, BoxFuture, Credential, CredentialError, TokenRequest};
use crate::secret::Secret;

/// A managed identity of a virtual machine (instance metadata service), of App Service, Functions or
/// Container Apps, or of a server connected through Azure Arc (facts: graph-protocol 2.2).
///
/// Its endpoint is plain http on this machine; nothing else in this crate can reach it (SEC-A16), and
/// it is never asked through a proxy.
#[derive(Clone, Debug)]
pub struct ManagedIdentity {
    endpoint: Endpoint,
    user_assigned: Option<UserAssigned>,
    tenant: Option<String>,
}

/// Which of several identities of a machine.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum UserAssigned {
    /// Its client id.
    ClientId(String),
    /// The object id of its service principal.
    ObjectId(String),
    /// Its full Azure resource id, `/subscriptions/…`.
    ResourceId(String),
}

/// From this life on a token is renewed at its half (facts: graph-protocol 2.5).
const LONG_LIFE: Duration = Duration::from_secs(7_200);

impl ManagedIdentity {
    /// Of a virtual machine, a scale set or a Kubernetes node: `http://169.254.169.254`.
    pub fn virtual_machine() -> Self {
        Self::at(Endpoint::Imds)
    }

    /// Of App Service, Functions, Automation or Container Apps: the values of `IDENTITY_ENDPOINT` and `IDENTITY_HEADER`.
    ///
    /// # Errors
    /// An endpoint that is not on this machine or its private network.
    pub fn app_service(endpoint: &str, header: Secret) -> Result<Self, CredentialError> {
        Ok(Self::at(Endpoint::AppService { url: endpoint::local(endpoint)?, header }))
    }

    /// Of a server connected through Azure Arc. `tokens` is the agent's token directory, the only
    /// place that a challenge may point into; on Linux `/var/opt/azcmagent/tokens`.
    ///
    /// # Errors
    /// An endpoint that is not on this machine.
    pub fn azure_arc(endpoint: &str, tokens: impl Into<PathBuf>) -> Result<Self, CredentialError> {
        Ok(Self::at(Endpoint::Arc { url: endpoint::local(endpoint)?, tokens: tokens.into() }))
    }

    /// Whatever this process runs in, from `IDENTITY_ENDPOINT`, `IDENTITY_HEADER` and `IMDS_ENDPOINT`
    /// read through `variable`; without them, a virtual machine.
    ///
    /// # Errors
    /// An endpoint that is not local, or Service Fabric, which is not supported.
    pub fn from_environment(
        variable: impl Fn(&str) -> Option<String>,
    ) -> Result<Self, CredentialError> {
        let set = |name: &str| variable(name).filter(|value| !value.is_empty());
        match (set("IDENTITY_ENDPOINT"), set("IDENTITY_HEADER"), set("IMDS_ENDPOINT")) {
            (Some(_), Some(_), _) if set("IDENTITY_SERVER_THUMBPRINT").is_some() => {
                Err(CredentialError::NotHere {
                    what: "the managed identity",
                    reason: "Service Fabric is not supported".to_owned(),
                })
            }
            (Some(endpoint), Some(header), _) => Self::app_service(&endpoint, header.into()),
            (Some(endpoint), None, Some(_)) => {
                Self::azure_arc(&endpoint, arc::token_directory(set("ProgramData")))
            }
            _ => Ok(Self::virtual_machine()),
        }
    }

    /// One of the user-assigned identities of the machine; without, its system-assigned one.
    #[must_use]
    pub fn user_assigned(mut self, identity: UserAssigned) -> Self {
        self.user_assigned = Some(identity);
        self
    }

    /// The tenant that the identity is in, which it does not tell itself.
    #[must_use]
    pub fn tenant(mut self, tenant: impl Into<String>) -> Self {
        self.tenant = Some(tenant.into());
        self
    }

    fn at(endpoint: Endpoint) -> Self {
        Self { endpoint, user_assigned: None, tenant: None }
    }

    /// A token for any resource: Graph, or the audience of a token exchange.
    pub(super) async fn token_for(
        &self,
        request: &TokenRequest<'_>,
        resource: &str,
    ) -> Result<AccessToken, CredentialError> {
        let url = self.endpoint.url(resource, self.user_assigned.as_ref())?;
        let headers = self.endpoint.headers()?;
        let mut answer = request.get_metadata(&url, headers, self.endpoint.name()).await?;
        if let (Endpoint::Arc { tokens, .. }, StatusCode::UNAUTHORIZED) =
            (&self.endpoint, answer.status())
        {
            let key = arc::challenge_key(answer.headers(), tokens).await?;
            let mut headers: HeaderMap = self.endpoint.headers()?;
            headers.insert(http::header::AUTHORIZATION, key);
            answer = request.get_metadata(&url, headers, self.endpoint.name()).await?;
        }
        match answer.status() {
            status if status.is_success() => {}
            StatusCode::BAD_REQUEST => {
                return Err(CredentialError::NotHere {
                    what: "the managed identity",
                    reason: "no such identity is assigned to this machine".to_owned(),
                });
            }
            _ => return Err(request.refused(&answer)),
        }
        let mut token = read::<TokenAnswer>(&answer)?.into_token(request.now());
        token.refresh_in = token
            .refresh_in
            .or_else(|| token.expires_in.filter(|life| *life >= LONG_LIFE).map(|life| life / 2));
        Ok(token)
    }
}

impl Credential for ManagedIdentity {
    fn tenant(&self) -> Option<&str> {
        self.tenant.as_deref()
    }

    fn token<'a>(
        &'a self,
        request: &'a TokenRequest<'a>,
    ) -> BoxFuture<'a, Result<AccessToken, CredentialError>> {
        Box::pin(async move { self.token_for(request, request.cloud().graph_root()).await })
    }

    fn cache_key(&self) -> Option<String> {
        Some(format!("managed identity {:?} {:?}", self.endpoint.name(), self.user_assigned))
    }
}

#[cfg(test)]
mod tests;
