//! What the keys of every block mean: the reader's lists with a sentence and a kind of value each.

mod calls;
mod connections;
mod streams;

use crate::connection::CLOUD_NAMES;
use Content::Any;

/// A mapping of the language.
pub(crate) struct Block {
    pub(crate) name: &'static str,
    pub(crate) summary: &'static str,
    /// The list that the reader checks keys against.
    pub(crate) keys: &'static [&'static str],
    pub(crate) described: &'static [(&'static str, Content, &'static str)],
}

/// The kind of value of a key, as far as an editor needs it.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Content {
    Any,
    Text,
    /// One text, or a list of them.
    Texts,
    Flag,
    Number,
    /// From, to.
    Integer(u64, u64),
    /// Above 0, at most.
    Seconds(u64),
    Mapping,
    Words(&'static [&'static str]),
    /// One of some words, or a reference.
    Setting(&'static [&'static str]),
    /// A secret: never the value itself.
    Reference,
    /// One HTTP status, or a list of them.
    Statuses,
    /// A number, or `auto`.
    Concurrency,
    /// A list of clouds that offer it, or a mapping of those that do not.
    Clouds,
    /// Names, or names by whether they are delegated.
    Permission,
    /// What the way to sign in reads.
    Credentials,
    /// Outcome rules, or the word for a set of them.
    Rules(&'static str),
    Block(&'static str),
    /// Names to blocks.
    Each(&'static str),
    /// Names to blocks, or to text as their short form.
    EachOrText(&'static str),
    /// Names to names to blocks or text.
    EachOfEach(&'static str),
    /// One of a block, or a list of it.
    OneOrList(&'static str),
}

impl Block {
    pub(crate) fn key(&self, name: &str) -> (Content, &'static str) {
        let found = self.described.iter().find(|(key, ..)| *key == name);
        found.map_or((Any, ""), |(_, content, summary)| (*content, *summary))
    }
}

/// The clouds with hosts of their own.
pub(crate) const FIXED_CLOUDS: &[&str] = CLOUD_NAMES.split_at(7).0;

/// Every block, outermost first.
pub(crate) fn blocks() -> impl Iterator<Item = &'static Block> {
    [calls::BLOCKS, streams::BLOCKS, connections::BLOCKS].into_iter().flatten()
}
