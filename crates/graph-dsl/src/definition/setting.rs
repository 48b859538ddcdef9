//! Text settings of a connection, with their references.

use super::Reading;
use super::fields::{Fields, text};
use crate::diagnostic::{Code, Finding};
use crate::reference::{RefPart, Setting, parse};
use crate::source::{Plain, Scalar, Span};

/// How a setting may be written.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Text with references in it.
    Open,
    /// An identifier: text, or one reference.
    Identifier,
    /// A secret: one reference, never text.
    Secret,
}

/// Stores that a secret's URI may name; `secret` is the one of the program that reads the file.
const STORES: [&str; 5] = ["vault", "keyvault", "awssecrets", "gcpsecrets", "secret"];

/// Reads a text setting; `section` is the mapping it stands in (`credentials`), or empty.
pub(super) fn read(
    fields: &Fields<'_>,
    section: &str,
    key: &str,
    kind: Kind,
    reading: &mut Reading<'_>,
) -> Option<Setting> {
    let entry = fields.get(key)?;
    let key = if section.is_empty() { key.to_owned() } else { format!("{section}.{key}") };
    let whole = entry.value.span;
    let plain_text = |scalar: &Scalar| matches!(Plain::of(scalar), Plain::Text);
    if kind == Kind::Secret && entry.value.scalar().is_some_and(|scalar| !plain_text(scalar)) {
        reading.report.add(secret_literal(&key, whole));
        return None;
    }
    let scalar = text(&entry.value, reading).and(entry.value.scalar())?;
    if kind == Kind::Open && scalar.text.replace("${{", "").contains("{{") {
        let message = format!("templates are not allowed in `{key}`");
        reading
            .report
            .add(Finding::new(Code::TemplateNotAllowed, whole, message).help("use `${{ENV:…}}`"));
        return None;
    }
    let parts = match parse(&scalar.text) {
        Ok(parts) => parts,
        // What is malformed in a secret may be the secret itself: point, never quote.
        Err(issues) => {
            let findings =
                issues.into_iter().map(|issue| issue.finding(scalar, whole, reading.text));
            reading.report.extend(findings.collect::<Vec<_>>());
            return None;
        }
    };
    let plain: Vec<RefPart> = parts.iter().map(|(part, _)| part.clone()).collect();
    if let Some(finding) = refusal(&key, &plain, kind, whole) {
        reading.report.add(finding);
        return None;
    }
    for (part, range) in &parts {
        let RefPart::Secret(uri) = part else { continue };
        if let Some((message, help)) = wrong_store(uri) {
            let start = range.end - "}}".len() - uri.len();
            let span = scalar.locate(whole, reading.text, start, start + uri.len());
            reading.report.add(Finding::new(Code::InvalidSecretUri, span, message).help(help));
            return None;
        }
    }
    let place = |range: std::ops::Range<usize>| {
        let span = scalar.locate(whole, reading.text, range.start, range.end);
        reading.text.range(span)
    };
    let parts = parts.into_iter().map(|(part, range)| (part, place(range))).collect();
    Some(Setting { key, parts })
}

fn refusal(key: &str, parts: &[RefPart], kind: Kind, span: Span) -> Option<Finding> {
    let is_literal = |part: &RefPart| matches!(part, RefPart::Literal(_));
    let references = parts.iter().filter(|part| !is_literal(part)).count();
    if kind == Kind::Secret && references == 0 {
        return Some(secret_literal(key, span));
    }
    if kind != Kind::Open && references > 0 && parts.len() > 1 {
        let message = "a credential must be one reference";
        return Some(
            Finding::new(Code::PartialCredential, span, message).help("write the reference alone"),
        );
    }
    let secret = parts.iter().any(|part| matches!(part, RefPart::Secret(_)));
    if kind != Kind::Secret && secret {
        let message =
            format!("`{key}` is not a secret: `${{{{SECRET:…}}}}` would be shown in logs");
        return Some(
            Finding::new(Code::MalformedReference, span, message).help("use `${{ENV:…}}`"),
        );
    }
    None
}

/// GD0607: what is wrong with a secret's URI, and what to write.
fn wrong_store(uri: &str) -> Option<(String, String)> {
    let help = || format!("one of {}", STORES.map(|store| format!("`{store}://`")).join(", "));
    let Some((store, _)) = uri.split_once("://").filter(|(_, path)| !path.is_empty()) else {
        return Some((format!("`{uri}` names no secret"), "write `vault://path/name`".to_owned()));
    };
    if store == "yaml" {
        let message = "`yaml://` keeps a secret in plain text".to_owned();
        return Some((message, "use `${{ENV:…}}` or `${{FILE:…}}`".to_owned()));
    }
    (!STORES.contains(&store)).then(|| (format!("unknown secret provider `{store}`"), help()))
}

fn secret_literal(key: &str, span: Span) -> Finding {
    let message = format!("a literal secret in `{key}`");
    let finding = Finding::new(Code::SecretLiteral, span, message).label("the value is not shown");
    finding.help("use `${{ENV:…}}`, `${{FILE:…}}` or `${{SECRET:…}}`")
}
