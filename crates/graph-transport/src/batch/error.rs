//! Items that cannot be sent, or that no answer came for.

use std::sync::Arc;

use crate::error::Error;
use crate::link::LinkError;

/// Why a batch, or one item of it, failed without an answer of Graph.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BatchError {
    /// Ids are text of at least one character (N8).
    #[error("use an empty id")]
    EmptyId,
    /// Graph refuses the whole batch for a backslash or a control character in an id.
    #[error("use the id `{}`: letters, digits and `-` are safe", .0.escape_default())]
    InvalidId(String),
    /// Ids are unique, ignoring case (N7).
    #[error("use the id `{0}` twice")]
    DuplicateId(String),
    /// `dependsOn` names an item that is not there, or the item itself (N12).
    #[error("let `{id}` depend on `{parent}`, which is not another item of the batch")]
    UnknownParent {
        /// The dependant.
        id: String,
        /// What it names.
        parent: String,
    },
    /// Items that wait for each other.
    #[error("send `{0}`: it depends on itself by way of other items")]
    Cycle(String),
    /// A URL that is not below the versioned root.
    #[error("send the item `{id}`")]
    Url {
        /// The item.
        id: String,
        /// Why.
        source: LinkError,
    },
    /// A batch inside a batch.
    #[error("send the item `{0}`: Graph takes no batch inside a batch")]
    Nested(String),
    /// A header whose value is no text, which JSON cannot hold.
    #[error("send the header `{header}` of the item `{id}`: its value is not text")]
    Header {
        /// The item.
        id: String,
        /// The header.
        header: String,
    },
    /// An item larger than a request may be (facts: graph-protocol 7).
    #[error("send the item `{id}` of {bytes} bytes: a request holds {limit}")]
    TooLarge {
        /// The item.
        id: String,
        /// Its size.
        bytes: usize,
        /// The largest size.
        limit: usize,
    },
    /// More items than one request takes, where one was asked for (N4).
    #[error("send {0} items in one request: it takes {1}")]
    TooManyItems(usize, usize),
    /// Dependencies that Graph does not accept in one request, where one was asked for (N14).
    #[error(
        "send the items in one request: they are neither independent, nor a chain, nor all \
         dependent on one"
    )]
    Shape,
    /// A setting outside its range.
    #[error("use `{0}`: the value is out of range")]
    OutOfRange(&'static str),
    /// An answer that is no batch envelope.
    #[error("read the answer of the batch")]
    Envelope(#[source] serde_json::Error),
    /// The item was in no answer, however often it was sent (N20).
    #[error("find an answer for the item `{0}`")]
    Unanswered(String),
    /// The request that carried the item failed as a whole (N29); other items share the cause.
    #[error("send the batch of the item `{id}`")]
    Outer {
        /// The item.
        id: String,
        /// What the request met.
        source: Arc<Error>,
    },
    /// The item was not sent: what it depends on failed.
    #[error("send the item `{id}`: `{parent}`, which it depends on, failed")]
    DependencyFailed {
        /// The item.
        id: String,
        /// What failed.
        parent: String,
    },
    /// The item was not sent: another failed, and the batch was to end then.
    #[error("send the item `{0}`: another item failed before")]
    NotSent(String),
    /// The item's answer is text where base64 was expected.
    #[error("decode the body: it is not base64")]
    NotBase64,
}
