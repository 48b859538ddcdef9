//! Parser events to the spanned tree, with every problem of the YAML level reported.

use std::collections::HashMap;

use saphyr_parser::{Event, Parser, ScalarStyle, Span as Marks, Tag};

use super::bytes::{bom_length, decode, mixed_line_endings, trailing_spaces};
use super::syntax::{Failure, classify};
use super::{Entry, MAX_ALIASES, MAX_DEPTH, MAX_EXPANDED_NODES, Mapping, Node, NodeKind, Scalar};
use super::{SourceFile, SourceText, Span, Spanned};
use crate::diagnostic::{Code, Finding};

/// A file as read: its text, the tree (what could be read of it) and what is wrong with it.
pub(crate) struct Document {
    pub(crate) text: SourceText,
    pub(crate) root: Option<Node>,
    /// A syntax error cut the file short: what is absent may stand below it.
    pub(crate) truncated: bool,
    pub(crate) findings: Vec<Finding>,
}

/// Reads a file; never fails, everything wrong is a finding.
pub(crate) fn read(source: &SourceFile) -> Document {
    let (text, mut findings) = decode(&source.bytes);
    if !findings.is_empty() {
        return Document { text, root: None, truncated: true, findings };
    }
    findings.extend(mixed_line_endings(text.as_str()));
    let bom = bom_length(text.as_str());
    let mut builder = Builder::new(&text, bom);
    let truncated = builder.run(&text.as_str()[bom..]);
    let root = builder.root.take();
    findings.append(&mut builder.findings);
    if root.is_none() && !truncated && findings.is_empty() {
        findings.push(empty_file());
    }
    let root = root.and_then(|root| check_root(root, truncated, &mut findings));
    Document { text, root, truncated, findings }
}

fn check_root(root: Node, truncated: bool, findings: &mut Vec<Finding>) -> Option<Node> {
    match &root.kind {
        NodeKind::Mapping(_) => return Some(root),
        NodeKind::Invalid => {}
        _ if root.is_null() && !truncated => {
            findings.push(empty_file());
        }
        _ if truncated => {}
        _ => {
            let message = format!("expected a mapping, found {}", root.describe());
            findings.push(Finding::new(Code::NotAMapping, root.span, message));
        }
    }
    None
}

fn empty_file() -> Finding {
    let finding = Finding::new(Code::EmptyFile, Span::at(0), "file has no content");
    finding.help("start with `apiVersion: 1`")
}

/// A collection that is still open.
struct Open {
    anchor: usize,
    start: Span,
    flow: bool,
    kind: OpenKind,
}

enum OpenKind {
    List(Vec<Node>),
    Mapping { entries: Vec<Entry>, key: Option<Key> },
}

/// A key waiting for its value; `None` text was reported already and drops the value.
struct Key {
    text: Option<Spanned<String>>,
}

struct Builder<'a> {
    text: &'a SourceText,
    /// Byte offset of each character, only when some character takes more than one byte.
    offsets: Option<Vec<usize>>,
    bom: usize,
    stack: Vec<Open>,
    /// Collections open below the deepest level that is kept.
    skipped: usize,
    anchors: HashMap<usize, Node>,
    aliases: usize,
    expanded: usize,
    documents: usize,
    last_end: usize,
    root: Option<Node>,
    findings: Vec<Finding>,
}

impl<'a> Builder<'a> {
    fn new(text: &'a SourceText, bom: usize) -> Self {
        let body = &text.as_str()[bom..];
        let offsets = (!body.is_ascii()).then(|| {
            body.char_indices().map(|(at, _)| at).chain(std::iter::once(body.len())).collect()
        });
        Self {
            text,
            offsets,
            bom,
            stack: Vec::new(),
            skipped: 0,
            anchors: HashMap::new(),
            aliases: 0,
            expanded: 0,
            documents: 0,
            last_end: bom,
            root: None,
            findings: Vec::new(),
        }
    }

    /// Feeds every event; true when the file ended in a syntax error.
    fn run(&mut self, body: &str) -> bool {
        let mut parser = Parser::new_from_str(body);
        while let Some(event) = parser.next_event() {
            match event {
                Ok((event, marks)) => {
                    let span = self.span(marks);
                    if self.event(event, span) {
                        return false;
                    }
                    self.last_end = self.last_end.max(span.end);
                }
                Err(error) => {
                    let failure = Failure {
                        at: self.offset(error.marker().index()),
                        info: error.info(),
                        last_end: self.last_end,
                        open_flow: self
                            .stack
                            .iter()
                            .rev()
                            .find(|open| open.flow)
                            .map(|open| open.start),
                    };
                    self.findings.push(classify(self.text, &failure));
                    self.close_all();
                    return true;
                }
            }
        }
        false
    }

    fn offset(&self, index: usize) -> usize {
        let within = match &self.offsets {
            Some(offsets) => offsets.get(index).or(offsets.last()).copied().unwrap_or(index),
            None => index,
        };
        (self.bom + within).min(self.text.as_str().len())
    }

    fn span(&self, marks: Marks) -> Span {
        Span::new(self.offset(marks.start.index()), self.offset(marks.end.index()))
    }

    /// Handles one event; true when nothing after it is to be read.
    fn event(&mut self, event: Event<'_>, span: Span) -> bool {
        match event {
            Event::DocumentStart(_) => {
                self.documents += 1;
                if self.documents > 1 {
                    let finding = Finding::new(
                        Code::ManyDocuments,
                        span,
                        "a system file holds exactly one document",
                    );
                    self.findings.push(finding.help("split the file"));
                    return true;
                }
            }
            Event::Scalar(text, style, anchor, tag) => {
                let node = self.scalar(&text, style, span, tag.as_deref());
                self.value(node, anchor);
            }
            Event::SequenceStart(anchor, tag) => {
                self.open(OpenKind::List(Vec::new()), anchor, span, tag.as_deref());
            }
            Event::MappingStart(anchor, tag) => {
                let kind = OpenKind::Mapping { entries: Vec::new(), key: None };
                self.open(kind, anchor, span, tag.as_deref());
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(span, true),
            Event::Alias(anchor) => self.alias(anchor, span),
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentEnd => {}
        }
        false
    }

    fn scalar(&mut self, text: &str, style: ScalarStyle, span: Span, tag: Option<&Tag>) -> Node {
        let tagged = self.check_tag(tag, span);
        self.findings.extend(trailing_spaces(self.text, span));
        let plain = style == ScalarStyle::Plain && !tagged;
        Node { span, kind: NodeKind::Scalar(Scalar { text: text.to_owned(), plain }) }
    }

    /// Reports a tag that is not accepted; true when the value is marked as text.
    fn check_tag(&mut self, tag: Option<&Tag>, span: Span) -> bool {
        let Some(tag) = tag else { return false };
        if tag.is_yaml_core_schema() && matches!(tag.suffix.as_str(), "str" | "binary") {
            return true;
        }
        let from = self.last_end.min(span.start);
        let written = self.text.as_str()[from..span.end].find('!').map_or(span, |at| {
            let rest = &self.text.as_str()[from + at..];
            let length = rest.find(char::is_whitespace).unwrap_or(rest.len());
            Span::new(from + at, from + at + length)
        });
        let name = match self.text.slice(written) {
            name if name.starts_with('!') => name.to_owned(),
            _ => tag.to_string(),
        };
        let finding = Finding::new(Code::UnknownTag, written, format!("unknown tag `{name}`"));
        self.findings.push(finding.help("remove it; only `!!str` and `!!binary` are accepted"));
        false
    }

    fn open(&mut self, kind: OpenKind, anchor: usize, span: Span, tag: Option<&Tag>) {
        self.check_tag(tag, span);
        if self.skipped > 0 || self.stack.len() == MAX_DEPTH {
            if self.skipped == 0 {
                self.findings.push(too_deep(span));
            }
            self.skipped += 1;
            return;
        }
        let flow = self.text.as_str()[span.start..].starts_with(['{', '[']);
        self.stack.push(Open { anchor, start: span, flow, kind });
    }

    fn close(&mut self, end: Span, complete: bool) {
        if self.skipped > 0 {
            self.skipped -= 1;
            if self.skipped == 0 {
                self.value(Node::invalid(end), 0);
            }
            return;
        }
        let Some(open) = self.stack.pop() else { return };
        let (start, anchor) = (open.start.start, open.anchor);
        let (kind, last) = match open.kind {
            OpenKind::List(items) => {
                let last = items.last().map(|item| item.span.end);
                (NodeKind::List(items), last)
            }
            OpenKind::Mapping { entries, .. } => {
                let last = entries.last().map(|entry| entry.value.span.end.max(entry.key.span.end));
                (NodeKind::Mapping(Mapping { entries, complete }), last)
            }
        };
        let end = if open.flow { end.end } else { last.unwrap_or(open.start.end) };
        let node = Node { span: Span::new(start, end), kind };
        let node = self.template_in_braces(node).unwrap_or_else(|node| node);
        self.value(node, anchor);
    }

    fn close_all(&mut self) {
        let end = Span::at(self.last_end);
        self.skipped = 0;
        while !self.stack.is_empty() {
            self.close(end, false);
        }
    }

    /// GD0104: `{{ x }}` without quotes is a mapping whose key is a mapping.
    fn template_in_braces(&mut self, node: Node) -> Result<Node, Node> {
        let raw = self.text.slice(node.span);
        if !raw.starts_with("{{") || !matches!(node.kind, NodeKind::Mapping(_)) {
            return Err(node);
        }
        let at = node.span.start;
        self.findings.retain(|finding| !node.span.contains(finding.span().start));
        self.findings.push(unquoted_template(at, node.span.end));
        Ok(Node::invalid(node.span))
    }

    fn alias(&mut self, anchor: usize, span: Span) {
        let span = Span::new(span.start, span.end.max(span.start + 1));
        self.aliases += 1;
        let Some(target) = self.anchors.get(&anchor).cloned() else {
            let message = "an alias inside its own anchor never ends";
            self.findings
                .push(Finding::new(Code::AliasBudget, span, message).help("write the value out"));
            return self.value(Node::invalid(span), 0);
        };
        self.expanded += target.count();
        if self.aliases > MAX_ALIASES || self.expanded > MAX_EXPANDED_NODES {
            if !self.findings.iter().any(|finding| finding.code() == Code::AliasBudget) {
                let message = "more than 64 aliases or 20 000 nodes after expansion";
                let finding = Finding::new(Code::AliasBudget, span, message);
                self.findings.push(finding.help("write the value out"));
            }
            return self.value(Node::invalid(span), 0);
        }
        if self.stack.len() + target.depth() > MAX_DEPTH {
            self.findings.push(too_deep(span));
            return self.value(Node::invalid(span), 0);
        }
        self.value(target, 0);
    }

    /// Puts a finished node where it belongs: as root, list item, key or value.
    fn value(&mut self, node: Node, anchor: usize) {
        if self.skipped > 0 {
            return;
        }
        if anchor > 0 {
            self.anchors.insert(anchor, node.clone());
        }
        let Some((open, outer)) = self.stack.split_last_mut() else {
            self.root = Some(node);
            return;
        };
        match &mut open.kind {
            OpenKind::List(items) => items.push(node),
            OpenKind::Mapping { entries, key } => match key.take() {
                Some(Key { text: Some(text) }) => entries.push(Entry { key: text, value: node }),
                Some(Key { text: None }) => {}
                None => {
                    let accepted = accept_key(node, entries, outer, self.text);
                    *key = Some(Key {
                        text: accepted
                            .map_err(|finding| self.findings.extend(finding.map(|it| *it)))
                            .ok(),
                    });
                }
            },
        }
    }
}

/// A key as text, or why it is none.
fn accept_key(
    node: Node,
    entries: &[Entry],
    outer: &[Open],
    text: &SourceText,
) -> Result<Spanned<String>, Option<Box<Finding>>> {
    let span = node.span;
    let scalar = match node.kind {
        NodeKind::Scalar(scalar) => scalar,
        NodeKind::Invalid => return Err(None),
        NodeKind::List(_) | NodeKind::Mapping(_) => {
            return Err(Some(Box::new(not_text(span, None))));
        }
    };
    if scalar.plain && scalar.text == "<<" {
        let finding = Finding::new(Code::MergeKey, span, "merge keys are not supported");
        return Err(Some(Box::new(
            finding.help("write the keys out, or share commands with `extends:`"),
        )));
    }
    if !matches!(super::Plain::of(&scalar), super::Plain::Text) {
        return Err(Some(Box::new(not_text(span, Some(text.slice(span))))));
    }
    if let Some(first) = entries.iter().find(|entry| entry.key.value == scalar.text) {
        let message = match path_of(outer).as_str() {
            "" => format!("duplicate key `{}`", scalar.text),
            path => format!("duplicate key `{}` in `{path}`", scalar.text),
        };
        let finding = Finding::new(Code::DuplicateKey, span, message);
        let finding = finding.also(first.key.span, "first written here");
        return Err(Some(Box::new(finding.help("rename or remove one"))));
    }
    Ok(Spanned::new(scalar.text, span))
}

/// The keys that lead into the innermost open mapping: `object_types.user.commands`.
fn path_of(outer: &[Open]) -> String {
    let key = |open: &Open| match &open.kind {
        OpenKind::Mapping { key: Some(Key { text: Some(text) }), .. } => Some(text.value.clone()),
        _ => None,
    };
    outer.iter().filter_map(key).collect::<Vec<_>>().join(".")
}

fn not_text(span: Span, written: Option<&str>) -> Finding {
    let finding = Finding::new(Code::KeyNotText, span, "keys must be text").help("quote it");
    match written {
        Some(written) if !written.is_empty() => finding.edit(span, format!("\"{written}\"")),
        _ => finding,
    }
}

fn too_deep(span: Span) -> Finding {
    let span = Span::new(span.start, span.end.max(span.start + 1));
    Finding::new(Code::TooDeep, span, format!("nested more than {MAX_DEPTH} levels"))
}

pub(super) fn unquoted_template(start: usize, end: usize) -> Finding {
    let span = Span::new(start, start + 2);
    let finding =
        Finding::new(Code::UnquotedTemplate, span, "`{{` starts a YAML mapping, not a template");
    finding.help("quote the template").edit(Span::at(start), "\"").edit(Span::at(end), "\"")
}
