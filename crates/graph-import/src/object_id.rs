//! The identity of a directory object.

use std::fmt;

use serde::{Serialize, Serializer};

/// The `id` of a directory object: a GUID in nearly every case, kept as its 16 bytes.
///
/// GUIDs compare regardless of case (cases: H5); any other id is kept and compared verbatim.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ObjectId(Form);

#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Form {
    Guid([u8; 16]),
    Text(Box<str>),
}

/// Where the hyphens of a GUID stand.
const HYPHENS: [usize; 4] = [8, 13, 18, 23];

/// Where the two digits of each byte stand.
const DIGITS: [usize; 16] = [0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34];

impl ObjectId {
    /// Reads an id as Graph writes it.
    pub fn new(text: &str) -> Self {
        Self(guid(text).map_or_else(|| Form::Text(text.into()), Form::Guid))
    }

    /// The id of the 16 bytes of a GUID, in the order in which its digits are written.
    pub const fn from_guid(bytes: [u8; 16]) -> Self {
        Self(Form::Guid(bytes))
    }

    /// The 16 bytes, if the id is a GUID.
    pub const fn as_guid(&self) -> Option<&[u8; 16]> {
        match &self.0 {
            Form::Guid(bytes) => Some(bytes),
            Form::Text(_) => None,
        }
    }

    /// The text, if the id is not a GUID.
    pub const fn as_text(&self) -> Option<&str> {
        match &self.0 {
            Form::Guid(_) => None,
            Form::Text(text) => Some(text),
        }
    }
}

/// As text, the way Graph writes it.
impl Serialize for ObjectId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl fmt::Display for ObjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Form::Text(text) => f.write_str(text),
            Form::Guid(bytes) => bytes.iter().zip(DIGITS).try_for_each(|(byte, at)| {
                let hyphen = if at > 0 && HYPHENS.contains(&(at - 1)) { "-" } else { "" };
                write!(f, "{hyphen}{byte:02x}")
            }),
        }
    }
}

/// Every edge of an import comes through here, so that no digit is looked at twice.
fn guid(text: &str) -> Option<[u8; 16]> {
    let text: &[u8; 36] = text.as_bytes().try_into().ok()?;
    if HYPHENS.iter().any(|&at| text[at] != b'-') {
        return None;
    }
    let (mut bytes, mut wrong) = ([0; 16], 0);
    for (byte, at) in bytes.iter_mut().zip(DIGITS) {
        let (high, low) = (NIBBLES[usize::from(text[at])], NIBBLES[usize::from(text[at + 1])]);
        wrong |= high | low;
        *byte = high << 4 | low;
    }
    (wrong & NO_DIGIT == 0).then_some(bytes)
}

/// The bit of what is no hexadecimal digit.
const NO_DIGIT: u8 = 0x80;

/// The value of each character as a hexadecimal digit.
const NIBBLES: [u8; 256] = {
    let mut nibbles = [NO_DIGIT; 256];
    let mut value = 0;
    while value < 16 {
        nibbles[b"0123456789abcdef"[value as usize] as usize] = value;
        nibbles[b"0123456789ABCDEF"[value as usize] as usize] = value;
        value += 1;
    }
    nibbles
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_guid_is_sixteen_bytes_and_its_case_does_not_matter() {
        let id = ObjectId::new("7C2A0000-00ab-4000-8000-0000000000aA");
        assert_eq!(id, ObjectId::new("7c2a0000-00ab-4000-8000-0000000000aa"));
        assert_eq!(id.to_string(), "7c2a0000-00ab-4000-8000-0000000000aa");
        assert!(id.as_guid().is_some());
    }

    #[test]
    fn any_other_id_is_kept_verbatim() {
        for text in [
            "",
            "a",
            "7c2a0000-00ab-4000-8000-0000000000a",
            "7c2a0000-00ab-4000-8000-0000000000ag",
            "é".repeat(18).as_str(),
        ] {
            assert_eq!(ObjectId::new(text).to_string(), text);
            assert!(ObjectId::new(text).as_guid().is_none());
        }
    }
}
