//! GUIDs that name requests.

use bytes::Bytes;
use http::header::HeaderValue;

/// A GUID of random bits (RFC 9562, version 4).
pub(crate) fn guid(bits: u128) -> String {
    text(bits).map(char::from).iter().collect()
}

/// The same as the value of a header, whose clones share one text.
pub(crate) fn guid_value(bits: u128) -> HeaderValue {
    HeaderValue::from_maybe_shared(Bytes::from_owner(text(bits)))
        .expect("a GUID is a valid header value")
}

const DIGITS: &[u8; 16] = b"0123456789abcdef";

/// Where the two digits of each byte stand.
const PLACES: [usize; 16] = [0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34];

fn text(bits: u128) -> [u8; 36] {
    let bits = bits & !(0xf000_u128 << 64) & !(0xc000_u128 << 48)
        | (0x4000_u128 << 64)
        | (0x8000_u128 << 48);
    // By hand rather than by `format!`, whose price every attempt would pay.
    let mut text = [b'-'; 36];
    for (byte, at) in bits.to_be_bytes().into_iter().zip(PLACES) {
        text[at] = DIGITS[usize::from(byte >> 4)];
        text[at + 1] = DIGITS[usize::from(byte & 0xf)];
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_guid_has_the_bits_of_version_4() {
        assert_eq!(guid(0), "00000000-0000-4000-8000-000000000000");
        assert_eq!(
            guid(0x0123_4567_89ab_cdef_0123_4567_89ab_cdef),
            "01234567-89ab-4def-8123-456789abcdef"
        );
        assert_eq!(guid(u128::MAX), "ffffffff-ffff-4fff-bfff-ffffffffffff");
    }
}
