//! Applications that may sign in, and what they prove themselves with.

use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;
use serde_json::Value;

use crate::protocol::permissions;

/// An application registered in a tenant.
///
/// By default it has every application permission and every delegated permission that the simulator
/// knows, signs users in at `http://localhost` and, as a public client, without a credential.
#[derive(Clone, Debug)]
#[must_use]
pub struct AppRegistration {
    pub(crate) id: String,
    pub(crate) secrets: Vec<ClientSecret>,
    pub(crate) certificates: Vec<CertificateDer<'static>>,
    pub(crate) federated: Vec<FederatedCredential>,
    /// The application permissions of its tokens.
    pub(crate) roles: Vec<String>,
    /// The delegated permissions that were consented to.
    pub(crate) scopes: Vec<String>,
    /// Redirect URIs of the platform "mobile and desktop": redeemed without a credential.
    pub(crate) public_redirects: Vec<String>,
    /// Redirect URIs of the platform "web": redeemed with a credential.
    pub(crate) web_redirects: Vec<String>,
    pub(crate) public_flows: bool,
}

/// A client secret.
#[derive(Clone)]
pub(crate) struct ClientSecret {
    pub(crate) value: String,
    pub(crate) expired: bool,
}

impl std::fmt::Debug for ClientSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ClientSecret").field("expired", &self.expired).finish_non_exhaustive()
    }
}

/// An external identity that an application trusts (facts: graph-protocol 2.1).
#[derive(Clone, Debug)]
#[must_use]
pub struct FederatedCredential {
    pub(crate) issuer: String,
    pub(crate) subject: String,
    pub(crate) audience: Option<String>,
    pub(crate) keys: Option<Value>,
}

/// A certificate or key set that cannot be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CredentialError {
    /// The text holds no certificate in PEM.
    #[error("read a certificate from PEM: send a text with BEGIN CERTIFICATE")]
    Pem(#[source] rustls_pki_types::pem::Error),
    /// The certificate is not an X.509 certificate of version 3.
    #[error("read the certificate: an X.509 certificate of version 3 is needed")]
    Certificate(#[source] webpki::Error),
    /// The text is not a JSON Web Key Set.
    #[error("read a key set: a JSON object with an array `keys` is needed")]
    KeySet,
}

impl AppRegistration {
    /// An application with every permission and no credential.
    pub fn new(client_id: impl Into<String>) -> Self {
        let roles: Vec<String> = permissions::all().map(str::to_owned).collect();
        let mut scopes = roles.clone();
        scopes.extend(["User.Read", "User.ReadWrite"].map(str::to_owned));
        Self {
            id: client_id.into(),
            secrets: Vec::new(),
            certificates: Vec::new(),
            federated: Vec::new(),
            roles,
            scopes,
            public_redirects: vec!["http://localhost".into()],
            web_redirects: Vec::new(),
            public_flows: true,
        }
    }

    /// The client id.
    pub fn client_id(&self) -> &str {
        &self.id
    }

    /// Adds a secret.
    pub fn secret(mut self, value: impl Into<String>) -> Self {
        self.secrets.push(ClientSecret { value: value.into(), expired: false });
        self
    }

    /// Adds a secret that has expired: it is answered `AADSTS7000222`.
    pub fn expired_secret(mut self, value: impl Into<String>) -> Self {
        self.secrets.push(ClientSecret { value: value.into(), expired: true });
        self
    }

    /// Adds a certificate with an RSA key, in PEM; the application signs assertions with its key.
    ///
    /// # Errors
    ///
    /// The text holds no certificate, or one that cannot be read.
    pub fn certificate(mut self, pem: &str) -> Result<Self, CredentialError> {
        let certificate =
            CertificateDer::from_pem_slice(pem.as_bytes()).map_err(CredentialError::Pem)?;
        webpki::EndEntityCert::try_from(&certificate).map_err(CredentialError::Certificate)?;
        self.certificates.push(certificate);
        Ok(self)
    }

    /// Adds a federated credential.
    pub fn federated_credential(mut self, credential: FederatedCredential) -> Self {
        self.federated.push(credential);
        self
    }

    /// The application permissions of its tokens. Default: all.
    pub fn permissions<P: Into<String>>(
        mut self,
        permissions: impl IntoIterator<Item = P>,
    ) -> Self {
        self.roles = permissions.into_iter().map(Into::into).collect();
        self
    }

    /// The delegated permissions that were consented to. Default: all.
    pub fn delegated_permissions<P: Into<String>>(
        mut self,
        permissions: impl IntoIterator<Item = P>,
    ) -> Self {
        self.scopes = permissions.into_iter().map(Into::into).collect();
        self
    }

    /// Adds a redirect URI of a mobile or desktop application. On a loopback host any port fits.
    pub fn redirect_uri(mut self, uri: impl Into<String>) -> Self {
        self.public_redirects.push(uri.into());
        self
    }

    /// Adds a redirect URI of a web application: its codes are redeemed with a credential only.
    pub fn web_redirect_uri(mut self, uri: impl Into<String>) -> Self {
        self.web_redirects.push(uri.into());
        self
    }

    /// Whether it may sign users in without a credential of its own. Default: yes.
    pub fn public_client_flows(mut self, allowed: bool) -> Self {
        self.public_flows = allowed;
        self
    }
}

impl FederatedCredential {
    /// Trusts assertions of an issuer about a subject; their audience is the cloud's
    /// [`crate::Cloud::token_exchange_audience`].
    pub fn new(issuer: impl Into<String>, subject: impl Into<String>) -> Self {
        Self { issuer: issuer.into(), subject: subject.into(), audience: None, keys: None }
    }

    /// Another audience.
    pub fn audience(mut self, audience: impl Into<String>) -> Self {
        self.audience = Some(audience.into());
        self
    }

    /// The issuer's RSA keys as a JSON Web Key Set. Without them signatures are not looked at,
    /// unless the issuer is the simulator itself.
    ///
    /// # Errors
    ///
    /// The text is not a key set.
    pub fn keys(mut self, key_set: &str) -> Result<Self, CredentialError> {
        let keys: Value = serde_json::from_str(key_set).map_err(|_| CredentialError::KeySet)?;
        if !keys["keys"].is_array() {
            return Err(CredentialError::KeySet);
        }
        self.keys = Some(keys);
        Ok(self)
    }
}
