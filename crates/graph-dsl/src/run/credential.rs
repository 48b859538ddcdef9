//! The credential that a connection describes.

use std::path::Path;
use std::sync::Arc;

use graph_transport::{
    AuthorizationCode, AzureCli, Certificate as ReadCertificate, ClientCertificate, ClientSecret,
    Cloud, Credential, CredentialError, DeviceCode, ManagedIdentity, RefreshToken, Secret,
    StaticBearer, UserAssigned, WorkloadIdentity,
};

use super::connect::ConnectError;
use super::surroundings::{PersonSignIn, Surroundings};
use crate::connection::{Authentication, Certificate, Identity};
use crate::reference::Sensitive;

/// Makes the credential; asks nobody for a token yet.
pub(super) fn credential(
    authentication: &Authentication,
    cloud: &Cloud,
    around: &Surroundings,
) -> Result<Arc<dyn Credential>, ConnectError> {
    Ok(match authentication {
        Authentication::Bearer { token } => Arc::new(StaticBearer::new(secret(token))),
        Authentication::ClientSecret { tenant_id, client_id, client_secret, .. } => {
            Arc::new(ClientSecret::new(tenant_id, client_id, secret(client_secret)))
        }
        Authentication::ClientCertificate {
            tenant_id,
            client_id,
            certificate,
            send_certificate_chain,
            ..
        } => {
            let credential = ClientCertificate::new(tenant_id, client_id, read(certificate)?);
            Arc::new(credential.send_certificate_chain(*send_certificate_chain))
        }
        Authentication::WorkloadIdentity { tenant_id, client_id, token_file_path } => {
            let written = |name: &str| match name {
                "AZURE_TENANT_ID" => tenant_id.clone(),
                "AZURE_CLIENT_ID" => client_id.clone(),
                _ => token_file_path.clone(),
            };
            let lookup = |name: &str| written(name).or_else(|| around.variable(name));
            Arc::new(WorkloadIdentity::from_environment(lookup)?)
        }
        Authentication::ManagedIdentity { tenant_id, identity } => {
            Arc::new(managed_identity(tenant_id.as_deref(), identity.as_ref(), around)?)
        }
        Authentication::AzureCli { tenant_id } => {
            let cli = AzureCli::new();
            Arc::new(match tenant_id {
                Some(tenant) => cli.tenant(tenant),
                None => cli,
            })
        }
        Authentication::DeviceCode { .. }
        | Authentication::AuthorizationCode { .. }
        | Authentication::RefreshToken { .. } => return of_a_person(authentication, cloud, around),
    })
}

fn of_a_person(
    authentication: &Authentication,
    cloud: &Cloud,
    around: &Surroundings,
) -> Result<Arc<dyn Credential>, ConnectError> {
    let store = |tenant_id: &str, client_id: &str, given: Option<&Secret>| {
        let authority = cloud.authority();
        let sign_in = PersonSignIn { authority, tenant_id, client_id, given };
        around.refresh_tokens.as_ref().map(|store| store(&sign_in))
    };
    Ok(match authentication {
        Authentication::AuthorizationCode { tenant_id, client_id, client_secret } => {
            let open = around.browser.clone();
            let open = open.ok_or(ConnectError::NobodyToAsk("authorization_code"))?;
            let mut code = AuthorizationCode::new(tenant_id, client_id, move |url| open(url));
            if let Some(store) = store(tenant_id, client_id, None) {
                code = code.token_store(store);
            }
            Arc::new(match client_secret {
                Some(own) => code.client_secret(secret(own)),
                None => code,
            })
        }
        Authentication::RefreshToken { tenant_id, client_id, refresh_token, client_secret } => {
            let given = secret(refresh_token);
            let mut token = RefreshToken::new(tenant_id, client_id, given.clone());
            if let Some(store) = store(tenant_id, client_id, Some(&given)) {
                token = token.token_store(store);
            }
            Arc::new(match client_secret {
                Some(own) => token.client_secret(secret(own)),
                None => token,
            })
        }
        Authentication::DeviceCode { tenant_id, client_id } => {
            let show = around.device_code.clone();
            let show = show.ok_or(ConnectError::NobodyToAsk("device_code"))?;
            let device = DeviceCode::new(tenant_id, client_id, move |prompt| show(prompt));
            match store(tenant_id, client_id, None) {
                Some(store) => Arc::new(device.token_store(store)),
                None => Arc::new(device),
            }
        }
        other => return credential(other, cloud, around),
    })
}

fn managed_identity(
    tenant: Option<&str>,
    identity: Option<&Identity>,
    around: &Surroundings,
) -> Result<ManagedIdentity, CredentialError> {
    let mut managed = ManagedIdentity::from_environment(|name| around.variable(name))?;
    if let Some(tenant) = tenant {
        managed = managed.tenant(tenant);
    }
    Ok(match identity {
        Some(Identity::ClientId(id)) => managed.user_assigned(UserAssigned::ClientId(id.clone())),
        Some(Identity::ObjectId(id)) => managed.user_assigned(UserAssigned::ObjectId(id.clone())),
        Some(Identity::ResourceId(id)) => {
            managed.user_assigned(UserAssigned::ResourceId(id.clone()))
        }
        None => managed,
    })
}

fn read(certificate: &Certificate) -> Result<ReadCertificate, ConnectError> {
    match certificate {
        Certificate::Pem(pem) => {
            let read = ReadCertificate::from_pem(&secret(pem));
            read.map_err(|source| ConnectError::Certificate { what: "certificate".into(), source })
        }
        Certificate::File { path, password } => {
            let password = password.as_ref().map(secret);
            let read = ReadCertificate::from_file(Path::new(path), password.as_ref());
            read.map_err(|source| ConnectError::Certificate { what: path.clone(), source })
        }
    }
}

fn secret(value: &Sensitive) -> Secret {
    Secret::new(value.expose())
}
