//! Reading references out of a setting's text.

use std::ops::Range;

use crate::diagnostic::Code;
use crate::template::Issue;

const OPEN: &str = "${{";
const CLOSE: &str = "}}";

/// A stretch of a setting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum RefPart {
    Literal(String),
    Variable { name: String, default: Option<String> },
    File(String),
    Secret(String),
}

/// The parts of a text with their byte ranges, or what is malformed about it.
pub(crate) fn parse(text: &str) -> Result<Vec<(RefPart, Range<usize>)>, Vec<Issue>> {
    let mut parts = Vec::new();
    let mut issues = Vec::new();
    let mut at = 0;
    while let Some(open) = text[at..].find(OPEN).map(|found| at + found) {
        if open > at {
            parts.push((RefPart::Literal(text[at..open].to_owned()), at..open));
        }
        let Some(close) = text[open..].find(CLOSE).map(|found| open + found) else {
            let issue = malformed(text, open..text.len(), "the reference is never closed");
            issues.push(issue);
            at = text.len();
            break;
        };
        let range = open..close + CLOSE.len();
        match reference(&text[open + OPEN.len()..close]) {
            Some(part) => parts.push((part, range.clone())),
            None => issues.push(malformed(text, range.clone(), "malformed reference")),
        }
        at = range.end;
    }
    if at < text.len() {
        parts.push((RefPart::Literal(text[at..].to_owned()), at..text.len()));
    }
    let literals = parts.iter().filter(|(part, _)| matches!(part, RefPart::Literal(_)));
    for (_, range) in literals {
        issues.extend(find_malformed(&text[range.clone()]).map(|issue| issue.shift(range.start)));
    }
    if issues.is_empty() { Ok(parts) } else { Err(issues) }
}

/// `${ENV:X}` or `$ENV:X}}` in text: a reference that nobody would resolve.
pub(crate) fn find_malformed(text: &str) -> Option<Issue> {
    let open = text.find("${")?;
    let close = text[open..].find('}').map_or(text.len(), |found| open + found + 1);
    Some(malformed(text, open..close, "malformed reference"))
}

/// What was probably meant: the same kind and name in the right form.
fn repaired(written: &str) -> Option<String> {
    let inner = written.trim_start_matches(['$', '{']).trim_end_matches('}').trim();
    let (kind, rest) = inner.split_once(':')?;
    let fixed = format!("{}:{}", kind.trim().to_ascii_uppercase(), rest.trim());
    reference(&fixed).map(|_| format!("${{{{{fixed}}}}}"))
}

fn malformed(text: &str, range: Range<usize>, message: &str) -> Issue {
    let repaired = repaired(&text[range.clone()]);
    let issue = Issue::new(Code::MalformedReference, range, message)
        .help("write `${{ENV:NAME}}`, `${{FILE:path}}` or `${{SECRET:uri}}`");
    match repaired {
        Some(text) => issue.replace_with(text),
        None => issue,
    }
}

fn reference(inner: &str) -> Option<RefPart> {
    let (kind, rest) = inner.trim().split_once(':')?;
    let clean = |text: &str| {
        let bad = |each: char| each.is_whitespace() || each.is_control() || "{}$".contains(each);
        !text.is_empty() && !text.contains(bad)
    };
    match kind {
        "ENV" => {
            let (name, default) = match rest.split_once(":-") {
                Some((name, default)) => (name, Some(default.to_owned())),
                None => (rest, None),
            };
            let valid = clean(name) && !name.contains(['=', ':']);
            valid.then(|| RefPart::Variable { name: name.to_owned(), default })
        }
        "FILE" => (!rest.trim().is_empty()).then(|| RefPart::File(rest.trim().to_owned())),
        "SECRET" => clean(rest).then(|| RefPart::Secret(rest.to_owned())),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn first(text: &str) -> RefPart {
        parse(text).unwrap().remove(0).0
    }

    #[test]
    fn references_are_read_with_their_defaults() {
        let named = |name: &str, default: Option<&str>| RefPart::Variable {
            name: name.to_owned(),
            default: default.map(str::to_owned),
        };
        assert_eq!(first("${{ENV:TENANT_ID}}"), named("TENANT_ID", None));
        assert_eq!(first("${{ENV:CLOUD:-global}}"), named("CLOUD", Some("global")));
        assert_eq!(first("${{FILE:/run/secret}}"), RefPart::File("/run/secret".to_owned()));
        assert_eq!(first("${{SECRET:vault://a/b}}"), RefPart::Secret("vault://a/b".to_owned()));
    }

    #[test]
    fn gd0603_malformed_references_are_found() {
        for text in ["${{ENV}}", "${ENV:X}", "${{env:X}}", "${{ENV:}}", "${{ENV:X", "a ${X} b"] {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}
