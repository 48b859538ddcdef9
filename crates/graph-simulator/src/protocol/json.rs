//! A JSON writer that appends to one buffer, so that a page is written once and copied never.

/// Appends JSON values to a buffer and keeps track of commas.
#[derive(Debug, Default)]
pub(crate) struct Json {
    buffer: Vec<u8>,
    comma: bool,
}

impl Json {
    pub(crate) fn with_capacity(bytes: usize) -> Self {
        Self { buffer: Vec::with_capacity(bytes), comma: false }
    }

    pub(crate) fn into_bytes(self) -> Vec<u8> {
        self.buffer
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.buffer
    }

    pub(crate) fn len(&self) -> usize {
        self.buffer.len()
    }

    /// Forgets everything after the first `length` bytes, which must be a state this writer was in
    /// before a member was begun.
    pub(crate) fn rewind(&mut self, length: usize, comma: bool) {
        self.buffer.truncate(length);
        self.comma = comma;
    }

    pub(crate) fn comma(&self) -> bool {
        self.comma
    }

    fn separate(&mut self) {
        if self.comma {
            self.buffer.push(b',');
        }
        self.comma = true;
    }

    pub(crate) fn begin_object(&mut self) {
        self.separate();
        self.buffer.push(b'{');
        self.comma = false;
    }

    pub(crate) fn end_object(&mut self) {
        self.buffer.push(b'}');
        self.comma = true;
    }

    pub(crate) fn begin_array(&mut self) {
        self.separate();
        self.buffer.push(b'[');
        self.comma = false;
    }

    pub(crate) fn end_array(&mut self) {
        self.buffer.push(b']');
        self.comma = true;
    }

    /// A member's name; it must need no escapes.
    pub(crate) fn key(&mut self, name: &str) {
        self.separate();
        self.buffer.push(b'"');
        self.buffer.extend_from_slice(name.as_bytes());
        self.buffer.extend_from_slice(b"\":");
        self.comma = false;
    }

    pub(crate) fn null(&mut self) {
        self.raw(b"null");
    }

    pub(crate) fn boolean(&mut self, value: bool) {
        self.raw(if value { b"true" } else { b"false" });
    }

    pub(crate) fn number(&mut self, value: u64) {
        self.separate();
        push_decimal(&mut self.buffer, value);
    }

    pub(crate) fn string(&mut self, value: &str) {
        self.separate();
        self.buffer.push(b'"');
        push_escaped(&mut self.buffer, value);
        self.buffer.push(b'"');
    }

    pub(crate) fn optional(&mut self, value: Option<&str>) {
        match value {
            Some(value) => self.string(value),
            None => self.null(),
        }
    }

    /// A string made of pieces.
    pub(crate) fn text(&mut self, write: impl FnOnce(&mut Text<'_>)) {
        self.separate();
        self.buffer.push(b'"');
        write(&mut Text(&mut self.buffer));
        self.buffer.push(b'"');
    }

    /// A value that is JSON already.
    pub(crate) fn raw(&mut self, value: &[u8]) {
        self.separate();
        self.buffer.extend_from_slice(value);
    }

    pub(crate) fn value(&mut self, value: &serde_json::Value) {
        self.separate();
        serde_json::to_writer(&mut self.buffer, value)
            .expect("a vector takes every byte and a value has string keys");
    }
}

/// The inside of a string being written.
pub(crate) struct Text<'a>(&'a mut Vec<u8>);

impl Text<'_> {
    pub(crate) fn push(&mut self, piece: &str) -> &mut Self {
        push_escaped(self.0, piece);
        self
    }

    pub(crate) fn decimal(&mut self, value: u64) -> &mut Self {
        push_decimal(self.0, value);
        self
    }

    /// A decimal of at least `width` digits, with leading zeros.
    pub(crate) fn padded(&mut self, value: u64, width: u32) -> &mut Self {
        let mut unit = 10u64.pow(width.saturating_sub(1));
        while unit > 1 && value < unit {
            self.0.push(b'0');
            unit /= 10;
        }
        self.decimal(value)
    }
}

fn push_decimal(buffer: &mut Vec<u8>, mut value: u64) {
    let mut digits = [0u8; 20];
    let mut at = digits.len();
    loop {
        at -= 1;
        digits[at] = b'0' + u8::try_from(value % 10).expect("a digit");
        value /= 10;
        if value == 0 {
            break;
        }
    }
    buffer.extend_from_slice(&digits[at..]);
}

fn push_escaped(buffer: &mut Vec<u8>, value: &str) {
    let bytes = value.as_bytes();
    let mut start = 0;
    for (index, byte) in bytes.iter().enumerate() {
        if *byte >= 0x20 && *byte != b'"' && *byte != b'\\' {
            continue;
        }
        buffer.extend_from_slice(&bytes[start..index]);
        start = index + 1;
        match byte {
            b'"' => buffer.extend_from_slice(b"\\\""),
            b'\\' => buffer.extend_from_slice(b"\\\\"),
            b'\n' => buffer.extend_from_slice(b"\\n"),
            b'\r' => buffer.extend_from_slice(b"\\r"),
            b'\t' => buffer.extend_from_slice(b"\\t"),
            _ => buffer.extend_from_slice(format!("\\u{byte:04x}").as_bytes()),
        }
    }
    buffer.extend_from_slice(&bytes[start..]);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn every_string_is_read_back_by_another_parser(text in ".*", number: u64) {
            let mut json = Json::default();
            json.begin_object();
            json.key("text");
            json.string(&text);
            json.key("list");
            json.begin_array();
            json.number(number);
            json.null();
            json.boolean(true);
            json.end_array();
            json.end_object();
            let read: serde_json::Value = serde_json::from_slice(json.as_bytes()).unwrap();
            prop_assert_eq!(read, serde_json::json!({ "text": text, "list": [number, null, true] }));
        }

        #[test]
        fn padding_keeps_the_number(number in 0..100_000u64, width in 0..8u32) {
            let mut json = Json::default();
            json.text(|text| { text.padded(number, width); });
            let expected = format!("\"{number:0width$}\"", width = width as usize);
            prop_assert_eq!(String::from_utf8_lossy(json.as_bytes()), expected);
        }
    }
}
