//! Reading a mapping key by key: unknown keys, empty values and wrong types are reported once.

use serde_json::Value;

use super::Reading;
use crate::diagnostic::{Code, Finding, suggest};
use crate::source::{Entry, Mapping, Node, NodeKind, Plain, Span, Spanned};

/// A mapping whose keys are known.
pub(crate) struct Fields<'a> {
    /// What it is, for messages: "command `user.get`".
    of: String,
    /// Where it is named.
    name_span: Span,
    mapping: Option<&'a Mapping>,
    /// Keys that stand in the wrong place and were reported there: their absence is no news.
    excused: Vec<&'a str>,
}

impl<'a> Fields<'a> {
    /// Reads a node that must be a mapping with some of these keys; reports everything else.
    pub(crate) fn read(
        of: impl Into<String>,
        name_span: Span,
        node: &'a Node,
        known: &[&str],
        reading: &mut Reading<'_>,
    ) -> Self {
        let of = of.into();
        let mapping = mapping(node, reading);
        for entry in mapping.into_iter().flat_map(|mapping| &mapping.entries) {
            if !known.contains(&entry.key.value.as_str()) {
                reading.report.add(unknown_key(&entry.key, &of, known));
            } else if entry.value.is_null() {
                let message = format!("`{}` is empty", entry.key.value);
                let finding = Finding::new(Code::EmptyValue, entry.key.span, message);
                reading.report.add(finding.help(match entry.key.value.as_str() {
                    "arguments" | "body" | "headers" | "params" | "query" => {
                        "remove the key or write `{}`"
                    }
                    _ => "remove the key or give it a value",
                }));
            }
        }
        Self { of, name_span, mapping, excused: Vec::new() }
    }

    /// Keeps quiet about the absence of these keys.
    pub(crate) fn excuse(mut self, keys: &[&'a str]) -> Self {
        self.excused.extend(keys);
        self
    }

    /// Whether the mapping could be read at all.
    pub(crate) fn is_readable(&self) -> bool {
        self.mapping.is_some()
    }

    /// A key's entry, unless it is absent, empty or unreadable.
    pub(crate) fn get(&self, key: &str) -> Option<&'a Entry> {
        let entry = self.mapping?.get(key)?;
        (!entry.value.is_null() && !entry.value.is_invalid()).then_some(entry)
    }

    /// Whether a key is written, be its value empty or unreadable.
    pub(crate) fn has(&self, key: &str) -> bool {
        self.mapping.is_some_and(|mapping| mapping.get(key).is_some())
    }

    /// A key's entry; its absence is an error.
    pub(crate) fn require(&self, key: &str, reading: &mut Reading<'_>) -> Option<&'a Entry> {
        let mapping = self.mapping?;
        if mapping.get(key).is_none() && mapping.complete && !self.excused.contains(&key) {
            let message = format!("{} has no `{key}`", self.of);
            reading.report.add(Finding::new(Code::MissingKey, self.name_span, message));
        }
        self.get(key)
    }

    pub(crate) fn text(&self, key: &str, reading: &mut Reading<'_>) -> Option<Spanned<String>> {
        text(&self.get(key)?.value, reading)
    }

    pub(crate) fn boolean(&self, key: &str, reading: &mut Reading<'_>) -> Option<Spanned<bool>> {
        let node = &self.get(key)?.value;
        let plain = node.scalar().map(Plain::of);
        if let Some(Plain::Bool(value)) = plain {
            return Some(Spanned::new(value, node.span));
        }
        let written = reading.text.slice(node.span);
        let message = match node.scalar() {
            Some(_) => format!("expected true or false, found {} `{written}`", node.describe()),
            None => format!("expected true or false, found {}", node.describe()),
        };
        let finding = Finding::new(Code::WrongType, node.span, message);
        let meant = match written.trim_matches(['"', '\'']).to_ascii_lowercase().as_str() {
            "yes" | "on" | "true" | "1" => Some("true"),
            "no" | "off" | "false" | "0" => Some("false"),
            _ => None,
        };
        reading.report.add(match meant {
            Some(word) => finding.help(format!("write `{word}`")).edit(node.span, word),
            None => finding,
        });
        None
    }

    /// A list of texts; a single text counts as a list of one.
    pub(crate) fn texts(&self, key: &str, reading: &mut Reading<'_>) -> Vec<Spanned<String>> {
        match self.get(key).map(|entry| &entry.value) {
            None => Vec::new(),
            Some(Node { kind: NodeKind::List(items), .. }) => {
                items.iter().filter_map(|item| text(item, reading)).collect()
            }
            Some(node) => text(node, reading).into_iter().collect(),
        }
    }

    /// A mapping's entries under a key.
    pub(crate) fn entries(&self, key: &str, reading: &mut Reading<'_>) -> &'a [Entry] {
        let found = self.get(key).and_then(|entry| mapping(&entry.value, reading));
        found.map_or(&[], |mapping| &mapping.entries)
    }
}

/// The mapping that a node must be.
pub(crate) fn mapping<'a>(node: &'a Node, reading: &mut Reading<'_>) -> Option<&'a Mapping> {
    if let NodeKind::Mapping(mapping) = &node.kind {
        return Some(mapping);
    }
    wrong_type(node, "a mapping", reading);
    None
}

/// The list that a node must be.
pub(crate) fn list<'a>(node: &'a Node, reading: &mut Reading<'_>) -> Option<&'a [Node]> {
    if let NodeKind::List(items) = &node.kind {
        return Some(items);
    }
    wrong_type(node, "a list", reading);
    None
}

/// The text that a node must be.
pub(crate) fn text(node: &Node, reading: &mut Reading<'_>) -> Option<Spanned<String>> {
    match node.scalar() {
        Some(scalar) if matches!(Plain::of(scalar), Plain::Text) => {
            Some(Spanned::new(scalar.text.clone(), node.span))
        }
        Some(scalar) => {
            let message = format!("expected text, found {}", node.describe());
            let quoted = format!("\"{}\"", scalar.text);
            let finding = Finding::new(Code::WrongType, node.span, message);
            reading.report.add(finding.help(format!("write `{quoted}`")).edit(node.span, quoted));
            None
        }
        None => {
            wrong_type(node, "text", reading);
            None
        }
    }
}

/// Reports a node of the wrong kind, unless it was reported as unreadable already.
pub(crate) fn wrong_type(node: &Node, expected: &str, reading: &mut Reading<'_>) {
    if !node.is_invalid() {
        let message = format!("expected {expected}, found {}", node.describe());
        reading.report.add(Finding::new(Code::WrongType, node.span, message));
    }
}

fn unknown_key(key: &Spanned<String>, of: &str, known: &[&str]) -> Finding {
    let message = format!("unknown key `{}` in {of}", key.value);
    let finding = Finding::new(Code::UnknownKey, key.span, message);
    match suggest(&key.value, known.iter().copied()) {
        Some(name) => finding.did_you_mean(key.span, Some(name)),
        None => finding.help(format!("known keys: {}", known.join(", "))),
    }
}

/// A node as JSON, unreadable parts left out.
pub(crate) fn json_of(node: &Node) -> Value {
    match &node.kind {
        NodeKind::Scalar(scalar) => scalar.to_json(),
        NodeKind::List(items) => {
            Value::Array(items.iter().filter(|item| !item.is_invalid()).map(json_of).collect())
        }
        NodeKind::Mapping(mapping) => {
            let entries = mapping.entries.iter().filter(|entry| !entry.value.is_invalid());
            Value::Object(
                entries.map(|entry| (entry.key.value.clone(), json_of(&entry.value))).collect(),
            )
        }
        NodeKind::Invalid => Value::Null,
    }
}

/// GD0208: names of commands, object types, streams and columns.
pub(crate) fn name_issue(what: &str, name: &Spanned<String>) -> Option<Finding> {
    let mut chars = name.value.chars();
    let valid = chars.next().is_some_and(|first| first.is_ascii_lowercase())
        && chars.all(|each| each == '_' || each.is_ascii_lowercase() || each.is_ascii_digit());
    if valid {
        return None;
    }
    let message = format!("{what} names use `a-z`, `0-9` and `_`, and start with a letter");
    let finding = Finding::new(Code::InvalidName, name.span, message);
    let better = snake_case(&name.value);
    Some(if better.is_empty() {
        finding
    } else {
        finding.help(format!("write `{better}`")).edit(name.span, better)
    })
}

fn snake_case(name: &str) -> String {
    let mut out = String::new();
    let mut previous_lower = false;
    for each in name.chars() {
        if each.is_ascii_alphanumeric() {
            if each.is_ascii_uppercase() && previous_lower {
                out.push('_');
            }
            out.push(each.to_ascii_lowercase());
        } else if !out.ends_with('_') && !out.is_empty() {
            out.push('_');
        }
        previous_lower = each.is_ascii_lowercase() || each.is_ascii_digit();
    }
    let trimmed = out.trim_matches('_').trim_start_matches(|each: char| each.is_ascii_digit());
    trimmed.to_owned()
}
