//! The spanned tree: YAML as written, with the place of every key and value.

use super::{SourceText, Span};

/// A value with the place it was written at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Spanned<T> {
    pub(crate) value: T,
    pub(crate) span: Span,
}

impl<T> Spanned<T> {
    pub(crate) fn new(value: T, span: Span) -> Self {
        Self { value, span }
    }
}

/// One YAML node.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    pub(crate) span: Span,
    pub(crate) kind: NodeKind,
}

/// What a node is.
#[derive(Clone, Debug)]
pub(crate) enum NodeKind {
    Scalar(Scalar),
    List(Vec<Node>),
    Mapping(Mapping),
    /// Already reported; nothing more is said about it.
    Invalid,
}

/// A scalar and how it was written.
#[derive(Clone, Debug)]
pub(crate) struct Scalar {
    pub(crate) text: String,
    /// Written without quotes and not as a block: the only style that may be a number, boolean or null.
    pub(crate) plain: bool,
}

/// A mapping in the order of the file.
#[derive(Clone, Debug)]
pub(crate) struct Mapping {
    pub(crate) entries: Vec<Entry>,
    /// False when a syntax error cut the file inside this mapping: absent keys prove nothing.
    pub(crate) complete: bool,
}

/// One key and its value.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) key: Spanned<String>,
    pub(crate) value: Node,
}

impl Node {
    pub(crate) fn invalid(span: Span) -> Self {
        Self { span, kind: NodeKind::Invalid }
    }

    /// What to call the node in a message: "a list", "text".
    pub(crate) fn describe(&self) -> &'static str {
        match &self.kind {
            NodeKind::Scalar(scalar) => super::Plain::of(scalar).describe(),
            NodeKind::List(_) => "a list",
            NodeKind::Mapping(_) => "a mapping",
            NodeKind::Invalid => "an unreadable value",
        }
    }

    pub(crate) fn is_null(&self) -> bool {
        match &self.kind {
            NodeKind::Scalar(scalar) => matches!(super::Plain::of(scalar), super::Plain::Null),
            _ => false,
        }
    }

    pub(crate) fn is_invalid(&self) -> bool {
        matches!(self.kind, NodeKind::Invalid)
    }

    pub(crate) fn mapping(&self) -> Option<&Mapping> {
        match &self.kind {
            NodeKind::Mapping(mapping) => Some(mapping),
            _ => None,
        }
    }

    pub(crate) fn scalar(&self) -> Option<&Scalar> {
        match &self.kind {
            NodeKind::Scalar(scalar) => Some(scalar),
            _ => None,
        }
    }

    /// The keys that lead to an offset: `["object_types", "user", "commands", "get"]`.
    pub(crate) fn path_to(&self, offset: usize) -> Vec<String> {
        let mut path = Vec::new();
        self.extend_path(offset, &mut path);
        path
    }

    fn extend_path(&self, offset: usize, path: &mut Vec<String>) {
        match &self.kind {
            NodeKind::Mapping(mapping) => {
                let holds = |entry: &&Entry| {
                    entry.key.span.contains(offset) || entry.value.span.contains(offset)
                };
                if let Some(entry) = mapping.entries.iter().find(holds) {
                    path.push(entry.key.value.clone());
                    entry.value.extend_path(offset, path);
                }
            }
            NodeKind::List(items) => {
                let holds = |item: &&Self| item.span.contains(offset);
                if let Some(item) = items.iter().find(holds) {
                    item.extend_path(offset, path);
                }
            }
            NodeKind::Scalar(_) | NodeKind::Invalid => {}
        }
    }

    /// Nodes of the subtree, itself included.
    pub(crate) fn count(&self) -> usize {
        match &self.kind {
            NodeKind::List(items) => 1 + items.iter().map(Self::count).sum::<usize>(),
            NodeKind::Mapping(mapping) => {
                1 + mapping.entries.iter().map(|entry| 1 + entry.value.count()).sum::<usize>()
            }
            NodeKind::Scalar(_) | NodeKind::Invalid => 1,
        }
    }

    /// How deep the subtree nests, a scalar being 0.
    pub(crate) fn depth(&self) -> usize {
        match &self.kind {
            NodeKind::List(items) => 1 + items.iter().map(Self::depth).max().unwrap_or(0),
            NodeKind::Mapping(mapping) => {
                1 + mapping.entries.iter().map(|entry| entry.value.depth()).max().unwrap_or(0)
            }
            NodeKind::Scalar(_) | NodeKind::Invalid => 0,
        }
    }
}

impl Mapping {
    pub(crate) fn get(&self, key: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.key.value == key)
    }
}

impl Scalar {
    /// The place of a byte range of the scalar's value.
    ///
    /// Exact where the value stands in the source as it is (plain, or quoted without escapes); in
    /// folded or escaped text the same occurrence of the same characters is looked up, and the
    /// whole scalar is the answer when there is none.
    pub(crate) fn locate(
        &self,
        whole: Span,
        source: &SourceText,
        start: usize,
        end: usize,
    ) -> Span {
        let raw = source.slice(whole);
        let content = usize::from(!self.plain);
        if raw.get(content..).is_some_and(|raw| raw.starts_with(self.text.as_str())) {
            return Span::new(whole.start + content + start, whole.start + content + end);
        }
        let (Some(wanted), Some(before)) = (self.text.get(start..end), self.text.get(..start))
        else {
            return whole;
        };
        if wanted.is_empty() {
            return whole;
        }
        let earlier = before.matches(wanted).count();
        raw.match_indices(wanted)
            .nth(earlier)
            .map_or(whole, |(at, _)| Span::new(whole.start + at, whole.start + at + wanted.len()))
    }
}
