//! A system file's bytes, read into a tree that keeps every position.

mod bytes;
mod reader;
mod scalar;
mod syntax;
mod text;
mod tree;

pub(crate) use reader::{Document, read};
pub(crate) use scalar::{Plain, ambiguity};
pub(crate) use text::SourceText;
pub(crate) use tree::{Entry, Mapping, Node, NodeKind, Scalar, Spanned};

/// Largest system file that is read, in bytes (4 MiB).
pub const MAX_FILE_BYTES: usize = 4 * 1024 * 1024;
/// Deepest nesting of mappings and lists.
pub const MAX_DEPTH: usize = 24;
/// Most aliases in one file.
pub const MAX_ALIASES: usize = 64;
/// Most nodes that the aliases of one file may expand to.
pub const MAX_EXPANDED_NODES: usize = 20_000;

/// A system file as it came from disk: a name for messages and the bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceFile {
    /// The path shown in diagnostics; it is never opened.
    pub path: String,
    /// The file's content, in whatever state it is.
    pub bytes: Vec<u8>,
}

impl SourceFile {
    /// A source file from a path for messages and its content.
    pub fn new(path: impl Into<String>, bytes: impl Into<Vec<u8>>) -> Self {
        Self { path: path.into(), bytes: bytes.into() }
    }
}

/// A half-open range of byte offsets in a source file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Span {
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
}

impl Span {
    /// A range of bytes; an inverted one is empty at `start`.
    pub fn new(start: usize, end: usize) -> Self {
        Self { start, end: end.max(start) }
    }

    /// The empty range at an offset.
    pub fn at(offset: usize) -> Self {
        Self { start: offset, end: offset }
    }

    /// Whether the range holds the offset.
    pub fn contains(self, offset: usize) -> bool {
        self.start <= offset && offset < self.end.max(self.start + 1)
    }
}
