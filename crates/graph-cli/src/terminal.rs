//! What may reach a terminal: text from a directory is somebody else's text.

use std::fmt::Write as _;

/// Escapes control characters and bidirectional overrides, so that a display name can neither move
/// the cursor nor forge a line (SEC-C03).
pub(crate) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        if is_unsafe(c) {
            let _ = write!(escaped, "\\u{{{:x}}}", u32::from(c));
        } else {
            escaped.push(c);
        }
    }
    escaped
}

fn is_unsafe(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    /// SEC-C03
    #[test]
    fn a_name_cannot_write_control_sequences() {
        assert_eq!(escape("Zoë 🚢"), "Zoë 🚢");
        assert_eq!(escape("a\u{1b}[2Jb\nc\u{202e}d"), "a\\u{1b}[2Jb\\u{a}c\\u{202e}d");
    }
}
