//! Why an upload does not go on.

use std::io;

/// A failed upload.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum UploadError {
    /// A file without a byte needs no session.
    #[error("upload a file without a byte in a session: send it in one request")]
    Empty,
    /// Graph takes multiples of 320 KiB up to 60 MiB.
    #[error("send slices of {0} bytes: a slice is a multiple of 320 KiB and at most 60 MiB")]
    SliceSize(u64),
    /// The answer to the beginning names no URL.
    #[error("find the upload URL in the answer")]
    NoUrl,
    /// A range of bytes that is none, or not of the file.
    #[error("read the range `{}` that the server expects", .0.escape_debug())]
    Ranges(String),
    /// An answer that is not JSON.
    #[error("read the answer to a slice")]
    Answer(#[source] serde_json::Error),
    /// The source failed.
    #[error("read the source")]
    Source(#[source] io::Error),
    /// The source ended early (F10).
    #[error("read the source: it ends at byte {at} of the announced {total}")]
    Short {
        /// Where it ended.
        at: u64,
        /// Its announced length.
        total: u64,
    },
    /// The server took a slice and wants it again.
    #[error("go on with the upload: the server still expects byte {0}, which it has accepted")]
    NoProgress(u64),
    /// The server has every byte and has not said that the upload is complete.
    #[error("finish the upload: the server has every byte and names no item")]
    Unfinished,
    /// The session is used up.
    #[error("upload in a session that is finished: begin a new one")]
    Finished,
    /// The server no longer knows the session.
    #[error("upload in a session that has expired or was cancelled: begin a new one")]
    Expired,
}
