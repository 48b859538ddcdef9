//! Compiling `headers`: names that the transport owns are refused.

use super::arguments::{Site, Uses};
use super::query::redundant;
use super::scalar::{refuse_template, template};
use crate::definition::Reading;
use crate::diagnostic::{Code, Finding};
use crate::source::{Entry, Node, Plain};
use crate::template::Template;

/// Headers that the transport sets itself, and those that belong to one hop.
const RESERVED: &[&str] = &[
    "authorization",
    "client-request-id",
    "connection",
    "content-length",
    "cookie",
    "host",
    "proxy-authorization",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

pub(super) fn compile(
    entry: &Entry,
    uses: &mut Uses<'_>,
    reading: &mut Reading<'_>,
) -> Vec<(String, Template)> {
    let Some(mapping) = entry.value.mapping() else {
        let message = format!("expected a mapping of headers, found {}", entry.value.describe());
        reading.report.add(Finding::new(Code::WrongType, entry.value.span, message));
        return Vec::new();
    };
    let mut headers = Vec::new();
    for header in &mapping.entries {
        let name = &header.key;
        if refuse_template(&name.value, name.span, "a key", reading) {
            continue;
        }
        let lower = name.value.to_ascii_lowercase();
        if let Some(finding) = refused(&lower, header) {
            reading.report.add(finding);
            continue;
        }
        if lower == "consistencylevel" {
            reading.report.add(redundant(name.span, "`ConsistencyLevel`"));
        }
        if let Some(template) = value(&header.value, uses, reading) {
            headers.push((name.value.clone(), template));
        }
    }
    headers
}

fn refused(lower: &str, header: &Entry) -> Option<Finding> {
    let name = &header.key;
    if RESERVED.contains(&lower) {
        let message = format!("`{}` is set by the connection", name.value);
        return Some(Finding::new(Code::ReservedHeader, name.span, message).help("remove it"));
    }
    let is_token = |each: char| each.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(each);
    let valid = !lower.is_empty() && lower.chars().all(is_token);
    let message = format!("`{}` is not a header name", name.value);
    (!valid).then(|| Finding::new(Code::InvalidName, name.span, message))
}

fn value(node: &Node, uses: &mut Uses<'_>, reading: &mut Reading<'_>) -> Option<Template> {
    let Some(scalar) = node.scalar().filter(|scalar| !matches!(Plain::of(scalar), Plain::Null))
    else {
        if !node.is_invalid() {
            let message = format!("expected text, found {}", node.describe());
            reading.report.add(Finding::new(Code::WrongType, node.span, message));
        }
        return None;
    };
    template(node, scalar, Site::Header, uses, reading)
}
