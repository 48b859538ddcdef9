//! Reading PKCS#12 files (`.pfx`, `.p12`).

use aws_lc_rs::rsa::KeyPair;
use p12_keystore::Pkcs12Archive;

use super::{Certificate, CertificateError, DER_SEQUENCE};
use crate::secret::Secret;

impl Certificate {
    /// From the bytes of a PKCS#12 file; an empty password opens a file without one.
    ///
    /// # Errors
    /// A password that does not fit, and whatever [`Certificate::from_pem`] refuses.
    pub fn from_pkcs12(bytes: &[u8], password: &Secret) -> Result<Self, CertificateError> {
        // DER begins with a sequence; anything else is no PKCS#12 file, whatever the password.
        if bytes.first() != Some(&DER_SEQUENCE) {
            return Err(CertificateError::Malformed);
        }
        let archive = Pkcs12Archive::from_pkcs12(bytes, password.expose())
            .map_err(|_| CertificateError::WrongPassword)?;
        let key = archive.keys.first().ok_or(CertificateError::NoKey)?;
        let key = KeyPair::from_pkcs8(key.key.as_der()).map_err(|_| CertificateError::NotRsa)?;
        let chain = archive.certs.iter().map(|bag| bag.cert.as_der().to_vec()).collect();
        Self::new(key, chain)
    }
}
