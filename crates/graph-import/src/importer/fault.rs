//! What a failed request means to a stream.

use graph_transport::{Cloud, Disposition, Error, GraphError, GraphLink, PageError};
use http::StatusCode;
use http::header::LOCATION;

use super::ImportError;
use crate::StreamOutcome;

/// Why a page did not come.
#[derive(Debug)]
pub(super) enum Fault {
    /// The token in the link is no longer good.
    Gone {
        /// Where Graph says to begin again, if that is on the configured cloud.
        location: Option<Box<GraphLink>>,
        /// Whether it is the whole round that is lost (410), not only the page's token.
        round: bool,
        /// Graph's word for it.
        reason: String,
        /// All of Graph's words.
        error: Error,
    },
    /// A link that was followed before in this round.
    Loop,
    /// No answer came for longer than a stream may go without one (cases: E2).
    Stalled,
    /// The stream cannot be read at all.
    Refused(StreamOutcome, Error),
    /// Anything that another run may not meet again.
    Failed(Error),
    /// Somebody asked to stop.
    Stopped,
}

/// Why a stream ends before its round does.
#[derive(Debug)]
pub(super) enum End {
    /// The stream ends with an outcome; the others go on.
    Stream(StreamOutcome, Option<Error>),
    /// The run ends.
    Run(ImportError),
}

impl From<ImportError> for End {
    fn from(error: ImportError) -> Self {
        Self::Run(error)
    }
}

impl From<Fault> for End {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Refused(outcome, error) => Self::Stream(outcome, Some(error)),
            Fault::Failed(error) | Fault::Gone { error, .. } => {
                Self::Stream(StreamOutcome::Failed, Some(error))
            }
            Fault::Stopped => Self::Stream(StreamOutcome::Interrupted, None),
            Fault::Stalled => Self::Stream(StreamOutcome::Throttled, None),
            Fault::Loop => Self::Stream(StreamOutcome::Failed, Some(page_loop())),
        }
    }
}

impl Fault {
    /// Reads an error. `token` says that the link carries one of Graph's tokens, so that a request
    /// which "Graph will never accept" is a lost token and not a wrong plan.
    pub(super) fn of(error: Error, token: bool, cloud: &Cloud, permission: Option<&str>) -> Self {
        let error = match error {
            Error::Page(PageError::Loop { .. }) => return Self::Loop,
            // The transport has tried its way back; what a restart means, the round knows.
            Error::Page(PageError::Expired { source, .. }) => *source,
            other => other,
        };
        let Error::Refused { error: words, record } = &error else { return Self::Failed(error) };
        match error.disposition() {
            Disposition::Gone => {
                let location = location(record.headers.get(LOCATION), cloud);
                Self::Gone { location, round: is_gone(words), reason: reason(words), error }
            }
            Disposition::Invalid | Disposition::NotFound if token => {
                Self::Gone { location: None, round: is_gone(words), reason: reason(words), error }
            }
            Disposition::Forbidden => {
                let least = permission.unwrap_or("unknown").to_owned();
                Self::Refused(StreamOutcome::MissingPermission(least), error)
            }
            Disposition::PolicyBlocked => Self::Refused(StreamOutcome::PolicyBlocked, error),
            Disposition::NotLicensed => Self::Refused(StreamOutcome::NotLicensed, error),
            Disposition::NotInCloud => Self::Refused(StreamOutcome::NotInCloud, error),
            _ => Self::Failed(error),
        }
    }
}

/// A foreign `Location` is not followed (cases: B22); the original query always works.
fn location(header: Option<&http::HeaderValue>, cloud: &Cloud) -> Option<Box<GraphLink>> {
    let link = cloud.accept(header?.to_str().ok()?).ok()?;
    Some(Box::new(link))
}

fn is_gone(words: &GraphError) -> bool {
    words.status == StatusCode::GONE
}

fn reason(words: &GraphError) -> String {
    if words.code.is_empty() { words.status.to_string() } else { words.code.clone() }
}

/// 503 or 504, several times on the same page: it may be too large for Graph (facts: graph-protocol
/// 12, row 6).
pub(super) fn is_overloaded(error: &Error) -> bool {
    error.attempts().len() > 1 && error.graph().is_some_and(|words| is_overload(words.status))
}

/// What Graph answers where a page is too large for it.
pub(super) fn is_overload(status: StatusCode) -> bool {
    matches!(status, StatusCode::SERVICE_UNAVAILABLE | StatusCode::GATEWAY_TIMEOUT)
}

/// What a circle of links is, as an error.
pub(super) fn page_loop() -> Error {
    PageError::Loop { pages: 0 }.into()
}
