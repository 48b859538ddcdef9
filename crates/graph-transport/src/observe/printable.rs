//! Text of others in our output: nothing in it can move a cursor or begin a new record.

use std::fmt::{self, Write as _};

/// Shows text with control characters, line separators and bidirectional overrides escaped, so that
/// a name from a directory cannot forge a log record or hide part of one (SEC-C03).
#[derive(Clone, Copy)]
pub struct Printable<'a>(pub &'a str);

impl fmt::Display for Printable<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rest = self.0;
        while let Some(at) = rest.find(is_active) {
            let (plain, tail) = rest.split_at(at);
            f.write_str(plain)?;
            let active = tail.chars().next().expect("a character was found here");
            for c in active.escape_unicode() {
                f.write_char(c)?;
            }
            rest = &tail[active.len_utf8()..];
        }
        f.write_str(rest)
    }
}

impl fmt::Debug for Printable<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// C0, C1, line and paragraph separators, bidirectional controls, the byte order mark.
fn is_active(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    /// SEC-C03
    #[test]
    fn a_value_cannot_forge_a_record() {
        let shown = Printable("a\r\nWARN forged\u{1b}[2K\u{9b}1m\u{202e}b\u{2028}é").to_string();
        assert_eq!(shown, r"a\u{d}\u{a}WARN forged\u{1b}[2K\u{9b}1m\u{202e}b\u{2028}é");
        assert_eq!(Printable("plain").to_string(), "plain");
    }
}
