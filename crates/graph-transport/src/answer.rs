//! What came back: an answer of Graph and the record of the attempts that led to it.

use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, StatusCode};
use serde::de::DeserializeOwned;

use crate::disposition::Disposition;
use crate::error::{Error, Tried};
use crate::graph_error::GraphError;
use crate::observe::MaskedHeaders;

/// Graph's id of a request; looked for in every answer.
static REQUEST_ID: HeaderName = HeaderName::from_static("request-id");

/// One attempt of an operation.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Attempt {
    /// The status, or `None` where no answer came.
    pub status: Option<StatusCode>,
    /// Why it was not the last one: a status and code, or the kind of failure.
    pub reason: String,
    /// Our id of this attempt.
    pub client_request_id: String,
    /// Graph's id of it.
    pub request_id: Option<String>,
    /// How long was waited after it; zero after the last.
    pub wait: Duration,
}

/// An answer of Graph, success or not, with its body in one buffer.
#[derive(Clone)]
pub struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    pub(crate) tried: Tried,
    /// The token was refused and forgotten: a repeat will carry another one.
    pub(crate) token_replaced: bool,
}

impl Answer {
    pub(crate) fn from_parts(response: http::Response<Bytes>) -> Self {
        let (parts, body) = response.into_parts();
        Self {
            status: parts.status,
            headers: parts.headers,
            body,
            tried: Tried::default(),
            token_replaced: false,
        }
    }

    /// The status.
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// The headers.
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// The body, decompressed, in one buffer.
    pub fn body(&self) -> &Bytes {
        &self.body
    }

    /// All attempts, this answer's own last.
    pub fn attempts(&self) -> &[Attempt] {
        &self.tried.attempts
    }

    /// From the first attempt to this answer, waits included.
    pub fn elapsed(&self) -> Duration {
        self.tried.elapsed
    }

    /// Graph's id of the request that this answers.
    pub fn request_id(&self) -> Option<&str> {
        self.headers.get(&REQUEST_ID)?.to_str().ok()
    }

    /// The resource units that Graph charged (`x-ms-resource-unit`, facts: graph-protocol 3.4).
    pub fn resource_units(&self) -> Option<u64> {
        self.headers.get("x-ms-resource-unit")?.to_str().ok()?.trim().parse().ok()
    }

    /// Graph's words about a failure; `None` for a success.
    pub fn error(&self) -> Option<GraphError> {
        (!self.status.is_success())
            .then(|| GraphError::read(self.status, &self.headers, &self.body))
    }

    /// Status and code, for the list of attempts.
    pub(crate) fn reason(&self) -> String {
        let mut reason = self.status.as_str().to_owned();
        if let Some(error) = self.error().filter(|error| !error.code.is_empty()) {
            reason.push(' ');
            reason.push_str(&error.code);
        }
        reason
    }

    /// Not carried out, because what it depends on failed.
    pub(crate) fn is_failed_dependency(&self) -> bool {
        self.status == StatusCode::FAILED_DEPENDENCY
    }

    /// What the answer means.
    pub fn disposition(&self) -> Disposition {
        self.error().map_or(Disposition::Ok, |error| Disposition::of(&error))
    }

    /// Turns an answer that is not a success into [`Error::Refused`].
    ///
    /// # Errors
    /// Any status but 2xx.
    pub fn into_success(self) -> Result<Self, Error> {
        match self.error() {
            None => Ok(self),
            Some(error) => Err(Error::refused(error, self.headers, self.tried)),
        }
    }

    /// Reads the body as JSON.
    ///
    /// # Errors
    /// A body that is not JSON or not of that shape.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, Error> {
        serde_json::from_slice(&self.body)
            .map_err(|source| Error::Body { what: "the answer", source })
    }

    /// Reads the body as JSON, or nothing where there is none, as after most writes (Z19).
    ///
    /// # Errors
    /// A body that is not JSON or not of that shape.
    pub fn optional_json<T: DeserializeOwned>(&self) -> Result<Option<T>, Error> {
        if self.body.is_empty() { Ok(None) } else { self.json().map(Some) }
    }
}

impl fmt::Debug for Answer {
    /// Headers masked, and of the body its size alone: an answer holds people's data and cursors.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Answer")
            .field("status", &self.status)
            .field("headers", &MaskedHeaders::new(&self.headers))
            .field("body_bytes", &self.body.len())
            .field("tried", &self.tried)
            .finish_non_exhaustive()
    }
}
