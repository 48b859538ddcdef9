//! Why an operation failed, with what was tried and what to do next.

use std::fmt;
use std::time::Duration;

use http::HeaderMap;

use crate::answer::Attempt;
use crate::batch::BatchError;
use crate::client::BuildError;
use crate::credential::CredentialError;
use crate::disposition::Disposition;
use crate::graph_error::GraphError;
use crate::lane::{ClosedLane, LaneError};
use crate::link::LinkError;
use crate::observe::{Description, MaskedHeaders};
use crate::operation::OperationError;
use crate::page::PageError;
use crate::redirect::RedirectError;
use crate::upload::UploadError;

/// Any error of the lower layers of the stack.
pub(crate) type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// A failed operation.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A URL that no token may be sent to.
    #[error("use a link")]
    Link(#[from] LinkError),
    /// The client's settings.
    #[error("build the client")]
    Build(#[from] BuildError),
    /// A redirect that is not followed although redirects are.
    #[error("follow a redirect")]
    Redirect(#[from] RedirectError),
    /// No token could be had.
    #[error("sign in")]
    Credential(#[from] CredentialError),
    /// No connection: nothing was sent.
    #[error("connect to `{host}`{}", .tried.summary())]
    Unreachable {
        /// Host and port.
        host: String,
        /// What was tried.
        tried: Box<Tried>,
        /// Why.
        source: BoxError,
    },
    /// A server that is not who it should be, or not who it says: nothing was sent (SEC-D18).
    #[error("trust `{host}`: {reason}")]
    Untrusted {
        /// Host and port.
        host: String,
        /// What is wrong with its certificate or protocol.
        reason: String,
        /// What was tried.
        tried: Box<Tried>,
    },
    /// The connection was lost after sending: Graph may have carried the request out.
    #[error("receive an answer from `{host}`{}", .tried.summary())]
    Lost {
        /// Host and port.
        host: String,
        /// What was tried.
        tried: Box<Tried>,
        /// Why.
        source: BoxError,
    },
    /// The answer's body broke off, was too large or could not be decoded.
    #[error("read the body of an answer from `{host}`{}", .tried.summary())]
    BrokenBody {
        /// Host and port.
        host: String,
        /// What was tried.
        tried: Box<Tried>,
        /// Why.
        source: BoxError,
    },
    /// The answer's body is in an encoding that cannot be undone (C9).
    #[error("decode an answer from `{host}`: its encoding is `{}`", .encoding.escape_debug())]
    Encoding {
        /// Host and port.
        host: String,
        /// `Content-Encoding`.
        encoding: String,
    },
    /// The answer's body is larger than it may be: `max_body`, after decompression.
    #[error("read an answer from `{host}`: it is larger than {limit} bytes{}", .tried.summary())]
    TooLarge {
        /// Host and port.
        host: String,
        /// The largest body.
        limit: usize,
        /// What was tried.
        tried: Box<Tried>,
    },
    /// A phase took longer than its timeout.
    #[error("finish within the {phase} timeout of {limit:?}{}", .tried.summary())]
    Timeout {
        /// Which timeout.
        phase: TimeoutPhase,
        /// Its setting.
        limit: Duration,
        /// What was tried.
        tried: Box<Tried>,
    },
    /// Graph asks to wait longer than the operation may take (R28).
    #[error("wait {wait:?} as Graph asks: the operation's deadline is earlier{}", .tried.summary())]
    Throttled {
        /// How long until Graph takes requests again, from now.
        wait: Duration,
        /// Which lane is closed, and why.
        closed: Box<ClosedLane>,
        /// What was tried.
        tried: Box<Tried>,
    },
    /// The request's lane does not even take it into its line.
    #[error("enter a lane")]
    Lane(#[from] LaneError),
    /// Graph answered with an error.
    #[error("get a success from Graph: {error}{}", .record.tried.summary())]
    Refused {
        /// Graph's own words.
        error: Box<GraphError>,
        /// Headers, attempts and time.
        record: Box<Record>,
    },
    /// A body that is not what the operation returns.
    #[error("read {what}")]
    Body {
        /// Which body.
        what: &'static str,
        /// Where it goes wrong.
        source: serde_json::Error,
    },
    /// A page that cannot be used.
    #[error("read a page")]
    Page(#[from] PageError),
    /// An upload that does not go on.
    #[error("upload a file")]
    Upload(#[from] UploadError),
    /// An operation that did not succeed.
    #[error("finish an operation")]
    Operation(#[from] OperationError),
    /// A batch that cannot be sent or used.
    #[error("run a batch")]
    Batch(#[from] BatchError),
}

/// The circumstances of a refusal.
#[derive(Clone)]
pub struct Record {
    /// Headers of the last answer.
    pub headers: HeaderMap,
    /// What was tried.
    pub tried: Tried,
}

impl fmt::Debug for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Record")
            .field("headers", &MaskedHeaders::new(&self.headers))
            .field("tried", &self.tried)
            .finish()
    }
}

/// The attempts of an operation and how long they took together, waits included.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Tried {
    /// What was tried: shown as `GET /users/{id}`, without keys and query.
    pub operation: Option<Description>,
    /// Every attempt, in order.
    pub attempts: Vec<Attempt>,
    /// From the first attempt on.
    pub elapsed: Duration,
}

impl Tried {
    /// ` for GET /users/{id} after 3 attempts in 1.5 s` (Z21).
    fn summary(&self) -> String {
        let named = self.operation.as_ref().map(|operation| format!(" for {operation}"));
        let operation = named.unwrap_or_default();
        match self.attempts.len() {
            0 => operation,
            1 => format!("{operation} after 1 attempt"),
            count => {
                let seconds = self.elapsed.as_secs_f64();
                format!("{operation} after {count} attempts in {seconds:.1} s")
            }
        }
    }
}

/// The phase that a timeout ended.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum TimeoutPhase {
    /// TCP and TLS handshake.
    Connect,
    /// Waiting for the head, or between two chunks of the body.
    Read,
    /// Sending the request: the connection took no bytes.
    Write,
    /// The body came, but too slowly.
    Throughput,
    /// One attempt as a whole.
    Attempt,
    /// Waiting for a place under the concurrency limit.
    Pool,
    /// The whole operation.
    Operation,
}

impl TimeoutPhase {
    /// Whether it ended an attempt that may have reached Graph.
    pub(crate) fn ends_attempt(self) -> bool {
        matches!(self, Self::Read | Self::Write | Self::Throughput | Self::Attempt)
    }
}

impl fmt::Display for TimeoutPhase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Connect => "connect",
            Self::Read => "read",
            Self::Write => "write",
            Self::Throughput => "throughput",
            Self::Attempt => "attempt",
            Self::Pool => "pool",
            Self::Operation => "operation",
        })
    }
}

impl Error {
    pub(crate) fn refused(error: GraphError, headers: HeaderMap, tried: Tried) -> Self {
        Self::Refused { error: Box::new(error), record: Box::new(Record { headers, tried }) }
    }

    /// What the failure means for whoever decides about retries, streams and exit codes.
    pub fn disposition(&self) -> Disposition {
        match self {
            Self::Refused { error, .. } => Disposition::of(error),
            Self::Throttled { .. } | Self::Lane(LaneError::Full { .. }) => Disposition::Throttled,
            Self::Credential(error) if error.is_transient() => Disposition::Transient,
            Self::Credential(_) => Disposition::Unauthenticated,
            Self::Unreachable { .. }
            | Self::Lost { .. }
            | Self::BrokenBody { .. }
            | Self::Timeout { .. } => Disposition::Transient,
            Self::Batch(BatchError::Outer { source, .. }) => source.disposition(),
            Self::Page(PageError::Expired { .. }) => Disposition::Gone,
            Self::Link(_)
            | Self::Redirect(_)
            | Self::Untrusted { .. }
            | Self::Lane(_)
            | Self::Build(_)
            | Self::Body { .. }
            | Self::TooLarge { .. }
            | Self::Encoding { .. }
            | Self::Upload(_)
            | Self::Operation(_)
            | Self::Page(_)
            | Self::Batch(_) => Disposition::Fatal,
        }
    }

    /// What to do about it, where that can be said.
    pub fn next_step(&self) -> Option<String> {
        match self {
            Self::Credential(error) => error.hint().map(str::to_owned),
            Self::Throttled { wait, .. } => {
                Some(format!("try again in {} s", wait.as_secs().max(1)))
            }
            Self::Timeout { phase, .. } => {
                Some(format!("raise the {phase} timeout, or try again later"))
            }
            Self::Build(_) => Some("correct the setting that is named".to_owned()),
            Self::Link(_) => Some("check the configured cloud, and proxies on the way".to_owned()),
            other => other.disposition().next_step().map(str::to_owned),
        }
    }

    /// Graph's own words, where it said any.
    pub fn graph(&self) -> Option<&GraphError> {
        match self {
            Self::Refused { error, .. } => Some(error),
            Self::Batch(BatchError::Outer { source, .. }) => source.graph(),
            Self::Page(PageError::Expired { source, .. }) => source.graph(),
            _ => None,
        }
    }

    /// Whether Graph may have carried the request out although no answer came.
    pub fn may_have_happened(&self) -> bool {
        match self {
            Self::Lost { .. }
            | Self::BrokenBody { .. }
            | Self::TooLarge { .. }
            | Self::Encoding { .. } => true,
            Self::Batch(BatchError::Outer { source, .. }) => source.may_have_happened(),
            Self::Timeout { phase, .. } => {
                phase.ends_attempt() || *phase == TimeoutPhase::Operation
            }
            Self::Refused { error, .. } => Disposition::of(error) == Disposition::Transient,
            _ => false,
        }
    }

    /// What was tried, where anything was.
    pub fn attempts(&self) -> &[Attempt] {
        match self {
            Self::Unreachable { tried, .. }
            | Self::Untrusted { tried, .. }
            | Self::Lost { tried, .. }
            | Self::BrokenBody { tried, .. }
            | Self::Timeout { tried, .. }
            | Self::TooLarge { tried, .. }
            | Self::Throttled { tried, .. } => &tried.attempts,
            Self::Batch(BatchError::Outer { source, .. }) => source.attempts(),
            Self::Page(PageError::Expired { source, .. }) => source.attempts(),
            Self::Refused { record, .. } => &record.tried.attempts,
            _ => &[],
        }
    }

    /// Adds what was tried to an error of one attempt.
    pub(crate) fn with_record(mut self, record: Tried) -> Self {
        match &mut self {
            Self::Unreachable { tried, .. }
            | Self::Untrusted { tried, .. }
            | Self::Lost { tried, .. }
            | Self::BrokenBody { tried, .. }
            | Self::Timeout { tried, .. }
            | Self::TooLarge { tried, .. }
            | Self::Throttled { tried, .. } => **tried = record,
            Self::Refused { record: refused, .. } => refused.tried = record,
            _ => {}
        }
        self
    }

    /// The kind of failure in one word: `error.type` in spans and measurements, and the reason of an
    /// attempt without an answer.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Link(_) => "link",
            Self::Redirect(_) => "redirect",
            Self::Build(_) => "settings",
            Self::Credential(_) => "credential",
            Self::Unreachable { .. } => "unreachable",
            Self::Untrusted { .. } => "untrusted_server",
            Self::Lost { .. } => "connection_lost",
            Self::BrokenBody { .. } => "broken_body",
            Self::TooLarge { .. } => "too_large",
            Self::Encoding { .. } => "encoding",
            Self::Timeout { .. } => "timeout",
            Self::Throttled { .. } => "throttled",
            Self::Lane(_) => "lane",
            Self::Refused { .. } => "refused",
            Self::Body { .. } | Self::Page(_) => "unexpected_body",
            Self::Batch(_) => "batch",
            Self::Upload(_) => "upload",
            Self::Operation(_) => "operation",
        }
    }
}

#[cfg(test)]
mod tests;
