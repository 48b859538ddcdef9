//! Secrets that somebody wrote into a file: found by their keys, and never shown again.

use crate::plan::ArgumentKind;
use crate::source::Span;

/// What stands in place of a secret.
const DOTS: &str = "•••";
/// Keys whose value is a secret, compared without letter case and `_`.
const KEYS: &[&str] = &["clientsecret", "password", "proof", "secret", "secrettext", "token"];

/// Whether a key's literal value would be a secret.
pub(crate) fn is_secret_key(key: &str) -> bool {
    let folded: String = key.chars().filter(|each| *each != '_').collect();
    KEYS.contains(&folded.to_ascii_lowercase().as_str())
}

/// Where the text seems to hold literal secrets. It looks at lines and needs no valid YAML: what
/// breaks a file is often the secret itself.
pub(super) fn secrets(text: &str) -> Vec<Span> {
    let mut found = Vec::new();
    let mut start = 0;
    let mut block: Option<usize> = None;
    for line in text.split_inclusive('\n') {
        let content = line.trim_end();
        let indentation = content.len() - content.trim_start().len();
        match block {
            Some(outer) if content.is_empty() || indentation > outer => {
                found.push(Span::new(start + indentation, start + content.len()));
            }
            _ => {
                block = None;
                for value in values(content) {
                    match &content[value.start..value.end] {
                        "|" | ">" | "|-" | ">-" | "|+" | ">+" => block = Some(indentation),
                        text if is_shown(text) => {}
                        _ => found.push(Span::new(start + value.start, start + value.end)),
                    }
                }
            }
        }
        start += line.len();
    }
    found
}

/// The values of secret keys on a line.
fn values(line: &str) -> Vec<Span> {
    let mut found = Vec::new();
    for (colon, _) in line.match_indices(':') {
        let before = line[..colon].trim_end().trim_end_matches(['"', '\'']);
        let is_name = |each: char| each == '_' || each.is_ascii_alphanumeric();
        let key = before.rsplit(|each| !is_name(each)).next().unwrap_or_default();
        let rest = line[colon + 1..].trim_start();
        let reference = before[..before.len() - key.len()].ends_with("${{");
        if is_secret_key(key) && !reference && !rest.is_empty() {
            let start = line.len() - rest.len();
            found.push(Span::new(start, start + value_length(rest)));
        }
    }
    found
}

fn value_length(rest: &str) -> usize {
    let quote = rest.chars().next().filter(|first| matches!(first, '"' | '\''));
    let end = match quote {
        Some(quote) => rest[1..].find(quote).map(|at| at + 2),
        None if rest.starts_with("${") => {
            let close = rest.find('}').map(|at| at + 1);
            close.map(|at| if rest[at..].starts_with('}') { at + 1 } else { at })
        }
        None => [rest.find(", "), rest.find('}'), rest.find(" #")].into_iter().flatten().min(),
    };
    rest[..end.unwrap_or(rest.len())].trim_end().len()
}

/// References, templates, types and nested values are no secrets.
fn is_shown(value: &str) -> bool {
    let bare = value.trim_matches(['"', '\'']).trim();
    let reference = bare.starts_with("${") && bare.ends_with('}') && bare.matches('$').count() == 1;
    let template = bare.starts_with("{{") && bare.ends_with("}}");
    let nested = value.starts_with('{') || value.starts_with('[');
    reference || template || nested || bare.is_empty() || ArgumentKind::NAMES.contains(&bare)
}

/// The text with every secret replaced by dots, and how offsets move.
pub(super) struct Masked {
    pub(super) text: String,
    spans: Vec<Span>,
}

impl Masked {
    pub(super) fn new(text: &str, spans: &[Span]) -> Self {
        let mut spans: Vec<Span> =
            spans.iter().copied().filter(|span| text.get(span.start..span.end).is_some()).collect();
        spans.sort_unstable();
        let mut masked = String::with_capacity(text.len());
        let mut kept: Vec<Span> = Vec::new();
        let mut at = 0;
        for span in spans {
            if span.start < at || span.start == span.end {
                continue;
            }
            masked.push_str(&text[at..span.start]);
            masked.push_str(DOTS);
            at = span.end;
            kept.push(span);
        }
        masked.push_str(&text[at..]);
        Self { text: masked, spans: kept }
    }

    /// Where an offset of the original text lies in the masked one.
    pub(super) fn offset(&self, offset: usize) -> usize {
        let mut moved = offset;
        for span in self.spans.iter().rev() {
            if offset >= span.end {
                moved = moved + DOTS.len() - (span.end - span.start);
            } else if offset > span.start {
                moved = moved - (offset - span.start) + DOTS.len();
            }
        }
        moved.min(self.text.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn masked(text: &str) -> String {
        Masked::new(text, &secrets(text)).text
    }

    #[test]
    fn literal_secrets_are_masked_wherever_they_stand() {
        assert_eq!(masked("client_secret: abc # x"), "client_secret: ••• # x");
        assert_eq!(masked("{ clientSecret: 'a, b', x: 1 }"), "{ clientSecret: •••, x: 1 }");
        assert_eq!(masked("token: \"never closed"), "token: •••");
        assert_eq!(masked("\"password\": p }"), "\"password\": ••• }");
        assert_eq!(masked("  token: |\n    abc\n  next: 1"), "  token: |\n    •••\n  next: 1");
    }

    #[test]
    fn references_templates_and_types_stay_readable() {
        for text in [
            "client_secret: ${{ENV:X}}",
            "client_secret: ${{SECRET:vault://entra/client}}",
            "{ token: \"${{FILE:/a b}}\", x: 1 }",
            "password: \"{{ params.password }}\"",
            "arguments: { password: secret }",
            "password: { type: secret, summary: A password. }",
            "token: ${ENV:X}",
        ] {
            assert_eq!(masked(text), text);
        }
    }

    #[test]
    fn offsets_move_with_the_text() {
        let text = "token: abcdef # é";
        let masked = Masked::new(text, &secrets(text));
        assert_eq!(&masked.text[masked.offset(7)..masked.offset(13)], DOTS);
        assert_eq!(&masked.text[masked.offset(14)..], "# é");
    }
}
