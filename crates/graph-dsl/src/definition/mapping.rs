//! `schema_mappings`: names for the attributes of an answer.

use super::Reading;
use super::fields::{Fields, json_of, mapping, text};
use super::tuning::choice;
use crate::diagnostic::{Code, Finding};
use crate::mapping::{
    Attribute, AttributeKind, AttributeSource, JsonPath, Pipeline, SchemaMapping, Shape, path_of,
};
use crate::source::{Entry, Node, Span};

pub(super) const KEYS: &[&str] = &["default", "join", "path", "required", "type", "value"];

/// Reads one entry of `schema_mappings`.
pub(super) fn read_mapping(entry: &Entry, reading: &mut Reading<'_>) -> SchemaMapping {
    let entries = mapping(&entry.value, reading).map_or(&[][..], |mapping| &mapping.entries);
    reading.report.extend(mapped_twice(entries));
    let attributes = entries.iter().filter_map(|entry| read_attribute(entry, reading)).collect();
    SchemaMapping { name: entry.key.value.clone(), attributes }
}

/// GD0508: names that only letter case tells apart are one column in a table or a database.
fn mapped_twice(entries: &[Entry]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (index, Entry { key, .. }) in entries.iter().enumerate() {
        let same = |first: &&Entry| first.key.value.eq_ignore_ascii_case(&key.value);
        if let Some(first) = entries[..index].iter().find(same) {
            let message = format!("`{}` is mapped twice", key.value);
            let finding = Finding::new(Code::MappedTwice, key.span, message);
            let finding = finding.also(first.key.span, "first mapped here");
            findings.push(finding.help("names differ in more than letter case"));
        }
    }
    findings
}

fn read_attribute(entry: &Entry, reading: &mut Reading<'_>) -> Option<Attribute> {
    let name = entry.key.value.clone();
    let plain = |source, pipeline| Attribute {
        name: name.clone(),
        source,
        pipeline,
        join: None,
        default: None,
        required: false,
        kind: None,
    };
    if entry.value.mapping().is_none() {
        let (path, pipeline, _) = read_pipeline(&entry.value, reading)?;
        return Some(plain(AttributeSource::Path(path), pipeline));
    }
    let what = format!("attribute `{name}`");
    let fields = Fields::read(what, entry.key.span, &entry.value, KEYS, reading);
    let (source, pipeline, shape) = if let Some(value) = fields.get("value") {
        (AttributeSource::Value(json_of(&value.value)), Pipeline::default(), Shape::Any)
    } else {
        let node = &fields.require("path", reading)?.value;
        let (path, pipeline, shape) = read_pipeline(node, reading)?;
        (AttributeSource::Path(path), pipeline, shape)
    };
    let kind = choice(&fields, "type", &AttributeKind::NAMES, reading);
    let attribute = Attribute {
        join: fields.text("join", reading).map(|text| text.value),
        default: fields.get("default").map(|entry| json_of(&entry.value)),
        required: fields.boolean("required", reading).is_some_and(|flag| flag.value),
        kind: kind.as_deref().and_then(AttributeKind::named),
        ..plain(source, pipeline)
    };
    check(&attribute, shape, &fields, entry.key.span, reading);
    Some(attribute)
}

/// A path and its functions, with the shape of what comes out. GD0506.
pub(super) fn read_pipeline(
    node: &Node,
    reading: &mut Reading<'_>,
) -> Option<(JsonPath, Pipeline, Shape)> {
    let path = read_path(node, reading)?;
    let scalar = node.scalar()?;
    let shape = if path.is_many() { Shape::List } else { Shape::Any };
    match Pipeline::compile(&scalar.text, shape) {
        Ok((pipeline, shape)) => Some((path, pipeline, shape)),
        Err(error) => {
            let span = scalar.locate(node.span, reading.text, error.range.start, error.range.end);
            let finding = Finding::new(Code::InvalidStep, span, error.message);
            let finding = finding.did_you_mean(span, error.meant);
            reading.report.add(finding.maybe_help(error.help.map(str::to_owned)));
            None
        }
    }
}

/// The path itself; what follows it is for others.
fn read_path(node: &Node, reading: &mut Reading<'_>) -> Option<JsonPath> {
    text(node, reading)?;
    let scalar = node.scalar()?;
    match JsonPath::compile(path_of(&scalar.text)) {
        Ok(path) => Some(path),
        Err(error) => {
            let end = (error.at + 1).min(scalar.text.len());
            let start = error.at.min(end.saturating_sub(1));
            let span = scalar.locate(node.span, reading.text, start, end);
            let finding = Finding::new(Code::InvalidJsonPath, span, error.message);
            reading.report.add(if error.at == 0 {
                finding.help(format!("write `$.{}`, or `value:` for a fixed value", scalar.text))
            } else {
                finding.help("JSONPath as in RFC 9535")
            });
            None
        }
    }
}

fn check(
    attribute: &Attribute,
    shape: Shape,
    fields: &Fields<'_>,
    name: Span,
    reading: &mut Reading<'_>,
) {
    if let (true, Some(entry)) = (attribute.required, fields.get("default")) {
        let message = "a required attribute cannot have a default";
        reading.report.add(Finding::new(Code::RequiredWithDefault, entry.value.span, message));
    }
    let AttributeSource::Path(path) = &attribute.source else { return };
    let given = if attribute.join.is_some() { Shape::Text } else { shape };
    if let Some(kind) = attribute.kind.filter(|kind| given != Shape::List && !kind.may_be(given)) {
        let span = fields.get("path").map_or(name, |entry| entry.value.span);
        let message = format!("the path gives {}, expected {}", given.words(), kind.expectation());
        reading.report.add(Finding::new(Code::InvalidStep, span, message));
    }
    let single = attribute.kind.is_some_and(|kind| kind != AttributeKind::List);
    if shape == Shape::List && single && attribute.join.is_none() {
        let span = fields.get("path").map_or(name, |entry| entry.value.span);
        let message = format!("`{path:?}` yields a list; `{}` is one value", attribute.name);
        let finding = Finding::new(Code::ManyValues, span, message);
        reading
            .report
            .add(finding.help("`type: list`, `join: \",\"`, or a step such as `| first`"));
    }
}
