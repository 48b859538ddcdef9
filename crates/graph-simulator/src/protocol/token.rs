//! Opaque page and delta tokens that carry everything they mean, and cannot be forged.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sha2::Sha256;

use super::errors::Refusal;

/// The key is no secret: it keeps a token from being mistaken, not from being made.
const KEY: &[u8] = b"graph-simulator link token 1";
const TAG_BYTES: usize = 16;

/// The place in a list after which the next page begins.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct SkipToken {
    /// The tenant's fingerprint.
    pub(crate) t: u64,
    /// A hash of the path and the options the list was asked with.
    pub(crate) q: u64,
    /// The position.
    pub(crate) p: u64,
}

/// The state of a delta round, or of the reader between two rounds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct DeltaToken {
    /// The tenant's fingerprint.
    pub(crate) t: u64,
    /// The entity set.
    pub(crate) e: String,
    /// Moment and write that the reader knows; absent in the first round.
    pub(crate) since: Option<(u64, u64)>,
    /// Moment and write at which the round began; absent between rounds.
    pub(crate) until: Option<(u64, u64)>,
    /// The kind to go on at, by its place among those of the round.
    #[serde(default)]
    pub(crate) kind: usize,
    /// The types the round is filtered to, where the set holds several.
    #[serde(default)]
    pub(crate) types: Option<Vec<String>>,
    /// The slot to go on at, and the member within it.
    pub(crate) slot: u64,
    pub(crate) member: u64,
    /// `$select` of the first request.
    pub(crate) select: Option<Vec<String>>,
    /// The ids the round is filtered to.
    pub(crate) ids: Option<Vec<String>>,
    /// When the reader's last round began, in Unix seconds.
    pub(crate) issued: u64,
}

/// Makes the opaque form of a token.
pub(crate) fn seal(token: &impl Serialize) -> String {
    let mut bytes = serde_json::to_vec(token).expect("tokens have string keys");
    let tag = mac(&bytes).finalize().into_bytes();
    bytes.extend_from_slice(&tag[..TAG_BYTES]);
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Reads the opaque form of a token.
pub(crate) fn open<T: DeserializeOwned>(text: &str) -> Result<T, Refusal> {
    let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| Refusal::invalid_token())?;
    let split = bytes.len().checked_sub(TAG_BYTES).ok_or_else(Refusal::invalid_token)?;
    let (payload, tag) = bytes.split_at(split);
    mac(payload).verify_truncated_left(tag).map_err(|_| Refusal::invalid_token())?;
    serde_json::from_slice(payload).map_err(|_| Refusal::invalid_token())
}

fn mac(payload: &[u8]) -> Hmac<Sha256> {
    let mut mac = Hmac::<Sha256>::new_from_slice(KEY).expect("HMAC takes keys of any length");
    mac.update(payload);
    mac
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_token_is_read_back() {
        let token = SkipToken { t: 1, q: 2, p: 3 };
        assert_eq!(open::<SkipToken>(&seal(&token)).unwrap(), token);
    }

    proptest! {
        #[test]
        fn a_changed_token_is_refused(at in 0..40usize, by in 1..64u8) {
            let sealed = seal(&SkipToken { t: 1, q: 2, p: 3 });
            let mut bytes = sealed.clone().into_bytes();
            let at = at % bytes.len();
            let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
            let digit = alphabet.iter().position(|byte| *byte == bytes[at]).unwrap();
            bytes[at] = alphabet[(digit + usize::from(by)) % 64];
            let changed = String::from_utf8(bytes).unwrap();
            prop_assume!(changed != sealed);
            prop_assert!(open::<SkipToken>(&changed).is_err());
        }

        #[test]
        fn any_text_is_refused(text in ".{0,200}") {
            prop_assert!(open::<DeltaToken>(&text).is_err());
        }
    }
}
