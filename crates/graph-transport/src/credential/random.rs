//! Chance and digests for sign-ins: from the library that TLS uses as well.

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

fn random_bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    aws_lc_rs::rand::fill(&mut bytes).expect("the operating system has randomness");
    bytes
}

/// 256 random bits as 43 characters that need no escaping: a `state` or a PKCE verifier (RFC 7636, 4.1).
pub(super) fn random_text() -> String {
    URL_SAFE_NO_PAD.encode(random_bytes::<32>())
}

/// A random GUID.
pub(super) fn random_guid() -> String {
    crate::guid::guid(u128::from_be_bytes(random_bytes()))
}

pub(super) fn sha256(bytes: &[u8]) -> Vec<u8> {
    digest(&SHA256, bytes).as_ref().to_vec()
}

/// The S256 challenge of a PKCE verifier (RFC 7636, 4.2).
pub(super) fn code_challenge(verifier: &str) -> String {
    URL_SAFE_NO_PAD.encode(sha256(verifier.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_challenge_is_that_of_the_standard() {
        // RFC 7636, appendix B
        assert_eq!(
            code_challenge("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"),
            "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
        );
        assert_eq!(random_text().len(), 43);
        let guid = random_guid();
        assert_ne!(guid, random_guid());
        assert!(crate::TenantId::parse(&guid).is_some() && &guid[14..15] == "4", "{guid}");
    }
}
