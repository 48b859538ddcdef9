//! Object identifiers: GUIDs that name an object's kind and number, and can be read back.

use std::fmt;
use std::str::FromStr;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::mix::mix3;

/// A GUID, printed lower-case with hyphens.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ObjectId(pub(crate) u128);

const HALF: u64 = (1 << 61) - 1;
/// Marks a decoded left half as ours; the low eight bits carry the tag.
const MAGIC: u64 = 0x0d12_ec70_0000_0000;
const ROUNDS: u64 = 4;

impl ObjectId {
    /// The identifier of number `number` under `tag`: a keyed permutation of 122 bits in the
    /// shape of a version 4 GUID, so that looking an object up needs no index.
    pub(crate) const fn encode(seed: u64, tag: u8, number: u64) -> Self {
        let mut left = (MAGIC | tag as u64) & HALF;
        let mut right = number & HALF;
        let mut round = 0;
        while round < ROUNDS {
            (left, right) = (right, left ^ (mix3(seed, round, right) & HALF));
            round += 1;
        }
        Self::from_122((left as u128) << 61 | right as u128)
    }

    /// What [`ObjectId::encode`] was given, if this came from it under the same seed.
    pub(crate) fn decode(self, seed: u64) -> Option<(u8, u64)> {
        let bits = self.to_122()?;
        let mut left = half(bits >> 61);
        let mut right = half(bits);
        for round in (0..ROUNDS).rev() {
            (left, right) = (right ^ (mix3(seed, round, left) & HALF), left);
        }
        let tag = u8::try_from(left & 0xff).ok()?;
        ((left & !0xff) == (MAGIC & HALF & !0xff)).then_some((tag, right))
    }

    const fn from_122(bits: u128) -> Self {
        let high = (bits >> 74) & 0xffff_ffff_ffff;
        let middle = (bits >> 62) & 0xfff;
        let low = bits & ((1 << 62) - 1);
        Self(high << 80 | 0x4 << 76 | middle << 64 | 0b10 << 62 | low)
    }

    fn to_122(self) -> Option<u128> {
        let version = (self.0 >> 76) & 0xf;
        let variant = (self.0 >> 62) & 0b11;
        (version == 4 && variant == 0b10).then_some({
            (self.0 >> 80) << 74 | ((self.0 >> 64) & 0xfff) << 62 | (self.0 & ((1 << 62) - 1))
        })
    }

    /// The text that names a grant or an assignment: 43 characters of base64, of which the second
    /// half only makes it as long and as opaque as Graph's.
    pub(crate) fn to_link(self) -> String {
        let high = mix3(0x6c69_6e6b, half(self.0), half(self.0 >> 61));
        let low = mix3(high, half(self.0), 1);
        let mut bytes = self.0.to_be_bytes().to_vec();
        bytes.extend(high.to_be_bytes());
        bytes.extend(low.to_be_bytes());
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// Reads what [`ObjectId::to_link`] wrote.
    pub(crate) fn of_link(text: &str) -> Option<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        let id = Self(u128::from_be_bytes(*bytes.first_chunk::<16>()?));
        (id.to_link() == text).then_some(id)
    }

    /// The 36 ASCII bytes of the printed form.
    pub(crate) fn to_text(self) -> [u8; 36] {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        let mut text = [b'-'; 36];
        let mut at = 0;
        for (index, byte) in self.0.to_be_bytes().into_iter().enumerate() {
            if matches!(index, 4 | 6 | 8 | 10) {
                at += 1;
            }
            text[at] = DIGITS[usize::from(byte >> 4)];
            text[at + 1] = DIGITS[usize::from(byte & 15)];
            at += 2;
        }
        text
    }
}

/// The low 61 bits.
fn half(bits: u128) -> u64 {
    u64::try_from(bits & u128::from(HALF)).expect("61 bits")
}

impl fmt::Display for ObjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self.to_text();
        f.write_str(std::str::from_utf8(&text).expect("hexadecimal digits and hyphens"))
    }
}

impl fmt::Debug for ObjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A text that is not a GUID.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a GUID of 32 hexadecimal digits in groups of 8-4-4-4-12")]
pub struct InvalidObjectId;

impl FromStr for ObjectId {
    type Err = InvalidObjectId;

    fn from_str(text: &str) -> Result<Self, InvalidObjectId> {
        let bytes = text.as_bytes();
        if bytes.len() != 36 {
            return Err(InvalidObjectId);
        }
        let mut value = 0u128;
        for (index, byte) in bytes.iter().enumerate() {
            if matches!(index, 8 | 13 | 18 | 23) {
                if *byte != b'-' {
                    return Err(InvalidObjectId);
                }
                continue;
            }
            let digit = char::from(*byte).to_digit(16).ok_or(InvalidObjectId)?;
            value = value << 4 | u128::from(digit);
        }
        Ok(Self(value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_identifier_is_read_back_under_its_seed_and_under_no_other() {
        for number in [0, 1, 999, 1_000_000, HALF] {
            let id = ObjectId::encode(7, 3, number);
            assert_eq!(id.decode(7), Some((3, number)));
            assert_eq!(id.decode(8), None);
        }
    }

    #[test]
    fn a_link_is_read_back_and_nothing_else_is() {
        let id = ObjectId::encode(7, 10, 12);
        let link = id.to_link();
        assert_eq!(link.len(), 43);
        assert_eq!(ObjectId::of_link(&link), Some(id));
        for broken in ["", "x", &link[1..], &id.to_string(), &link.replace(&link[20..21], "!")] {
            assert_eq!(ObjectId::of_link(broken), None, "{broken}");
        }
    }

    #[test]
    fn an_identifier_prints_as_a_version_4_guid_and_parses_back() {
        let id = ObjectId::encode(1, 1, 42);
        let text = id.to_string();
        assert_eq!(text.len(), 36);
        assert_eq!(&text[14..15], "4");
        assert_eq!(text.parse(), Ok(id));
        assert_eq!(text.to_uppercase().parse(), Ok(id));
        for broken in ["", "x", &text[1..], &text.replace('-', "x"), &format!("{text}0")] {
            assert_eq!(broken.parse::<ObjectId>(), Err(InvalidObjectId), "{broken}");
        }
    }
}
