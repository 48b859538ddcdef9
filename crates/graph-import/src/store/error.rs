//! Why a store cannot be used.

use std::path::PathBuf;

use graph_transport::TenantId;

use super::PlanError;

/// A store that cannot be opened, claimed or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The store is pinned to another tenant. It was not changed.
    #[error(
        "use the store: it belongs to tenant {stored}, and this connection is for tenant {current}"
    )]
    StoreOfAnotherTenant {
        /// The tenant whose objects the store holds.
        stored: TenantId,
        /// The tenant of the connection.
        current: TenantId,
    },
    /// The store was written by a newer version. It was not changed.
    #[error("use the store `{}`: its schema is version {found}, this program knows up to {known}", path.display())]
    Newer {
        /// The store.
        path: PathBuf,
        /// Its version.
        found: i64,
        /// The newest version that this program knows.
        known: i64,
    },
    /// The file is something else. It was not changed.
    #[error("use `{}` as a store: {reason}", path.display())]
    NotAStore {
        /// The file.
        path: PathBuf,
        /// What it is instead.
        reason: &'static str,
    },
    /// The store is damaged. It was not changed.
    #[error("read the store `{}`: it is damaged", path.display())]
    Damaged {
        /// The store.
        path: PathBuf,
        /// What is wrong.
        source: BoxError,
    },
    /// The file that the store was opened as is not at its path any more: it was moved, deleted or
    /// replaced. What is written now nobody would find.
    #[error("write to the store `{}`: the file was moved, deleted or replaced meanwhile", path.display())]
    Vanished {
        /// The store.
        path: PathBuf,
    },
    /// Another process is writing to the store.
    #[error("lock the store `{}`: {holder} is writing to it", path.display())]
    Locked {
        /// The store.
        path: PathBuf,
        /// Who, `process 4711`.
        holder: String,
    },
    /// No space is left. The store is as it was before the page in hand.
    #[error("write to the store `{}`: no space is left on the device", path.display())]
    Full {
        /// The store.
        path: PathBuf,
    },
    /// No import had ended by that moment, or there was no such run.
    #[error("read the store as of {moment}: no import had ended there")]
    NoRun {
        /// The moment, `run 17` or a time.
        moment: String,
    },
    /// What the store was then was compacted away: it can no longer be told who was there.
    #[error("read the store as of run {run}: what it was before run {first} is no longer kept")]
    HistoryDropped {
        /// The run that was asked for.
        run: u64,
        /// The first that can be.
        first: u64,
    },
    /// The changes that follow were compacted away: whoever wants them must read the streams anew.
    #[error("read the changes after number {after}: those up to {dropped} are no longer kept")]
    ChangesDropped {
        /// The last change that the reader had seen.
        after: u64,
        /// The last change that is gone.
        dropped: u64,
    },
    /// A consumer of the change feed that the store does not know.
    #[error("find the consumer `{0}` of the change feed")]
    NoConsumer(String),
    /// The operating system refused.
    #[error("{what} `{}`", path.display())]
    Io {
        /// What was tried, `create the store`.
        what: &'static str,
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A stream that a store cannot hold.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// A stream that was not claimed.
    #[error("find stream `{0}` in the store")]
    UnknownStream(String),
    /// A commit from a state that the stream never was in: a defect of whoever drives the store.
    #[error("commit to stream `{stream}`: it is at commit {found}, the commit expects {expected}")]
    Protocol {
        /// The stream.
        stream: String,
        /// Commits in the store.
        found: u64,
        /// Commits that were expected.
        expected: u64,
    },
    /// The database failed.
    #[error("{what}")]
    Database {
        /// What was tried, `write a page`.
        what: &'static str,
        /// Why.
        source: BoxError,
    },
}

/// Any error of a database.
type BoxError = Box<dyn std::error::Error + Send + Sync>;

impl StoreError {
    /// What to do next, in one line.
    pub const fn help(&self) -> Option<&'static str> {
        Some(match self {
            Self::StoreOfAnotherTenant { .. } => {
                "name another file with --store, one for each tenant"
            }
            Self::Newer { .. } => "update graphctl, or name another file with --store",
            Self::NotAStore { .. } => "name another file with --store; this one was left as it was",
            Self::Damaged { .. } => "import into a new file and keep this one for analysis",
            Self::Locked { .. } => "wait until the other import is over",
            Self::Full { .. } => {
                "free some space and run the import again: it continues where it stopped"
            }
            Self::Plan(_) => "correct the stream in the system file",
            Self::NoRun { .. } => "`graphctl import status` lists the runs and when they ended",
            Self::HistoryDropped { .. } => {
                "take a later moment; `graphctl import compact --history` says how long states are kept"
            }
            Self::ChangesDropped { .. } => {
                "export the streams, and follow the changes from the last number on"
            }
            Self::Vanished { .. } => {
                "put the file back, or run the import again: it goes on with what is at that path then"
            }
            Self::Io { .. } => {
                "check that the directory is there, and that you may read and write it and the file; or name another file with --store"
            }
            Self::NoConsumer(_) => "another process has forgotten it; begin again",
            Self::UnknownStream(_) | Self::Protocol { .. } | Self::Database { .. } => return None,
        })
    }
}
