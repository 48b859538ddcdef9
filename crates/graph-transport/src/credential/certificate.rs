//! A certificate and its RSA key, and the assertions that they sign.

#[cfg(feature = "pkcs12")]
mod pkcs12;

use std::fmt;
use std::fs::File;
use std::io::Read as _;
use std::path::Path;
use std::time::{Duration, SystemTime};

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeyPair;
use aws_lc_rs::signature::{KeyPair as _, RSA_PSS_SHA256};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use serde_json::json;
use zeroize::Zeroizing;

use super::CredentialError;
use super::random::{random_guid, sha256};
use crate::secret::Secret;
use crate::secret_source::{LARGEST_SECRET, refuse_shared};

/// The life of an assertion: the documentation's upper end of 5 to 10 minutes (facts: graph-protocol 2.1).
const ASSERTION_LIFE: Duration = Duration::from_secs(600);

/// How every PKCS#12 file, and no PEM text, begins.
const DER_SEQUENCE: u8 = 0x30;

/// A certificate with its private key. Only RSA keys sign assertions that Entra takes.
pub struct Certificate {
    key: KeyPair,
    /// DER, the leaf first.
    chain: Vec<Vec<u8>>,
    thumbprint: String,
}

impl Certificate {
    /// From PEM text that holds the private key and one certificate or more, in any order.
    ///
    /// # Errors
    /// Text without either, a key that is encrypted or not RSA, or a key of none of the certificates.
    pub fn from_pem(pem: &Secret) -> Result<Self, CertificateError> {
        let text = pem.expose();
        if text.contains("BEGIN ENCRYPTED PRIVATE KEY") {
            return Err(CertificateError::Encrypted);
        }
        let certificates = CertificateDer::pem_slice_iter(text.as_bytes())
            .map(|certificate| certificate.map(|it| it.to_vec()))
            .collect::<Result<_, _>>()
            .map_err(|_| CertificateError::Malformed)?;
        let key = PrivateKeyDer::from_pem_slice(text.as_bytes());
        let key = match key.map_err(|_| CertificateError::NoKey)? {
            PrivateKeyDer::Pkcs1(key) => KeyPair::from_der(key.secret_pkcs1_der()),
            PrivateKeyDer::Pkcs8(key) => KeyPair::from_pkcs8(key.secret_pkcs8_der()),
            _ => return Err(CertificateError::NotRsa),
        };
        Self::new(key.map_err(|_| CertificateError::NotRsa)?, certificates)
    }

    /// From a PEM or PKCS#12 file, told apart by how it begins.
    ///
    /// # Errors
    /// A file that cannot be read, that others may read (SEC-D13) or that is larger than 64 KiB, and
    /// whatever the other constructors refuse.
    pub fn from_file(path: &Path, password: Option<&Secret>) -> Result<Self, CertificateError> {
        let bytes = read(path).map_err(CertificateError::Unreadable)?;
        if bytes.first() == Some(&DER_SEQUENCE) {
            return Self::from_der_file(&bytes, password);
        }
        let text = std::str::from_utf8(&bytes).map_err(|_| CertificateError::Malformed)?;
        Self::from_pem(&Secret::new(text))
    }

    #[cfg(feature = "pkcs12")]
    fn from_der_file(bytes: &[u8], password: Option<&Secret>) -> Result<Self, CertificateError> {
        Self::from_pkcs12(bytes, password.unwrap_or(&Secret::new("")))
    }

    #[cfg(not(feature = "pkcs12"))]
    fn from_der_file(_: &[u8], _: Option<&Secret>) -> Result<Self, CertificateError> {
        Err(CertificateError::NoPkcs12)
    }

    fn new(key: KeyPair, mut chain: Vec<Vec<u8>>) -> Result<Self, CertificateError> {
        if chain.is_empty() {
            return Err(CertificateError::NoCertificate);
        }
        // A certificate holds its public key as the very bytes that the key pair encodes to.
        let public = key.public_key().as_ref();
        let holds = |der: &Vec<u8>| der.windows(public.len()).any(|window| window == public);
        let leaf = chain.iter().position(holds).ok_or(CertificateError::OtherKey)?;
        chain[..=leaf].rotate_right(1);
        let thumbprint = URL_SAFE_NO_PAD.encode(sha256(&chain[0]));
        Ok(Self { key, chain, thumbprint })
    }

    /// SHA-256 of the certificate, base64url without padding: what `x5t#S256` carries.
    pub fn thumbprint(&self) -> &str {
        &self.thumbprint
    }

    /// A signed client assertion for the token endpoint `audience`.
    pub(super) fn assertion(
        &self,
        client_id: &str,
        audience: &str,
        now: SystemTime,
        with_chain: bool,
    ) -> Result<Secret, CredentialError> {
        let seconds = |at: SystemTime| {
            at.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs()
        };
        let mut header = json!({ "alg": "PS256", "typ": "JWT", "x5t#S256": self.thumbprint });
        if with_chain {
            header["x5c"] = self.chain.iter().map(|der| STANDARD.encode(der)).collect();
        }
        let claims = json!({
            "aud": audience, "iss": client_id, "sub": client_id, "jti": random_guid(),
            "nbf": seconds(now), "iat": seconds(now), "exp": seconds(now + ASSERTION_LIFE),
        });
        let part = |value: serde_json::Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let signed = format!("{}.{}", part(header), part(claims));
        let mut signature = vec![0; self.key.public_modulus_len()];
        let random = SystemRandom::new();
        self.key
            .sign(&RSA_PSS_SHA256, &random, signed.as_bytes(), &mut signature)
            .map_err(|_| CredentialError::Unusable("the private key could not sign"))?;
        Ok(Secret::new(format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))))
    }
}

fn read(path: &Path) -> Result<Zeroizing<Vec<u8>>, String> {
    let text = |error: std::io::Error| error.to_string();
    let file = File::open(path).map_err(text)?;
    refuse_shared(&file.metadata().map_err(text)?)?;
    let mut bytes = Zeroizing::new(Vec::new());
    file.take(LARGEST_SECRET + 1).read_to_end(&mut bytes).map_err(text)?;
    if bytes.len() as u64 > LARGEST_SECRET {
        return Err("it is larger than 64 KiB".to_owned());
    }
    Ok(bytes)
}

impl fmt::Debug for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Certificate").field("thumbprint", &self.thumbprint).finish_non_exhaustive()
    }
}

/// A certificate that cannot sign anybody in.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum CertificateError {
    /// The file cannot be read.
    #[error("read the file: {0}")]
    Unreadable(String),
    /// PEM or PKCS#12 that is broken.
    #[error("read the certificate: the text is malformed")]
    Malformed,
    /// No certificate in it.
    #[error("read the certificate: there is only a key")]
    NoCertificate,
    /// No private key in it.
    #[error("read the certificate: there is no private key beside it")]
    NoKey,
    /// `BEGIN ENCRYPTED PRIVATE KEY`.
    #[error(
        "read the private key: it is encrypted; decrypt it, or use a PKCS#12 file with its password"
    )]
    Encrypted,
    /// An elliptic-curve key, or an RSA key outside 2048 to 8192 bits.
    #[error("use the private key: Entra takes RSA keys of 2048 bits or more only")]
    NotRsa,
    /// The key belongs to none of the certificates.
    #[error("use the certificate: the private key belongs to another one")]
    OtherKey,
    /// A PKCS#12 file that this password does not open.
    #[error("open the PKCS#12 file: the password is wrong or the file is damaged")]
    WrongPassword,
    /// A PKCS#12 file in a build without the feature `pkcs12`.
    #[error("open the PKCS#12 file: this build reads PEM only (feature `pkcs12`)")]
    NoPkcs12,
}

#[cfg(test)]
mod tests;
