//! The items of a `$batch` that is written out: ids, paths, dependencies, how many.

use std::collections::BTreeMap;

use crate::definition::{CommandSource, Reading};
use crate::diagnostic::{Code, Finding, suggest};
use crate::source::{Mapping, Node, NodeKind, Scalar, Span};

/// How many requests Graph takes at once (facts: graph-protocol 10).
const MOST: usize = 20;

/// GD0433.
pub(super) fn check(command: &CommandSource<'_>, reading: &mut Reading<'_>) {
    let requests = command.body.and_then(|entry| entry.value.mapping()?.get("requests"));
    let Some(NodeKind::List(items)) = requests.map(|entry| &entry.value.kind) else { return };
    let mut ids: BTreeMap<&str, Span> = BTreeMap::new();
    for item in items.iter().filter_map(Node::mapping) {
        reading.report.extend(absolute(item));
        let Some((id, span)) = literal(item, "id") else { continue };
        if let Some(first) = ids.insert(id, span) {
            let message = format!("request `{id}` exists already");
            let finding = Finding::new(Code::ImpossibleBatch, span, message);
            let finding = finding.also(first, "the same id");
            reading.report.add(finding.help("ids are unique within a batch"));
        }
    }
    for item in items.iter().filter_map(Node::mapping) {
        unknown_dependencies(item, &ids, reading);
    }
    if let Some(item) = items.get(MOST).filter(|_| !command.split) {
        let count = items.len();
        let message = format!("batch request {} of {count}: Graph accepts {MOST}", MOST + 1);
        let finding = Finding::new(Code::ImpossibleBatch, item.span, message).warning();
        reading.report.add(finding.help("remove `split: false`: longer lists are split"));
    }
}

fn absolute(item: &Mapping) -> Option<Finding> {
    let (url, span) = literal(item, "url")?;
    let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"))?;
    let path = rest.find('/').map_or("/", |at| &rest[at..]);
    let path = ["/v1.0", "/beta"].iter().find_map(|it| path.strip_prefix(it)).unwrap_or(path);
    let message = "a batch takes paths below the version, no URLs";
    let finding = Finding::new(Code::ImpossibleBatch, span, message);
    Some(finding.help(format!("write `{path}`")))
}

fn unknown_dependencies(item: &Mapping, ids: &BTreeMap<&str, Span>, reading: &mut Reading<'_>) {
    let listed = item.get("dependsOn").map(|entry| &entry.value.kind);
    let Some(NodeKind::List(names)) = listed else { return };
    for node in names {
        let Some(name) = node.scalar().filter(|it| is_literal(it)) else { continue };
        if !ids.contains_key(name.text.as_str()) {
            let message = format!("no request has the id `{}`", name.text);
            let finding = Finding::new(Code::ImpossibleBatch, node.span, message).warning();
            let near = suggest(&name.text, ids.keys().copied());
            reading.report.add(finding.did_you_mean(node.span, near));
        }
    }
}

fn literal<'m>(item: &'m Mapping, key: &str) -> Option<(&'m str, Span)> {
    let node = &item.get(key)?.value;
    let scalar = node.scalar().filter(|it| is_literal(it))?;
    Some((scalar.text.as_str(), node.span))
}

fn is_literal(scalar: &Scalar) -> bool {
    !scalar.text.contains("{{")
}
