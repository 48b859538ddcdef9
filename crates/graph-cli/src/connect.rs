//! From a system's connection to a client, and the tenant that it is for.

use std::error::Error as _;

use graph_dsl::{ConnectError, Runner, Surroundings};
use graph_transport::{Cloud, CredentialError, Error, GraphClient, TenantId};
use http::StatusCode;

use crate::failure::Failure;
use crate::notice::Notice;
use crate::person::surroundings;
use crate::system::Loaded;

/// The runner of a system's commands; nothing is sent yet.
pub(crate) fn runner(loaded: &Loaded) -> Result<Runner, Failure> {
    let around = surroundings(&loaded.sign_ins);
    Runner::connect_with(&loaded.settings()?, &around).map_err(|error| unusable(&error))
}

/// The client of a system; nothing is sent yet.
pub(crate) fn client(loaded: &Loaded) -> Result<GraphClient, Failure> {
    client_with(loaded, &surroundings(&loaded.sign_ins))
}

/// The same with surroundings of the caller's own.
pub(crate) fn client_with(loaded: &Loaded, around: &Surroundings) -> Result<GraphClient, Failure> {
    graph_dsl::connect_with(&loaded.settings()?, around).map_err(|error| unusable(&error))
}

/// The cloud alone, for showing requests: credentials may be missing.
pub(crate) fn cloud(loaded: &Loaded) -> Result<Cloud, Failure> {
    graph_dsl::cloud_of(&loaded.settings_without_credentials()?).map_err(|error| unusable(&error))
}

fn unusable(error: &ConnectError) -> Failure {
    let failure = Failure::usage(format!("failed to {error}"));
    error.source().into_iter().fold(failure, Failure::because)
}

/// The GUID that a store is pinned to: the one in the issuer of the authority's OpenID
/// configuration. An emulator may have none; then the configured GUID counts, which is said.
pub(crate) async fn tenant(client: &GraphClient, notice: Notice) -> Result<TenantId, Failure> {
    match client.tenant_id().await {
        Ok(tenant) => Ok(tenant),
        Err(error) if has_no_document(&error) => {
            let configured = client.configured_tenant().and_then(TenantId::parse);
            let tenant = configured.ok_or_else(|| {
                Failure::from(error).hint("name the tenant by its GUID in `tenant_id`, because the authority does not tell it")
            })?;
            notice.say(&format!("the authority has no OpenID configuration; taking tenant {tenant} from the connection"));
            Ok(tenant)
        }
        Err(error) => Err(error.into()),
    }
}

fn has_no_document(error: &Error) -> bool {
    match error {
        Error::Credential(CredentialError::NoConfiguration(refusal)) => {
            refusal.status == StatusCode::NOT_FOUND
        }
        Error::Credential(error) => matches!(error, CredentialError::Unusable(_)),
        _ => false,
    }
}
