//! Assertions that stand for a secret: signed with a certificate, or by a trusted issuer.

use std::time::UNIX_EPOCH;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use rustls_pki_types::CertificateDer;
use sha2::{Digest, Sha256};
use webpki::aws_lc_rs::{RSA_PKCS1_2048_8192_SHA256, RSA_PSS_2048_8192_SHA256_LEGACY_KEY};

use super::error::OAuthError;
use super::signer::Jwt;
use super::{AuthorityRequest, Identity};
use crate::app_registration::{AppRegistration, FederatedCredential};
use crate::cloud::Host;

/// What `client_assertion_type` must say.
const TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
/// Seconds that clocks may differ by.
const SKEW: f64 = 300.0;

/// Whether an assertion proves an application (facts: graph-protocol 2.1).
pub(super) fn check(
    identity: &Identity,
    app: &AppRegistration,
    kind: Option<&str>,
    assertion: &str,
    request: &AuthorityRequest<'_>,
) -> Result<(), OAuthError> {
    if kind != Some(TYPE) {
        return Err(OAuthError::parameter("client_assertion_type"));
    }
    let Some(jwt) = Jwt::read(assertion) else {
        return Err(OAuthError::assertion(50_027, "JWT token is invalid or malformed."));
    };
    // Tokens of a trusted issuer may name their key by its thumbprint too.
    let trusted = app.federated.iter().any(|known| known.issuer == jwt.claim("iss"));
    let thumbprint = ["x5t", "x5t#S256"].iter().any(|name| jwt.header.get(*name).is_some());
    if thumbprint && !trusted {
        signed_with_certificate(identity, app, &jwt, request)
    } else {
        federated(identity, app, &jwt, request)
    }
}

fn signed_with_certificate(
    identity: &Identity,
    app: &AppRegistration,
    jwt: &Jwt<'_>,
    request: &AuthorityRequest<'_>,
) -> Result<(), OAuthError> {
    let Some(certificate) = app.certificates.iter().find(|known| has_thumbprint(known, jwt)) else {
        return Err(OAuthError::assertion(
            700_027,
            format!(
                "The certificate with identifier used to sign the client assertion is not registered on application '{}'. [Reason - The key was not found.]",
                app.id
            ),
        ));
    };
    if !signed(certificate, jwt) {
        return Err(OAuthError::assertion(
            700_027,
            "Client assertion failed signature validation. [Reason - The key used is not the one of the certificate, or the algorithm is neither PS256 nor RS256.]",
        ));
    }
    let own = |name| jwt.claim(name).eq_ignore_ascii_case(&app.id);
    if !own("iss") || !own("sub") {
        return Err(OAuthError::assertion(
            700_021,
            "Client assertion application identifier doesn't match 'client_id' parameter.",
        ));
    }
    if !jwt.is_for(|audience| is_token_endpoint(identity, audience, request)) {
        return Err(OAuthError::assertion(
            700_023,
            "Client assertion audience claim does not match Realm issuer.",
        ));
    }
    in_time(identity, jwt)
}

/// Whether a certificate has the thumbprint in a header: SHA-256, or SHA-1 in the older form.
fn has_thumbprint(certificate: &CertificateDer<'_>, jwt: &Jwt<'_>) -> bool {
    let decode = |name: &str| {
        let text = jwt.header[name].as_str()?;
        URL_SAFE_NO_PAD.decode(text.trim_end_matches('=')).or_else(|_| STANDARD.decode(text)).ok()
    };
    if let Some(thumbprint) = decode("x5t#S256") {
        return thumbprint.as_slice() == Sha256::digest(certificate.as_ref()).as_slice();
    }
    let sha1 = aws_lc_rs::digest::digest(
        &aws_lc_rs::digest::SHA1_FOR_LEGACY_USE_ONLY,
        certificate.as_ref(),
    );
    decode("x5t").is_some_and(|thumbprint| thumbprint == sha1.as_ref())
}

fn signed(certificate: &CertificateDer<'_>, jwt: &Jwt<'_>) -> bool {
    let algorithm = match jwt.header["alg"].as_str() {
        Some("PS256") => RSA_PSS_2048_8192_SHA256_LEGACY_KEY,
        Some("RS256") => RSA_PKCS1_2048_8192_SHA256,
        _ => return false,
    };
    webpki::EndEntityCert::try_from(certificate).is_ok_and(|certificate| {
        certificate.verify_signature(algorithm, jwt.signed.as_bytes(), &jwt.signature).is_ok()
    })
}

/// The token endpoint that was used, or the same one at the cloud's own login authority.
fn is_token_endpoint(identity: &Identity, audience: &str, request: &AuthorityRequest<'_>) -> bool {
    let Some(rest) = audience.strip_suffix("/oauth2/v2.0/token") else { return false };
    let Some((root, tenant)) = rest.rsplit_once('/') else { return false };
    let login = root.strip_prefix("https://");
    identity.is_named(tenant)
        && (root == request.base
            || login.is_some_and(|host| identity.cloud.host(host) == Host::Login))
}

fn federated(
    identity: &Identity,
    app: &AppRegistration,
    jwt: &Jwt<'_>,
    request: &AuthorityRequest<'_>,
) -> Result<(), OAuthError> {
    let (issuer, subject) = (jwt.claim("iss"), jwt.claim("sub"));
    let no_match = |number, what: &str, value: &str| {
        let message = format!(
            "No matching federated identity record found for presented assertion {what} '{value}'. Check your federated identity credential Subject, Audience and Issuer against the presented assertion."
        );
        Err(OAuthError::assertion(number, message))
    };
    let known: Vec<&FederatedCredential> =
        app.federated.iter().filter(|known| known.issuer == issuer).collect();
    if known.is_empty() {
        return no_match(700_211, "issuer", issuer);
    }
    let Some(credential) = known.into_iter().find(|known| known.subject == subject) else {
        return no_match(700_213, "subject", subject);
    };
    let audience =
        credential.audience.as_deref().unwrap_or(identity.cloud.token_exchange_audience());
    if !jwt.is_for(|presented| presented == audience) {
        let presented = jwt.claims["aud"].to_string();
        return no_match(700_212, "audience", presented.trim_matches('"'));
    }
    // A managed identity of this simulator may be the issuer.
    let ours = issuer == format!("{}/{}/v2.0", request.base, identity.tenant)
        || issuer == format!("https://sts.windows.net/{}/", identity.tenant);
    let trusted = match &credential.keys {
        Some(keys) => jwt.signed_by(keys),
        None if ours => identity.signer.signed(jwt),
        None => true,
    };
    if !trusted {
        return Err(OAuthError::assertion(50_012, "Assertion failed signature validation."));
    }
    in_time(identity, jwt)
}

fn in_time(identity: &Identity, jwt: &Jwt<'_>) -> Result<(), OAuthError> {
    let now = identity.clock.now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs_f64();
    // A time in a token may have a fraction (RFC 7519, NumericDate): MSAL sends one.
    let time = |name: &str| jwt.claims[name].as_f64().unwrap_or_default();
    let (begins, ends) = (time("nbf"), time("exp"));
    if begins <= now + SKEW && now < ends + SKEW {
        return Ok(());
    }
    Err(OAuthError::assertion(
        700_024,
        format!(
            "Client assertion is not within its valid time range. Current time: {now}, assertion valid from {begins}, expiry time of assertion {ends}."
        ),
    ))
}
