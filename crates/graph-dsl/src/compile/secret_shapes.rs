//! Secrets that stand where no key says so: known by their shape.

use crate::definition::Reading;
use crate::diagnostic::{Code, Finding};
use crate::source::{Node, NodeKind, Span};

/// GD0605: a token, a private key or a client secret anywhere in the file.
pub(super) fn check(root: &Node, reading: &mut Reading<'_>) {
    let mut path = Vec::new();
    walk(root, &mut path, reading);
}

fn walk<'n>(node: &'n Node, path: &mut Vec<&'n str>, reading: &mut Reading<'_>) {
    match &node.kind {
        NodeKind::Scalar(scalar) => {
            let Some(what) = shape(&scalar.text) else { return };
            // A key that says so was reported already.
            if reading.report.has(&[Code::SecretLiteral, Code::PasswordLiteral], node.span) {
                return;
            }
            let written = reading.text.slice(node.span).trim_end().len();
            let span = Span::new(node.span.start, node.span.start + written);
            let message = format!("{what} in `{}`", path.join("."));
            let finding = Finding::new(Code::SecretLiteral, span, message);
            reading.report.add(
                finding.label("the value is not shown").help(
                    "use `${{ENV:…}}`, `${{FILE:…}}` or `${{SECRET:…}}` in `connection`, an argument of the type `secret` elsewhere",
                ),
            );
        }
        NodeKind::List(items) => items.iter().for_each(|item| walk(item, path, reading)),
        NodeKind::Mapping(mapping) => {
            for entry in &mapping.entries {
                path.push(&entry.key.value);
                walk(&entry.value, path, reading);
                path.pop();
            }
        }
        NodeKind::Invalid => {}
    }
}

fn shape(text: &str) -> Option<&'static str> {
    if text.contains("-----BEGIN ") && text.contains("PRIVATE KEY-----") {
        return Some("a literal private key");
    }
    let words = || text.split(|each: char| each.is_whitespace() || "\"',;".contains(each));
    if words().any(is_token) {
        return Some("a literal token");
    }
    words().any(is_client_secret).then_some("a literal client secret")
}

/// A JSON Web Token: three parts, the first two JSON in base64.
fn is_token(word: &str) -> bool {
    let mut parts = word.split('.');
    let json =
        |part: Option<&str>| part.is_some_and(|part| part.len() > 8 && part.starts_with("eyJ"));
    json(parts.next()) && json(parts.next()) && parts.next().is_some() && parts.next().is_none()
}

/// The secrets that Entra makes: 40 characters, `8Q~` or its like behind the third.
fn is_client_secret(word: &str) -> bool {
    let bytes = word.as_bytes();
    let of_secret = |byte: &u8| byte.is_ascii_alphanumeric() || b"-._~".contains(byte);
    (37..=44).contains(&bytes.len())
        && bytes[3].is_ascii_digit()
        && &bytes[4..6] == b"Q~"
        && bytes.iter().all(of_secret)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gd0605_secrets_are_known_by_their_shape() {
        assert!(shape("Bearer eyJ0eXAiOiJKV1Qi.eyJhdWQiOiIwMDAw.c2lnbmF0dXJl").is_some());
        assert!(shape("abc8Q~not-a-real-secret-0123456789-not-real").is_some());
        assert!(shape("-----BEGIN PRIVATE KEY-----\nMIIE").is_some());
        for text in ["eyJ.a.b", "/users/{id}", "a.b.c", "{{ params.token }}", ""] {
            assert!(shape(text).is_none(), "{text}");
        }
    }
}
