//! Compiling a body: JSON with templates, references without hosts, no literal passwords.

use super::arguments::{Site, Uses};
use super::scalar::{check_ambiguous, refuse_template, template};
use crate::definition::Reading;
use crate::diagnostic::{Code, Finding, is_secret_key};
use crate::plan::{ArgumentKind, BodyTemplate};
use crate::source::{Entry, Mapping, Node, NodeKind, Plain, Scalar, Span};
use crate::template::{Expression, Template};

pub(super) fn compile(
    node: &Node,
    uses: &mut Uses<'_>,
    reading: &mut Reading<'_>,
) -> Option<BodyTemplate> {
    Some(match value(node, None, uses, reading)? {
        BodyTemplate::Template(template) if is_binary(&template, uses) => {
            BodyTemplate::Bytes(template)
        }
        body => body,
    })
}

/// Whether a template is one argument that was declared as `binary`.
fn is_binary(template: &Template, uses: &Uses<'_>) -> bool {
    let name = template.whole().and_then(Expression::bare_parameter);
    name.is_some_and(|name| uses.is_declared_as(name, &ArgumentKind::Binary))
}

fn value(
    node: &Node,
    key: Option<&str>,
    uses: &mut Uses<'_>,
    reading: &mut Reading<'_>,
) -> Option<BodyTemplate> {
    match &node.kind {
        NodeKind::Scalar(scalar) => scalar_value(node, scalar, key, uses, reading),
        NodeKind::List(items) => {
            let items: Vec<_> =
                items.iter().filter_map(|item| value(item, key, uses, reading)).collect();
            Some(folded_list(items))
        }
        NodeKind::Mapping(mapping) if mapping.get("ref").is_some() => {
            reference(node, mapping, uses, reading)
        }
        NodeKind::Mapping(mapping) => Some(object(mapping, uses, reading)),
        NodeKind::Invalid => None,
    }
}

fn object(mapping: &Mapping, uses: &mut Uses<'_>, reading: &mut Reading<'_>) -> BodyTemplate {
    let mut entries = Vec::new();
    for Entry { key, value: node } in &mapping.entries {
        if refuse_template(&key.value, key.span, "a key", reading) {
            continue;
        }
        entries
            .extend(value(node, Some(&key.value), uses, reading).map(|it| (key.value.clone(), it)));
    }
    folded_object(entries)
}

/// A list or object without any template is one literal.
fn folded_list(items: Vec<BodyTemplate>) -> BodyTemplate {
    let literals: Option<Vec<_>> = items.iter().map(literal).collect();
    literals.map_or(BodyTemplate::List(items), |all| {
        BodyTemplate::Literal(serde_json::Value::Array(all))
    })
}

fn folded_object(entries: Vec<(String, BodyTemplate)>) -> BodyTemplate {
    let literals: Option<serde_json::Map<_, _>> = entries
        .iter()
        .map(|(key, value)| literal(value).map(|value| (key.clone(), value)))
        .collect();
    literals.map_or(BodyTemplate::Object(entries), |all| {
        BodyTemplate::Literal(serde_json::Value::Object(all))
    })
}

fn literal(value: &BodyTemplate) -> Option<serde_json::Value> {
    match value {
        BodyTemplate::Literal(value) => Some(value.clone()),
        _ => None,
    }
}

fn scalar_value(
    node: &Node,
    scalar: &Scalar,
    key: Option<&str>,
    uses: &mut Uses<'_>,
    reading: &mut Reading<'_>,
) -> Option<BodyTemplate> {
    if let Some(finding) = refused(node.span, scalar, key) {
        // The URL of a batch's item was reported as such.
        if !reading.report.has(&[Code::ImpossibleBatch], node.span) {
            reading.report.add(finding);
        }
        return None;
    }
    check_ambiguous(node, scalar, reading);
    if !matches!(Plain::of(scalar), Plain::Text) {
        return Some(BodyTemplate::Literal(scalar.to_json()));
    }
    let compiled = template(node, scalar, Site::Body, uses, reading)?;
    Some(match compiled.literal() {
        Some(text) => BodyTemplate::Literal(text.into()),
        None => BodyTemplate::Template(compiled),
    })
}

/// GD0412, GD0413, GD0606: what no text in a body may be.
fn refused(span: Span, scalar: &Scalar, key: Option<&str>) -> Option<Finding> {
    let text = scalar.text.as_str();
    let key = key.unwrap_or_default();
    let is_reference = key == "@odata.id" || key.ends_with("@odata.bind");
    let is_url = text.starts_with("https://") || text.starts_with("http://");
    if (is_reference && is_url) || text.contains("://graph.microsoft.") {
        let finding =
            Finding::new(Code::LiteralHost, span, "the host must follow `connection.cloud`");
        return Some(finding.help("write `{ ref: directoryObjects, id: … }`"));
    }
    if is_reference {
        let finding =
            Finding::new(Code::InvalidReference, span, format!("`{key}` needs a full URL"));
        return Some(finding.help("write `{ ref: directoryObjects, id: … }`"));
    }
    let is_value = !matches!(Plain::of(scalar), Plain::Null | Plain::Bool(_));
    if is_secret_key(key) && is_value && !text.contains("{{") {
        let finding = Finding::new(Code::PasswordLiteral, span, "a literal password in a body");
        return Some(finding.label("the value is not shown").help("declare a `secret` parameter"));
    }
    None
}

/// `{ ref: directoryObjects, id: "{{ params.member_id }}" }`.
fn reference(
    node: &Node,
    mapping: &Mapping,
    uses: &mut Uses<'_>,
    reading: &mut Reading<'_>,
) -> Option<BodyTemplate> {
    let wrong = |span: Span, message: &str| {
        Finding::new(Code::InvalidReference, span, message)
            .help("write `{ ref: directoryObjects, id: \"{{ params.id }}\" }`")
    };
    if let Some(other) =
        mapping.entries.iter().find(|entry| !matches!(entry.key.value.as_str(), "ref" | "id"))
    {
        reading.report.add(wrong(other.key.span, "a reference has `ref` and `id`, nothing else"));
        return None;
    }
    let set = mapping.get("ref").map(|entry| &entry.value)?;
    let name = set.scalar().map(|scalar| scalar.text.as_str()).unwrap_or_default();
    let valid = !name.is_empty()
        && name.split('/').all(|part| {
            part.starts_with(|first: char| first.is_ascii_alphabetic())
                && part.chars().all(|each| each.is_ascii_alphanumeric())
        });
    if !valid {
        reading.report.add(wrong(set.span, "`ref` names an entity set such as `directoryObjects`"));
        return None;
    }
    let Some(id) = mapping.get("id") else {
        reading.report.add(wrong(node.span, "the reference has no `id`"));
        return None;
    };
    let Some(scalar) = id.value.scalar() else {
        reading.report.add(wrong(id.value.span, "`id` is text or one expression"));
        return None;
    };
    let id = template(&id.value, scalar, Site::Body, uses, reading)?;
    Some(BodyTemplate::Reference { set: name.to_owned(), id })
}
