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
            Form::Guid(bytes) => bytes.iter().enumerate().try_for_each(|(index, byte)| {
                let hyphen =
                    if HYPHENS.contains(&(index * 2 + hyphens_before(index))) { "-" } else { "" };
                write!(f, "{hyphen}{byte:02x}")
            }),
        }
    }
}

/// How many hyphens stand before the byte's first digit, its own not counted.
const fn hyphens_before(index: usize) -> usize {
    match index {
        0..=4 => 0,
        5..=6 => 1,
        7..=8 => 2,
        9..=10 => 3,
        _ => 4,
    }
}

fn guid(text: &str) -> Option<[u8; 16]> {
    let text = text.as_bytes();
    if text.len() != 36 || HYPHENS.iter().any(|&at| text[at] != b'-') {
        return None;
    }
    let mut digits =
        text.iter().enumerate().filter(|(at, _)| !HYPHENS.contains(at)).map(|(_, digit)| *digit);
    let mut bytes = [0; 16];
    for byte in &mut bytes {
        *byte = nibble(digits.next()?)? << 4 | nibble(digits.next()?)?;
    }
    Some(bytes)
}

const fn nibble(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        b'A'..=b'F' => Some(digit - b'A' + 10),
        _ => None,
    }
}

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
