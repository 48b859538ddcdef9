//! App-only sign-in with a certificate.

use super::app::{App, Proof, names_app, takes_scope};
use super::{AccessToken, BoxFuture, Certificate, Credential, CredentialError, TokenRequest};

/// A difference between two clocks that is worth another assertion, in seconds.
const NOTABLE_SKEW: u64 = 30;

/// The OAuth 2.0 client-credentials grant with a signed assertion: PS256, `x5t#S256`
/// (facts: graph-protocol 2.1). Each token request carries a fresh one.
#[derive(Debug)]
pub struct ClientCertificate {
    app: App,
    certificate: Certificate,
    with_chain: bool,
}

impl ClientCertificate {
    /// `tenant` is a GUID or a verified domain, never `common`.
    pub fn new(
        tenant: impl Into<String>,
        client_id: impl Into<String>,
        certificate: Certificate,
    ) -> Self {
        Self { app: App::new(tenant, client_id), certificate, with_chain: false }
    }

    /// Sends the certificates along, for apps that trust a subject name and issuer instead of one certificate.
    #[must_use]
    pub fn send_certificate_chain(mut self, send: bool) -> Self {
        self.with_chain = send;
        self
    }

    takes_scope! {
        /// Asks for another scope than the cloud's own.
    }

    async fn ask(&self, request: &TokenRequest<'_>) -> Result<AccessToken, CredentialError> {
        let audience = request.token_endpoint(&self.app.tenant);
        let assertion = self.certificate.assertion(
            &self.app.client_id,
            audience.as_str(),
            request.now(),
            self.with_chain,
        )?;
        self.app.client_credentials(request, Proof::Assertion(&assertion)).await
    }
}

impl Credential for ClientCertificate {
    names_app!();

    fn token<'a>(
        &'a self,
        request: &'a TokenRequest<'a>,
    ) -> BoxFuture<'a, Result<AccessToken, CredentialError>> {
        Box::pin(async move {
            let skew = request.clock_skew();
            let result = self.ask(request).await;
            let learned = request.clock_skew().abs_diff(skew) > NOTABLE_SKEW;
            // SEC-D16: the refusal has told the authority's time; once more with that.
            if learned && result.as_ref().is_err_and(CredentialError::is_about_time) {
                return self.ask(request).await;
            }
            result
        })
    }

    fn cache_key(&self) -> Option<String> {
        Some(self.app.cache_key("client certificate"))
    }
}
