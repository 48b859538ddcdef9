//! What a failed request means to a stream.

use graph_transport::{Cloud, Disposition, Error, GraphError, GraphLink, PageError};
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
        /// Graph's words.
        reason: String,
    },
    /// A link that was followed before in this round.
    Loop,
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
            Fault::Failed(error) => Self::Stream(StreamOutcome::Failed, Some(error)),
            Fault::Stopped => Self::Stream(StreamOutcome::Interrupted, None),
            Fault::Gone { .. } => Self::Stream(StreamOutcome::Failed, None),
            Fault::Loop => {
                Self::Stream(StreamOutcome::Failed, Some(PageError::Loop { pages: 0 }.into()))
            }
        }
    }
}

impl Fault {
    /// Reads an error. `token` says that the link carries one of Graph's tokens, so that a request
    /// which "Graph will never accept" is a lost token and not a wrong plan.
    pub(super) fn of(error: Error, token: bool, cloud: &Cloud, permission: Option<&str>) -> Self {
        let Error::Refused { error: words, record } = &error else { return Self::Failed(error) };
        match error.disposition() {
            Disposition::Gone => Self::gone(words, record.headers.get(LOCATION), cloud),
            Disposition::Invalid | Disposition::NotFound if token => Self::gone(words, None, cloud),
            Disposition::Forbidden => {
                let least = permission.unwrap_or("unknown").to_owned();
                Self::Refused(StreamOutcome::MissingPermission(least), error)
            }
            Disposition::NotLicensed => Self::Refused(StreamOutcome::NotLicensed, error),
            Disposition::NotInCloud => Self::Refused(StreamOutcome::NotInCloud, error),
            _ => Self::Failed(error),
        }
    }

    fn gone(words: &GraphError, location: Option<&http::HeaderValue>, cloud: &Cloud) -> Self {
        // A foreign `Location` is not followed (cases: B22); the original query always works.
        let location = location
            .and_then(|it| it.to_str().ok())
            .and_then(|it| cloud.accept(it).ok())
            .map(Box::new);
        let reason =
            if words.code.is_empty() { words.status.to_string() } else { words.code.clone() };
        Self::Gone { location, round: words.status == http::StatusCode::GONE, reason }
    }
}
