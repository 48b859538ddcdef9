//! Resolving who signs in.

use super::Resolver;
use crate::connection::{AuthType, Authentication, Certificate, Identity, SignIn};
use crate::reference::Sensitive;

impl Resolver<'_> {
    /// Every setting of the sign-in is looked up before anything is missing, so that all problems show.
    pub(super) fn sign_in(&mut self, sign_in: &SignIn) -> Option<Authentication> {
        let before = self.diagnostics.len();
        let mut found = Found(Vec::new());
        for setting in &sign_in.settings {
            let name = setting.key.rsplit('.').next().unwrap_or_default();
            let value = self.secret(setting);
            found.0.extend(value.map(|value| (name.to_owned(), value)));
        }
        if self.diagnostics.len() > before {
            return None;
        }
        found.authentication(sign_in)
    }
}

/// The values by their keys; each is taken once.
struct Found(Vec<(String, Sensitive)>);

impl Found {
    fn secret(&mut self, name: &str) -> Option<Sensitive> {
        let index = self.0.iter().position(|(key, _)| key == name)?;
        Some(self.0.swap_remove(index).1)
    }

    fn text(&mut self, name: &str) -> Option<String> {
        self.secret(name).map(|value| value.expose().to_owned())
    }

    fn authentication(mut self, sign_in: &SignIn) -> Option<Authentication> {
        Some(match sign_in.auth_type {
            AuthType::Azure => return self.azure(sign_in.send_certificate_chain),
            AuthType::Bearer => Authentication::Bearer { token: self.secret("token")? },
            AuthType::WorkloadIdentity => Authentication::WorkloadIdentity {
                tenant_id: self.text("tenant_id"),
                client_id: self.text("client_id"),
                token_file_path: self.text("token_file_path"),
            },
            AuthType::ManagedIdentity => Authentication::ManagedIdentity {
                tenant_id: self.text("tenant_id"),
                identity: self
                    .text("client_id")
                    .map(Identity::ClientId)
                    .or_else(|| self.text("object_id").map(Identity::ObjectId))
                    .or_else(|| self.text("resource_id").map(Identity::ResourceId)),
            },
            AuthType::AzureCli => Authentication::AzureCli { tenant_id: self.text("tenant_id") },
            AuthType::DeviceCode => Authentication::DeviceCode {
                tenant_id: self.text("tenant_id")?,
                client_id: self.text("client_id")?,
            },
            AuthType::AuthorizationCode => Authentication::AuthorizationCode {
                tenant_id: self.text("tenant_id")?,
                client_id: self.text("client_id")?,
                client_secret: self.secret("client_secret"),
            },
            AuthType::RefreshToken => Authentication::RefreshToken {
                tenant_id: self.text("tenant_id")?,
                client_id: self.text("client_id")?,
                refresh_token: self.secret("refresh_token")?,
                client_secret: self.secret("client_secret"),
            },
        })
    }

    fn azure(mut self, send_certificate_chain: bool) -> Option<Authentication> {
        let (tenant_id, client_id) = (self.text("tenant_id")?, self.text("client_id")?);
        let resource = self.text("resource");
        if let Some(client_secret) = self.secret("client_secret") {
            return Some(Authentication::ClientSecret {
                tenant_id,
                client_id,
                client_secret,
                resource,
            });
        }
        let password = self.secret("certificate_password");
        let file = |path| Certificate::File { path, password };
        let certificate = self
            .secret("certificate")
            .map(Certificate::Pem)
            .or_else(|| self.text("certificate_path").map(file))?;
        Some(Authentication::ClientCertificate {
            tenant_id,
            client_id,
            certificate,
            send_certificate_chain,
            resource,
        })
    }
}
