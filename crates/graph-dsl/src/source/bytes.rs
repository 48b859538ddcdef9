//! Bytes to text: size, encoding and forbidden characters.

use super::{MAX_FILE_BYTES, SourceText, Span};
use crate::diagnostic::{Code, Finding};

const BOM: &str = "\u{feff}";

/// Decodes a file. The text is the longest valid prefix, so that positions before a bad byte hold.
pub(super) fn decode(bytes: &[u8]) -> (SourceText, Vec<Finding>) {
    if bytes.len() > MAX_FILE_BYTES {
        return (SourceText::new(String::new()), vec![too_large(bytes.len())]);
    }
    let (text, invalid) = match std::str::from_utf8(bytes) {
        Ok(text) => (text, None),
        Err(error) => {
            let valid = &bytes[..error.valid_up_to()];
            let text = std::str::from_utf8(valid).expect("the prefix up to valid_up_to is UTF-8");
            (text, Some(error.valid_up_to()))
        }
    };
    let mut findings = Vec::new();
    if let Some(at) = text.find(forbidden) {
        findings.push(control_character(text, at));
    } else if let Some(at) = invalid {
        let message = format!("invalid UTF-8 at byte {at}");
        findings.push(
            Finding::new(Code::NotText, Span::at(at), message).help("save the file as UTF-8"),
        );
    }
    (SourceText::new(text.to_owned()), findings)
}

/// How many bytes of byte-order mark the text starts with.
pub(super) fn bom_length(text: &str) -> usize {
    if text.starts_with(BOM) { BOM.len() } else { 0 }
}

/// GD0116: spaces at the end of a line of a template of several lines.
pub(super) fn trailing_spaces(text: &SourceText, span: Span) -> Vec<Finding> {
    let written = text.slice(span);
    if !written.contains('\n') || !written.contains("{{") {
        return Vec::new();
    }
    let mut findings = Vec::new();
    let mut start = span.start;
    for line in written.split_inclusive('\n') {
        let content = line.trim_end_matches(['\r', '\n']);
        let kept = content.trim_end_matches([' ', '\t']).len();
        // The rest of the last line is the indentation of what follows.
        if line.ends_with('\n') && kept > 0 && kept < content.len() {
            let run = Span::new(start + kept, start + content.len());
            let finding = Finding::new(
                Code::MixedLineEndings,
                run,
                "spaces at the end of a line of a template",
            );
            findings.push(finding.help("remove them").edit(run, ""));
        }
        start += line.len();
    }
    findings
}

fn forbidden(character: char) -> bool {
    character.is_control() && !matches!(character, '\n' | '\r' | '\t' | '\u{85}')
}

fn control_character(text: &str, at: usize) -> Finding {
    let character = text[at..].chars().next().unwrap_or_default();
    let span = Span::new(at, at + character.len_utf8());
    let message = format!("control character U+{:04X} at byte {at}", u32::from(character));
    Finding::new(Code::NotText, span, message).help("remove the character")
}

#[expect(clippy::cast_precision_loss, reason = "a size shown with one decimal")]
fn too_large(bytes: usize) -> Finding {
    let size = bytes as f64 / (1024.0 * 1024.0);
    let message = format!("file is {size:.1} MiB, the limit is 4 MiB");
    Finding::new(Code::FileTooLarge, Span::at(0), message).help("split it")
}

/// GD0116: some lines end with CRLF and some with LF.
pub(super) fn mixed_line_endings(text: &str) -> Option<Finding> {
    let mut first = None;
    for (at, _) in text.match_indices('\n') {
        let windows = at > 0 && text.as_bytes()[at - 1] == b'\r';
        match first {
            None => first = Some(windows),
            Some(style) if style != windows => {
                let start = if windows { at - 1 } else { at };
                let finding = Finding::new(
                    Code::MixedLineEndings,
                    Span::new(start, at),
                    "mixed line endings",
                );
                return Some(finding.help("use the same line ending in the whole file"));
            }
            Some(_) => {}
        }
    }
    None
}
